"""05.1 Scaled dot-product attention, with its mask."""

import torch
from torch import Tensor

from mmcourse.attention import attend_by_hand
from mmcourse.checking.exercise import Case, Draw, Exercise, Mistake

WHERE = "(lesson 05, '{}')".format


def _cases(draw: Draw) -> list[Case]:
    def case(name: str, points: int, q: Tensor, k: Tensor, mask: Tensor) -> Case:
        v = draw.normal(*k.shape[:2], 5, shift=0.5)
        hidden = ~mask.expand(len(k), q.shape[1], k.shape[1]).any(1)[..., None]  # (B, Tk, 1): seen by nobody
        twin = {"q": q, "k": k.masked_fill(hidden, 3.0), "v": v.masked_fill(hidden, -9.0), "mask": mask}
        return Case(name, {"q": q, "k": k, "v": v, "mask": mask}, points, twin=twin, twin_says="only what is hidden")

    def quiet(name: str, points: int, batch: int, queries: int, mask: Tensor, d: int = 4, **more) -> Case:
        q, k = draw.normal(batch, queries, d, **more), draw.normal(batch, mask.shape[-1], d, **more)
        return case(name, points, q, k, mask)

    each = draw.integers(0, 2, 2, 3, 5).bool() | (torch.arange(5) == 2)  # at least the middle key is seen
    padded = draw.mask(3, 4, 5, size=6)  # (B, Tk)
    q, k = draw.normal(3, 3, 9, scale=30), draw.normal(3, 6, 9, scale=30)
    q[..., 0] = 300
    k[:2, :, 0] = torch.where(padded[:2], torch.tensor([[0.0], [-200]]), torch.tensor([[200.0], [0]]))
    return [
        quiet("a batch of one, nothing hidden", 1, 1, 2, draw.mask(3)[:, None], d=9),
        quiet("padded keys", 1, 3, 2, draw.mask(2, 6, 4)[:, None], strided=True),
        quiet("a mask of its own for each query", 1, 2, 3, each),
        quiet("queries with nothing to look at", 1, 2, 3, draw.mask(0, 4)[:, None], d=9),
        # hidden scores of about 20,000; then real ones of -20,000; then both alike
        case("scores far from 0, above and below", 1, q, k, padded[:, None]),
    ]


def _scores(q: Tensor, k: Tensor) -> Tensor:
    return q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5


def _weighed(weights):
    """An answer from a function of scores and mask."""
    return lambda q, k, v, mask: weights(_scores(q, k), mask) @ v


def _safe(scores: Tensor, mask: Tensor) -> Tensor:
    return scores.masked_fill(~mask, -torch.inf).softmax(-1).nan_to_num()


def _again(scores: Tensor, mask: Tensor) -> Tensor:
    kept = scores.softmax(-1) * mask
    return kept / kept.sum(-1, keepdim=True)


def _again_kept_from_0(scores: Tensor, mask: Tensor) -> Tensor:
    kept = scores.softmax(-1) * mask
    return kept / kept.sum(-1, keepdim=True).clamp(min=1e-9)


def _whole_table(scores: Tensor, mask: Tensor) -> Tensor:
    return _safe(scores.flatten(1), mask.expand_as(scores).flatten(1)).view_as(scores)


def _by_exp(scores: Tensor, mask: Tensor) -> Tensor:
    kept = scores.exp() * mask
    total = kept.sum(-1, keepdim=True)
    return kept / total.masked_fill(total == 0, 1)


attention = Exercise(
    id="05.1",
    title="attention",
    kind="function",
    answer="attention",
    reference=attend_by_hand,
    cases=_cases,
    mistakes=(
        Mistake(
            "the scores are not scaled",
            "A sum of d products has a spread of √d, and softmax hardens with it. What brings the spread back to 1? "
            f"{WHERE('Why divide by √d')}",
            lambda q, k, v, mask: _safe(q @ k.transpose(-2, -1), mask) @ v,
        ),
        Mistake(
            "the scores are multiplied by the root of d",
            "A sum of d products has a spread of √d already, and yours has d. Which way does it have to be brought "
            f"back to 1? {WHERE('Why divide by √d')}",
            lambda q, k, v, mask: _safe(q @ k.transpose(-2, -1) * q.shape[-1] ** 0.5, mask) @ v,
        ),
        Mistake(
            "the scores are divided by 2, whatever d is",
            "2 is the root of one d, the lesson's 4. Where does yours come from, for a q of any width? "
            f"{WHERE('Why divide by √d')}",
            lambda q, k, v, mask: _safe(q @ k.transpose(-2, -1) / 2, mask) @ v,
        ),
        Mistake(
            "the scores are divided by d",
            f"Variances of independent terms add up, so the variance is d. And the spread? {WHERE('Why divide by √d')}",
            lambda q, k, v, mask: _safe(q @ k.transpose(-2, -1) / q.shape[-1], mask) @ v,
        ),
        Mistake(
            "the scores are divided by the root of the number of keys",
            "How many keys there are does not change the spread of one score. Over what does a score add up? "
            f"{WHERE('Why divide by √d')}",
            lambda q, k, v, mask: _safe(q @ k.transpose(-2, -1) / k.shape[-2] ** 0.5, mask) @ v,
        ),
        Mistake(
            "the softmax runs over the queries",
            "Your weights sum to 1 down the queries. Who shares one unit of attention: those who ask, or those who "
            f"are looked at? {WHERE('Who shares one unit')}",
            _weighed(lambda s, m: s.masked_fill(~m, -torch.inf).softmax(-2).nan_to_num()),
        ),
        Mistake(
            "the softmax runs over the whole table",
            "All your queries together share one unit, so each takes home a part of a mean. How many units are there, "
            f"if two ask? {WHERE('Who shares one unit')}",
            _weighed(_whole_table),
        ),
        Mistake(
            "the mask is left out",
            f"What is hidden changes your answer. Who may be looked at? {WHERE('Masks')}",
            _weighed(lambda s, m: s.softmax(-1)),
        ),
        Mistake(
            "the mask is read the wrong way round",
            f"You look at what is hidden and nowhere else. Does True mean keep, in this course? {WHERE('Masks')}",
            _weighed(lambda s, m: _safe(s, ~m)),
        ),
        Mistake(
            "the mask is added to the scores",
            "True counts as 1 and False as 0, so a hidden key only loses a little. Which score gets no share at all? "
            f"{WHERE('Masks')}",
            _weighed(lambda s, m: (s + m).softmax(-1)),
        ),
        Mistake(
            "hidden scores become 0",
            f"exp(0) is 1: a hidden key keeps a share. exp of what is 0? {WHERE('Masks')}",
            _weighed(lambda s, m: s.masked_fill(~m, 0.0).softmax(-1)),
        ),
        Mistake(
            "the mask comes after the softmax",
            f"The hidden keys took their share first, and it is gone. Must the others still share 1? {WHERE('Masks')}",
            _weighed(lambda s, m: s.softmax(-1) * m),
        ),
        Mistake(
            "the mask comes after the softmax, and the rest is divided by its sum",
            "On paper that is the same. In numbers, what is left may be 0, and 0 / 0 is nan. When must the hidden keys "
            f"leave? {WHERE('A row with nothing to look at')}",
            _weighed(_again),
        ),
        Mistake(
            "the mask comes after the softmax, and the rest is divided by its sum, which is kept from 0",
            "On paper that is the same. In numbers, a hidden key far above the others leaves them so little that it is "
            f"rounded to 0, and no division brings it back. When must the hidden keys leave? {WHERE('Masks')}",
            _weighed(_again_kept_from_0),
        ),
        Mistake(
            "a row of -inf goes through softmax",
            "0 / 0 is nan, and it spreads to every weight in one step. What should someone see who may look nowhere? "
            f"{WHERE('A row with nothing to look at')}",
            _weighed(lambda s, m: s.masked_fill(~m, -torch.inf).softmax(-1)),
        ),
        Mistake(
            "hidden scores become a large negative number",
            "Where all is hidden, all are equally low, and softmax shares evenly among the hidden. What should someone "
            f"see who may look nowhere? {WHERE('A row with nothing to look at')}",
            _weighed(lambda s, m: s.masked_fill(~m, -1e9).softmax(-1)),
            also=(_weighed(lambda s, m: s.masked_fill(~m, -1e4).softmax(-1)),),
        ),
        Mistake(
            "hidden scores become a number that is not low enough",
            "A real score may be lower still, and then the hidden keys take all, before you wipe their share away. "
            f"Which number is below every score? {WHERE('Masks')}",
            _weighed(lambda s, m: s.masked_fill(~m, -1e4).softmax(-1) * m),
        ),
        Mistake(
            "the nan is cleared away from the result, after it has met the values",
            "The result is right; on the way back the values meet weights that are still nan. Where does the nan "
            f"begin, and can it be cleared away there? {WHERE('A row with nothing to look at')}",
            lambda q, k, v, mask: (_scores(q, k).masked_fill(~mask, -torch.inf).softmax(-1) @ v).nan_to_num(),
        ),
        Mistake(
            "minus infinity is added to the scores, and the nan cleared away afterwards",
            "The values are right; the gradients of an empty row are nan. `masked_fill` stops them on their way back, "
            f"and a sum does not. Where are hidden scores replaced? {WHERE('A row with nothing to look at')}",
            _weighed(lambda s, m: (s + torch.zeros_like(s).masked_fill(~m, -torch.inf)).softmax(-1).nan_to_num()),
        ),
        Mistake(
            "the exponentials overflow",
            "exp of a thousand is infinity, and infinity / infinity is nan. Which number may be taken off every score "
            f"of a row without changing its shares? {WHERE('Who shares one unit')}",
            _weighed(_by_exp),
        ),
        Mistake(
            "the weights meet the keys instead of the values",
            "You return a mean of what the keys say about themselves... and where v has other features, nothing at "
            f"all. What is handed over to the one who asks? {WHERE('Who shares one unit')}",
            lambda q, k, v, mask: attend_by_hand(q, k, k, mask),
        ),
    ),
    hints=(
        "A query and a key meet in one number. Which operation makes (Tq, Tk) of them out of (Tq, d) and (Tk, d)?",
        "scores are (..., Tq, Tk), and so is the mask, once broadcast. The unit is shared along the last axis.",
        "Products of queries and keys, divided by the root of d; -inf into what is hidden; softmax over the keys; "
        "zeros where that gave nan; and the weights times the values.",
    ),
)
