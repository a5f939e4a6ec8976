"""10.8, find the fault in a contrastive loss whose batches repeat a concept."""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

from mmcourse.checking.exercise import Case, Draw, Exercise, Mistake
from mmcourse.tasks.concepts import contrastive_loss_of_concepts
from mmcourse.tasks.match import contrastive_loss, similarity

TABLE, MANY = "(lesson 10, 'A table of agreements')", "(lesson 10, 'One among many')"


def _cases(draw: Draw) -> list[Case]:
    def case(name: str, points: int, d: int, scale: float, *concept: int, apart: float = 0.8) -> Case:
        """Pairs of one concept lie near each other; no two vectors are the same."""
        middle = draw.normal(max(concept) + 1, d, scale=2.0, shift=0.3)
        image = middle[list(concept)] + 0.5 * draw.normal(len(concept), d)
        text = 0.4 * image + apart * draw.normal(len(concept), d)
        scale = torch.tensor(scale, dtype=torch.float64)
        return Case(name, {"image": image, "text": text, "scale": scale, "concept": torch.tensor(concept)}, points)

    only = case("one concept only", 1, 3, 900.0, 4, 4, 4, apart=0.05)
    only.args["text"].sub_(2 * only.args["image"])  # pairs that disagree: what is out must lie below even that
    return [
        case("no concept twice", 0, 4, 3.0, 2, 0, 3, 1),
        case("a concept twice", 2, 5, 4.0, 0, 3, 1, 0, 2),
        case("three times and twice, at a low scale", 2, 4, 0.6, 5, 1, 5, 0, 1, 5, 2),
        only,
        case("a sharp scale", 1, 4, 500.0, 1, 0, 1, 2, apart=0.1),
    ]


def _parts(image: Tensor, text: Tensor, scale: Tensor, concept: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Logits (B, B), which pairs are of one concept (B, B), and the right places (B)."""
    logits = scale * similarity(image, text)
    return logits, concept[:, None] == concept, torch.arange(len(logits), device=logits.device)


def _filled(pictures: float | None, texts: float | None, own_too: bool = False) -> Callable:
    """The loss with the repeats' logits filled, in either direction or in none."""

    def answer(image: Tensor, text: Tensor, scale: Tensor, concept: Tensor) -> Tensor:
        logits, same, right = _parts(image, text, scale, concept)
        hidden = same if own_too else same & ~torch.eye(len(same), dtype=torch.bool, device=same.device)
        one = logits if pictures is None else logits.masked_fill(hidden, pictures)
        other = logits if texts is None else logits.masked_fill(hidden, texts)
        return (F.cross_entropy(one, right) + F.cross_entropy(other.T, right)) / 2

    return answer


given = _filled(-torch.inf, None)


def _cosine_of_minus_one(image: Tensor, text: Tensor, scale: Tensor, concept: Tensor) -> Tensor:
    _, same, right = _parts(image, text, scale, concept)
    s = similarity(image, text).masked_fill(same & ~torch.eye(len(same), dtype=torch.bool, device=same.device), -1)
    return (F.cross_entropy(scale * s, right) + F.cross_entropy(scale * s.T, right)) / 2


def _shared(image: Tensor, text: Tensor, scale: Tensor, concept: Tensor) -> Tensor:
    logits, same, _ = _parts(image, text, scale, concept)
    target = same / same.sum(1, keepdim=True)
    return (F.cross_entropy(logits, target.to(logits.dtype)) + F.cross_entropy(logits.T, target.to(logits.dtype))) / 2


def _any_of_them(image: Tensor, text: Tensor, scale: Tensor, concept: Tensor) -> Tensor:
    logits, same, _ = _parts(image, text, scale, concept)
    right = logits.masked_fill(~same, -torch.inf)
    return ((logits.logsumexp(1) - right.logsumexp(1)) + (logits.logsumexp(0) - right.logsumexp(0))).mean() / 2


def _first_only(image: Tensor, text: Tensor, scale: Tensor, concept: Tensor) -> Tensor:
    same = concept[:, None] == concept
    first = ~same.tril(-1).any(1)
    return contrastive_loss(image[first], text[first], scale)


def _unrepeated(image: Tensor, text: Tensor, scale: Tensor, concept: Tensor) -> Tensor:
    once = (concept[:, None] == concept).sum(1) == 1
    return contrastive_loss(image[once], text[once], scale) if once.any() else 0 * (image.sum() + text.sum() + scale)


def _next_only(image: Tensor, text: Tensor, scale: Tensor, concept: Tensor) -> Tensor:
    same = (concept[:, None] == concept).triu(1)
    return contrastive_loss(image, text, scale, same)


repeating = Exercise(
    id="10.8",
    title="Find the fault: two of a kind",
    kind="function",
    answer="contrastive_loss_of_concepts",
    reference=contrastive_loss_of_concepts,
    given=given,
    cases=_cases,
    mistakes=(
        Mistake(
            "the concepts are not looked at",
            "This is 10.2: a second cat is a wrong answer to the first, and training pushes the two apart. What does "
            f"`concept` say? {MANY}",
            lambda image, text, scale, concept: contrastive_loss(image, text, scale),
        ),
        Mistake(
            "only the texts are spared their repeats",
            "You moved the fault to the other side: now the pictures have wrong answers that are right. How many "
            f"directions does the loss have? {MANY}",
            _filled(None, -torch.inf),
        ),
        Mistake(
            "the own pair is hidden too",
            "A pair is of its own concept, so its own score went as well, and what is chosen is no longer among the "
            f"choices: infinite. Which cells of one concept are to go? {MANY}",
            _filled(-torch.inf, -torch.inf, own_too=True),
        ),
        Mistake(
            "the repeats get the logit 0",
            f"exp(0) is 1: they stay in every sum, with a share that nobody gave them. exp of what is 0? {MANY}",
            _filled(0.0, 0.0),
        ),
        Mistake(
            "the repeats get the lowest cosine",
            "At a high scale nobody sees it; at a low one, a cosine of -1 still has a share. Which number has none, at "
            f"any scale? {MANY}",
            _cosine_of_minus_one,
        ),
        Mistake(
            "all texts of the concept are asked for alike",
            "Your target is shared out among the repeats. That is a loss too (it is used where a class has many "
            "pictures), and another one: here each picture chooses its own text, and the others of its concept are "
            f"neither right nor wrong. {MANY}",
            _shared,
        ),
        Mistake(
            "any text of the concept will do",
            "You add up the shares of all that fit. Then a picture may leave its own text alone as long as another one "
            f"fits. Which one is to be chosen here, and who is merely out of the way? {MANY}",
            _any_of_them,
        ),
        Mistake(
            "only the first pair of a concept is kept",
            f"The others were drawn, encoded and thrown away. How many pairs should make a choice? {MANY}",
            _first_only,
        ),
        Mistake(
            "concepts that occur twice are left out",
            f"Nobody learns anything about them from this batch. How many pairs should make a choice? {MANY}",
            _unrepeated,
        ),
        Mistake(
            "a repeat is hidden from the earlier one only",
            "Above the diagonal your mask is right; below it the later one still has the earlier one for an enemy. If "
            f"b is of c's concept, what is c? {MANY}",
            _next_only,
        ),
    ),
    hints=(
        "Two pairs show a cat. For the first picture, is the second text wrong? And for the first text, is the second "
        "picture?",
        "Follow `logits` through the given lines: there is one table with the repeats in it and one without. Which of "
        "them do the pictures choose from, and which the texts?",
        "Both directions choose from the table in which all cells of one concept, but for the own pairs, are minus "
        "infinity: once its rows, once its columns.",
    ),
)
