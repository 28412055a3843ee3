#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""feature-bench analyse against NumPy, and what it says about what is wrong.

    analyse_test.py FEATURE_BENCH
"""
import csv
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

try:
    import numpy
except ImportError:
    print(f"skipped: {sys.executable} has no numpy")
    sys.exit(77)


def check(condition, text):
    if not condition:
        raise SystemExit(f"FAILED: {text}")


def near(found, wanted, what, tolerance=1e-6):
    error = numpy.abs(numpy.asarray(found, float) - numpy.asarray(wanted, float)).max()
    limit = tolerance * max(1, numpy.abs(wanted).max())
    check(error <= limit, f"{what}: {found}, not {wanted} (differs by {error}, limit {limit})")


def analyse(*arguments, fails=None):
    """The statistics by name, and analysis.json; with `fails`, the error must be one line with this text."""
    done = subprocess.run([sys.argv[1], "analyse", *map(str, arguments)], capture_output=True, text=True, timeout=120)
    if fails is not None:
        errors = [line for line in done.stderr.splitlines() if line.startswith("feature-bench: ")]
        check(done.returncode == 1 and len(errors) == 1 and fails in errors[0],
              f"{arguments}: exit status {done.returncode}, {done.stderr!r}, not '{fails}'")
        return None
    check(done.returncode == 0, f"{arguments}: {done.stderr}")
    out = pathlib.Path(done.stdout.splitlines()[0]).parent
    with (out / "statistics.csv").open() as file:
        rows = {row.pop("name"): {k: float(v) for k, v in row.items()} for row in csv.DictReader(file)}
    return rows, json.loads((out / "analysis.json").read_text())


def ten_bits(values, low, high):
    codes = (values.astype(float) - low) * (1023 / (float(high) - low))
    return numpy.floor(numpy.clip(codes, 0, 1023) + 0.5)


def sobel(plane):
    """By whole shifted planes, where the program goes point by point."""
    padded = numpy.pad(plane, [(0, 0) if size == 1 else (1, 1) for size in plane.shape], mode="reflect")
    padded = numpy.pad(padded, [(1, 1) if size == 1 else (0, 0) for size in plane.shape], mode="edge")
    rows, columns = plane.shape

    def part(r, c):
        return padded[r:r + rows, c:c + columns]

    across = sum(w * (part(r, 2) - part(r, 0)) for r, w in enumerate((1, 2, 1)))
    down = sum(w * (part(2, c) - part(0, c)) for c, w in enumerate((1, 2, 1)))
    eight_bit = (numpy.minimum(numpy.abs(across), 255) + numpy.minimum(numpy.abs(down), 255)) / 2
    return numpy.hypot(across, down).mean(), eight_bit.mean()


def redundancy(sample, span=None):
    low, high = span or (sample.min(), sample.max())
    codes = ten_bits(sample, low, high)
    planes = codes.reshape(-1, *(sample.shape[-2:] if sample.ndim > 1 else (1, sample.shape[-1])))
    return codes.var(), *numpy.mean([sobel(plane) for plane in planes], axis=0)


def dct(block):
    n = len(block)
    k, i = numpy.mgrid[:n, :n]
    basis = numpy.sqrt(numpy.where(k == 0, 1, 2) / n) * numpy.cos(numpy.pi * (i + 0.5) * k / n)
    return numpy.abs(basis @ block @ basis.T)


def compare(row, samples, span=None):
    """A row of the table with samples, each an array."""
    everything = numpy.concatenate([sample.ravel() for sample in samples]).astype(float)
    check(row["samples"] == len(samples) and row["points"] == everything.size, row)
    near([row["max"], row["min"]], [everything.max(), everything.min()], "extremes")
    near([row["mean"], row["variance"]], [everything.mean(), everything.var()], "mean and variance")
    found = numpy.mean([redundancy(sample, span) for sample in samples], axis=0)
    near([row["intensity_variance"], row["gradient_magnitude"], row["gradient_magnitude_8bit"]], found, "IV and GM")
    check(min(found) > 0.1, f"IV and GM of {found} tell nothing")


def compare_pictures(entry, samples, bins, block=16, at=None):
    everything = numpy.concatenate([sample.ravel() for sample in samples]).astype(float)
    counts, _ = numpy.histogram(everything, bins=bins)
    found = numpy.array(entry["histogram"]["counts"])
    # A value on an edge may fall on either side of it, by the last digit.
    check(len(found) == bins and found.sum() == everything.size, "histogram: number of values")
    check(numpy.abs(numpy.cumsum(found) - numpy.cumsum(counts)).max() <= 2, f"histogram: {found}, not {counts}")
    near([entry["histogram"]["from"], entry["histogram"]["to"]], [everything.min(), everything.max()], "ends")
    plane = samples[0].reshape(-1, *samples[0].shape[-2:])[0].astype(float)
    size = min(block, *plane.shape)
    row, column = at or ((plane.shape[0] - size) // 2, (plane.shape[1] - size) // 2)
    square = plane[row:row + size, column:column + size]
    check((entry["block"]["row"], entry["block"]["column"], entry["block"]["size"]) == (row, column, size), entry["block"])
    near(entry["block"]["values"], square.ravel(), "block")
    near(entry["block"]["dct-magnitudes"], dct(square).ravel(), "DCT")


def test_files(folder, random):
    tokens = [random.normal(0, 2, (1, 40 + 7 * k, 50)).astype(numpy.float32) for k in range(3)]
    tokens[0][0, 0, 5] = -300
    (folder / "tokens/deeper").mkdir(parents=True)
    for k, values in enumerate(tokens):
        numpy.save(folder / ("tokens/deeper" if k == 2 else "tokens") / f"{k}.npy", values)
    tokens = [tokens[0], tokens[1], tokens[2]]  # 0.npy, 1.npy, deeper/2.npy
    latent = (random.normal(0, 1, (16, 24, 32)).cumsum(2) / 5).astype(numpy.float16)
    numpy.save(folder / "latent.npy", latent)
    rows, whole = analyse(folder / "tokens", folder / "latent.npy", "--out", folder / "out")
    check(list(rows) == ["tokens", "latent"], list(rows))
    compare(rows["tokens"], tokens)
    compare(rows["latent"], [latent])
    for entry, samples in zip(whole["series"], (tokens, [latent])):
        compare_pictures(entry, samples, 256)
    tables(folder / "out", whole)
    page(folder / "out", ["tokens", "latent"])

    rows, whole = analyse(folder / "tokens/", "--samples", 2, "--bins", 10, "--range", -20, 20, "--block-size", 4,
                          "--block-at", 30, 46, "--out", folder / "out")
    compare(rows["tokens"], tokens[:2], (-20, 20))
    compare_pictures(whole["series"][0], tokens[:2], 10, 4, (30, 46))
    check(whole["ten-bit-range"] == [-20, 20], whole["ten-bit-range"])


def tables(out, whole):
    """The tables tell the same as the JSON."""
    with (out / "histogram.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["name"] == "tokens"]
    counts = whole["series"][0]["histogram"]["counts"]
    check([int(row["count"]) for row in rows] == counts, "histogram.csv")
    near([float(row["cdf"]) for row in rows], numpy.cumsum(counts) / sum(counts), "CDF")
    with (out / "blocks.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["name"] == "latent"]
    check(len(rows) == 256 and (rows[17]["row"], rows[17]["column"]) == ("1", "1"), "blocks.csv")
    near([float(row["dct_magnitude"]) for row in rows], whole["series"][1]["block"]["dct-magnitudes"], "blocks.csv")


def page(out, names):
    text = (out / "analysis.html").read_text()
    for part in ("Table 9", "Figure 2", "Figure 3", *names):
        check(part in text, f"the page has no {part}")
    pictures = len(re.findall("<svg", text))
    check(pictures == len(names) * (3 if shutil.which("gnuplot") else 2), f"the page has {pictures} pictures")
    check("src=" not in text and "http:" not in re.sub(r'xmlns(:xlink)?="[^"]*"', "", text), "the page loads something")


def test_layers(folder, random):
    layers = random.normal(0, 1, (2, 4, 20, 24)).astype(numpy.float32) * numpy.array([1, 2, 10, 30]).reshape(4, 1, 1)
    layers = layers.astype(numpy.float32)
    numpy.save(folder / "dpt.npy", layers)
    rows, whole = analyse(folder / "dpt.npy", "--layers", 1, "--out", folder / "out")
    check(list(rows) == [f"dpt, layer {k}" for k in (1, 2, 3, 4)], list(rows))
    for k, row in enumerate(rows.values()):
        compare(row, [layers[:, k]])
        compare_pictures(whole["series"][k], [layers[:, k]], 256)

    # The same as a task, whose ranges have an axis; and as samples in one array.
    manifest = {"name": "t", "tasks": [{
        "task": "dpt", "name": "depth", "features": "dpt.npy", "packing": "stack",
        "truncation": {"vtm": {"axis": 1, "min": [-1, -2, -10, -20], "max": [1, 2, 10, 20]}}}]}
    (folder / "suite.json").write_text(json.dumps(manifest))
    again, _ = analyse(folder / "suite.json", "--out", folder / "out")
    check(list(again.values()) == list(rows.values()) and list(again)[0] == "depth, layer 1", again)
    batch, _ = analyse(folder / "dpt.npy", "--batch", "--out", folder / "out")
    compare(batch["dpt"], list(layers))
    again, _ = analyse("--task", "depth", folder / "suite.json", "--out", folder / "out")
    check(len(again) == 4, again)
    analyse(folder / "suite.json", "--task", "other", "--out", folder / "out", fails="there is no task other")


def test_inputs_of_an_edge(folder, random):
    """Features that only a run computes are looked for in its folder."""
    numpy.save(folder / "in.npy", numpy.zeros((2, 8, 8, 3), numpy.uint8))
    (folder / "model.pt").write_bytes(b"")
    model = {"model": "model.pt"}
    (folder / "edge.json").write_text(json.dumps({"name": "t", "tasks": [
        {"task": "cls", "name": "cls", "inputs": "in.npy", "edge": model, "packing": "stack",
         "truncation": {"vtm": [-20, 20]}}]}))
    analyse(folder / "edge.json", "--out", folder / "out", fails="the feature of sample 0 is not there yet")
    (folder / "run/features/cls").mkdir(parents=True)
    features = [random.normal(0, 1, (1, 17, 32)).astype(numpy.float32) for _ in range(2)]
    for k, values in enumerate(features):
        numpy.save(folder / f"run/features/cls/{k:05}.npy", values)
    rows, _ = analyse(folder / "edge.json", "--run", folder / "run", "--out", folder / "out")
    compare(rows["cls"], features)


def test_edges(folder):
    """Constant values, a single row, integers."""
    numpy.save(folder / "same.npy", numpy.full((4, 4), 2.5, numpy.float32))
    numpy.save(folder / "row.npy", numpy.arange(40, dtype=numpy.int32))
    rows, whole = analyse(folder / "same.npy", folder / "row.npy", "--out", folder / "out")
    check(rows["same"]["intensity_variance"] == 0 and rows["same"]["gradient_magnitude"] == 0, rows)
    check(whole["series"][0]["histogram"]["counts"][0] == 16, whole["series"][0]["histogram"])
    compare(rows["row"], [numpy.arange(40)])
    check(whole["series"][1]["block"]["size"] == 1, "a block in a single row")


def test_errors(folder):
    good = folder / "same.npy"
    out = ("--out", folder / "none/at/all")
    analyse(folder / "absent.npy", *out, fails="absent.npy: there is no such file or folder")
    (folder / "empty").mkdir()
    analyse(folder / "empty", *out, fails="there is no .npy file in this folder")
    (folder / "text.npy").write_text("this is no array, and long enough for a header")
    analyse(folder / "text.npy", *out, fails="text.npy")
    numpy.save(folder / "nan.npy", numpy.array([[1, 2], [numpy.nan, 4]], numpy.float32))
    analyse(folder / "nan.npy", *out, fails="nan.npy: element 2 is not finite")
    numpy.save(folder / "none.npy", numpy.zeros((0, 4), numpy.float32))
    analyse(folder / "none.npy", *out, fails="the array is empty")
    (folder / "cut.npy").write_bytes(good.read_bytes()[:-3])
    analyse(folder / "cut.npy", *out, fails="cut off")
    analyse(good, "--layers", 1, *out, fails="axis 1 of layers must be in front of the last two of shape (4, 4)")
    analyse(good, "--range", 3, 2, *out, fails="--range")
    analyse(good, "--block-size", 2, "--block-at", 3, 0, *out, fails="outside a plane of 4 rows and 4 columns")
    numpy.save(folder / "line.npy", numpy.zeros(3, numpy.float32))
    analyse(folder / "line.npy", "--batch", *out, fails="no samples along its first axis")
    (folder / "two").mkdir()
    for k in (3, 4):
        numpy.save(folder / f"two/{k}.npy", numpy.zeros((k, 2, 2), numpy.float32))
    analyse(folder / "two", "--layers", 0, *out, fails="it has 4 layers, the samples before have 3")
    (folder / "bad.json").write_text("{")
    analyse(folder / "bad.json", *out, fails="bad.json")
    check(not (folder / "none").exists(), "an analysis that failed left files")
    (folder / "file").write_text("")
    analyse(good, "--out", folder / "file/out", fails="file/out")
    text = subprocess.run([sys.argv[1], "analyse", "--help"], capture_output=True, text=True, check=True).stdout
    check("Examples" in text, "--help has no examples")


def main():
    random = numpy.random.default_rng(1)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        test_files(folder, random)
        test_layers(folder, random)
        test_inputs_of_an_edge(folder, random)
        test_edges(folder)
        test_errors(folder)


if __name__ == "__main__":
    main()
