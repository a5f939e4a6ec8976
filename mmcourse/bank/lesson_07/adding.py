"""07.2, EMAP: the nearest sum."""

import torch
from torch import Tensor

from mmcourse.checking.exercise import Case, Draw, Exercise, Mistake
from mmcourse.diagnose.tables import nearest_sum

WHERE = "(lesson 07, 'The nearest sum')"


def _cases(draw: Draw) -> list[Case]:
    def table(n: int, k: int, scale: float = 1.5) -> Tensor:
        sides = draw.normal(n, 1, k, scale=scale) + draw.normal(1, n, k, scale=scale)
        return sides + draw.normal(n, n, k, shift=0.7, scale=scale)

    additive = draw.normal(5, 1, 3) + draw.normal(1, 5, 3) - torch.tensor([0.0, 1.0, 2.5])
    return [
        Case("one pair alone", {"table": table(1, 3)}),
        Case("four pairs", {"table": table(4, 2)}, 2),
        Case("six pairs, five classes, sure of themselves", {"table": table(6, 5, scale=9.0)}, 2),
        Case("a model that is a sum already", {"table": additive}),
    ]


def _without_own(table: Tensor) -> Tensor:
    n = len(table)
    own = table.diagonal().T  # (N, K)
    rows, columns = ((table.sum(dim) - own) / (n - 1) for dim in (1, 0))
    return rows + columns - (table.sum((0, 1)) - own.sum(0)) / (n * (n - 1))


adding = Exercise(
    id="07.2",
    title="The nearest sum",
    kind="function",
    answer="emap",
    reference=nearest_sum,
    cases=_cases,
    mistakes=(
        Mistake(
            "the mean over everything is not taken off",
            "It stands in the picture's part and in the text's part, so you count it twice. Try a table in which all "
            f"entries are 1: what should come out? {WHERE}",
            lambda table: table.mean(1) + table.mean(0),
        ),
        Mistake(
            "the two parts are averaged",
            f"A sum was asked for, u + v. Does half of each still say how strongly the picture votes? {WHERE}",
            lambda table: (table.mean(1) + table.mean(0)) / 2,
        ),
        Mistake(
            "the mean over everything is added",
            f"It was in both parts already. How often should it remain? {WHERE}",
            lambda table: table.mean(1) + table.mean(0) + table.mean((0, 1)),
        ),
        Mistake(
            "one mean is taken off all classes",
            "Your last mean runs over the classes too. Each class has a level of its own: how many numbers are taken "
            f"off? {WHERE}",
            lambda table: table.mean(1) + table.mean(0) - table.mean(),
        ),
        Mistake(
            "the mean over the N true pairs is taken off",
            f"Both parts hold the mean over all N² pairings. Which mean, then, do you have once too often? {WHERE}",
            lambda table: table.mean(1) + table.mean(0) - table.diagonal().mean(1),
        ),
        Mistake(
            "probabilities are averaged",
            "Sums live among logits: a sum of two chances and minus a third is no chance. What did the table hold "
            f"before your softmax? {WHERE}",
            lambda table: nearest_sum(table.softmax(-1)),
        ),
        Mistake(
            "log-probabilities are averaged",
            "Taking off each pair's own log-sum brings a term that depends on both sides, so a model that is a sum is "
            f"no longer its own nearest sum. What did the table hold before? {WHERE}",
            lambda table: nearest_sum(table.log_softmax(-1)),
        ),
        Mistake(
            "probabilities are returned",
            f"The sum is right, and logits were asked for. {WHERE}",
            lambda table: nearest_sum(table).softmax(-1),
        ),
        Mistake(
            "log-probabilities are returned",
            f"The sum is right, and logits were asked for: a log-softmax is the loss's own business. {WHERE}",
            lambda table: nearest_sum(table).log_softmax(-1),
        ),
        Mistake(
            "what is lost is returned",
            "You give what the sum does not catch, the model minus its nearest sum. Which of the two was asked for? "
            f"{WHERE}",
            lambda table: table.diagonal().T - nearest_sum(table),
        ),
        Mistake(
            "the pairs are left as they are",
            f"The diagonal is the model itself, interaction and all. Over which partners is averaged? {WHERE}",
            lambda table: table.diagonal().T,
        ),
        Mistake(
            "only the pictures' part is kept",
            f"You average over all texts and stop. What does the text add? {WHERE}",
            lambda table: table.mean(1),
        ),
        Mistake(
            "only the texts' part is kept",
            f"You average over all pictures and stop. What does the picture add? {WHERE}",
            lambda table: table.mean(0),
        ),
        Mistake(
            "the texts meet the first picture only",
            "What a text adds is read off one row of the table, and in that row its interaction with one picture is "
            f"still in it. Over how many pictures is averaged? {WHERE}",
            lambda table: table.mean(1) + table[0] - table[0].mean(0),
        ),
        Mistake(
            "a pair's own entry is left out of the means",
            "Then a model that is a sum does not come out as itself, and one pair alone is 0 / 0. The means run over "
            f"all N² pairings. {WHERE}",
            _without_own,
        ),
        Mistake(
            "all pairings are returned",
            "The sum is right for every picture with every text. N pairs were asked for: where do they stand in a "
            f"(N, N, K)? {WHERE}",
            lambda table: table.mean(1, keepdim=True) + table.mean(0, keepdim=True) - table.mean((0, 1)),
        ),
    ),
    hints=(
        "If the model were a sum u(picture) + v(text), what would the mean over all texts be, for one picture?",
        "u of that picture plus the mean of v. Over all pictures likewise: v plus the mean of u. Added up, what is "
        "there that does not belong to this pair?",
        "Mean over the texts' axis: (N, K). Mean over the pictures' axis: (N, K). Add the two, pair by pair, and take "
        "off the mean over both axes: (K).",
    ),
)
