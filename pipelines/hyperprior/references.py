#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Tables of what models for one task do on the features of all, beside the default model.

usage: references.py OUT BUILD MODEL THREADS [FILE[:LO,HI]...]

OUT    of references.sh: references/TASK.hyperprior, test/
BUILD  build folder with hyperprior-rd
MODEL  the default model, whose rate at a model's error is interpolated over its qualities, logarithm
       of the rate over that of the error

All files of a kind count together; errors are in code values of 10 bits over each file's own range.
"""
import json
import math
import subprocess
import sys
from pathlib import Path

import numpy as np

TASKS = ("cls", "seg", "dpt", "csr", "tti")
TESTED_LATENTS = 24
QUALITIES = ",".join(f"{i / 20:g}" for i in range(19))
SUITE = Path(__file__).resolve().parent.parent / "suite/data"


def suite_files(out, task):
    folder = out / f"test/suite/features/{task}"
    if task == "tti":  # the suite codes its inputs
        folder.mkdir(parents=True, exist_ok=True)
        for i, latent in enumerate(np.load(SUITE / "inputs/tti.npy")[:TESTED_LATENTS]):
            np.save(folder / f"{i:05}.npy", latent)
    return sorted(folder.glob("*.npy"))


def further(text):
    path, _, region = text.partition(":")
    return Path(path).stem, ([Path(path)], [float(end) for end in region.split(",")] if region else [])


def variance(files, region):
    """The error of a plane that is its mean."""
    total = points = 0
    for file in files:
        values = np.load(file).astype(np.float64)
        low, high = region or (values.min(), values.max())
        total += (values.clip(low, high) / (high - low) * 1023).var() * values.size
        points += values.size
    return total / points


def times(curve, point):
    """How many times the bits of the curve at the same error; more than that, if all of the curve has less."""
    points = sorted((math.log(p["mse"]), math.log(p["bpfp"])) for p in curve)
    x, y = math.log(point["mse"]), math.log(point["bpfp"])
    for (x0, y0), (x1, y1) in zip(points, points[1:]):
        if x0 <= x <= x1 and x0 < x1:
            return f"{math.exp(y - y0 - (y1 - y0) * (x - x0) / (x1 - x0)):.1f}"
    return f"> {math.exp(y - points[-1][1]):.1f}" if x > points[-1][0] else "?"


def table(kinds, measure, model, references):
    print("\n| trained on | " + " | ".join(kinds) + " |")
    print("|---" * (len(kinds) + 1) + "|")
    curves = {name: measure(model, *kind, QUALITIES) for name, kind in kinds.items()}
    for task, file in references.items():
        cells = []
        for name, kind in kinds.items():
            point = measure(file, *kind, "0")[0]
            cells.append(f"{point['bpfp']:.3f}, {point['mse']:.0f}, {times(curves[name], point)}")
        print(f"| {task} | " + " | ".join(cells) + " |", flush=True)
    coarsest = [f"{c[0]['bpfp']:.3f}, {c[0]['mse']:.0f}" for c in curves.values()]
    print("| the default model, quality 0 | " + " | ".join(coarsest) + " |")
    means = [f"0, {variance(*kind):.0f}" for kind in kinds.values()]
    print("| nothing: the mean | " + " | ".join(means) + " |", flush=True)


def main():
    if len(sys.argv) < 5:
        sys.exit(__doc__)
    out, build, model, threads = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], sys.argv[4]
    module = build / "codecs/hyperprior/libgstfeature-hyperprior.so"

    def measure(file, features, region, qualities):
        options = ["--clip", "{},{}".format(*region)] if region else []
        command = [build / "tests/bench/hyperprior-rd", file, module, "--threads", threads,
                   "--quality", qualities, "--json", *options, *features]
        return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)

    references = {task: out / f"references/{task}.hyperprior" for task in TASKS}
    print("Bits a point, mean squared error, times the default model's bits at that error.")
    table({f"suite-{task}": (suite_files(out, task), []) for task in TASKS}, measure, model, references)
    others = {f"pattern-{task}": (sorted(out.glob(f"test/pattern-{task}/*.npy")), []) for task in TASKS}
    table(others | dict(further(text) for text in sys.argv[5:]), measure, model, references)


if __name__ == "__main__":
    main()
