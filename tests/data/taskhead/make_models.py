#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Makes tiny.pt, the TorchScript model of the tests of featureextract, taskhead and taskheadsink.

    make_models.py [FOLDER]

One method for each thing that a test wants; most pass their input through, so that the tests know
every value. Made by PyTorch 1.13, so that LibTorch 1.13 and all later ones can read it.
"""
import pathlib
import sys
from typing import Tuple

import torch


class Tiny(torch.nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x

    # --- edges ---
    @torch.jit.export
    def double(self, image: torch.Tensor) -> torch.Tensor:
        return image * 2 - 1

    @torch.jit.export
    def tokens(self, ids: torch.Tensor) -> torch.Tensor:
        """Tokens (1,T) into (1,T,8) logits: the largest is the one behind the token's own."""
        return torch.nn.functional.one_hot((ids + 1) % 8, 8).float()

    @torch.jit.export
    def half(self, x: torch.Tensor) -> torch.Tensor:
        return x.half()

    @torch.jit.export
    def rows(self, x: torch.Tensor) -> torch.Tensor:
        """As many rows as the first value says: shapes that change."""
        return torch.ones([int(x.flatten()[0]), 2])

    @torch.jit.export
    def keeps(self, x: torch.Tensor) -> torch.Tensor:
        """Writes into its input, which must not be the buffer of the stream."""
        return x.mul_(3)

    # --- heads ---
    @torch.jit.export
    def head_cls(self, x: torch.Tensor) -> torch.Tensor:
        return x.flatten()[:4].unsqueeze(0)

    @torch.jit.export
    def head_seg(self, x: torch.Tensor) -> torch.Tensor:
        return x.reshape(1, x.size(-3), x.size(-2), x.size(-1))

    @torch.jit.export
    def head_dpt(self, x: torch.Tensor) -> torch.Tensor:
        return x.reshape(1, 1, x.size(-2), x.size(-1))

    @torch.jit.export
    def head_csr(self, x: torch.Tensor) -> torch.Tensor:
        return x.reshape(-1, x.size(-1))[-1:]

    @torch.jit.export
    def head_tti(self, x: torch.Tensor) -> torch.Tensor:
        return x.reshape(1, 3, x.size(-2), x.size(-1))

    @torch.jit.export
    def image(self, x: torch.Tensor) -> torch.Tensor:
        """A grey image of any (…,height,width)."""
        return x.reshape(1, 1, x.size(-2), x.size(-1)).repeat(1, 3, 1, 1)

    @torch.jit.export
    def fid(self, image: torch.Tensor) -> torch.Tensor:
        """The means of the channels, and of the red one's left half."""
        half = image[:, :1, :, : image.size(3) // 2]
        return torch.cat([image.mean([2, 3]), half.mean([2, 3])], 1)

    # --- what goes wrong ---
    @torch.jit.export
    def throws(self, x: torch.Tensor) -> torch.Tensor:
        if x.numel() > 0:
            raise ValueError("this model likes nothing")
        return x

    @torch.jit.export
    def mismatch(self, x: torch.Tensor) -> torch.Tensor:
        return x.reshape(1, -1) @ torch.ones([7, 3])

    @torch.jit.export
    def nan(self, x: torch.Tensor) -> torch.Tensor:
        return torch.where(x == x.flatten()[1], torch.full_like(x, float("nan")), x)

    @torch.jit.export
    def infinite(self, x: torch.Tensor) -> torch.Tensor:
        return torch.full_like(x, float("-inf"))

    @torch.jit.export
    def two(self, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        return x + y

    @torch.jit.export
    def pair(self, x: torch.Tensor) -> Tuple[torch.Tensor, torch.Tensor]:
        return x, x

    @torch.jit.export
    def number(self, x: int) -> torch.Tensor:
        return torch.ones([x])

    @torch.jit.export
    def truths(self, x: torch.Tensor) -> torch.Tensor:
        return x > 0

    @torch.jit.export
    def deep(self, x: torch.Tensor) -> torch.Tensor:
        return x.reshape([1, 1, 1, 1, 1, 1, 1, 1, -1])

    @torch.jit.export
    def nothing(self, x: torch.Tensor) -> torch.Tensor:
        return torch.ones([0, 4])


def main():
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else __file__).resolve()
    if folder.is_file():
        folder = folder.parent
    torch.jit.script(Tiny().eval()).save(str(folder / "tiny.pt"))


if __name__ == "__main__":
    main()
