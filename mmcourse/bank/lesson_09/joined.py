"""09.7: The article's program, fusion and head."""

from mmcourse.checking.exercise import Exercise, Mistake

from .joined_program import (
    FAULTS,
    Answers,
    First,
    Interleaved,
    Largest,
    LogSoftmax,
    OneUnit,
    Padded,
    PadsIn,
    PictureTwice,
    Program,
    Rectified,
    Samples,
    Softmax,
    TextFirst,
    TextTwice,
    Together,
    cases,
    with_faults,
)
from .where import PROGRAM, left_in

joined = Exercise(
    id="09.7",
    title="The article's program: fusion and head",
    kind="module",
    answer="Program",
    reference=Program,
    given=with_faults(frozenset(FAULTS)),
    cases=cases,
    mistakes=(
        *left_in(with_faults, FAULTS),
        Mistake(
            "the model ends in a softmax",
            "Chances come out, and `cross_entropy` takes a softmax of its own: twice is so flat that the loss can't "
            f"come near 0. What does it take? {PROGRAM}",
            Softmax,
        ),
        Mistake(
            "the model ends in a log-softmax",
            "It does no harm in front of `cross_entropy`, which does the same again; but a temperature or a sum of "
            f"votes needs the logits, and they were asked for. {PROGRAM}",
            LogSoftmax,
        ),
        Mistake(
            "the number of the largest logit comes out",
            f"An answer has no gradient, so nothing could learn from it. What does the loss take? {PROGRAM}",
            Answers,
        ),
        Mistake(
            "the head has one unit",
            f"One number can say yes or no. How many numbers does a choice among `classes` need? {PROGRAM}",
            OneUnit,
        ),
        Mistake(
            "the text stands first",
            f"In h = [f; g] the picture comes first, and the head's weights were learnt that way round. {PROGRAM}",
            TextFirst,
        ),
        Mistake(
            "the text stands there twice",
            f"One name for two things: the second took the first one's place. Where has the picture gone? {PROGRAM}",
            TextTwice,
        ),
        Mistake(
            "the picture stands there twice",
            f"One name for two things. Where has the text gone? {PROGRAM}",
            PictureTwice,
        ),
        Mistake(
            "samples are stacked instead of features",
            "Joined along the batch, row 1 holds two pictures; that the shape is right is luck. Along which axis "
            f"does a sample get longer? {PROGRAM}",
            Samples,
        ),
        Mistake(
            "the features of both stand in turns",
            f"Picture, text, picture, text: [f; g] has all of f first. {PROGRAM}",
            Interleaved,
        ),
        Mistake(
            "the pads are in the mean of the words",
            f"What stands in a pad changes your logits. Which field of an Encoded has the mean ready? {PROGRAM}",
            PadsIn,
        ),
        Mistake(
            "the pads are counted in the mean of the words",
            "They add nothing, and they are in the number that you divide by. Which field of an Encoded has the mean "
            f"ready? {PROGRAM}",
            Padded,
        ),
        Mistake(
            "the largest value of each feature is joined",
            f"Maxima over parts are a choice; these encoders have a vector of the whole ready. {PROGRAM}",
            Largest,
        ),
        Mistake(
            "the first region and the first word speak for all",
            f"Which field of an Encoded is the whole? {PROGRAM}",
            First,
        ),
        Mistake(
            "regions and words are averaged together",
            "Then the one with more parts drowns the other, and nothing stands side by side. What is [f; g]? "
            + PROGRAM,
            Together,
        ),
        Mistake(
            "the logits pass a ReLU",
            f"Then no class can be spoken against. What is the range of a logit? {PROGRAM}",
            Rectified,
        ),
    ),
    hints=(
        "Follow the picture from `forward` to the head. In which line is it last seen?",
        "`fuse` is given two Encoded, each with a vector (B, d), tokens and a mask. What does it do with them, "
        "and what comes after the head?",
        "Take out the lines of `fuse` that write over its arguments. Join the two vectors, not the parts, along the "
        "last axis. What the head gives is the result, with nothing behind it.",
    ),
)
