"""08.9 Past what any mean of the regions can do."""

from functools import cache

import torch
from torch import Tensor
from torch.nn import functional as F

from mmcourse.bank.pair_models import deaf_to, probabilities
from mmcourse.checking.exercise import Bar, Case, Draw, Exercise, Mistake
from mmcourse.checking.probe import Seen
from mmcourse.data.synthetic import BINDING
from mmcourse.data.synthetic.rates import codes

WHO = "(lesson 08, 'Who has which colour')"
KEYS, D, EACH = 4, 8, 20


@cache
def _held_out() -> dict[str, Tensor]:
    """240 pictures, and all four questions about each: rows 4 p to 4 p + 3 are about picture p.

    Each of the six ways to share out the values among the keys is there 40 times. Pictures p and p + 120 are the same
    but for the values, which are exchanged: the mean of their regions is the same. The pads of every second picture
    are loud.
    """
    drawn = BINDING.draw(1000, seed=20261124).image
    key, value, asked = codes(KEYS, D, 3), codes(2, D, 4), codes(KEYS, D, 5)
    keys = (drawn.tokens[..., :D] @ key.T).argmax(-1).masked_fill(~drawn.mask, KEYS)  # (N, T)
    values = (drawn.tokens[..., D:] @ value.T).argmax(-1)  # (N, T)
    own = torch.zeros(len(keys), KEYS + 1, dtype=torch.long).scatter(1, keys, values)[:, :KEYS]  # (N, keys)
    way = own @ torch.tensor([8, 4, 2, 1])
    rows = torch.stack([(way == w).nonzero()[:EACH, 0] for w in way.unique()]).T.flatten()  # (120): the ways by turns
    tokens, mask, own = drawn.tokens[rows], drawn.mask[rows], own[rows]
    loud = (torch.arange(len(rows)) // 6 % 2 == 1)[:, None, None]  # six at a time, so that each way is loud as often
    tokens = torch.where(loud & ~mask[..., None], 20 * tokens, tokens)
    other = tokens.clone()
    other[..., D:] = torch.where(mask[..., None], value[1 - values[rows]], tokens[..., D:])
    tokens, mask = torch.cat([tokens, other]), torch.cat([mask, mask])
    return {
        "regions": tokens.repeat_interleave(KEYS, 0),
        "mask": mask.repeat_interleave(KEYS, 0),
        "named": asked.repeat(len(tokens), 1),
        "labels": torch.cat([own, 1 - own]).flatten(),
        "loud": loud.flatten().repeat(2),
    }


def _cases(draw: Draw) -> list[Case]:
    data = _held_out()
    inputs = {n: data[n] for n in ("regions", "mask", "named")}
    return [Case("held-out pictures", inputs, labels=data["labels"], pads={"mask": "regions"})]


def all_four(logits: Tensor, labels: Tensor) -> float:
    """The share of pictures about which all four questions are answered right: (4 P, 2), (4 P) -> a number."""
    return (logits.argmax(-1) == labels).view(-1, KEYS).all(1).float().mean().item()


def _gap(seen: Seen) -> Tensor:
    out = seen.leaves[""].values.double()
    return (out[:, 1] - out[:, 0]).view(-1, KEYS)  # (P, 4)


def _only_the_mean(seen: Seen, case: Case) -> bool:
    """Whether pictures with the same mean get the same answers."""
    one, other = _gap(seen).chunk(2)
    return bool((one - other).abs().max() <= 1e-3 * one.std() + 1e-5)


def _a_sum(seen: Seen, case: Case) -> bool:
    """Whether the score is a picture's number plus a question's."""
    gap = _gap(seen)
    rest = gap - gap.mean(1, keepdim=True) - gap.mean(0) + gap.mean()
    return bool(rest.square().mean() < 1e-8 * gap.var())


def _looks_at_pads(seen: Seen, case: Case) -> bool:
    """Whether it is right where pads are quiet, and not where they are loud."""
    right = (_gap(seen) > 0) == (case.labels.view(-1, KEYS) == 1)
    loud = _held_out()["loud"]
    quiet, shouted = (right[rows].all(1).double().mean() for rows in (~loud, loud))
    return bool(quiet > 0.8 and shouted < quiet - 0.1)


def _reader(masked: bool = True, sure: float = 5.0, soft: bool = False, loud: bool = True):
    """A model that knows the codes; without its mask, unsure, as probabilities, or with all regions equally loud."""

    def model(regions: Tensor, mask: Tensor, named: Tensor) -> Tensor:
        if not loud:
            regions = F.layer_norm(regions, regions.shape[-1:])
        ask = named @ codes(KEYS, D, 5).to(named).T @ codes(KEYS, D, 3).to(named) / D  # (B, D): the key that is named
        scores = (regions[..., :D] @ ask[..., None])[..., 0] * sure  # (B, T)
        if masked:
            scores = scores.masked_fill(~mask, -torch.inf)
        told = (scores.softmax(-1)[..., None] * regions[..., D:]).sum(1)  # (B, D)
        out = told @ codes(2, D, 4).to(named).T  # (B, 2)
        return out.softmax(-1) if soft else out

    return model


def _alike(regions: Tensor, mask: Tensor, named: Tensor) -> Tensor:
    mean = regions.masked_fill(~mask[..., None], 0).sum(1) / mask.sum(1, keepdim=True)  # (B, 2 D)
    return torch.stack([(named * mean[:, :D]).sum(-1) + named.sum(-1), (named * mean[:, D:]).sum(-1)], -1)


def _deaf(regions: Tensor, mask: Tensor, named: Tensor) -> Tensor:
    return (regions.masked_fill(~mask[..., None], 0).tanh() @ codes(2, 2 * D, 1).to(regions).T).square().sum(1)


def _added(regions: Tensor, mask: Tensor, named: Tensor) -> Tensor:
    return _deaf(regions, mask, named) + named @ codes(2, D, 2).to(named).T


bound = Exercise(
    id="08.9",
    title="past what any mean can do",
    kind="trained",
    answer="model",
    reference=None,
    cases=_cases,
    score=all_four,
    limit=50_000,
    bars=(
        Bar("more than any mean of the regions, and any sum, can", 0.25, 1),
        Bar("all four questions, for half of the pictures", 0.50, 1),
        Bar("all four questions, for nearly all pictures", 0.95, 2),
    ),
    mistakes=(
        Mistake(
            "pictures with the same mean get the same answers",
            "Half of the check's pictures are the other half with their values exchanged, and your logits can't tell "
            "them apart. At which step do the regions become one vector, and has the question been heard by then? "
            + WHO,
            lambda: _alike,
            _only_the_mean,
        ),
        Mistake(
            "the question makes no difference to the model",
            f"Other questions, the same logits. Does `named` reach the head? {WHO}",
            lambda: _deaf,
            deaf_to("named"),
        ),
        Mistake(
            "the score is a sum of a picture's number and a question's number",
            "The check asked all four questions about each picture, and two numbers explain every one of your logits. "
            f"Where does the question decide which region counts? {WHO}",
            lambda: _added,
            _a_sum,
        ),
        Mistake(
            "the pads are looked at",
            "Right about pictures whose pads are quiet, and wrong where they are loud. In training nothing told you: "
            "its pads are no louder than its regions. Which regions may get a share? (lesson 08, 'Both masks')",
            lambda: _reader(masked=False),
            _looks_at_pads,
        ),
        Mistake(
            "the pads have a say, however quiet they are made",
            "A norm, or something like it, has made all regions equally loud, and what stands in the pads still moves "
            "your logits: the check put regions of other pictures there. Which regions may get a share? "
            "(lesson 08, 'Both masks')",
            lambda: _reader(masked=False, loud=False),
            lambda seen, case: bool(seen.pads),
        ),
        Mistake(
            "the model ends in a softmax",
            "Its outputs are probabilities, and `cross_entropy` takes a softmax of its own: twice is too flat to learn "
            f"well. What does the loss expect? {WHO}",
            lambda: _reader(sure=-1.0, soft=True),
            probabilities,
        ),
    ),
    hints=(
        "Which region should answer depends on the question. At which step of your model is one region preferred to "
        "another, and does it know the question by then?",
        "A score for each region and the question, (B, 6); a softmax over the real regions; what the regions have to "
        "say, weighed by it, (B, d); a head. Which part of a region should be compared, and which passed on, layers "
        "can learn.",
        "One linear layer each for the question, for what of a region is compared with it, and for what of it is "
        "passed on. Scores by dot product, divided by the root of d; pads out before the softmax; the weighted sum; a "
        "linear layer to 2 logits. Eight epochs are enough.",
    ),
)
