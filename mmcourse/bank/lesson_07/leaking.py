"""07.6, which half gives the label away."""

from mmcourse.checking.exercise import Case, Exercise, Mistake

WHERE = "(lesson 07, 'A set that gives itself away')"

# How the wrong pairs of 'does the sentence fit the picture?' came about; which half alone tells right from wrong.
TELLS = {
    "negated": "text",  # a right sentence with 'not' put into it
    "borrowed": "text",  # sentences of another collection
    "passed on": "neither",  # each picture and each sentence once with its own partner, once with another's
    "coin": "neither",  # each used once; a coin decides which pairs are parted, and those swap sentences
    "flash": "picture",  # pictures for the wrong pairs were taken later, with a flash
    "cropped": "picture",  # right pairs are cropped to what the sentence names, wrong ones anywhere
    "counted": "text",  # a question and an answer: of the questions for a shape, two thirds have the answer 'circle'
    "padded": "text",  # right and wrong sentences were padded in two runs, each to its own longest
}

leaking = Exercise(
    id="07.6",
    title="Which half gives it away?",
    kind="value",
    answer="tells",
    reference=TELLS,
    cases=lambda draw: [Case(name) for name in TELLS],
    mistakes=(
        Mistake(
            "a word that only wrong sentences have is overlooked",
            f"A bag of words finds 'not' at once. What does a model need of the picture then? {WHERE}",
            {"negated": "neither"},
        ),
        Mistake(
            "another collection is taken for more of the same",
            "Other people wrote about other things, in other words. Could you tell from a sentence alone which of the "
            f"two collections it is from? {WHERE}",
            {"borrowed": "neither"},
        ),
        Mistake(
            "a sentence that comes twice is taken for a leak",
            f"It comes once with yes and once with no. What does it tell, then, by itself? {WHERE}",
            {"passed on": "text"},
        ),
        Mistake(
            "a picture that comes twice is taken for a leak",
            f"It comes once with yes and once with no. What does it tell, then, by itself? {WHERE}",
            {"passed on": "picture"},
        ),
        Mistake(
            "a sentence that comes once is taken for a leak",
            "In training a model can learn it by heart. What does it say of a new sentence, for which the coin was "
            f"thrown anew? {WHERE}",
            {"coin": "text"},
        ),
        Mistake(
            "a picture that comes once is taken for a leak",
            "In training a model can learn it by heart. What does it say of a new picture, for which the coin was "
            f"thrown anew? {WHERE}",
            {"coin": "picture"},
        ),
        Mistake(
            "light is taken for harmless",
            f"One number, the mean of all pixels, and a threshold. How far does that get? {WHERE}",
            {"flash": "neither"},
        ),
        Mistake(
            "the same pictures are taken to look the same",
            "Right pairs show something whole in the middle, wrong ones whatever the frame cut off. Does one need the "
            f"sentence to see which? {WHERE}",
            {"cropped": "neither"},
        ),
        Mistake(
            "many answers are taken for a balanced set",
            "Answer 'circle' to every question for a shape. How often is that right, without a look at the picture? "
            f"{WHERE}",
            {"counted": "neither"},
        ),
        Mistake(
            "pads are taken for nothing",
            f"They say nothing, but how many there are can be counted. Who set the length of each run? {WHERE}",
            {"padded": "neither"},
        ),
    ),
    hints=(
        "Cover the picture, and then the sentence instead: with which of the two covered can you still beat guessing?",
        "Ask how right and wrong pairs came about. Wherever the two came about differently, look at what differs: "
        "words, length, light, place. A thing that comes equally often with yes and with no tells nothing.",
        "'text' if sentences alone, new ones too, tell the label better than guessing, be it by words, counts or "
        "length; 'picture' likewise; 'neither' where each half, by itself, is as often right as wrong.",
    ),
)
