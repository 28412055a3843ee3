#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Writes tests/data/npy/*.npy: one small array per element type, byte order and header version,
and the arrays that npydec must refuse. Run it with a Python that has NumPy; the files it wrote
are in the repository, so that no test needs NumPy."""
import os
import sys

import numpy as np
from numpy.lib import format as npy

OUT = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(__file__), "npy")

UNSIGNED = [[0, 1, 2], [100, 120, 7]]
SIGNED = [[0, -1, 2], [100, -120, 7]]
REAL = [[0, -1.5, 2], [100, -120.25, 7]]


def write(name, array, version=None):
    with open(os.path.join(OUT, name + ".npy"), "wb") as f:
        npy.write_array(f, array, version=version, allow_pickle=True)


def write_raw(name, header, data):
    """A header that NumPy itself would not write for this data."""
    text = header + " " * (63 - (10 + len(header)) % 64) + "\n"
    with open(os.path.join(OUT, name + ".npy"), "wb") as f:
        f.write(npy.magic(1, 0) + len(text).to_bytes(2, "little") + text.encode() + data)


def main():
    os.makedirs(OUT, exist_ok=True)
    for kind, sizes, values in (("u", (1, 2, 4, 8), UNSIGNED), ("i", (1, 2, 4, 8), SIGNED),
                                ("f", (2, 4, 8), REAL)):
        for size in sizes:
            for order, suffix in (("<", "_le"), (">", "_be")):
                if size == 1 and order == ">":
                    continue
                write(f"{kind}{size}{suffix if size > 1 else ''}",
                      np.array(values, dtype=f"{order}{kind}{size}"))
    write("bool", np.array([[True, False, True], [False, False, True]]))
    write("version2", np.array(REAL, dtype="<f4"), version=(2, 0))
    write("version3", np.array(REAL, dtype="<f4"), version=(3, 0))
    write("scalar", np.array(2.5, dtype="<f4"))
    write("vector", np.array([1, 2, 3, 4, 5], dtype="<f4"))
    write("no_points", np.zeros((0, 3), dtype="<f4"))
    write("eight_dims", np.arange(4, dtype="<f4").reshape(1, 1, 2, 1, 1, 1, 2, 1))
    write_raw("fortran_vector", "{'descr': '<f4', 'fortran_order': True, 'shape': (1, 3, 1), }",
              np.array([1, 2, 3], dtype="<f4").tobytes())
    write_raw("bfloat16", "{'descr': '<V2', 'fortran_order': False, 'shape': (2,), }",
              bytes([0xc0, 0x3f, 0x20, 0xc1]))
    # Refused.
    write("bad_fortran", np.asfortranarray(np.array(REAL, dtype="<f4")))
    write("bad_nine_dims", np.zeros((1,) * 9, dtype="<f4"))
    write("bad_complex", np.array([1 + 2j], dtype="<c8"))
    write("bad_object", np.array([None, 1], dtype=object))
    write("bad_bytes", np.array([b"abc"]))
    write("bad_string", np.array(["abc"]))
    write("bad_structured", np.array([(1, 2.0)], dtype=[("a", "<i4"), ("b", "<f4")]))
    write("bad_void", np.zeros(2, dtype="V2"))
    write("bad_date", np.array(["2020-01-01"], dtype="<M8[D]"))
    write("bad_longdouble", np.zeros(2, dtype=np.longdouble))


main()
