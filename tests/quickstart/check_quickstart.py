#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs pipelines/quickstart.sh on a finished build, and computes its table once more.

    check_quickstart.py REPOSITORY BUILD
"""
import ast
import os
import pathlib
import struct
import subprocess
import sys
import tempfile
import unittest

ROOT, BUILD = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
FEATURE = ROOT / "tests/data/smollm2_135m_layer30_1x1x32x576.npy"
POINTS = 32 * 576


def load(path):
    data = path.read_bytes()
    end = 10 + struct.unpack_from("<H", data, 8)[0]
    header = ast.literal_eval(data[10:end].decode("latin-1"))
    return header, [value for value, in struct.iter_unpack("<e", data[end:])]


def mse(one, other):
    return sum((a - b) ** 2 for a, b in zip(one, other)) / len(one)


def picture_size(path):
    data = path.read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n" and data[12:16] == b"IHDR", f"{path} is not a PNG"
    return struct.unpack_from(">II", data, 16)


class Quickstart(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.out = pathlib.Path(folder.name) / "out"

    def quickstart(self, *arguments):
        env = dict(os.environ, QUICKSTART_BUILD=str(BUILD), QUICKSTART_OUT=str(self.out))
        return subprocess.run([ROOT / "pipelines/quickstart.sh", *arguments], env=env,
                              cwd=self.out.parent, text=True, capture_output=True)

    def table(self, *arguments):
        done = self.quickstart(*arguments)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        table = done.stdout.strip().split("\n\n")[0]
        self.commands = [line for line in done.stdout.splitlines() if "gst-launch-1.0" in line]
        return {line[:16].strip(): line[16:].strip() for line in table.splitlines()}

    def test_the_table_is_true(self):
        table = self.table()
        self.assertEqual(table["shape"], f"1x1x32x576 float16, {POINTS} points, {2 * POINTS} bytes")
        size = (self.out / "feature.266").stat().st_size
        self.assertEqual(table["coded"], f"{size} bytes")
        self.assertAlmostEqual(float(table["BPFP"]), 8 * size / POINTS, places=4)
        self.assertLess(size, 2 * POINTS / 3)  # a third of the 16 bits at least is saved

        header, original = load(FEATURE)
        decoded_header, decoded = load(self.out / "decoded.npy")
        self.assertEqual(decoded_header, header)
        truncated = [min(max(value, -256.0), 640.0) for value in original]
        for name, reference in (("original", original), ("truncated", truncated)):
            expected = mse(reference, decoded)
            self.assertAlmostEqual(float(table[f"MSE, {name}"]) / expected, 1, places=4)
        # Clipping alone costs 494.4; quantisation to 10 bits, a step of 0.88, costs 0.06.
        self.assertGreater(mse(original, decoded), 494)
        self.assertLess(mse(truncated, decoded), 15)

        self.assertGreater(float(table["encode, ms"]), 0)
        self.assertGreater(float(table["decode, ms"]), 0)
        pictures = [self.out / "original.png", self.out / "decoded.png"]
        self.assertEqual([picture_size(path) for path in pictures], [(576, 32)] * 2)
        self.assertNotEqual(*(path.read_bytes() for path in pictures))
        self.assertEqual(len(self.commands), 6)
        for command in self.commands:
            self.assertRegex(command, "^ *gst-launch-1.0 (filesrc|featuremetric) ")

    def test_a_coarser_qp_takes_fewer_bytes(self):
        sizes = []
        for qp in ("22", "42"):
            self.table(str(FEATURE), qp, "-256", "640")
            sizes.append((self.out / "feature.266").stat().st_size)
        self.assertGreater(sizes[0], sizes[1])

    def test_a_feature_without_a_range_is_not_truncated(self):
        table = self.table(os.path.relpath(FEATURE, self.out.parent), "0", "-1162", "2530")
        self.assertEqual(table["MSE, original"], table["MSE, truncated"])

    def write(self, name, values):
        header = f"{{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1, 4, {len(values) // 4}), }}"
        header = header.encode().ljust(117) + b"\n"
        path = self.out.parent / name
        path.write_bytes(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header +
                         struct.pack(f"<{len(values)}f", *values))
        return path

    def test_a_mostly_zero_feature_in_a_folder_with_spaces_and_quotes(self):
        self.out = self.out.parent / "here it's" / "out"
        self.out.parent.mkdir()
        table = self.table(self.write("zeros & ones.npy", [0.0] * 1199 + [1.0]), "0")
        self.assertEqual(table["quantised"], "10 bits from 0 to 1, QP 0")
        self.assertLess(float(table["MSE, original"]), 1e-3)
        self.assertEqual(picture_size(self.out / "decoded.png"), (300, 4))
        again = subprocess.run(["bash", "-euc", "\n".join(self.commands)], cwd=ROOT, text=True,
                               capture_output=True)
        self.assertEqual(again.returncode, 0, again.stdout + again.stderr)

    def test_mistakes_are_named(self):
        flat = str(self.write("flat.npy", [3.0] * 16))
        damaged = self.out.parent / "damaged.npy"
        damaged.write_bytes(b"\x93NUMPY\x01\x00")
        for arguments, message in (((str(FEATURE), "64"), "QP is '64'"),
                                   (("/nonexistent.npy",), "no file '/nonexistent.npy'"),
                                   ((str(ROOT / "README.md"),), "not a .npy file"),
                                   ((str(damaged),), "damaged header"),
                                   ((str(ROOT),), "not a file that can be read"),
                                   (("--qp=3",), "no option '--qp=3'"),
                                   ((flat, "3", "4"), "MAX is missing"),
                                   ((flat, "3", "4", "x"), "'x' is not a number"),
                                   ((flat, "3", "4", "4"), "MIN must be below MAX"),
                                   ((flat, "3", "4", "5", "6"), "5 arguments are too many"),
                                   ((flat,), "every value"),
                                   ((flat, "3"), "every value")):
            done = self.quickstart(*arguments)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn(message, done.stderr)
            self.assertEqual(len(done.stderr.strip().splitlines()), 1, done.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
