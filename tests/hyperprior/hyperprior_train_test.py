#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs hyperprior-train: trains tiny models, goes on, exports, and refuses what is wrong.

    hyperprior_train_test.py HYPERPRIOR_TRAIN TRAINED_MODEL_CHECK MODULE
"""
import csv
import json
import pathlib
import re
import shutil
import struct
import subprocess
import sys
import tempfile

TINY = ["--latents", 12, "--hyper-latents", 4, "--inner", 8, "--crop", "32x32", "--batch", 4,
        "--device", "cpu", "--threads", 1]
TINY_REFERENCE = ["--architecture", "reference", "--latents", 6, "--hyper-latents", 4,
                  "--crop", "64x64", "--batch", 2, "--device", "cpu", "--threads", 1]
DATA = ["--pattern", "tti:1,16,16,16:11"]  # planes of 64x64
MAGIC = b"gst-feature hyperprior checkpoint 1\n"


def check(condition, text):
    if not condition:
        raise SystemExit(f"FAILED: {text}")


def run(*arguments, fails=None):
    """Standard output; with `fails`, the error must be one line that has this text."""
    done = subprocess.run([sys.argv[1], *map(str, arguments)], capture_output=True, text=True,
                          timeout=120)
    if fails is None:
        check(done.returncode == 0, f"{arguments}: {done.stderr}")
        return done.stdout
    check(done.returncode == 1, f"{arguments}: exit status {done.returncode}, {done.stderr!r}")
    check(fails in done.stderr and done.stderr.count("\n") == 1, f"{arguments}: {done.stderr!r}")
    return done.stderr


def write_npy(path, shape, values, kind="<f4"):
    header = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {tuple(shape)}, }}"
    header += " " * (63 - (len(header) + 10) % 64) + "\n"
    code = {"<f4": "f", "<f2": "e", "<i4": "i"}[kind]
    path.write_bytes(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() +
                     struct.pack(f"<{len(values)}{code}", *values))


def tensors_of(path):
    """The bytes behind the texts of a checkpoint, among which are times."""
    data = path.read_bytes()
    check(data.startswith(MAGIC), f"{path} is no checkpoint")
    at = len(MAGIC) + 8
    for _ in range(2 * struct.unpack_from("<Q", data, len(MAGIC))[0]):
        at += 8 + struct.unpack_from("<Q", data, at)[0]
    return data[at:]


def rows_of(path, kind):
    with path.open() as file:
        return [row for row in csv.DictReader(file) if row["kind"] == kind]


def inspect(model):
    done = subprocess.run([sys.argv[2], model, sys.argv[3]], capture_output=True, text=True,
                          timeout=120)
    check(done.returncode == 0, f"{model}: {done.stderr}")
    return json.loads(done.stdout)


def train_and_export(folder):
    """The loss falls; the model codes what it was made for at the rate that its tables tell."""
    log = folder / "log.csv"
    model = folder / "tiny.hyperprior"
    run(*TINY, *DATA, "--steps", 80, "--validate-every", 40, "--log", log, "--export", model,
        "--curve", folder / "curve.png", "--origin", "a test", "--name", "Tiny",
        "--learning-rate", 0.003)
    losses = [float(row["loss"]) for row in rows_of(log, "validation")]
    check(len(losses) == 3 and losses[-1] < losses[0] - 0.05, f"losses of validations: {losses}")
    check(len(rows_of(log, "training")) == 4, "rows of training")
    if shutil.which("gnuplot"):
        check((folder / "curve.png").read_bytes().startswith(b"\x89PNG"), "the curve is no picture")
    told = inspect(model)
    check(told["name"] == "Tiny", told)
    check(told["origin"].startswith("a test; trained on tti:1,16,16,16:11; seed 1, cpu, 80 steps"),
          told)
    low, high = told["results"]
    check(high["bytes"] > low["bytes"] and high["mse"] < low["mse"], told)
    for result in (low, high):
        check(abs(result["bits"] / result["estimated_bits"] - 1) < 0.1, told)


def go_on(folder, tiny, name):
    """A training that was stopped ends with the weights of one that was not."""
    whole, parts, other = (folder / f"{name}-{kind}" for kind in ("whole", "parts", "other"))
    both = [*tiny, *DATA, "--steps", 6, "--validate-every", 2]
    run(*both, "--checkpoint", whole)
    run(*both, "--checkpoint", parts, "--stop-after", 3)
    check(tensors_of(parts) != tensors_of(whole), f"{name}: three steps and six are the same")
    run(*both, "--checkpoint", parts, "--resume")
    check(tensors_of(parts) == tensors_of(whole), f"{name}: a continued training ends elsewhere")
    run(*both, "--checkpoint", other, "--seed", 2)
    check(tensors_of(other) != tensors_of(whole), f"{name}: the seed makes no difference")
    run(*both, "--checkpoint", parts, fails="there is a checkpoint already")
    run(*both, "--checkpoint", parts, "--resume", "--seed", 5,
        fails="was made with --seed 1, not 5")
    run(*tiny, "--pattern", "tti:1,16,16,16:12", "--steps", 6, "--validate-every", 2,
        "--checkpoint", parts, "--resume", fails="comes from other features")
    model = folder / f"{name}.hyperprior"
    said = run("--checkpoint", parts, "--export-only", "--export", model)
    cost = re.search(r"in integers instead of floating point: ([+-]\d+\.\d+) % bits", said)
    check(cost and abs(float(cost[1])) < 0.5, f"{name}: cost of integers: {said}")
    check("6 steps" in inspect(model)["origin"], f"{name}: origin")
    return parts


def read_arrays(folder):
    """Each shape becomes the planes that it should."""
    ramp = [i % 97 / 9 for i in range(4096)]
    arrays = folder / "arrays"
    arrays.mkdir()
    out = folder / "arrays.hyperprior"
    for shape, planes in (((64, 64), 1), ((2, 32, 64), 2), ((16, 16, 16), 1), ((1, 2, 32, 64), 1),
                          ((1, 16, 16, 16), 1)):
        write_npy(arrays / "a.npy", shape, ramp, "<f2")
        text = run(*TINY, "--features", arrays, "--steps", 1, "--export", out)
        check(text.startswith(f"{planes} planes, 0.0 million points"), f"{shape}: {text}")
    write_npy(arrays / "a.npy", (1, 4, 16, 64), ramp)
    run(*TINY_REFERENCE, "--features", arrays, "--conditions", "dpt-hyperprior", "--lambda-scale",
        "paper", "--steps", 1, "--export", out)
    run(*TINY, "--features", arrays, "--range", "-5,5", "--precision", "mixed", "--steps", 1,
        "--export", out)


def refuse(folder, checkpoint):
    out = ["--export", folder / "refused"]
    bad = folder / "bad.npy"

    def refused(shape, values, text, *more, kind="<f4"):
        write_npy(bad, shape, values, kind)
        run("--features", bad, *out, *more, fails=text)

    run(*out, fails="neither --features nor --pattern")
    run(*DATA, fails="give --export or --checkpoint")
    run(*out, "--features", folder / "none", fails="there is no such file or folder")
    refused((2, 2, 2, 2, 2), [1] * 32, "has 5 dimensions; 2 to 4")
    refused((4, 8), [1] * 31 + [float("inf")], "value 31 is not a finite number")
    refused((4, 8), [1] * 32, "float16, float32 or float64", kind="<i4")
    refused((2048, 512), [1] * (2048 * 512), "1048576 points; --max-memory has room for 262144",
            "--max-memory", 1)
    run(*out, "--pattern", "tti:1,16,64,64:5", "--max-memory", 1, fails="with it the planes take 2 MiB")
    refused((4, 8), [1] * 32, "4 ranges, for as many layers", "--conditions", "dpt-hyperprior")
    refused((4, 8), [1] * 32, "--conditions no are none of cls-vtm", "--conditions", "no")
    run(*DATA, *out, "--crop", "100x128", fails="100 is no multiple of 32")
    run(*DATA, *out, "--range", "5,-5", fails="not below its upper end")
    run(*DATA, *out, "--architecture", "other", fails="neither default nor reference")
    run(*DATA, *out, "--preset", "cls-1", fails="none of cls-0.001")
    run(*DATA, *out, "--device", "tpu", fails="none of auto, cpu, cuda and cuda:N")
    run(*DATA, *out, "--latents", 65, fails="--latents 65 is not from 1 to 64")
    run(*DATA, *out, "--resume", fails="--checkpoint, which is missing")
    run(*out, "--pattern", "tti:1,2", fails="2 sides, not 4")
    run(*out, "--pattern", "tti:1,0,2,2", fails="1 to")
    run(*out, "--pattern", "no:1,1,2,2", fails="none of cls, seg")
    broken = folder / "broken"
    broken.write_bytes(checkpoint.read_bytes()[:-5])
    run(*out, "--export-only", "--checkpoint", broken, fails="damaged or cut off")
    run(*out, "--export-only", "--checkpoint", bad, fails="no checkpoint of hyperprior-train")
    check(not (folder / "refused").exists(), "a failure leaves a model")
    run("--checkpoint", checkpoint, "--export-only", "--export", folder / "none" / "x",
        fails="cannot be written")
    check("Examples" in run("--help"), "--help has no examples")


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        train_and_export(folder)
        checkpoint = go_on(folder, TINY, "default")
        go_on(folder, TINY_REFERENCE, "reference")
        read_arrays(folder)
        refuse(folder, checkpoint)


if __name__ == "__main__":
    main()
