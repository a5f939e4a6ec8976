"""06.2: What a sum can do at best."""

from mmcourse.checking.exercise import Case, Draw, Exercise, Mistake

CORNERS = {
    "both": 4,
    "exactly one": 3,
    "turned round": 3,
    "not both": 4,
    "same of three": 7,
    "at least": 9,
    "one apart": 8,
}


def _corner_cases(draw: Draw) -> list[Case]:
    return [Case(name) for name in CORNERS]


corners = Exercise(
    id="06.2",
    title="What a sum can do at best",
    kind="value",
    answer="best",
    reference=CORNERS,
    cases=_corner_cases,
    mistakes=(
        Mistake(
            "a sum is thought to do no better than a coin",
            "It can't get all four, and it need not stop at two. Can you find votes that get three right? "
            "(lesson 06, 'Two votes')",
            {"exactly one": 2, "turned round": 2},
        ),
        Mistake(
            "a sum is thought to reach all four",
            "Add up the scores of two corners that lie across from each other, then of the other two. What do the two "
            "sums have in common, and what does the table ask of them? (lesson 06, 'Two votes')",
            {"exactly one": 4, "turned round": 4},
        ),
        Mistake(
            "turning round is taken for easier than exactly one",
            "Exchange the names of the two words in this table, and look at it again. Which table is it now? "
            "(lesson 06, 'Two votes')",
            {"turned round": 4},
        ),
        Mistake(
            "needing both is taken for needing a product",
            "Let each side give one vote for yes, and ask for more than one and a half. Which corners pass? "
            "(lesson 06, 'Needing both is not needing a product')",
            {"both": 3, "not both": 3},
        ),
        Mistake(
            "always saying no is taken for the best",
            "That is six of nine. Can one word be favoured so much that one more cell comes right and none goes wrong? "
            "(lesson 06, 'Two votes')",
            {"same of three": 6},
        ),
        Mistake(
            "three kinds are taken to be easier than two",
            "Look at two kinds alone, and at their four cells. What did the sum make of such a square? "
            "(lesson 06, 'Two votes')",
            {"same of three": 9},
        ),
        Mistake(
            "nearness is taken for a sum",
            "In row 1 the word 3 must be no and the word 1 yes; in row 3 the other way round. Can the picture's vote "
            "change which word scores more? (lesson 06, 'Two votes')",
            {"one apart": 9},
        ),
    ),
    hints=(
        "The picture's vote moves a whole row up or down. Can it change which of two words scores higher in that row?",
        "It can't. So if row 1 says yes to word 1 and no to word 3, word 1 scores higher, and no row can say yes to "
        "word 3 and no to word 1. Which tables ask for such a thing?",
        "For each table: if of any two rows one's yes cells are among the other's, a sum gets all. If not, change as "
        "few cells as you can until it is so; the cells that you did not change are the answer.",
    ),
)
