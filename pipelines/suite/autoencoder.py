# SPDX-License-Identifier: LGPL-2.1-or-later
"""A convolutional auto-encoder of images with 16 latent channels, an eighth of the size each way.

The latents, shifted and scaled to mean 0 and deviation 1, are the feature of the task tti; the
shipped file holds the decoder alone (`head_tti`).
"""
import time

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from layers import Conv, Optimizer

LATENT = 16
METHODS = ["head_tti"]


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList([Conv(3, 24, 2), Conv(24, 48, 2), Conv(48, 96, 2),
                                     Conv(96, 96)])
        self.last = Conv(96, 2 * LATENT)

    def forward(self, image):
        """Mean and logarithm of the variance: 2 x (N, 16, H/8, W/8)."""
        x = image * 4 - 2
        for layer in self.layers:
            x = F.gelu(layer(x))
        return self.last(x).chunk(2, 1)


class Decoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second = Conv(LATENT, 96), Conv(96, 96)
        self.up1, self.third = Conv(96, 4 * 64), Conv(64, 64)
        self.up2, self.up3 = Conv(64, 4 * 32), Conv(32, 4 * 3)
        self.register_buffer("shift", torch.zeros(()))
        self.register_buffer("scale", torch.ones(()))

    def image(self, z):
        x = F.gelu(self.first(z))
        x = F.gelu(self.second(x)) + x
        x = F.gelu(F.pixel_shuffle(self.up1(x), 2))
        x = F.gelu(self.third(x)) + x
        x = F.gelu(F.pixel_shuffle(self.up2(x), 2))
        return F.pixel_shuffle(self.up3(x), 2) + 0.5

    @torch.jit.export
    def head_tti(self, latents):
        """Latents (1, 16, 16, 16) or (16, 16, 16) to an image (1, 3, 128, 128) in [0, 1]."""
        z = latents.reshape(1, latents.size(-3), latents.size(-2), latents.size(-1))
        return self.image(z / self.scale.float() + self.shift.float()).clamp(0, 1)


class AutoEncoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder, self.decoder = Encoder(), Decoder()

    def raw_latents(self, image):
        """(1, 16, H/8, W/8): the means of one image (H, W, 3), as the encoder gives them."""
        with torch.no_grad():
            return self.encoder(torch.from_numpy(image).permute(2, 0, 1)[None].float() / 255)[0]

    def latents(self, rgb):
        """The features (N, 16, 16, 16) float16 of images (N, 128, 128, 3)."""
        z = torch.cat([self.raw_latents(image) for image in rgb])
        return ((z - self.decoder.shift) * self.decoder.scale).numpy().astype(np.float16)

    def normalise(self, rgb):
        """Sets shift and scale from the latents of training images."""
        z = torch.cat([self.raw_latents(image) for image in rgb])
        self.decoder.shift.copy_(z.mean().half())
        self.decoder.scale.copy_((1 / z.std()).half())


def random_crop(rng, rgb):
    """64x64, with the colours' channels in any order."""
    image = rgb[rng.integers(len(rgb))]
    top, left = rng.integers(image.shape[0] - 63), rng.integers(image.shape[1] - 63)
    return image[top:top + 64, left:left + 64][:, :, rng.permutation(3)]


def train(rgb, seed: int, steps: int, size: int = 24, log=print, checkpoint=None):
    """Encoder and decoder, on 64x64 crops of `rgb`; L1 with a small share of the KL divergence."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    model = AutoEncoder()
    optimizer = Optimizer(model, steps, 2e-3)
    start, total = time.monotonic(), 0.0
    for step in range(steps):
        crops = np.stack([random_crop(rng, rgb) for _ in range(size)])
        image = torch.from_numpy(crops).permute(0, 3, 1, 2).float() / 255
        mean, logvar = model.encoder(image)
        logvar = logvar.clamp(-12, 4)
        sampled = mean + torch.randn_like(mean) * (logvar / 2).exp()
        error = (model.decoder.image(sampled) - image).abs().mean()
        divergence = 0.5 * (mean * mean + logvar.exp() - 1 - logvar).mean()
        (error + 3e-4 * divergence).backward()
        optimizer.step()
        total += error.item()
        if (step + 1) % 50 == 0:
            log(f"autoencoder {step + 1}: L1 {total / 50 * 255:.2f} of 255, "
                f"KL {divergence.item():.2f}, {time.monotonic() - start:.0f} s wall, "
                f"{time.process_time():.0f} s CPU")
            total = 0.0
            if checkpoint and (step + 1) % 100 == 0:
                torch.save(model.state_dict(), checkpoint)
    model.normalise(rgb[:200])
    return model.eval()
