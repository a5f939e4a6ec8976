"""07.6: which half gives the label away."""

from mmcourse.bank.about import about
from mmcourse.checking.exercise import Value

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

exercise = Value(about=about(__name__, answer="tells"), reference=TELLS)
