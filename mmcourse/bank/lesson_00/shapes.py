"""00.1: Which shape comes out?."""

from mmcourse.checking.exercise import Case, Exercise, Mistake

SHAPES = {
    "words": (2, 5, 6),
    "sentences": (2, 6),
    "pair": (2, 16),
    "regions": (2, 28, 6),
    "scores": (2, 28, 5),
    "trap": (3, 3),
}

shapes = Exercise(
    id="00.1",
    title="Which shape comes out?",
    kind="value",
    answer="shapes",
    reference=SHAPES,
    cases=lambda draw: [Case(name) for name in SHAPES],
    mistakes=(
        Mistake(
            "the mean is taken over the features of each word",
            "Your `sentences` keeps T and loses d. Which axis counts the words, and is it the one that should go? "
            "(lesson 00, 'Axes have names')",
            {"sentences": (2, 5)},
        ),
        Mistake(
            "an axis of size 1 is kept where the mean was taken",
            "`mean(1)` removes the axis that it averages; only `keepdim=True` leaves a 1 behind. "
            "How many axes are left of three? (lesson 00, 'Axes have names')",
            {"sentences": (2, 1, 6)},
        ),
        Mistake(
            "the two are stacked as samples",
            "Your `pair` has more samples than before. `dim=-1` is the last axis: what does the last axis count? "
            "(lesson 00, 'Side by side')",
            {"pair": (4, 16)},
        ),
        Mistake(
            "the features are left in front of the regions",
            "Your `regions` is the shape after `flatten(2)`. What does `transpose(1, 2)` do to it? "
            "(lesson 00, 'Axes have names')",
            {"regions": (2, 6, 28)},
        ),
        Mistake(
            "the scores have a row for each word instead of each region",
            "In `a @ b` the rows come from `a`. Who stands on the left? (lesson 00, 'Axes have names')",
            {"scores": (2, 5, 28)},
        ),
        Mistake(
            "the shorter shape is taken to line up on the left",
            "Broadcasting lines shapes up from the right: (3, 1) against (3) reads as (3, 1) against (1, 3). "
            "What grows to what? (lesson 00, 'The silent guest: broadcasting')",
            {"trap": (3, 1)},
        ),
        Mistake(
            "three numbers times three numbers is taken to be three numbers",
            "One of the two has a second axis. Write both shapes under each other, flush right: (3, 1) and (3). "
            "Which axis of each grows? (lesson 00, 'The silent guest: broadcasting')",
            {"trap": (3,)},
        ),
    ),
    hints=(
        "For each line: which axes go in, which does the operation remove, join or swap?",
        "An index picks rows, so it adds the vector's axis at the end; mean(1) removes axis 1; cat adds up one axis; "
        "@ keeps the rows of the left and the columns of the right.",
        "For `trap`, write the two shapes flush right, (3, 1) over (3). Missing axes count as 1; "
        "then each axis takes the larger of the two sizes.",
    ),
)
