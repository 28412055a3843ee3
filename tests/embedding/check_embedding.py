#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs the application of pipelines/embedding, in whichever language, and checks what it writes.

    check_embedding.py PROGRAM [ARGUMENT...]
"""
import array
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import time
import unittest

PROGRAM = sys.argv[1:]
SHAPE = (2, 3, 5, 7)
POINTS = 2 * 3 * 5 * 7
LIMIT = 240  # seconds; only reached where something hangs


def features(count):
    made = random.Random(1)
    return array.array("f", [made.gauss(0, 7) for _ in range(count * POINTS)])


class Embedding(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.input, self.output = self.folder / "in.f32", self.folder / "out.f32"

    def command(self, *arguments, source=None):
        return [*PROGRAM, "--shape", ",".join(map(str, SHAPE)), *arguments,
                str(source or self.input), str(self.output)]

    def run_it(self, *arguments, data=b"", **more):
        self.input.write_bytes(data)
        return subprocess.run(self.command(*arguments, **more), text=True, capture_output=True,
                              timeout=LIMIT)

    def decoded(self):
        return array.array("f", self.output.read_bytes())

    def test_what_comes_out_is_what_went_in_but_for_the_quantiser(self):
        values = features(5)
        done = self.run_it("--min", "-15", "--max", "10.5", data=values.tobytes())
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertRegex(done.stdout, r"^5 tensors, \d+ bytes coded, \d+\.\d+ bits per feature point\n$")
        decoded = self.decoded()
        self.assertEqual(len(decoded), len(values))
        half_a_step = (10.5 + 15) / 1023 / 2
        clipped = 0
        for value, result in zip(values, decoded):
            wanted = min(max(value, -15), 10.5)
            clipped += wanted != value
            self.assertLessEqual(abs(result - wanted), half_a_step * 1.0001)
        self.assertGreater(clipped, 0)

    def test_a_coarser_qp_takes_fewer_bytes_and_errs_more(self):
        values = features(3)
        size, error = {}, {}
        for qp in (7, 40):
            done = self.run_it("--qp", str(qp), data=values.tobytes())
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            size[qp] = int(done.stdout.split()[2])
            error[qp] = sum((min(max(a, -20), 20) - b) ** 2 for a, b in zip(values, self.decoded()))
        self.assertGreater(size[7], size[40])
        self.assertLess(error[7], error[40])
        self.assertLess(error[7] / len(values), 0.1)

    def test_no_tensor_at_all(self):
        done = self.run_it()
        self.assertEqual((done.returncode, done.stdout), (0, "0 tensors, 0 bytes coded\n"))
        self.assertEqual(self.output.read_bytes(), b"")

    def test_mistakes_are_one_sentence(self):
        good = features(2).tobytes()
        not_finite = array.array("f", [1] * (2 * POINTS))
        not_finite[POINTS + 4] = float("nan")
        for arguments, data, part in (
                ((), good[:-4], "inside tensor 1, after 836 of 840 bytes"),
                ((), not_finite.tobytes(), "1 values that are NaN or infinite, the first at index 4"),
                (("--qp", "64"), good, "64"),
                (("--qp", "x"), good, "'x'"),
                (("--min", "3", "--max", "3"), good, "min must be below max"),
                (("--shape", "3,-1"), good, "-1"),
                (("--shape", ",".join("1" * 9)), good, "8 dimensions"),
                (("--shape", "50000,50000"), good, "max-points=268435456"),
                (("--shape", "9000,1"), bytes(36000), "9000"),
                (("--unknown", "3"), good, "--unknown")):
            with self.subTest(arguments=arguments, part=part):
                done = self.run_it(*arguments, data=data)
                self.assertEqual((done.returncode, done.stdout), (1, ""), done.stderr)
                self.assertIn(part, done.stderr)
                self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)

    def test_files_that_cannot_be_used(self):
        done = self.run_it(source=self.folder / "none.f32")
        self.assertEqual(done.returncode, 1)
        self.assertIn("none.f32: No such file or directory", done.stderr)
        self.output = pathlib.Path("/dev/full")
        done = self.run_it(data=features(4).tobytes())
        self.assertEqual(done.returncode, 1)
        self.assertIn("The output cannot be written: No space left on device", done.stderr)

    def test_an_interrupt_lets_out_what_is_inside(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            values = features(3).tobytes()
            self.output.unlink(missing_ok=True)
            with subprocess.Popen(self.command(source="-"), stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
                try:
                    # Two tensors and a part of the third, and then nothing, neither data nor an end.
                    process.stdin.write(values[:-8])
                    process.stdin.flush()
                    deadline = time.monotonic() + LIMIT
                    while not self.output.exists() or self.output.stat().st_size < 2 * 4 * POINTS:
                        self.assertIsNone(process.poll())
                        self.assertLess(time.monotonic(), deadline)
                        time.sleep(0.02)
                    process.send_signal(number)
                    self.assertEqual(process.wait(LIMIT), 130)
                    self.assertRegex(process.stdout.read(), rb"^2 tensors, .*, then interrupted\n$")
                    self.assertEqual(process.stderr.read(), b"")
                finally:
                    process.kill()
            self.assertEqual(len(self.output.read_bytes()), 2 * 4 * POINTS)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
