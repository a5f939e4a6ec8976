"""09.1: What a constant answer scores, predicted on paper."""

from mmcourse.checking.exercise import Case, Draw, Exercise, Mistake

from .where import LITTLE

SCORES = {
    "accuracy": 60,
    "F1 of A": 75,
    "macro-F1": 25,
    "a fourth name: macro-F1": 25,
    "all else is D: macro-F1": 25,
    "ten for ten: accuracy": "same",
    "ten for ten: macro-F1": "up",
    "twice as many A: accuracy": "up",
}


def _cases(draw: Draw) -> list[Case]:
    return [Case(name) for name in SCORES]


constant = Exercise(
    id="09.1",
    title="What a constant answer scores",
    kind="value",
    answer="scores",
    reference=SCORES,
    cases=_cases,
    mistakes=(
        Mistake(
            "the F1 of A is taken for its recall",
            "All A are found, that is recall. Forty others are called A too: in which of the three counts are they? "
            + LITTLE,
            {"F1 of A": 100},
        ),
        Mistake(
            "the F1 of A is taken for its precision",
            "60 of 100 answers are right, that is precision. How many A are missed, and where does F1 lie between the "
            f"two? {LITTLE}",
            {"F1 of A": 60},
        ),
        Mistake(
            "the F1 of A is taken for the midpoint of precision and recall",
            "The plain mean of 60 and 100 is 80. F1 lies nearer to the lower of the two; put the three counts into "
            f"the formula. {LITTLE}",
            {"F1 of A": 80},
        ),
        Mistake(
            "the scores are shares instead of percent",
            f"The numbers are right, and the unit is another one: in percent, a half is 50. {LITTLE}",
            {"accuracy": 0.6, "F1 of A": 0.75, "macro-F1": 0.25},
        ),
        Mistake(
            "macro-F1 is taken for the mean recall",
            "Of A all are found, of B and C none: the mean of those is a third. What of the forty that were wrongly "
            f"called A? {LITTLE}",
            {"macro-F1": 33},
        ),
        Mistake(
            "macro-F1 is taken for accuracy",
            f"Accuracy has one vote for each picture. Who votes in a macro mean, and how do B and C vote? {LITTLE}",
            {"macro-F1": 60},
        ),
        Mistake(
            "the classes that are never answered are left out of the mean",
            f"All 30 of B are missed. Is a class without a hit a class without a score? {LITTLE}",
            {"macro-F1": 75},
        ),
        Mistake(
            "the classes are weighed by their size",
            f"With weights of 60, 30 and 10 of 100 the rare class is quiet again. What does 'macro' mean? {LITTLE}",
            {"macro-F1": 45},
        ),
        Mistake(
            "a class that is nowhere counts as a failure",
            "No picture shows D and nobody answered D: hits, wrong answers and misses are all 0. What is 0 / 0 of "
            f"anything, and may it pull a mean down? {LITTLE}",
            {"a fourth name: macro-F1": 19},
        ),
        Mistake(
            "a class that is answered and never there is left out",
            "Forty pictures were called D, and not one is. That is a count of wrong answers, so the class has a score. "
            f"Which? {LITTLE}",
            {"all else is D: macro-F1": 33},
        ),
        Mistake(
            "the trade is thought to cost accuracy",
            f"Ten pictures come right and ten go wrong, of the same hundred. Count again. {LITTLE}",
            {"ten for ten: accuracy": "down"},
        ),
        Mistake(
            "a trade of ten for ten is thought to change nothing",
            "Ten of 60 are a sixth of A; ten of 10 are all of C. Whose F1 moves further, and how much does each count? "
            + LITTLE,
            {"ten for ten: macro-F1": "same"},
        ),
        Mistake(
            "accuracy is thought not to depend on how common the classes are",
            "Nothing about the model has changed. Of the pictures that now come in, a larger share is A, and what does "
            f"it say of those? {LITTLE}",
            {"twice as many A: accuracy": "same"},
        ),
    ),
    hints=(
        "For one class there are three counts: hits, wrong answers, misses. What are they for A when everything is "
        "called A?",
        "60 hits, 40 wrong answers, no misses for A; no hits for B and C. F1 of each, then the plain mean over the "
        "classes. For D: is any of its three counts above 0?",
        "Make a table with a row for what it is and a column for what was said, one for each question. F1 of a class "
        "is twice its diagonal cell, divided by the sum of its row plus the sum of its column.",
    ),
)
