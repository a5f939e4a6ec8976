"""07.4, what EMAP leaves of a perfect model."""

from mmcourse.checking.exercise import Case, Exercise, Mistake

WHERE = "(lesson 07, 'The nearest sum')"

# Cells that EMAP gets right of a model that says +1 for yes and -1 for no; above 0 is yes, 0 or less is no.
LEFT = {
    "both": 4,
    "exactly one": 2,
    "the text alone": 4,
    "same of three": 6,
    "at least": 9,
    "one apart": 7,
}

corners = Exercise(
    id="07.4",
    title="What EMAP leaves of a perfect model",
    kind="value",
    answer="left",
    reference=LEFT,
    cases=lambda draw: [Case(name) for name in LEFT],
    mistakes=(
        Mistake(
            "the best sum is taken for the nearest",
            "Some sum does better on these labels, as you saw in lesson 06. EMAP doesn't look for it: it is the sum "
            f"nearest to the model's own scores. What are its row and column means here? {WHERE}",
            {"exactly one": 3, "same of three": 7, "one apart": 8},
        ),
        Mistake(
            "a better sum is taken for the nearest",
            "EMAP is the sum nearest to the model's own scores, not the best one for the labels. What does it score in "
            f"each cell when all row means are alike, and all column means? {WHERE}",
            {"exactly one": 3},
            also=({"same of three": 7},),
        ),
        Mistake(
            "a sum that parts the corners is taken for the nearest",
            "Some sum gets three of the four corners. EMAP gives all four the same score, since their row means are "
            f"alike, and their column means. In how many corners, then, is it right? {WHERE}",
            {"one apart": 8},
        ),
        Mistake(
            "needing both is taken for needing more than a sum",
            "Take the means of a row, of a column and of all four, and add them up for the corner where both are "
            f"there. Above 0, or below? {WHERE}",
            {"both": 3},
        ),
        Mistake(
            "a text that says all is thought to be lost in a mean",
            "The picture changes nothing for this model, so it is a sum already, with nothing in one part. What is the "
            f"sum nearest to a sum? {WHERE}",
            {"the text alone": 2},
        ),
        Mistake(
            "a perfect model is thought to stay perfect",
            f"What comes out is a sum, whatever went in. Can a sum have these scores? {WHERE}",
            {"exactly one": 4},
            also=({"same of three": 9},),
        ),
        Mistake(
            "nothing is thought to be left of a product",
            f"All four scores become 0, and 0 is read as no. In how many of the cells is no right? {WHERE}",
            {"exactly one": 0},
        ),
        Mistake(
            "what has no sum left is thought to say yes",
            "Every row has one yes and two no. On which side of 0 is its mean, and what does EMAP say everywhere? "
            f"{WHERE}",
            {"same of three": 3},
        ),
        Mistake(
            "an order is taken for an interaction",
            "The larger the picture's number, the more often yes; the larger the text's, the more seldom. Work out "
            f"the row means: do they climb in step? {WHERE}",
            {"at least": 6},
        ),
        Mistake(
            "nearness is taken for a sum",
            "The two far corners have the same row mean and the same column mean as the near ones. Can EMAP tell "
            f"them apart? {WHERE}",
            {"one apart": 9},
        ),
    ),
    hints=(
        "EMAP's score of a cell is its row's mean plus its column's mean minus the mean of all. What is it where all "
        "row means are alike, and all column means?",
        "Write the table with +1 and -1, the means at its margins, and the mean of all in the corner. You need no "
        "other numbers. Cells in the same kind of row and the same kind of column get the same score.",
        "For each table: margins, then the sum for each cell, then its sign, 0 counting as no; compare with the table. "
        "Or let the formula of 07.2 do it, for all cells at once.",
    ),
)
