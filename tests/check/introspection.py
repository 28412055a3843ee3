# SPDX-License-Identifier: LGPL-2.1-or-later
"""libgstfeature from Python; exits with 77 (skipped) where PyGObject or Gst is missing."""

import sys

try:
    import gi

    gi.require_version("Gst", "1.0")
    from gi.repository import GLib, Gst
except (ImportError, ValueError) as missing:
    print(missing)
    sys.exit(77)

gi.require_version("GstFeature", "1.0")
from gi.repository import GstFeature

Gst.init(None)

info = GstFeature.FeatureInfo.new()
assert info.set_shape([2, 4, 1611, 1536])
assert info.set_quantization(10, GstFeature.FeatureRounding.FLOOR, GstFeature.FeatureFormat.F32LE)
assert info.set_ranges(1, [-1, -2, -10, -20], [1, 2, 10, 20])
info.set_task(GstFeature.FeatureTask.DPT)
assert info.get_shape() == [2, 4, 1611, 1536]
assert info.get_range_min() == [-1, -2, -10, -20]
assert info.get_range_max() == [1, 2, 10, 20]
assert info.get_framerate() == (0, 1)
assert info.get_n_points() == 2 * 4 * 1611 * 1536

caps = info.to_caps()
back = GstFeature.FeatureInfo.from_caps(Gst.Caps.from_string(caps.to_string()))
assert back.is_equal(info)

assert info.set_packing(GstFeature.FeaturePacking.STACK, 0, 0)
assert info.get_packed_size() == (True, 6144, 3222)
cbor = info.to_cbor().get_data()
assert cbor.hex() == "a800010184020419064b190600030a0484202129330601070108022003"
assert GstFeature.FeatureInfo.from_cbor(cbor).is_equal(info)
assert GstFeature.FeatureInfo.from_structure(info.to_structure()).is_equal(info)

assert GstFeature.feature_format_from_string("BF16LE") == (True, GstFeature.FeatureFormat.BF16LE)
assert GstFeature.feature_packing_to_string(GstFeature.FeaturePacking.MOSAIC) == "mosaic"
assert bytes(GstFeature.feature_uuid()).hex() == "d655205dd0e44c26836d64c64501c8cd"

try:
    GstFeature.FeatureInfo.from_cbor(cbor[:-1])
    raise AssertionError("a cut description was accepted")
except GLib.Error as error:
    assert error.matches(GstFeature.feature_error_quark(), GstFeature.FeatureError.CBOR)
