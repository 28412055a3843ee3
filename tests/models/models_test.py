#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""pipelines/models on tiny models: the edge, then the head out of its TorchScript file, give what the
whole model gives; shapes, samples and manifest are those of docs/datasets.md.

    models_test.py cls|seg|dpt|csr|tti|selection [FEATURE_BENCH]

With FEATURE_BENCH, that program must understand what was written. FEATURE_PYTHON names an interpreter
that has torch, transformers and diffusers.
"""
import contextlib
import io
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import warnings

os.environ["HF_HUB_OFFLINE"] = "1"
HERE = pathlib.Path(__file__).resolve().parent
SOURCES = HERE.parents[1] / "pipelines/models"
OTHER = os.environ.get("FEATURE_PYTHON")
OLD_PYTHON = "/usr/bin/python3"  # Debian's, whose torch is the one that the plugin is built with
TOLERANCE = 1e-4

if OTHER and "FEATURE_PYTHON_RUNS" not in os.environ:  # a virtual environment's is a link to another
    os.environ["FEATURE_PYTHON_RUNS"] = "1"
    os.execv(OTHER, [OTHER, *sys.argv])
for package in ("torch", "transformers", "diffusers", "PIL", "numpy"):
    try:
        __import__(package)
    except ImportError as missing:
        print(f"skipped: {sys.executable} cannot import {package} ({missing}); FEATURE_PYTHON may name another Python")
        sys.exit(77)

sys.path[:0] = [str(SOURCES), str(HERE)]
import numpy  # noqa: E402
import torch  # noqa: E402
from torch.nn import functional  # noqa: E402

import dinov2  # noqa: E402
import export  # noqa: E402
import samples  # noqa: E402
import tiny  # noqa: E402


def check(condition, text):
    if not condition:
        raise SystemExit(f"FAILED: {text}")


def near(found, wanted, what):
    found, wanted = torch.as_tensor(found), torch.as_tensor(wanted)
    check(found.shape == wanted.shape, f"{what}: shape {tuple(found.shape)}, not {tuple(wanted.shape)}")
    scale = max(1.0, float(wanted.abs().max()))
    error = float((found - wanted).abs().max())
    check(error <= TOLERANCE * scale, f"{what}: differs by {error}, values reach {scale}")
    spread = float(wanted.std())
    check(spread > 100 * TOLERANCE, f"{what}: values spread by {spread} alone, which tells nothing")
    print(f"{what}: {tuple(wanted.shape)}, differs by {error:.1e} of {scale:.3g}")


def run(*arguments, fails=None):
    """export.py; with `fails`, its error must be one line with this text."""
    with contextlib.redirect_stderr(io.StringIO()) as errors, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        status = export.main([str(argument) for argument in arguments])
    if fails is None:
        check(status == 0, f"{arguments}: {errors.getvalue()}")
    else:
        own = [line for line in errors.getvalue().splitlines() if line.startswith("export.py: ")]
        check(status == 1 and len(own) == 1 and fails in own[0],
              f"{arguments}: exit status {status}, {errors.getvalue()!r}, not '{fails}'")


def entry(suite, name):
    tasks = {task["name"]: task for task in json.loads((suite / "suite.json").read_text())["tasks"]}
    check(name in tasks, f"suite.json has {sorted(tasks)}, not {name}")
    return tasks[name]


def features(suite, task, shape, kind="float32"):
    """Name -> feature, all of one shape (None: any size)."""
    result = {path.stem: numpy.load(path) for path in sorted(suite.glob(task["features"]))}
    check(result, f"{task['features']}: there are none")
    for name, feature in result.items():
        fits = feature.ndim == len(shape) and all(w in (None, h) for w, h in zip(shape, feature.shape))
        check(fits and feature.dtype == kind, f"{name}: {feature.dtype} {feature.shape}, not {kind} {shape}")
    return result


def head(suite, task, feature, part="head"):
    """What the TorchScript file says, in this torch, and in Debian's where there is one."""
    # The manifest has no edge beside features that exist.
    model = task.get(part, {"model": f"models/dinov2_{task['name']}_{part}.pt", "method": "forward"})
    path = suite / model["model"]
    feature = torch.as_tensor(feature).float()
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        result = getattr(torch.jit.load(str(path)), model["method"])(feature)
    check_old_torch(path, feature, result)
    return result


def check_old_torch(path, feature, result, seen=set()):  # noqa: B006, it remembers
    if path in seen:
        return
    seen.add(path)
    probe = "import torch; print(torch.__version__)"
    version = subprocess.run([OLD_PYTHON, "-c", probe], capture_output=True, text=True, env={})
    if version.returncode or version.stdout.strip() == torch.__version__:
        print(f"note: {OLD_PYTHON} has no other torch, so that only {torch.__version__} loads {path.name}")
        return
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        numpy.save(folder / "in.npy", feature.numpy())
        program = (f"import torch, numpy; m = torch.jit.load({str(path)!r}); "
                   f"x = torch.from_numpy(numpy.load({str(folder / 'in.npy')!r})); torch.set_grad_enabled(False); "
                   f"numpy.save({str(folder / 'out.npy')!r}, m(x).numpy())")
        done = subprocess.run([OLD_PYTHON, "-c", program], capture_output=True, text=True, env={}, timeout=200)
        check(done.returncode == 0, f"torch {version.stdout.strip()} cannot run {path.name}: {done.stderr[-1500:]}")
        near(numpy.load(folder / "out.npy"), result, f"torch {version.stdout.strip()}, {path.name}")


def analyse(suite):
    """feature-bench reads the manifest, which refuses whatever it does not know, and the features."""
    if len(sys.argv) > 2:
        done = subprocess.run([sys.argv[2], "analyse", suite / "suite.json", "--out", suite / "analysis"],
                              capture_output=True, text=True, timeout=200)
        check(done.returncode == 0, f"{suite}: {done.stderr}")
        table = (suite / "analysis/statistics.csv").read_text()
        print(table)
        tasks = json.loads((suite / "suite.json").read_text())["tasks"]
        rows = sum(4 if task["task"] == "dpt" else 1 for task in tasks)
        check(len(table.splitlines()) == rows + 1, table)


def normalised(image):
    return (image - torch.tensor(dinov2.MEAN).reshape(3, 1, 1)) / torch.tensor(dinov2.DEVIATION).reshape(3, 1, 1)


def imagenet(folder, whole):
    """Ten images, of which every other one has the class that the model finds. Returns those to be
    chosen: the first of each class, name -> class."""
    tiny.pictures(folder / "val", 10)
    paths = sorted((folder / "val").rglob("*.png"), key=lambda path: path.name)
    with torch.no_grad():
        logits = torch.cat([whole(normalised(samples.classification_image(path))).logits for path in paths])
        # An untrained model sees one class everywhere, unless what all images share is taken away.
        middle = logits.median(0).values
        whole.classifier.bias -= middle
    whole.save_pretrained(folder / "dino")
    rows, right = [], {}
    for k, (path, found) in enumerate(zip(paths, (logits - middle).argmax(1).tolist())):
        rows.append(f"{path.name} {found if k % 2 else (found + 1) % 5}")
        if k % 2 and found not in right.values():
            right[path.stem] = found
    (folder / "labels.txt").write_text("\n".join(rows) + "\n")
    check(len(right) > 1, "the tiny model sees one class everywhere, which is too little for this test")
    return right


def test_cls(folder):
    whole = tiny.dinov2(folder / "dino", classes=5)
    right = imagenet(folder, whole)
    data = ("--images", folder / "val", "--labels", folder / "labels.txt", "--out", folder / "suite")
    run("cls", "--model", folder / "dino", *data, "--count", 5, "--positions", "transformers", "--with-edge")
    task = entry(folder / "suite", "cls")
    truth = numpy.load(folder / "suite" / task["truth"])
    check(task["classes"] == 5 and task["packing"] == "stack" and task["truncation"]["vtm"] == [-20, 20], task)
    found = features(folder / "suite", task, (1, 257, tiny.WIDTH))
    check(dict(zip(found, truth)) == right, f"{dict(zip(found, truth))} were chosen, not {right}")
    for name, feature in found.items():
        image = samples.classification_image(next((folder / "val").rglob(f"{name}.*")))
        with torch.no_grad():
            wanted = whole(normalised(image)).logits
        near(head(folder / "suite", task, feature), wanted, f"cls {name}")
        near(head(folder / "suite", task, image, "edge"), feature, f"cls {name}, edge")

    # The published head's own file, and the original positions, which differ at 224 pixels.
    weights = {"weight": torch.randn(5, 2 * tiny.WIDTH), "bias": torch.randn(5)}
    torch.save(weights, folder / "linear_head.pth")
    (folder / "all.txt").write_text("\n".join(found) + "\n")
    data = (*data[:-1], folder / "again")
    run("cls", "--model", folder / "dino", *data, "--head", folder / "linear_head.pth", "--list", folder / "all.txt")
    task, again = entry(folder / "again", "cls"), features(folder / "again", task, (1, 257, tiny.WIDTH))
    check(list(again) == list(found), "the list was not followed")
    name = next(iter(again))
    check(numpy.abs(again[name] - found[name]).max() > 1e-3, "the positions are the same")
    tokens = whole.dinov2.layernorm(torch.from_numpy(again[name]))
    wanted = torch.cat((tokens[:, 0], tokens[:, 1:].mean(1)), 1) @ weights["weight"].T + weights["bias"]
    near(head(folder / "again", task, again[name]), wanted.detach(), "cls, head of its own file")

    # Features that exist, as the paper's: they are linked, and have one dimension more.
    (folder / "feature_test").mkdir()
    numpy.save(folder / "feature_test" / f"{name}.npy", again[name][None])
    run("cls", "--model", folder / "dino", "--labels", folder / "labels.txt", "--out", folder / "third",
        "--features", folder / "feature_test")
    task = entry(folder / "third", "cls")
    near(head(folder / "third", task, again[name][None]),
         head(folder / "suite", entry(folder / "suite", "cls"), again[name]), "cls, four dimensions")
    check(numpy.load(folder / "third" / task["truth"]).tolist() == [right[name]], "truth for features that exist")

    torch.save({"weight": torch.zeros(5, 5 * tiny.WIDTH), "bias": torch.zeros(5)}, folder / "linear4.pth")
    model = ("cls", "--model", folder / "dino")
    run(*model, *data, "--head", folder / "linear4.pth", fails="'weight' has shape (5, 160), the model asks for ('any', 64)")
    run(*model, *data, "--head", folder / "none.pth", fails="none.pth: there is no such file")
    run(*model, *data, "--head", folder / "labels.txt", fails="labels.txt")
    run("cls", "--model", folder / "none", *data, fails="there is no such folder")
    run("cls", "--model", folder / "val", *data, fails="val: it cannot be loaded")
    run(*model, *data, "--device", "cuda:77", fails="--device cuda:77: PyTorch finds no such device")
    (folder / "other.txt").write_text("unknown 1\n")
    run(*model, "--images", folder / "val", "--labels", folder / "other.txt", "--out", folder / "x",
        fails="none of its names is an image")
    run(*model, *data, "--list", folder / "other.txt", fails="there is no sample 'unknown'")
    (folder / "one.txt").write_text("ILSVRC2012_val_00000009\n")
    run(*model, *data, "--list", folder / "one.txt", fails="from another list of samples")


def test_seg(folder):
    whole = tiny.dinov2(folder / "dino")
    tiny.voc(folder / "voc", [(500, 375), (375, 500), (500, 375), (500, 500)])  # the last is one crop alone
    torch.manual_seed(7)
    layers = {"bn.weight": torch.randn(tiny.WIDTH), "bn.bias": torch.randn(tiny.WIDTH),
              "bn.running_mean": torch.randn(tiny.WIDTH), "bn.running_var": torch.rand(tiny.WIDTH) + 0.5,
              "bn.num_batches_tracked": torch.tensor(3), "conv_seg.weight": torch.randn(21, tiny.WIDTH, 1, 1),
              "conv_seg.bias": torch.randn(21)}
    torch.save({"state_dict": {f"decode_head.{k}": v for k, v in layers.items()}, "meta": {}}, folder / "seg.pth")
    run("seg", "--model", folder / "dino", "--head", folder / "seg.pth", "--voc", folder / "voc",
        "--out", folder / "suite", "--with-edge")
    tasks = [task["name"] for task in json.loads((folder / "suite/suite.json").read_text())["tasks"]]
    check(tasks == ["seg-500x375", "seg-375x500"], tasks)
    check(all(entry(folder / "suite", name)["part-of"] == "seg" for name in tasks), "not parts of one task")
    for name in tasks:
        task = entry(folder / "suite", name)
        found = features(folder / "suite", task, (2, 1, 1370, tiny.WIDTH))
        truth = numpy.load(folder / "suite" / task["truth"])
        check(truth.dtype == numpy.uint8 and len(truth) == len(found), "truth")
        check(set(numpy.unique(truth)) >= {0, 255}, "truth has lost what is ignored")
        sample, feature = next(iter(found.items()))
        original = samples.voc_image(folder / "voc", sample)
        height, width = original.shape[2:]
        scaled = samples.scaled(original, (512, 683) if width > height else (683, 512))
        near(head(folder / "suite", task, scaled, "edge"), feature, f"{name}, edge")
        wanted = whole_segmentation(whole, layers, scaled, (height, width))
        near(head(folder / "suite", task, feature), wanted, name)
        check(wanted.shape[2:] == truth.shape[1:], "sizes of truth and logits")
    broken = dict(layers)
    del broken["bn.bias"]
    torch.save({"state_dict": broken}, folder / "broken.pth")
    run("seg", "--model", folder / "dino", "--head", folder / "broken.pth", "--voc", folder / "voc",
        "--out", folder / "suite", fails="'bn.bias' is missing")


def whole_segmentation(whole, layers, image, size):
    """The uncut model in the sliding window of the published evaluation."""
    height, width = image.shape[2:]
    total, times = torch.zeros(1, 21, height, width), torch.zeros(1, 1, height, width)
    for row in range(max(height - 512 + 340, 0) // 341 + 1):
        for column in range(max(width - 512 + 340, 0) // 341 + 1):
            bottom, right = min(row * 341 + 512, height), min(column * 341 + 512, width)
            top, left = bottom - 512, right - 512
            crop = functional.pad(normalised(image)[:, :, top:bottom, left:right], (3, 3, 3, 3))
            with torch.no_grad():
                tokens = whole(crop).last_hidden_state[:, 1:]
            grid = tokens.reshape(1, 37, 37, -1).permute(0, 3, 1, 2)
            grid = functional.batch_norm(grid, layers["bn.running_mean"], layers["bn.running_var"],
                                         layers["bn.weight"], layers["bn.bias"])
            logits = functional.conv2d(grid, layers["conv_seg.weight"], layers["conv_seg.bias"])
            total[:, :, top:bottom, left:right] += functional.interpolate(logits, size=(512, 512), mode="bilinear")
            times[:, :, top:bottom, left:right] += 1
    return functional.interpolate(total / times, size=size, mode="bilinear")


def test_dpt(folder):
    whole = tiny.dinov2(folder / "dino")
    tiny.nyu(folder / "nyu", ["bathroom", "study"], 3)
    torch.manual_seed(8)
    weight, bias = torch.randn(256, 8 * tiny.WIDTH, 1, 1), torch.randn(256)
    torch.save({"state_dict": {"decode_head.conv_depth.weight": weight, "decode_head.conv_depth.bias": bias}},
               folder / "dpt.pth")
    data = ("--nyu", folder / "nyu", "--split", folder / "nyu/nyu_test.txt", "--out", folder / "suite")
    run("dpt", "--model", folder / "dino", "--head", folder / "dpt.pth", *data, "--count", 2, "--with-edge",
        "--positions", "transformers")
    task = entry(folder / "suite", "dpt")
    found = features(folder / "suite", task, (2, 4, 1611, tiny.WIDTH))
    check(list(found) == ["bathroom_rgb_00000", "study_rgb_00000"], list(found))
    check(task["crop"] == [45, 471, 41, 601] and task["depth-range"] == [0.001, 10], task)
    check(task["truncation"]["vtm"] == {"axis": 1, "min": [-1, -2, -10, -20], "max": [1, 2, 10, 20]}, task)
    truth = numpy.load(folder / "suite" / task["truth"])
    check(truth.shape == (2, 480, 640) and truth.dtype == numpy.float32 and abs(truth.max() - 9.999) < 1e-5,
          f"truth {truth.shape} {truth.dtype} to {truth.max()}")
    name, feature = next(iter(found.items()))
    image = samples.to_tensor(samples.open_image(folder / "nyu/bathroom/rgb_00000.jpg"))
    near(head(folder / "suite", task, image, "edge"), feature, "dpt, edge")
    depths = []
    for k, view in enumerate((image, image.flip(3))):
        with torch.no_grad():
            states = whole(functional.pad(normalised(view), (2, 2, 5, 5)), output_hidden_states=True).hidden_states
        parts = []
        for block, state in enumerate(states[n] for n in (2, 4, 6, 8)):
            near(feature[k, block], state[0], f"dpt, view {k}, block {block}")
            grid = state[:, 1:].reshape(1, 35, 46, -1).permute(0, 3, 1, 2)
            parts.append(torch.cat((grid, state[:, 0, :, None, None].expand_as(grid)), 1))
        both = functional.interpolate(torch.cat(parts, 1), scale_factor=4, mode="bilinear", align_corners=False)
        weights = functional.conv2d(both, weight, bias).relu() + 0.1
        depth = torch.einsum("ikmn,k->imn", weights / weights.sum(1, keepdim=True), torch.linspace(0.001, 10, 256))
        depth = functional.interpolate(depth[:, None].clamp(0.001, 10), size=(480, 640), mode="bilinear")
        depths.append(depth.flip(3) if k else depth)
    near(head(folder / "suite", task, feature), (depths[0] + depths[1]) / 2, "dpt")
    (folder / "split.txt").write_text("bathroom/rgb_00000.jpg\n")
    run("dpt", "--model", folder / "dino", "--head", folder / "dpt.pth", "--nyu", folder / "nyu",
        "--split", folder / "split.txt", "--out", folder / "suite", fails="has no picture of depth")


def test_csr(folder):
    import llama
    import transformers
    items = tiny.arc(folder / "arc.jsonl", 12)
    texts = [llama.prompt(i["question"]["stem"], [c["text"] for c in i["question"]["choices"]]) for i in items]
    whole = tiny.llama(folder / "llama", [*texts, " A B C D" * 50])
    words = transformers.AutoTokenizer.from_pretrained(folder / "llama")
    letters = [words.encode(" " + letter, add_special_tokens=False)[0] for letter in "ABCD"]
    right = {}  # every other question gets the answer that the model gives
    for k, (item, text) in enumerate(zip(items[:-1], texts)):
        with torch.no_grad():
            logits = whole(torch.tensor([words.encode(text)])).logits[:, -1]
        check(int(logits.argmax()) in letters, "the tiny model does not answer with a letter")
        answer = letters.index(int(logits.argmax()))
        labels = [choice["label"] for choice in item["question"]["choices"]]
        item["answerKey"] = labels[answer if k % 2 else (answer + 1) % 4]
        if k % 2:
            right[item["id"]] = (len(text), answer, logits)
    (folder / "arc.jsonl").write_text("\n".join(json.dumps(item) for item in items) + "\n")
    data = ("--model", folder / "llama", "--arc", folder / "arc.jsonl")
    run("csr", *data, "--out", folder / "suite", "--count", 2)
    task = entry(folder / "suite", "csr")
    check(task["packing"] == "rows" and task["source-format"] == "F32LE", task)
    words = transformers.AutoTokenizer.from_pretrained(folder / "llama")
    letters = [words.encode(" " + letter, add_special_tokens=False)[0] for letter in "ABCD"]
    found = features(folder / "suite", task, (1, None, tiny.WIDTH))
    lengths = sorted((row[0] for row in right.values()), reverse=True)
    check(sorted((right[name][0] for name in found), reverse=True) == lengths[:2], "not the longest prompts")
    truth, choices = (numpy.load(folder / "suite" / task[part]) for part in ("truth", "choices"))
    check(truth.tolist() == [right[name][1] for name in found] and (choices == letters).all(), f"{truth}, {choices}")
    for name, feature in found.items():
        near(head(folder / "suite", task, feature), right[name][2], f"csr {name}")
    # Only the last token matters to the head.
    last = next(iter(found.values()))[:, -1:]
    near(head(folder / "suite", task, last), next(iter(right[n][2] for n in found)), "csr, last token alone")

    (folder / "list.txt").write_text("Mercury_3\nMercury_4\n")
    run("csr", *data, "--out", folder / "half", "--list", folder / "list.txt", "--dtype", "bfloat16", "--format", "float16")
    task = entry(folder / "half", "csr")
    check(task["source-format"] == "F16LE", task)
    check(list(features(folder / "half", task, (1, None, tiny.WIDTH), "float16")) == ["Mercury_3", "Mercury_4"], "list")
    (folder / "bad.jsonl").write_text('{"id": "x"}\n')
    run("csr", "--model", folder / "llama", "--arc", folder / "bad.jsonl", "--out", folder / "x",
        fails="bad.jsonl:1: this is no question of ARC")
    tiny.dinov2(folder / "dino")
    run("csr", "--model", folder / "dino", "--arc", folder / "arc.jsonl", "--out", folder / "x",
        fails="a model of type 'dinov2', not llama")


def test_tti(folder):
    pipeline = tiny.sd3(folder / "sd3")
    notes = [{"image_id": k // 2, "caption": f"a thing {'that is large ' * (k % 2)}number {k}"} for k in range(6)]
    (folder / "captions.json").write_text(json.dumps({"annotations": notes}))
    torch.jit.script(tiny.Inception()).save(str(folder / "inception.pt"))
    run("tti", "--model", folder / "sd3", "--captions", folder / "captions.json", "--count", 2, "--out",
        folder / "suite", "--steps", 2, "--dtype", "float32", "--inception", folder / "inception.pt", "--seed", 5)
    task = entry(folder / "suite", "tti")
    check(task["packing"] == "mosaic" and task["source-format"] == "F16LE", task)
    found = features(folder / "suite", task, (16, 128, 128), "float16")
    check(list(found) == ["0", "1"], list(found))
    pipeline.set_progress_bar_config(disable=True)
    image = pipeline(notes[3]["caption"], num_inference_steps=2, guidance_scale=7.0, height=1024, width=1024,
                     generator=torch.Generator("cpu").manual_seed(6), output_type="pt").images
    decoded = head(folder / "suite", task, found["1"])
    check(decoded.shape == image.shape == (1, 3, 1024, 1024), f"{decoded.shape}, {image.shape}")
    # The latents were rounded to 16 bits on the way, the images were not.
    check((decoded - image).abs().max() < 5e-3, f"images differ by {(decoded - image).abs().max()}")
    latent = torch.from_numpy(found["1"]).float()[None]
    with torch.no_grad():
        wanted = pipeline.vae.decode(latent / 1.5305 + 0.0609).sample
    near(decoded, (wanted / 2 + 0.5).clamp(0, 1), "tti")
    near(head(folder / "suite", task, found["1"][None]), decoded, "tti, four dimensions")
    activations = head(folder / "suite", task, decoded, "fid")
    means = (decoded * 255).round().mean([2, 3])
    near(activations, torch.cat((means, means), 1), "tti, fid network")

    (folder / "feature_test").mkdir()
    numpy.save(folder / "feature_test/caption7.npy", found["1"][None])
    run("tti", "--model", folder / "sd3", "--features", folder / "feature_test", "--out", folder / "again")
    check(list(features(folder / "again", entry(folder / "again", "tti"), (1, 16, 128, 128), "float16")) == ["caption7"],
          "features that exist")
    run("tti", "--model", folder / "sd3", "--out", folder / "x", fails="tti needs --captions, or --features")
    run("tti", "--model", folder / "sd3", "--captions", folder / "inception.pt", "--out", folder / "x",
        fails="no file of COCO captions")


def test_selection(folder):
    """Rules by which samples are chosen, on hand-made cases, and the positions of the original code."""
    classes = {"a": {0, 1}, "b": {0, 1}, "c": {0, 2, 255}, "d": {0, 3}}
    check(samples.covering(classes, 3, 5) == (["a", "c", "d"], [4]), samples.covering(classes, 3, 5))
    check(samples.covering(classes, 4, 5)[0] == ["a", "b", "c", "d"], "not filled up")
    scenes = [samples.Scene(f"{c}{k}", c, None, None) for c, n in (("x", 20), ("y", 4), ("z", 2)) for k in range(n)]
    taken = [scene.name for scene in samples.spread(scenes, 80)]
    check(taken == ["x0", "x2", "x5", "x7", "x10", "x12", "x15", "x17", "y0", "y1", "y2", "y3"], taken)
    check(len(samples.spread(scenes, 5)) == 5, "more scenes than asked for")
    check(dinov2.scaled_size(375, 500) == (512, 683) and dinov2.scaled_size(100, 500) == (410, 2048), "sizes")
    check(dinov2.crops(512, 683) == [(0, 0), (0, 171)] and dinov2.crops(512, 512) == [(0, 0)], "crops")
    check(len(dinov2.crops(512, 853)) == 2 and len(dinov2.crops(512, 854)) == 3, "number of crops")
    check((dinov2.padding(512, 14), dinov2.padding(480, 14), dinov2.padding(645, 14)) == ((3, 3), (5, 5), (6, 7)), "pads")

    # Cubic interpolation by hand: 37 patches become 16.1 in the original code, 16 in transformers.
    model = tiny.dinov2(folder / "dino")
    column = torch.randn(37)
    with torch.no_grad():
        model.embeddings.position_embeddings[:, 1:] = column.repeat(37, 1).reshape(1, 1369, 1)
    for style, patches in (("facebook", 16.1), ("transformers", 16)):
        near(dinov2.position_table(model, 16, 16, style)[0, 1:17, 0], cubic(column, 16, 37 / patches), style)
    native = dinov2.position_table(model, 37, 37, "facebook")
    check(torch.equal(native, model.embeddings.position_embeddings), "the native grid was changed")


def cubic(values, count, step):
    result = []
    for k in range(count):
        place = (k + 0.5) * step - 0.5
        first = int(numpy.floor(place))
        total = 0.0
        for n in range(first - 1, first + 3):
            d, a = abs(place - n), -0.75
            weight = (a + 2) * d**3 - (a + 3) * d**2 + 1 if d <= 1 else a * (d**3 - 5 * d**2 + 8 * d - 4)
            total += weight * float(values[min(max(n, 0), len(values) - 1)])
        result.append(total)
    return result


def main():
    torch.manual_seed(0)
    torch.set_num_threads(2)
    with tempfile.TemporaryDirectory() as name:
        globals()[f"test_{sys.argv[1]}"](pathlib.Path(name))
        for manifest in sorted(pathlib.Path(name).glob("*/suite.json")):
            analyse(manifest.parent)
    print(f"passed with torch {torch.__version__}")


if __name__ == "__main__":
    main()
