"""07.7: train a model on questions that leave no way around the picture."""

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import torch
from torch import Tensor, nn

from mmcourse.bank.about import about
from mmcourse.bank.pads import pad_signs
from mmcourse.bank.pair_models import Untrained, deaf_to, probabilities
from mmcourse.checking.exercise import Bar, HeldOut, Trained
from mmcourse.checking.mistake import Sign
from mmcourse.checking.seen import SeenModel
from mmcourse.diagnose.balance import balanced
from mmcourse.tasks.metrics import accuracy

if TYPE_CHECKING:
    from mmcourse.data.easy_vqa import EasyVQA


def _is_there(split: str) -> tuple["EasyVQA", Tensor, Tensor]:
    """The set, the rows of its questions 'is there a ...?' without a 'not', and their labels: 1 is yes."""
    from mmcourse.data.easy_vqa import load
    from mmcourse.preprocess import words

    asked = load(split, size=16)
    kinds = [meta["kind"] for meta in asked.meta]
    rows = [i for i, q in enumerate(asked.questions) if kinds[i] == "yes/no" and not {"no", "not"} & set(words(q))]
    yes = asked.classes.index("yes")
    return asked, torch.tensor(rows), torch.tensor([int(asked.labels[i] == yes) for i in rows])


class Questions(NamedTuple):
    """The held-out questions with their pictures, and the number of words."""

    held_out: HeldOut
    words: int


@cache
def _questions() -> Questions:
    from mmcourse.preprocess import Vocabulary, normalise

    train, rows, _ = _is_there("train")
    vocabulary = Vocabulary([train.questions[i] for i in rows])
    test, rows, labels = _is_there("test")
    questions = [test.questions[i] for i in rows]
    kept = balanced(questions, labels)
    ids, mask = vocabulary.encode([questions[i] for i in kept])
    inputs = {"images": normalise(test.images)[test.image_of[rows[kept]]], "ids": ids, "mask": mask}
    return Questions(HeldOut("balanced questions", inputs, labels[kept], pads={"mask": "ids"}), len(vocabulary))


def _words() -> int:
    return _questions().words


class _SaysNo(nn.Module):
    """An untrained model that leans to one answer."""

    def __init__(self) -> None:
        super().__init__()
        self.model = Untrained(_words(), 2, product=True)

    def forward(self, images: Tensor, ids: Tensor, mask: Tensor) -> Tensor:
        return self.model(images, ids, mask) * 0.01 + torch.tensor([1.0, 0.0], device=images.device)


def _says_no(seen: SeenModel, held_out: HeldOut) -> bool:
    return bool((seen.logits.argmax(-1) == 1).double().mean() < 0.3)


def _is_a_sum(seen: SeenModel, held_out: HeldOut) -> bool:
    """Whether the logits are u(picture) + v(question): what differs within a picture is then v's difference alone."""
    logits = seen.logits.double()
    score = logits[:, 1] - logits[:, 0]  # (N,)
    _, picture = held_out.inputs["images"].flatten(1).unique(dim=0, return_inverse=True)
    _, question = held_out.inputs["ids"].unique(dim=0, return_inverse=True)
    columns = torch.cat([score[:, None], nn.functional.one_hot(question).double()], 1)  # (N, 1 + questions)
    means = columns.new_zeros(int(picture.max()) + 1, columns.shape[1]).index_add(0, picture, columns)
    within = columns - (means / picture.bincount()[:, None])[picture]  # each picture's own mean taken off
    score, questions = within[:, :1], within[:, 1:]
    left = score - questions @ (torch.linalg.pinv(questions) @ score)  # (N, 1): what no v explains
    return bool(left.square().sum() < 1e-6 * score.square().sum())


pads_by_number, pads_by_count, pads_at_one_step = pad_signs(_words, 2)
without_images = deaf_to("images", lambda: Untrained(_words(), 2, deaf="images"))
without_questions = deaf_to("ids", lambda: Untrained(_words(), 2, deaf="ids"))
without_mask = deaf_to("mask", lambda: Untrained(_words(), 2, deaf="mask", product=True))
softmax_at_the_end = Sign(probabilities, lambda: Untrained(_words(), 2, soft=True, product=True))
additive = Sign(_is_a_sum, lambda: Untrained(_words(), 2))
says_no = Sign(_says_no, _SaysNo)

exercise = Trained(
    about=about(__name__, answer="model"),
    held_out=lambda draw: _questions().held_out,
    score=accuracy,
    limit=100_000,
    bars=(
        Bar("more than the question alone", 0.60, 1),
        Bar("it looks at most pictures", 0.75, 2),
        Bar("more than all questions as they were published gave", 0.90, 1),
    ),
)
