"""07.3, the perceptual score."""

from collections.abc import Callable

import torch
from torch import Tensor

from mmcourse.checking.exercise import Case, Draw, Exercise, Mistake
from mmcourse.diagnose.tables import perceived

from .tables import partners, votes_table

WHERE = "(lesson 07, 'How much it is missed')"
SHUFFLE = "(lesson 07, 'Shuffle one half')"


def _cases(draw: Draw) -> list[Case]:
    def case(name: str, points: int, n: int, k: int, r: int, votes: tuple, side: str) -> Case:
        table, labels = votes_table(draw, n, k, *votes)
        args = {"table": table, "labels": labels, "partners": partners(draw, n, r), "side": side}
        return Case(name, args, points)

    return [
        case("the picture, one shuffle", 1, 37, 3, 1, (2.0, 0.7, 0.0), "image"),
        case("the text, several shuffles", 1, 29, 4, 6, (0.8, 1.6, 0.4), "text"),
        case("the picture of a model that looks at both", 1, 31, 3, 5, (0.7, 0.5, 2.0), "image"),
        case("a text that misleads", 2, 35, 3, 5, (2.0, -1.6, 0.0), "text"),
    ]


def _logits(table: Tensor, partners: Tensor, side: str) -> tuple[Tensor, Tensor]:
    """As it is, (N, K), and with another's picture or text, (R, N, K)."""
    own = torch.arange(len(table), device=table.device).expand_as(partners)
    pairs = (partners, own) if side == "image" else (own, partners)
    return table.diagonal().T, table[pairs]


def _right(logits: Tensor, labels: Tensor) -> Tensor:
    return (logits.argmax(-1) == labels).double().mean()


def _by(score: Callable[[Tensor, Tensor, Tensor], Tensor]) -> Callable[..., float]:
    """An answer from logits as they are, shuffled logits and labels."""
    return lambda table, labels, partners, side: score(*_logits(table, partners, side), labels).item()


def _lost(here: Tensor, there: Tensor, labels: Tensor) -> Tensor:
    return _right(here, labels) - _right(there, labels)


def _trust(logits: Tensor, labels: Tensor) -> Tensor:
    return logits.softmax(-1).gather(-1, labels.expand(logits.shape[:-1])[..., None]).mean()


def _other(side: str) -> str:
    return "text" if side == "image" else "image"


def _label_moves(table: Tensor, labels: Tensor, partners: Tensor, side: str) -> float:
    here, there = _logits(table, partners, side)
    return (_right(here, labels) - _right(there, labels[partners])).item()


def _both_move(table: Tensor, labels: Tensor, partners: Tensor, side: str) -> float:
    return (_right(table.diagonal().T, labels) - _right(table[partners, partners], labels)).item()


def _ring(table: Tensor, labels: Tensor, partners: Tensor, side: str) -> float:
    after = partners.roll(-1, dims=1)
    shuffled = table[after, partners] if side == "image" else table[partners, after]
    return (_right(table.diagonal().T, labels) - _right(shuffled, labels[partners])).item()


def _all_pairings(table: Tensor, labels: Tensor, partners: Tensor, side: str) -> float:
    of_all = table.argmax(-1) == (labels[None] if side == "image" else labels[:, None])
    return (_right(table.diagonal().T, labels) - of_all.double().mean()).item()


missing = Exercise(
    id="07.3",
    title="How much is it missed?",
    kind="function",
    answer="perceptual_score",
    reference=perceived,
    cases=_cases,
    mistakes=(
        Mistake(
            "the other side is shuffled",
            "`side` says what is taken away. Who asks how much the picture is missed leaves which half in its place? "
            f"{WHERE}",
            lambda table, labels, partners, side: perceived(table, labels, partners, _other(side)),
        ),
        Mistake(
            "one half is shuffled whatever `side` says",
            'The number is the same for both sides. `side` is `"image"` or `"text"`, in these words: what differs in '
            f"the lookup? {WHERE}",
            lambda table, labels, partners, side: perceived(table, labels, partners, "image"),
            also=(lambda table, labels, partners, side: perceived(table, labels, partners, "text"),),
        ),
        Mistake(
            "the partners are read as a ring",
            "In 07.1 a row was a ring and one took from the next. Here place i of a row says itself from whom pair i "
            f"takes. Is there anything left to turn? {WHERE}",
            _ring,
        ),
        Mistake(
            "the sign is turned round",
            f"Yours says how much better the model is with another's. When something is missed, what falls? {WHERE}",
            _by(lambda here, there, labels: -_lost(here, there, labels)),
        ),
        Mistake(
            "it is cut off at 0",
            "A model may do better without a side that misleads it, and your score hides that. What would a number "
            f"below 0 tell? {WHERE}",
            _by(lambda here, there, labels: _lost(here, there, labels).clamp(min=0)),
        ),
        Mistake(
            "its size is taken without its sign",
            f"Missed, or glad to be rid of it: your number can't say. What does a sign below 0 mean? {WHERE}",
            _by(lambda here, there, labels: _lost(here, there, labels).abs()),
        ),
        Mistake(
            "it is divided by the accuracy",
            "A share of what the model can do is a fair number too, for comparing models. Here points of accuracy were "
            f"asked for. {WHERE}",
            _by(lambda here, there, labels: _lost(here, there, labels) / _right(here, labels)),
        ),
        Mistake(
            "the accuracy that is left is returned",
            f"That is the model with another's half. Compared with what is it little or much? {WHERE}",
            _by(lambda here, there, labels: _right(there, labels)),
        ),
        Mistake(
            "changed answers are counted",
            "An answer may go from one wrong class to another, and from wrong to right. What is lost when that "
            f"happens? {WHERE}",
            _by(lambda here, there, labels: (here.argmax(-1) != there.argmax(-1)).double().mean()),
        ),
        Mistake(
            "only right answers that become wrong are counted",
            f"Some wrong ones become right by the same shuffle. What does the accuracy do with those? {WHERE}",
            _by(lambda h, t, labels: ((h.argmax(-1) == labels) & (t.argmax(-1) != labels)).double().mean()),
        ),
        Mistake(
            "the chance of the right class is compared",
            f"How sure it is may fall while every answer stays. Which measure did we shuffle for? {WHERE}",
            _by(lambda here, there, labels: _trust(here, labels) - _trust(there, labels)),
        ),
        Mistake(
            "the label goes with what is shuffled",
            f"Then the half that moved is asked about itself. Which half keeps the label? {SHUFFLE}",
            _label_moves,
        ),
        Mistake(
            "both halves are shuffled",
            "Picture and text of another pair still belong together, and are asked for a label that is not theirs. "
            f"Which half stays? {SHUFFLE}",
            _both_move,
        ),
        Mistake(
            "the logits of all shuffles are averaged first",
            "R others advise each pair together, and the mean of many is calmer than one. What is averaged: the "
            f"logits, or the outcomes? {SHUFFLE}",
            _by(lambda here, there, labels: _lost(here, there.mean(0), labels)),
        ),
        Mistake(
            "only the first shuffle is looked at",
            f"One shuffle is one throw. What do the other rows of `partners` make smaller? {SHUFFLE}",
            lambda table, labels, partners, side: perceived(table, labels, partners[:1], side),
        ),
        Mistake(
            "every partner is tried, its own too",
            f"One of N pairings is whole. Whose halves were given in `partners`? {SHUFFLE}",
            _all_pairings,
        ),
    ),
    hints=(
        "Two accuracies, one difference: of which pairings is each, and which of the two is larger when the half is "
        "needed?",
        "Pair i as it is stands at (i, i). With another's picture it stands at (partner, i), with another's text at "
        "(i, partner); the label is i's both times.",
        "The accuracy of the diagonal. Then the looked-up logits, (R, N, K), for the side that was named, and their "
        "accuracy against the same labels, over all shuffles. The first minus the second, with its sign.",
    ),
)
