# SPDX-License-Identifier: LGPL-2.1-or-later
"""Pictures to code: raw ones, and .npy tensors quantised to 10 bits and packed."""
import array
import ast
import pathlib
import struct
import sys

DEPTH = 10


class Picture:
    def __init__(self, name, width, height, samples):
        if len(samples) != width * height:
            raise ValueError(f"'{name}' has {len(samples)} samples, {width}x{height} needs "
                             f"{width * height}")
        if max(samples) >> DEPTH:
            raise ValueError(f"'{name}' has the sample {max(samples)}; {DEPTH} bits hold "
                             f"{(1 << DEPTH) - 1}")
        self.name, self.width, self.height, self.samples = name, width, height, samples

    def write(self, path):
        pathlib.Path(path).write_bytes(little(self.samples).tobytes())

    def mse(self, path):
        """Of the first plane in a file of 16-bit samples."""
        count = len(self.samples)
        data = pathlib.Path(path).read_bytes()[:2 * count]
        if len(data) != 2 * count:
            raise ValueError(f"'{path}' is no reconstruction of {self.width}x{self.height}")
        other = little(array.array("H", data))
        return sum((a - b) ** 2 for a, b in zip(self.samples, other)) / count


def little(samples):
    if sys.byteorder == "big":
        samples = array.array(samples.typecode, samples)
        samples.byteswap()
    return samples


def load_npy(path):
    """(shape, format letter, values)"""
    data = pathlib.Path(path).read_bytes()
    if data[:6] != b"\x93NUMPY":
        raise ValueError(f"'{path}' is no .npy file")
    start = 10 if data[6] == 1 else 12
    length = int.from_bytes(data[8:start], "little")
    header = ast.literal_eval(data[start:start + length].decode("latin-1"))
    letter = {"<f2": "e", "<f4": "f"}.get(header["descr"])
    if letter is None or header["fortran_order"]:
        raise ValueError(f"'{path}' holds {header['descr']}; <f2 and <f4 in C order are understood")
    body = data[start + length:]
    count = 1
    for side in header["shape"]:
        count *= side
    size = struct.calcsize(letter)
    return header["shape"], letter, struct.unpack(f"<{count}{letter}", body[:count * size])


def quantise(values, letter, low, high):
    """floor((x - low) * 1023 / (high - low)), in the arithmetic of the tensor's own format."""
    def rounded(x):
        return struct.unpack(letter, struct.pack(letter, x))[0]
    low, high, step = rounded(low), rounded(high), rounded(((1 << DEPTH) - 1) / (high - low))
    known = {}  # float16 has few values
    out = array.array("H")
    for x in values:
        q = known.get(x)
        if q is None:
            q = int(rounded(rounded(min(max(x, low), high) - low) * step))
            if len(known) < 1 << 16:
                known[x] = q
        out.append(q)
    return out


def pack(shape, samples, mosaic):
    """(width, height, samples): channels stacked, or laid out in a mosaic."""
    width = shape[-1]
    if mosaic is None:
        return width, len(samples) // width, samples
    rows, columns = mosaic
    if len(shape) < 3 or rows * columns * shape[-2] * width != len(samples):
        raise ValueError(f"a mosaic of {rows}x{columns} needs a tensor of {rows * columns} "
                         f"channels, not of shape {shape}")
    height = shape[-2]
    out = array.array("H")
    for r in range(rows):
        for y in range(height):
            for c in range(columns):
                at = ((r * columns + c) * height + y) * width
                out.extend(samples[at:at + width])
    return width * columns, height * rows, out


def pair(text):
    a, _, b = text.partition("x")
    return int(a), int(b)


def load(text):
    path, *parts = text.split(":")
    options = dict(part.split("=", 1) for part in parts)
    unknown = set(options) - {"min", "max", "mosaic", "size"}
    if unknown:
        raise ValueError(f"'{unknown.pop()}' of '{text}' is not min, max, mosaic or size")
    name = pathlib.Path(path).stem
    if not path.endswith(".npy"):
        if "size" not in options:
            raise ValueError(f"give the size of '{path}': {path}:size=WxH")
        samples = little(array.array("H", pathlib.Path(path).read_bytes()))
        return Picture(name, *pair(options["size"]), samples)
    if "min" not in options or "max" not in options:
        raise ValueError(f"give the range of '{path}': {path}:min=A:max=B")
    shape, letter, values = load_npy(path)
    low, high = float(options["min"]), float(options["max"])
    if not low < high:
        raise ValueError(f"the range of '{path}', {low} to {high}, is empty")
    samples = quantise(values, letter, low, high)
    mosaic = pair(options["mosaic"]) if "mosaic" in options else None
    return Picture(name, *pack(shape, samples, mosaic))
