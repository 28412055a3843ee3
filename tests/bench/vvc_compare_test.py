#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Tests of what vvc-compare computes itself."""
import json
import pathlib
import struct
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.dont_write_bytecode = True
from vvc_compare_lib import features, rate_time  # noqa: E402
from vvc_compare_lib.bd_rate import bd_rate  # noqa: E402


def npy(folder, letter, shape, values):
    header = repr({"descr": {"e": "<f2", "f": "<f4"}[letter], "fortran_order": False,
                   "shape": shape}).encode() + b"\n"
    path = pathlib.Path(folder) / "tensor.npy"
    path.write_bytes(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header +
                     struct.pack(f"<{len(values)}{letter}", *values))
    return path


class BdRate(unittest.TestCase):
    def setUp(self):
        self.stored = json.loads((HERE / "baselines.json").read_text())

    def test_agrees_with_scipy(self):
        """Values of scipy's PchipInterpolator, averaged on a grid of 1000."""
        vit = self.stored["vit_like_1x1x257x1536"]
        latent = self.stored["latent_stmalo_16x128x128"]
        for curves, name, expected in ((vit, "VVenC-1.15 faster", 34.042),
                                       (vit, "VVenC-1.15 medium", 5.135),
                                       (latent, "VVenC-1.15 fast", 3.786)):
            with self.subTest(name=name):
                found = bd_rate(curves["VTM-23.3"], curves[name])
                self.assertAlmostEqual(found, expected, delta=0.05)

    def test_twice_the_rate(self):
        curve = self.stored["text_layer1_1x1x126x512"]["VTM-23.3"]
        twice = [dict(point, bpfp=2 * point["bpfp"]) for point in curve]
        self.assertAlmostEqual(bd_rate(curve, twice), 100)
        self.assertAlmostEqual(bd_rate(twice, curve), -50)

    def test_refuses_curves_that_do_not_overlap(self):
        low = [{"bpfp": 1, "mse": 10}, {"bpfp": 2, "mse": 5}]
        high = [{"bpfp": 1, "mse": 1000}, {"bpfp": 2, "mse": 500}]
        with self.assertRaisesRegex(ValueError, "overlap"):
            bd_rate(low, high)


class RateTime(unittest.TestCase):
    def test_stored_points_are_those_of_like_error(self):
        curve = [{"qp": 24, "bpfp": 2, "mse": 70, "user_seconds": 0.5},
                 {"qp": 28, "bpfp": 1, "mse": 180, "user_seconds": 0.25}]
        found = rate_time.stored([{"qp": 22, "mse": 3}, {"qp": 27, "mse": 10}], curve, 0.05)
        self.assertEqual(found[22], {"bpfp": 2, "mse": 3.5, "encode_ms": 500})
        self.assertEqual(found[27]["bpfp"], 1)
        self.assertEqual(rate_time.cell(found[22]), "2, 3.5, 500 / ?")
        self.assertEqual(rate_time.cell(None), "")

    def test_qualities_of_errors(self):
        codec = rate_time.Hyperprior("rd", "m.hyperprior", "m.so", "x.npy",
                                     {"min": "-1", "max": "1"}, 1, 1)
        curve = [{"quality": 0.2, "mse": 16}, {"quality": 0.4, "mse": 4}, {"quality": 0.6, "mse": 1}]
        self.assertAlmostEqual(codec.quality_of(curve, 8), 0.3)
        self.assertAlmostEqual(codec.quality_of(curve, 1), 0.6)
        self.assertAlmostEqual(codec.quality_of(curve, 0.5), 0.6)


class Features(unittest.TestCase):
    def test_clips_and_rounds_down(self):
        with tempfile.TemporaryDirectory() as folder:
            path = npy(folder, "f", (1, 1, 2, 3), [-30, -20, 0, 19.99, 20, 1e9])
            picture = features.load(f"{path}:min=-20:max=20")
        self.assertEqual((picture.width, picture.height), (3, 2))
        self.assertEqual(list(picture.samples), [0, 0, 511, 1022, 1023, 1023])

    def test_float16_is_rounded_at_every_step(self):
        with tempfile.TemporaryDirectory() as folder:
            path = npy(folder, "e", (1, 1), [-4.93])
            picture = features.load(f"{path}:min=-5.79:max=5.79")
        # Rounded once at the end it would be 76.
        self.assertEqual(list(picture.samples), [75])

    def test_mosaic(self):
        with tempfile.TemporaryDirectory() as folder:
            path = npy(folder, "f", (1, 4, 1, 2), [0, 1, 2, 3, 4, 5, 6, 7])
            picture = features.load(f"{path}:min=0:max=1023:mosaic=2x2")
            with self.assertRaisesRegex(ValueError, "mosaic of 3x2"):
                features.load(f"{path}:min=0:max=1023:mosaic=3x2")
        self.assertEqual((picture.width, picture.height), (4, 2))
        self.assertEqual(list(picture.samples), [0, 1, 2, 3, 4, 5, 6, 7])

    def test_mosaic_interleaves_rows(self):
        with tempfile.TemporaryDirectory() as folder:
            path = npy(folder, "f", (2, 2, 2), [0, 1, 2, 3, 4, 5, 6, 7])
            picture = features.load(f"{path}:min=0:max=1023:mosaic=1x2")
        self.assertEqual(list(picture.samples), [0, 1, 4, 5, 2, 3, 6, 7])

    def test_raw_pictures_need_their_size(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "frame.gray16"
            path.write_bytes(struct.pack("<6H", 1, 2, 3, 4, 5, 1023))
            self.assertEqual(features.load(f"{path}:size=3x2").width, 3)
            with self.assertRaisesRegex(ValueError, "give the size"):
                features.load(str(path))
            with self.assertRaisesRegex(ValueError, "has 6 samples, 4x2 needs 8"):
                features.load(f"{path}:size=4x2")


if __name__ == "__main__":
    unittest.main()
