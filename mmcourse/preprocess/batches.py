"""Items of different sizes in one batch, with a mask for each modality."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor


class Batch(NamedTuple):
    """Pictures and sentences, padded, with their masks; True = real.

    images   (B, C, H, W)     each picture in the upper left corner, 0 elsewhere
    pixels   (B, H, W) bool   which pixels are picture
    ids      (B, T) long      0 behind the end of a sentence
    words    (B, T) bool      which positions are words
    labels   (B,) long
    """

    images: Tensor
    pixels: Tensor
    ids: Tensor
    words: Tensor
    labels: Tensor


def collate(items: Sequence[tuple[Tensor, Tensor, int]]) -> Batch:
    """Items (picture (C, h, w), ids (t,) long, label) -> `Batch`, as high, wide and long as the largest of each.

    T is at least 1. For `torch.utils.data.DataLoader(..., collate_fn=collate)`.
    """
    images, sentences, labels = zip(*items, strict=True)
    high, wide = (max(image.shape[axis] for image in images) for axis in (1, 2))
    long = max(1, *(len(ids) for ids in sentences))
    first = images[0]
    page = first.new_zeros(len(items), first.shape[0], high, wide)  # (B, C, H, W)
    pixels = first.new_zeros(len(items), high, wide, dtype=torch.bool)  # (B, H, W)
    ids = first.new_zeros(len(items), long, dtype=torch.long)  # (B, T)
    words = torch.zeros_like(ids, dtype=torch.bool)  # (B, T)
    for b, (image, sentence) in enumerate(zip(images, sentences, strict=True)):
        _, h, w = image.shape
        page[b, :, :h, :w], pixels[b, :h, :w] = image, True
        ids[b, : len(sentence)], words[b, : len(sentence)] = sentence, True
    return Batch(page, pixels, ids, words, torch.tensor(labels, device=first.device))
