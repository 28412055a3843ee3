#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Reads what rtpvvcfeatpay sends with a parser of its own, written from the figures of RFC 9328.

Every field of every packet is checked, and the stream put together again must be the encoder's,
NAL unit by NAL unit. Packets come from a file (rtpstreampay, RFC 4571) and from UDP on loopback.

    rtpvvc_packets.py GST_LAUNCH
"""
import pathlib
import socket
import struct
import subprocess
import sys
import tempfile

AP, FU, LAST_NAL_TYPE, LAST_VCL = 28, 29, 27, 11
LIMIT = 100  # seconds for one pipeline


def check(condition, text):
    if not condition:
        raise SystemExit(f"FAILED: {text}")


def nal_units(stream):
    """The NAL units of a byte stream (H.266 annex B)."""
    parts = stream.split(b"\0\0\1")
    check(not parts[0].strip(b"\0"), "bytes in front of the first start code")
    return [part.rstrip(b"\0") for part in parts[1:]]


def access_units(stream):
    """vvcfeatenc begins each access unit with an SPS (type 15)."""
    units = []
    for nal in nal_units(stream):
        if nal[1] >> 3 == 15:
            units.append([])
        units[-1].append(nal)
    return units


class Header:
    """F(1) Z(1) LayerId(6) Type(5) TID(3), of a NAL unit or a payload."""

    def __init__(self, data):
        check(len(data) >= 2, "a header of less than two bytes")
        self.f, self.z, self.layer = data[0] >> 7, data[0] >> 6 & 1, data[0] & 63
        self.type, self.tid = data[1] >> 3, data[1] & 7
        check(self.z == 0, "nuh_reserved_zero_bit is set")
        check(self.tid > 0, "nuh_temporal_id_plus1 is 0")


class Rtp:
    """The fixed header of RFC 3550, section 5.1."""

    def __init__(self, data):
        first, second, self.seq, self.time, self.ssrc = struct.unpack("!BBHII", data[:12])
        check(first >> 6 == 2, f"RTP version {first >> 6}")
        check(first & 0x3f == 0, "padding, extension or CSRCs")
        self.marker, self.pt, self.payload = second >> 7, second & 127, data[12:]


class Reader:
    """Puts access units together from payloads."""

    def __init__(self, mtu):
        self.room, self.units, self.unit, self.open = mtu - 12, [], [], None
        self.kinds = {"single": 0, "aggregate": 0, "fragment": 0}
        self.p_bits = []  # (unit, index of the NAL unit) of fragments with P

    def single(self, payload):
        check(self.open is None, "a packet between fragments")
        self.kinds["single"] += 1
        self.unit.append(payload)

    def aggregate(self, header, payload):
        check(self.open is None, "an aggregate between fragments")
        self.kinds["aggregate"] += 1
        nals, at = [], 2
        while at < len(payload):
            check(at + 2 <= len(payload), "half a NALU size")
            size = struct.unpack("!H", payload[at:at + 2])[0]
            check(2 <= size <= len(payload) - at - 2, f"NALU size {size}")
            nals.append(payload[at + 2:at + 2 + size])
            at += 2 + size
        headers = [Header(nal) for nal in nals]
        check(len(nals) >= 2, "an aggregate of less than two units")
        check(all(h.type <= LAST_NAL_TYPE for h in headers), "a packet in an aggregate")
        check(header.f == max(h.f for h in headers), "F of an aggregate")
        check(header.layer == min(h.layer for h in headers), "LayerId of an aggregate")
        check(header.tid == min(h.tid for h in headers), "TID of an aggregate")
        check(len({h.tid for h in headers if h.type <= LAST_VCL}) <= 1, "slices of several TIDs")
        self.unit += nals

    def fragment(self, header, payload):
        self.kinds["fragment"] += 1
        check(len(payload) > 3, "an empty fragment")
        start, end, p = payload[2] >> 7, payload[2] >> 6 & 1, payload[2] >> 5 & 1
        kind = payload[2] & 31
        check(kind <= LAST_NAL_TYPE, f"FuType {kind}")
        check(not (start and end), "S and E in one fragment")
        check(start == (self.open is None), "S set where it should not be, or not where it should")
        nal_header = bytes([payload[0], kind << 3 | header.tid])
        if start:
            self.open = nal_header
        check(self.open[:2] == nal_header, "fragments of different NAL units")
        check(end or len(payload) == self.room, "a fragment that does not fill its packet")
        self.open += payload[3:]
        check(end or not p, "P in front of the end")
        if end:
            check(len(self.open) > self.room, "fragments of a unit that fits")
            if p:
                self.p_bits.append((len(self.units), len(self.unit)))
            self.unit.append(self.open)
            self.open = None

    def push(self, packet):
        check(0 < len(packet.payload) <= self.room, f"a payload of {len(packet.payload)} bytes")
        header = Header(packet.payload)
        check(header.type <= FU, f"a payload of type {header.type}")
        if header.type == AP:
            self.aggregate(header, packet.payload)
        elif header.type == FU:
            self.fragment(header, packet.payload)
        else:
            self.single(packet.payload)
        if packet.marker:
            check(self.open is None, "a marker within a NAL unit")
            self.units.append(self.unit)
            self.unit = []


def check_packets(packets, stream, mtu, mode):
    reader, expected = Reader(mtu), access_units(stream)
    times = []
    for i, packet in enumerate(packets):
        check(packet.pt == 96 and packet.ssrc == packets[0].ssrc, "payload type or SSRC")
        check(packet.seq == (packets[0].seq + i) & 0xffff, f"sequence number {packet.seq}")
        if i == 0 or packets[i - 1].marker:
            times.append(packet.time)
        check(packet.time == times[-1], "a timestamp within an access unit")
        reader.push(packet)
    check(packets[-1].marker, "no marker at the end")
    check(reader.units == expected, "the access units are not the encoder's")
    steps = {(b - a) & 0xffffffff for a, b in zip(times, times[1:])}
    check(steps <= {2999, 3000, 3001}, f"steps of {steps} at 30 units a second and 90 kHz")
    # P where the last slice of a picture is fragmented, and nowhere else.
    fragmented = [(u, max(i for i, n in enumerate(unit) if n[1] >> 3 <= LAST_VCL))
                  for u, unit in enumerate(expected)]
    fragmented = [(u, i) for u, i in fragmented if len(expected[u][i]) > reader.room]
    check(reader.p_bits == fragmented, f"P at {reader.p_bits}, expected at {fragmented}")
    # Neighbours that fit into one packet share it, unless slices would have to wait.
    pairs = [(a, b) for unit in expected for a, b in zip(unit, unit[1:])
             if 2 + 2 + len(a) + 2 + len(b) <= reader.room and
             (mode == "max" or mode == "zero-latency" and a[1] >> 3 > LAST_VCL)]
    check((reader.kinds["aggregate"] > 0) == (len(pairs) > 0), "aggregates")
    return reader.kinds


def launch(gst_launch, *line):
    done = subprocess.run([gst_launch, "-q", *" ".join(line).split()], timeout=LIMIT,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    check(done.returncode == 0, done.stdout)


SOURCE = ("featuretestsrc num-buffers=4 pattern=cls shape=<1,1,24,160> ! featuretrunc ! "
          "featurequant ! featurepack ! video/x-raw,framerate=30/1 ! "
          "vvcfeatenc effort=0 qp=12 picture-hash=md5 ! tee name=t "
          "t. ! queue ! filesink location={stream} t. ! queue ! ")


def from_file(gst_launch, folder, mtu, mode):
    stream, packets = folder / "stream.266", folder / "packets.rtp"
    launch(gst_launch, SOURCE.format(stream=stream),
           f"rtpvvcfeatpay mtu={mtu} aggregate-mode={mode} ! rtpstreampay ! "
           f"filesink location={packets}")
    data, found, at = packets.read_bytes(), [], 0
    while at < len(data):
        size = struct.unpack("!H", data[at:at + 2])[0]
        check(at + 2 + size <= len(data), "a packet that ends behind the file")
        found.append(Rtp(data[at + 2:at + 2 + size]))
        at += 2 + size
    return check_packets(found, stream.read_bytes(), mtu, mode)


def from_udp(gst_launch, folder, mtu, mode):
    stream = folder / "stream.266"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        launch(gst_launch, SOURCE.format(stream=stream),
               f"rtpvvcfeatpay mtu={mtu} aggregate-mode={mode} ! "
               f"udpsink host=127.0.0.1 port={receiver.getsockname()[1]} sync=false")
        receiver.settimeout(2)  # all of it is in the socket by now: a few thousand bytes
        found = []
        try:
            while not found or sum(p.marker for p in found) < 4:
                found.append(Rtp(receiver.recv(65536)))
        except socket.timeout:
            check(False, f"{len(found)} packets arrived, with {sum(p.marker for p in found)} units")
    return check_packets(found, stream.read_bytes(), mtu, mode)


def main():
    with tempfile.TemporaryDirectory() as folder:
        for source in (from_file, from_udp):
            for mtu, mode in ((1400, "zero-latency"), (1400, "none"), (1400, "max"), (60, "max"),
                              (300, "zero-latency")):
                kinds = source(sys.argv[1], pathlib.Path(folder), mtu, mode)
                print(f"{source.__name__}, mtu {mtu}, {mode}: {kinds}")


if __name__ == "__main__":
    main()
