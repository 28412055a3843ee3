# SPDX-License-Identifier: LGPL-2.1-or-later
"""A sender and a receiver of test tensors, a process each, and what they report."""
import collections
import subprocess

LIMIT = 240  # seconds for one process

# Elements between tensors and RTP packets, and back.
PATHS = {
    "tensors": {
        "pay": "rtpfeaturepay name=pay pt=96 config-interval={interval}",
        "depay": "rtpfeaturedepay name=depay",
        "caps": "application/x-rtp, media=application, clock-rate=90000, encoding-name=X-FEATURE"
                ", payload=96",
    },
    "h266": {
        "pay": "featurepack ! vvcfeatenc lossless=true effort=0 ! rtpvvcfeatpay name=pay pt=96",
        "depay": "rtpvvcfeatdepay name=depay ! vvcfeatdec ! featureunpack",
        "caps": "application/x-rtp, media=video, clock-rate=90000, encoding-name=H266, payload=96",
    },
}

Sent = collections.namedtuple("Sent", "number packets passed")
Received = collections.namedtuple("Received", "arrived delivered right wrong warnings stats memory")


class Receiver:
    """Receives from its creation on. `inside` is a command prefix: ip netns exec NAME."""

    def __init__(self, program, path, before="", address="127.0.0.1", inside=(), options=(),
                 ssrc=None):
        chain = before + PATHS[path]["depay"]
        caps = PATHS[path]["caps"]
        if ssrc is not None:  # and any payload type
            caps = caps.replace(", payload=96", f", ssrc=(uint){ssrc}")
        self.process = subprocess.Popen(
            [*inside, program, "receive", "--host", address, "--chain", chain,
             "--caps", caps, *options],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        word = self.process.stdout.readline().split()
        if not word or word[0] != "port":
            self.process.kill()
            raise RuntimeError("the receiver did not start")
        self.port = int(word[1])

    def line(self):
        return self.process.stdout.readline()

    def end(self):
        """What came until all is quiet."""
        out, _ = self.process.communicate(timeout=LIMIT)
        if self.process.returncode != 0:
            raise RuntimeError(f"the receiver ended with {self.process.returncode}")
        arrived, delivered, total, stats, memory = {}, [], None, "", []
        for line in out.splitlines():
            word, *rest = line.split()
            if word == "arrived":
                arrived[int(rest[0]), int(rest[1])] = int(rest[2])
            elif word == "delivered":
                delivered.append(int(rest[0]))
            elif word == "total":
                total = [int(value) for value in rest]
            elif word == "stats":
                stats = line
            elif word == "memory":
                memory.append([int(value) for value in rest])
        return Received(arrived, delivered, *total, stats, memory)


def send(program, path, port, units, rate=50, first=0, network="", address="127.0.0.1", inside=(),
         options=(), interval=-1, ssrc=None, behind="", limit=LIMIT):
    """Sends tensors; {(SSRC, timestamp): Sent}. `behind`: elements behind the payloader."""
    chain = PATHS[path]["pay"].format(interval=interval)
    chain += (f" ssrc={ssrc}" if ssrc is not None else "") + behind
    done = subprocess.run(
        [*inside, program, "send", "--host", address, "--port", str(port), "--chain", chain,
         "--netsim", network, "--units", str(units), "--rate", str(rate), "--first", str(first),
         *options],
        stdout=subprocess.PIPE, text=True, timeout=limit, check=True)
    sent = {}
    for line in done.stdout.splitlines():
        word, number, ssrc, timestamp, packets, passed = line.split()
        assert word == "sent"
        sent[int(ssrc), int(timestamp)] = Sent(int(number), int(packets), int(passed))
    return sent
