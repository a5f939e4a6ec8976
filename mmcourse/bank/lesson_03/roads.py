"""03.1: What a gradient meets on its way down."""

from mmcourse.checking.exercise import Case, Draw, Exercise, Mistake

GRADIENTS = {
    "plain, w = 3, two layers": 9,
    "residual, w = 3, two layers": 16,
    "plain, w = -2, three layers": -8,
    "residual, w = -2, three layers": -1,
    "residual, w = 0, fifty layers": 1,
    "residual, w = 1, then 2, then 4": 30,
    "roads through three residual layers": 8,
    "of these, through exactly one F": 3,
}

WHERE = "(lesson 03, 'What the gradient meets')"


def _cases(draw: Draw) -> list[Case]:
    return [Case(name) for name in GRADIENTS]


roads = Exercise(
    id="03.1",
    title="What the gradient meets on its way down",
    kind="value",
    answer="gradients",
    reference=GRADIENTS,
    cases=_cases,
    mistakes=(
        Mistake(
            "the shortcut is left out",
            f"For the residual layers you have what the plain ones give. What is the slope of x + w x? {WHERE}",
            {"residual, w = 3, two layers": 9, "residual, w = -2, three layers": -8},
        ),
        Mistake(
            "one shortcut is drawn around all layers at once",
            "You have added a single 1 at the end. Each layer has a shortcut of its own: what is the slope of one "
            f"layer, and what happens to slopes in a chain? {WHERE}",
            {"residual, w = 3, two layers": 10, "residual, w = -2, three layers": -7},
        ),
        Mistake(
            "only the roads through at most one F are counted",
            "1 and the sum of the w: that is the direct road, and those with one detour. Are there roads that take "
            f"two? {WHERE}",
            {"residual, w = 3, two layers": 7, "residual, w = -2, three layers": -5},
        ),
        Mistake(
            "slopes are added along the chain",
            f"What is the slope of f(g(x))? {WHERE}",
            {"plain, w = 3, two layers": 6, "plain, w = -2, three layers": -6},
        ),
        Mistake(
            "a shortcut is thought to keep the gradient at 1",
            "Only where w is 0 does a layer pass on exactly what it got. With its shortcut it multiplies by 1 + w. "
            f"{WHERE}",
            {"residual, w = 3, two layers": 1},
        ),
        Mistake(
            "the sign of w is lost",
            f"Three factors of -2, and three of 1 - 2: which signs have their products? {WHERE}",
            {"plain, w = -2, three layers": 8, "residual, w = -2, three layers": 1},
        ),
        Mistake(
            "each layer is counted as one road",
            "At every layer a road may go through F or past it, whatever it did before. How many ways is that for "
            f"three layers? {WHERE}",
            {"roads through three residual layers": 6},
        ),
        Mistake(
            "roads are counted as if a layer could be passed only once in all",
            f"You have the direct road and one for each layer. May a road go through F twice? {WHERE}",
            {"roads through three residual layers": 4},
        ),
        Mistake(
            "a layer that adds nothing is thought to let nothing through",
            f"With w = 0 each layer gives x + 0. How much of x is left after one of them, and after fifty? {WHERE}",
            {"residual, w = 0, fifty layers": 0},
        ),
    ),
    hints=(
        "The slope of a chain is the product of the slopes of its links. What is the slope of one link, x + w x?",
        "A plain layer multiplies the gradient by w, a residual one by 1 + w. Multiply out (1 + w)(1 + w)(1 + w): each "
        "term is a road.",
        "Plain: w as often as there are layers, as a product. Residual: 1 + w as often. For the roads: at each layer "
        "two choices; exactly one F means choosing the layer at which it is taken.",
    ),
)
