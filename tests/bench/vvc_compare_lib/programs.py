# SPDX-License-Identifier: LGPL-2.1-or-later
"""The programs that vvc-compare runs."""
import json
import os
import pathlib
import shutil
import subprocess
import time


def find(variable, name):
    """The program that the environment variable names (or the folder it is in), else on PATH."""
    given = os.environ.get(variable)
    if not given:
        return shutil.which(name)
    path = pathlib.Path(given)
    path = path / name if path.is_dir() else path
    if not os.access(path, os.X_OK):
        raise ValueError(f"${variable} names '{given}', where no {name} can be run")
    return str(path)


def timed(command):
    """(output, processor seconds, wall seconds) of a child process."""
    begin = time.monotonic()
    child = subprocess.Popen([str(part) for part in command], stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    output = child.stdout.read().decode(errors="replace")
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    child.stdout.close()
    if child.returncode:
        raise ValueError(f"{command[0]} ended with status {child.returncode}: {output[-500:]}")
    return output, usage.ru_utime + usage.ru_stime, time.monotonic() - begin


class Ours:
    def __init__(self, bench, effort, threads, qps, vvdec):
        self.bench, self.effort, self.threads, self.qps, self.vvdec = (
            bench, effort, threads, qps, vvdec)
        self.name = f"effort {effort}, {threads} thread{'s' if threads > 1 else ''}"

    def run(self, picture, qp, folder):
        command = [self.bench, "--size", f"{picture.width}x{picture.height}", "--qp", qp,
                   "--effort", self.effort, "--threads", self.threads, "--md5", "--json",
                   "--output", folder / "ours", folder / "picture.gray16"]
        output, _, wall = timed(command)
        point = json.loads(output)[0]
        point["wall_seconds"] = wall
        if self.vvdec:
            stream = folder / f"ours{qp}.266"
            point["vvdec_seconds"] = timed([self.vvdec, "-b", stream, "-t", self.threads])[1]
        return point


class Live:
    """Another encoder, on one thread."""

    def __init__(self, name, program, qps):
        self.name, self.program, self.qps = name, program, qps

    def run(self, picture, qp, folder):
        stream, recon = folder / "live.266", folder / "live.yuv"
        recon.unlink(missing_ok=True)
        _, cpu, wall = timed(self.command(picture, qp, folder / "picture.gray16", stream, recon))
        points = picture.width * picture.height
        return {"bpfp": 8 * stream.stat().st_size / points, "mse": picture.mse(recon),
                "seconds": cpu, "wall_seconds": wall}


class Vtm(Live):
    def __init__(self, program, qps):
        super().__init__("VTM live", program, qps)
        self.cfg = self.find_cfg(program)

    @staticmethod
    def find_cfg(program):
        name = "encoder_intra_vtm.cfg"
        given = os.environ.get("VTM_CFG")
        if given:
            return given
        for folder in pathlib.Path(program).resolve().parents:
            for path in (folder / name, folder / "cfg" / name):
                if path.is_file():
                    return str(path)
        raise ValueError(f"no {name} near '{program}'; $VTM_CFG may name it")

    def command(self, picture, qp, source, stream, recon):
        return [self.program, "-c", self.cfg, "-i", source, "-b", stream, "-o", recon,
                "-wdt", picture.width, "-hgt", picture.height, "-f", 1, "-fr", 1, "-ts", 1,
                "-q", qp, "--InputBitDepth=10", "--InternalBitDepth=10", "--OutputBitDepth=10",
                "--InputChromaFormat=400", "--ChromaFormatIDC=400", "--ConformanceWindowMode=1",
                "--SEIDecodedPictureHash=1"]


class Vvenc(Live):
    def __init__(self, program, qps, preset):
        super().__init__(f"VVenC {preset} live", program, qps)
        self.preset = preset

    def command(self, picture, qp, source, stream, recon):
        return [self.program, "--preset", self.preset, "-i", source, "-b", stream, "-o", recon,
                "-s", f"{picture.width}x{picture.height}", "--InputChromaFormat", 400,
                "--InputBitDepth", 10, "--InternalBitDepth", 10, "--OutputBitDepth", 10,
                "-f", 1, "-fr", 1, "-ip", 1, "-q", qp, "--qpa", 0, "-t", 1,
                "--SEIDecodedPictureHash", 1]


def installed(qps, vvenc_qps, presets):
    encoders = []
    vtm = find("VTM_PATH", "EncoderApp")
    if vtm:
        encoders.append(Vtm(vtm, qps))
    vvenc = find("VVENC_PATH", "vvencFFapp")
    if vvenc:
        encoders += [Vvenc(vvenc, vvenc_qps, preset) for preset in presets]
    return encoders
