"""00.5: The pipeline, past its baselines."""

from functools import cache

from mmcourse.bank.pads import pads_get_in
from mmcourse.bank.pair_models import Untrained, deaf_to, probabilities
from mmcourse.checking.exercise import Bar, Case, Draw, Exercise, Mistake
from mmcourse.tasks.metrics import accuracy

SIZE, AT_LEAST = 32, 2  # pictures of 32 x 32 pixels; a word must occur twice to have a vector of its own


@cache
def _held_out() -> dict:
    import torch

    from mmcourse.data.emoji import EmojiPairs
    from mmcourse.preprocess import Vocabulary, normalise

    vocabulary = Vocabulary(EmojiPairs("train", 1).text["en"], AT_LEAST)
    parts = [EmojiPairs(split, SIZE) for split in ("val", "test")]
    ids, mask = vocabulary.encode([name for part in parts for name in part.text["en"]])
    return {
        "images": normalise(torch.cat([part.images for part in parts])),
        "ids": ids,
        "mask": mask,
        "labels": torch.cat([part.labels for part in parts]),
        "words": len(vocabulary),
    }


def _pipeline_cases(draw: Draw) -> list[Case]:
    data = _held_out()
    inputs = {name: data[name] for name in ("images", "ids", "mask")}
    return [Case("held-out pairs", inputs, labels=data["labels"], pads={"mask": "ids"})]


def _untrained(**how):
    return lambda: Untrained(_held_out()["words"], 9, **how)


pipeline = Exercise(
    id="00.5",
    title="The pipeline, past its baselines",
    kind="trained",
    answer="model",
    reference=None,
    cases=_pipeline_cases,
    score=accuracy,
    limit=200_000,
    bars=(
        Bar("more than the commonest group", 0.25, 1),
        Bar("more than the names alone", 0.55, 1),
        Bar("more than the pictures alone", 0.63, 2),
    ),
    mistakes=(
        *pads_get_in(_held_out, 9, "(lesson 00, 'Axes have names')"),
        Mistake(
            "the pictures make no difference to the model",
            "Other pictures, the same logits. Does the image vector reach the head? "
            "(lesson 00, 'The pipeline, end to end')",
            _untrained(deaf="images"),
            deaf_to("images"),
        ),
        Mistake(
            "the names make no difference to the model",
            "Other names, the same logits. Does the text vector reach the head? "
            "(lesson 00, 'The pipeline, end to end')",
            _untrained(deaf="ids"),
            deaf_to("ids"),
        ),
        Mistake(
            "the mask makes no difference to the model",
            "The same logits, whatever the mask says. Has the model another way to tell a word from a pad? "
            "(lesson 00, 'The pipeline, end to end')",
            _untrained(deaf="mask"),
            deaf_to("mask"),
        ),
        Mistake(
            "the model ends in a softmax",
            "Its outputs are probabilities, and `cross_entropy` takes a softmax of its own: twice is too flat to learn "
            "well. What does the loss expect? (lesson 00, 'Side by side')",
            _untrained(soft=True),
            probabilities,
        ),
    ),
    hints=(
        "What does each encoder hand over, and which of its three parts does concatenation need?",
        "`.vector` of both, side by side: (B, 2d). The head takes 2d features and gives one logit for each group.",
        "In `__init__`: a SmallCNN, a BagOfWords, a Linear from 2d to 9. In `forward`: encode both, `torch.cat` the "
        "vectors along the last axis, the head. Then ten epochs of batches of 64 with AdamW, lr 1e-2 falling to 0.",
    ),
)
