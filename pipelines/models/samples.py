# SPDX-License-Identifier: LGPL-2.1-or-later
"""Samples out of the data sets' own folders, chosen as the paper chose them."""
import collections
import dataclasses
import json
import pathlib

import numpy
import torch

from errors import Wrong, need

IMAGES = (".jpeg", ".jpg", ".png")
VOC_CLASSES = ("background", "aeroplane", "bicycle", "bird", "boat", "bottle", "bus", "car", "cat", "chair",
               "cow", "diningtable", "dog", "horse", "motorbike", "person", "pottedplant", "sheep", "sofa",
               "train", "tvmonitor")
VOC_IGNORED = 255


def lines(path):
    need(pathlib.Path(path).is_file(), f"{path}: there is no such file")
    return [line.split() for line in pathlib.Path(path).read_text().splitlines() if line.strip()]


def named(samples, path):
    """Of `samples`, by name, those whose names are in the first column of a list."""
    if path is None:
        return list(samples.values())
    names = [pathlib.Path(line[0]).stem if line[0].endswith(IMAGES) else line[0] for line in lines(path)]
    absent = [name for name in names if name not in samples]
    need(not absent, f"{path}: there is no sample '{absent[0] if absent else ''}' "
                     f"({len(absent)} of {len(names)} are missing)")
    return [samples[name] for name in names]


def open_image(path, mode="RGB"):
    from PIL import Image, UnidentifiedImageError
    try:
        with Image.open(path) as image:
            return image.convert(mode) if mode else image.copy()
    except (OSError, UnidentifiedImageError) as error:
        raise Wrong(f"{path}: this is no image that can be read ({error})") from error


def to_tensor(image):
    """1x3xHxW in [0, 1]"""
    return torch.from_numpy(numpy.array(image)).permute(2, 0, 1)[None].float() / 255


# Classification: ImageNet

@dataclasses.dataclass
class Picture:
    name: str
    path: pathlib.Path
    label: int


def class_numbers(path):
    """name -> class, from lines with a file's name first and its class last."""
    result = {}
    for line in lines(path):
        need(len(line) > 1 and line[-1].isdigit(),
             f"{path}: '{' '.join(line)}' is not a name and the number of a class")
        result[pathlib.Path(line[0]).name.split(".")[0]] = int(line[-1])
    return result


def pictures(folder, labels):
    """name -> Picture, of the images in a folder and below it that have a label."""
    folder = pathlib.Path(folder)
    need(folder.is_dir(), f"{folder}: there is no such folder")
    files = {path.stem: path for path in sorted(folder.rglob("*")) if path.suffix.lower() in IMAGES}
    result = {name: Picture(name, files[name], label) for name, label in class_numbers(labels).items()
              if name in files}
    need(result, f"{labels}: none of its names is an image in {folder}")
    return result


def classified(candidates, predict, count):
    """One correctly classified picture of each class, up to `count`."""
    chosen = {}
    for picture in candidates:
        if len(chosen) == count:
            break
        if picture.label not in chosen and predict(picture) == picture.label:
            chosen[picture.label] = picture
    return list(chosen.values())


def classification_image(path, size=224):
    """Short side to 8/7 of the size, then its centre: as everybody tests on ImageNet."""
    from PIL import Image
    image = open_image(path)
    short = round(size * 256 / 224)
    scale = short / min(image.size)
    width, height = (max(short, int(side * scale)) for side in image.size)
    image = image.resize((width, height), Image.Resampling.BILINEAR)
    left, top = round((width - size) / 2), round((height - size) / 2)
    return to_tensor(image.crop((left, top, left + size, top + size)))


# Segmentation: VOC 2012

def voc_names(folder):
    folder = pathlib.Path(folder)
    split = folder / "ImageSets/Segmentation/val.txt"
    return {line[0]: line[0] for line in lines(split)}


def voc_truth(folder, name):
    return numpy.array(open_image(pathlib.Path(folder) / "SegmentationClass" / f"{name}.png", mode=None))


def voc_image(folder, name):
    return to_tensor(open_image(pathlib.Path(folder) / "JPEGImages" / f"{name}.jpg"))


def covering(classes_of, count, classes=len(VOC_CLASSES)):
    """Names that together have every class, as far as there is one: first whoever has a class that is still
    missing, then in order. `classes_of` is name -> set of classes."""
    missing, chosen = set(range(1, classes)), []
    for name, present in classes_of.items():
        if present & missing:
            chosen.append(name)
            missing -= present
    chosen = chosen[:count]
    for name in classes_of:
        if len(chosen) >= count:
            break
        if name not in chosen:
            chosen.append(name)
    return sorted(chosen), sorted(missing)


def scaled(image, size):
    """1x3xHxW in [0, 1] as 8 bits hold it, in another size."""
    image = torch.nn.functional.interpolate(image, size=size, mode="bilinear", align_corners=False)
    return (image * 255).round() / 255


# Depth: NYU Depth v2

@dataclasses.dataclass
class Scene:
    name: str
    category: str
    image: pathlib.Path
    depth: pathlib.Path


def scenes(folder, split):
    """name -> Scene, of a split whose lines are image, depth and, perhaps, a focal length."""
    folder, result = pathlib.Path(folder), {}
    for line in lines(split):
        need(len(line) >= 2, f"{split}: '{line[0]}' has no picture of depth beside it")
        image, depth = (folder / name.lstrip("/") for name in line[:2])
        category = image.parent.name
        result[f"{category}_{image.stem}"] = Scene(f"{category}_{image.stem}", category, image, depth)
    return result


def spread(candidates, count, least=3, most=8):
    """`least` to `most` scenes of each category, taken in turn and spread over the category."""
    groups = collections.defaultdict(list)
    for scene in candidates:
        groups[scene.category].append(scene)
    groups = {name: group for name, group in groups.items() if len(group) >= least}
    share = {name: 0 for name in groups}
    while sum(share.values()) < count:
        before = sum(share.values())
        for name, group in groups.items():
            if share[name] < min(most, len(group)) and sum(share.values()) < count:
                share[name] += 1
        if sum(share.values()) == before:
            break
    return [group[k * len(group) // share[name]] for name, group in groups.items() for k in range(share[name])]


def depth_metres(path, scale=1000):
    """Pictures of 16 bits hold millimetres."""
    return numpy.array(open_image(path, mode=None)).astype(numpy.float32) / scale


# Common sense reasoning: ARC-Challenge

@dataclasses.dataclass
class Question:
    name: str
    text: str
    choices: list
    answer: int


def questions(path):
    """name -> Question, from lines of JSON as AI2 published them."""
    need(pathlib.Path(path).is_file(), f"{path}: there is no such file")
    result = {}
    for number, line in enumerate(pathlib.Path(path).read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip():
            continue
        try:
            item = json.loads(line)
            choices = item["question"]["choices"]
            answer = [choice["label"] for choice in choices].index(item["answerKey"])
            result[item["id"]] = Question(item["id"], item["question"]["stem"], [c["text"] for c in choices], answer)
        except (ValueError, KeyError, TypeError) as error:
            raise Wrong(f"{path}:{number}: this is no question of ARC ({error})") from error
    # The prompt names the letters A to D.
    return {name: q for name, q in result.items() if len(q.choices) <= 4}


# Text to image: captions of COCO 2017

def captions(path):
    """number of the image -> its longest caption"""
    need(pathlib.Path(path).is_file(), f"{path}: there is no such file")
    try:
        longest = {}
        for note in json.loads(pathlib.Path(path).read_text(encoding="utf-8"))["annotations"]:
            text = " ".join(note["caption"].split())
            if len(text) > len(longest.get(str(note["image_id"]), "")):
                longest[str(note["image_id"])] = text
    except (ValueError, KeyError, TypeError) as error:
        raise Wrong(f"{path}: this is no file of COCO captions ({error})") from error
    return dict(sorted(longest.items(), key=lambda item: int(item[0])))


def evenly(values, count):
    values = list(values)
    return values if len(values) <= count else [values[k * len(values) // count] for k in range(count)]
