"""What becomes of a model's accuracy when one modality is shuffled, silenced, or only added up."""

import sys
from collections.abc import Sequence
from typing import Literal, NamedTuple

import torch
from torch import Tensor, nn
from tqdm.auto import tqdm

from mmcourse.tasks.metrics import accuracy, interval
from mmcourse.training import Nested, predict_logits, take

from .interaction import interaction

Side = Literal["image", "text"]


class Uses(NamedTuple):
    """How a model uses its two inputs: accuracies on N pairs, each with a 95 % bootstrap interval over the pairs.

    rows         (name, accuracy, low, high), the model as it is first
    interaction  share of the score's variance that no sum can have
    majority     accuracy of always saying the commonest label
    """

    rows: list[tuple[str, float, float, float]]
    interaction: float
    majority: float

    def table(self) -> tuple[list[str], list[list], str]:
        """Columns, rows and caption, for `mmcourse.show.table`."""
        rows = [[name, value, f"{low:.3f}-{high:.3f}"] for name, value, low, high in self.rows]
        rows.append(["always the commonest label", self.majority, ""])
        caption = f"Accuracy; {100 * self.interaction:.1f} % of the score's variance is interaction"
        return ["the model", "accuracy", "95 % interval"], rows, caption

    def __str__(self) -> str:
        heads, rows, caption = self.table()
        lines = [f"{name:<42} {value:.3f}  {between}" for name, value, between in rows]
        return "\n".join([caption, f"{heads[0]:<42} {heads[1]}", *lines])


def uses(
    model: nn.Module,
    image: Nested,
    text: Nested,
    labels: Tensor,
    *,
    silent_image: Nested | None = None,
    silent_text: Nested | None = None,
    draws: int = 5,
    emap_items: int = 500,
    seed: int = 0,
    progress: bool = True,
) -> Uses:
    """Asks `model(image, text) -> logits (N, K)` all of the questions below on N held-out pairs, labels (N,).

    shuffled  each pair gets another pair's picture (or text): a model that does not use it loses nothing
    silent    the picture (or text) is replaced by one that says nothing, the same for all pairs, such as the training
              mean; only where it is given, since what says nothing only the caller knows
    EMAP      the nearest sum u(picture) + v(text) of the model's own logits, on the first `emap_items` pairs, beside
              the model on the same pairs: what the model gains by more than a sum

    image, text   tensors or named tuples of them such as `Encoded`, with N items along the first axis
    silent_image  one item of the same kind, with an axis of length 1 in front; likewise silent_text
    draws         how many shuffles are averaged
    """
    logits = predict_logits(model, (image, text))  # (N, K)
    n, few = len(labels), min(len(labels), emap_items)
    found = {"as it is": _right(logits, labels)}
    for side in ("image", "text"):
        word = "picture" if side == "image" else "text"
        orders = _derangements(n, draws, seed)
        shuffled = [_right(predict_logits(model, _swap(image, text, side, order)), labels) for order in orders]
        found[f"with another pair's {word}"] = torch.stack(shuffled).mean(0)  # (draws, N) -> (N)
        nothing = silent_image if side == "image" else silent_text
        if nothing is not None:
            silent = _repeat(nothing, n)
            pair = (silent, text) if side == "image" else (image, silent)
            found[f"with a {word} that says nothing"] = _right(predict_logits(model, pair), labels)
    first = torch.arange(few)
    found[f"as it is, first {few} pairs"] = found["as it is"][:few]
    nearest = emap(model, take(image, first), take(text, first), progress)
    found[f"EMAP: its nearest sum, first {few} pairs"] = _right(nearest, labels[:few])
    rows = [(name, right.mean().item(), *interval(right)) for name, right in found.items()]
    majority = labels.bincount().max().item() / n
    return Uses(rows, interaction(model, image, text, seed), majority)


def emap(model: nn.Module, image: Nested, text: Nested, progress: bool = True) -> Tensor:
    """The additive model nearest to `model`: its logits averaged over partners, (N, K), on the CPU.

    e(x_i, y_i) = mean_j s(x_i, y_j) + mean_j s(x_j, y_i) - mean_jk s(x_j, y_k), over all N² pairings of the N pairs.
    Take logits, not probabilities: a sum of chances is no chance. N² calls of the model.
    Source: Hessel & Lee 2020, arXiv:2010.06572.
    """
    n = _length(image)
    means: list[Tensor] = []
    of_text: Tensor | float = 0.0
    bar = tqdm(range(n), desc="EMAP", unit="picture", file=sys.stdout, disable=not progress, delay=1)
    for i in bar:
        row = predict_logits(model, (take(image, torch.full((n,), i)), text)).double()  # (N, K): i with every text
        means.append(row.mean(0))
        of_text = of_text + row / n
    of_image = torch.stack(means)  # (N, K)
    return of_image + of_text - of_image.mean(0)


def perceptual_score(
    model: nn.Module, image: Nested, text: Nested, labels: Tensor, side: Side, draws: int = 5, seed: int = 0
) -> float:
    """Accuracy lost when one modality comes from another pair, averaged over shuffles; not normalised.

    Source: Gat, Schwartz, Schwing 2021, arXiv:2110.14375 (who also divide it, to compare models and tasks).
    """
    here = accuracy(predict_logits(model, (image, text)), labels)
    orders = _derangements(len(labels), draws, seed)
    there = [accuracy(predict_logits(model, _swap(image, text, side, order)), labels) for order in orders]
    return here - sum(there) / draws


def _right(logits: Tensor, labels: Tensor) -> Tensor:
    return (logits.argmax(-1) == labels.cpu()).double()  # (N)


def _derangements(n: int, draws: int, seed: int) -> Sequence[Tensor]:
    """Random orders of N in which nobody keeps their own place (a random cycle); for N = 1 there is only one."""
    generator = torch.Generator().manual_seed(seed)
    orders = []
    for _ in range(draws):
        cycle = torch.randperm(n, generator=generator)
        order = torch.empty_like(cycle)
        order[cycle] = cycle.roll(1)
        orders.append(order)
    return orders


def _swap(image: Nested, text: Nested, side: Side, order: Tensor) -> tuple[Nested, Nested]:
    return (take(image, order), text) if side == "image" else (image, take(text, order))


def _repeat(one: Nested, n: int) -> Nested:
    return take(one, torch.zeros(n, dtype=torch.long))


def _length(nested: Nested) -> int:
    return len(nested if isinstance(nested, Tensor) else nested[0])
