"""The training loop that lessons share."""

import os
import sys
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from tqdm.auto import tqdm

from mmcourse.device import autocast, move, pick

Nested = Tensor | tuple  # a tensor, or a named tuple of them
Loss = Callable[[Tensor, Tensor], Tensor]


def fit(
    model: nn.Module,
    inputs: tuple[Nested, ...],
    labels: Tensor,
    *,
    epochs: int = 10,
    batch: int = 64,
    lr: float = 1e-2,
    seed: int = 0,
    loss: Loss = nn.functional.cross_entropy,
    device: torch.device | None = None,
    progress: bool | str = True,
    held_out: tuple[tuple[Nested, ...], Tensor] | None = None,
    patience: int | None = None,
    keep: Path | str | None = None,
) -> list[float]:
    """Trains `model(*inputs) -> logits` on data that fit in memory; returns the mean loss of each epoch.

    AdamW; the learning rate falls from `lr` to 0 along a cosine, so that the last steps settle the weights.

    inputs    tensors, or named tuples of them such as `Encoded`, with N items along the first axis; labels (N,)
    progress  a bar; a string is its label
    device    where to train; `mmcourse.device.pick()` unless given. The model is left there, in eval mode
    held_out  inputs and labels that are not trained on: the model is left as it was after the epoch whose mean loss
              on them was least, and training stops early once `patience` epochs in a row were no better
    keep      a file in which the training is kept after each epoch; the same call goes on from there

    Interrupting it (the stop button) keeps what was learnt so far. Raises FloatingPointError as soon as the loss
    is not a number, since no further step can mend that; ValueError where `keep` holds another training.
    """
    device = device or pick()
    model.to(device)
    inputs, labels = move(inputs, device), labels.to(device)
    optimiser = torch.optim.AdamW(model.parameters(), lr, weight_decay=1e-2)
    slower = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, epochs)
    draw = torch.Generator().manual_seed(seed)
    history: list[float] = []
    best = Best(patience)
    kept = Checkpoint(keep, {"epochs": epochs, "batch": batch, "lr": lr, "seed": seed, "items": len(labels)})
    kept.restore(history, best, draw, model=model, optimiser=optimiser, slower=slower)
    label = progress if isinstance(progress, str) else type(model).__name__
    steps = tqdm(total=epochs, initial=len(history), desc=label, unit="epoch", disable=not progress, file=sys.stdout)
    try:
        while len(history) < epochs and not best.over:
            model.train()
            total = 0.0
            for rows in torch.randperm(len(labels), generator=draw).to(device).split(batch):
                with autocast(device):
                    error = loss(model(*(take(x, rows) for x in inputs)), labels[rows])
                if not error.isfinite():
                    raise FloatingPointError("the loss is no longer a number: try a smaller learning rate (lr)")
                optimiser.zero_grad()
                error.backward()
                optimiser.step()
                total += error.item() * len(rows)
            slower.step()
            history.append(total / len(labels))
            if held_out is not None:
                best.look(model, loss(predict_logits(model, held_out[0]), held_out[1]).item())
            kept.save(history, best, draw, model=model, optimiser=optimiser, slower=slower)
            steps.set_postfix(loss=f"{history[-1]:.3f}")
            steps.update()
    except KeyboardInterrupt:
        print(f"Stopped after {len(history)} of {epochs} epochs; what was learnt is kept.")
    finally:
        steps.close()
        best.put_back(model)
        model.eval()
    return history


class Best:
    """The weights after the epoch whose held-out loss was least, and how many epochs ago that was."""

    def __init__(self, patience: int | None):
        self.patience, self.loss, self.since = patience, float("inf"), 0
        self.weights: dict[str, Tensor] | None = None

    @property
    def over(self) -> bool:
        """Whether the held-out loss has not fallen for `patience` epochs."""
        return self.patience is not None and self.since >= self.patience

    def look(self, model: nn.Module, loss: float) -> None:
        """Take note of an epoch."""
        if loss < self.loss:
            self.loss, self.since, self.weights = loss, 0, deepcopy(model.state_dict())
        else:
            self.since += 1

    def put_back(self, model: nn.Module) -> None:
        """Give the model its best weights again, if any epoch was looked at."""
        if self.weights is not None:
            model.load_state_dict(self.weights)


class Checkpoint:
    """All that a training needs to go on where it stopped, in one file; `path=None` keeps nothing.

    settings  what tells this training from others; a file with other settings is refused, not overwritten
    """

    def __init__(self, path: Path | str | None, settings: dict[str, Any]):
        self.path, self.settings = path and Path(path), settings

    def save(self, history: list[float], best: Best, draw: torch.Generator, **parts: Any) -> None:
        """Write the file in one step, so that a power cut leaves the one of the epoch before."""
        if not self.path:
            return
        state = {name: part.state_dict() for name, part in parts.items()}
        state |= {"settings": self.settings, "history": history, "draw": draw.get_state(), "rng": torch.get_rng_state()}
        state["best"] = {"loss": best.loss, "since": best.since, "weights": best.weights}
        self.path.parent.mkdir(parents=True, exist_ok=True)
        half = self.path.with_name(f"{self.path.name}.{os.getpid()}")
        try:
            torch.save(state, half)
            half.replace(self.path)
        finally:
            half.unlink(missing_ok=True)

    def restore(self, history: list[float], best: Best, draw: torch.Generator, **parts: Any) -> None:
        """Put everything back as the file has it; nothing where there is no file. Raises ValueError."""
        if not self.path or not self.path.exists():
            return
        other = f"{self.path} holds another training: delete it, or name another file"
        try:
            state = torch.load(self.path, weights_only=True, map_location="cpu")
        except Exception as error:  # torch raises many kinds for a file that is not one of its own
            raise ValueError(f"{self.path} is damaged, or not a training's file: delete it ({error})") from error
        if state.get("settings") != self.settings:
            raise ValueError(f"{other} (kept {state.get('settings')}, asked {self.settings})")
        try:
            for name, part in parts.items():
                part.load_state_dict(state[name])
        except (KeyError, RuntimeError, ValueError) as error:
            raise ValueError(f"{other} ({error})") from error
        history[:] = state["history"]
        draw.set_state(state["draw"])
        torch.set_rng_state(state["rng"])
        best.loss, best.since, best.weights = (state["best"][key] for key in ("loss", "since", "weights"))


@torch.no_grad()
def predict_logits(model: nn.Module, inputs: tuple[Nested, ...], batch: int = 512) -> Tensor:
    """Logits of `model` in eval mode for N items, on the CPU: (N, classes)."""
    model.eval()
    home = next(model.parameters()).device
    first = inputs[0] if isinstance(inputs[0], Tensor) else inputs[0][0]
    rows = torch.arange(len(first)).split(batch)
    return torch.cat([model(*move(tuple(take(x, r) for x in inputs), home)).float().cpu() for r in rows])


def take(batch: Nested, rows: Tensor) -> Nested:
    """The given rows of a tensor, or of each tensor in a named tuple."""
    return batch[rows] if isinstance(batch, Tensor) else type(batch)(*(take(part, rows) for part in batch))
