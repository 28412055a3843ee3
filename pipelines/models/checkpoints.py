# SPDX-License-Identifier: LGPL-2.1-or-later
"""Weights of linear heads, from the files in which they are published.

DINOv2's heads are files of torch.save:

  dinov2_vitg14_linear_head.pth           weight (1000, 2 D), bias: CLS token and mean of the patches
  dinov2_vitg14_voc2012_linear_head.pth   state_dict: decode_head.bn.*, decode_head.conv_seg.*
  dinov2_vitg14_nyu_linear4_head.pth      state_dict: decode_head.conv_depth.*, (256, 4 * 2 D, 1, 1)

The same names without the wrapping dictionary, or without "decode_head.", are understood too, and
so are .safetensors files. For cls, classifier.weight and classifier.bias are what transformers calls
them.
"""
import pathlib
import pickle

import torch

from errors import Wrong, need

WRAPPERS = ("state_dict", "model")
PREFIXES = ("decode_head.", "classifier.", "linear.", "module.")


def read(path, trust=False):
    """Name -> tensor, without wrapping dictionaries and prefixes."""
    path = pathlib.Path(path)
    need(path.is_file(), f"{path}: there is no such file")
    if path.suffix == ".safetensors":
        from safetensors.torch import load_file
        return plain(load_file(path))
    try:
        stored = torch.load(path, map_location="cpu", weights_only=not trust)
    except pickle.UnpicklingError as error:
        raise Wrong(f"{path}: it holds more than tensors; --trust-checkpoint reads it all the same, "
                    "but such a file can run programs") from error
    except (RuntimeError, EOFError, OSError) as error:
        raise Wrong(f"{path}: this is not a file of torch.save ({str(error).splitlines()[0]})") from error
    for name in WRAPPERS:
        if isinstance(stored, dict) and isinstance(stored.get(name), dict):
            stored = stored[name]
    need(isinstance(stored, dict), f"{path}: it holds a {type(stored).__name__}, no dictionary of weights")
    return plain(stored)


def plain(state):
    result = {}
    for name, value in state.items():
        for prefix in PREFIXES:
            name = name.removeprefix(prefix)
        if torch.is_tensor(value):
            result[name] = value.float()
    return result


def take(state, path, name, shape):
    """A weight, as a matrix where it is a convolution of 1x1. None in `shape` is any size."""
    need(name in state, f"{path}: '{name}' is missing, there are {', '.join(sorted(state)) or 'no tensors'}")
    value = state[name]
    if value.dim() == 4 and value.shape[2:] == (1, 1):
        value = value[:, :, 0, 0]
    fits = value.dim() == len(shape) and all(w in (None, h) for w, h in zip(shape, value.shape))
    wanted = tuple("any" if s is None else s for s in shape)
    need(fits, f"{path}: '{name}' has shape {tuple(value.shape)}, the model asks for {wanted}")
    return value


def linear(state, path, name, inputs):
    """A torch.nn.Linear with `inputs` inputs."""
    prefix = f"{name}." if name else ""
    weight = take(state, path, prefix + "weight", (None, inputs))
    layer = torch.nn.Linear(inputs, weight.shape[0])
    layer.weight.data = weight
    layer.bias.data = take(state, path, prefix + "bias", (weight.shape[0],))
    return layer


def batch_norm(state, path, name, channels):
    layer = torch.nn.BatchNorm1d(channels)
    for part in ("weight", "bias", "running_mean", "running_var"):
        getattr(layer, part).data = take(state, path, f"{name}.{part}", (channels,))
    return layer.eval()
