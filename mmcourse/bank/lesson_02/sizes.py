"""02.1: how much is left of a picture, and how much of it one number sees."""

from mmcourse.checking.exercise import Case, Exercise, Mistake

WHERE = "(lesson 02, 'How much is left, and how far it sees')"

SIZES = {
    "same": 30,
    "stride": 13,
    "dilated": 22,
    "pooled map": 7,
    "two threes": 5,
    "far": 15,
    "behind a pool": 8,
    "regions": 63,
}

sizes = Exercise(
    id="02.1",
    title="How much is left, how far it sees",
    kind="value",
    answer="sizes",
    reference=SIZES,
    cases=lambda draw: [Case(name) for name in SIZES],
    mistakes=(
        Mistake(
            "the padding is left out",
            f"Your `same` is smaller than its picture. How many pixels are there, with one more at either end? {WHERE}",
            {"same": 28},
        ),
        Mistake(
            "the padding is counted at one end only",
            f"Padding 1 puts a pixel at the beginning and one at the end. How long is the padded row? {WHERE}",
            {"same": 29},
        ),
        Mistake(
            "a kernel is taken to take nothing away",
            f"32 is how long the padded row is. At how many places does a kernel of 3 fit into it? {WHERE}",
            {"same": 32},
        ),
        Mistake(
            "the first place is not counted",
            "You counted how often the kernel can move on. It also stands where it starts. How many places are that? "
            f"{WHERE}",
            {"stride": 12},
        ),
        Mistake(
            "a last half step is counted as a place",
            "At the last place of your `stride`, how many of the kernel's five pixels are still on the picture? "
            f"{WHERE}",
            {"stride": 14},
        ),
        Mistake(
            "the dilation is left out",
            "A kernel of 3 with dilation 4 has gaps: taps at 0, 4 and 8. How far apart are first and last tap? "
            f"{WHERE}",
            {"dilated": 28},
        ),
        Mistake(
            "the span is taken to be kernel times dilation",
            f"Three taps have two gaps between them, not three. Taps at 0, 4, 8: how many pixels is that? {WHERE}",
            {"dilated": 19},
        ),
        Mistake(
            "half of 15 is rounded up",
            f"The last pixel of 15 has no partner. Is half a window a window? {WHERE}",
            {"pooled map": 8},
        ),
        Mistake(
            "the sizes of two kernels are added",
            "The two views overlap: neighbours of the second kernel see fields that share pixels. By how many pixels "
            f"does the second layer widen the view on either side? {WHERE}",
            {"two threes": 6},
        ),
        Mistake(
            "the sizes of two kernels are multiplied",
            "That would be so if three fields stood side by side without overlap. By how many pixels are neighbours' "
            f"fields moved against each other at stride 1? {WHERE}",
            {"two threes": 9},
        ),
        Mistake(
            "the dilation does not widen the field",
            f"Each layer adds dilation times (kernel - 1). What did you add for the second and third? {WHERE}",
            {"far": 7},
        ),
        Mistake(
            "the spans of three kernels are added",
            "3 + 5 + 9: their views overlap. By how many pixels does each layer widen what the one below it saw? "
            f"{WHERE}",
            {"far": 17},
        ),
        Mistake(
            "the pool is taken to see nothing",
            f"A pool of 2 looks at two numbers too. By how many pixels does it widen the view? {WHERE}",
            {"behind a pool": 7},
        ),
        Mistake(
            "a layer's own stride widens its view",
            "You counted the pool's stride for the pool itself. Whose view does a stride widen: its own, or that of "
            f"those above? {WHERE}",
            {"behind a pool": 9},
        ),
        Mistake(
            "what lies above a stride still moves by single pixels",
            "Behind a pool of stride 2 neighbours stand two pixels apart. How many pixels does a kernel of 3 reach "
            f"there? {WHERE}",
            {"behind a pool": 6},
        ),
        Mistake(
            "the picture is halved once",
            f"Three pools, one behind the other, halve three times. What are 72 and 56 after that? {WHERE}",
            {"regions": 36 * 28},
        ),
        Mistake(
            "rows and columns are added",
            f"9 rows and 7 columns: how many places are there where each row crosses each column? {WHERE}",
            {"regions": 16},
        ),
        Mistake(
            "the area is divided by the stride once",
            f"The stride holds along both axes. How many rows, how many columns, and how many places is that? {WHERE}",
            {"regions": 72 * 56 // 8},
        ),
    ),
    hints=(
        "Put the kernel at its first place. How many pixels does it span, and how far can it still move?",
        "Places: (size + 2 padding - span) // stride + 1, with span = dilation (kernel - 1) + 1. Fields: begin with 1 "
        "pixel; each layer adds dilation (kernel - 1) times the product of all strides below it.",
        "`behind a pool`: 1, then 2 more by the first convolution, then 1 more by the pool, and from there on "
        "each step "
        "is 2 pixels wide. `regions`: halve 72 three times and 56 three times, and multiply.",
    ),
)
