#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Makes the suite that ships: renders, trains, exports, picks the test samples, writes suite.json.

Everything follows from the seeds and step counts below. Rendered scenes and trained weights are
kept in --cache: a stage whose file is there is not repeated.
"""
import argparse
import copy
import functools
import json
import multiprocessing
import os
import pathlib
import time
import zipfile

import numpy as np
import torch

import autoencoder
import check
import corpus
import llama
import scenes
import vit
from ranges import share_outside, symmetric_range

TRAIN = {"scenes": 1, "vit": 1, "llama": 11, "autoencoder": 21}       # seeds
TEST = {"cls": 101, "seg": 102, "csr": 103, "tti": 104}
SCENES, CHUNK = 12000, 500
VIT_STEPS, LLAMA_STEPS, AUTOENCODER_STEPS = (900, 450), 900, 900
CLS_EACH, CLS_DRAWN, SEG_COUNT, CSR_EACH, CSR_DRAWN, TTI_COUNT = 12, 1000, 48, 40, 1000, 160
DESCRIPTION = ("Rendered rooms and a reasoning corpus, both procedural; a ViT, a Llama-style "
               "decoder and an auto-encoder trained on them. Made by pipelines/suite/make.sh.")


def render_chunk(job):
    path, first = job
    rgb, mask, depth = scenes.scenes(TRAIN["scenes"], first, CHUNK)
    np.savez(f"{path}.part.npz", rgb=rgb, mask=mask, depth=depth)
    os.replace(f"{path}.part.npz", path)


def training_scenes(cache):
    """RGB, masks and depths of all training scenes."""
    paths = [cache / f"scenes{first:05d}.npz" for first in range(0, SCENES, CHUNK)]
    jobs = [(path, i * CHUNK) for i, path in enumerate(paths) if not path.exists()]
    with multiprocessing.Pool(2) as pool:
        pool.map(render_chunk, jobs)
    chunks = [np.load(path) for path in paths]
    return [np.concatenate([chunk[name] for chunk in chunks]) for name in ("rgb", "mask", "depth")]


def trained(path, model, run):
    """`model` with the weights of `path`, which `run` trains if it is not there."""
    if not path.exists():
        start = time.monotonic(), time.process_time()
        torch.save(run().state_dict(), path)
        wall, cpu = time.monotonic() - start[0], time.process_time() - start[1]
        path.with_suffix(".cost.json").write_text(json.dumps({"wall_s": wall, "cpu_s": cpu}))
    model.load_state_dict(torch.load(path))
    return model.eval()


def models(cache):
    data = functools.cache(lambda: training_scenes(cache))
    eye = trained(cache / "vit.pth", vit.Vit(), lambda: vit.train(data(), TRAIN["vit"], *VIT_STEPS))
    reader = trained(cache / "llama.pth", llama.Llama(),
                     lambda: llama.train(TRAIN["llama"], LLAMA_STEPS))
    coder = trained(cache / "autoencoder.pth", autoencoder.AutoEncoder(),
                    lambda: autoencoder.train(data()[0][:4000], TRAIN["autoencoder"],
                                              AUTOENCODER_STEPS))
    return eye, reader, coder


def exported(model, path):
    """The model with half weights, as the file holds it; what follows is computed with this one."""
    model = torch.jit.script(copy.deepcopy(model).half().requires_grad_(False))
    model.save(str(path))
    drop_debug_records(path)
    return torch.jit.load(str(path))


def drop_debug_records(path):
    """Takes out of a TorchScript file what only names the source files of who exported it."""
    with zipfile.ZipFile(path) as archive:
        kept = [(name, archive.read(name)) for name in archive.namelist()
                if not name.endswith(".debug_pkl")]
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in kept:
            archive.writestr(zipfile.ZipInfo(name), content)


def image_tensor(rgb):
    return torch.from_numpy(np.ascontiguousarray(rgb)).permute(2, 0, 1)[None].float() / 255


class Task:
    """What one task contributes to the folder, and its held-out numbers."""

    def __init__(self, out, name):
        self.out, self.name, self.features, self.notes = out, name, [], {}

    def save(self, folder, array, name=None):
        path = f"{folder}/{name or self.name}.npy"
        np.save(self.out / path, array)
        return path


def cls_task(out, model):
    """Clear objects in 96x96 crops; the test keeps, of each kind, the first that are recognised."""
    task, chosen, right, seen = Task(out, "cls"), [], 0, 0
    left_over = dict.fromkeys(range(len(scenes.KINDS)), CLS_EACH)
    for index in range(CLS_DRAWN):
        rgb, mask, _ = scenes.scene(TEST["cls"], index)
        left, kind = scenes.dominant(mask)
        if kind < 0:
            continue
        crop = rgb[:, left:left + scenes.CROP]
        feature = model.cls(image_tensor(crop))
        correct = int(model.head_cls(feature).argmax()) == kind
        right, seen = right + correct, seen + 1
        if correct and left_over[kind]:
            left_over[kind] -= 1
            chosen.append((index, kind, crop))
            task.features.append(feature.numpy())
    task.origin = {"seed": TEST["cls"], "index": [c[0] for c in chosen]}
    task.notes = {"held_out": seen, "accuracy": 100 * right / seen, "kept": len(chosen)}
    task.entry = {"inputs": task.save("inputs", np.stack([c[2] for c in chosen])),
                  "edge": {"model": "models/vit.pt", "method": "cls"},
                  "head": {"model": "models/vit.pt", "method": "head_cls"},
                  "truth": task.save("truth", np.array([c[1] for c in chosen], np.int32)),
                  "classes": len(scenes.KINDS), "labels": "labels/cls.txt", "packing": "stack"}
    (out / "labels/cls.txt").write_text("\n".join(scenes.KINDS) + "\n")
    return task


def mean_iou(confusion):
    union = confusion.sum(0) + confusion.sum(1) - np.diag(confusion)
    return 100 * np.mean(np.diag(confusion)[union > 0] / union[union > 0])


def picture_tasks(out, model):
    """Segmentation and depth of the same whole images, as they come."""
    seg, dpt = Task(out, "seg"), Task(out, "dpt")
    count = len(scenes.SEGMENTS)
    confusion, errors = np.zeros((count, count)), []
    rgb, mask, depth = scenes.scenes(TEST["seg"], 0, SEG_COUNT)
    for image, truth, metres in zip(rgb, mask, depth.astype(np.float32)):
        image = image_tensor(image)
        seg.features.append(model.seg(image).numpy())
        dpt.features.append(model.dpt(image).numpy())
        predicted = model.head_seg(torch.from_numpy(seg.features[-1])).argmax(1)[0].numpy()
        np.add.at(confusion, (truth.ravel(), predicted.ravel()), 1)
        distance = model.head_dpt(torch.from_numpy(dpt.features[-1]))[0, 0].numpy()
        errors.append(np.sqrt(np.mean((distance - metres) ** 2)))
    seg.notes = {"held_out": SEG_COUNT, "mIoU": float(mean_iou(confusion))}
    dpt.notes = {"held_out": SEG_COUNT, "RMSE": float(np.mean(errors))}
    inputs = seg.save("inputs", rgb, "rooms")
    seg.origin = dpt.origin = {"seed": TEST["seg"], "index": list(range(SEG_COUNT))}
    for task in (seg, dpt):
        task.entry = {"inputs": inputs, "edge": {"model": "models/vit.pt", "method": task.name},
                      "head": {"model": "models/vit.pt", "method": f"head_{task.name}"},
                      "packing": "stack"}
    seg.entry.update(truth=seg.save("truth", mask), classes=count, labels="labels/seg.txt")
    dpt.entry.update({"truth": dpt.save("truth", depth),
                      "depth-range": [scenes.DEPTH_MIN, scenes.DEPTH_MAX]})
    (out / "labels/seg.txt").write_text("\n".join(scenes.SEGMENTS) + "\n")
    return seg, dpt


def csr_task(out, model):
    """Questions; the test keeps, of each family, the first that are answered right, greedily."""
    task = Task(out, "csr")
    ids, choices, right, family = corpus.questions(TEST["csr"], 0, CSR_DRAWN)
    correct = llama.answers(model, ids) == choices[np.arange(CSR_DRAWN), right]
    chosen = np.sort(np.concatenate([np.flatnonzero(correct & (family == f))[:CSR_EACH]
                                     for f in range(len(corpus.FAMILIES))]))
    for row in ids[chosen]:
        tokens = torch.from_numpy(row[row >= 0].astype(np.int64))[None]
        task.features.append(model.csr(tokens).numpy())
    task.origin = {"seed": TEST["csr"], "index": chosen.tolist()}
    task.notes = {"held_out": CSR_DRAWN, "accuracy": float(100 * correct.mean()),
                  "kept": len(chosen)}
    for number, name in enumerate(corpus.FAMILIES):
        task.notes[name] = float(100 * correct[family == number].mean())
    longest = (ids[chosen] >= 0).sum(1).max()
    task.entry = {"inputs": task.save("inputs", ids[chosen][:, :longest]),
                  "edge": {"model": "models/llama.pt", "method": "csr"},
                  "head": {"model": "models/llama.pt", "method": "head_csr"},
                  "truth": task.save("truth", right[chosen]),
                  "choices": task.save("truth", choices[chosen], "csr_choices"),
                  "labels": "labels/csr.txt", "packing": "rows"}
    (out / "labels/csr.txt").write_text("\n".join(corpus.VOCABULARY) + "\n")
    return task


def tti_task(out, decoder, coder):
    """Latents of held-out square images; the decoder's images of them are the reference."""
    task = Task(out, "tti")
    rgb = scenes.scenes(TEST["tti"], 0, TTI_COUNT, scenes.WIDTH)[0]
    latents = coder.latents(rgb)
    task.features = list(latents)
    images = [decoder.head_tti(torch.from_numpy(z).float())[0].permute(1, 2, 0).numpy()
              for z in latents]
    error = np.mean((np.stack(images) * 255 - rgb) ** 2, axis=(1, 2, 3))
    task.notes = {"held_out": TTI_COUNT, "PSNR": float(np.mean(10 * np.log10(255 ** 2 / error)))}
    task.origin = {"seed": TEST["tti"], "index": list(range(TTI_COUNT))}
    task.entry = {"inputs": task.save("inputs", latents),
                  "head": {"model": "models/decoder.pt", "method": "head_tti"},
                  "fid": {"model": "models/vit.pt", "method": "fid"}, "packing": "mosaic"}
    return task


def truncation(task):
    """The task's ranges, and what they clip, from all its features; latents keep their range."""
    if task.name == "dpt":
        blocks = [np.concatenate([f[:, i].ravel() for f in task.features]) for i in range(4)]
    else:
        blocks = [np.concatenate([f.ravel() for f in task.features]).astype(np.float32)]
    task.notes["region"] = [[float(b.min()), float(b.max())] for b in blocks]
    result = {}
    for codec, outside in (("vtm", 1e-4), ("hyperprior", 5e-3)):
        if task.name == "tti":
            limits = [(np.floor(float(b.min()) * 100) / 100, np.ceil(float(b.max()) * 100) / 100)
                      for b in blocks]
        else:
            limits = [symmetric_range(b, outside) for b in blocks]
        task.notes[f"clipped_{codec}"] = [share_outside(b, *r) for b, r in zip(blocks, limits)]
        low, high = ([r[i] for r in limits] for i in (0, 1))
        result[codec] = ([low[0], high[0]] if len(limits) == 1
                         else {"axis": 1, "min": low, "max": high})
    return result


def make(out, cache):
    for folder in ("models", "inputs", "truth", "labels"):
        (out / folder).mkdir(parents=True, exist_ok=True)
    cache.mkdir(parents=True, exist_ok=True)
    eye, reader, coder = models(cache)
    eye = exported(eye, out / "models/vit.pt")
    reader = exported(reader, out / "models/llama.pt")
    decoder = exported(coder.decoder, out / "models/decoder.pt")
    with torch.no_grad():
        tasks = [cls_task(out, eye), *picture_tasks(out, eye), csr_task(out, reader),
                 tti_task(out, decoder, coder)]
    entries = []
    for task in tasks:
        name = {"task": task.name, "name": task.name}
        entries.append({**name, **task.entry, "truncation": truncation(task),
                        "source-format": "F16LE" if task.name == "tti" else "F32LE"})
    manifest = {"name": "small suite", "description": DESCRIPTION, "tasks": entries}
    (out / "suite.json").write_text(json.dumps(manifest, indent=2) + "\n")
    for task, entry in zip(tasks, entries):
        task.notes["after"] = after_truncation(out, entry)
    lines = [f'"{t.name}": {json.dumps({**t.origin, "measured": rounded(t.notes)})}' for t in tasks]
    (out / "origin.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")


def after_truncation(out, entry):
    """The metric with each region's truncation and 10-bit quantisation, but no coding."""
    if entry["task"] == "tti":
        return {}
    suite, values = check.Suite(out), {}
    for codec, region in entry["truncation"].items():
        low, high = region if isinstance(region, list) else (
            torch.tensor(region[end])[:, None, None] for end in ("min", "max"))

        def coded(feature, low=low, high=high):
            unit = (torch.minimum(torch.maximum(feature, torch.as_tensor(low)),
                                  torch.as_tensor(high)) - low) / (high - low)
            return (unit * 1023).round() / 1023 * (high - low) + low
        values[codec] = check.metric(suite, entry, check.run(suite, entry, coded))[1]
    return values


def rounded(value):
    """Numbers of a record to four digits."""
    if isinstance(value, dict):
        return {key: rounded(part) for key, part in value.items()}
    if isinstance(value, list):
        return [rounded(part) for part in value]
    return float(f"{value:.4g}") if isinstance(value, float) else value


def main():
    here = pathlib.Path(__file__).parent
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=pathlib.Path, default=here / "data")
    parser.add_argument("--cache", type=pathlib.Path, default=here / "../../build-suite")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    make(options.out, options.cache)


if __name__ == "__main__":
    main()
