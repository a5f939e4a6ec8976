"""Rows of numbers that take long to compute: kept in the cache folder, part by part, and read again from there.

A part is read only where it is whole and was made from the same things. Each is written in one step, so that nobody
ever reads half a file, and an interrupted run goes on where it stopped.
"""

import hashlib
import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import safetensors.torch
import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor
from tqdm.auto import tqdm

from mmcourse.fetch import cache_dir

PART = 256  # rows


def rows_kept(
    name: str, made_from: Any, rows: int, make: Callable[[int, int], Tensor], progress: bool = True
) -> Tensor:
    """All rows (rows, ...) of what `make(start, stop)` gives for each part; what was kept is not made again.

    name       of the folder, for people
    made_from  whatever the numbers depend on, as JSON can hold it: other things, other rows
    progress   a bar, where it takes a while

    Where nothing can be kept, a line says so. Raises CourseError where the cache folder cannot be written to.
    """
    key = digest(json.dumps([made_from, rows, PART], sort_keys=True).encode())
    folder = cache_dir() / "features" / f"{name}-{key[:16]}"
    parts, told = [], False
    starts = range(0, rows, PART)
    for start in tqdm(starts, desc=f"encoding {name}", unit="part", file=sys.stdout, disable=not progress, delay=1):
        path = folder / f"{start:07d}.safetensors"
        part = _read(path, key)
        if part is None:
            part = make(start, min(start + PART, rows)).contiguous()
            said = _write(part, path, key)
            if said and not told:
                print(said, flush=True)
                told = True
        parts.append(part)
    return torch.cat(parts)


def digest(*pieces: bytes) -> str:
    """sha256 of some pieces of bytes, in hexadecimal."""
    whole = hashlib.sha256()
    for piece in pieces:
        whole.update(len(piece).to_bytes(8, "big") + piece)
    return whole.hexdigest()


def digest_of(*tensors: Tensor) -> str:
    """sha256 of tensors: their shapes, dtypes and numbers."""
    pieces = []
    for tensor in tensors:
        flat = tensor.detach().cpu().contiguous()
        pieces += [f"{tuple(flat.shape)} {flat.dtype}".encode(), flat.reshape(-1).view(torch.uint8).numpy().tobytes()]
    return digest(*pieces)


def _read(path: Path, key: str) -> Tensor | None:
    """A part as it was kept, or None where there is nothing, or something stale or damaged."""
    try:
        with safe_open(path, framework="pt") as file:
            said, part = file.metadata() or {}, file.get_tensor("rows").clone()
    except (OSError, SafetensorError):
        return None
    return part if (said.get("key"), said.get("digest")) == (key, digest_of(part)) else None


def _write(part: Tensor, path: Path, key: str) -> str:
    """Keep a part; '' if that went well, else what to tell."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        whole = safetensors.torch.save({"rows": part}, {"key": key, "digest": digest_of(part)})
        # `fetch` sweeps folders of this name, should this process be killed in here.
        with tempfile.TemporaryDirectory(prefix="fetching-", dir=cache_dir(), ignore_cleanup_errors=True) as folder:
            (Path(folder) / path.name).write_bytes(whole)
            (Path(folder) / path.name).replace(path)
    except OSError as error:
        return (
            f"The features could not be kept in {path.parent} ({error.strerror or error}); next time they will be "
            "computed again. Make room, or name another folder in the environment variable MMCOURSE_CACHE."
        )
    return ""
