#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Features that the default model of the Hyperprior codec is trained with, from the suite's models.

usage: features.py OUT [FOLDER]

OUT     gets a folder for each kind: 240 rooms that are not in the suite through its ViT (a third
        each for cls, seg and dpt), their brightness, and the suite's csr and tti features that
        feature-bench leaves out by default
FOLDER  of feature-bench: features/csr is read there (feature-bench run … --codec raw --task csr)

Values are cut to the regions of the suite's conditions for VTM, or wider.
"""
import sys
from pathlib import Path

import numpy as np
import torch

root = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(root / "suite"))
import scenes  # noqa: E402

SEED, ROOMS, TESTED = 4242, 240, 100


def save(folder, name, array, region=None):
    folder.mkdir(parents=True, exist_ok=True)
    array = np.asarray(array, np.float32)
    np.save(folder / f"{name}.npy", array if region is None else array.clip(*region))


def rooms(out):
    vit = torch.jit.load(str(root / "suite/data/models/vit.pt"))
    for i, rgb in enumerate(scenes.scenes(SEED, 0, ROOMS)[0]):
        image = torch.from_numpy(np.ascontiguousarray(rgb)).permute(2, 0, 1)[None].float() / 255
        task = ("cls", "seg", "dpt")[i % 3]
        feature = vit.cls(image[..., 16:112]) if task == "cls" else getattr(vit, task)(image)
        save(out / f"suite-{task}", f"{i:03}", feature, (-20, 20))
        if i < ROOMS // 2:
            save(out / "images", f"{i:03}", (rgb.astype(np.float32) @ (0.3, 0.6, 0.1))[None])


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    torch.set_grad_enabled(False)
    out = Path(sys.argv[1])
    rooms(out)
    for i, latent in enumerate(np.load(root / "suite/data/inputs/tti.npy")[TESTED:]):
        save(out / "suite-tti", f"{i:03}", latent, (-5.02, 4.38))
    if len(sys.argv) == 3:
        for path in sorted(Path(sys.argv[2]).glob("features/csr/*.npy"))[TESTED:]:
            save(out / "suite-csr", path.stem, np.load(path), (-40, 40))


if __name__ == "__main__":
    main()
