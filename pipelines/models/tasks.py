# SPDX-License-Identifier: LGPL-2.1-or-later
"""What export.py does for each task: choose samples, compute features, write head, truth and manifest."""
import pathlib
import sys
import time

import numpy
import torch

import dinov2
import llama
import samples
import sd3
from errors import Wrong, need  # noqa: F401, export.py takes both from here
from suite import Suite, in_order


class Progress:
    """A line on the terminal with the time that is left."""

    def __init__(self, total, what):
        self.total, self.what, self.done, self.start = total, what, 0, time.monotonic()

    def step(self):
        self.done += 1
        left = (time.monotonic() - self.start) / self.done * (self.total - self.done)
        if sys.stderr.isatty():
            print(f"\r\033[K{self.what} {self.done}/{self.total}, {left:.0f} s left", end="", file=sys.stderr)
            if self.done == self.total:
                print("\r\033[K", end="", file=sys.stderr)


def usable(device):
    try:
        torch.zeros(1, device=device)
        return True
    except (RuntimeError, AssertionError):
        return False


def existing(options):
    """name -> file of the features that exist, or None."""
    if not options.features:
        return None
    folder = pathlib.Path(options.features)
    files = {path.stem: path for path in folder.glob("*.npy")}
    need(files, f"--features {folder}: there is no .npy file in this folder")
    return files


def of_features(files, table, where):
    """The entries of `table` that belong to the files."""
    absent = sorted(set(files) - set(table))
    need(not absent, f"{where}: there is no sample '{absent[0] if absent else ''}', which has a feature "
                     f"({len(absent)} of {len(files)} are missing)")
    return [table[name] for name in files]


def enough(chosen, options):
    need(chosen, "no sample is left to take")
    if len(chosen) < options.count and not options.list and not options.features:
        print(f"export.py: only {len(chosen)} of {options.count} samples were found", file=sys.stderr)


def fill(suite, task, names, files, compute):
    """The features of `names`: those that exist are linked, finished ones of an earlier run are kept."""
    suite.only(task, names)
    progress = Progress(len(names), task)
    for name in names:
        if files is not None:
            suite.adopt(task, name, files[name])
        elif not suite.has(task, name):
            with torch.no_grad():
                suite.feature(task, name, compute(name))
        progress.step()


def finish(suite, task, count):
    print(f"{suite.folder}/suite.json: task {task}, {count} samples")


def cls(options):
    model, classifier = dinov2.load(options.model)
    if options.head:
        classifier = dinov2.cls_linear(model, options.head, options.trust_checkpoint)
    need(classifier is not None, f"--model {options.model}: it has no classifier, so --head must name one")
    files, suite = existing(options), Suite(options.out)
    size = 16 * model.config.patch_size
    edge, head = dinov2.ClsEdge(model, size, options.positions).eval(), dinov2.ClsHead(model, classifier).eval()
    edge_there, classes = edge.to(options.device), classifier.weight.shape[0]

    def feature(picture):
        image = samples.classification_image(picture.path, size)
        return edge_there(image.to(options.device)).cpu()

    if files is not None:
        table = samples.class_numbers(options.labels)
        labels = dict(zip(files, of_features(files, table, options.labels)))
        pictures = {}
    else:
        need(options.images, "cls needs --images, or --features")
        candidates = samples.named(samples.pictures(options.images, options.labels), options.list)
        if not options.list:
            with torch.no_grad():
                candidates = samples.classified(candidates, lambda p: int(head(feature(p)).argmax()), options.count)
        enough(candidates, options)
        pictures = {picture.name: picture for picture in candidates}
        labels = {name: picture.label for name, picture in pictures.items()}
    worst = max(labels.values())
    need(worst < classes, f"{options.labels}: class {worst} is none of the head's {classes} classes")
    names = in_order(labels)
    fill(suite, "cls", names, files, lambda name: feature(pictures[name]).numpy())
    edge, example = edge.cpu(), torch.rand(1, 3, size, size)
    if options.with_edge:
        suite.script("dinov2_cls_edge", edge, example)
    suite.add("cls", "cls", "float32",
              head=suite.script("dinov2_cls_head", head, edge(example).detach()),
              truth=suite.truth("cls", numpy.array([labels[name] for name in names], numpy.int32)), classes=classes)
    finish(suite, "cls", len(names))


def chosen_voc(options, files):
    """Names of images of VOC that fill two crops, which is what the paper's features are."""
    def fits(name):
        height, width = samples.voc_truth(options.voc, name).shape
        size = dinov2.scaled_size(height, width)
        return min(size) == dinov2.CROP and len(dinov2.crops(*size)) == 2

    if files is not None:
        return list(files)
    if options.list:
        return [line[0] for line in samples.lines(options.list)]
    classes_of = {}
    for name in samples.voc_names(options.voc):
        if fits(name):
            classes_of[name] = set(numpy.unique(samples.voc_truth(options.voc, name)).tolist())
    chosen, missing = samples.covering(classes_of, options.count)
    if missing:
        absent = ", ".join(samples.VOC_CLASSES[k] for k in missing)
        print(f"export.py: no chosen image has {absent}", file=sys.stderr)
    return chosen


def seg(options):
    model, _ = dinov2.load(options.model)
    norm, linear = dinov2.seg_layers(model, options.head, options.trust_checkpoint)
    need(linear.weight.shape[0] == len(samples.VOC_CLASSES),
         f"--head {options.head}: it has {linear.weight.shape[0]} classes, VOC has {len(samples.VOC_CLASSES)}")
    files, suite = existing(options), Suite(options.out)
    chosen = chosen_voc(options, files)
    enough(chosen, options)
    sizes = {}
    for name in chosen:  # a head knows one size of image
        height, width = samples.voc_truth(options.voc, name).shape
        sizes.setdefault((height, width), []).append(name)
    labels = suite.labels("voc", samples.VOC_CLASSES)
    for (height, width), names in sorted(sizes.items()):
        task, names = f"seg-{width}x{height}", in_order(names)
        size = dinov2.scaled_size(height, width)
        edge = dinov2.SegEdge(model, *size, options.positions).eval().to(options.device)
        head = dinov2.SegHead(model, norm, linear, size, (height, width)).eval()

        def feature(name, edge=edge, size=size):
            image = samples.scaled(samples.voc_image(options.voc, name), size)
            return edge(image.to(options.device)).cpu().numpy()

        fill(suite, task, names, files, feature)
        edge = edge.cpu()
        shape = (len(head.places), 1, head.side ** 2 + 1, model.config.hidden_size)
        truth = numpy.stack([samples.voc_truth(options.voc, name) for name in names])
        if options.with_edge:
            suite.script(f"dinov2_{task}_edge", edge, torch.rand(1, 3, *size))
        suite.add("seg", task, "float32", **{"part-of": "seg"},
                  head=suite.script(f"dinov2_{task}_head", head, torch.randn(shape)),
                  truth=suite.truth(task, truth), classes=len(samples.VOC_CLASSES), labels=labels)
        finish(suite, task, len(names))


def dpt(options):
    model, _ = dinov2.load(options.model)
    linear = dinov2.dpt_linear(model, options.head, options.trust_checkpoint)
    files, suite = existing(options), Suite(options.out)
    table = samples.scenes(options.nyu, options.split)
    if files is not None:
        chosen = of_features(files, table, options.split)
    elif options.list:
        chosen = samples.named(table, options.list)
    else:
        chosen = samples.spread(table.values(), options.count)
    enough(chosen, options)
    scenes = {scene.name: scene for scene in chosen}
    names = in_order(scenes)
    truth = [samples.depth_metres(scenes[name].depth) for name in names]
    for name, depth in zip(names, truth):
        need(depth.shape == truth[0].shape, f"{scenes[name].depth}: it has shape {depth.shape}, the first "
                                            f"picture of depth has {truth[0].shape}")
    truth = numpy.stack(truth)
    need(truth.ndim == 3, f"{options.nyu}: the pictures of depth have colours")
    height, width = truth.shape[1:]
    edge = dinov2.DptEdge(model, height, width, options.positions).eval().to(options.device)
    head = dinov2.DptHead(linear, model.config.hidden_size, model.config.patch_size, height, width).eval()

    def feature(name):
        image = samples.to_tensor(samples.open_image(scenes[name].image))
        need(image.shape[2:] == (height, width), f"{scenes[name].image}: it is not {width}x{height} like its depth")
        return edge(image.to(options.device)).cpu().numpy()

    fill(suite, "dpt", names, files, feature)
    edge = edge.cpu()
    shape = (2, 4, head.rows * head.columns + 1, model.config.hidden_size)
    crop = [45, 471, 41, 601] if (height, width) == (480, 640) else None
    if options.with_edge:
        suite.script("dinov2_dpt_edge", edge, torch.rand(1, 3, height, width))
    suite.add("dpt", "dpt", "float32",
              head=suite.script("dinov2_dpt_head", head, torch.randn(shape)),
              truth=suite.truth("dpt", truth), crop=crop, **{"depth-range": [dinov2.NEAREST, dinov2.FARTHEST]})
    finish(suite, "dpt", len(names))


def csr(options):
    model, tokenizer = llama.load(options.model, options.dtype)
    letters = llama.letter_tokens(tokenizer, 4)
    files, suite = existing(options), Suite(options.out)
    table = samples.questions(options.arc)
    head, split = llama.CsrHead(model).eval(), llama.Split(model.to(options.device))

    def tokens(question):
        text = llama.prompt(question.text, question.choices)
        return tokenizer(text, return_tensors="pt").input_ids

    def right(question):
        return int(split(tokens(question))[1].argmax()) == letters[question.answer]

    if files is not None:
        chosen = of_features(files, table, options.arc)
    elif options.list:
        chosen = samples.named(table, options.list)
    else:  # the longest of those that the model answers correctly
        by_length = sorted(table.values(), key=lambda q: -len(llama.prompt(q.text, q.choices)))
        chosen = []
        for question in by_length:
            if len(chosen) < options.count and right(question):
                chosen.append(question)
    enough(chosen, options)
    chosen = {question.name: question for question in chosen}
    names = in_order(chosen)

    def feature(name):
        return split(tokens(chosen[name]))[0].float().cpu().numpy().astype(options.format)

    fill(suite, "csr", names, files, feature)
    choices = [letters[:len(chosen[name].choices)] for name in names]
    choices = [row + [-1] * (4 - len(row)) for row in choices]
    stored = numpy.load(suite.folder / "features/csr" / f"{names[0]}.npy", mmap_mode="r").dtype.name
    suite.add("csr", "csr", stored,
              head=suite.script("llama_csr_head", head, torch.randn(1, 7, model.config.hidden_size)),
              truth=suite.truth("csr", numpy.array([chosen[name].answer for name in names], numpy.int32)),
              choices=suite.truth("csr_choices", numpy.array(choices, numpy.int32)))
    finish(suite, "csr", len(names))


def tti(options):
    vae = sd3.load_vae(options.model)
    files, suite = existing(options), Suite(options.out)
    if files is not None:
        names, compute = list(files), None
    else:
        need(options.captions, "tti needs --captions, or --features")
        table = samples.captions(options.captions)
        if options.list:
            wanted = [line[0] for line in samples.lines(options.list)]
            names = [name for name in wanted if name in table]
            need(len(names) == len(wanted), f"{options.list}: {len(wanted) - len(names)} images have no caption")
        else:
            names = samples.evenly(table, options.count)
        pipeline = sd3.load_pipeline(options.model, options.dtype).to(options.device)
        pipeline.set_progress_bar_config(disable=True)
        seeds = {name: options.seed + k for k, name in enumerate(names)}

        def compute(name):
            latent = sd3.latents(pipeline, table[name], seeds[name], options.steps, options.guidance, options.size)
            return latent.cpu().numpy().astype(numpy.float16)

    enough(names, options)
    names = in_order(names)
    fill(suite, "tti", names, files, compute)
    first = suite.folder / "features/tti" / f"{names[0]}.npy"
    try:
        example = torch.from_numpy(numpy.load(first)).float()
    except (ValueError, OSError) as error:
        raise Wrong(f"{first}: this is no .npy file that can be read ({error})") from error
    channels = vae.config.latent_channels
    need(example.dim() in (3, 4) and example.numel() == channels * example.shape[-1] * example.shape[-2],
         f"the features have shape {tuple(example.shape)}, the decoder takes {channels} channels of a picture")
    head = suite.script("sd3_tti_head", sd3.TtiHead(vae, *example.shape[-2:]), example)
    fid = suite.script("inception", sd3.Inception(options.inception), torch.rand(1, 3, 64, 64)) \
        if options.inception else None
    suite.add("tti", "tti", "float16", head=head, fid=fid)
    finish(suite, "tti", len(names))
