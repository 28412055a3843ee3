# SPDX-License-Identifier: LGPL-2.1-or-later
"""Stable Diffusion 3, cut in front of its VAE decoder: the feature is the latents of the pipeline."""
import pathlib

import torch

from errors import loading, need


def load_vae(folder):
    import diffusers
    folder = pathlib.Path(folder)
    where = {"subfolder": "vae"} if (folder / "vae").is_dir() else {}
    with loading(folder):
        vae = diffusers.AutoencoderKL.from_pretrained(folder, local_files_only=True, **where).float().eval()
    # Attention in single steps: the fused kind is unknown to LibTorch before 2.0.
    vae.set_attn_processor(diffusers.models.attention_processor.AttnProcessor())
    return vae


def load_pipeline(folder, dtype="float16"):
    import diffusers
    need((pathlib.Path(folder) / "model_index.json").is_file(),
         f"{folder}: there is no model_index.json, so this is not the folder of a pipeline")
    # The largest text encoder, T5, may be left out.
    without = {"text_encoder_3": None, "tokenizer_3": None}
    without = {} if (pathlib.Path(folder) / "text_encoder_3").is_dir() else without
    with loading(folder):
        return diffusers.StableDiffusion3Pipeline.from_pretrained(folder, local_files_only=True,
                                                                  torch_dtype=getattr(torch, dtype), **without)


@torch.no_grad()
def latents(pipeline, caption, seed, steps=28, guidance=7.0, size=1024):
    """16x128x128 for 1024 pixels"""
    generator = torch.Generator("cpu").manual_seed(seed)
    return pipeline(caption, num_inference_steps=steps, guidance_scale=guidance, height=size, width=size,
                    generator=generator, output_type="latent").images[0]


class TtiHead(torch.nn.Module):
    """Scaling and shift undone, VAE decoder, values of the image in [0, 1]."""

    def __init__(self, vae, height, width):
        super().__init__()
        self.shape = (1, vae.config.latent_channels, height, width)
        self.quant = vae.post_quant_conv if vae.post_quant_conv is not None else torch.nn.Identity()
        self.decoder = vae.decoder
        self.scaling = vae.config.scaling_factor
        self.shift = vae.config.shift_factor or 0.0

    def forward(self, feature):
        latent = feature.reshape(self.shape) / self.scaling + self.shift
        image = self.decoder(self.quant(latent))
        return (image / 2 + 0.5).clamp(0, 1)


class Inception(torch.nn.Module):
    """The TorchScript Inception of StyleGAN's metrics (inception-2015-12-05.pt), behind the
    interface of a fid network: it takes integers and scales to 299x299 itself."""

    def __init__(self, path):
        super().__init__()
        need(pathlib.Path(path).is_file(), f"{path}: there is no such file")
        self.network = torch.jit.load(str(path), map_location="cpu").eval()

    def forward(self, image):
        return self.network((image * 255).round().clamp(0, 255).to(torch.uint8), return_features=True)
