"""03.8: train a linear probe past what a network of one's own reaches."""

from functools import cache

import torch
from torch import Tensor, nn

from mmcourse.bank.about import about
from mmcourse.bank.pair_models import probabilities
from mmcourse.checking.exercise import Bar, HeldOut, Trained
from mmcourse.checking.mistake import Sign
from mmcourse.checking.seen import SeenModel
from mmcourse.tasks.metrics import accuracy


@cache
def _held_out() -> HeldOut:
    """Lite0's vectors of the held-out pictures, and their groups. Raises FetchError where there is no network."""
    from mmcourse.data.features import features
    from mmcourse.data.things import Things
    from mmcourse.vision import Lite0

    things = Things("held-out")
    vectors = features(things, Lite0.pretrained(), progress=False)
    return HeldOut("held-out pictures", {"vectors": vectors}, things.labels)


class _Untrained(nn.Module):
    """A probe without any training; `how` says what else is wrong."""

    def __init__(self, how: str):
        super().__init__()
        torch.manual_seed(0)
        self.how, self.head = how, nn.Linear(1280, 5)

    def forward(self, vectors: Tensor) -> Tensor:
        if self.how == "batch":
            vectors = (vectors - vectors.mean(0)) / (vectors.std(0, correction=0) + 1e-6)
        if self.how == "samples":
            return self.head(vectors).softmax(0)
        if self.how == "constant":
            return self.head(torch.zeros_like(vectors))
        return self.head(vectors).softmax(-1) if self.how == "soft" else self.head(vectors)


def _over_samples(seen: SeenModel, held_out: HeldOut) -> bool:
    out = seen.logits
    return bool((out >= 0).all()) and torch.allclose(out.sum(0), torch.ones(out.shape[1], dtype=out.dtype), atol=1e-3)


def _by_neighbours(seen: SeenModel, held_out: HeldOut) -> bool:
    return not seen.alone


def _constant(seen: SeenModel, held_out: HeldOut) -> bool:
    return len(seen.logits.argmax(-1).unique()) == 1


softmax_at_the_end = Sign(probabilities, lambda: _Untrained("soft"))
softmax_over_pictures = Sign(_over_samples, lambda: _Untrained("samples"))
scaled_by_batch = Sign(_by_neighbours, lambda: _Untrained("batch"))
the_same_of_all = Sign(_constant, lambda: _Untrained("constant"))

exercise = Trained(
    about=about(__name__, answer="model"),
    held_out=lambda draw: _held_out(),
    score=accuracy,
    limit=20_000,
    bars=(
        Bar("more than always the commonest group", 0.36, 1),
        Bar("more than a linear layer on the pixels", 0.43, 1),
        Bar("more than a small CNN of one's own", 0.50, 2),
    ),
)
