#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Cuts a large model in two as the paper does: features as .npy, the head as TorchScript, and the
manifest with which feature-bench runs them. docs/datasets.md tells what goes where.

Everything comes from folders of yours; nothing is downloaded.
"""
import argparse
import os
import pathlib
import sys

os.environ.setdefault("HF_HUB_OFFLINE", "1")

EXAMPLES = """Examples, with the models' folders as transformers and diffusers have them:

  export.py cls --model dinov2-giant --head dinov2_vitg14_linear_head.pth \\
      --images ILSVRC2012_val --labels labels.txt --out suite
  export.py seg --model dinov2-giant --head dinov2_vitg14_voc2012_linear_head.pth --voc VOC2012 --out suite
  export.py dpt --model dinov2-giant --head dinov2_vitg14_nyu_linear4_head.pth \\
      --nyu nyu --split nyu_test.txt --out suite
  export.py csr --model Meta-Llama-3-8B-Instruct --arc ARC-Challenge-Test.jsonl --dtype bfloat16 --out suite
  export.py tti --model stable-diffusion-3-medium-diffusers --captions captions_val2017.json --out suite

With the paper's own features, which are then not computed again:

  export.py seg --features feature_test --model dinov2-giant --head voc2012_linear_head.pth --voc VOC2012 --out suite
"""
COUNTS = {"cls": 500, "seg": 100, "dpt": 80, "csr": 500, "tti": 500}


def parse(arguments):
    parser = argparse.ArgumentParser(prog="export.py", description=__doc__, epilog=EXAMPLES,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    tasks = parser.add_subparsers(dest="task", required=True, metavar="TASK")
    subs = {name: tasks.add_parser(name, help=text) for name, text in (
        ("cls", "DINOv2, image classification on ImageNet"),
        ("seg", "DINOv2, segmentation on VOC 2012"),
        ("dpt", "DINOv2, depth on NYU Depth v2"),
        ("csr", "Llama 3, common sense reasoning on ARC-Challenge"),
        ("tti", "Stable Diffusion 3, images for captions of COCO"))}
    for name, sub in subs.items():
        sub.add_argument("--model", required=True, metavar="FOLDER", help="the model")
        sub.add_argument("--out", required=True, metavar="FOLDER", help="where suite.json and the rest go")
        sub.add_argument("--features", metavar="FOLDER", help="features that exist: .npy files named like the samples")
        sub.add_argument("--list", metavar="FILE", help="names of the samples to take, instead of choosing them")
        sub.add_argument("--count", type=int, default=COUNTS[name], metavar="N",
                         help=f"samples to choose (default: {COUNTS[name]}, as the paper)")
        sub.add_argument("--device", default="cpu", help="cpu or cuda, for computing features (default: cpu)")
    for name in ("cls", "seg", "dpt"):
        sub = subs[name]
        sub.add_argument("--head", required=name != "cls", metavar="FILE", help="weights of the linear head" + (
            " (default: the classifier in the model's folder)" if name == "cls" else ""))
        sub.add_argument("--trust-checkpoint", action="store_true", help="read --head even if it may run programs")
        sub.add_argument("--positions", choices=["facebook", "transformers"], default="facebook",
                         help="how position embeddings are scaled (default: as the original code does)")
        sub.add_argument("--with-edge", action="store_true", help="write the first half as TorchScript too")
    subs["cls"].add_argument("--images", metavar="FOLDER", help="images, at any depth; not with --features")
    subs["cls"].add_argument("--labels", required=True, metavar="FILE", help="lines of an image's name and its class")
    subs["seg"].add_argument("--voc", required=True, metavar="FOLDER", help="with JPEGImages and SegmentationClass")
    subs["dpt"].add_argument("--nyu", required=True, metavar="FOLDER", help="images and depth")
    subs["dpt"].add_argument("--split", required=True, metavar="FILE", help="lines of an image and its depth")
    subs["csr"].add_argument("--arc", required=True, metavar="FILE", help="questions, in lines of JSON")
    subs["csr"].add_argument("--dtype", choices=["float32", "bfloat16", "float16"], default="float32",
                             help="type the model computes in (default: float32)")
    subs["csr"].add_argument("--format", choices=["float32", "float16"], default="float32",
                             help="type of the features (default: float32)")
    subs["tti"].add_argument("--captions", metavar="FILE", help="captions of COCO; not with --features")
    subs["tti"].add_argument("--dtype", choices=["float32", "bfloat16", "float16"], default="float16",
                             help="type the pipeline computes in (default: float16)")
    subs["tti"].add_argument("--steps", type=int, default=28, help="of the diffusion (default: 28)")
    subs["tti"].add_argument("--guidance", type=float, default=7.0, help="default: 7")
    subs["tti"].add_argument("--seed", type=int, default=0, help="of the first sample; the others count on")
    subs["tti"].add_argument("--size", type=int, default=1024, help="of the images (default: 1024)")
    subs["tti"].add_argument("--inception", metavar="FILE", help="TorchScript for FID: inception-2015-12-05.pt")
    return parser.parse_args(arguments)


def main(arguments):
    options = parse(arguments)
    try:
        import tasks  # torch only where there is something to do
    except ImportError as error:
        print(f"export.py: {sys.executable} lacks a package ({error})", file=sys.stderr)
        return 1
    try:
        tasks.need(options.count > 0, f"--count {options.count}: there must be at least one sample")
        tasks.need(pathlib.Path(options.model).is_dir(), f"--model {options.model}: there is no such folder")
        tasks.need(tasks.usable(options.device), f"--device {options.device}: PyTorch finds no such device here")
        getattr(tasks, options.task)(options)
    except tasks.Wrong as error:
        print(f"export.py: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
