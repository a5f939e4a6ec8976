"""01.8, trained on clean drawings, asked about snapshots."""

from collections.abc import Callable
from functools import cache

import torch
from torch import Tensor, nn

from mmcourse.bank.pair_models import deaf_to, probabilities
from mmcourse.checking.exercise import Bar, Case, Draw, Exercise, Mistake
from mmcourse.checking.probe import Seen
from mmcourse.tasks.metrics import accuracy

WHERE = "(lesson 01, 'One size, and a mask')"
TWINS, ASPECTS = 48, ("pads", "light", "place")


@cache
def _held_out() -> dict[str, Tensor]:
    """The test snapshots, and behind them, without a label, the same drawings shot again with one thing changed."""
    from mmcourse.data.emoji import EmojiPairs
    from mmcourse.data.snapshots import Shot, Snapshots, junk, take

    test, drawings = Snapshots("test"), EmojiPairs("test", size=72, languages=("en",)).images[:TWINS]
    draw = torch.Generator().manual_seed(7)
    again = {aspect: [] for aspect in ("first", *ASPECTS)}
    for drawing in drawings:
        one, other, page = Shot.draw(draw), Shot.draw(draw), junk(draw)
        again["first"].append(take(drawing, one, page))
        again["pads"].append(take(drawing, one, junk(draw)))
        again["light"].append(take(drawing, one._replace(gain=other.gain, lift=other.lift), page))
        again["place"].append(take(drawing, other._replace(gain=one.gain, lift=one.lift), page))
    shots = [shot for aspect in again.values() for shot in aspect]
    return {
        "images": torch.cat([test.images, torch.stack([image for image, _ in shots])]),
        "masks": torch.cat([test.masks, torch.stack([mask for _, mask in shots])]),
        "labels": torch.cat([test.labels, torch.full((len(shots),), -1)]),
    }


def _cases(draw: Draw) -> list[Case]:
    data = _held_out()
    return [Case("snapshots", {name: data[name] for name in ("images", "masks")}, labels=data["labels"])]


def labelled_accuracy(logits: Tensor, labels: Tensor) -> float:
    """Accuracy on the rows that have a label; the others have -1."""
    return accuracy(logits[labels >= 0], labels[labels >= 0])


def _agreement(seen: Seen, aspect: str) -> tuple[float, float]:
    """How often the answer stays the same with one thing changed, and how far the logits move at most."""
    logits = seen.leaves[""].values[-TWINS * (len(ASPECTS) + 1) :]
    first, *others = logits.split(TWINS)
    other = others[ASPECTS.index(aspect)]
    return (first.argmax(-1) == other.argmax(-1)).double().mean().item(), (first - other).abs().max().item()


def _sees_pads(seen: Seen, case: Case) -> bool:
    return _agreement(seen, "pads")[1] > 1e-3


def _turned_by(aspect: str) -> Callable[[Seen, Case], bool]:
    return lambda seen, case: _agreement(seen, aspect)[0] < 0.75


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


shooting = Exercise(
    id="01.8",
    title="Trained on drawings, asked about snapshots",
    kind="trained",
    answer="model",
    reference=None,
    cases=_cases,
    score=labelled_accuracy,
    limit=200_000,
    bars=(
        Bar("more than the commonest group", 0.19, 1),
        Bar("more than one remedy alone gives", 0.38, 2),
        Bar("nearly as on clean drawings", 0.48, 2),
    ),
    mistakes=(
        Mistake(
            "the pictures make no difference to the model",
            f"Other pictures, the same logits. What does your `forward` do with `images`? {WHERE}",
            lambda: _Untrained(lambda x, masks: masks.float().mean((1, 2))[:, None], 1),
            deaf_to("images"),
        ),
        Mistake(
            "the masks make no difference to the model",
            "It can't tell the drawing from what else is on the screen. What does the mask know, of place, of size, "
            f"and of which pixels count? {WHERE}",
            lambda: _Untrained(lambda x, masks: x.flatten(1), 3072),
            deaf_to("masks"),
        ),
        Mistake(
            "the junk around the drawing reaches the model",
            "The check put other junk outside the mask, and your logits moved. Which of your sums and means run over "
            f"all pixels? {WHERE}",
            lambda: _Untrained(lambda x, m: torch.cat([x.mean((2, 3)), m.float().mean((1, 2))[:, None]], 1), 4),
            _sees_pads,
        ),
        Mistake(
            "the model ends in a softmax",
            "Its outputs are probabilities, and `cross_entropy` takes a softmax of its own: twice is too flat to learn "
            f"well. What does the loss expect? {WHERE}",
            lambda: _Untrained(_colour, 3, soft=True),
            probabilities,
        ),
        Mistake(
            "a snapshot's logits depend on what it is asked with",
            "Three snapshots alone, and the same three among others, get other logits: a mean or a spread runs over "
            "the whole batch. How many lights are there in a batch of snapshots, and over which axes is one of them "
            "measured? (lesson 01, 'Pixels: which axis, which unit')",
            lambda: _Untrained(lambda x, masks: _colour(x, masks) - _colour(x, masks).mean(0), 3),
            lambda seen, case: not seen.alone,
        ),
        Mistake(
            "the light changes the answer",
            "The check dimmed and tinted the same snapshots, and more than a quarter of your answers changed. Each "
            "channel became gain times x plus lift: which two numbers of a picture, taken over its own pixels, undo "
            "that? (lesson 01, 'Pixels: which axis, which unit')",
            lambda: _Untrained(_colour, 3),
            _turned_by("light"),
        ),
        Mistake(
            "place and size change the answer",
            "The check moved and shrank the same drawings, and more than a quarter of your answers changed. In "
            f"training every drawing filled the page. What would make it fill the page again? {WHERE}",
            lambda: _Untrained(_own_light, 3072),
            _turned_by("place"),
        ),
    ),
    hints=(
        "Three things happened to the drawings on their way: light, place and size, junk. Which of them can be undone, "
        "with the mask in hand, before the network looks?",
        "Light is gain and lift for each channel: a picture's own mean and spread over its real pixels, (B, 3, 1, 1), "
        "take both out. For place and size, the mask has a first and a last row and column.",
        "In `forward`, picture by picture: cut out the rows and columns that the mask names; take off each channel's "
        "mean and divide by its spread, plus a little; resize to one size; stack; then `SmallCNN` and a linear layer. "
        "The clean training pictures go the same way.",
    ),
)
