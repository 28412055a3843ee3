# SPDX-License-Identifier: LGPL-2.1-or-later
"""Layers whose weights may be stored in half precision, and the optimizer of the suite.

The shipped files hold half weights to stay small; every layer converts them to float where it uses
them, which in training is a no-op. Attention is written out, so that LibTorch 1.13 loads the files.
"""
import math
from typing import Optional

import torch
from torch import nn
from torch.nn import functional as F


class Linear(nn.Linear):
    def forward(self, x):
        return F.linear(x, self.weight.float(), self.bias.float())


class Projection(nn.Module):
    """A linear layer without bias."""

    def __init__(self, inputs: int, outputs: int):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs) * inputs ** -0.5)

    def forward(self, x):
        return torch.matmul(x, self.weight.float().t())


class LayerNorm(nn.LayerNorm):
    def forward(self, x):
        return F.layer_norm(x, [x.size(-1)], self.weight.float(), self.bias.float(), 1e-5)


class RMSNorm(nn.Module):
    def __init__(self, width: int):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, x):
        return x * torch.rsqrt((x * x).mean(-1, keepdim=True) + 1e-5) * self.weight.float()


class Conv(nn.Module):
    """A 3x3 convolution of stride 1 or 2."""

    def __init__(self, inputs: int, outputs: int, stride: int = 1):
        super().__init__()
        self.stride = stride
        self.weight = nn.Parameter(torch.randn(outputs, inputs, 3, 3) * (9 * inputs) ** -0.5)
        self.bias = nn.Parameter(torch.zeros(outputs))

    def forward(self, x):
        stride = [self.stride, self.stride]
        return F.conv2d(x, self.weight.float(), self.bias.float(), stride, [1, 1])


class BatchNorm(nn.BatchNorm1d):
    """Over the last axis of (N, tokens, channels)."""

    def forward(self, x):
        if self.training:
            flat = x.reshape(-1, x.size(-1))
            return F.batch_norm(flat, self.running_mean, self.running_var, self.weight, self.bias,
                                True, 0.02, 1e-5).reshape(x.shape)
        scale = self.weight.float() * torch.rsqrt(self.running_var.float() + 1e-5)
        return (x - self.running_mean.float()) * scale + self.bias.float()


def attention(q, k, v, mask: Optional[torch.Tensor]):
    """softmax(q k' + mask) v over (N, heads, tokens, width of a head)."""
    if not torch.jit.is_scripting():  # the same, fused: LibTorch 1.13 does not have it
        return F.scaled_dot_product_attention(q, k, v, mask)
    scores = torch.matmul(q * q.size(-1) ** -0.5, k.transpose(-2, -1))
    if mask is not None:
        scores = scores + mask
    return torch.matmul(torch.softmax(scores, -1), v)


class Optimizer:
    """Muon for the matrices of the blocks, AdamW for everything else; one step size for both.

    Muon replaces the momentum of a matrix by the nearest orthogonal matrix (Newton-Schulz), which
    trains small transformers in about half the steps.
    """

    def __init__(self, model, steps: int, rate: float, decay: float = 0.02, warm: int = 60):
        matrices = [p for n, p in model.named_parameters() if p.ndim == 2 and "blocks" in n]
        chosen = {id(p) for p in matrices}
        rest = [p for p in model.parameters() if id(p) not in chosen]
        shapes = sorted({p.shape for p in matrices})
        self.groups = [[p for p in matrices if p.shape == shape] for shape in shapes]
        self.momenta = [torch.zeros(len(group), *group[0].shape) for group in self.groups]
        self.adam = torch.optim.AdamW(rest, lr=rate, betas=(0.9, 0.98), weight_decay=decay)
        self.steps, self.rate, self.decay, self.warm, self.count = steps, rate, decay, warm, 0

    @torch.no_grad()
    def step(self):
        """One step; the step size rises over `warm` steps and falls linearly to nothing."""
        self.count += 1
        rate = self.rate * min(self.count / self.warm, 1 - (self.count - 1) / self.steps)
        for weights, momentum in zip(self.groups, self.momenta):
            gradient = torch.stack([weight.grad for weight in weights])
            momentum.mul_(0.95).add_(gradient)
            updates = _orthogonal(gradient + 0.95 * momentum)
            for weight, update in zip(weights, updates):
                weight.mul_(1 - rate * self.decay)
                weight.add_(update, alpha=-rate * 0.2 * math.sqrt(max(weight.shape)))
                weight.grad = None
        for group in self.adam.param_groups:
            group["lr"] = rate
        self.adam.step()
        self.adam.zero_grad(set_to_none=True)


def _orthogonal(x):
    """Of every matrix of (N, rows, columns): its singular values moved to about one."""
    x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
    tall = x.size(1) > x.size(2)
    if tall:
        x = x.transpose(1, 2)
    for _ in range(5):
        square = x @ x.transpose(1, 2)
        x = 3.4445 * x + (-4.7750 * square + 2.0315 * square @ square) @ x
    return x.transpose(1, 2) if tall else x
