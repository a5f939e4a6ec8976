"""04.2: one step of a plain recurrent network."""

from torch.nn.functional import linear

from mmcourse.checking.exercise import Case, Draw, Exercise, Mistake
from mmcourse.text.cells import rnn_cell

WHERE = "(lesson 04, 'A state that is carried along')"
NAMES = ("x", "h", "w_ih", "w_hh", "b_ih", "b_hh")


def _cases(draw: Draw) -> list[Case]:
    def case(name: str, points: int, batch: int, d_in: int, d: int, start: float = 1.0, **more) -> Case:
        shapes = ((batch, d_in), (batch, d), (d, d_in), (d, d), (d,), (d,))
        x, h, *weights = (draw.normal(*shape, scale=0.5, shift=0.1) for shape in shapes)
        if more.get("strided"):
            x = draw.normal(batch, d_in, strided=True)
        return Case(name, dict(zip(NAMES, (x, h * start, *weights), strict=True)), points)

    return [
        case("the first word, from a state of zeros", 1, 3, 4, 2, start=0.0),
        case("a later word", 1, 3, 4, 2, strided=True),
        case("a batch of one", 1, 1, 2, 5),
        case("as many features in as out", 1, 2, 3, 3),
    ]


def _of(combine):
    """A wrong cell, from what the word says and what the state says."""
    return lambda x, h, w_ih, w_hh, b_ih, b_hh: combine(linear(x, w_ih, b_ih), linear(h, w_hh, b_hh), h)


rnn = Exercise(
    id="04.2",
    title="one step of an RNN",
    kind="function",
    answer="rnn_cell",
    reference=rnn_cell,
    cases=_cases,
    mistakes=(
        Mistake(
            "nothing bends the sum",
            "Without tanh the state is a weighted sum of the words, however many you read, and it may grow without "
            f"end. What keeps every feature between -1 and 1? {WHERE}",
            _of(lambda word, state, h: word + state),
        ),
        Mistake(
            "word and state are bent one by one and then added",
            "Your state can reach 2 and -2, and neither of the two decides what the other is worth. How many tanh does "
            f"the formula have? {WHERE}",
            _of(lambda word, state, h: word.tanh() + state.tanh()),
        ),
        Mistake(
            "only the word is bent",
            f"What was remembered goes past the tanh and may grow step by step. Where does the bracket end? {WHERE}",
            _of(lambda word, state, h: word.tanh() + state),
        ),
        Mistake(
            "only the state is bent",
            f"The word goes past the tanh, so what comes out has no bounds. Where does the bracket begin? {WHERE}",
            _of(lambda word, state, h: word + state.tanh()),
        ),
        Mistake(
            "the state that came is not asked",
            "Yours says the same of a word wherever it stands: this network has no memory. Which of the two products "
            f"is missing? {WHERE}",
            _of(lambda word, state, h: word.tanh()),
        ),
        Mistake(
            "the bias of the state's half is left out",
            "There are two biases, one beside each matrix, and torch's weights use both. Which of your two products "
            f"goes without? {WHERE}",
            lambda x, h, w_ih, w_hh, b_ih, b_hh: (linear(x, w_ih, b_ih) + linear(h, w_hh)).tanh(),
        ),
        Mistake(
            "the bias of the word's half is left out",
            "There are two biases, one beside each matrix, and torch's weights use both. Which of your two products "
            f"goes without? {WHERE}",
            lambda x, h, w_ih, w_hh, b_ih, b_hh: (linear(x, w_ih) + linear(h, w_hh, b_hh)).tanh(),
        ),
        Mistake(
            "one bias is added twice",
            f"`b_ih` stands beside both of your matrices. Which bias belongs to `w_hh`? {WHERE}",
            lambda x, h, w_ih, w_hh, b_ih, b_hh: (linear(x, w_ih, b_ih) + linear(h, w_hh, b_ih)).tanh(),
        ),
        Mistake(
            "both biases are left out",
            f"A word of zeros read in a state of zeros leaves zeros with you. What does the formula leave? {WHERE}",
            lambda x, h, w_ih, w_hh, b_ih, b_hh: (linear(x, w_ih) + linear(h, w_hh)).tanh(),
        ),
        Mistake(
            "a sigmoid stands in place of tanh",
            f"Your state can't be negative. Between which two numbers does tanh lie, and sigmoid? {WHERE}",
            _of(lambda word, state, h: (word + state).sigmoid()),
        ),
        Mistake(
            "a ReLU stands in place of tanh",
            f"Your state can't be negative, and nothing bounds it from above. Which function does the formula name? "
            f"{WHERE}",
            _of(lambda word, state, h: (word + state).relu()),
        ),
        Mistake(
            "the old state is added to the new one",
            "That is another network: here a feature is rewritten at every word, and what survives does so through "
            f"the matrix. Does h stand outside the bracket? {WHERE}",
            _of(lambda word, state, h: h + (word + state).tanh()),
        ),
        Mistake(
            "the state meets its matrix turned round",
            "h U and U h differ: `w_hh` has a row for each feature of the new state. Over which axis of it should h be "
            f"summed? {WHERE}",
            lambda x, h, w_ih, w_hh, b_ih, b_hh: (linear(x, w_ih, b_ih) + h @ w_hh + b_hh).tanh(),
        ),
    ),
    hints=(
        "What does the network know when it comes to a word, besides the word?",
        "x is (B, d_in) and w_ih (d, d_in), h is (B, d) and w_hh (d, d). Which axes must meet so that (B, d) is left?",
        "Multiply x by w_ih turned round and add b_ih; multiply h by w_hh turned round and add b_hh; add the two, and "
        "take tanh of the sum.",
    ),
)
