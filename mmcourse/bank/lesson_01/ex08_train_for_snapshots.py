"""01.8: train a model on clean drawings that is asked about snapshots."""

from collections.abc import Callable
from functools import cache

import torch
from torch import Tensor, nn

from mmcourse.bank.about import about
from mmcourse.bank.pair_models import deaf_to, probabilities
from mmcourse.checking.exercise import Bar, HeldOut, Trained
from mmcourse.checking.mistake import Sign
from mmcourse.checking.seen import SeenModel
from mmcourse.tasks.metrics import accuracy

TWINS, ASPECTS = 48, ("pads", "light", "place")


@cache
def _held_out() -> HeldOut:
    """The test snapshots, and behind them, without a label, the same drawings shot again with one thing changed."""
    from mmcourse.data.emoji import EmojiPairs
    from mmcourse.data.snapshots import Shot, Snapshots, junk, take

    test, drawings = Snapshots("test"), EmojiPairs("test", size=72, languages=("en",)).images[:TWINS]
    draw = torch.Generator().manual_seed(7)
    again: dict[str, list[tuple[Tensor, Tensor]]] = {aspect: [] for aspect in ("first", *ASPECTS)}
    for drawing in drawings:
        one, other, page = Shot.draw(draw), Shot.draw(draw), junk(draw)
        again["first"].append(take(drawing, one, page))
        again["pads"].append(take(drawing, one, junk(draw)))
        again["light"].append(take(drawing, one._replace(gain=other.gain, lift=other.lift), page))
        again["place"].append(take(drawing, other._replace(gain=one.gain, lift=one.lift), page))
    shots = [shot for aspect in again.values() for shot in aspect]
    inputs = {
        "images": torch.cat([test.images, torch.stack([image for image, _ in shots])]),
        "masks": torch.cat([test.masks, torch.stack([mask for _, mask in shots])]),
    }
    return HeldOut("snapshots", inputs, torch.cat([test.labels, torch.full((len(shots),), -1)]))


def labelled_accuracy(logits: Tensor, labels: Tensor) -> float:
    """Accuracy on the rows that have a label; the others have -1."""
    return accuracy(logits[labels >= 0], labels[labels >= 0])


def _agreement(seen: SeenModel, aspect: str) -> tuple[float, float]:
    """How often the answer stays the same with one thing changed, and how far the logits move at most."""
    logits = seen.logits[-TWINS * (len(ASPECTS) + 1) :]
    first, *others = logits.split(TWINS)
    other = others[ASPECTS.index(aspect)]
    return (first.argmax(-1) == other.argmax(-1)).double().mean().item(), (first - other).abs().max().item()


def _turned_by(aspect: str, model: Callable[[], nn.Module]) -> Sign:
    """More than a quarter of a model's answers change with one thing of the snapshots."""
    return Sign(lambda seen, held_out: _agreement(seen, aspect)[0] < 0.75, model)


class _Untrained(nn.Module):
    """A linear model of what `prepare(images, masks)` makes of snapshots: some (B, n)."""

    def __init__(self, prepare: Callable[[Tensor, Tensor], Tensor], n: int, soft: bool = False):
        super().__init__()
        torch.manual_seed(0)
        self.prepare, self.head, self.soft = prepare, nn.Linear(n, 9), soft

    def forward(self, images: Tensor, masks: Tensor) -> Tensor:
        logits = self.head(self.prepare(images.float() / 255, masks))  # (B, 9)
        return logits.softmax(-1) if self.soft else logits


def _colour(x: Tensor, masks: Tensor) -> Tensor:
    real = masks[:, None]
    return 30 * ((x * real).sum((2, 3)) / real.sum((2, 3)) - 0.5)  # (B, 3)


def _own_light(x: Tensor, masks: Tensor) -> Tensor:
    real = masks[:, None]
    n = real.sum((2, 3), keepdim=True)
    mean = (x * real).sum((2, 3), keepdim=True) / n
    spread = (((x - mean) * real).square().sum((2, 3), keepdim=True) / n).sqrt()
    return ((x - mean) / (spread + 0.01) * real).flatten(1)  # (B, 3072)


def _beside_junk(x: Tensor, masks: Tensor) -> Tensor:
    return torch.cat([x.mean((2, 3)), masks.float().mean((1, 2))[:, None]], 1)  # (B, 4)


without_images = deaf_to("images", lambda: _Untrained(lambda x, masks: masks.float().mean((1, 2))[:, None], 1))
without_masks = deaf_to("masks", lambda: _Untrained(lambda x, masks: x.flatten(1), 3072))
junk_reaches_it = Sign(lambda seen, held_out: _agreement(seen, "pads")[1] > 1e-3, lambda: _Untrained(_beside_junk, 4))
softmax_at_the_end = Sign(probabilities, lambda: _Untrained(_colour, 3, soft=True))
measured_together = Sign(
    lambda seen, held_out: not seen.alone,
    lambda: _Untrained(lambda x, masks: _colour(x, masks) - _colour(x, masks).mean(0), 3),
)
turned_by_light = _turned_by("light", lambda: _Untrained(_colour, 3))
turned_by_place = _turned_by("place", lambda: _Untrained(_own_light, 3072))

exercise = Trained(
    about=about(__name__, answer="model"),
    held_out=lambda draw: _held_out(),
    score=labelled_accuracy,
    limit=200_000,
    bars=(
        Bar("more than the commonest group", 0.19, 1),
        Bar("more than one remedy alone gives", 0.38, 2),
        Bar("nearly as on clean drawings", 0.48, 2),
    ),
)
