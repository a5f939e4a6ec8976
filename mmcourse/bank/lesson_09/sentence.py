"""09.6: The article's program, the sentence's side."""

from mmcourse.checking.exercise import Exercise, Mistake

from .sentence_program import (
    FAULTS,
    AllStates,
    Backwards,
    Blanks,
    BlanksAndCase,
    CaseCounts,
    CommasOut,
    CountsOnce,
    Cut,
    DropsUnknown,
    Empty,
    EmptyIsPadding,
    EmptyIsUnknown,
    Given,
    KeepsStop,
    LastWord,
    Lists,
    ListsOfWords,
    ListsWithZeros,
    MeanState,
    OneByOne,
    PadsInFront,
    Sentences,
    Set,
    StopIsUnknown,
    UnknownIsPad,
    cases,
    with_faults,
)
from .where import PROGRAM, left_in

sentence = Exercise(
    id="09.6",
    title="The article's program: the sentence's side",
    kind="module",
    answer="Sentences",
    reference=Sentences,
    given=Given,
    cases=cases,
    mistakes=(
        # Who looks letters up and stops at unknown ones does what the given program does, whatever else is mended.
        *(m for m in left_in(with_faults, FAULTS) if not ("characters" in m.name and "stops the program" in m.name)),
        Mistake(
            "the words are right, and lists of word vectors come out",
            "A list of lists can't be joined to the picture's vector. Make all rows equally long with `pad`; what then "
            f"tells the network which words are real? {PROGRAM}",
            Lists,
        ),
        Mistake(
            "words and unknown words are right, and lists come out in which a stop word is the number 0",
            "A 0 among vectors of d features can't be stacked with them. What does leaving a word out mean? And what "
            f"makes one tensor of rows of different lengths? {PROGRAM}",
            ListsWithZeros,
        ),
        Mistake(
            "the text is cut into words, and the other faults are left",
            "That was the first. Try a word that is not in `index`, then a stop word, then two texts of different "
            f"lengths. {PROGRAM}",
            ListsOfWords,
        ),
        Mistake(
            "a list of vectors comes out, one for each text",
            f"All is right but the last step: (B, d) is one tensor. What makes one of several vectors? {PROGRAM}",
            OneByOne,
        ),
        Mistake(
            "the network's state after every word comes out",
            "(B, T, d) where (B, d) is wanted. `read_packed` gives two things; which of them is the whole text's? "
            + PROGRAM,
            AllStates,
        ),
        Mistake(
            "the mean of the network's states comes out",
            f"A good summary too. Asked for is the state after the last real word. {PROGRAM}",
            MeanState,
        ),
        Mistake(
            "the last word's vector comes out",
            "The network has not read at all: what was before the last word makes no difference. Which layer of the "
            f"constructor is not used yet? {PROGRAM}",
            LastWord,
        ),
        Mistake(
            "stop words are read",
            f"`stop` makes no difference in your program. What shall happen to the words on the list? {PROGRAM}",
            KeepsStop,
        ),
        Mistake(
            "unknown words are left out",
            "Nobody asked for that: a sentence of unknown words would say nothing at all, and that there is one more "
            f"word is knowledge too. Which number is theirs? {PROGRAM}",
            DropsUnknown,
        ),
        Mistake(
            "an unknown word gets the number of padding",
            "0 is 'no word here', and something stands here. Which number is kept for words that training did not "
            f"know? {PROGRAM}",
            UnknownIsPad,
        ),
        Mistake(
            "a capital makes another word of it",
            f"'Cat' is unknown to you, and 'THE' no stop word. How are the words in `index` written? {PROGRAM}",
            CaseCounts,
        ),
        Mistake(
            "texts are cut at blanks",
            f"'cat,' is then a word of its own, and training knew none such. What does `words` do with it? {PROGRAM}",
            Blanks,
        ),
        Mistake(
            "texts are cut at blanks, and a capital makes another word",
            f"'Cat,' is then a word of its own. What do you get from `words` for it? {PROGRAM}",
            BlanksAndCase,
        ),
        Mistake(
            "a text without words stops the program",
            "After the stop words are out, nothing may be left, and packing wants a length of at least 1. What is the "
            f"vector of nothing in this course? {PROGRAM}",
            Empty,
        ),
        Mistake(
            "every text is cut to the length of the shortest",
            "Nothing needs padding then, and whose neighbour is short loses words. Which of the two changes what a "
            f"text says, pads or cuts? {PROGRAM}",
            Cut,
        ),
        Mistake(
            "each word counts once, in another order",
            "A set knows neither order nor number. How are words taken out of a list, and the others left where they "
            f"are? {PROGRAM}",
            Set,
        ),
        Mistake(
            "a word that comes twice is read once",
            f"'big big cat' has 'big' twice, and who reads in order reads both. What was to be left out? {PROGRAM}",
            CountsOnce,
        ),
        Mistake(
            "a stop word gets the number of the unknown word",
            "It is still there, and the network takes a step for it. How long is the row of a text that has one word "
            f"and two stop words? {PROGRAM}",
            StopIsUnknown,
        ),
        Mistake(
            "the texts are read backwards",
            f"What comes out is the state after the first word. In which order are the words to be read? {PROGRAM}",
            Backwards,
        ),
        Mistake(
            "the pads stand in front and are read",
            "So Keras pads unless it is told otherwise. A GRU takes a step for each pad, and begins the text elsewhere "
            f"than at zero. What does `pad` do, and what is its mask for? {PROGRAM}",
            PadsInFront,
        ),
        Mistake(
            "a text without words is given the unknown word",
            f"Then nothing and 'zebras' are the same text. What is the vector of nothing in this course? {PROGRAM}",
            EmptyIsUnknown,
        ),
        Mistake(
            "a text without words is given padding to read",
            "Padding's vector is zeros, but a GRU moves even on zeros. What is the vector of nothing in this course? "
            + PROGRAM,
            EmptyIsPadding,
        ),
        Mistake(
            "commas are left out",
            f"They are on no list. Which words are left out? {PROGRAM}",
            CommasOut,
        ),
    ),
    hints=(
        "What does `for word in text` give you when text is 'the cat'?",
        "Three questions for each word: is it left out, is it known, and if not, which number has it? Then rows of "
        "different lengths: what do `pad` and `read_packed` each give back?",
        "For each text a row of numbers: its words by `words`, less those in `stop`, each by `index`, with 1 for the "
        "unknown. Pad the rows to the longest, at least 1. Look up the vectors, read them with the mask, and take "
        "the last state.",
    ),
)
