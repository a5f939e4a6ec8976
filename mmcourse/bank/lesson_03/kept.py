"""03.7: What makes kept features stale."""

from mmcourse.checking.exercise import Case, Draw, Exercise, Mistake

STALE = {
    "pictures at another size": True,
    "a head with another learning rate": False,
    "one step of fine-tuning": True,
    "a batch norm's running mean has moved": True,
    "other labels": False,
    "only the first hundred pictures are used": False,
    "pixels divided by 255 beforehand": True,
    "every epoch flips each picture at random": True,
    "the pictures stand in another order": True,
    "a hidden layer is added to the head": False,
}

WHERE = "(lesson 03, 'Look once')"


def _cases(draw: Draw) -> list[Case]:
    return [Case(name) for name in STALE]


kept = Exercise(
    id="03.7",
    title="What makes kept features stale",
    kind="value",
    answer="stale",
    reference=STALE,
    cases=_cases,
    mistakes=(
        Mistake(
            "only the weights are thought to count",
            "The running mean is no weight, and every vector is computed with it. What does `state_dict` hold besides "
            f"weights? {WHERE}",
            {"a batch norm's running mean has moved": False},
        ),
        Mistake(
            "one step is thought to change too little",
            f"A little is not nothing, and a hundred such steps are much. When are two encoders the same? {WHERE}",
            {"one step of fine-tuning": False},
        ),
        Mistake(
            "the head is thought to matter",
            f"The head reads the vectors. Do the vectors know who reads them? {WHERE}",
            {"a head with another learning rate": True, "a hidden layer is added to the head": True},
        ),
        Mistake(
            "a larger head is thought to matter",
            f"A hidden layer of the head comes after the vector. Do the vectors know who reads them? {WHERE}",
            {"a hidden layer is added to the head": True},
        ),
        Mistake(
            "the head's learning rate is thought to matter",
            f"What does it move: the encoder, or what reads its vectors? {WHERE}",
            {"a head with another learning rate": True},
        ),
        Mistake(
            "the labels are thought to matter",
            f"Has the encoder ever seen a label? {WHERE}",
            {"other labels": True},
        ),
        Mistake(
            "using fewer rows is thought to change them",
            f"A row that is there can be read as it is. {WHERE}",
            {"only the first hundred pictures are used": True},
        ),
        Mistake(
            "the size is thought not to matter",
            f"The encoder takes any size. Does it give the same vector for each? {WHERE}",
            {"pictures at another size": False},
        ),
        Mistake(
            "the scale of the pixels is thought not to matter",
            f"The pictures look the same to you. To the encoder? {WHERE}",
            {"pixels divided by 255 beforehand": False},
        ),
        Mistake(
            "random changes of the picture are thought to survive keeping",
            f"A kept vector is the vector of one picture, flipped or not. How many would be needed? {WHERE}",
            {"every epoch flips each picture at random": False},
        ),
        Mistake(
            "the order is thought not to matter",
            f"Row i was the vector of picture i. Of which picture is it now? {WHERE}",
            {"the pictures stand in another order": False},
        ),
    ),
    hints=(
        "A vector is what an encoder makes of the pixels that it gets. Which of these changes touch one of the two?",
        "What the encoder is: its weights, and the statistics of its batch norms. What it gets: which pixels, on which "
        "scale, at which size, in which row.",
        "Go through the lines. If pixels, scale, size, order, weights or statistics change, the row is stale. If only "
        "what reads the vectors changes, it is not.",
    ),
)
