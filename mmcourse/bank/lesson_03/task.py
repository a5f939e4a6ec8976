"""03.8: A linear probe past what a network of one's own reaches."""

from functools import cache

import torch
from torch import Tensor, nn

from mmcourse.bank.pair_models import probabilities
from mmcourse.checking.exercise import Bar, Case, Draw, Exercise, Mistake
from mmcourse.checking.probe import Seen
from mmcourse.tasks.metrics import accuracy


@cache
def _held_out() -> tuple[Tensor, Tensor]:
    """Lite0's vectors of the held-out pictures, and their groups. Raises FetchError where there is no network."""
    from mmcourse.data.features import features
    from mmcourse.data.things import Things
    from mmcourse.vision import Lite0

    things = Things("held-out")
    return features(things, Lite0.pretrained(), progress=False), things.labels


def _cases(draw: Draw) -> list[Case]:
    vectors, labels = _held_out()
    return [Case("held-out pictures", {"vectors": vectors}, labels=labels)]


class _Untrained(nn.Module):
    """A probe without any training; `how` says what else is wrong."""

    def __init__(self, how: str = ""):
        super().__init__()
        torch.manual_seed(0)
        self.how, self.head = how, nn.Linear(1280, 5)

    def forward(self, vectors):
        if self.how == "batch":
            vectors = (vectors - vectors.mean(0)) / (vectors.std(0, correction=0) + 1e-6)
        if self.how == "samples":
            return self.head(vectors).softmax(0)
        if self.how == "constant":
            return self.head(torch.zeros_like(vectors))
        return self.head(vectors).softmax(-1) if self.how == "soft" else self.head(vectors)


def _constant(seen: Seen, case: Case) -> bool:
    return len(seen.leaves[""].values.argmax(-1).unique()) == 1


def _by_neighbours(seen: Seen, case: Case) -> bool:
    return not seen.alone


def _over_samples(seen: Seen, case: Case) -> bool:
    out = seen.leaves[""].values
    return bool((out >= 0).all()) and torch.allclose(out.sum(0), torch.ones(out.shape[1], dtype=out.dtype), atol=1e-3)


WHERE = "(lesson 03, 'What labels cost')"

task = Exercise(
    id="03.8",
    title="A linear probe past a network of one's own",
    kind="trained",
    answer="model",
    reference=None,
    cases=_cases,
    score=accuracy,
    limit=20_000,
    bars=(
        Bar("more than always the commonest group", 0.36, 1),
        Bar("more than a linear layer on the pixels", 0.43, 1),
        Bar("more than a small CNN of one's own", 0.50, 2),
    ),
    mistakes=(
        Mistake(
            "the model ends in a softmax",
            "Its outputs are probabilities, and `cross_entropy` takes a softmax of its own: twice is too flat to learn "
            f"well. What does the loss expect? {WHERE}",
            lambda: _Untrained("soft"),
            probabilities,
        ),
        Mistake(
            "the model ends in a softmax over the pictures",
            f"Your outputs sum to 1 down the batch. And the loss expects logits. {WHERE}",
            lambda: _Untrained("samples"),
            _over_samples,
        ),
        Mistake(
            "the features are brought to scale by the batch at hand",
            "The same picture gets other scores in other company. Whose mean and spread can be known before a new "
            f"picture comes? {WHERE}",
            lambda: _Untrained("batch"),
            _by_neighbours,
        ),
        Mistake(
            "the model says the same of every picture",
            f"One group for all. Do the vectors reach the head, and has the head been trained? {WHERE}",
            lambda: _Untrained("constant"),
            _constant,
        ),
    ),
    hints=(
        "What has to be trained, if the vectors are finished? How many weights is that?",
        "(B, 1280) to (B, 5) is one linear layer. The vectors' features differ in spread; what is done about it has to "
        "be fixed by the training vectors, and has to be part of the model.",
        "Take mean and spread of each feature over the training vectors and put them into the model, or bring each "
        "vector to one length. Then one Linear layer. Some tens of epochs of `fit`, with a learning rate about 1e-3.",
    ),
)
