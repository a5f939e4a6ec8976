"""10.5, classes by their names."""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

from mmcourse.checking.exercise import Case, Draw, Exercise, Mistake
from mmcourse.tasks.match import similarity
from mmcourse.tasks.search import zero_shot

WHERE, TABLE = "(lesson 10, 'Classes by name')", "(lesson 10, 'A table of agreements')"


def _cases(draw: Draw) -> list[Case]:
    def case(name: str, points: int, n: int, k: int, p: int, d: int, longer: float = 1.0) -> Case:
        """Of each class's sentences, number i is `longer` to the power i as long as the first."""
        lengths = longer ** torch.arange(p, dtype=torch.float64)[:, None]
        prompts = (draw.normal(k, 1, d, scale=0.4) + draw.normal(k, p, d)) * lengths
        return Case(name, {"image": draw.normal(n, d, scale=2.0, strided=True), "prompts": prompts}, points)

    return [
        case("one picture, one sentence for each class", 1, 1, 3, 1, 4),
        case("three sentences for each class", 1, 7, 4, 3, 5),
        case("sentences of very different lengths", 2, 5, 6, 4, 3, longer=3.0),
        case("as many sentences as classes as pictures", 1, 4, 4, 4, 6, longer=0.6),
    ]


def _chosen(scores: Tensor) -> tuple[Tensor, Tensor]:
    return scores, scores.argmax(1)


def _by(classes: Callable[[Tensor], Tensor]) -> Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]:
    """`zero_shot` with classes' vectors made in another way, (K, d)."""
    return lambda image, prompts: _chosen(similarity(image, classes(prompts)))


def _directions(prompts: Tensor) -> Tensor:
    return F.normalize(prompts, dim=-1).mean(1)


def _cosines(image: Tensor, prompts: Tensor) -> Tensor:
    """Of each picture with each sentence: (N, K, P)."""
    return torch.einsum("nd,kpd->nkp", F.normalize(image, dim=-1), F.normalize(prompts, dim=-1))


naming = Exercise(
    id="10.5",
    title="Classes by name",
    kind="function",
    answer="zero_shot",
    reference=zero_shot,
    cases=_cases,
    mistakes=(
        Mistake(
            "the sentences are averaged as they come",
            "A sentence with a long vector speaks for its whole class. What should every sentence be brought to before "
            f"the mean? {WHERE}",
            _by(lambda prompts: prompts.mean(1)),
        ),
        Mistake(
            "the cosines are averaged",
            "The mean of directions is shorter than 1, and the shorter the less its sentences agree, so a class with "
            f"varied sentences always scores low. What is missing after the mean? {WHERE}",
            lambda image, prompts: _chosen(_cosines(image, prompts).mean(2)),
        ),
        Mistake(
            "the sentences are added as they come, and nothing is brought to length 1",
            f"Long vectors win, of pictures and of sentences. What does a cosine forget? {TABLE}",
            lambda image, prompts: _chosen(image @ prompts.mean(1).T),
        ),
        Mistake(
            "the pictures are not brought to length 1",
            "The choice is right, since a picture's length is the same for all classes, and the scores are no cosines. "
            f"What does a cosine forget? {TABLE}",
            lambda image, prompts: _chosen(image @ F.normalize(_directions(prompts), dim=1).T),
        ),
        Mistake(
            "the best sentence speaks for its class",
            "One lucky sentence decides, and a class with many has many tickets. Which one vector stands for a class? "
            f"{WHERE}",
            lambda image, prompts: _chosen(_cosines(image, prompts).amax(2)),
        ),
        Mistake(
            "only the first sentence of each class is heard",
            f"The others were encoded for nothing. What do several sentences make up for? {WHERE}",
            _by(lambda prompts: prompts[:, 0]),
        ),
        Mistake(
            "the classes are averaged away",
            f"Your mean runs over the K classes, and what is left are P sentences. Which axis is which? {WHERE}",
            _by(lambda prompts: F.normalize(prompts, dim=-1).mean(0)),
        ),
        Mistake(
            "the features are normalised over the sentences",
            f"Length 1 down the P sentences is no direction. Which axis holds the features of one? {WHERE}",
            _by(lambda prompts: F.normalize(prompts, dim=1).mean(1)),
        ),
        Mistake(
            "each class chooses a picture",
            "Your argmax runs down the pictures, and gives K numbers. How many choices are there when N pictures are "
            f"named? {WHERE}",
            lambda image, prompts: (zero_shot(image, prompts)[0], zero_shot(image, prompts)[0].argmax(0)),
        ),
        Mistake(
            "a sentence is chosen, not a class",
            f"You counted through all K · P sentences. Of which class is sentence number s? {WHERE}",
            lambda image, prompts: (zero_shot(image, prompts)[0], _cosines(image, prompts).flatten(1).argmax(1)),
        ),
        Mistake(
            "the scores are put through a softmax",
            "Cosines were asked for. Without a scale before it, a softmax of numbers between -1 and 1 is nearly flat. "
            f"{WHERE}",
            lambda image, prompts: _chosen(zero_shot(image, prompts)[0].softmax(1)),
        ),
    ),
    hints=(
        "Each class has P sentences, and a picture is compared with one vector for each class. What makes one vector "
        "of P, so that a long one doesn't outvote the others?",
        "prompts is (K, P, d). Lengths run along d, the mean along P, and (K, d) is left; the mean of vectors of "
        "length 1 is shorter than 1.",
        "Bring every sentence to length 1, take the mean over the sentences, bring that to length 1 again. Bring the "
        "pictures to length 1; their products with the classes are (N, K). The choice is the largest of each row.",
    ),
)
