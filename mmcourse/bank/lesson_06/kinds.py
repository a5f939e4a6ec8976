"""06.8: Past what any sum can do."""

from functools import cache

import torch

from mmcourse.bank.pads import pads_get_in
from mmcourse.bank.pair_models import Untrained, deaf_to, probabilities
from mmcourse.checking.exercise import Bar, Case, Draw, Exercise, Mistake
from mmcourse.checking.probe import Seen
from mmcourse.tasks.metrics import accuracy

PADS = "(lesson 06 stands on lesson 04, 'A mean that ignores padding')"


@cache
def _held_out() -> dict:
    from mmcourse.data.same_kind import SameKind
    from mmcourse.preprocess import Vocabulary, normalise

    vocabulary = Vocabulary(SameKind("train").text["en"])
    pairs = SameKind("held-out")
    ids, mask = vocabulary.encode(pairs.text["en"])
    columns: dict[tuple[str, str], int] = {}
    places = torch.zeros(len(pairs), 500, dtype=torch.float64)  # (N, P), P at least the pictures and names together
    for row, about in enumerate(pairs.meta):
        for side in ("picture", "name"):
            places[row, columns.setdefault((side, about[side]), len(columns))] = 1
    return {
        "places": places[:, : len(columns)],
        "images": normalise(pairs.images),
        "ids": ids,
        "mask": mask,
        "labels": pairs.labels,
        "words": len(vocabulary),
    }


def _kind_cases(draw: Draw) -> list[Case]:
    data = _held_out()
    inputs = {n: data[n] for n in ("images", "ids", "mask")}
    return [Case("held-out pairs", inputs, labels=data["labels"], pads={"mask": "ids"})]


def _untrained(**how):
    return lambda: Untrained(_held_out()["words"], 2, **how)


def _a_sum(seen: Seen, case: Case) -> bool:
    """Whether the score is a picture's number plus a name's: 1,000 pairs of 344 pictures and names leave no doubt."""
    out = seen.leaves[""].values.double()
    score = out[:, 1] - out[:, 0]  # (N,)
    places = _held_out()["places"]  # (N, P): which picture and which name each pair is made of
    rest = score - places @ torch.linalg.lstsq(places, score[:, None], driver="gelsd").solution[:, 0]
    return bool(rest.square().mean() < 1e-8 * score.var())


kinds = Exercise(
    id="06.8",
    title="Past what any sum can do",
    kind="trained",
    answer="model",
    reference=None,
    cases=_kind_cases,
    score=accuracy,
    limit=200_000,
    bars=(
        Bar("more than a coin", 0.60, 1),
        Bar("more than any sum of two votes", 0.80, 2),
        Bar("nearly all", 0.90, 1),
    ),
    mistakes=(
        *pads_get_in(_held_out, 2, PADS),
        Mistake(
            "the pictures make no difference to the model",
            "Other pictures, the same logits. Does the image vector reach the head? (lesson 06, 'Does the word fit?')",
            _untrained(deaf="images"),
            deaf_to("images"),
        ),
        Mistake(
            "the names make no difference to the model",
            "Other names, the same logits. Does the text vector reach the head? (lesson 06, 'Does the word fit?')",
            _untrained(deaf="ids"),
            deaf_to("ids"),
        ),
        Mistake(
            "the mask makes no difference to the model",
            "Other masks, the same logits: pads are read like words. Who tells your text encoder where a name ends? "
            + PADS,
            _untrained(deaf="mask", product=True),
            deaf_to("mask"),
        ),
        Mistake(
            "the score is a sum of a picture's vote and a name's vote",
            "The check solved for the votes, and they explain every one of your logits. Where in your model does one "
            "modality decide what the other's vote is worth? (lesson 06, 'One product')",
            _untrained(),
            _a_sum,
        ),
        Mistake(
            "the model ends in a softmax",
            "Its outputs are probabilities, and `cross_entropy` takes a softmax of its own: twice is too flat to learn "
            "well. What does the loss expect? (lesson 06, 'Two votes')",
            _untrained(product=True, soft=True),
            probabilities,
        ),
    ),
    hints=(
        "Whether a picture of food speaks for yes or for no depends on the name. Which fusions of the lesson let one "
        "modality decide that?",
        "Two vectors of d features and a logit for each of two classes. Between them there must be a layer that bends "
        "what both have said together, or a product of the two.",
        "Encode both; multiply the two vectors feature by feature, or put them side by side and through a Linear, a "
        "ReLU, and a second Linear to 2 logits. Fifteen epochs of batches of 64, AdamW, lr 1e-2 falling to 0.",
    ),
)
