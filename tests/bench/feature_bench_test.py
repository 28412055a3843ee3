#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs feature-bench on small features and recomputes what it reports.

    feature_bench_test.py FEATURE_BENCH
"""
import csv
import glob
import json
import math
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

import numpy as np

PROGRAM = sys.argv[1]
# Table 3 of the paper, VTM baseline: BPFP, metric, MSE of each task; and Table 5, what follows from it.
PAPER = {
    "cls": ([1.94, 1.03, 0.23, 0.04, 0.01], [99.80, 97.40, 74.60, 25.80, 7.20],
            [2.9499, 3.1693, 3.6993, 4.0651, 4.4400], 0.9413),
    "dpt": ([2.21, 1.27, 0.33, 0.03, 0.003], [0.5021, 0.6511, 0.9530, 1.4850, 2.1174],
            [0.6108, 0.6826, 0.9225, 1.0631, 1.1072], 0.8549),
}


def check(condition, text):
    if not condition:
        raise SystemExit(f"FAILED: {text}")


def close(a, b, text, tolerance=1e-9):
    check(a is not None and abs(a - b) <= tolerance * max(1, abs(b)), f"{text}: {a}, must be {b}")


def same_rate(told, expected):
    check((told is None) == (expected is None), f"BD-rate {told}, must be {expected}")
    if expected is not None:
        close(told, expected, "BD-rate", 1e-6)


def bench(*arguments, fails=None, status=1):
    """Standard error; with `fails`, it must have this text, and the status must be `status`."""
    done = subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True, timeout=300)
    if fails is None:
        check(done.returncode == 0, f"{arguments}: exit status {done.returncode}, {done.stderr}")
    else:
        check(done.returncode == status and fails in done.stderr,
              f"{arguments}: exit status {done.returncode}, {done.stderr!r}, not {fails!r}")
    return done.stderr


def records(folder):
    return [json.loads(line) for line in (folder / "results.jsonl").read_text().splitlines()]


def report(folder):
    bench("report", folder)
    return json.loads((folder / "report.json").read_text())


def points(told, task, codec):
    (found,) = [t for t in told["tasks"] if t["name"] == task]
    (curve,) = [c for c in found["curves"] if c["codec"] == codec]
    return curve


# --- features, models left out ---


def features(folder, samples=3):
    """A suite of features in files and in an array, heavy-tailed as those of transformers."""
    rng = np.random.default_rng(7)
    (folder / "cls").mkdir(parents=True)
    for i in range(samples):
        rows = rng.normal(size=(1, 20, 1)) + rng.normal(size=(1, 1, 32)) + rng.normal(size=(1, 20, 32))
        rows[0, 0, 3] = -60
        np.save(folder / "cls" / f"{i:05d}.npy", rows.astype(np.float32))
    scale = np.array([0.3, 0.6, 3, 6]).reshape(1, 4, 1, 1)
    dpt = rng.normal(size=(samples, 2, 4, 9, 32)) * scale
    np.save(folder / "dpt.npy", dpt.astype(np.float32))
    np.save(folder / "csr.npy", rng.normal(size=(samples, 1, 7, 32)).astype(np.float32))
    np.save(folder / "tti.npy", rng.normal(size=(samples, 16, 8, 8)).astype(np.float16))
    suite = {"name": "test", "description": "a <test>", "tasks": [
        {"task": "cls", "name": "cls", "features": "cls/*.npy", "source-format": "F32LE",
         "truncation": {"vtm": [-20, 20]}},
        {"task": "dpt", "name": "depth", "inputs": "dpt.npy", "packing": "stack",
         "truncation": {"vtm": {"axis": 1, "min": [-1, -2, -10, -20], "max": [1, 2, 10, 20]}}},
        {"task": "csr", "name": "csr", "inputs": "csr.npy"},
        {"task": "tti", "name": "tti", "inputs": "tti.npy", "packing": "mosaic",
         "truncation": {"vtm": {"conditions": "tti-vtm"}}}]}
    path = folder / "suite.json"
    path.write_text(json.dumps(suite))
    return path, suite


def through_gst(folder, feature, encoder, decoder, npy):
    coded, decoded = folder / "coded", folder / "decoded.npy"
    for line in (f"filesrc location={feature} ! npydec task=cls ! {encoder} ! filesink location={coded}",
                 f"filesrc location={coded} ! {decoder} ! npyenc ! filesink location={decoded}"):
        subprocess.run(["gst-launch-1.0", "-q", *line.split()], check=True, timeout=60)
    return coded.stat().st_size, np.load(decoded)


def numbers_of_a_run(folder):
    suite, _ = features(folder / "suite")
    out = folder / "out"
    said = bench("run", suite, "--out", out, "--jobs", 2, "--codec", "vvc:22,27,37", "--codec",
                 "feature:16,32,48", "--codec", "last-token", "--codec", "feature-clipped:32")
    check(said.count("has no metric: the manifest has no head for it") == 4, said)
    all_records = records(out)
    keys = {(r["task"], r["codec"], r["rate"], r["sample"]) for r in all_records}
    check(len(keys) == len(all_records) == 3 * (4 * (1 + 3 + 3 + 1) + 1), f"{len(keys)} records")
    check(not any("error" in r for r in all_records), all_records)

    # One sample by hand, with the ordinary command line.
    feature = folder / "suite/cls/00001.npy"
    original = np.load(feature).astype(np.float64)
    limits = "range-min=<-20.0> range-max=<20.0>"
    size, decoded = through_gst(
        folder, feature, f"featuretrunc {limits} ! featurequant bit-depth=10 {limits} ! featurepack ! "
        "vvcfeatenc qp=27 threads=1", "vvcfeatdec ! featureunpack ! featuredequant", np)
    (record,) = [r for r in all_records if (r["task"], r["codec"], r["rate"], r["sample"]) ==
                 ("cls", "vvc", "qp=27", 1)]
    check(record["bytes"] == size and record["points"] == original.size, record)
    check(0 < record["payload_bytes"] < size, record)
    close(record["mse"], np.mean((decoded - original) ** 2), "MSE")
    close(record["mse_truncated"], np.mean((decoded - original.clip(-20, 20)) ** 2), "MSE, truncated")
    check(record["encode_s"] > 0 and record["decode_s"] > 0, record)

    # The means, from the records.
    told = report(out)
    check([t["name"] for t in told["tasks"]] == ["cls", "depth", "csr", "tti"], told["tasks"])
    for task in ("cls", "depth", "csr", "tti"):
        for codec in ("raw", "vvc", "feature", "feature-clipped"):
            for point in points(told, task, codec)["points"]:
                some = [r for r in all_records if (r["task"], r["codec"], r["rate"]) ==
                        (task, codec, point["rate"])]
                total = sum(r["points"] for r in some)
                check(len(some) == point["samples"] == 3, point)
                close(point["bpfp"], 8 * sum(r["bytes"] for r in some) / total, "BPFP")
                close(point["mse"], np.mean([r["mse"] for r in some]), "MSE")
                if codec != "raw":
                    close(point["payload_bpfp"], 8 * sum(r["payload_bytes"] for r in some) / total,
                          "payload BPFP")
                check(point["metric"] is None, "a metric without a head")
    close(points(told, "cls", "raw")["points"][0]["bpfp"], 32, "raw")
    close(points(told, "tti", "raw")["points"][0]["bpfp"], 16, "raw halves")
    close(points(told, "csr", "last-token")["points"][0]["bpfp"], 32 / 7, "the last token alone")
    check(points(told, "cls", "feature")["points"][0]["mse_truncated"] is None, "feature is not truncated")
    for bd in [b for t in told["tasks"] for b in t["bd_rate"]]:
        check(bd["metric"] is None, bd)
    for task in ("cls", "depth"):
        curves = {c: [(p["bpfp"], -10 * math.log10(p["mse"])) for p in points(told, task, c)["points"]]
                  for c in ("vvc", "feature")}
        (bd,) = [b for t in told["tasks"] if t["name"] == task for b in t["bd_rate"]
                 if (b["reference"], b["test"]) == ("vvc", "feature")]
        same_rate(bd["mse"], bd_rate(curves["vvc"], curves["feature"]))

    with open(out / "report.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    check(len(rows) == 4 * (1 + 3 + 3 + 1) + 1, f"{len(rows)} rows")
    for row in rows:
        (point,) = [p for p in points(told, row["task"], row["codec"])["points"] if p["rate"] == row["rate"]]
        close(float(row["bpfp"]), point["bpfp"], "CSV", 1e-8)
    page = (out / "report.html").read_text()
    for text in ("Table 3", "Figure 5", "Table 5", "Table 6", "Table 8", "Tables 10 and 11", "BD-rate",
                 "Figure 7", "a &lt;test&gt;", "--truncation-ablation"):
        check(text in page, f"the page lacks {text}")
    check("http://" not in page.replace("http://www.w3.org", "") and "src=" not in page,
          "the page needs something from outside")


def ablation(folder):
    suite, _ = features(folder / "suite", samples=2)
    out = folder / "out"
    bench("run", suite, "--out", out, "--task", "cls", "--task", "dpt", "--truncation-ablation")
    told = report(out)
    clipped = np.load(folder / "suite/dpt.npy").astype(np.float64)
    limits = np.array([1, 2, 10, 20]).reshape(1, 1, 4, 1, 1)
    expected = np.mean((clipped - clipped.clip(-limits, limits)) ** 2)
    close(points(told, "depth", "trunc")["points"][0]["mse"], expected, "truncation alone", 1e-6)
    # The whole range in 1023 steps, each layer's own for dpt.
    cls = [np.load(f).astype(np.float64) for f in sorted(glob.glob(str(folder / "suite/cls/*.npy")))]
    low, high = min(f.min() for f in cls), max(f.max() for f in cls)
    quantised = [np.round((f - low) * 1023 / (high - low)) * (high - low) / 1023 + low for f in cls]
    close(points(told, "cls", "quant")["points"][0]["mse"],
          np.mean([np.mean((a - b) ** 2) for a, b in zip(quantised, cls)]), "quantisation alone", 1e-3)
    rates = [p["rate"] for p in points(told, "cls", "vvc-narrow")["points"]]
    check(rates == ["qp=27", "qp=32", "qp=37"], rates)
    page = (out / "report.html").read_text()
    check("[-5.00, 5.00]" in page and "[-30.0, 30.0]" in page, "the ranges of Table 11")
    check("[-2.50, 2.50], [-5.00, 5.00]" in page, "the ranges of Table 11 for dpt")


# --- figures from records ---


def pchip(x, y, at):
    """Fritsch and Butland, for increasing x."""
    x, y = np.asarray(x, float), np.asarray(y, float)
    h, d = np.diff(x), np.diff(y) / np.diff(x)
    m = np.empty_like(x)
    if len(x) == 2:
        m[:] = d[0]
    else:
        def end(h0, h1, d0, d1):
            slope = ((2 * h0 + h1) * d0 - h0 * d1) / (h0 + h1)
            if np.sign(slope) != np.sign(d0):
                return 0
            return 3 * d0 if np.sign(d0) != np.sign(d1) and abs(slope) > abs(3 * d0) else slope
        m[0], m[-1] = end(h[0], h[1], d[0], d[1]), end(h[-1], h[-2], d[-1], d[-2])
        for i in range(1, len(x) - 1):
            if d[i - 1] * d[i] <= 0:
                m[i] = 0
            else:
                w = np.array([2 * h[i] + h[i - 1], h[i] + 2 * h[i - 1]])
                m[i] = w.sum() / (w[0] / d[i - 1] + w[1] / d[i])
    k = np.clip(np.searchsorted(x, at, side="right") - 1, 0, len(x) - 2)
    t = (at - x[k]) / h[k]
    return ((1 + 2 * t) * (1 - t) ** 2 * y[k] + h[k] * t * (1 - t) ** 2 * m[k] +
            t * t * (3 - 2 * t) * y[k + 1] - h[k] * t * t * (1 - t) * m[k + 1])


def bd_rate(reference, test):
    def curve(all_points):
        kept = []
        for rate, quality in sorted(all_points):
            if not kept or quality > kept[-1][0]:
                kept.append((quality, math.log(rate)))
        return [list(v) for v in zip(*kept)]
    r, t = curve(reference), curve(test)
    low, high = max(r[0][0], t[0][0]), min(r[0][-1], t[0][-1])
    if len(r[0]) < 2 or len(t[0]) < 2 or not high > low:
        return None
    grid = np.linspace(low, high, 1000)
    return 100 * (math.exp(np.mean(pchip(*t, grid) - pchip(*r, grid))) - 1)


def frechet(a, b):
    sa, sb = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    roots = np.sqrt(np.maximum(np.linalg.eigvals(sa @ sb).real, 0)).sum()
    return ((a.mean(0) - b.mean(0)) ** 2).sum() + np.trace(sa) + np.trace(sb) - 2 * roots


def made_up_run(folder, tasks, codecs, lines, parts=()):
    """A run whose tasks have their kind as name, and parts, (kind, name), that make up a task."""
    folder.mkdir()
    manifest = [{"task": t, "name": t} for t in tasks] + [{"task": t, "name": n, "part-of": t} for t, n in parts]
    tasks = [task["name"] for task in manifest]
    (folder / "run.json").write_text(json.dumps({
        "identity": {"manifest": {"tasks": manifest}},
        "suite": {"name": "made up", "description": ""}, "machine": {},
        "codecs": [{"name": c} for c in codecs],
        "tasks": {t: {"region": {"axis": -1, "min": [-1], "max": [1]}} for t in tasks}}))
    (folder / "results.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return report(folder)


def record(task, codec, rate, sample, bpfp, mse, **fields):
    return {"task": task, "codec": codec, "rate": rate, "sample": sample, "points": 8000,
            "bytes": round(1000 * bpfp), "payload_bytes": None, "mse": mse, "mse_truncated": None,
            "encode_s": 0.1, "decode_s": 0.01, "judged": True, **fields}


def numbers_of_the_paper(folder):
    lines = []
    for task, (bpfp, metric, mse, _) in PAPER.items():
        for i, rate in enumerate(("22", "27", "32", "37", "42")):
            for sample in range(500):
                fields = ({"rmse": metric[i]} if task == "dpt" else
                          {"correct": sample < round(5 * metric[i])})
                lines.append(record(task, "vtm", rate, sample, bpfp[i], mse[i], **fields))
        for sample in range(500):
            lines.append(record(task, "raw", "", sample, 32, 0,
                                **({"rmse": 0.3695} if task == "dpt" else {"correct": True})))
    told = made_up_run(folder / "paper", PAPER, ["raw", "vtm"], lines)
    for task, (bpfp, metric, mse, r2) in PAPER.items():
        curve = points(told, task, "vtm")
        close(curve["r_squared"], r2, f"R² of {task} in Table 5", 5e-5)
        for i, point in enumerate(curve["points"]):
            close(point["bpfp"], bpfp[i], "BPFP")
            close(point["metric"], metric[i], f"metric of {task}")
            drop = 100 - metric[i] if task == "cls" else 100 * (1 - 0.3695 / metric[i])
            close(point["accuracy_drop"], drop, "accuracy drop")


def numbers_of_records(folder):
    rng = np.random.default_rng(3)
    lines, expected = [], {}
    codecs = {"raw": ("",), "a": ("1", "2", "3", "4"), "b": ("1", "2", "3", "4")}
    reference = None
    for codec, rates in codecs.items():
        for number, rate in enumerate(rates):
            bpfp = 32 if codec == "raw" else round(4 * 0.5 ** number * (1.3 if codec == "b" else 1), 3)
            noise = 0 if codec == "raw" else 0.05 * (number + 1)
            unions = rng.integers(0, 400, size=(12, 5))
            unions[:, 4] = 0  # a class that is nowhere
            intersections = (unions * (0.9 - 2 * noise)).astype(int)
            activations = rng.normal(size=(12, 4)) if reference is None else \
                reference + noise * rng.normal(size=(12, 4))
            reference = activations if reference is None else reference
            correct, greedy = rng.random(12) > noise, rng.random(12) > 2 * noise
            for i in range(12):
                mse = 0 if codec == "raw" else noise * (1 + 0.1 * i)
                lines += [
                    record("seg", codec, rate, i, bpfp, mse, unions=unions[i].tolist(),
                           intersections=intersections[i].tolist(), miou=0.1),
                    record("tti", codec, rate, i, bpfp, mse, activations=activations[i].tolist()),
                    record("csr", codec, rate, i, bpfp, mse, correct=bool(correct[i]),
                           **{"greedy-correct": bool(greedy[i])})]
            iou = intersections.sum(0)[:4] / unions.sum(0)[:4]
            expected[codec, rate] = {"seg": 100 * iou.mean(), "csr": 100 * correct.mean(),
                                     "tti": frechet(reference, activations), "greedy": 100 * greedy.mean()}
    # An earlier failure is forgotten, a later one does not undo a success.
    failure = {"task": "seg", "codec": "a", "rate": "1", "sample": 3, "error": "broken"}
    told = made_up_run(folder / "records", ("seg", "tti", "csr"), codecs, [failure, *lines, failure])
    check(told["notes"] == [], told["notes"])
    curves = {}
    for (codec, rate), values in expected.items():
        for task in ("seg", "tti", "csr"):
            (point,) = [p for p in points(told, task, codec)["points"] if p["rate"] == rate]
            close(point["metric"], values[task], f"{task}, {codec}, {rate}", 1e-6)
            if task == "csr":
                close(point["greedy"], values["greedy"], "greedy accuracy")
            if codec != "raw":
                sign = -1 if task == "tti" else 1
                curves.setdefault((task, codec), []).append((point["bpfp"], sign * values[task], point["mse"]))
    compared = 0
    for task in ("seg", "tti", "csr"):
        a, b = curves[task, "a"], curves[task, "b"]
        (bd,) = [x for t in told["tasks"] if t["name"] == task for x in t["bd_rate"]
                 if (x["reference"], x["test"]) == ("a", "b")]
        expected = bd_rate([p[:2] for p in a], [p[:2] for p in b])
        compared += expected is not None
        same_rate(bd["metric"], expected)
        close(bd["mse"], 30, "the same MSE for 1.3 times the bits", 1e-2)
        r = np.corrcoef([p[2] for p in a], [p[1] for p in a])[0, 1]
        close(points(told, task, "a")["r_squared"], r * r, "R²", 1e-6)
    check(compared >= 2, "nothing was compared")


def parts_of_a_task(folder):
    """Images of two sizes are two tasks of the run, and one of the report; the first part has fewer samples."""
    rng = np.random.default_rng(5)
    parts, lines, expected = {"seg-a": 3, "seg-b": 5}, [], {}
    for codec in ("raw", "vvc"):
        unions = rng.integers(1, 400, size=(8, 4))
        intersections = (unions * rng.random((8, 4))).astype(int)
        bpfp = rng.integers(100, 900, size=8) / 100
        for i in range(8):
            name, number = ("seg-a", i) if i < 3 else ("seg-b", i - 3)
            lines.append(record(name, codec, "", number, bpfp[i], i / 10, unions=unions[i].tolist(),
                                intersections=intersections[i].tolist()))
        expected[codec] = 100 * (intersections.sum(0) / unions.sum(0)).mean(), bpfp.mean()
    lines.append({"task": "seg-b", "codec": "vvc", "rate": "", "sample": 7, "error": "broken"})
    told = made_up_run(folder / "parts", ["cls"], ["raw", "vvc"], lines, [("seg", name) for name in parts])
    check([t["name"] for t in told["tasks"]] == ["seg"], told["tasks"])
    for codec, (iou, bpfp) in expected.items():
        (point,) = points(told, "seg", codec)["points"]
        close(point["metric"], iou, "mIoU over both parts", 1e-6)
        close(point["bpfp"], bpfp, "BPFP over both parts", 1e-6)
        check(point["samples"] == 8 and point["failed"] == (codec == "vvc"), point)
    close(points(told, "seg", "vvc")["points"][0]["original_metric"], expected["raw"][0], "mIoU of the original", 1e-6)


# --- what goes wrong ---


def kill_and_resume(folder):
    suite, _ = features(folder / "suite", samples=6)
    out = folder / "out"
    arguments = ["run", suite, "--out", out, "--jobs", 2, "--codec", "vvc:22,32,42"]
    process = subprocess.Popen([PROGRAM, *map(str, arguments)], stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 120
    while not (out / "results.jsonl").exists() or len(records(out)) < 5:
        check(process.poll() is None and time.monotonic() < deadline, "the run ended before it was killed")
        time.sleep(0.01)
    workers = children(process.pid)
    process.kill()
    process.wait()
    check(len(workers) == 2, f"{workers} are the workers")
    deadline = time.monotonic() + 20
    while any(is_running(pid) for pid in workers):
        check(time.monotonic() < deadline, "workers live on without their parent")
        time.sleep(0.05)
    before = len(records(out))
    with open(out / "results.jsonl", "a") as file:
        file.write('{"task": "cls", "codec": "vvc", "ra')  # torn
    said = bench(*arguments)
    check(f"{before} were there already" in said, said)
    after = records(out)
    keys = {(r["task"], r["codec"], r["rate"], r["sample"]) for r in after}
    check(len(after) == len(keys) == 6 * 4 * 4, f"{len(after)} records, {len(keys)} different")
    check("96 were there already" in bench(*arguments), "a finished run does something")
    # More of the same can be added, another suite or codec cannot.
    bench(*arguments, "--codec", "feature:30", "--task", "cls")
    check(len(records(out)) == 102, "adding a codec")
    bench(*arguments[:-2], "--codec", "feature-clipped:30", "--codec", "x=vvcfeatenc|vvcfeatdec",
          "--task", "tti")
    bench(*arguments[:-2], "--codec", "x=vvcfeatenc qp=3|vvcfeatdec", fails='codec "x" was another one')
    suite.write_text(suite.read_text().replace("-20", "-21"))
    bench(*arguments, fails="another suite")


def children(pid):
    return pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


def is_running(pid):
    try:
        state = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z"


def broken_samples(folder):
    suite, _ = features(folder / "suite")
    path = folder / "suite/cls/00001.npy"
    path.write_bytes(path.read_bytes()[:-7])
    broken = np.load(folder / "suite/cls/00002.npy")
    broken[0, 3, 4] = np.nan
    np.save(folder / "suite/cls/00002.npy", broken)
    out = folder / "out"
    arguments = ["run", suite, "--out", out, "--task", "cls", "--codec", "vvc:32"]
    said = bench(*arguments)
    check("cut off" in said and "element 100 is not finite" in said and "2 done, 4 failed" in said, said)
    check(sum("error" in r for r in records(out)) == 4, records(out))
    told = report(out)
    check(any("2 of 3 samples failed" in note for note in told["notes"]), told["notes"])
    close(points(told, "cls", "vvc")["points"][0]["samples"], 1, "samples")
    bench(*arguments, "--strict", fails="0 done, 4 failed")
    # Mended, they are tried again.
    np.save(path, np.nan_to_num(broken))
    check("1 done" not in bench(*arguments) and len([r for r in records(out) if "error" not in r]) == 4,
          "what failed is not tried again")

    # One that hangs, and one whose process dies.
    slow = "slow=vvcfeatenc ! identity sleep-time=60000000|vvcfeatdec"
    hang = folder / "hang"
    start = time.monotonic()
    bench("run", suite, "--out", hang, "--task", "csr", "--codec", slow, "--samples", 1, "--limit", 2)
    check(time.monotonic() - start < 30, "the limit is not kept")
    check([r.get("error") for r in records(hang) if r["codec"] == "slow"] == ["not done after 2 s"],
          records(hang))
    crash = folder / "crash"
    process = subprocess.Popen([PROGRAM, "run", suite, "--out", crash, "--task", "csr", "--codec", slow,
                                "--samples", "2", "--jobs", "1", "--limit", "8"], stderr=subprocess.PIPE,
                               text=True)
    deadline = time.monotonic() + 30
    while not (crash / "results.jsonl").exists() or len(records(crash)) < 2:
        check(time.monotonic() < deadline, "the run does not get on")
        time.sleep(0.02)
    time.sleep(0.5)
    (worker,) = children(process.pid)
    os.kill(int(worker), signal.SIGSEGV)
    said = process.communicate(timeout=60)[1]
    check(process.returncode == 0 and "the pipeline's process ended: Segmentation fault" in said, said)
    check("not done after 8 s" in said and "2 done, 2 failed" in said, said)
    # All failed is a failure.
    np.save(folder / "suite/tti.npy", np.full((3, 16, 8, 8), np.nan, np.float16))
    bench("run", suite, "--out", folder / "none", "--task", "tti", "--codec", "vvc", fails="is not finite")


def wrong_arguments(folder):
    path, suite = features(folder / "suite")

    def refuse(change, fails):
        wrong = json.loads(json.dumps(suite))
        change(wrong)
        path.write_text(json.dumps(wrong))
        said = bench("run", path, "--out", folder / "out", fails=fails)
        check(said.count("\n") == 1, f"more than a sentence: {said!r}")

    def first(**fields):
        return lambda wrong: wrong["tasks"][0].update(fields)

    refuse(lambda w: w.pop("name"), 'there is no "name"')
    refuse(lambda w: w.update(taks=[]), 'there is no key "taks"')
    refuse(lambda w: w.update(tasks=[]), "at least one task")
    refuse(lambda w: w["tasks"].append(w["tasks"][0]), 'two tasks have the name "cls"')
    refuse(first(task="classification"), 'must be cls, seg, dpt, csr or tti')
    refuse(first(colour=3), 'task "cls": there is no key "colour"')
    refuse(first(features="none/*.npy"), "no file has such a name")
    refuse(first(inputs="csr.npy"), "exactly one must be there")
    refuse(first(head={"model": "none.pt"}), "none.pt")
    refuse(first(head={"modle": "dpt.npy"}), 'there is no "model"')
    refuse(first(head={"model": "dpt.npy"}), 'there is a "head", but no "truth"')
    refuse(first(**{"part-of": 3}), '"part-of" is 3')
    refuse(lambda w: [t.update({"part-of": "all"}) for t in w["tasks"]], 'parts of "all" are both')
    refuse(lambda w: w["tasks"][0].update({"part-of": w["tasks"][1]["name"]}), "and parts of a task of that name")
    refuse(first(packing="pile"), "must be rows, stack or mosaic")
    refuse(first(classes=1), "must be a whole number from 2")
    refuse(first(truncation={"vtm": [3, 2]}), "not below its maximum")
    refuse(first(truncation={"vtm": [3]}), "[minimum, maximum]")
    refuse(first(truncation={"vtm": {"conditions": "cls-av1"}}), 'there are no test conditions "cls-av1"')
    refuse(first(truncation={"vtm": {"axis": 1, "min": [1, 2], "max": [3]}}), "as many minima as maxima")
    refuse(first(name="../x"), "cannot be the name of a folder")
    refuse(first(**{"source-format": "F31"}), "which is no format")
    refuse(first(**{"depth-range": [1]}), "depth-range")
    refuse(first(crop=[3, 2, 1, 0]), "crop")
    path.write_text('{"name": "x",')
    bench("run", path, "--out", folder / "out", fails="this is not JSON")
    bench("run", folder / "none.json", "--out", folder / "out", fails="cannot be opened")
    path.write_text(json.dumps(suite))
    out = folder / "out"
    bench("run", path, "--out", out, "--codec", "h261", fails='there is no codec "h261"; there are raw, vvc')
    bench("run", path, "--out", out, "--codec", "x=nothingenc|nothingdec", fails='no element "nothingenc"')
    bench("run", path, "--out", out, "--codec", "x=identity", fails="NAME=ENCODER|DECODER")
    bench("run", path, "--out", out, "--codec", "raw:3", fails='codec "raw" has no rates')
    bench("run", path, "--out", out, "--task", "ocr", fails='there is no task "ocr"')
    bench("run", path, "--out", out, "--require-metric", fails='task "cls" has no metric')
    bench("run", path, "--out", out, "--limit", "0", fails="--limit", status=105)
    check("codec hyperprior is skipped: " in
          bench("run", path, "--out", out, "--codec", "hyperprior", "--task", "csr", "--samples", 1) or
          "hyperprior" in (out / "run.json").read_text(), "hyperprior is neither there nor skipped")
    bench("report", folder / "nothing", fails="there is no run.json")
    with open(out / "results.jsonl", "a") as file:
        file.write("rubbish\n")
    bench("report", out, fails="is no record")
    for command in ([], ["run"], ["report"]):
        done = subprocess.run([PROGRAM, *command, "--help"], capture_output=True, text=True)
        check(done.returncode == 0 and "Examples" in done.stdout and "\n  worker " not in done.stdout,
              f"{command} --help: {done.stdout}")


def somebody_elses_encoder(folder):
    if any(subprocess.run(["gst-inspect-1.0", "--exists", e]).returncode
           for e in ("x265enc", "h265parse", "avdec_h265")):
        print("somebody_elses_encoder is not run: x265enc, h265parse or avdec_h265 is missing")
        return
    suite, _ = features(folder / "suite", samples=2)
    out = folder / "out"
    bench("run", suite, "--out", out, "--task", "dpt", "--task", "tti", "--rates", "10,30", "--codec",
          "x265=x265enc key-int-max=1 tune=zerolatency option-string=qp={rate} ! h265parse|"
          "h265parse ! avdec_h265")
    told = report(out)
    for task in ("depth", "tti"):
        few, many = sorted(points(told, task, "x265")["points"], key=lambda p: p["bpfp"])
        check((few["rate"], many["rate"], few["samples"]) == ("qp=30", "qp=10", 2), (few, many))
        check(many["mse_truncated"] < few["mse_truncated"] < 1, (few, many))
        check(few["payload_bpfp"] is None, few)


def cross_trained(folder):
    suite, _ = features(folder / "suite", samples=2)
    codecs = folder / "codecs.json"
    entry = {"name": "for-cls", "encoder": "featureenc threads=1 quality={rate}",
             "decoder": "featuredec threads=1", "rates": [20, 40], "trained-on": "cls"}
    codecs.write_text(json.dumps([entry, {**entry, "name": "for-csr", "trained-on": "csr"}]))
    out = folder / "out"
    bench("run", suite, "--out", out, "--codec-file", codecs, "--task", "cls", "--task", "csr")
    told = report(out)
    check([p["rate"] for p in points(told, "csr", "for-cls")["points"]] == ["quality=40", "quality=20"], told)
    check("trained on" in (out / "report.html").read_text(), "Table 6 is missing")
    for change, fails in (({"name": "a b"}, "a word without blanks"), ({"rate": 3}, 'no key "rate"'),
                          ({"rates": [[]]}, "neither a number nor a text"),
                          ({"decoder": ""}, 'no "decoder"'), ({"rates": "3"}, "must be a list")):
        codecs.write_text(json.dumps([{**entry, **change}]))
        bench("run", suite, "--out", out, "--codec-file", codecs, fails=fails)


def main():
    for test in (numbers_of_the_paper, numbers_of_records, parts_of_a_task, numbers_of_a_run, ablation, kill_and_resume,
                 broken_samples, wrong_arguments, cross_trained, somebody_elses_encoder):
        if len(sys.argv) > 2 and test.__name__ not in sys.argv[2:]:
            continue
        with tempfile.TemporaryDirectory() as name:
            test(pathlib.Path(name))
        print(f"{test.__name__}: passed", flush=True)


if __name__ == "__main__":
    main()
