"""Sets at home in their true on-disk form, small, and filled with what is at hand: drawings, shapes, film sentences."""

import csv
import gzip
import hashlib
import json
import pickle
import struct
from pathlib import Path

import numpy as np
from PIL import Image

from mmcourse.data import load


def photographs(split: str, n: int, style: str = "twemoji") -> list[tuple[Image.Image, str, str]]:
    """n drawings spread over an emoji split: (picture, name, group)."""
    pairs = load("emoji", split, size=72, languages=("en",), style=style)
    rows = [k * len(pairs) // n for k in range(n)]
    pictures = pairs.images[rows].permute(0, 2, 3, 1).numpy()  # (n, 72, 72, 3)
    return [
        (Image.fromarray(picture), pairs.text["en"][i], pairs.classes[pairs.labels[i]])
        for picture, i in zip(pictures, rows, strict=True)
    ]


def save(picture: Image.Image, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    picture.save(path, "JPEG", quality=95)


def flickr8k(root: Path, train: int = 400, val: int = 60, test: int = 260) -> Path:
    """The published form: a token file, three lists, and a folder of pictures, each with five captions."""
    captions = []
    for split, said, n in (("train", "train", train), ("val", "dev", val), ("test", "test", test)):
        names = []
        for k, (picture, name, group) in enumerate(photographs(split, n)):
            names.append(f"{said}_{k}.jpg")
            save(picture, root / "Flicker8k_Dataset" / names[-1])
            texts = (name, f"a drawing of {name}", f"{name} on white", f"{name} , {group}", f"one {name} .")
            captions += [f"{names[-1]}#{i}\t{text}\n" for i, text in enumerate(texts)]
        (root / f"Flickr_8k.{said}Images.txt").write_text("".join(f"{name}\n" for name in names))
    (root / "Flickr8k.token.txt").write_text("".join(captions), "utf-8")
    return root


def food101(root: Path, train: int = 300, test: int = 100) -> Path:
    """Pictures in a folder a class, and a table of titles a part, without a header."""
    for part, n in {"train": train, "test": test}.items():
        rows = []
        for k, (picture, name, group) in enumerate(photographs(part, n)):
            dish = group.lower().replace(" & ", "_")
            save(picture, root / "images" / part / dish / f"{dish}_{k}.jpg")
            rows.append([f"{dish}_{k}.jpg", f"{name} | a page", dish])
        (root / "texts").mkdir(exist_ok=True)
        with (root / "texts" / f"{part}_titles.csv").open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows(rows)
    return root


def vqa(root: Path, train: int = 60, val: int = 20) -> Path:
    """easy-VQA's pictures and questions as VQA v2 gives out its own: questions and annotations apart, by number."""
    for part, split, n in (("train", "train", train), ("val", "test", val)):
        easy, questions, annotations = load("easy-vqa", split, size=64), [], []
        for i in (easy.image_of < n).nonzero().flatten().tolist():
            picture, kind, answer = int(easy.image_of[i]), easy.meta[i]["kind"], easy.classes[easy.labels[i]]
            ask = {"image_id": picture, "question_id": i}
            questions.append({**ask, "question": easy.questions[i].capitalize()})
            people = [{"answer": answer, "answer_confidence": "yes", "answer_id": k} for k in range(1, 11)]
            kind = kind if kind == "yes/no" else "other"
            annotations.append({**ask, "answer_type": kind, "multiple_choice_answer": answer, "answers": people})
        for k, image in enumerate(easy.images[:n].permute(0, 2, 3, 1).numpy()):
            save(Image.fromarray(image), root / f"{part}2014" / f"COCO_{part}2014_{k:012d}.jpg")
        asked = {"data_subtype": f"{part}2014", "questions": questions}
        (root / f"v2_OpenEndedQuestions_mscoco_{part}2014_questions.json").write_text(json.dumps(asked))
        (root / f"v2_mscoco_{part}2014_annotations.json").write_text(json.dumps({"annotations": annotations}))
    return root


def imdb(root: Path, n: int = 400) -> Path:
    """A file a review, named by number and stars, in a folder a part and kind; film sentences stand for reviews."""
    for part in ("train", "test"):
        sentences = load("sentences", part, sources=("movies",))
        for label, kind in enumerate(("neg", "pos")):
            folder = root / part / kind
            folder.mkdir(parents=True)
            texts = [text for text, its in zip(sentences.texts, sentences.labels, strict=True) if its == label][:n]
            for k, text in enumerate(texts):
                (folder / f"{k}_{9 if label else 2}.txt").write_text(f"{text}<br /><br />", "utf8")
    return root


def cifar10(root: Path, monkeypatch, n: int = 20, pictures=None) -> Path:
    """Five training batches and a test batch of n pictures each, random ones unless given as (6 n, 3072) uint8 and
    labels (6 n,); torchvision is told their md5."""
    from torchvision.datasets import CIFAR10

    draw, folder = np.random.default_rng(0), root / "cifar-10-batches-py"
    folder.mkdir(parents=True)
    data, labels = pictures or (draw.integers(0, 256, (6 * n, 3072), dtype=np.uint8), [i % 10 for i in range(6 * n)])

    def written(name, content):
        (folder / name).write_bytes(pickle.dumps(content, protocol=2))
        return [name, hashlib.md5((folder / name).read_bytes()).hexdigest()]

    made = []
    for k, (name, _) in enumerate(CIFAR10.train_list + CIFAR10.test_list):
        part = slice(k * n, (k + 1) * n)
        made.append(written(name, {"data": data[part], "labels": list(labels[part])}))
    monkeypatch.setattr(CIFAR10, "train_list", made[:5])
    monkeypatch.setattr(CIFAR10, "test_list", made[5:])
    meta = written("batches.meta", {"label_names": [f"thing {i}" for i in range(10)]})
    monkeypatch.setattr(CIFAR10, "meta", CIFAR10.meta | {"md5": meta[1]})
    return root


def idx(array: np.ndarray) -> bytes:
    """The IDX form of MNIST's files."""
    return struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape) + array.astype(np.uint8).tobytes()


def fashion_mnist(folder: Path, train: int = 60, test: int = 10) -> Path:
    """Debian's folder of gzipped files. Ten kinds of pictures: a bright bar in one of ten places, and noise."""
    draw = np.random.default_rng(0)
    folder.mkdir(parents=True)
    for part, n in {"train": train, "t10k": test}.items():
        labels = np.arange(n) % 10
        pictures = draw.integers(0, 128, (n, 28, 28), dtype=np.uint8)
        for picture, label in zip(pictures, labels, strict=True):
            picture[2 * label + 4 : 2 * label + 6] = 255
        (folder / f"{part}-images-idx3-ubyte.gz").write_bytes(gzip.compress(idx(pictures)))
        (folder / f"{part}-labels-idx1-ubyte.gz").write_bytes(gzip.compress(idx(labels)))
    return folder
