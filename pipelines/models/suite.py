# SPDX-License-Identifier: LGPL-2.1-or-later
"""The folder that feature-bench reads: features, heads, truth, and suite.json that says what is where."""
import json
import os
import pathlib
import warnings

import numpy
import torch

from errors import need

# Table 4 of the paper, with the numbers of its code for SD3.
RANGES = {
    "cls": {"vtm": [-20, 20], "hyperprior": [-5, 5]},
    "seg": {"vtm": [-20, 20], "hyperprior": [-5, 5]},
    "dpt": {"vtm": {"axis": 1, "min": [-1, -2, -10, -20], "max": [1, 2, 10, 20]},
            "hyperprior": {"axis": 1, "min": [-1, -2, -10, -10], "max": [1, 2, 10, 10]}},
    "csr": {"vtm": [-5, 5], "hyperprior": [-5, 5]},
    "tti": {"vtm": [-6.176, 4.668], "hyperprior": [-6.176, 4.668]},
}
PACKING = {"cls": "stack", "seg": "stack", "dpt": "stack", "csr": "rows", "tti": "mosaic"}
FORMATS = {"float32": "F32LE", "float16": "F16LE"}


def in_order(names):
    """As feature-bench reads the files: by their names' bytes."""
    return sorted(names, key=lambda name: f"{name}.npy".encode())


class Suite:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        for part in ("models", "features", "truth", "labels"):
            (self.folder / part).mkdir(parents=True, exist_ok=True)

    def feature(self, task, name, values):
        """Writes one feature; behind a kill there is no half of a file."""
        path = self.folder / "features" / task / f"{name}.npy"
        path.parent.mkdir(exist_ok=True)
        part = path.with_suffix(".part")
        with part.open("wb") as file:
            numpy.save(file, numpy.ascontiguousarray(values))
        part.rename(path)

    def adopt(self, task, name, path):
        """A feature that is elsewhere already."""
        link = self.folder / "features" / task / f"{name}.npy"
        link.parent.mkdir(exist_ok=True)
        link.unlink(missing_ok=True)
        link.symlink_to(os.path.abspath(path))

    def has(self, task, name):
        return (self.folder / "features" / task / f"{name}.npy").exists()

    def only(self, task, names):
        """No file of an earlier run may stand between those of this one: truth goes by their order."""
        wanted = {f"{name}.npy" for name in names}
        strange = [p.name for p in (self.folder / "features" / task).glob("*.npy") if p.name not in wanted]
        need(not strange, f"{self.folder}/features/{task} has {strange[0] if strange else ''} from another list of "
                          "samples; take another --out, or remove that folder")

    def truth(self, name, values):
        numpy.save(self.folder / "truth" / f"{name}.npy", values)
        return f"truth/{name}.npy"

    def labels(self, name, texts):
        (self.folder / "labels" / f"{name}.txt").write_text("\n".join(texts) + "\n", encoding="utf-8")
        return f"labels/{name}.txt"

    def script(self, name, module, example):
        """Writes module.forward as TorchScript; returns how the manifest names it."""
        path = f"models/{name}.pt"
        torch.jit.save(trace(module, example), str(self.folder / path))
        return {"model": path, "method": "forward"}

    def add(self, task, name, dtype, **fields):
        """Puts a task into suite.json, in place of one with the same name."""
        path = self.folder / "suite.json"
        whole = {"name": self.folder.resolve().name, "description": "Features of large models, split as in "
                 "\"Feature Coding in the Era of Large Models\".", "tasks": []}
        if path.exists():
            whole = json.loads(path.read_text(encoding="utf-8"))
        entry = {"task": task, "name": name, "features": f"features/{name}/*.npy",
                 **{key: value for key, value in fields.items() if value is not None},
                 "packing": PACKING[task], "truncation": RANGES[task], "source-format": FORMATS[dtype]}
        whole["tasks"] = [old for old in whole["tasks"] if old["name"] != name] + [entry]
        part = path.with_suffix(".part")
        part.write_text(json.dumps(whole, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        part.rename(path)


def trace(module, example):
    """TorchScript of module.forward, without gradients."""
    module = module.eval()
    for weight in module.parameters():
        weight.requires_grad_(False)
    with warnings.catch_warnings(), torch.no_grad():
        # Shapes become constants, which they are; and tracing itself is called old.
        warnings.simplefilter("ignore")
        return torch.jit.trace(module, example, check_trace=False)
