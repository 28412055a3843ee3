#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs rtp-bench and latency for a moment, and looks at what they write. No time is judged.

    rtp_bench_test.py RTP_BENCH LATENCY
"""
import json
import pathlib
import subprocess
import sys
import tempfile


def check(condition, text):
    if not condition:
        raise SystemExit(f"FAILED: {text}")


def rtp_bench(program, folder):
    path = folder / "rtp.json"
    subprocess.run([program, "--shape", "1,1,32,64", "--features", "2", "--repeat", "2", "--mtu",
                    "300", "--json", str(path)], check=True, timeout=120)
    report = json.loads(path.read_text())
    seen = set()
    for r in report["results"]:
        seen.add((r["kind"], r["payload"], r["part"]))
        check(r["features"] + r["lost"] == 4, f"{r['features']} features of {r}")
        check(r["features"] > 0 and r["seconds"] > 0 and r["cpu_seconds"] >= 0, f"times of {r}")
        if not r["kind"].startswith("H.266"):
            # 2048 values of 4 bytes, 2 bytes or 2.01 bits; a packet has less than 300 bytes of them.
            size = {"raw": 8192, "qua": 4096, "Hyp": 514}[r["kind"][:3]]
            check(r["bytes"] == size and r["packets"] > size / 300, f"sizes of {r}")
    for kind in ("raw float32", "quantised, 10 bit", "Hyperprior-sized"):
        for payload in ("feature", "gst"):
            for part in ("pay", "depay", "round trip"):
                check((kind, payload, part) in seen, f"no {part} of {kind} with {payload}")
    check("H.266, QP 22" in report["absent"] or
          {("H.266, QP 22", p, "round trip") for p in ("feature", "vvcfeat", "gst")} <= seen,
          "H.266 is neither absent nor measured with each payload")
    return report


def latency(program, folder, payload):
    path = folder / "latency.json"
    subprocess.run([program, "--features", "4", "--rate", "10", "--shape", "1,1,16,32",
                    "--payload", payload, "--json", str(path)], check=True, timeout=200)
    stages = {r["stage"]: r for r in json.loads(path.read_text())}
    for name in ("featuretrunc", "featurequant", "featurepack", "vvcfeatenc", f"rtp{payload}pay",
                 f"rtp{payload}depay", "vvcfeatdec", "featureunpack", "featuredequant",
                 "all of it"):
        check(name in stages, f"no figures of {name}")
        check(stages[name]["markers"] > 0, f"no markers through {name}")
        check(0 <= stages[name]["median_ms"] <= stages[name]["p99_ms"], f"figures of {name}")


def main():
    with tempfile.TemporaryDirectory() as folder:
        report = rtp_bench(sys.argv[1], pathlib.Path(folder))
        if "H.266, QP 22" in report["absent"]:
            print("latency: not run, vvcfeatenc is absent")
            return
        for payload in ("feature", "vvcfeat"):
            latency(sys.argv[2], pathlib.Path(folder), payload)


if __name__ == "__main__":
    main()
