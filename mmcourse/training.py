"""The training loop that lessons share."""

import sys
from collections.abc import Callable

import torch
from torch import Tensor, nn
from tqdm.auto import tqdm

from mmcourse.device import autocast, move, pick

Nested = Tensor | tuple  # a tensor, or a named tuple of them


def fit(
    model: nn.Module,
    inputs: tuple[Nested, ...],
    labels: Tensor,
    *,
    epochs: int = 10,
    batch: int = 64,
    lr: float = 1e-2,
    seed: int = 0,
    loss: Callable[[Tensor, Tensor], Tensor] = nn.functional.cross_entropy,
    device: torch.device | None = None,
    progress: bool | str = True,
) -> list[float]:
    """Trains `model(*inputs) -> logits` on data that fit in memory; returns the mean loss of each epoch.

    AdamW; the learning rate falls from `lr` to 0 along a cosine, so that the last steps settle the weights.

    inputs  tensors, or named tuples of them such as `Encoded`, with N items along the first axis; labels (N,)
    progress  a bar; a string is its label
    device  where to train; `mmcourse.device.pick()` unless given. The model is left there, in eval mode

    Interrupting it (the stop button) keeps what was learnt so far. Raises FloatingPointError as soon as the loss
    is not a number, since no further step can mend that.
    """
    device = device or pick()
    model.to(device)
    inputs, labels = move(inputs, device), labels.to(device)
    optimiser = torch.optim.AdamW(model.parameters(), lr, weight_decay=1e-2)
    slower = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, epochs)
    draw = torch.Generator().manual_seed(seed)
    history: list[float] = []
    label = progress if isinstance(progress, str) else type(model).__name__
    steps = tqdm(total=epochs, desc=label, unit="epoch", disable=not progress, file=sys.stdout)
    try:
        for _ in range(epochs):
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
            steps.set_postfix(loss=f"{history[-1]:.3f}")
            steps.update()
    except KeyboardInterrupt:
        print(f"Stopped after {len(history)} of {epochs} epochs; what was learnt is kept.")
    finally:
        steps.close()
        model.eval()
    return history


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
