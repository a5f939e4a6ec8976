"""08.8 Where it looked, scored against true boxes."""

from collections.abc import Callable

import torch
from torch import Tensor

from mmcourse.checking.exercise import Case, Draw, Exercise, Mistake
from mmcourse.diagnose.pointing import grid_boxes, pointing

LOOKED = "(lesson 08, 'Where it looked')"


def _cases(draw: Draw) -> list[Case]:
    def case(name: str, points: int, weights: Tensor, named: list, truth: list, regions: Tensor, **more) -> Case:
        args = {
            "weights": weights,
            "named": torch.tensor(named),
            "regions": regions.expand(len(weights), -1, -1) if regions.dim() == 2 else regions,
            "truth": torch.tensor(truth, dtype=torch.float64),
        }
        return Case(name, args, points, gradients=False, **more)

    def jointly(batch: int, i: int, j: int) -> Tensor:
        return draw.normal(batch, i, j, scale=1.2).flatten(1).softmax(-1).view(batch, i, j)

    def parts(*rows: list[float]) -> Tensor:
        """Weights of one word, in 64ths and quarters of them: equal ones stay equal however they are added up."""
        return torch.tensor(rows, dtype=torch.float64)[..., None] / 64

    wide, tiles = grid_boxes(2, 3, 24, 60).double(), grid_boxes(2, 2, 16, 16).double()
    padded = torch.stack([tiles, tiles.flip(0)])
    padded[0, 3], padded[1, 2:] = torch.tensor([1.0, 1, 3, 3]), torch.tensor([0.0, 0, 8, 8])
    held = jointly(2, 4, 2).masked_fill(torch.tensor([[0, 0, 0, 1], [0, 0, 1, 1]]).bool()[..., None], 0)
    held = held / held.sum((1, 2), keepdim=True)
    at_pads = case("pads among the regions", 1, held, [[True, False], [True, True]], [[0, 0, 8, 16]] * 2, padded)
    other = padded.clone()
    other[0, 3], other[1, 2:] = torch.tensor([9.0, 9, 11, 11]), torch.tensor([8.0, 8, 16, 16])
    nothing = torch.cat([jointly(1, 4, 2), torch.zeros(1, 4, 2, dtype=torch.float64), jointly(1, 4, 2)])
    return [
        case("one word, a wide picture", 1, jointly(2, 6, 1), [[True]] * 2, [[0, 0, 40, 12], [18, 11, 60, 24]], wide),
        case(
            "names of several words",
            2,
            jointly(3, 6, 4),
            [[False, True, True, False], [True, False, False, True], [False, True, True, True]],
            [[20, 0, 60, 24], [0, 12, 45, 24], [5, 2, 32, 20]],
            wide,
        ),
        case(
            "ties, and nearly",
            2,
            parts(
                *([24, 24, 8, 8], [20, 20, 20, 4], [8, 24, 8, 24], [30, 4, 30, 0], [16, 16, 16, 16]),
                *([32, 31.75, 0.25, 0], [24, 4, 24, 12], [24, 20, 20, 0]),
            ),
            [[True]] * 8,
            [
                *([0, 0, 8, 8], [8, 0, 16, 8], [8, 0, 16, 16], [8, 0, 16, 16], [0, 0, 8, 16]),
                *([8, 0, 16, 8], [0, 8, 8, 16], [0, 0, 8, 8]),
            ],
            tiles,
        ),
        case(
            "centres on the edge of the box",
            1,
            parts([34, 10, 15, 5], [10, 34, 5, 15], [5, 10, 34, 15], [7, 4, 12, 41]),
            [[True]] * 4,
            [[2.5, 2.5, 6, 6], [0, 0, 7.5, 7.5], [2, 7.5, 10, 10], [2.5, 2.5, 7.5, 7.5]],
            grid_boxes(2, 2, 10, 10).double(),
        ),
        case(
            "no attention for the name",
            1,
            nothing,
            [[False, False], [True, True], [False, True]],
            [[0, 0, 16, 9]] * 3,
            tiles,
        ),
        Case(
            at_pads.name,
            at_pads.args,
            1,
            gradients=False,
            twin=at_pads.args | {"regions": other},
            twin_says="only the boxes of pads change",
        ),
    ]


def _added(weights: Tensor, named: Tensor) -> Tensor:
    return weights.masked_fill(~named[:, None], 0).sum(-1)  # (B, I)


def _centres(regions: Tensor, truth: Tensor) -> Tensor:
    x, y = ((regions[..., k] + regions[..., k + 2]) / 2 for k in (0, 1))
    left, top, right, bottom = truth[:, None].unbind(-1)
    return (left <= x) & (x < right) & (top <= y) & (y < bottom)


def _fair(first: Tensor, inside: Tensor) -> Tensor:
    return (first & inside).sum(1) / first.sum(1).clamp(min=1)


def _answer(
    added: Callable[[Tensor, Tensor], Tensor] = _added,
    inside: Callable[[Tensor, Tensor], Tensor] = _centres,
    ties: Callable[[Tensor, Tensor], Tensor] = _fair,
    nothing: bool = False,
    share: Callable[[Tensor, Tensor], Tensor] = lambda got, total: got / total.masked_fill(total == 0, 1),
    turned: bool = False,
):
    """`pointing` with one part done otherwise; `nothing`: a name without attention has all regions in first place."""

    def answer(weights: Tensor, named: Tensor, regions: Tensor, truth: Tensor) -> tuple[Tensor, Tensor]:
        each, there = added(weights, named), inside(regions, truth)  # (B, I)
        first = each == each.amax(1, keepdim=True)
        if not nothing:
            first = first & (each.sum(1) > 0)[:, None]
        out = ties(first, there).to(weights), share((each * there).sum(1), each.sum(1))
        return out[::-1] if turned else out

    return answer


def _one_word(pick: Callable[[Tensor], Tensor]):
    def added(weights: Tensor, named: Tensor) -> Tensor:
        where = pick(named.int())  # (B)
        one = torch.nn.functional.one_hot(where, named.shape[1]).bool() & named
        return _added(weights, one)

    return added


def _each_alike(weights: Tensor, named: Tensor) -> Tensor:
    total = weights.sum(1, keepdim=True)
    return _added(weights / total.masked_fill(total == 0, 1), named)


def _edges(low: Callable, high: Callable):
    def inside(regions: Tensor, truth: Tensor) -> Tensor:
        x, y = ((regions[..., k] + regions[..., k + 2]) / 2 for k in (0, 1))
        left, top, right, bottom = truth[:, None].unbind(-1)
        return low(left, x) & high(x, right) & low(top, y) & high(y, bottom)

    return inside


def _whole(regions: Tensor, truth: Tensor) -> Tensor:
    t = truth[:, None]
    return (regions[..., :2] >= t[..., :2]).all(-1) & (regions[..., 2:] <= t[..., 2:]).all(-1)


def _touching(regions: Tensor, truth: Tensor) -> Tensor:
    t = truth[:, None]
    return (regions[..., :2] < t[..., 2:]).all(-1) & (t[..., :2] < regions[..., 2:]).all(-1)


def _corner(regions: Tensor, truth: Tensor) -> Tensor:
    t = truth[:, None]
    return ((t[..., :2] <= regions[..., :2]) & (regions[..., :2] < t[..., 2:])).all(-1)


def _sized(regions: Tensor, truth: Tensor) -> Tensor:
    return _centres(regions, torch.cat([truth[:, :2], truth[:, :2] + truth[:, 2:]], -1))


def _rows_first(regions: Tensor, truth: Tensor) -> Tensor:
    return _centres(regions, truth[:, [1, 0, 3, 2]])


def _first_only(first: Tensor, inside: Tensor) -> Tensor:
    at = first.int().argmax(1, keepdim=True)
    return (first & inside).gather(1, at)[:, 0]


def _last_only(first: Tensor, inside: Tensor) -> Tensor:
    return _first_only(first.flip(1), inside.flip(1))


def _floored(regions: Tensor, truth: Tensor) -> Tensor:
    return _centres(((regions[..., :2] + regions[..., 2:]) // 2).repeat(1, 1, 2), truth)


looked = Exercise(
    id="08.8",
    title="where it looked",
    kind="function",
    answer="pointing",
    reference=pointing,
    cases=_cases,
    mistakes=(
        Mistake(
            "all words count, not only the name's",
            f"*what*, *is* and *behind* look somewhere too. Whose attention was asked for? {LOOKED}",
            _answer(added=lambda weights, named: weights.sum(-1)),
        ),
        Mistake(
            "only the first word of the name counts",
            "A *teddy bear* may be found by its second word. How do several words' maps become one? " + LOOKED,
            _answer(added=_one_word(lambda named: named.argmax(1))),
        ),
        Mistake(
            "only the last word of the name counts",
            "A *teddy bear* may be found by its first word. How do several words' maps become one? " + LOOKED,
            _answer(added=_one_word(lambda named: named.shape[1] - 1 - named.flip(1).argmax(1))),
        ),
        Mistake(
            "the name's words are not added up but outbid each other",
            "The largest of them is taken in each region. The words share one unit: what is a region's part of it, of "
            f"all words of the name together? {LOOKED}",
            _answer(added=lambda weights, named: weights.masked_fill(~named[:, None], 0).amax(-1)),
        ),
        Mistake(
            "each word is brought to a sum of 1 first",
            "A word that looks nowhere in particular now counts as much as the one that found it. Attention is joint: "
            f"may a word have got little? {LOOKED}",
            _answer(added=_each_alike),
        ),
        Mistake(
            "of several first places the first in the list wins",
            "`argmax` settles ties by the order in which regions happen to be stored. A model that gives all alike "
            f"would score by that order. What would a fair draw score? {LOOKED}",
            _answer(ties=_first_only),
        ),
        Mistake(
            "of several first places the last in the list wins",
            "You settle ties by the order in which regions happen to be stored. A model that gives all alike would "
            f"score by that order. What would a fair draw score? {LOOKED}",
            _answer(ties=_last_only),
        ),
        Mistake(
            "one first place inside makes a hit",
            "A model that gives all regions the same would then always hit. What would a fair draw score? " + LOOKED,
            _answer(ties=lambda first, inside: (first & inside).any(1)),
        ),
        Mistake(
            "all first places must be inside",
            "Of two that tie, one inside: a fair draw hits half of the time. What does yours say? " + LOOKED,
            _answer(ties=lambda first, inside: (~first | inside).all(1) & first.any(1)),
        ),
        Mistake(
            "the box is read as top, left, bottom, right",
            "In a picture that is wider than high it shows. Which of the four comes first? " + LOOKED,
            _answer(inside=_rows_first),
        ),
        Mistake(
            "the box is read as left, top, width, height",
            f"The last two are where the box ends, not how large it is. {LOOKED}",
            _answer(inside=_sized),
        ),
        Mistake(
            "right and bottom belong to the box",
            "A centre on the line between two boxes would be in both. To which of them does their line belong? "
            + LOOKED,
            _answer(inside=_edges(torch.le, torch.le)),
        ),
        Mistake(
            "left and top do not belong to the box",
            "A centre on the left edge is inside. Of two boxes side by side, whose is the line between them? " + LOOKED,
            _answer(inside=_edges(torch.lt, torch.lt)),
        ),
        Mistake(
            "a region must lie in the box altogether",
            "Coarse regions seldom do, and small objects could never be hit. Which point of a region decides? "
            + LOOKED,
            _answer(inside=_whole),
        ),
        Mistake(
            "a region that touches the box counts",
            "Large regions always do, and a glance beside the object would be a hit. Which point of a region decides? "
            + LOOKED,
            _answer(inside=_touching),
        ),
        Mistake(
            "a region's corner is taken for its centre",
            f"You ask where its upper left corner is. Where is its middle? {LOOKED}",
            _answer(inside=_corner),
        ),
        Mistake(
            "the centre is rounded down",
            "The middle of 0 and 5 is 2.5, and `//` makes it 2. Must a centre be a whole pixel? " + LOOKED,
            _answer(inside=_floored),
        ),
        Mistake(
            "the share is of everybody's attention",
            "All words share one unit; the name got only a part of it. Inside of what is the share? " + LOOKED,
            _answer(share=lambda got, total: got),
        ),
        Mistake(
            "a name without attention gives 0 / 0",
            f"Its share is nan in yours. What was agreed on for it? {LOOKED}",
            _answer(share=lambda got, total: got / total),
        ),
        Mistake(
            "a name without attention has all regions in first place",
            "All are equal at 0, so your rule for ties takes them all. It looked nowhere: is that as good as chance? "
            + LOOKED,
            _answer(nothing=True),
        ),
        Mistake(
            "hit and share change places",
            f"First where it points, then how much lies inside. {LOOKED}",
            _answer(turned=True),
        ),
    ),
    hints=(
        "Before any box comes in: how much attention did each region get from the words of the name, all together?",
        "(B, I, J) becomes (B, I) by a sum over the name's words. Each region has a centre, x and y, and it is inside "
        "the box or it isn't: (B, I) of True and False. Which regions are equal to the largest?",
        "Hit: of the regions in first place, the share that is inside. Share: the attention of those inside, divided "
        "by the attention of all. Guard both against a name that got nothing.",
    ),
)
