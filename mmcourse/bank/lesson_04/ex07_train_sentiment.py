"""04.7: train a sentiment classifier to which the order of words is not all one."""

from functools import cache
from typing import NamedTuple

import torch
from torch import Tensor, nn

from mmcourse.bank.about import about
from mmcourse.bank.pads import pad_signs
from mmcourse.bank.pair_models import deaf_to, probabilities
from mmcourse.checking.exercise import Bar, HeldOut, Trained
from mmcourse.checking.mistake import Sign
from mmcourse.checking.seen import SeenModel
from mmcourse.tasks.metrics import accuracy

LENGTH = 40


class Reviews(NamedTuple):
    """The held-out sentences, each as it is and then each with its words shuffled, and the number of words."""

    held_out: HeldOut
    words: int


@cache
def _reviews() -> Reviews:
    from mmcourse.data.sentences import Sentences
    from mmcourse.preprocess import Vocabulary

    vocabulary = Vocabulary(Sentences("train", sources=("movies",)).texts, at_least=2)
    data = Sentences("test", sources=("movies",))
    ids, mask = vocabulary.encode(data.texts[::2], LENGTH)  # every second: the file begins with praise
    draw = torch.Generator().manual_seed(0)
    place = torch.rand(ids.shape, generator=draw).masked_fill(~mask, 2).argsort(1)  # (N, T): real words shuffled
    shuffled = ids.gather(1, place)
    inputs = {"ids": torch.cat([ids, shuffled]), "mask": mask.repeat(2, 1)}  # (2 N, T) each
    labels = torch.tensor(data.labels[::2]).repeat(2)
    return Reviews(HeldOut("held-out sentences", inputs, labels, pads={"mask": "ids"}), len(vocabulary))


def _words() -> int:
    return _reviews().words


def _orderless(logits: Tensor) -> bool:
    """Whether every sentence scores the same when its words are shuffled."""
    as_they_are, shuffled = logits.double().chunk(2)
    return torch.allclose(as_they_are, shuffled, rtol=1e-3, atol=1e-3)


def read_in_order(logits: Tensor, labels: Tensor) -> float:
    """Accuracy on the sentences as they are; 0 where the order of the words makes no difference at all."""
    return 0.0 if _orderless(logits) else accuracy(logits.chunk(2)[0], labels.chunk(2)[0])


def _is_a_bag(seen: SeenModel, held_out: HeldOut) -> bool:
    return bool(seen.logits.std() > 0) and _orderless(seen.logits)


class Untrained(nn.Module):
    """A small model of ids and mask that knows nothing, for each way of going wrong that predictions show."""

    def __init__(self, bag: bool = False, pads: bool = False, soft: bool = False, blind: bool = False):
        super().__init__()
        self.bag, self.pads, self.soft, self.blind = bag, pads, soft, blind
        torch.manual_seed(0)
        self.vectors, self.head = nn.Embedding(_words(), 2), nn.Linear(2, 2)

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        if self.blind:
            ids = ids * 0 + 1
        words = self.vectors(ids)  # (B, T, 2)
        if not self.pads:
            words = words * mask[..., None]
        if not self.bag:  # the place of a word counts
            words = words * torch.arange(1, ids.shape[1] + 1, device=ids.device)[:, None]
        out = self.head(words.sum(1))  # (B, 2)
        return out.softmax(-1) if self.soft else out


pads_by_number, pads_by_count, pads_at_one_step = pad_signs(_words, 2)
without_mask = deaf_to("mask", lambda: Untrained(pads=True))
without_words = deaf_to("ids", lambda: Untrained(blind=True))
without_order = Sign(_is_a_bag, lambda: Untrained(bag=True))
softmax_at_the_end = Sign(probabilities, lambda: Untrained(soft=True))

exercise = Trained(
    about=about(__name__, answer="model"),
    held_out=lambda draw: _reviews().held_out,
    score=read_in_order,
    limit=500_000,
    bars=(
        Bar("more than a coin", 0.60, 1),
        Bar("about what a plain RNN gets", 0.70, 2),
        Bar("more than a plain RNN gets", 0.76, 2),
    ),
)
