"""10.7, two frozen encoders that learn to meet: recall at 10 on concepts that were never trained on."""

from functools import cache

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from mmcourse.bank.pair_models import deaf_to
from mmcourse.checking.exercise import Bar, Case, Draw, Exercise, Mistake
from mmcourse.checking.probe import Seen
from mmcourse.tasks.match import recall_at, similarity

TABLE, MANY = "(lesson 10, 'A table of agreements')", "(lesson 10, 'One among many')"
FOUND = "(lesson 10, 'Found, or lucky')"


@cache
def _vectors(split: str) -> tuple[Tensor, Tensor]:
    """(N, 1280) of pictures and (N, 384) of names. Raises FetchError where they are not kept and can't be fetched."""
    from mmcourse.data.features import emoji_features

    found = emoji_features(split)
    return found.image, found.text


def _cases(draw: Draw) -> list[Case]:
    """The names come in another order than the pictures: who pairs row b with row b finds nothing."""
    image, text = _vectors("test")
    order = torch.tensor(draw.permutation(len(text)))
    return [Case("unseen concepts", {"images": image, "texts": text[order]}, labels=order.argsort())]


def _recall(table: Tensor, right: Tensor) -> float:
    """R@10 of pictures that look for their name and of names that look for their picture: the mean of the two."""
    own = F.one_hot(right, table.shape[1]).bool()  # (N, N)
    return (recall_at(10, table, own) + recall_at(10, table.T, own.T)) / 2


class _Solved(nn.Module):
    """Least squares from pictures to names, with a little shrinkage; `how` says what is wrong with the rest."""

    def __init__(self, how: str):
        super().__init__()
        self.how, (x, y) = how, _vectors("train")
        self.middle = x.mean(0), y.mean(0)
        x, y = (x - self.middle[0]).double(), (y - self.middle[1]).double()
        inner = x @ x.T + 1000 * torch.eye(len(x), dtype=x.dtype)
        self.weight = (x.T @ torch.linalg.solve(inner, y)).float()  # (1280, 384)

    def forward(self, images: Tensor, texts: Tensor) -> tuple[Tensor, Tensor]:
        middle = images.mean(0) if self.how == "batch" else self.middle[0]
        f, g = (images - middle) @ self.weight, texts - self.middle[1]
        if self.how == "dropout":
            f = F.dropout(f)
        if self.how == "alike":
            return 100 + images[:, :384], 100 + g
        if self.how == "no picture":
            return torch.zeros_like(f), g
        if self.how == "picture twice":
            return f, f
        return {"turned": (g, f), "apart": (-f, g)}.get(self.how, (f, g))


def _table(seen: Seen) -> Tensor:
    first, second = (leaf.values.double() for leaf in seen.leaves.values())
    return similarity(first, second)


def _by_neighbours(seen: Seen, case: Case) -> bool:
    return not seen.alone


def _at_random(seen: Seen, case: Case) -> bool:
    return not seen.repeats


def _turned(seen: Seen, case: Case) -> bool:
    return _recall(_table(seen).T, case.labels) > 0.15


def _apart(seen: Seen, case: Case) -> bool:
    return _recall(-_table(seen), case.labels) > 0.15


def _alike(seen: Seen, case: Case) -> bool:
    table = _table(seen)
    return bool(table.min() > 0.99) and _recall(table, case.labels) < 0.06


meeting = Exercise(
    id="10.7",
    title="Two strangers learn to meet",
    kind="trained",
    answer="model",
    reference=None,
    cases=_cases,
    score=_recall,
    vectors=True,
    limit=600_000,
    bars=(
        Bar("twice what luck finds", 0.06, 1),
        Bar("more than encoders trained from nothing", 0.20, 1),
        Bar("more than heads that learn their pairs by heart", 0.31, 2),
    ),
    mistakes=(
        Mistake(
            "the pictures make no difference to the model",
            f"Other pictures, the same vectors. Does what comes in as `images` reach the first of the two? {TABLE}",
            lambda: _Solved("no picture"),
            deaf_to("images"),
        ),
        Mistake(
            "the names make no difference to the model",
            "Other names, the same vectors. The check doesn't hand you pairs: row b of one side need not belong to row "
            f"b of the other. Does what comes in as `texts` reach the second? {TABLE}",
            lambda: _Solved("picture twice"),
            deaf_to("texts"),
        ),
        Mistake(
            "something is still drawn at random when the model is asked",
            "Twice the same question, two answers. `F.dropout` drops always, `nn.Dropout` only in training. Which do "
            f"you have? {FOUND}",
            lambda: _Solved("dropout"),
            _at_random,
        ),
        Mistake(
            "a vector depends on its neighbours in the batch",
            "A picture gets another vector in other company. Is a mean or a spread taken over the batch that comes, "
            f"instead of the training vectors? {TABLE}",
            lambda: _Solved("batch"),
            _by_neighbours,
        ),
        Mistake(
            "the names' vectors come first",
            "Turned round, your table finds a good many. Which of the two does the model return first: the pictures' "
            f"vectors, or the names'? {TABLE}",
            lambda: _Solved("turned"),
            _turned,
        ),
        Mistake(
            "the right one comes last",
            "Your model has learnt which name fits, and puts it as far away as it can. Does your loss fall when the "
            f"right pairs agree, or when they don't? {MANY}",
            lambda: _Solved("apart"),
            _apart,
        ),
        Mistake(
            "everything agrees with everything",
            "All your cosines are nearly 1. Right pairs agree, and so do all the wrong ones. What in your loss should "
            f"push those apart? {MANY}",
            lambda: _Solved("alike"),
            _alike,
        ),
    ),
    hints=(
        "Both encoders are finished and know nothing of each other. What is the least that must be learnt so that a "
        "picture of 1,280 numbers and a name of 384 can be compared at all?",
        "One linear layer for each side, to the same d; the loss of 10.2 on batches of some hundreds. 1,210 pairs "
        "against hundreds of thousands of weights: look at recall on training and on validation pairs side by side.",
        "Bring the pictures to the scale of the training vectors. Heads of d = 256; drop more than half of the "
        "picture's features in training, by `nn.Dropout` before the head; a scale of about 14; AdamW with lr 1e-3 for "
        "some 60 epochs of batches of 256. `fit` takes a loss that is given the model's two tensors.",
    ),
)
