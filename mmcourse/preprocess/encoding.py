"""Tokens to numbers: unknown words, both ends, cutting, padding, and the mask."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor


def pad(rows: Sequence[Sequence[int]], size: int) -> tuple[Tensor, Tensor]:
    """Rows of at most `size` numbers, filled up with 0, and their mask: (B, size) long, (B, size) bool, True = real."""
    ids = torch.zeros(len(rows), size, dtype=torch.long)
    for i, row in enumerate(rows):
        ids[i, : len(row)] = torch.tensor(row, dtype=torch.long)
    lengths = torch.tensor([len(row) for row in rows])  # (B,)
    return ids, torch.arange(size) < lengths[:, None]  # (B, size), (size) against (B, 1) -> (B, size)


def encode(sentences: Sequence[Sequence[str]], index: Mapping[str, int], length: int) -> tuple[Tensor, Tensor]:
    """Tokenised sentences as <bos> tokens <eos> <pad> ...: (B, length) long and (B, length) bool, True = real.

    index  has <pad> (which must be 0), <unk>, <bos> and <eos>; a token that it lacks is <unk>
    length at least 2. Of a sentence that is too long the last tokens are left out; both ends always stand

    Raises ValueError where the length leaves no room for both ends.
    """
    if length < 2:
        raise ValueError(f"length={length}: <bos> and <eos> need 2")
    rows = [[index.get(token, index["<unk>"]) for token in sentence[: length - 2]] for sentence in sentences]
    return pad([[index["<bos>"], *row, index["<eos>"]] for row in rows], length)
