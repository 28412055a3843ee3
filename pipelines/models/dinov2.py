# SPDX-License-Identifier: LGPL-2.1-or-later
"""DINOv2, cut behind a block: edges that give features, heads that take them.

Every module is made for one size of image, so that it can be traced. Images are 1x3xHxW in [0, 1].
"""
import math

import torch
from torch.nn import functional

import checkpoints
from errors import loading, need

MEAN = (0.485, 0.456, 0.406)
DEVIATION = (0.229, 0.224, 0.225)
CROP, STRIDE = 512, 341  # of the published segmentation head
BINS, NEAREST, FARTHEST = 256, 0.001, 10.0  # of the published depth head


def load(folder, **options):
    """The backbone in a folder of transformers, with the classifier where the folder has one."""
    import transformers
    with loading(folder):
        config = transformers.AutoConfig.from_pretrained(folder, local_files_only=True)
    need(config.model_type == "dinov2", f"{folder}: this is a model of type '{config.model_type}', not dinov2")
    options.setdefault("attn_implementation", "eager")  # the other kinds cannot be traced
    options.setdefault("dtype", torch.float32)
    with loading(folder):
        if "Dinov2ForImageClassification" not in (config.architectures or []):
            return transformers.Dinov2Model.from_pretrained(folder, local_files_only=True, **options).eval(), None
        whole = transformers.Dinov2ForImageClassification.from_pretrained(folder, local_files_only=True, **options)
        return whole.dinov2.eval(), whole.classifier.eval()


def depth_blocks(model):
    """Four blocks, each a quarter of the depth behind the one before: 10, 20, 30, 40 of ViT-g."""
    blocks = len(model.encoder.layer)
    need(blocks % 4 == 0, f"the model has {blocks} blocks, which four split points do not divide")
    return [blocks // 4 * k for k in (1, 2, 3, 4)]


def position_table(model, rows, columns, style):
    """Position embeddings for rows x columns patches.

    "facebook": as the original code, whose grid is stretched by a tenth of a patch; the published heads
    were trained with it. "transformers": as that library has it. They are the same for the grid that
    the model was trained with.
    """
    table = model.embeddings.position_embeddings.detach()
    cls, patches = table[:, :1], table[:, 1:]
    side = math.isqrt(patches.shape[1])
    if (rows, columns) == (side, side):
        return table
    grid = patches.reshape(1, side, side, -1).permute(0, 3, 1, 2).float()
    if style == "facebook":
        how = {"scale_factor": ((rows + 0.1) / side, (columns + 0.1) / side)}
    else:
        how = {"size": (rows, columns)}
    grid = functional.interpolate(grid, mode="bicubic", align_corners=False, **how)
    assert grid.shape[2:] == (rows, columns)
    return torch.cat((cls, grid.permute(0, 2, 3, 1).reshape(1, rows * columns, -1).to(table.dtype)), 1)


def padding(size, multiple):
    """In front and behind, so that `size` becomes a multiple: as equal as possible."""
    extra = -size % multiple
    return extra // 2, extra - extra // 2


class Backbone(torch.nn.Module):
    """From images of height x width, normalised here, to the outputs of some blocks."""

    def __init__(self, model, height, width, blocks, positions="facebook"):
        super().__init__()
        patch = model.config.patch_size
        top, bottom = padding(height, patch)
        left, right = padding(width, patch)
        self.pads = (left, right, top, bottom)
        rows, columns = (height + top + bottom) // patch, (width + left + right) // patch
        self.patches = model.embeddings.patch_embeddings
        self.layers = model.encoder.layer[:max(blocks)]
        self.blocks = blocks
        cls, rest = model.embeddings.cls_token.detach(), position_table(model, rows, columns, positions)
        self.register_buffer("first", cls + rest[:, :1])
        self.register_buffer("positions", rest[:, 1:].clone())
        self.register_buffer("mean", torch.tensor(MEAN).reshape(1, 3, 1, 1))
        self.register_buffer("deviation", torch.tensor(DEVIATION).reshape(1, 3, 1, 1))

    def forward(self, images):
        images = functional.pad((images - self.mean) / self.deviation, self.pads)
        patches = self.patches(images) + self.positions
        hidden = torch.cat((self.first.expand(patches.shape[0], -1, -1), patches), 1)
        outputs = []
        for number, layer in enumerate(self.layers, 1):
            hidden = layer(hidden)
            hidden = hidden[0] if isinstance(hidden, tuple) else hidden
            if number in self.blocks:
                outputs.append(hidden)
        return torch.stack(outputs, 1)  # image, block, token, channel


class ClsEdge(torch.nn.Module):
    """1x3x224x224 -> 1x257xD"""

    def __init__(self, model, size=224, positions="facebook"):
        super().__init__()
        self.backbone = Backbone(model, size, size, [len(model.encoder.layer)], positions)

    def forward(self, image):
        return self.backbone(image)[:, 0]


class ClsHead(torch.nn.Module):
    """Norm, CLS token and mean of the patches, linear layer."""

    def __init__(self, model, linear):
        super().__init__()
        self.norm, self.linear = model.layernorm, linear
        self.channels = model.config.hidden_size

    def forward(self, feature):
        tokens = self.norm(feature.reshape(1, -1, self.channels))
        return self.linear(torch.cat((tokens[:, 0], tokens[:, 1:].mean(1)), 1))


def cls_linear(model, path, trust=False):
    return checkpoints.linear(checkpoints.read(path, trust), path, "", 2 * model.config.hidden_size)


def crops(height, width, crop=CROP, stride=STRIDE):
    """(top, left) of the windows that cover height x width."""
    need(min(height, width) >= crop, f"an image of {width}x{height} is smaller than a crop of {crop}x{crop}")
    tops = [min(y * stride, height - crop) for y in range(-(-(height - crop) // stride) + 1)]
    lefts = [min(x * stride, width - crop) for x in range(-(-(width - crop) // stride) + 1)]
    return [(y, x) for y in tops for x in lefts]


def scaled_size(height, width, short=CROP, long=4 * CROP):
    """The size at which the segmentation head looks at an image: its short side becomes `short`."""
    scale = min(long / max(height, width), short / min(height, width))
    return int(height * scale + 0.5), int(width * scale + 0.5)


class SegEdge(torch.nn.Module):
    """1x3xHxW, already scaled -> crops x 1 x 1370 x D: stacking lays the crops on top of each other"""

    def __init__(self, model, height, width, positions="facebook", crop=CROP, stride=STRIDE):
        super().__init__()
        self.crop, self.places = crop, crops(height, width, crop, stride)
        self.backbone = Backbone(model, crop, crop, [len(model.encoder.layer)], positions)

    def forward(self, image):
        return torch.cat([self.backbone(image[:, :, y:y + self.crop, x:x + self.crop])
                          for y, x in self.places])


class SegHead(torch.nn.Module):
    """Norm, batch norm and linear layer of the patches, crops averaged, scaled to the image."""

    def __init__(self, model, norm, linear, scaled, size, crop=CROP, stride=STRIDE):
        super().__init__()
        self.norm, self.batch_norm, self.linear = model.layernorm, norm, linear
        self.channels = model.config.hidden_size
        self.side = -(-crop // model.config.patch_size)
        self.crop, self.scaled, self.size = crop, scaled, size
        self.places = crops(*scaled, crop, stride)
        times = torch.zeros(1, 1, *scaled)
        for y, x in self.places:
            times[:, :, y:y + crop, x:x + crop] += 1
        self.register_buffer("times", times)

    def forward(self, feature):
        tokens = self.norm(feature.reshape(len(self.places), -1, self.channels))[:, 1:]
        logits = self.linear(self.batch_norm(tokens.reshape(-1, self.channels)))
        logits = logits.reshape(len(self.places), self.side, self.side, -1).permute(0, 3, 1, 2)
        logits = functional.interpolate(logits, size=(self.crop, self.crop), mode="bilinear", align_corners=False)
        height, width = self.scaled
        total = 0
        for k, (y, x) in enumerate(self.places):
            pads = (x, width - x - self.crop, y, height - y - self.crop)
            total = total + functional.pad(logits[k:k + 1], pads)
        return functional.interpolate(total / self.times, size=self.size, mode="bilinear", align_corners=False)


def seg_layers(model, path, trust=False):
    state, channels = checkpoints.read(path, trust), model.config.hidden_size
    return (checkpoints.batch_norm(state, path, "bn", channels),
            checkpoints.linear(state, path, "conv_seg", channels))


class DptEdge(torch.nn.Module):
    """1x3x480x640 -> 2x4x1611xD: the image and its mirror, four blocks"""

    def __init__(self, model, height=480, width=640, positions="facebook"):
        super().__init__()
        self.backbone = Backbone(model, height, width, depth_blocks(model), positions)

    def forward(self, image):
        return self.backbone(torch.cat((image, image.flip(3))))


class DptHead(torch.nn.Module):
    """Patches with the CLS token behind each, four blocks, linear layer to bins of depth, mirror averaged."""

    def __init__(self, linear, channels, patch, height=480, width=640):
        super().__init__()
        self.linear, self.channels, self.size = linear, channels, (height, width)
        self.rows, self.columns = -(-height // patch), -(-width // patch)
        self.register_buffer("bins", torch.linspace(NEAREST, FARTHEST, linear.weight.shape[0]))

    def forward(self, feature):
        tokens = feature.reshape(2, 4, -1, self.channels)
        patches = tokens[:, :, 1:]
        both = torch.cat((patches, tokens[:, :, :1].expand_as(patches)), 3)
        both = both.permute(0, 1, 3, 2).reshape(2, 8 * self.channels, self.rows, self.columns)
        # The linear layer first: it and the interpolation change places without changing the sum.
        logits = functional.conv2d(both, self.linear.weight[:, :, None, None])
        logits = functional.interpolate(logits, size=(4 * self.rows, 4 * self.columns), mode="bilinear",
                                        align_corners=False) + self.linear.bias[:, None, None]
        weights = functional.relu(logits) + 0.1
        weights = weights / weights.sum(1, keepdim=True)
        depth = (weights * self.bins[:, None, None]).sum(1, keepdim=True).clamp(NEAREST, FARTHEST)
        depth = functional.interpolate(depth, size=self.size, mode="bilinear", align_corners=False)
        return (depth[:1] + depth[1:].flip(3)) / 2


def dpt_linear(model, path, trust=False):
    return checkpoints.linear(checkpoints.read(path, trust), path, "conv_depth", 8 * model.config.hidden_size)
