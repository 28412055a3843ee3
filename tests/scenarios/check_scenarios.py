#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs one of the scenarios of pipelines/, shortly, and checks what it says and hands over.

    check_scenarios.py REPOSITORY SCENARIO
"""
import array
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time
import unittest

ROOT, SCENARIO = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2]
# A scenario is tested in parts where a part can be impossible with the GStreamer that is there.
FILE = {"transport-stream": "standard-path.py"}.get(SCENARIO, f"{SCENARIO}.py")
SCRIPT = ROOT / "pipelines" / FILE
LIMIT = 200  # seconds; only reached where something hangs
SHAPE, POINTS = "1,1,16,64", 16 * 64
LOW, HIGH = -20, 20
STEP = (HIGH - LOW) / 1023


def floats(path):
    return array.array("f", pathlib.Path(path).read_bytes())


class Scenario(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def run_it(self, *arguments):
        return subprocess.run([sys.executable, SCRIPT, *arguments], cwd=self.folder, text=True,
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=LIMIT)

    def succeed(self, *arguments):
        done = self.run_it("--shape", SHAPE, *arguments)
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        return done.stdout

    def made(self, count):
        """What featuretestsrc gives to the scenarios, clipped."""
        path = self.folder / "made.f32"
        subprocess.run(["gst-launch-1.0", "-q", "featuretestsrc", f"num-buffers={count}",
                        "pattern=csr", f"shape=<{SHAPE}>", "format=F32LE", "!", "filesink",
                        f"location={path}"], check=True, timeout=LIMIT)
        values = [min(max(value, LOW), HIGH) for value in floats(path)]
        return [values[at:at + POINTS] for at in range(0, len(values), POINTS)]

    def check_saved(self, path, count, tolerance):
        """Every tensor that was received is one that was sent, in order."""
        received, made = floats(path), self.made(count)
        self.assertEqual(len(received) % POINTS, 0)
        next_one = 0
        for at in range(0, len(received), POINTS):
            tensor = received[at:at + POINTS]
            errors = [max(abs(a - b) for a, b in zip(tensor, sent)) for sent in made]
            best = min(range(count), key=errors.__getitem__)
            self.assertLessEqual(errors[best], tolerance)
            self.assertGreaterEqual(best, next_one)
            next_one = best + 1
        return len(received) // POINTS

    def check_sent_and_received(self, text, count):
        sent = re.search(r"^sent: (\d+) features, (\d+) bytes on the wire, (\d+) bytes of tensors, "
                         r"(-?[\d.]+) % saved$", text, re.MULTILINE)
        self.assertIsNotNone(sent, text)
        features, wire, raw, saved = int(sent[1]), int(sent[2]), int(sent[3]), float(sent[4])
        self.assertEqual((features, raw), (count, count * POINTS * 4))
        self.assertAlmostEqual(saved, 100 * (1 - wire / raw), delta=0.06)
        received = re.search(r"^received: (\d+) tensors of (\d+) points, (\d+) missing$", text,
                             re.MULTILINE)
        self.assertIsNotNone(received, text)
        self.assertEqual(int(received[1]) + int(received[3]), count)
        self.assertEqual(int(received[2]), POINTS)
        return int(received[1]), wire, raw

    def check_interrupt(self, arguments, ready, summary):
        """Ctrl-C for the whole group of processes, as a terminal sends it."""
        with subprocess.Popen([sys.executable, SCRIPT, "--shape", SHAPE, *arguments], text=True,
                              cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, start_new_session=True) as process:
            watchdog = time.monotonic() + LIMIT
            try:
                lines = []
                while not lines or not re.search(ready, lines[-1]):
                    lines.append(process.stdout.readline())
                    self.assertTrue(lines[-1] and time.monotonic() < watchdog, lines)
                os.killpg(process.pid, signal.SIGINT)
                rest, errors = process.communicate(timeout=LIMIT)
                self.assertEqual((process.returncode, errors), (0, ""), lines + [rest])
                self.assertRegex(rest, summary)
            finally:
                process.kill()
        # Its children held the other ends of the pipes that communicate() read to their end.

    def mistakes(self, *cases):
        for arguments, part in cases:
            with self.subTest(arguments=arguments):
                done = self.run_it(*arguments)
                self.assertEqual((done.returncode, done.stdout), (1, ""), done.stderr)
                self.assertIn(part, done.stderr)
                self.assertEqual(done.stderr.count("\n"), 1, done.stderr)


class Common:
    def test_help(self):
        done = self.run_it("--help")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn(f"pipelines/{FILE}", done.stdout)

    def test_mistakes_of_every_scenario(self):
        self.mistakes((("--count", "0"), "--count"), (("--pattern", "x"), "--pattern"),
                      (("--shape", "3,x"), "--shape"), (("--nothing",), "--nothing"),
                      (("somewhere",), "somewhere"))


class EdgeInference(Common, Scenario):
    def test_coded(self):
        text = self.succeed("--count", "12", "--fps", "20", "--qp", "12", "--save", "got.f32")
        count, wire, raw = self.check_sent_and_received(text, 12)
        self.assertLess(wire, raw / 3)
        self.assertEqual(self.check_saved(self.folder / "got.f32", 12, tolerance=1), count)

    def test_standard_packets(self):
        text = self.succeed("--rtp", "h266", "--count", "8", "--fps", "20", "--qp", "12", "--save",
                            "got.f32")
        count, _, _ = self.check_sent_and_received(text, 8)
        self.assertEqual(self.check_saved(self.folder / "got.f32", 8, tolerance=1), count)

    def test_raw(self):
        text = self.succeed("--raw", "--count", "6", "--fps", "20", "--save", "got.f32")
        count, wire, raw = self.check_sent_and_received(text, 6)
        self.assertGreater(wire, raw)
        self.assertEqual(len(floats(self.folder / "got.f32")), count * POINTS)

    def test_a_line_a_second(self):
        text = self.succeed("--seconds", "3", "--metric")
        head, *rows = [line.split() for line in text.splitlines() if line.startswith("   ")]
        self.assertEqual(head[0], "s")
        self.assertEqual(head[-2:], ["ratio", "MSE"])
        self.assertGreaterEqual(len(rows), 2)
        for row in rows[1:]:
            self.assertEqual(len(row), 6)
        features, sent, raw, ratio, mse = map(float, rows[-1][1:])
        self.assertAlmostEqual(raw, features * POINTS * 32 / 1000, delta=0.1)
        self.assertLess(mse, 1)
        if features:
            self.assertAlmostEqual(ratio, raw / sent, delta=0.02 * ratio + 0.01)

    def test_pixels(self):
        done = self.run_it("--video", "--count", "5", "--fps", "20")
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        self.assertRegex(done.stdout, r"sent: 5 features, \d+ bytes on the wire, 30720 bytes of tens")

    def test_a_file(self):
        file = ROOT / "tests/data/smollm2_135m_layer30_1x1x32x576.npy"
        done = self.run_it("--npy", str(file), "--min", "-256", "--max", "640", "--count", "4")
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        self.assertRegex(done.stdout, r"sent: 4 features, \d+ bytes on the wire, 147456 bytes")

    def test_interrupt(self):
        self.check_interrupt([], r"^ +2 ", r"sent: \d+ features.*\nreceived: \d+ tensors")

    def test_nobody_reads_what_it_prints(self):
        with subprocess.Popen([sys.executable, SCRIPT, "--shape", SHAPE], cwd=self.folder,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            try:
                process.stdout.readline()
                process.stdout.close()
                self.assertNotEqual(process.wait(LIMIT), 0)
                self.assertEqual(process.stderr.read(), b"")
            finally:
                process.kill()

    def test_two_machines(self):
        receiver = subprocess.Popen(
            [sys.executable, SCRIPT, "receive", "--listen", "127.0.0.1", "--save", "got.f32"],
            cwd=self.folder, text=True, stdout=subprocess.PIPE)
        try:
            port = int(receiver.stdout.readline().split()[-1])
            text = self.succeed("send", "--to", f"127.0.0.1:{port}", "--count", "10")
            self.assertIn("sent: 10 features", text)
            seen = 0
            watchdog = time.monotonic() + LIMIT
            while seen < 5 and time.monotonic() < watchdog:  # of 10: loss is no failure here
                seen = int(receiver.stdout.readline().split()[0])
            receiver.send_signal(signal.SIGTERM)
            self.assertEqual(receiver.wait(LIMIT), 0)
            self.assertGreaterEqual(seen, 5)
        finally:
            receiver.kill()
            receiver.wait()
            receiver.stdout.close()

    def test_mistakes(self):
        self.mistakes((("send",), "--to HOST:PORT"), (("--qp", "64"), "--qp is 64"),
                      (("send", "--to", "here"), "--to"))
        self.mistakes((("--npy", "none.npy"), "none.npy: No such file"),
                      (("--npy", str(ROOT / "README.md")), "no NPY array"),
                      (("--camera", "/dev/none"), "/dev/none"),
                      (("--min", "3", "--max", "2"), "--min is 3 and --max is 2"),
                      (("--raw", "--rtp", "h266"), "--rtp h266"),
                      (("receive", "--listen", "192.0.2.1"), "listen at 192.0.2.1"))


class FanOut(Common, Scenario):
    def test_the_slow_one_drops_whole_features(self):
        text = self.succeed("--count", "40", "--fps", "20", "--slow", "3000", "--qp", "12")
        rows = {line[:10].strip(): list(map(int, line[10:].split()))
                for line in text.splitlines() if re.match(r"(fast \d|slow) ", line)}
        self.assertEqual(sorted(rows), ["fast 1", "fast 2", "slow"], text)
        for received, decoded, dropped, lost in rows.values():
            self.assertEqual(received + lost, 40)
            self.assertEqual(decoded + dropped, received)
        # 40 features come in 2 s; the slow receiver has time for those of its queue, and few more.
        self.assertGreater(rows["slow"][1], 0)
        self.assertGreater(rows["slow"][2], 10)
        for name in ("fast 1", "fast 2"):
            self.assertGreater(rows[name][1], rows["slow"][1])

    def test_interrupt(self):
        self.check_interrupt([], r"^ +2 ", r"(?s)sent: \d+ features.*\nslow +\d+ +\d+ +\d+ +\d+\n$")

    def test_mistakes(self):
        self.mistakes((("send",), "--to HOST:PORT"), (("--slow", "0"), "--slow"))


class RoundTrip(Common, Scenario):
    def test_answers_are_right(self):
        text = self.succeed("--count", "10", "--scale", "-2", "--offset", "3")
        end = re.search(r"^(\d+) features sent, (\d+) answers, median \d+ ms, largest error ([\d.]+)$",
                        text, re.MULTILINE)
        self.assertIsNotNone(end, text)
        self.assertEqual(int(end[1]), 10)
        self.assertGreater(int(end[2]), 0)
        self.assertEqual(len(re.findall(r"^answer ", text, re.MULTILINE)), int(end[2]))
        # Half a step of the first quantiser, times the scale, and half one of the second.
        self.assertLessEqual(float(end[3]), 2 * STEP / 2 + 2 * STEP / 2 + 1e-4)
        self.assertGreater(float(end[3]), 0)

    def test_interrupt(self):
        self.check_interrupt([], r"^answer +2:", r"\d+ features sent, \d+ answers")

    def test_mistakes(self):
        self.mistakes((("cloud",), "--to HOST:PORT"), (("edge", "--to", "a:5"), "--port"),
                      (("--scale", "0"), "--scale not 0"), (("--video",), "--pattern"))


class StandardPath(Common, Scenario):
    def test_h265(self):
        text = self.succeed("--count", "10", "--qp", "0", "--save", "got.f32")
        count, _, _ = self.check_sent_and_received(text, 10)
        self.assertEqual(self.check_saved(self.folder / "got.f32", 10, STEP / 2 * 1.001), count)

    def test_interrupt(self):
        self.check_interrupt([], r"^ +2 ", r"sent: \d+ features.*\nreceived: \d+ tensors")

    def test_mistakes(self):
        self.mistakes((("send",), "--to HOST:PORT"), (("--qp", "52"), "--qp is 52"))


class TransportStream(Scenario):
    def test_mpegts(self):
        done = self.run_it("--shape", SHAPE, "--through", "mpegts", "--count", "10", "--qp", "12",
                           "--save", "got.f32")
        if "know H.266 from 1.26 on" in done.stderr:
            self.assertEqual(done.returncode, 1)
            self.skipTest(done.stderr.strip())
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        self.assertIn("read: 10 tensors, 0 missing", done.stdout)
        self.assertEqual(self.check_saved(self.folder / "got.f32", 10, tolerance=1), 10)


if __name__ == "__main__":
    case = {"edge-inference": EdgeInference, "fan-out": FanOut, "round-trip": RoundTrip,
            "standard-path": StandardPath, "transport-stream": TransportStream}[SCENARIO]
    result = unittest.TextTestRunner(verbosity=2).run(
        unittest.defaultTestLoader.loadTestsFromTestCase(case))
    if not result.wasSuccessful():
        sys.exit(1)
    sys.exit(77 if result.skipped else 0)
