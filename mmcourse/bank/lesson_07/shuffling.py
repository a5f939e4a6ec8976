"""07.1, accuracy with another pair's text."""

from collections.abc import Callable

import torch
from torch import Tensor

from mmcourse.checking.exercise import Case, Draw, Exercise, Mistake
from mmcourse.diagnose.tables import shuffled_accuracy

from .tables import votes_table

WHERE = "(lesson 07, 'Shuffle one half')"


def _cases(draw: Draw) -> list[Case]:
    def case(name: str, points: int, n: int, k: int, r: int, image: float, text: float, both: float) -> Case:
        table, labels = votes_table(draw, n, k, image, text, both)
        orders = torch.stack([torch.tensor(draw.permutation(n)) for _ in range(r)])
        return Case(name, {"table": table, "labels": labels, "orders": orders}, points)

    return [
        case("one shuffle", 1, 41, 3, 1, 1.2, 0.8, 0.0),
        case("a model that looks at both", 2, 23, 4, 15, 1.0, 1.0, 1.5),
        case("a model that looks at the text alone", 1, 19, 3, 21, 0.0, 2.0, 0.0),
        case("few pairs, many shuffles", 1, 5, 2, 60, 0.6, 0.4, 0.5),
    ]


Rows = Callable[[Tensor, Tensor], Tensor]


def _answer(picture: Rows, text: Rows, label: Rows) -> Callable[[Tensor, Tensor, Tensor], float]:
    """Whose picture, text and label are looked at, each as a choice from the ring and the ring turned by one."""

    def answer(table: Tensor, labels: Tensor, orders: Tensor) -> float:
        ring = orders, orders.roll(-1, 1)
        return (table[picture(*ring), text(*ring)].argmax(-1) == labels[label(*ring)]).double().mean().item()

    return answer


def _here(here: Tensor, after: Tensor) -> Tensor:
    return here


def _after(here: Tensor, after: Tensor) -> Tensor:
    return after


def _in_line(here: Tensor, after: Tensor) -> Tensor:
    """0 to N - 1, in each shuffle."""
    return torch.arange(here.shape[1], device=here.device).expand_as(here)


def _open_ring(table: Tensor, labels: Tensor, orders: Tensor) -> float:
    here, after = orders[:, :-1], orders[:, 1:]
    return (table[here, after].argmax(-1) == labels[here]).double().mean().item()


def _last_keeps(table: Tensor, labels: Tensor, orders: Tensor) -> float:
    after = torch.cat([orders[:, 1:], orders[:, -1:]], 1)
    return (table[orders, after].argmax(-1) == labels[orders]).double().mean().item()


def _runs_on(table: Tensor, labels: Tensor, orders: Tensor) -> float:
    return (table[orders, orders.roll(-1)].argmax(-1) == labels[orders]).double().mean().item()


def _mean_first(table: Tensor, labels: Tensor, orders: Tensor) -> float:
    logits = torch.zeros_like(table[0])
    for order in orders:
        logits[order] += table[order, order.roll(-1)]
    return (logits.argmax(-1) == labels).double().mean().item()


shuffling = Exercise(
    id="07.1",
    title="With another pair's text",
    kind="function",
    answer="shuffled_accuracy",
    reference=shuffled_accuracy,
    cases=_cases,
    mistakes=(
        Mistake(
            "a random order is taken for partners",
            "In a random order one pair, on average, stays where it was and keeps its own text. Who comes next in the "
            f"ring? {WHERE}",
            _answer(_in_line, _here, _in_line),
        ),
        Mistake(
            "picture and text stay together",
            "Nothing was moved, or whole pairs were, with their labels: this is the accuracy as it is. Which half "
            f"stays at home? {WHERE}",
            _answer(_here, _here, _here),
        ),
        Mistake(
            "whole pairs are moved and the labels stay",
            "Picture and text still belong together, and both are asked for someone else's label. Which half moves, "
            f"and whose is the label? {WHERE}",
            _answer(_after, _after, _here),
        ),
        Mistake(
            "the label goes with the text",
            "That is another question: how well the text alone does under another's picture. With whom does the label "
            f"stay? {WHERE}",
            _answer(_here, _after, _after),
        ),
        Mistake(
            "the pictures are shuffled",
            f"Text and label stay together, and the picture comes from elsewhere. Which half was to move? {WHERE}",
            _answer(_after, _here, _here),
        ),
        Mistake(
            "the labels are left in their old order",
            "Your logits are in the order of the ring, your labels in that of the table. Which label has the picture "
            f"in place t of the ring? {WHERE}",
            _answer(_here, _after, _in_line),
        ),
        Mistake(
            "the ring is gone round the other way",
            "Each pair takes the text of the one before. That is a fair shuffle too, and not the one that was "
            f"agreed on, so numbers can't be compared. Which way does `roll` turn? {WHERE}",
            _answer(_after, _here, _after),
        ),
        Mistake(
            "the last one is left out",
            f"The ring is open: N - 1 pairs are asked. Whose text does the last one take? {WHERE}",
            _open_ring,
        ),
        Mistake(
            "the last one keeps its own text",
            f"One pair in each shuffle is still whole. Whose text does the last one take? {WHERE}",
            _last_keeps,
        ),
        Mistake(
            "the last of a ring takes the text of the next ring's first",
            "Without `dims`, `roll` turns the whole table of orders as one long row. With one shuffle it is right. "
            f"Along which axis does one ring lie? {WHERE}",
            _runs_on,
        ),
        Mistake(
            "every picture meets every text, its own too",
            "That is what infinitely many plain shuffles would give; a share of 1/N is still whole. Who may not be "
            f"among the partners? {WHERE}",
            lambda table, labels, orders: (table.argmax(-1) == labels[:, None]).double().mean().item(),
        ),
        Mistake(
            "the logits of all shuffles are averaged before one is chosen",
            "Then R texts advise each picture together, and the mean of many is calmer than one. What is averaged: "
            f"the logits, or the outcomes? {WHERE}",
            _mean_first,
        ),
        Mistake(
            "only the first shuffle is looked at",
            f"One shuffle is one throw. What do the other rows of `orders` make smaller? {WHERE}",
            lambda table, labels, orders: shuffled_accuracy(table, labels, orders[:1]),
        ),
    ),
    hints=(
        "Picture i is shown with text j: which entry of the table is that, and whose label is right?",
        "In row r, the pair at place t is orders[r, t]; the pair that lends its text stands at place t + 1, and behind "
        "the last place comes the first. What does `roll` do to a row?",
        "Turn each row by one so that the next stands under each. Look the table up with both at once: (R, N, K). The "
        "class with the largest logit, against the labels in the ring's order; the mean over all.",
    ),
)
