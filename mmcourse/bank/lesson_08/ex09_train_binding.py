"""08.9: train attention that binds a value to its key, past any mean of the regions."""

from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from mmcourse.bank.about import about
from mmcourse.bank.pair_models import deaf_to, probabilities
from mmcourse.checking.exercise import Bar, HeldOut, Trained
from mmcourse.checking.mistake import Sign
from mmcourse.checking.seen import SeenModel
from mmcourse.data.synthetic import BINDING
from mmcourse.data.synthetic.rates import codes

KEYS, D, EACH = 4, 8, 20

Model = Callable[[Tensor, Tensor, Tensor], Tensor]


class Pictures(NamedTuple):
    """The held-out pictures with their questions, and (P,) bool whose pads are loud."""

    held_out: HeldOut
    loud: Tensor


@cache
def _pictures() -> Pictures:
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
    inputs = {
        "regions": tokens.repeat_interleave(KEYS, 0),
        "mask": mask.repeat_interleave(KEYS, 0),
        "named": asked.repeat(len(tokens), 1),
    }
    labels = torch.cat([own, 1 - own]).flatten()
    return Pictures(HeldOut("held-out pictures", inputs, labels, pads={"mask": "regions"}), loud.flatten().repeat(2))


def all_four(logits: Tensor, labels: Tensor) -> float:
    """The share of pictures about which all four questions are answered right: (4 P, 2), (4 P) -> a number."""
    return (logits.argmax(-1) == labels).view(-1, KEYS).all(1).float().mean().item()


def _gap(seen: SeenModel) -> Tensor:
    """How much more the second value gets than the first, (P, 4)."""
    out = seen.logits.double()
    return (out[:, 1] - out[:, 0]).view(-1, KEYS)


def _knows_only_the_mean(seen: SeenModel, held_out: HeldOut) -> bool:
    """Whether pictures with the same mean get the same answers."""
    one, other = _gap(seen).chunk(2)
    return bool((one - other).abs().max() <= 1e-3 * one.std() + 1e-5)


def _is_a_sum(seen: SeenModel, held_out: HeldOut) -> bool:
    """Whether the score is a picture's number plus a question's."""
    gap = _gap(seen)
    rest = gap - gap.mean(1, keepdim=True) - gap.mean(0) + gap.mean()
    return bool(rest.square().mean() < 1e-8 * gap.var())


def _hears_loud_pads(seen: SeenModel, held_out: HeldOut) -> bool:
    """Whether it is right where pads are quiet, and not where they are loud."""
    right = (_gap(seen) > 0) == (held_out.labels.view(-1, KEYS) == 1)
    loud = _pictures().loud
    quiet, shouted = (right[rows].all(1).double().mean() for rows in (~loud, loud))
    return bool(quiet > 0.8 and shouted < quiet - 0.1)


def _reader(masked: bool = True, sure: float = 5.0, soft: bool = False, loud: bool = True) -> Model:
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


def _mean_and_question(regions: Tensor, mask: Tensor, named: Tensor) -> Tensor:
    mean = regions.masked_fill(~mask[..., None], 0).sum(1) / mask.sum(1, keepdim=True)  # (B, 2 D)
    return torch.stack([(named * mean[:, :D]).sum(-1) + named.sum(-1), (named * mean[:, D:]).sum(-1)], -1)


def _picture_alone(regions: Tensor, mask: Tensor, named: Tensor) -> Tensor:
    return (regions.masked_fill(~mask[..., None], 0).tanh() @ codes(2, 2 * D, 1).to(regions).T).square().sum(1)


def _picture_plus_question(regions: Tensor, mask: Tensor, named: Tensor) -> Tensor:
    return _picture_alone(regions, mask, named) + named @ codes(2, D, 2).to(named).T


only_the_mean = Sign(_knows_only_the_mean, lambda: _mean_and_question)
without_question = deaf_to("named", lambda: _picture_alone)
additive = Sign(_is_a_sum, lambda: _picture_plus_question)
loud_pads = Sign(_hears_loud_pads, lambda: _reader(masked=False))
quiet_pads = Sign(lambda seen, held_out: bool(seen.pads), lambda: _reader(masked=False, loud=False))
softmax_at_the_end = Sign(probabilities, lambda: _reader(sure=-1.0, soft=True))

exercise = Trained(
    about=about(__name__, answer="model"),
    held_out=lambda draw: _pictures().held_out,
    score=all_four,
    limit=50_000,
    bars=(
        Bar("more than any mean of the regions, and any sum, can", 0.25, 1),
        Bar("all four questions, for half of the pictures", 0.50, 1),
        Bar("all four questions, for nearly all pictures", 0.95, 2),
    ),
)
