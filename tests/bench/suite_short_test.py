#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Takes four samples of each task of the suite that ships through codecs and heads.

    suite_short_test.py FEATURE_BENCH SUITE_FOLDER

The originals must have the metric that was recorded when the suite was made, where all samples
have the same one, and more bits must not mean more error.
"""
import json
import math
import pathlib
import subprocess
import sys
import tempfile

PROGRAM, SUITE = sys.argv[1], pathlib.Path(sys.argv[2])
POINTS = {"cls": 145 * 128, "seg": 2 * 145 * 128, "dpt": 2 * 4 * 193 * 128, "tti": 16 * 16 * 16}
ORIGINAL = {"cls": 100, "csr": 100, "tti": 0}  # the samples are those that models answer right


def check(condition, text):
    if not condition:
        raise SystemExit(f"FAILED: {text}")


def bench(*arguments):
    done = subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True, timeout=500)
    check(done.returncode == 0, f"{arguments}: exit status {done.returncode}, {done.stderr}")


with tempfile.TemporaryDirectory() as folder:
    out = pathlib.Path(folder) / "out"
    bench("run", SUITE / "suite.json", "--out", out, "--short", "--strict", "--require-metric")
    bench("report", out)
    report = json.loads((out / "report.json").read_text())
    records = [json.loads(line) for line in (out / "results.jsonl").read_text().splitlines()]
    check((out / "report.html").stat().st_size > 10000, "report.html is nearly empty")

tasks = {task["name"]: task for task in report["tasks"]}
check(set(tasks) == {"cls", "seg", "dpt", "csr", "tti"}, f"tasks of the report: {list(tasks)}")
for name, task in tasks.items():
    curves = {curve["codec"]: curve["points"] for curve in task["curves"]}
    check({"raw", "vvc", "feature"} <= set(curves), f"{name}: codecs {list(curves)}")
    original = curves["raw"][0]["metric"]
    if name in ORIGINAL:
        check(math.isclose(original, ORIGINAL[name], abs_tol=1e-6), f"{name}: original {original}")
    elif name == "seg":
        check(20 < original < 100, f"seg: mIoU {original} of the original")
    else:
        check(0.1 < original < 2, f"dpt: RMSE {original} m of the original")
    check(curves["raw"][0]["mse"] == 0, f"{name}: the original has an error")
    for codec in ("vvc", "feature"):
        points = curves[codec]
        check(len(points) == 2, f"{name}, {codec}: {len(points)} rates")
        check(points[0]["bpfp"] > points[1]["bpfp"] > 0, f"{name}, {codec}: bits {points}")
        check(points[0]["mse"] < points[1]["mse"], f"{name}, {codec}: errors {points}")
        check(all(p["failed"] == 0 and p["metric"] is not None for p in points),
              f"{name}, {codec}: {points}")
for record in records:
    points = POINTS.get(record["task"])
    check(points in (None, record["points"]), f"{record['task']}: {record['points']} points")
print(f"{len(records)} samples of {len(tasks)} tasks")
