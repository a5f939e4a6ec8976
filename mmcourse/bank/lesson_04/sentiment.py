"""04.7: sentiment of sentences, by a model to which the order of words is not all one."""

from functools import cache

import torch
from torch import Tensor, nn

from mmcourse.bank.pads import pads_get_in
from mmcourse.bank.pair_models import deaf_to, probabilities
from mmcourse.checking.exercise import Bar, Case, Draw, Exercise, Mistake
from mmcourse.checking.probe import Seen
from mmcourse.tasks.metrics import accuracy

WORTH, ENDS = "(lesson 04, 'What order is worth')", "(lesson 04, 'Where does the reading end?')"
LENGTH = 40


@cache
def _held_out() -> dict:
    from mmcourse.data import load
    from mmcourse.preprocess import Vocabulary

    vocabulary = Vocabulary(load("sentences", "train", sources=("movies",)).texts, at_least=2)
    data = load("sentences", "test", sources=("movies",))
    ids, mask = vocabulary.encode(data.texts[::2], LENGTH)  # every second: the file begins with praise
    draw = torch.Generator().manual_seed(0)
    place = torch.rand(ids.shape, generator=draw).masked_fill(~mask, 2).argsort(1)  # (N, T): real words shuffled
    shuffled = ids.gather(1, place)
    labels = torch.tensor(data.labels[::2])
    return {
        "ids": torch.cat([ids, shuffled]),  # (2 N, T): each sentence, and its words in another order
        "mask": mask.repeat(2, 1),
        "labels": labels.repeat(2),
        "words": len(vocabulary),
    }


def _cases(draw: Draw) -> list[Case]:
    data = _held_out()
    inputs = {n: data[n] for n in ("ids", "mask")}
    return [Case("held-out sentences", inputs, labels=data["labels"], pads={"mask": "ids"})]


def _orderless(logits: Tensor) -> bool:
    """Whether every sentence scores the same when its words are shuffled."""
    as_they_are, shuffled = logits.double().chunk(2)
    return torch.allclose(as_they_are, shuffled, rtol=1e-3, atol=1e-3)


def read_in_order(logits: Tensor, labels: Tensor) -> float:
    """Accuracy on the sentences as they are; 0 where the order of the words makes no difference at all."""
    return 0.0 if _orderless(logits) else accuracy(logits.chunk(2)[0], labels.chunk(2)[0])


def _a_bag(seen: Seen, case: Case) -> bool:
    out = seen.leaves[""].values
    return bool(out.std() > 0) and _orderless(out)


class _Untrained(nn.Module):
    """A small model of ids and mask that knows nothing, for each way of going wrong that predictions show."""

    def __init__(self, bag: bool = False, pads: bool = False, soft: bool = False, blind: bool = False):
        super().__init__()
        self.bag, self.pads, self.soft, self.blind = bag, pads, soft, blind
        torch.manual_seed(0)
        self.vectors, self.head = nn.Embedding(_held_out()["words"], 2), nn.Linear(2, 2)

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


sentiment = Exercise(
    id="04.7",
    title="sentiment, read in order",
    kind="trained",
    answer="model",
    reference=None,
    cases=_cases,
    score=read_in_order,
    limit=500_000,
    bars=(
        Bar("more than a coin", 0.60, 1),
        Bar("about what a plain RNN gets", 0.70, 2),
        Bar("more than a plain RNN gets", 0.76, 2),
    ),
    mistakes=(
        *pads_get_in(_held_out, 2, ENDS),
        Mistake(
            "the mask makes no difference to the model",
            "Other lengths, the same logits: pads are read like words, and the vector depends on how long the "
            f"neighbours are. Who tells your network where a sentence ends? {ENDS}",
            lambda: _Untrained(pads=True),
            deaf_to("mask"),
        ),
        Mistake(
            "the words make no difference to the model",
            f"Other words, the same logits. Does what was read reach the head? {WORTH}",
            lambda: _Untrained(blind=True),
            deaf_to("ids"),
        ),
        Mistake(
            "the order of the words makes no difference to the model",
            "The check asked about each sentence twice, the second time with its words shuffled, and your logits are "
            f"the same. A bag of words may well score as high; which encoder reads? {WORTH}",
            lambda: _Untrained(bag=True),
            _a_bag,
        ),
        Mistake(
            "the model ends in a softmax",
            "Its outputs are probabilities, and `cross_entropy` takes a softmax of its own: twice is too flat to learn "
            f"well. What does the loss expect? {WORTH}",
            lambda: _Untrained(soft=True),
            probabilities,
        ),
    ),
    hints=(
        "Your model has thousands of word vectors to learn and a few thousand sentences. How soon does it know the "
        "training sentences by heart, and what do the held-out ones say then?",
        "Word vectors of some 32 features, an LSTM or GRU that is told the lengths, its last state, a Linear to 2 "
        "logits. What keeps it from learning by heart: epochs, features, or a dropout?",
        "Pack the word vectors with their lengths, run nn.LSTM or nn.GRU, take the last state, drop out some of it in "
        "training, and a Linear to 2 logits. Three to five epochs with the loop's own learning rate.",
    ),
)
