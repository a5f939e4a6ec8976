"""05.3 What comes out? Predicted on paper."""

from mmcourse.checking.exercise import Case, Draw, Exercise, Mistake

WHERE = "(lesson 05, '{}')".format

NUMBERS = {
    "nothing hidden": 30,
    "third hidden": 15,
    "third hidden after the softmax": 10,
    "third hidden by a score of 0": 30,
    "all hidden by scores of -1e9": 30,
    "shape of the weights": (2, 4, 3, 5),
    "sum of the weights": 24,
    "parameters": 288,
}


def _cases(draw: Draw) -> list[Case]:
    return [Case(name) for name in NUMBERS]


numbers = Exercise(
    id="05.3",
    title="what comes out",
    kind="value",
    answer="numbers",
    reference=NUMBERS,
    cases=_cases,
    mistakes=(
        Mistake(
            "the hidden key takes its share away with it",
            "A mask before the softmax: the third key never gets a share. Who has it instead? " + WHERE("Masks"),
            {"third hidden": 10},
        ),
        Mistake(
            "the shares are thought to sum to 1 again by themselves",
            "After the softmax nobody divides once more. What is left of 1/3, 1/3, 1/3 when the third is struck out? "
            + WHERE("Masks"),
            {"third hidden after the softmax": 15},
        ),
        Mistake(
            "a score of 0 is taken for no share",
            "All three scores are 0 to begin with. What does setting the third to 0 change? " + WHERE("Masks"),
            {"third hidden by a score of 0": 15},
        ),
        Mistake(
            "a score of 0 is taken for a share that is lost",
            "Before the softmax nothing is lost: the shares of a row always sum to 1. Which shares do three scores of "
            "0 have? " + WHERE("Masks"),
            {"third hidden by a score of 0": 10},
        ),
        Mistake(
            "a score of -1e9 is taken for minus infinity",
            "Softmax sees differences only, and among three equally low scores there is none. "
            "Which shares come out? " + WHERE("A row with nothing to look at"),
            {"all hidden by scores of -1e9": 0},
        ),
        Mistake(
            "one map of weights serves all heads",
            "Each head compares with features of its own. How many maps are there for a sentence? "
            + WHERE("Several heads"),
            {"shape of the weights": (2, 3, 5)},
        ),
        Mistake(
            "the heads stand last",
            "The numbers are right. Heads stand in front of time, so that each has a table of queries by keys of its "
            "own. Which two axes come last? " + WHERE("Several heads"),
            {"shape of the weights": (2, 3, 5, 4)},
        ),
        Mistake(
            "keys and queries change places",
            "A row of weights belongs to one who asks. Which axis comes first, and which sums to 1? "
            + WHERE("Who shares one unit"),
            {"shape of the weights": (2, 4, 5, 3)},
        ),
        Mistake(
            "each key is thought to get one unit",
            "Your sum counts keys. Who has one unit to give away? " + WHERE("Who shares one unit"),
            {"sum of the weights": 40},
        ),
        Mistake(
            "the heads share one unit",
            "Each head has a softmax of its own. How many rows of weights has one sentence? " + WHERE("Several heads"),
            {"sum of the weights": 6},
        ),
        Mistake(
            "each head is thought to have one unit for all its queries",
            "Each row of a table sums to 1, not the table. How many ask? " + WHERE("Who shares one unit"),
            {"sum of the weights": 8},
        ),
        Mistake(
            "the weights are counted instead of summed",
            "That is how many weights there are. What does a row of them sum to? " + WHERE("Who shares one unit"),
            {"sum of the weights": 120},
        ),
        Mistake(
            "one linear layer is counted",
            "8 · 8 weights and 8 biases make one layer. How many are there? " + WHERE("Several heads"),
            {"parameters": 72},
        ),
        Mistake(
            "the biases are not counted",
            "Each of the four linear layers also adds a number to each feature. How many are those? "
            + WHERE("Several heads"),
            {"parameters": 256},
        ),
        Mistake(
            "the output layer is not counted",
            "q, k and v make three. What joins what the heads saw? " + WHERE("Several heads"),
            {"parameters": 216},
        ),
        Mistake(
            "each head is given matrices of full size",
            "The heads share d features out among them. How many features has one head? " + WHERE("Several heads"),
            {"parameters": 1152},
        ),
    ),
    hints=(
        "Three equal scores, one unit: what does each key get, and what does the query take home?",
        "For the last three: who has one unit to give away, for how many heads and sentences; and what shape has the "
        "weight of a linear layer from 8 features to 8?",
        "Write the three shares down for each mask before you multiply with 10, 20 and 60. Then count rows of weights, "
        "one unit each. Then four linear layers, each with 8 times 8 weights and 8 biases, whatever the heads.",
    ),
)
