"""08.3 What a score of rank 1 can reach, predicted."""

from mmcourse.checking.exercise import Case, Draw, Exercise, Mistake

SEES = "(lesson 08, 'What a score can see')"

REACH = {
    "b = 3": 6,
    "b = -0.5": 1,
    "how many": 2,
    "how many, bent": 2,
    "how many, a number for each word": 2,
    "b = 3, a number for each region": 5,
    "how many, a number for each region": 6,
    "rank, a number for each region": 2,
    "how many, on a circle": 6,
    "the mean at b = 0": 1,
}


def _cases(draw: Draw) -> list[Case]:
    return [Case(name) for name in REACH]


reached = Exercise(
    id="08.3",
    title="what rank 1 can reach",
    kind="value",
    answer="reach",
    reference=REACH,
    cases=_cases,
    mistakes=(
        Mistake(
            "the regions are numbered from 0",
            "All that you chose stands one place before the right one. Which number has the first region here? " + SEES,
            {"b = 3": 5, "b = -0.5": 0, "b = 3, a number for each region": 4},
        ),
        Mistake(
            "a region's place on the line is given for its number",
            f"You found the region and wrote down its a. Which of the six is it, counted from 1? {SEES}",
            {"b = 3": 7, "b = -0.5": -3, "b = 3, a number for each region": 4},
        ),
        Mistake(
            "the nearest region is thought to score highest",
            "a · 3 is not at its largest where a is near 3. Which of six products is the largest? " + SEES,
            {"b = 3": 5},
        ),
        Mistake(
            "the sign of the word is overlooked",
            f"Times -0.5, the order of the six turns round. Which a gives the largest product? {SEES}",
            {"b = -0.5": 6},
        ),
        Mistake(
            "a word near zero is thought to pick the region near zero",
            "Small as b is, the largest product is at an end of the line. The size of b makes the softmax flat or "
            f"sharp; what decides which is first? {SEES}",
            {"b = -0.5": 3},
        ),
        Mistake(
            "every region is thought to have its word",
            "Draw aᵢ b over b: six straight lines through one point. How many of them are ever on top? " + SEES,
            {"how many": 6},
        ),
        Mistake(
            "only one region is counted",
            f"b may also be negative. Who is first then? {SEES}",
            {"how many": 1},
        ),
        Mistake(
            "bending is thought to help",
            "tanh keeps the order of six numbers, and a product of one number with one number stays one. Whose order "
            f"would have to change? {SEES}",
            {"how many, bent": 6},
        ),
        Mistake(
            "a number that all regions share is thought to change their order",
            "cⱼ is added to all six scores of that word. Which of them gains on another? (It does decide how much of "
            f"the one unit goes to that word.) {SEES}",
            {"how many, a number for each word": 6},
        ),
        Mistake(
            "a number for each region is thought to change nothing",
            "Complete the square: 2ab - a² is b² - (a - b)². Where is that largest? " + SEES,
            {"how many, a number for each region": 2},
        ),
        Mistake(
            "the largest region still wins",
            f"-a² costs the far ones more than they gain. Compute 2ab - a² for the neighbours of b. {SEES}",
            {"b = 3, a number for each region": 6},
        ),
        Mistake(
            "the rank is thought to stay 1",
            "A table aᵢ bⱼ has rank 1; adding the column -aᵢ² to each word's column adds a second pattern. Is every "
            f"column still a multiple of one? {SEES}",
            {"rank, a number for each region": 1},
        ),
        Mistake(
            "two numbers are thought to reach no more than one",
            "On a circle, the dot product with a direction is largest at the point in that direction. How many points "
            f"have a direction of their own? {SEES}",
            {"how many, on a circle": 2},
        ),
        Mistake(
            "four regions are counted on the circle",
            "Two ends on each of two axes make four; but a word may also point between the axes. " + SEES,
            {"how many, on a circle": 4},
        ),
        Mistake(
            "equal scores are thought to pick the middle",
            "All six scores are 0, so all six shares are 1/6. What is the mean of the six numbers? " + SEES,
            {"the mean at b = 0": 0},
        ),
    ),
    hints=(
        "Six numbers, each times the same b: can that change who is first, second, third, or only turn the order "
        "round?",
        "For a question that begins with 'how many': draw each region's score as a line over b, and see which lines "
        "are on top somewhere. With -a² added, the lines no longer meet in one point.",
        "With b above 0 the largest a wins, below 0 the smallest. 2ab - a² is b² - (a - b)², so the nearest a wins. On "
        "the circle the dot product is the cosine of the angle between. At b = 0 every share is 1/6.",
    ),
)
