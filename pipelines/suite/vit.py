# SPDX-License-Identifier: LGPL-2.1-or-later
"""A vision transformer trained on the rendered rooms, with its three heads.

Patches of 8x8, embedded by three convolutions of stride 2; width 128, 8 pre-norm blocks, 4 heads,
one CLS token, fixed sine-cosine positions. One TorchScript file holds the edges `cls`, `seg`,
`dpt`, the heads `head_cls`, `head_seg`, `head_dpt`, and `fid`, the network whose activations the
Frechet distance of images compares. Numbers stand in the methods where TorchScript, which knows no
global constants, would not see their names.
"""
import time

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

import scenes
from layers import BatchNorm, Conv, LayerNorm, Linear, Optimizer, attention

WIDTH, PATCH, DEPTH, HEADS, HIDDEN = 128, 8, 8, 4, 384
CLASSES, SEGMENTS, BINS, ACTIVATIONS = len(scenes.KINDS), len(scenes.SEGMENTS), 64, 64


def positions(rows: int, columns: int, width: int):
    """(rows * columns, width): sines and cosines of the row, then of the column."""
    rate = torch.pow(100.0, -torch.arange(width // 4) / (width // 4))
    y, x = torch.arange(rows)[:, None] * rate, torch.arange(columns)[:, None] * rate
    y, x = torch.cat([y.sin(), y.cos()], 1), torch.cat([x.sin(), x.cos()], 1)
    y = y[:, None].expand(rows, columns, width // 2)
    x = x[None].expand(rows, columns, width // 2)
    return torch.cat([y, x], 2).reshape(rows * columns, width)


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.heads = HEADS
        self.norm1, self.norm2 = LayerNorm(WIDTH), LayerNorm(WIDTH)
        self.qkv, self.out = Linear(WIDTH, 3 * WIDTH), Linear(WIDTH, WIDTH)
        self.up, self.down = Linear(WIDTH, HIDDEN), Linear(HIDDEN, WIDTH)

    def forward(self, x):
        n, tokens, width = x.shape
        qkv = self.qkv(self.norm1(x)).reshape(n, tokens, 3, self.heads, width // self.heads)
        qkv = qkv.permute(2, 0, 3, 1, 4)
        mixed = attention(qkv[0], qkv[1], qkv[2], None)
        x = x + self.out(mixed.transpose(1, 2).reshape(n, tokens, width))
        return x + self.down(F.gelu(self.up(self.norm2(x))))


def shuffled(x, rows: int, columns: int, factor: int):
    """(N, rows*columns, C*factor^2) -> (N, C, rows*factor, columns*factor)."""
    x = x.reshape(x.size(0), rows, columns, -1).permute(0, 3, 1, 2)
    return F.pixel_shuffle(x, factor)


def resized(x, height: int, width: int):
    # F.interpolate itself would bring operators along that LibTorch 1.13 does not have.
    return torch._C._nn.upsample_bilinear2d(x, [height, width], False, None, None)


class Vit(nn.Module):
    def __init__(self):
        super().__init__()
        self.bins = BINS
        self.stem1, self.stem2, self.stem3 = Conv(3, 24, 2), Conv(24, 48, 2), Conv(48, WIDTH, 2)
        self.cls_token = nn.Parameter(torch.randn(WIDTH) * 0.02)
        self.blocks = nn.ModuleList([Block() for _ in range(DEPTH)])
        self.norm = LayerNorm(WIDTH)
        self.cls_linear = Linear(2 * WIDTH, CLASSES)
        self.seg_norm = BatchNorm(WIDTH)
        self.seg_linear = Linear(WIDTH, SEGMENTS * 16)
        self.dpt_linear = Linear(8 * WIDTH, BINS * 4)
        spread = torch.randn(2 * WIDTH, ACTIVATIONS, generator=torch.Generator().manual_seed(6))
        self.register_buffer("fid_basis", torch.linalg.qr(spread)[0].contiguous())

    def tokens(self, image):
        """The blocks' outputs: DEPTH tensors (N, 1 + patches, 128)."""
        rows, columns = image.size(2) // 8, image.size(3) // 8
        return self.placed_tokens(image, positions(rows, columns, 128).to(image.device))

    def placed_tokens(self, image, place):
        """The same, of patches whose positions are given."""
        x = F.gelu(self.stem1((image - 0.5) * 4.0))
        x = self.stem3(F.gelu(self.stem2(x)))
        n = x.size(0)
        x = x.flatten(2).transpose(1, 2) + place
        x = torch.cat([self.cls_token.float().expand(n, 1, x.size(2)), x], 1)
        outputs = []
        for block in self.blocks:
            x = block(x)
            outputs.append(x)
        return outputs

    # The edges: one image (1, 3, H, W) in [0, 1] to its feature.

    @torch.jit.export
    def cls(self, image):
        return self.tokens(image)[7]

    @torch.jit.export
    def seg(self, image):
        """Two crops of 96 columns, from the left and from the right end: (2, 1, tokens, 128)."""
        height, width = image.size(2), image.size(3)
        crops = torch.cat([image[:, :, :, :height], image[:, :, :, width - height:]], 0)
        return self.tokens(crops)[7].unsqueeze(1)

    @torch.jit.export
    def dpt(self, image):
        """The image and its mirror; blocks 2, 4, 6 and 8: (2, 4, tokens, 128)."""
        outputs = self.tokens(torch.cat([image, image.flip(3)], 0))
        return torch.stack([outputs[1], outputs[3], outputs[5], outputs[7]], 1)

    # The heads.

    @torch.jit.export
    def head_cls(self, feature):
        x = self.norm(feature)
        return self.cls_linear(torch.cat([x[:, 0], x[:, 1:].mean(1)], 1))

    def segments(self, feature, rows: int, columns: int):
        """Logits (N, SEGMENTS, H / 2, W / 2) of every crop."""
        x = self.seg_linear(self.seg_norm(self.norm(feature)[:, 1:]))
        return shuffled(x, rows, columns, 4)

    @torch.jit.export
    def head_seg(self, feature):
        """Logits (1, SEGMENTS, 96, 128), the mean of the two crops where they overlap."""
        crops = resized(self.segments(feature[:, 0], 12, 12), 96, 96)
        shared = (crops[0:1, :, :, 32:] + crops[1:2, :, :, :64]) * 0.5
        return torch.cat([crops[0:1, :, :, :32], shared, crops[1:2, :, :, 64:]], 3)

    def metres(self, feature, rows: int, columns: int):
        """Depth (N, 1, H / 4, W / 4): the mean of uniform bins, weighted by the linear layer."""
        n, layers, tokens, width = feature.shape
        cls = feature[:, :, :1].expand(n, layers, tokens - 1, width)
        x = torch.cat([feature[:, :, 1:], cls], 3).permute(0, 2, 1, 3)
        x = self.dpt_linear(x.reshape(n, tokens - 1, 2 * layers * width))
        weight = torch.relu(shuffled(x, rows, columns, 2)) + 0.1
        weight = weight / weight.sum(1, keepdim=True)
        bins = torch.linspace(0.3, 10.0, self.bins, device=x.device).reshape(1, self.bins, 1, 1)
        return (weight * bins).sum(1, keepdim=True)

    @torch.jit.export
    def head_dpt(self, feature):
        """Metres (1, 1, 96, 128): image and mirrored mirror averaged."""
        depth = resized(self.metres(feature, 12, 16), 96, 128).clamp(0.3, 10.0)
        return (depth[0:1] + depth[1:2].flip(3)) * 0.5

    @torch.jit.export
    def fid(self, image):
        """(1, 64): CLS and mean of the patches after the norm, on a fixed orthonormal basis."""
        x = self.norm(self.tokens(resized(image, 96, 96))[7])
        return torch.matmul(torch.cat([x[:, 0], x[:, 1:].mean(1)], 1), self.fid_basis.float())


METHODS = ["cls", "seg", "dpt", "head_cls", "head_seg", "head_dpt", "fid"]


class Batches:
    """Augmented batches of the training scenes.

    Three kinds: 64x64 crops around the clearest object, which cost little and teach much;
    96x96 crops, as cls and seg see them; whole images, as dpt sees them.
    """

    def __init__(self, data, seed: int):
        self.rgb, self.mask, self.depth = data
        self.rng = np.random.default_rng(seed)
        self.clear = [scenes.dominant(mask) for mask in self.mask]
        self.grid = positions(12, 16, WIDTH).reshape(12, 16, WIDTH)

    def window(self, i: int, size: int):
        """(top, left, class) of a crop of image i: its object near the middle, if it has one."""
        rng = self.rng
        left, kind = self.clear[i]
        if size == scenes.CROP:
            return 0, left if kind >= 0 else rng.integers(scenes.WIDTH - size + 1), kind
        if kind < 0:
            return 8 * rng.integers(5), 8 * rng.integers(9), -1
        inside = np.argwhere(self.mask[i] == kind + len(scenes.BACKGROUND))
        corner = (inside.mean(0) + rng.uniform(-16, 16, 2) - size / 2) / 8
        top, left = 8 * np.clip(np.rint(corner).astype(int), 0, (4, 8))
        seen = ((inside >= (top, left)) & (inside < (top + size, left + size))).all(1).mean()
        return top, left, kind if seen > 0.6 else -1

    def next(self, count: int, size: int):
        """Images, masks, depths, classes (-1: none) and positions; size 0 is the whole image."""
        rng = self.rng
        parts = [], [], [], [], []
        for i in rng.integers(len(self.rgb), size=count):
            top, left, kind = self.window(i, size) if size else (0, 0, -1)
            rows = slice(top, top + (size or scenes.HEIGHT))
            columns = slice(left, left + (size or scenes.WIDTH))
            step = 1 if rng.uniform() < 0.5 else -1
            # The ViT sees a 96x96 crop as an image of its own; a 64x64 crop stays where it was.
            origin = left // PATCH if size == 64 else 0
            place = self.grid[top // PATCH:rows.stop // PATCH,
                              origin:origin + (size or scenes.WIDTH) // PATCH]
            crop = (self.rgb[i][rows, columns][:, ::step][:, :, rng.permutation(3)],
                    self.mask[i][rows, columns][:, ::step], self.depth[i][rows, columns][:, ::step],
                    kind, place.reshape(-1, WIDTH).numpy())
            for part, value in zip(parts, crop):
                part.append(value)
        rgb, mask, depth, kind, place = (torch.from_numpy(np.stack(part)) for part in parts)
        gain = torch.from_numpy(rng.uniform(0.7, 1.2, (count, 1, 1, 1)).astype(np.float32))
        image = (rgb.permute(0, 3, 1, 2).float() / 255 * gain).clamp(0, 1)
        return image, mask.long(), depth.float()[:, None], kind, place


def losses(model, batch, rng, weights):
    """Of seg, dpt and cls, at the resolution at which the heads decide."""
    image, mask, depth, kind, place = batch
    rows, columns = image.size(2) // PATCH, image.size(3) // PATCH
    outputs = model.placed_tokens(image, place)
    dy, dx = rng.integers(2, size=2)
    segments = model.segments(outputs[7], rows, columns)
    seg = F.cross_entropy(segments, mask[:, dy::2, dx::2], weights)
    metres = model.metres(torch.stack([outputs[i] for i in (1, 3, 5, 7)], 1), rows, columns)
    depth = F.avg_pool2d(depth, 4)
    dpt = (metres.log() - depth.log()).abs().mean() + 0.2 * (metres - depth).abs().mean()
    if (kind < 0).all():
        return seg, dpt, torch.zeros(())
    return seg, dpt, F.cross_entropy(model.head_cls(outputs[7]), kind, ignore_index=-1)


def train(data, seed: int, small: int = 1200, large: int = 600, log=print, checkpoint=None):
    """`small` steps on 64x64 crops, then `large` steps on 96x96 crops and whole images."""
    torch.manual_seed(seed)
    model = Vit()
    batches = Batches(data, seed)
    optimizer = Optimizer(model, small + large, 2e-3)
    weights = torch.tensor([0.5] * len(scenes.BACKGROUND) + [1.0] * CLASSES)
    sums, start = np.zeros(3), time.monotonic()
    for step in range(small + large):
        size = 64 if step < small else 0 if step % 3 == 2 else 96
        batch = batches.next(32 if step < small else 16, size)
        seg, dpt, cls = losses(model, batch, batches.rng, weights)
        (seg * 2 + dpt + cls * 0.7).backward()
        optimizer.step()
        sums += seg.item(), dpt.item(), cls.item()
        if (step + 1) % 50 == 0:
            seg, dpt, cls = sums / 50
            log(f"vit {step + 1}: seg {seg:.3f} dpt {dpt:.3f} cls {cls:.3f}, "
                f"{time.monotonic() - start:.0f} s wall, {time.process_time():.0f} s CPU")
            sums[:] = 0
            if checkpoint and (step + 1) % 100 == 0:
                torch.save(model.state_dict(), checkpoint)
    return model.eval()
