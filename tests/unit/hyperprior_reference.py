#!/ usr / bin / env python3
#SPDX - License - Identifier : LGPL - 2.1 - or -later
"""The golden values of hyperprior_networks_test.cpp, by CompressAI (pip install compressai).

    hyperprior_reference.py

The scale hyperprior of Balle et al. (2018) with one channel in and out, in double precision.
Parameters and input come from a hash, which hyperprior_reference.h computes as well.
"""
import numpy as np
import torch
from compressai.layers import GDN
from compressai.models import ScaleHyperprior

HIDDEN, LATENTS = 128, 192
HEIGHT, WIDTH = 64, 128
PRIOR_WIDTHS = (1, 3, 3, 3, 3, 1)


def numbers(name, count):
    """Multiples of 2^-16 in [0, 1)."""
    state = 2166136261
    for byte in name.encode():
        state = (state ^ byte) * 16777619 % 2**32
    x = np.arange(count, dtype=np.uint32) + np.uint32(state)
    x = (x ^ (x >> np.uint32(16))) * np.uint32(0x45D9F3B)
    x = (x ^ (x >> np.uint32(16))) * np.uint32(0x45D9F3B)
    x = x ^ (x >> np.uint32(16))
    return (x & np.uint32(0xFFFF)).astype(np.float64) / 65536


def parameter(name, shape, transposed):
    u = numbers(name, int(np.prod(shape))).reshape(shape)
    kind = name.rsplit(".", 1)[1]
    if kind == "weight":
        fan_in = shape[0] * shape[2] * shape[3] / 4 if transposed else np.prod(shape[1:])
        scale = 2 if name.startswith("g_s") else 5
        value = (u - 0.5) * (scale / np.sqrt(fan_in))
    elif kind == "beta":
        value = 0.8 + 0.4 * u
    elif kind == "gamma":
        value = 0.1 * (u - 0.3) + 0.3 * np.eye(shape[0])
    elif kind.startswith("matrix"):
        init = np.log(np.expm1(10 ** (-1 / 5) / PRIOR_WIDTHS[int(kind[-1]) + 1]))
        value = init + (u - 0.5)
    elif name == "h_s.4.bias":
        value = 2 + 0.2 * u
    elif kind == "bias":
        value = 0.2 * (u - 0.5)
    else:  # bias<i> and factor<i> of the prior
        value = u - 0.5
    return torch.from_numpy(value.astype(np.float32).astype(np.float64))


def make_model():
    model = ScaleHyperprior(HIDDEN, LATENTS)
    model.g_a[0] = torch.nn.Conv2d(1, HIDDEN, 5, 2, 2)
    model.g_s[-1] = torch.nn.ConvTranspose2d(HIDDEN, 1, 5, 2, 2, 1)
    model = model.double().eval()
    with torch.no_grad():
        for path, module in model.named_modules():
            if isinstance(module, (torch.nn.Conv2d, torch.nn.ConvTranspose2d, GDN)):
                for name, value in module.named_parameters():
                    transposed = isinstance(module, torch.nn.ConvTranspose2d)
                    value.copy_(parameter(f"{path}.{name}", tuple(value.shape), transposed))
        prior = model.entropy_bottleneck
        for kind, values in (("matrix", prior.matrices), ("bias", prior.biases),
                             ("factor", prior.factors)):
            for i, value in enumerate(values):
                value.copy_(parameter(f"prior.{kind}{i}", tuple(value.shape), False))
    return model


def show(name, tensor):
    values = tensor.detach().numpy().ravel()
    samples = values[[i * (values.size - 1) // 7 for i in range(8)]]
    print(f"constexpr Golden {name} = {{")
    print("    {" + ", ".join(f"{v:.9g}" for v in samples) + "},")
    print(f"    {values.sum():.9g},  // sum")
    print(f"    {(values**2).sum():.9g}}};  // of squares")


def main():
    model = make_model()
    plane = numbers("plane.3", HEIGHT * WIDTH).reshape(1, 1, HEIGHT, WIDTH)
    with torch.no_grad():
        y = model.g_a(torch.from_numpy(plane))
        z = model.h_a(torch.abs(y))
        y_hat, z_hat = torch.round(y), torch.round(z)
        scales = model.h_s(z_hat)
        _, y_likelihood = model.gaussian_conditional(y_hat, scales)
        _, z_likelihood = model.entropy_bottleneck(z_hat)
        reconstruction = model.g_s(y_hat)
#A float computation must not round to another integer.
    for name, values in (("y", y), ("z", z)):
        margin = (0.5 - (values - torch.round(values)).abs()).min()
        assert margin > 5e-5, f"{name} has a value {margin:.2g} from a tie"
    show("kY", y)
    show("kZ", z)
    show("kScales", scales)
    show("kReconstruction", reconstruction)
    for name, likelihood in (("kYBits", y_likelihood), ("kZBits", z_likelihood)):
        print(f"constexpr double {name} = {-torch.log2(likelihood).sum():.9g};")


if __name__ == "__main__":
    main()
