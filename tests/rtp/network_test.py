#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Features between two processes over UDP, through a network that loses, repeats and delays.

    network_test.py RTP-PEER PATHS [--namespaces]

PATHS: tensors, h266 (peers.py), with commas in between. Always: every tensor that is delivered is
one that was sent, bit for bit (rtp-peer looks), and exactly those are missing of which a packet did
not reach the depayloader. --namespaces: sender and receiver in network namespaces of their own, with
a veth pair between them; the network is the qdisc netem where the kernel has it, else netsim.
"""
import argparse
import concurrent.futures
import os
import pathlib
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import peers  # noqa: E402
import relay  # noqa: E402

UNITS = 100
RATE = 50
SKIPPED = 77
SORTED = "rtpjitterbuffer latency=600 ! "
# rtpjitterbuffer takes packets of the payload type in the caps, or of any; the depayloader wants to
# know its own.
CORRECTED = ("rtpstorage name=storage size-time=2000000000 ! "
             "rtpjitterbuffer do-lost=true latency=600 ! rtpulpfecdec name=fec pt=122 ! "
             "capssetter caps=application/x-rtp,payload=96 ! ")

# name: what netsim does, the same for netem, elements ahead of the depayloader
NETWORKS = {
    "loss of 1 %": ("drop-probability=0.01", "loss 1%", ""),
    "loss of 5 %": ("drop-probability=0.05", "loss 5%", ""),
    "loss of 20 %": ("drop-probability=0.2", "loss 20%", ""),
    "bursts": ("max-kbps=2500 max-bucket-size=200", "loss gemodel 2% 20%", ""),
    "duplicates": ("duplicate-probability=0.2 drop-probability=0.01", "duplicate 20% loss 1%", ""),
    "200 ms jitter": ("delay-probability=1 min-delay=0 max-delay=200 drop-probability=0.01 "
                      "duplicate-probability=0.05",
                      "delay 100ms 100ms loss 1% duplicate 5%", SORTED),
}


def whole_ones(sent, got):
    return sorted(unit.number for key, unit in sent.items()
                  if got.arrived.get(key, 0) == unit.packets)


def check(name, sent, got, late_by=None):
    """What is wrong with what was delivered, as a list of sentences. `late_by`: tensors that a
    receiver that joined late may have missed until a description came."""
    whole = whole_ones(sent, got)
    wrong = [f"{got.wrong} tensors are none that were sent"] if got.wrong else []
    delivered = sorted(got.delivered)
    if late_by is not None:
        if not delivered or delivered[0] > whole[0] + late_by:
            wrong.append(f"the first of {whole[:1]} tensors was delivered at {delivered[:1]}")
        whole = [number for number in whole if delivered and number >= delivered[0]]
    if delivered != whole:
        wrong.append(f"too many: {sorted(set(delivered) - set(whole))}, missing: "
                     f"{sorted(set(whole) - set(delivered))}, twice: "
                     f"{len(delivered) - len(set(delivered))}; {got.stats}")
    if not delivered:
        wrong.append("nothing was delivered")
    lost = sum(unit.passed < unit.packets for unit in sent.values())
    print(f"{name}: {len(sent)} tensors sent, {lost} with packets that netsim dropped, "
          f"{len(whole_ones(sent, got))} whole at the depayloader, {len(delivered)} delivered, "
          f"{got.warnings} warnings", flush=True)
    return [f"{name}: {sentence}" for sentence in wrong]


class Loopback:
    """Both processes on 127.0.0.1, netsim in the sender."""
    receiver = sender = {}
    at_a_time = 3

    def network(self, netsim, netem):
        return netsim


class Namespaces:
    """Sender and receiver in network namespaces. Raises OSError with the reason where that fails."""

    def __init__(self):
        if os.geteuid() != 0:
            raise OSError("network namespaces need root")
        if not shutil.which("ip"):
            raise OSError("there is no program ip (iproute2)")
        self.names = [f"feat-{side}-{os.getpid()}" for side in "sr"]
        self.links = [f"f{side}{os.getpid() % 1000000}" for side in "sr"]
        try:
            for name in self.names:
                self.ip("netns", "add", name)
            self.ip("link", "add", self.links[0], "type", "veth", "peer", "name", self.links[1])
            for name, link, host in zip(self.names, self.links, "12"):
                self.ip("link", "set", link, "netns", name)
                self.ip("-n", name, "addr", "add", f"10.77.0.{host}/24", "dev", link)
                self.ip("-n", name, "link", "set", link, "up")
                self.ip("-n", name, "link", "set", "lo", "up")
        except OSError:
            self.close()
            raise
        self.sender, self.receiver = (
            {"inside": ("ip", "netns", "exec", name), "address": "10.77.0.2"}
            for name in self.names)
        self.netem = self.tc("netem", "loss", "0%")
        self.at_a_time = 1 if self.netem else 3
        print("the network is netem" if self.netem else
              "this kernel has no netem: the network is netsim, inside the namespaces", flush=True)

    @staticmethod
    def ip(*arguments):
        done = subprocess.run(["ip", *arguments], capture_output=True, text=True)
        if done.returncode != 0:
            raise OSError(f"ip {' '.join(arguments)}: {done.stderr.strip()}")

    def tc(self, *qdisc):
        if not shutil.which("tc"):
            return False
        return subprocess.run(["ip", "netns", "exec", self.names[0], "tc", "qdisc", "replace",
                               "dev", self.links[0], "root", *qdisc],
                              capture_output=True).returncode == 0

    def network(self, netsim, netem):
        if not self.netem:
            return netsim
        if not self.tc("netem", *netem.split()):
            raise RuntimeError(f"tc does not take netem {netem}")
        return ""

    def close(self):
        for name in self.names:
            subprocess.run(["ip", "netns", "del", name], capture_output=True)


def run_network(program, place, path, name):
    netsim, netem, ahead = NETWORKS[name]
    network = place.network(netsim, netem)
    receiver = peers.Receiver(program, path, before=ahead, **place.receiver)
    sent = peers.send(program, path, receiver.port, UNITS, RATE, network=network, **place.sender)
    return check(f"{path}, {name}", sent, receiver.end())


def run_restart(program, place, path):
    """Two senders one after the other, with another SSRC and other timestamps, to one receiver."""
    network = place.network("drop-probability=0.01", "loss 1%")
    receiver = peers.Receiver(program, path, **place.receiver)
    sent = {}
    for first in (0, 40, 80):
        sent |= peers.send(program, path, receiver.port, 40, RATE, first, network=network,
                           **place.sender)
    return check(f"{path}, a restarted sender", sent, receiver.end())


def run_correction(program, place, path):
    """rtpulpfecenc at 30 %; check-rtpfec has the exact figures."""
    network = place.network("drop-probability=0.01", "loss 1%")
    receiver = peers.Receiver(program, path, before=CORRECTED, ssrc=7, **place.receiver)
    sent = peers.send(program, path, receiver.port, 2 * UNITS, RATE, network=network, ssrc=7,
                      behind=" ! rtpulpfecenc pt=122 percentage=30 percentage-important=30",
                      **place.sender)
    got = receiver.end()
    wrong = check(f"{path}, error correction", sent, got)
    if len(got.delivered) < 0.97 * len(sent):
        wrong.append(f"{path}: only {len(got.delivered)} of {len(sent)} with error correction")
    return wrong


def run_late(program, place, path):
    """The receiver is there from the middle of the stream on; a description every second."""
    network = place.network("", "loss 0%")
    receiver = peers.Receiver(program, path, **place.receiver)
    with relay.Relay(receiver.port, skip=400) as port:
        sent = peers.send(program, path, port, 3 * RATE, RATE, network=network, interval=1)
    return check(f"{path}, a late receiver", sent, receiver.end(), late_by=RATE + 1)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("paths")
    parser.add_argument("--namespaces", action="store_true")
    arguments = parser.parse_args()
    place = Loopback()
    if arguments.namespaces:
        try:
            place = Namespaces()
        except OSError as reason:
            print(reason)
            return SKIPPED
    jobs = []
    for path in arguments.paths.split(","):
        jobs += [(run_network, path, name) for name in NETWORKS]
        jobs += [(run_restart, path), (run_correction, path)]
        if not arguments.namespaces:
            jobs.append((run_late, path))
    wrong = []
    try:
        with concurrent.futures.ThreadPoolExecutor(place.at_a_time) as pool:
            started = [pool.submit(run, arguments.program, place, *rest) for run, *rest in jobs]
            for job in started:
                wrong += job.result()
    finally:
        if arguments.namespaces:
            place.close()
    print("\n".join(wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
