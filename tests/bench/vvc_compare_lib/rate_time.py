# SPDX-License-Identifier: LGPL-2.1-or-later
"""Rate against time of several codecs on one feature: a table for documents.

All errors are mean squared errors in the units of the tensor, all times milliseconds of processor
time on one core. A row has a point for each rate; what a codec was not measured at stays empty.
"""
import json
import math
import pathlib
import statistics
import subprocess
import tempfile

from . import features, programs

COLUMNS = ("bpfp", "mse", "encode_ms", "decode_ms")


def number(value, digits=3):
    if value is None:
        return "?"
    if value >= 100:
        return f"{value:.0f}"
    return f"{value:.{digits}g}"


def cell(point):
    if point is None:
        return ""
    times = " / ".join(number(point.get(key)) for key in COLUMNS[2:])
    return f"{number(point['bpfp'])}, {number(point['mse'])}, {times}"


class Native:
    """Asked for the reference's errors."""

    def __init__(self, measure, effort):
        self.name = f"native, effort {effort}"
        self.measure, self.effort = measure, effort

    def points(self, reference, _):
        # They come in the order of steps, as errors do.
        found = self.measure(self.effort, reference)
        return dict(zip((p["qp"] for p in sorted(reference, key=lambda p: p["mse"])), found))


class Vvc:
    def __init__(self, bench, effort, repeat, scale):
        self.name = f"vvc, effort {effort}"
        self.bench, self.effort, self.repeat, self.scale = bench, effort, repeat, scale

    def points(self, reference, folder):
        qps = ",".join(str(p["qp"]) for p in reference)
        size = (folder / "size").read_text()
        command = [self.bench, "--size", size, "--qp", qps, "--effort", self.effort, "--threads", 1,
                   "--repeat", self.repeat, "--json", folder / "picture.gray16"]
        return {p["qp"]: {"bpfp": p["bpfp"], "mse": p["mse"] * self.scale,
                          "encode_ms": 1e3 * p["seconds"], "decode_ms": 1e3 * p["decode_seconds"]}
                for p in json.loads(programs.timed(command)[0])}


class Hyperprior:
    """The qualities whose errors come closest to the reference's."""

    COARSE = [0.02 * n for n in range(1, 46)]

    def __init__(self, program, model, module, path, options, repeat, scale):
        self.name = f"hyperprior, {pathlib.Path(model).stem}"
        self.command = [program, model, module, "--clip", f"{options['min']},{options['max']}",
                        "--threads", 1, "--json", path]
        self.repeat, self.scale = repeat, scale

    def run(self, qualities, repeat):
        text = ",".join(f"{q:.4f}" for q in qualities)
        command = [*self.command, "--quality", text, "--repeat", repeat]
        # LibTorch may warn on the other stream.
        output = subprocess.run([str(part) for part in command], check=True,
                                stdout=subprocess.PIPE).stdout
        return json.loads(output)

    def quality_of(self, curve, mse):
        """Between two qualities the logarithm of the error is taken as a line."""
        for a, b in zip(curve, curve[1:]):
            if a["mse"] >= mse >= b["mse"] and a["mse"] > b["mse"]:
                part = math.log(a["mse"] / mse) / math.log(a["mse"] / b["mse"])
                return a["quality"] + part * (b["quality"] - a["quality"])
        return min(curve, key=lambda p: abs(math.log(p["mse"] / mse)))["quality"]

    def points(self, reference, _):
        curve = self.run(self.COARSE, 1)
        qualities = [self.quality_of(curve, p["mse"] / self.scale) for p in reference]
        return {p["qp"]: {**q, "mse": q["mse"] * self.scale}
                for p, q in zip(reference, self.run(qualities, self.repeat))}


class Live:
    """VTM or VVenC as they are installed, at the QPs wanted, and their decoders."""

    def __init__(self, encoder, decoder, qps, scale):
        self.name = encoder.name
        self.encoder, self.decoder, self.qps, self.scale = encoder, decoder, qps, scale

    def points(self, _, folder):
        found = {}
        for qp in self.qps:
            point = self.encoder.run(self.picture, qp, folder)
            found[qp] = {"bpfp": point["bpfp"], "mse": point["mse"] * self.scale,
                         "encode_ms": 1e3 * point["seconds"]}
            if self.decoder:
                command = [*self.decoder, "-b", folder / "live.266"]
                found[qp]["decode_ms"] = 1e3 * programs.timed(command)[1]
        return found


def stored(reference, curve, scale):
    """The points of a stored curve whose errors are closest to the reference's, which of VVenC are
    those of other QPs. Its times are of the machine that it was measured on."""
    points = [{"bpfp": p["bpfp"], "mse": p["mse"] * scale, "encode_ms": 1e3 * p["user_seconds"]}
              for p in curve]
    return {r["qp"]: min(points, key=lambda p: abs(math.log(p["mse"] / r["mse"])))
            for r in reference}


def zstd(program, level, path, folder, repeat):
    """The elements of an .npy file as they are."""
    shape, letter, values = features.load_npy(path)
    source, coded = folder / "raw", folder / "raw.zst"
    size = {"e": 2, "f": 4}[letter] * len(values)
    source.write_bytes(pathlib.Path(path).read_bytes()[-size:])
    encoding, decoding = [], []
    for _ in range(repeat):
        encoding.append(programs.timed([program, "-q", "-f", f"-{level}", source, "-o", coded])[1])
        decoding.append(programs.timed([program, "-q", "-f", "-d", coded, "-o", folder / "back"])[1])
    return {"bpfp": 8 * coded.stat().st_size / len(values), "mse": 0.0,
            "encode_ms": 1e3 * statistics.median(encoding),
            "decode_ms": 1e3 * statistics.median(decoding)}


def live_codecs(a, scale):
    found = []
    decoder = programs.find("VTM_DECODER", "DecoderApp")
    other = programs.find("VVDEC_PATH", "vvdecapp")
    for encoder in programs.installed(a.live_qp, a.live_qp, a.preset.split(",")):
        ours = [decoder, "-d", "0"] if decoder else None
        if not isinstance(encoder, programs.Vtm):
            ours = [other, "-t", "1"] if other else None
        found.append(Live(encoder, ours, a.live_qp, scale))
    return found


def codecs(a, path, options, measure, scale):
    found = [Native(measure, effort) for effort in a.effort]
    if a.vvc_bench:
        found.append(Vvc(a.vvc_bench, a.vvc_effort, a.repeat, scale))
    if a.hyperprior:
        found.append(Hyperprior(*a.hyperprior, path, options, a.repeat, scale))
    return found + live_codecs(a, scale)


def report(a, path, options, reference, curves, measure, lossless):
    """Prints the table of one feature; `measure(effort, reference)` gives the native codec's points,
    `lossless()` that of its lossless units. Returns the points by codec."""
    low, high = float(options["min"]), float(options["max"])
    scale = ((high - low) / 1023) ** 2
    reference = [p for p in reference if p["qp"] in a.qp]
    qps = [p["qp"] for p in reference]
    print(f"\n**{path.stem}**: BPFP, MSE, milliseconds to encode / to decode\n")
    print("| codec | " + " | ".join(f"QP {qp}" for qp in qps) + " |")
    print("|---" * (len(qps) + 1) + "|", flush=True)
    kept = {}

    def row(name, points):
        kept[name] = points
        print(f"| {name} | " + " | ".join(cell(points.get(qp)) for qp in qps) + " |", flush=True)

    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        picture = features.load(f"{path}:min={options['min']}:max={options['max']}")
        picture.write(folder / "picture.gray16")
        (folder / "size").write_text(f"{picture.width}x{picture.height}")
        for codec in codecs(a, path, options, measure, scale):
            codec.picture = picture
            row(codec.name, codec.points(reference, folder))
        for name, curve in curves.items():
            row(f"{name}, stored", stored(reference, curve, scale))
        whole = {"native, lossless": lossless()}
        program = programs.find("ZSTD_PATH", "zstd")
        for level in (3, 19) if program else ():
            whole[f"zstd -{level}"] = zstd(program, level, path, folder, a.repeat)
    print("\n| all bits kept | BPFP | ms to encode / to decode |\n|---|---|---|")
    for name, p in whole.items():
        print(f"| {name} | {number(p['bpfp'], 4)} | {number(p['encode_ms'])} / "
              f"{number(p['decode_ms'])} |", flush=True)
    return {**kept, **{name: {"all": p} for name, p in whole.items()}}
