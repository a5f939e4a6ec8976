"""07.7: Make it look."""

from functools import cache

import torch
from torch import Tensor, nn

from mmcourse.bank.pads import pads_get_in
from mmcourse.bank.pair_models import Untrained, deaf_to, probabilities
from mmcourse.checking.exercise import Bar, Case, Draw, Exercise, Mistake
from mmcourse.checking.probe import Seen
from mmcourse.diagnose.balance import balanced
from mmcourse.tasks.metrics import accuracy

PADS = "(lesson 07 stands on lesson 04, 'A mean that ignores padding')"
WHERE = "(lesson 07, 'A set that gives itself away')"


def _is_there(split: str) -> tuple:
    """The set, the rows of its questions 'is there a ...?' without a 'not', and their labels: 1 is yes."""
    from mmcourse.data import load
    from mmcourse.preprocess import words

    asked = load("easy-vqa", split, size=16)
    kinds = [about["kind"] for about in asked.meta]
    rows = [i for i, q in enumerate(asked.questions) if kinds[i] == "yes/no" and not {"no", "not"} & set(words(q))]
    yes = asked.classes.index("yes")
    return asked, torch.tensor(rows), torch.tensor([int(asked.labels[i] == yes) for i in rows])


@cache
def _held_out() -> dict:
    from mmcourse.preprocess import Vocabulary, normalise

    train, rows, _ = _is_there("train")
    vocabulary = Vocabulary([train.questions[i] for i in rows])
    test, rows, labels = _is_there("test")
    questions = [test.questions[i] for i in rows]
    kept = balanced(questions, labels)
    ids, mask = vocabulary.encode([questions[i] for i in kept])
    return {
        "images": normalise(test.images)[test.image_of[rows[kept]]],
        "ids": ids,
        "mask": mask,
        "labels": labels[kept],
        "words": len(vocabulary),
    }


def _cases(draw: Draw) -> list[Case]:
    data = _held_out()
    inputs = {n: data[n] for n in ("images", "ids", "mask")}
    return [Case("balanced questions", inputs, labels=data["labels"], pads={"mask": "ids"})]


class _SaysNo(nn.Module):
    """An untrained model that leans to one answer."""

    def __init__(self) -> None:
        super().__init__()
        self.model = Untrained(_held_out()["words"], 2, product=True)

    def forward(self, images: Tensor, ids: Tensor, mask: Tensor) -> Tensor:
        return self.model(images, ids, mask) * 0.01 + torch.tensor([1.0, 0.0], device=images.device)


def _untrained(**how):
    return lambda: Untrained(_held_out()["words"], 2, **how)


def _says_no(seen: Seen, case: Case) -> bool:
    return bool((seen.leaves[""].values.argmax(-1) == 1).double().mean() < 0.3)


def _is_a_sum(seen: Seen, case: Case) -> bool:
    """Whether the logits are u(picture) + v(question): what differs within a picture is then v's difference alone."""
    logits = seen.leaves[""].values.double()
    score = logits[:, 1] - logits[:, 0]  # (N,)
    _, picture = case.args["images"].flatten(1).unique(dim=0, return_inverse=True)
    _, question = case.args["ids"].unique(dim=0, return_inverse=True)
    columns = torch.cat([score[:, None], torch.nn.functional.one_hot(question).double()], 1)  # (N, 1 + questions)
    means = columns.new_zeros(int(picture.max()) + 1, columns.shape[1]).index_add(0, picture, columns)
    within = columns - (means / picture.bincount()[:, None])[picture]  # each picture's own mean taken off
    score, questions = within[:, :1], within[:, 1:]
    left = score - questions @ (torch.linalg.pinv(questions) @ score)  # (N, 1): what no v explains
    return bool(left.square().sum() < 1e-6 * score.square().sum())


asking = Exercise(
    id="07.7",
    title="Make it look",
    kind="trained",
    answer="model",
    reference=None,
    cases=_cases,
    score=accuracy,
    limit=100_000,
    bars=(
        Bar("more than the question alone", 0.60, 1),
        Bar("it looks at most pictures", 0.75, 2),
        Bar("more than all questions as they were published gave", 0.90, 1),
    ),
    mistakes=(
        *pads_get_in(_held_out, 2, PADS),
        Mistake(
            "the pictures make no difference to the model",
            "Other pictures, the same logits: on these questions that is a coin. Does the image vector reach the head? "
            "(lesson 07, 'Shuffle one half')",
            _untrained(deaf="images"),
            deaf_to("images"),
        ),
        Mistake(
            "the questions make no difference to the model",
            "Other questions, the same logits. Does the text vector reach the head? (lesson 07, 'Shuffle one half')",
            _untrained(deaf="ids"),
            deaf_to("ids"),
        ),
        Mistake(
            "the mask makes no difference to the model",
            "Other masks, the same logits: pads are read like words. Who tells your text encoder where a question "
            f"ends? {PADS}",
            _untrained(deaf="mask", product=True),
            deaf_to("mask"),
        ),
        Mistake(
            "the model ends in a softmax",
            "Its outputs are probabilities, and `cross_entropy` takes a softmax of its own: twice is too flat to learn "
            "well. What does the loss expect? (lesson 07, 'The nearest sum', says why logits)",
            _untrained(product=True, soft=True),
            probabilities,
        ),
        Mistake(
            "the model is a sum of two votes",
            "The picture raises the score of 'yes' by the same for every question. Here a sum is little more than a "
            "coin, whatever it is trained on. What makes the picture's vote depend on the question? (lesson 07, 'The "
            "nearest sum')",
            _untrained(),
            _is_a_sum,
        ),
        Mistake(
            "the model says 'no' far more often than 'yes'",
            "One half of these questions has the answer yes. How often is it yes in what you trained on, and what does "
            f"a model earn there without a look? {WHERE}",
            _SaysNo,
            _says_no,
        ),
    ),
    hints=(
        "What does a model gain on the training questions by answering 'no'? What would it gain if every question were "
        "answered yes as often as no?",
        "For each of the questions, gather the rows with yes and the rows with no: two lists of different lengths. "
        "Whether the colour that is asked for is the colour that is seen is a matter of agreement: which fusion of "
        "lesson 06 is made for that?",
        "Keep as many rows with no as there are with yes, question by question. Encode picture and question, multiply "
        "the two vectors feature by feature behind a linear layer each, a linear head to 2 logits; fit for some "
        "twenty-five epochs.",
    ),
)
