#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Describes a .npy file with Python's own library alone, in shell assignments: shape, dtype,
points, bytes (of the data), min, max, and the quantiles q01 and q99 (1 % and 99 %)."""
import array
import ast
import math
import struct
import sys

TYPES = {"<f2": "e", "<f4": "f", "<f8": "d"}


def read(path):
    with open(path, "rb") as file:
        data = file.read()
    if data[:6] != b"\x93NUMPY":
        raise SystemExit(f"{path}: not a .npy file")
    try:
        size, at = ("<H", 10) if data[6] == 1 else ("<I", 12)
        end = at + struct.unpack_from(size, data, 8)[0]
        header = ast.literal_eval(data[at:end].decode("latin-1" if data[6] < 3 else "utf-8"))
        code = TYPES.get(header["descr"]) if isinstance(header["descr"], str) else None
        header["fortran_order"], math.prod(header["shape"])
    except (IndexError, KeyError, SyntaxError, TypeError, ValueError, struct.error) as error:
        raise SystemExit(f"{path}: a .npy file with a damaged header: {error}")
    if code is None or header["fortran_order"]:
        raise SystemExit(f"{path}: float16, float32 or float64 in C order is needed, this is "
                         f"{header['descr']}, fortran_order {header['fortran_order']}")
    points = math.prod(header["shape"])
    if points == 0 or len(data) - end != points * struct.calcsize(code):
        raise SystemExit(f"{path}: {len(data) - end} bytes of data for shape {header['shape']}")
    if code == "e":
        return header, [v for v, in struct.iter_unpack("<e", data[end:])]
    values = array.array(code, data[end:])
    if sys.byteorder == "big":
        values.byteswap()
    return header, values


def main():
    header, values = read(sys.argv[1])
    ordered = sorted(v for v in values if math.isfinite(v))
    if not ordered:
        raise SystemExit(f"{sys.argv[1]}: no finite value")

    def quantile(part):
        return ordered[round(part * (len(ordered) - 1))]

    print(f"shape='{'x'.join(map(str, header['shape']))}'")
    print(f"dtype='float{8 * int(header['descr'][2:])}'")
    print(f"points={len(values)}")
    print(f"bytes={len(values) * int(header['descr'][2:])}")
    print(f"min={ordered[0]:.6g} max={ordered[-1]:.6g}")
    print(f"q01={quantile(0.01):.6g} q99={quantile(0.99):.6g}")


if __name__ == "__main__":
    main()
