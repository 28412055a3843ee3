# SPDX-License-Identifier: LGPL-2.1-or-later
"""A decoder of Llama's kind, trained on the reasoning corpus: the edge `csr` and its head.

RMSNorm, rotary positions, SwiGLU, causal attention; width 128, 6 blocks, 4 heads.
"""
import time

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

import corpus
from layers import Optimizer, Projection, RMSNorm, attention

WIDTH, DEPTH, HEADS, HIDDEN = 128, 6, 4, 256
METHODS = ["csr", "head_csr"]


def rotated(x, angles):
    """Pairs (i, i + half) of the last axis, turned by the token's angles."""
    half = x.size(3) // 2
    a, b = x[:, :, :, :half], x[:, :, :, half:]
    cos, sin = angles.cos(), angles.sin()
    return torch.cat([a * cos - b * sin, a * sin + b * cos], 3)


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.heads = HEADS
        self.norm1, self.norm2 = RMSNorm(WIDTH), RMSNorm(WIDTH)
        self.qkv, self.out = Projection(WIDTH, 3 * WIDTH), Projection(WIDTH, WIDTH)
        self.gate, self.up = Projection(WIDTH, HIDDEN), Projection(WIDTH, HIDDEN)
        self.down = Projection(HIDDEN, WIDTH)

    def forward(self, x, angles, mask):
        n, tokens, width = x.shape
        qkv = self.qkv(self.norm1(x)).reshape(n, tokens, 3, self.heads, width // self.heads)
        qkv = qkv.permute(2, 0, 3, 1, 4)
        mixed = attention(rotated(qkv[0], angles), rotated(qkv[1], angles), qkv[2], mask)
        x = x + self.out(mixed.transpose(1, 2).reshape(n, tokens, width))
        y = self.norm2(x)
        return x + self.down(F.silu(self.gate(y)) * self.up(y))


class Llama(nn.Module):
    def __init__(self):
        super().__init__()
        self.half_head = WIDTH // HEADS // 2
        self.embedding = nn.Parameter(torch.randn(len(corpus.VOCABULARY), WIDTH) * 0.5)
        self.blocks = nn.ModuleList([Block() for _ in range(DEPTH)])
        self.norm = RMSNorm(WIDTH)
        self.lm_head = Projection(WIDTH, len(corpus.VOCABULARY))

    @torch.jit.export
    def csr(self, tokens):
        """Token ids (N, T), or (T) of one sequence, to the last block's output (N, T, 128)."""
        tokens = tokens.reshape(-1, tokens.size(-1))
        x = F.embedding(tokens, self.embedding.float())
        count = tokens.size(1)
        rate = torch.pow(1000.0, -torch.arange(self.half_head) / self.half_head).to(x.device)
        place = torch.arange(count, device=x.device)
        mask = torch.zeros(count, count, device=x.device)
        mask = mask.masked_fill(place[None] > place[:, None], -1e9)
        angles = place[:, None] * rate
        for block in self.blocks:
            x = block(x, angles, mask)
        return x

    @torch.jit.export
    def head_csr(self, feature):
        """Logits (1, V) of the token that follows the last."""
        return self.lm_head(self.norm(feature[:, -1]))


def batch(seed: int, first: int, count: int):
    """Token ids, what follows each (-100: nothing), and where an answer follows.

    A training text is a story with all its questions, each with its answer.
    """
    texts = []
    for i in range(first, first + count):
        words, questions, _ = corpus.story(seed, i)
        places = []
        for asked, _, answer in questions:
            words = words + asked + [answer, "."]
            places.append(len(words) - 3)
        texts.append((words, places))
    longest = max(len(words) for words, _ in texts)
    ids, target = np.zeros((count, longest), np.int64), np.full((count, longest), -100, np.int64)
    asked = np.zeros((count, longest), bool)
    for row, (words, places) in enumerate(texts):
        ids[row, :len(words)] = corpus.tokens(words)
        target[row, :len(words) - 1] = ids[row, 1:len(words)]
        asked[row, places] = True
    return torch.from_numpy(ids), torch.from_numpy(target), torch.from_numpy(asked)


def train(seed: int, steps: int, size: int = 32, log=print, checkpoint=None):
    torch.manual_seed(seed)
    model = Llama()
    optimizer = Optimizer(model, steps, 3e-3)
    start, sums = time.monotonic(), np.zeros(2)
    for step in range(steps):
        ids, target, asked = batch(seed, step * size, size)
        logits = model.lm_head(model.norm(model.csr(ids)))
        answers = F.cross_entropy(logits[asked], target[asked])
        story = F.cross_entropy(logits.flatten(0, 1), target.flatten())
        (answers + 0.02 * story).backward()
        optimizer.step()
        sums += answers.item(), story.item()
        if (step + 1) % 50 == 0:
            answers, story = sums / 50
            log(f"llama {step + 1}: answers {answers:.3f} stories {story:.3f}, "
                f"{time.monotonic() - start:.0f} s wall, {time.process_time():.0f} s CPU")
            sums[:] = 0
            if checkpoint and (step + 1) % 200 == 0:
                torch.save(model.state_dict(), checkpoint)
    return model.eval()


def answers(model, ids):
    """Of every question, the word the model would say: the best over the whole vocabulary."""
    said = []
    with torch.no_grad():
        for row in ids:
            row = torch.from_numpy(row[row >= 0].astype(np.int64))[None]
            said.append(int(model.head_csr(model.csr(row)).argmax()))
    return np.array(said)
