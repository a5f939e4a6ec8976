"""01.3, which steps leak."""

from mmcourse.checking.exercise import Case, Exercise, Mistake

WHERE = "(lesson 01, 'Splits first')"

LEAKS = {
    "duplicates": "fine",
    "vocabulary": "leak",
    "longest": "fine",
    "mean": "leak",
    "itself": "fine",
    "copies": "leak",
    "rare": "leak",
    "epochs": "leak",
    "network": "fine",
    "author": "fine",
}

leaking = Exercise(
    id="01.3",
    title="Find the leaks",
    kind="value",
    answer="steps",
    reference=LEAKS,
    cases=lambda draw: [Case(name) for name in LEAKS],
    mistakes=(
        Mistake(
            "what uses no labels is taken for harmless",
            "The mean of a test picture goes into every number the model sees, labels or not. Was it known on training "
            f"day? {WHERE}",
            {"mean": "fine"},
        ),
        Mistake(
            "the words of the test reviews are taken for common knowledge",
            "Give a rare test word a number of its own, and the model can no longer meet it as the stranger that it "
            f"will be. Which words were known on training day? {WHERE}",
            {"vocabulary": "fine"},
        ),
        Mistake(
            "copies that look different are taken for different reviews",
            "Five copies of one photo, dealt out at random: how likely is it that all five fall on one side? Which of "
            f"the two steps must come first? {WHERE}",
            {"copies": "fine"},
        ),
        Mistake(
            "choosing by the test score is taken for looking",
            "The number of epochs is a number that you learnt from the test labels. Which split is there to choose by? "
            f"{WHERE}",
            {"epochs": "fine"},
        ),
        Mistake(
            "a count is taken for no statistic",
            "Whether a word is rare was counted in the test reviews as well. Would the answer be the same without "
            f"them? {WHERE}",
            {"rare": "fine"},
        ),
        Mistake(
            "everything done before the split is taken for a leak",
            "What happens to pairs of equal reviews here keeps one of them out of the other split. Does a test review "
            f"tell the model anything by it? {WHERE}",
            {"duplicates": "leak"},
        ),
        Mistake(
            "a picture's own statistics are taken for the test split's",
            "Each picture is asked about itself alone, and the day it arrives it can be asked that. Which other "
            f"picture does its result depend on? {WHERE}",
            {"itself": "leak"},
        ),
        Mistake(
            "weights that others trained are taken for a leak",
            f"They were fixed before, on other pictures. What did they learn from our test split? {WHERE}",
            {"network": "leak"},
        ),
        Mistake(
            "a cut that training lengths set is taken for a leak",
            f"Test sentences are cut by it, but who set it? {WHERE}",
            {"longest": "leak"},
        ),
        Mistake(
            "keeping relatives together is taken for a leak",
            f"An author on both sides would let the model recognise the author. What does this step see to? {WHERE}",
            {"author": "leak"},
        ),
    ),
    hints=(
        "For each step: could it have been done on training day, in a room without the test reviews?",
        "A step may be applied to test reviews and still be set by training alone. Ask who sets it: which numbers, "
        "words or choices come out of the step, and from which reviews?",
        "It leaks where a number, a list or a choice that shapes the model was taken from test reviews, or where a "
        "test review has a copy in training. It is fine where training alone sets it, where each item is treated by "
        "itself, or where it keeps relatives together.",
    ),
)
