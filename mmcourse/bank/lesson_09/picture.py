"""09.5: The article's program, the picture's side."""

from mmcourse.checking.exercise import Exercise, Mistake

from .picture_program import (
    FAULTS,
    BySelf,
    Centred,
    Channels,
    Corner,
    Exchanged,
    Flat,
    Max,
    NoMomentum,
    NotGivenBack,
    OneUnit,
    Pictures,
    Total,
    UnitOnly,
    Variance,
    cases,
    with_faults,
)
from .where import PROGRAM, left_in

picture = Exercise(
    id="09.5",
    title="The article's program: the picture's side",
    kind="module",
    answer="Pictures",
    reference=Pictures,
    given=with_faults(frozenset(FAULTS)),
    cases=cases,
    mistakes=(
        *left_in(with_faults, FAULTS),
        Mistake(
            "the map is laid out as one long row",
            "Then the vector's length depends on the picture's size, and a thing that moves by a pixel falls on other "
            f"weights. How does one number for each channel come about? {PROGRAM}",
            Flat,
        ),
        Mistake(
            "the largest number of each channel is taken",
            f"Maxima are a choice too; the text asks for the mean over all places. {PROGRAM}",
            Max,
        ),
        Mistake(
            "the places are added up",
            f"Then a larger picture has larger features. Which average was asked for? {PROGRAM}",
            Total,
        ),
        Mistake(
            "the mean runs over the channels",
            "One number for each place is left, and what the network saw there is gone. Over which axes of "
            f"(B, C, H', W') should the mean run? {PROGRAM}",
            Channels,
        ),
        Mistake(
            "one corner speaks for the picture",
            f"What of all that is elsewhere? Over which axes of (B, C, H', W') should the mean run? {PROGRAM}",
            Corner,
        ),
        Mistake(
            "each picture is measured by its own pixels",
            "A dark picture and a bright one then look alike, and the network was trained on one scale for all. Whose "
            f"mean and spread are `mean` and `std`? {PROGRAM}",
            BySelf,
        ),
        Mistake(
            "pixels from 0 to 1 meet a mean in units of 0 to 255",
            f"After your division white is 1, and 124 is taken off it. In which unit is the mean? {PROGRAM}",
            OneUnit,
        ),
        Mistake(
            "the pixels are divided by 255, and that is all",
            f"From 0 to 1 is closer than from 0 to 255. What was the mean of the pixels in training? {PROGRAM}",
            UnitOnly,
        ),
        Mistake(
            "the pixels are centred and not scaled",
            f"Their mean is near 0 now, and their spread some 58 times too wide. What is `std` for? {PROGRAM}",
            Centred,
        ),
        Mistake(
            "it is divided by the variance",
            f"`std` is in the unit of a pixel already. What does squaring it do to the unit? {PROGRAM}",
            Variance,
        ),
        Mistake(
            "red and blue are exchanged",
            f"That is needed for pictures that cv2 has read; these come as red, green, blue. {PROGRAM}",
            Exchanged,
        ),
        Mistake(
            "the statistics are kept from moving, and the batch's own are still used in training",
            "With momentum 0 nothing moves, and in training each picture is still measured by its neighbours: features "
            f"that it will never have again. Which mode gives the frozen network's features? {PROGRAM}",
            NoMomentum,
        ),
        Mistake(
            "train() does not give the model back",
            "`model.train()` and `model.eval()` return the model, and `eval()` is `train(False)`; yours returns None. "
            f"What do those get who write `model.eval()(images)`? {PROGRAM}",
            NotGivenBack,
        ),
    ),
    hints=(
        "Which of the complaints can you make happen with two pictures, which with one picture of another size, and "
        "which only after a step of training?",
        "In `forward`, follow `images`: where does it go? On which scale, and with which axes, does the result come? "
        "In the constructor: what keeps a network's weights as they are, and what its statistics?",
        "Give the network the pictures, less the mean and divided by the spread, one number for each channel. Average "
        "over the last two axes. Turn gradients off for the network, put it into eval mode, and override `train` so "
        "that it stays there (exercise 03.5).",
    ),
)
