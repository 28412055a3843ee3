#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The suite that ships is whole: files, shapes, types, sizes, and what its generators give again.

    suite_test.py pipelines/suite/data

Needs NumPy alone. The models are opened as the ZIP files they are; the element tests run them.
"""
import json
import pathlib
import sys
import zipfile

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "pipelines/suite"))
import corpus  # noqa: E402
import scenes  # noqa: E402

LIMIT = 20_000_000
KEYS = {"task", "name", "inputs", "edge", "head", "fid", "truth", "choices", "classes", "labels",
        "depth-range", "packing", "truncation", "source-format"}
INPUTS = {"cls": (np.uint8, (96, 96, 3)), "seg": (np.uint8, (96, 128, 3)),
          "dpt": (np.uint8, (96, 128, 3)), "csr": (np.int32, None),
          "tti": (np.float16, (16, 16, 16))}
TRUTHS = {"cls": (np.int32, ()), "seg": (np.uint8, (96, 128)), "dpt": (np.float16, (96, 128)),
          "csr": (np.int32, ())}


def check(condition, text):
    if not condition:
        raise SystemExit(f"FAILED: {text}")


def close(made, shipped, tolerance, text):
    """Equal but for one value in a thousand, where another processor may round another way."""
    made, shipped = made.astype(np.float64), shipped.astype(np.float64)
    check(made.shape == shipped.shape, f"{text}: shape {made.shape}, shipped {shipped.shape}")
    share = np.mean(np.abs(made - shipped) > tolerance)
    check(share <= 0.001, f"{text}: {share:.2%} of the values differ from what the generator gives")


class Suite:
    def __init__(self, folder):
        self.folder = folder
        manifest = json.loads((folder / "suite.json").read_text())
        self.tasks = {task["task"]: task for task in manifest["tasks"]}
        self.origin = json.loads((folder / "origin.json").read_text())
        self.used = {"suite.json", "origin.json"}

    def path(self, name):
        check((self.folder / name).is_file(), f"{name} is not there")
        self.used.add(name)
        return self.folder / name

    def array(self, name):
        return np.load(self.path(name), allow_pickle=False)

    def source(self, model, method):
        """The model's file defines the method."""
        with zipfile.ZipFile(self.path(model)) as archive:
            code = b"".join(archive.read(n) for n in archive.namelist() if n.endswith(".py"))
        check(f"def {method}(".encode() in code, f"{model} has no method {method}")


def check_arrays(suite, name, task):
    inputs = suite.array(task["inputs"])
    dtype, shape = INPUTS[name]
    check(inputs.dtype == dtype, f"{name}: inputs are {inputs.dtype}")
    check(shape is None or inputs.shape[1:] == shape, f"{name}: inputs are {inputs.shape}")
    check(len(suite.origin[name]["index"]) == len(inputs), f"{name}: origin.json has another count")
    if name in TRUTHS:
        truth = suite.array(task["truth"])
        check((truth.dtype, truth.shape[1:]) == TRUTHS[name],
              f"{name}: truths are {truth.dtype} {truth.shape}")
        check(len(truth) == len(inputs), f"{name}: {len(truth)} truths for {len(inputs)} inputs")
    if "labels" in task:
        labels = suite.path(task["labels"]).read_text().split("\n")[:-1]
        check(len(labels) == task.get("classes", len(corpus.VOCABULARY)),
              f"{name}: {len(labels)} labels")


def check_values(suite):
    """Truths are inside their ranges, every class occurs, latents are finite."""
    cls, seg = (suite.array(suite.tasks[name]["truth"]) for name in ("cls", "seg"))
    check(set(cls) == set(range(len(scenes.KINDS))), "cls: a kind of object is missing")
    check(set(np.unique(seg)) == set(range(len(scenes.SEGMENTS))), "seg: a segment is missing")
    depth = suite.array(suite.tasks["dpt"]["truth"])
    low, high = suite.tasks["dpt"]["depth-range"]
    check(low - 0.01 <= depth.min() and depth.max() <= high,
          f"dpt: {depth.min()} to {depth.max()} m")
    latents = suite.array(suite.tasks["tti"]["inputs"])
    check(np.isfinite(latents).all() and 0.5 < latents.astype(np.float32).std() < 2, "tti: latents")
    check(len(latents) > 64, "tti: fewer samples than activations")


def check_truncation(name, truncation):
    for codec in ("vtm", "hyperprior"):
        region = truncation[codec]
        if name == "dpt":
            check(region["axis"] == 1 and len(region["min"]) == len(region["max"]) == 4,
                  f"dpt, {codec}: not four regions along axis 1")
            pairs = zip(region["min"], region["max"])
        else:
            pairs = [region]
        check(all(low < 0 < high for low, high in pairs), f"{name}, {codec}: region {region}")


def check_scenes(suite):
    """The first pictures are what the renderer gives for their numbers."""
    task, origin = suite.tasks["cls"], suite.origin["cls"]
    for index, image, kind in list(zip(origin["index"], suite.array(task["inputs"]),
                                       suite.array(task["truth"])))[:4]:
        rgb, mask, _ = scenes.scene(origin["seed"], index)
        left, found = scenes.dominant(mask)
        check(found == kind, f"cls, scene {index}: kind {found}, shipped {kind}")
        close(rgb[:, left:left + scenes.CROP], image, 1, f"cls, scene {index}")
    origin = suite.origin["seg"]
    seg, dpt = suite.tasks["seg"], suite.tasks["dpt"]
    shipped = [suite.array(path) for path in (seg["inputs"], seg["truth"], dpt["truth"])]
    for number, index in list(enumerate(origin["index"]))[:3]:
        made = scenes.scene(origin["seed"], index)
        for part, array, tolerance in zip(made, shipped, (1, 0, 0.01)):
            close(part, array[number], tolerance, f"room {index}")


def check_questions(suite):
    """Every question, its choices and its right one are what the corpus gives, to the token."""
    task, origin = suite.tasks["csr"], suite.origin["csr"]
    inputs, truth = suite.array(task["inputs"]), suite.array(task["truth"])
    choices = suite.array(task["choices"])
    check(choices.dtype == np.int32 and choices.shape == (len(inputs), 4),
          f"csr: choices are {choices.dtype} {choices.shape}")
    for index, row, right, offered in zip(origin["index"], inputs, truth, choices):
        words, made, expected, _ = corpus.question(origin["seed"], index)
        check((offered == corpus.tokens(made)).all(), f"csr, question {index}: other choices")
        check((row[row >= 0] == corpus.tokens(words)).all(), f"csr, question {index}: other words")
        check((row[len(words):] == -1).all(), f"csr, question {index}: padding is not at the end")
        check(right == expected, f"csr, question {index}: {right} is not the right choice")


def check_corpus():
    """Stories are told truly: the order's answer is the one whom nobody, or everybody, passes."""
    told = 0
    for index in range(300):
        words, choices, right, family = corpus.question(9, index)
        check(words[words.index("?") + 1:] == choices + ["answer"], f"choices {choices} in {words}")
        check(len(set(choices)) == 4, f"question {index}: choices {choices}")
        answer = choices[right]
        if corpus.FAMILIES[family] != "order":
            continue
        told += 1
        pairs = [(words[i - 2], words[i + 2]) for i, w in enumerate(words) if w in corpus.ORDERS]
        first = {a for a, _ in pairs} - {b for _, b in pairs}
        last = {b for _, b in pairs} - {a for a, _ in pairs}
        asked = words[words.index("?") - 1]
        check({answer} == (first if asked in corpus.FIRST else last), f"question {index}: {answer}")
    check(told > 30, "too few questions of order")


def main():
    suite = Suite(pathlib.Path(sys.argv[1]))
    check(list(suite.tasks) == ["cls", "seg", "dpt", "csr", "tti"], "the five tasks are not there")
    for name, task in suite.tasks.items():
        check(not set(task) - KEYS, f"{name}: unknown keys {sorted(set(task) - KEYS)}")
        for step in ("edge", "head", "fid"):
            if step in task:
                suite.source(task[step]["model"], task[step]["method"])
        check_arrays(suite, name, task)
        check_truncation(name, task["truncation"])
    check_values(suite)
    check_scenes(suite)
    check_questions(suite)
    check_corpus()
    files = {str(f.relative_to(suite.folder)) for f in suite.folder.rglob("*") if f.is_file()}
    check(files == suite.used, f"files that nothing names: {sorted(files - suite.used)}")
    size = sum(f.stat().st_size for f in suite.folder.rglob("*") if f.is_file())
    check(size <= LIMIT, f"{size} bytes, the limit is {LIMIT}")
    print(f"{len(files)} files, {size} bytes, five tasks: all as the generators and suite.json say")


if __name__ == "__main__":
    main()
