"""10.1, find the fault in a table of similarities."""

import torch
from torch import Tensor
from torch.nn import functional as F

from mmcourse.checking.exercise import Case, Draw, Exercise, Mistake
from mmcourse.tasks.match import similarity

WHERE = "(lesson 10, 'A table of agreements')"


def _longer(by: float):
    def answer(image: Tensor, text: Tensor) -> Tensor:
        image, text = (x / (x.norm(dim=1, keepdim=True) + by) for x in (image, text))
        return image @ text.T  # (N, d) @ (d, M) -> (N, M)

    return answer


def _cases(draw: Draw) -> list[Case]:
    def case(name: str, points: int, n: int, m: int, d: int, lengths: float = 1.0) -> Case:
        """Row i is `lengths` to the power i as long as the first."""
        longer = [lengths ** torch.arange(rows, dtype=torch.float64)[:, None] for rows in (n, m)]
        image = draw.normal(n, d, shift=0.3, strided=True) * longer[0]
        return Case(name, {"image": image, "text": draw.normal(m, d, shift=-0.2) * longer[1]}, points)

    return [
        case("one picture, three texts", 1, 1, 3, 4),
        case("more pictures than texts", 1, 5, 2, 3),
        case("vectors of very different lengths", 1, 3, 4, 5, lengths=10.0),
        case("as many pictures as texts as features", 1, 4, 4, 4, lengths=0.5),
    ]


def _down_the_batch(image: Tensor, text: Tensor) -> Tensor:
    return F.normalize(image, dim=0) @ F.normalize(text, dim=0).T


def _squared(image: Tensor, text: Tensor) -> Tensor:
    return image @ text.T / image.square().sum(1, keepdim=True) / text.square().sum(1)


def _centred(image: Tensor, text: Tensor) -> Tensor:
    return similarity(image - image.mean(1, keepdim=True), text - text.mean(1, keepdim=True))


agreeing = Exercise(
    id="10.1",
    title="Find the fault in a table of similarities",
    kind="function",
    answer="similarity",
    reference=similarity,
    given=_down_the_batch,
    cases=_cases,
    mistakes=(
        Mistake(
            "nothing is brought to length 1",
            "A long vector agrees with everything now. How long should a picture's vector be before it is compared? "
            f"{WHERE}",
            lambda image, text: image @ text.T,
        ),
        Mistake(
            "only the texts are brought to length 1",
            f"Your numbers still grow with a picture's length. What must not matter about either side? {WHERE}",
            lambda image, text: image @ F.normalize(text, dim=1).T,
        ),
        Mistake(
            "only the pictures are brought to length 1",
            f"Your numbers still grow with a text's length. What must not matter about either side? {WHERE}",
            lambda image, text: F.normalize(image, dim=1) @ text.T,
        ),
        Mistake(
            "texts stand in the rows",
            f"The numbers are right, and the table lies on its side. Who asks in row n: a picture, or a text? {WHERE}",
            lambda image, text: similarity(text, image),
        ),
        Mistake(
            "the table's rows are brought to length 1",
            "Now a picture's score with one text depends on which other texts came along. What has length 1 in a "
            f"cosine: a row of the table, or the vectors that it was made of? {WHERE}",
            lambda image, text: F.normalize(image @ text.T, dim=1),
        ),
        Mistake(
            "the table's columns are brought to length 1",
            "Now a text's score with one picture depends on which other pictures came along. What has length 1 in a "
            f"cosine: a column of the table, or the vectors that it was made of? {WHERE}",
            lambda image, text: F.normalize(image @ text.T, dim=0),
        ),
        Mistake(
            "the whole batch has length 1",
            "`norm()` without an axis gives one number for all pictures together. How many lengths does a (N, d) have, "
            f"one for each picture? {WHERE}",
            lambda image, text: (image / image.norm()) @ (text / text.norm()).T,
        ),
        Mistake(
            "it is divided by the squared lengths",
            "A vector with itself should give 1. What does yours give for one of length 2, and which root is missing? "
            f"{WHERE}",
            _squared,
        ),
        Mistake(
            "a little is added to each length",
            "All is right but for one small thing: the little makes every cosine a bit too small, enough for a "
            f"comparison to see. Which bound leaves all lengths but 0 as they are? {WHERE}",
            _longer(1e-6),
            also=(_longer(1e-5), _longer(1e-7)),
        ),
        Mistake(
            "length is the sum of absolute values",
            f"That is the way along the streets. Which length makes a vector's product with itself 1? {WHERE}",
            lambda image, text: F.normalize(image, p=1, dim=1) @ F.normalize(text, p=1, dim=1).T,
        ),
        Mistake(
            "each vector's own mean is taken off first",
            "That is a correlation: it forgets a vector's mean as well as its length. What does a cosine forget? "
            f"{WHERE}",
            _centred,
        ),
        Mistake(
            "each row is put through a softmax",
            f"A picture may agree with two texts, or with none; shares of 1 can't say so. What was asked for? {WHERE}",
            lambda image, text: similarity(image, text).softmax(1),
        ),
    ),
    hints=(
        "Take one more picture into the batch. Should the scores of the others change, and do they?",
        "image is (N, d). A cosine divides each picture by its own length: a sum over which of the two axes?",
        "Print lengths after `normalize`, row by row: none is 1, but the columns' are. The axis that "
        "`normalize` is told is the one that it sums over; tell it the features' axis, on both sides.",
    ),
)
