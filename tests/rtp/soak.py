#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Sends features for some minutes over a bad network and looks at the receiver's memory.

    soak.py RTP-PEER PATH [MINUTES] [--rate N]

20 features a second by default, with losses, duplicates and up to 200 ms of jitter. Prints the
resident memory of the receiver and what was delivered, about fifty times. Fails where a tensor came
out that was not sent, nothing came, or the memory of the last third of the time is more than that of
the second third by a tenth and 4 MiB.
"""
import argparse
import pathlib
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import peers  # noqa: E402

NETWORK = ("drop-probability=0.01 duplicate-probability=0.05 delay-probability=0.5 min-delay=0 "
           "max-delay=200")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("path", choices=peers.PATHS)
    parser.add_argument("minutes", type=float, nargs="?", default=30)
    parser.add_argument("--rate", type=int, default=20)
    arguments = parser.parse_args()
    seconds = max(6, round(60 * arguments.minutes))
    every = max(1, seconds // 50)

    receiver = peers.Receiver(arguments.program, arguments.path,
                              before="rtpjitterbuffer latency=600 ! ",
                              options=("--brief", "--memory", str(every)))
    sender = threading.Thread(target=peers.send, daemon=True, args=(
        arguments.program, arguments.path, receiver.port, seconds * arguments.rate,
        arguments.rate), kwargs={"network": NETWORK, "options": ("--brief",), "interval": 1,
                                 "limit": seconds + peers.LIMIT})
    sender.start()
    memory = []
    while sender.is_alive():
        word, kib, right, wrong = receiver.line().split()
        assert word == "memory"
        memory.append(int(kib))
        print(f"{every * (len(memory) - 1):5} s  {int(kib) / 1024:7.1f} MiB  {right} tensors, "
              f"{wrong} wrong", flush=True)
    got = receiver.end()
    print(f"sent {seconds * arguments.rate}, delivered {got.right}; {got.stats}")

    third = len(memory) // 3
    before, after = max(memory[third:2 * third]), max(memory[2 * third:])
    growth = after - before
    print(f"the receiver's memory: {before / 1024:.1f} MiB, then {after / 1024:.1f} MiB")
    if got.wrong or not got.right:
        return "wrong tensors, or none"
    if growth > before / 10 + 4096:
        return "the receiver's memory grows"
    return 0


if __name__ == "__main__":
    sys.exit(main())
