"""Where tensors live: pick a device once, move batches to it, and say which precision to compute in."""

import dataclasses
import os
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from torch import Tensor


def pick() -> torch.device:
    """The device to compute on: the accelerator that torch finds (cuda, mps, xpu), else the CPU.

    `MMCOURSE_DEVICE=cpu` in the environment overrides it. Raises RuntimeError for a name that torch does not know.
    """
    wanted = os.environ.get("MMCOURSE_DEVICE")
    if wanted:
        return torch.device(wanted)
    found = torch.accelerator.current_accelerator(check_available=True) if torch.accelerator.is_available() else None
    return found or torch.device("cpu")


def move(batch: Any, device: torch.device | str) -> Any:
    """The same nested batch with every tensor on `device`.

    Dicts, lists, tuples, named tuples and dataclasses are rebuilt as what they were; strings, numbers and None
    stay as they are. The batch passed in is left alone.
    """
    kind = type(batch)  # what it is rebuilt as
    if isinstance(batch, Tensor):
        return batch.to(device, non_blocking=True)
    if isinstance(batch, Mapping):
        return kind({key: move(part, device) for key, part in batch.items()})
    if isinstance(batch, tuple) and hasattr(batch, "_fields"):  # a named tuple takes its fields one by one
        return kind(*(move(part, device) for part in batch))
    if isinstance(batch, list | tuple):
        return kind(move(part, device) for part in batch)
    if dataclasses.is_dataclass(batch) and not isinstance(batch, type):
        return dataclasses.replace(
            batch, **{f.name: move(getattr(batch, f.name), device) for f in dataclasses.fields(batch)}
        )
    return batch


def autocast(device: torch.device) -> AbstractContextManager:
    """bfloat16 autocast on a GPU that has it; no change elsewhere."""
    if device.type == "cuda" and torch.cuda.is_bf16_supported():
        return torch.autocast("cuda", torch.bfloat16)
    return nullcontext()
