"""06.6: Find the fault in a gate."""

import torch

from mmcourse.checking.exercise import Case, Draw, Exercise, Mistake
from mmcourse.fusion import mix


def _mix_cases(draw: Draw) -> list[Case]:
    def case(name: str, points: int, rows: list[list[bool]], d: int, shift: float = 0.0) -> Case:
        there = torch.tensor(rows)
        parts, scores = draw.normal(*there.shape, d, shift=0.4), draw.normal(*there.shape, d, shift=shift)
        absent = ~there[..., None]
        twin = {
            "parts": parts.masked_fill(absent, 8.0),
            "scores": scores.masked_fill(absent, shift + 3.0),
            "there": there,
        }
        says = "only what an absent modality holds changes"
        args = {"parts": parts, "scores": scores, "there": there}
        return Case(name, args, points, twin=twin, twin_says=says)

    return [
        case("a batch of one, both there", 1, [[True, True]], 4),
        case("three samples, both there", 2, [[True, True]] * 3, 5),
        case("here the picture is missing, there the text", 1, [[False, True], [True, True], [True, False]], 3),
        # Only differences of scores matter: where all lie far below 0, a fill of -10,000 would win.
        case("three modalities, and once none", 1, [[True, False, True], [False, False, False]], 5, shift=-2e4),
    ]


def _mixed_over(dim: int):
    def answer(parts, scores, there):
        absent = ~there[..., None]
        weights = scores.masked_fill(absent, -torch.inf).softmax(dim).nan_to_num()
        return (weights * parts.masked_fill(absent, 0)).sum(1)

    return answer


def _mix_mask_after(parts, scores, there):
    weights = scores.softmax(1) * there[..., None]
    return (weights * parts.masked_fill(~there[..., None], 0)).sum(1)


def _mix_no_mask(parts, scores, there):
    return (scores.softmax(1) * parts).sum(1)


def _mix_inverted(parts, scores, there):
    return mix(parts, scores, ~there)


def _mix_sigmoid(parts, scores, there):
    return (scores.sigmoid() * parts.masked_fill(~there[..., None], 0)).sum(1)


def _mix_zero_scores(parts, scores, there):
    absent = ~there[..., None]
    return (scores.masked_fill(absent, 0).softmax(1) * parts.masked_fill(absent, 0)).sum(1)


def _mix_nan(parts, scores, there):
    absent = ~there[..., None]
    return (scores.masked_fill(absent, -torch.inf).softmax(1) * parts.masked_fill(absent, 0)).sum(1)


def _mix_mean(parts, scores, there):
    absent = ~there[..., None]
    weights = scores.masked_fill(absent, -torch.inf).softmax(1).nan_to_num()
    return (weights * parts.masked_fill(absent, 0)).mean(1)


def _mix_per_modality(parts, scores, there):
    return mix(parts, scores.mean(-1, keepdim=True).expand_as(scores), there)


mixing = Exercise(
    id="06.6",
    title="Find the fault in a gate",
    kind="function",
    answer="mix",
    reference=mix,
    given=_mixed_over(-1),
    cases=_mix_cases,
    mistakes=(
        Mistake(
            "the samples of the batch share one unit of weight",
            "Your weights sum to 1 down the batch, so a sample's result depends on its neighbours. Who competes here? "
            "(lesson 06, 'Where they meet')",
            _mixed_over(0),
        ),
        Mistake(
            "the absent modalities are struck out after the softmax",
            "The share of an absent modality is lost, and those that are there no longer sum to 1. What must be known "
            "before the shares are given out? (lesson 06, 'Where they meet')",
            _mix_mask_after,
        ),
        Mistake(
            "absent modalities take part",
            "What stands where a modality is missing changes your result. What does `there` say? "
            "(lesson 06, 'Where they meet')",
            _mix_no_mask,
        ),
        Mistake(
            "the mask is read the wrong way round",
            "Only what is absent counts in your result. What does True mean in this course? "
            "(lesson 06, 'Where they meet')",
            _mix_inverted,
        ),
        Mistake(
            "each modality has a gate of its own",
            "With a sigmoid for each, the shares need not sum to 1: all may pass, or none. Who competes with whom? "
            "(lesson 06, 'Where they meet')",
            _mix_sigmoid,
        ),
        Mistake(
            "absent modalities are given the score 0",
            "exp(0) is 1, so they keep a share. Which score has no share at all? (lesson 06, 'Where they meet')",
            _mix_zero_scores,
        ),
        Mistake(
            "a sample without any modality becomes nan",
            "A softmax over nothing divides 0 by 0. What is a mean of nothing in this course? "
            "(lesson 06, 'Where they meet')",
            _mix_nan,
        ),
        Mistake(
            "the weighed parts are averaged",
            "The weights sum to 1 already; your mean divides by the number of modalities once more. "
            "(lesson 06, 'Where they meet')",
            _mix_mean,
        ),
        Mistake(
            "one weight serves all features of a modality",
            "The scores were averaged over the features first. In the formula each feature has weights of its own. "
            "(lesson 06, 'Where they meet')",
            _mix_per_modality,
        ),
    ),
    hints=(
        "One unit of weight is shared out. Among whom should it be, and among whom does this code share it?",
        "scores are (B, M, d). For every sample and every feature, the numbers along which axis must sum to 1?",
        "Sum the weights over each axis in turn and see where you get ones. The softmax runs over the last axis, the "
        "features; it belongs on the axis of the modalities. Nothing else is wrong.",
    ),
)
