#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs feature-profile: learns, shows, reports, and refuses what is wrong with one sentence.

    feature_profile_tool_test.py FEATURE_PROFILE
"""
import json
import pathlib
import random
import shutil
import struct
import subprocess
import sys
import tempfile


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
    code = {"<f4": "f", "<f8": "d", "<i2": "h", "<i8": "q", ">f4": "f"}[kind]
    path.write_bytes(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() +
                     struct.pack(f"<{len(values)}{code}", *values))


def features(count, rows, channels, seed=1):
    """Channels that follow the first one, and a first row that is far from the others."""
    rng = random.Random(seed)
    values = []
    for _ in range(count):
        for row in range(rows):
            common = rng.gauss(0, 3)
            values += [common + rng.gauss(0, 1) + (50 if row == 0 else 0) for _ in range(channels)]
    return values


def learn_and_show(folder):
    train = folder / "train"
    (train / "deeper").mkdir(parents=True)
    write_npy(train / "a.npy", (30, 10, 8), features(30, 10, 8))
    write_npy(train / "deeper/b.npy", (10, 8), features(1, 10, 8, 2), "<f8")
    profile = folder / "test.featureprofile"
    text = run("learn", train, "-o", profile, "--origin", "a test", "--report", folder / "report")
    check("31 features, 310 rows of 8 channels" in text, text)
    shown = json.loads(run("show", profile, "--json"))
    check(shown["name"] == "test" and shown["origin"] == "a test", shown)
    check(shown["channels"] == 8 and shown["components"] == 8, shown)
    check(shown["positions"] >= 1, f"the first row's mean was not found: {shown}")
    check(shown["bytes"] == profile.stat().st_size, shown)
    # 9 + 1 and 1 seven times against 10 eight times.
    check(2 < shown["coding_gain_db"] < 12, shown)
    check(shown["hash"] in run("show", profile), "show does not tell the hash")
    report(folder / "report", with_samples=True)
    run("report", profile, "-o", folder / "again")
    report(folder / "again", with_samples=False)

    run("learn", train, "-o", profile, "--no-positions", "--components", 3, "--clip", -5, 5,
        "--name", "Größe")
    shown = json.loads(run("show", profile, "--json"))
    check(shown["positions"] == 0 and shown["components"] == 3, shown)
    check(shown["name"] == "Größe" and "clipped to -5…5" in shown["origin"], shown)

    write_npy(folder / "weights.npy", (8,), [1, 1, 1, 1, 1, 1, 1, 100])
    run("learn", train / "a.npy", "-o", profile, "--weights", folder / "weights.npy")
    check(json.loads(run("show", profile, "--json"))["weighted"], "weights are lost")


def report(folder, with_samples):
    told = json.loads((folder / "report.json").read_text())
    check(told["channels"] == 8 and len(told["curve"]) == 61, "report.json")
    check(("rows" in told) == with_samples, "report.json tells of samples that it does not know")
    for before, after in zip(told["curve"], told["curve"][1:]):
        check(after["profile"] >= before["profile"], "a rate falls where the error falls")
    check(len((folder / "spectrum.csv").read_text().splitlines()) == 9, "spectrum.csv")
    check(len((folder / "rate.csv").read_text().splitlines()) == 62, "rate.csv")
    if shutil.which("gnuplot"):
        check("<svg" in (folder / "report.svg").read_text(), "report.svg")


def refuse(folder):
    out = folder / "out.featureprofile"
    good = folder / "good.npy"
    write_npy(good, (20, 4), features(1, 20, 4))
    run("learn", folder / "none", "-o", out, fails="there is no such file or folder")
    (folder / "empty").mkdir()
    run("learn", folder / "empty", "-o", out, fails="there is no .npy file in this folder")
    (folder / "text.npy").write_text("this is no array")
    run("learn", folder / "text.npy", "-o", out, fails="text.npy")
    write_npy(folder / "other.npy", (20, 5), features(1, 20, 5))
    run("learn", good, folder / "other.npy", "-o", out, fails="5 channels")
    write_npy(folder / "nan.npy", (2, 20, 4), features(2, 20, 4)[:-1] + [float("nan")])
    run("learn", folder / "nan.npy", "-o", out, fails="feature 1: element 79 is NaN")
    write_npy(folder / "long.npy", (2, 4), [1] * 8, "<i8")
    run("learn", folder / "long.npy", "-o", out, fails="64 bits")
    write_npy(folder / "big.npy", (2, 4), [1] * 8, ">f4")
    run("learn", folder / "big.npy", "-o", out, fails="big-endian")
    cut = folder / "cut.npy"
    cut.write_bytes(good.read_bytes()[:-5])
    run("learn", cut, "-o", out, fails="cut off")
    run("learn", good, "-o", folder / "none" / "out", fails="cannot be written")
    run("learn", good, "-o", out, "--components", 5, fails="5 components of 4 channels")
    run("learn", good, "-o", out, "--clip", 3, 2, fails="range for clipping is empty")
    write_npy(folder / "weights.npy", (3,), [1, 1, 1])
    run("learn", good, "-o", out, "--weights", folder / "weights.npy", fails="3 weights")
    check(not out.exists(), "a failure leaves a profile")
    run("show", good, fails="not a profile file")
    run("show", folder / "none", fails="cannot be opened")
    check("Examples" in run("--help"), "--help has no examples")


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        learn_and_show(folder)
        refuse(folder)


if __name__ == "__main__":
    main()
