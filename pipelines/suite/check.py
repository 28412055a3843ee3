#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs every model of a suite over its inputs: the metrics without any coding.

--record keeps what the models gave; --against compares with what another PyTorch recorded, which
is how the files are known to load and to give the same values in 1.13 and 2.x.
"""
import argparse
import json
import pathlib

import numpy as np
import torch


class Suite:
    def __init__(self, folder):
        self.folder, self.models = folder, {}
        self.tasks = json.loads((folder / "suite.json").read_text())["tasks"]

    def array(self, path):
        return np.load(self.folder / path)

    def call(self, step, value):
        """The method of one edge, head or fid entry, applied to a tensor."""
        path = step["model"]
        if path not in self.models:
            self.models[path] = torch.jit.load(str(self.folder / path)).eval()
        return getattr(self.models[path], step["method"])(value)


def input_tensor(sample):
    """An image in [0, 1], token ids without their padding, or a tensor as it is."""
    if sample.dtype == np.uint8:
        return torch.from_numpy(sample).permute(2, 0, 1)[None].float() / 255
    if sample.dtype == np.int32:
        return torch.from_numpy(sample[sample >= 0].astype(np.int64))[None]
    return torch.from_numpy(sample).float()


def accuracy(outputs, truth, choices=None):
    best = [int(o.argmax()) if choices is None else int(o[0, choices[i]].argmax())
            for i, o in enumerate(outputs)]
    return 100 * float(np.mean(np.array(best) == truth[:len(best)]))


def mean_iou(outputs, truth, classes):
    confusion = np.zeros((classes, classes), np.int64)
    for output, mask in zip(outputs, truth):
        valid = mask != 255
        np.add.at(confusion, (mask[valid], output[0].argmax(0)[valid]), 1)
    union = confusion.sum(0) + confusion.sum(1) - np.diag(confusion)
    return 100 * float(np.mean(np.diag(confusion)[union > 0] / union[union > 0]))


def depth_rmse(outputs, truth):
    errors = [np.sqrt(np.mean((o[0, 0] - d.astype(np.float32))[d > 0] ** 2))
              for o, d in zip(outputs, truth)]
    return float(np.mean(errors))


def metric(suite, task, outputs):
    """Name and value of what the outputs reach."""
    if task["task"] == "tti":
        return "activations", float(np.abs(outputs).mean())
    truth = suite.array(task["truth"])
    if task["task"] == "cls":
        return "top-1 accuracy, %", accuracy(outputs, truth)
    if task["task"] == "csr":
        return "accuracy, %", accuracy(outputs, truth, suite.array(task["choices"]))
    if task["task"] == "seg":
        return "mIoU, %", mean_iou(outputs, truth, task["classes"])
    return "RMSE, m", depth_rmse(outputs, truth)


def run(suite, task, prepare=lambda feature: feature):
    """The outputs of all samples of a task, whose features go through `prepare`."""
    outputs = []
    with torch.no_grad():
        for sample in suite.array(task["inputs"]):
            feature = input_tensor(sample)
            if "edge" in task:
                feature = suite.call(task["edge"], feature)
            output = suite.call(task["head"], prepare(feature))
            if "fid" in task:
                output = suite.call(task["fid"], (output * 255).round() / 255)
            outputs.append(output.numpy())
    return outputs


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--record", type=pathlib.Path)
    parser.add_argument("--against", type=pathlib.Path)
    options = parser.parse_args()
    torch.set_num_threads(1)
    suite, kept = Suite(options.folder), {}
    recorded = np.load(options.against) if options.against else None
    for task in suite.tasks:
        outputs = run(suite, task)
        name, value = metric(suite, task, outputs)
        print(f"{task['name']}: {len(outputs)} samples, {name} {value:.4g} "
              f"(PyTorch {torch.__version__})")
        kept[task["name"]] = np.stack(outputs[:4])
        if recorded is not None:
            other = recorded[task["name"]]
            error = float(np.abs(kept[task["name"]] - other).max() / np.abs(other).max())
            print(f"{task['name']}: largest difference {error:.1e} of the largest value")
            if not error < 1e-4:
                raise SystemExit(f"{task['name']}: the outputs are not those recorded")
    if options.record:
        np.savez(options.record, **kept)


if __name__ == "__main__":
    main()
