"""05.8: train a model that tells forwards from backwards."""

from functools import cache
from typing import Literal

import torch
from torch import Tensor, nn

from mmcourse.bank.about import about
from mmcourse.bank.pads import pad_signs
from mmcourse.bank.pair_models import deaf_to, probabilities
from mmcourse.checking.exercise import Bar, HeldOut, Trained
from mmcourse.checking.mistake import Sign
from mmcourse.checking.seen import SeenModel
from mmcourse.tasks.metrics import accuracy


@cache
def _sentences() -> tuple[HeldOut, int]:
    """(the held-out sentences, twice: as they are, and mixed up inside; the number of words)"""
    from mmcourse.data.both_ways import BothWays
    from mmcourse.preprocess import Vocabulary

    vocabulary = Vocabulary(BothWays("train").texts, at_least=2)
    sentences = BothWays("test")
    ids, mask = vocabulary.encode(sentences.texts, length=16)
    place = torch.arange(16).expand_as(ids)
    inside = (place >= 2) & (place < mask.sum(1, keepdim=True) - 2)  # all but the first two and the last two words
    keys = torch.rand(ids.shape, generator=torch.Generator().manual_seed(0))
    keys = torch.where(inside, 2 + keys, torch.where(place < 2, place / 2, 4.0 + place))
    inputs = {"ids": torch.cat([ids, ids.gather(1, keys.argsort(1))]), "mask": mask.repeat(2, 1)}  # (2 N, 16)
    labels = torch.tensor(sentences.labels).repeat(2)
    return HeldOut("held-out sentences", inputs, labels, pads={"mask": "ids"}), len(vocabulary)


def _words() -> int:
    return _sentences()[1]


class Untrained(nn.Module):
    """A model of ids and mask that gets one thing wrong, (B, T), (B, T) -> (B, 2)."""

    def __init__(self, fault: Literal["ids", "bag", "ends", "mask", "soft"]):
        super().__init__()
        torch.manual_seed(0)
        self.fault, self.words = fault, nn.Embedding(_words(), 2)
        self.places = nn.Parameter(torch.randn(16, 2))

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        x = self.words(ids)  # (B, T, 2)
        if self.fault != "bag":
            x = x * self.places[: ids.shape[1]]
        if self.fault != "mask":
            x = x * mask[..., None]
        if self.fault == "ends":
            x = x[:, :1] * mask[:, :1, None]
        out = self.places[0].expand(len(ids), 2) * mask.sum(1, keepdim=True) if self.fault == "ids" else x.sum(1)
        return out.softmax(-1) if self.fault == "soft" else out


def _order_inside_is_nothing(logits: Tensor) -> bool:
    """Whether every sentence scores the same with the words inside it mixed up."""
    as_they_are, mixed = logits.double().chunk(2)
    return torch.allclose(as_they_are, mixed, rtol=1e-3, atol=1e-3)


def read(logits: Tensor, labels: Tensor) -> float:
    """Accuracy on the sentences as they are; 0 where the order of the words inside makes no difference at all."""
    return 0.0 if _order_inside_is_nothing(logits) else accuracy(logits.chunk(2)[0], labels.chunk(2)[0])


def _reads_only_ends(seen: SeenModel, held_out: HeldOut) -> bool:
    return bool(seen.logits.std(0).max() > 1e-3) and _order_inside_is_nothing(seen.logits)


def _both_alike(seen: SeenModel, held_out: HeldOut) -> bool:
    """Whether each sentence scores the same forwards and backwards: the first quarter of the items, and the second."""
    one, other = seen.logits.double().chunk(2)[0].chunk(2)
    return torch.allclose(one, other, rtol=1e-3, atol=1e-4) and bool(one.std(0).max() > 1e-3)


pads_by_number, pads_by_count, pads_at_one_step = pad_signs(_words, 2)
without_words = deaf_to("ids", lambda: Untrained("ids"))
without_order = Sign(_both_alike, lambda: Untrained("bag"))
only_ends = Sign(_reads_only_ends, lambda: Untrained("ends"))
without_mask = deaf_to("mask", lambda: Untrained("mask"))
softmax_at_the_end = Sign(probabilities, lambda: Untrained("soft"))

exercise = Trained(
    about=about(__name__, answer="model"),
    held_out=lambda draw: _sentences()[0],
    score=read,
    limit=600_000,
    bars=(
        Bar("more than any bag of words", 0.55, 1),
        Bar("it reads", 0.70, 2),
        Bar("it reads well", 0.77, 1),
    ),
)
