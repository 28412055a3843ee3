#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""NumPy reads what npyenc writes, and would have written the same bytes itself.

    npyenc_numpy.py GST_LAUNCH
"""
import io
import pathlib
import subprocess
import sys
import tempfile

try:
    import numpy as np
except ImportError:
    print("this Python has no NumPy")
    sys.exit(77)

FORMATS = {"F32LE": "<f4", "F16LE": "<f2", "F64LE": "<f8", "U8": "|u1", "S8": "|i1",
           "U16LE": "<u2", "S16LE": "<i2", "U32LE": "<u4", "S32LE": "<i4", "U64LE": "<u8",
           "S64LE": "<i8", "BF16LE": "<f4"}
SHAPES = [(), (1,), (5,), (0, 3), (2, 3), (1, 1, 9, 64), (1, 2, 1, 3, 1, 2, 1, 2)]


def main():
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "x.npy"
        for name, dtype in FORMATS.items():
            for shape in SHAPES:
                text = "<" + ",".join(map(str, shape)) + ">"
                subprocess.run([sys.argv[1], "-q", "featuretestsrc", "num-buffers=1",
                                "pattern=ramp", f"format={name}", f"shape={text}", "!", "npyenc",
                                "!", "filesink", f"location={path}"], check=True, timeout=60)
                count = int(np.prod(shape, dtype=np.int64))
                period = {"S8": 128, "U8": 256, "BF16LE": 256}.get(name, 2048)
                expected = (np.arange(count) % period).astype(dtype).reshape(shape)
                array = np.load(path)
                assert array.dtype == np.dtype(dtype) and array.shape == shape, (name, shape)
                assert array.tobytes() == expected.tobytes(), (name, shape)
                saved = io.BytesIO()
                np.save(saved, expected)
                assert saved.getvalue() == path.read_bytes(), (name, shape)
    print(f"{len(FORMATS)} formats, {len(SHAPES)} shapes")


main()
