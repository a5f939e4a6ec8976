"""05.8 Forwards or backwards? A trained model."""

from functools import cache

import torch
from torch import Tensor, nn

from mmcourse.bank.pads import pads_get_in
from mmcourse.bank.pair_models import deaf_to, probabilities
from mmcourse.checking.exercise import Bar, Case, Draw, Exercise, Mistake
from mmcourse.checking.probe import Seen
from mmcourse.tasks.metrics import accuracy

WHERE = "(lesson 05, '{}')".format


@cache
def _held_out() -> dict:
    from mmcourse.data.both_ways import BothWays
    from mmcourse.preprocess import Vocabulary

    vocabulary = Vocabulary(BothWays("train").texts, at_least=2)
    sentences = BothWays("test")
    ids, mask = vocabulary.encode(sentences.texts, length=16)
    place = torch.arange(16).expand_as(ids)
    inside = (place >= 2) & (place < mask.sum(1, keepdim=True) - 2)  # all but the first two and the last two words
    keys = torch.rand(ids.shape, generator=torch.Generator().manual_seed(0))
    keys = torch.where(inside, 2 + keys, torch.where(place < 2, place / 2, 4.0 + place))
    return {
        "ids": torch.cat([ids, ids.gather(1, keys.argsort(1))]),  # (2 N, 16): as they are; then mixed up inside
        "mask": mask.repeat(2, 1),
        "labels": torch.tensor(sentences.labels).repeat(2),
        "words": len(vocabulary),
    }


def _cases(draw: Draw) -> list[Case]:
    data = _held_out()
    inputs = {n: data[n] for n in ("ids", "mask")}
    return [Case("held-out sentences", inputs, labels=data["labels"], pads={"mask": "ids"})]


class _Untrained(nn.Module):
    """A model of ids and mask that gets one thing wrong, (B, T), (B, T) -> (B, 2)."""

    def __init__(self, fault: str):
        super().__init__()
        torch.manual_seed(0)
        self.fault, self.words = fault, nn.Embedding(_held_out()["words"], 2)
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


def _only_ends(logits: Tensor) -> bool:
    """Whether every sentence scores the same with the words inside it mixed up."""
    as_they_are, mixed = logits.double().chunk(2)
    return torch.allclose(as_they_are, mixed, rtol=1e-3, atol=1e-3)


def read(logits: Tensor, labels: Tensor) -> float:
    """Accuracy on the sentences as they are; 0 where the order of the words inside makes no difference at all."""
    return 0.0 if _only_ends(logits) else accuracy(logits.chunk(2)[0], labels.chunk(2)[0])


def _ends(seen: Seen, case: Case) -> bool:
    out = seen.leaves[""].values
    return bool(out.std(0).max() > 1e-3) and _only_ends(out)


def _both_alike(seen: Seen, case: Case) -> bool:
    """Whether each sentence scores the same forwards and backwards: the first quarter of the items, and the second."""
    one, other = seen.leaves[""].values.double().chunk(2)[0].chunk(2)
    return torch.allclose(one, other, rtol=1e-3, atol=1e-4) and bool(one.std(0).max() > 1e-3)


both_ways = Exercise(
    id="05.8",
    title="forwards or backwards",
    kind="trained",
    answer="model",
    reference=None,
    cases=_cases,
    score=read,
    limit=600_000,
    bars=(
        Bar("more than any bag of words", 0.55, 1),
        Bar("it reads", 0.70, 2),
        Bar("it reads well", 0.77, 1),
    ),
    mistakes=(
        *pads_get_in(_held_out, 2, WHERE("Masks")),
        Mistake(
            "the words make no difference to the model",
            f"Other sentences, the same logits. Do the ids reach the head? {WHERE('One vector for the sentence')}",
            lambda: _Untrained("ids"),
            deaf_to("ids"),
        ),
        Mistake(
            "both ways of a sentence get the same logits",
            "To your model a sentence is a bag of words: no order in, no order out. What tells a word where it stands? "
            f"{WHERE('Where a word stands')}",
            lambda: _Untrained("bag"),
            _both_alike,
        ),
        Mistake(
            "only the ends of a sentence are read",
            "The check asked about each sentence twice, the second time with the words between its first two and its "
            "last two mixed up, and your logits are the same. The word in front tells much, and is not reading. Which "
            f"part of your model sees the words inside, and where they stand? {WHERE('Against the LSTM')}",
            lambda: _Untrained("ends"),
            _ends,
        ),
        Mistake(
            "the mask makes no difference to the model",
            "Other masks, the same logits: the pads count as words. Who must not look at them, and who must not "
            f"average them? {WHERE('Masks')}",
            lambda: _Untrained("mask"),
            deaf_to("mask"),
        ),
        Mistake(
            "the model ends in a softmax",
            "Its outputs are probabilities, and `cross_entropy` takes a softmax of its own: twice is too flat to learn "
            f"well. What does the loss expect? {WHERE('Against the LSTM')}",
            lambda: _Untrained("soft"),
            probabilities,
        ),
    ),
    hints=(
        "The same words, in two orders. Which part of an encoder knows the order?",
        "(B, T) ids to (B, T, d) words plus (T, d) places; `nn.TransformerEncoderLayer` with batch_first, norm_first "
        "and the mask turned round; a mean over real words; logits (B, 2).",
        "An embedding and a table of places, both begun small, a tenth of torch's start; one layer of d = 32, 4 heads; "
        "a norm; the masked mean; a linear layer. Four epochs in batches of 128, lr 5e-3.",
    ),
)
