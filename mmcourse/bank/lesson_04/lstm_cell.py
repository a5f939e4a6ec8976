"""04.3: one step of an LSTM."""

from collections.abc import Callable

from torch import Tensor
from torch.nn.functional import linear

from mmcourse.checking.exercise import Case, Draw, Exercise, Mistake
from mmcourse.text.cells import lstm_cell

WHERE = "(lesson 04, 'Gates')"


def _cases(draw: Draw) -> list[Case]:
    def case(name: str, points: int, batch: int, d_in: int, d: int, start: float = 1.0) -> Case:
        x, h, c = draw.normal(batch, d_in, strided=batch > 1), draw.normal(batch, d), draw.normal(batch, d, scale=1.5)
        shapes = ((4 * d, d_in), (4 * d, d), (4 * d,), (4 * d,))
        weights = (draw.normal(*shape, scale=0.5, shift=0.1) for shape in shapes)
        args = {"x": x, "state": (h * start, c * start)}
        return Case(name, args | dict(zip(("w_ih", "w_hh", "b_ih", "b_hh"), weights, strict=True)), points)

    return [
        case("the first word, from a state of zeros", 1, 3, 4, 2, start=0.0),
        case("a later word", 2, 3, 4, 2),
        case("a batch of one", 1, 1, 2, 5),
    ]


def _gates(
    order: str = "ifgo", bent: Callable = Tensor.tanh, shown: Callable = Tensor.tanh, biases: int = 2
) -> Callable:
    """An LSTM whose blocks stand in another order, or with another function for new content or for what is shown."""

    def answer(x, state, w_ih, w_hh, b_ih, b_hh):
        h, c = state
        both = linear(x, w_ih, b_ih) + linear(h, w_hh, b_hh if biases == 2 else None)
        gates = dict(zip(order, both.chunk(4, -1), strict=True))
        c = gates["f"].sigmoid() * c + gates["i"].sigmoid() * bent(gates["g"])
        return gates["o"].sigmoid() * shown(c), c

    return answer


def _then(change: Callable) -> Callable:
    """An LSTM that ends wrongly: `change(i, f, g, o, h, c)` of gates that are right."""

    def answer(x, state, w_ih, w_hh, b_ih, b_hh):
        h, c = state
        i, f, g, o = (linear(x, w_ih, b_ih) + linear(h, w_hh, b_hh)).chunk(4, -1)
        return change(i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid(), h, c)

    return answer


def _bent_memory(i, f, g, o, h, c):
    c = (f * c + i * g).tanh()
    return o * c, c


def _old_memory(i, f, g, o, h, c):
    return o * c.tanh(), f * c + i * g


def _turned(i, f, g, o, h, c):
    c = f * c + i * g
    return c, o * c.tanh()


def _coupled(i, f, g, o, h, c):
    c = (1 - i) * c + i * g
    return o * c.tanh(), c


def _hidden_kept(i, f, g, o, h, c):
    c = f * h + i * g
    return o * c.tanh(), c


def _nothing_forgotten(i, f, g, o, h, c):
    c = c + i * g
    return o * c.tanh(), c


def _interleaved(x, state, w_ih, w_hh, b_ih, b_hh):
    h, c = state
    both = linear(x, w_ih, b_ih) + linear(h, w_hh, b_hh)
    i, f, g, o = both.unflatten(-1, (-1, 4)).unbind(-1)  # (B, d, 4) where it is (B, 4, d)
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    return o.sigmoid() * c.tanh(), c


def _asks_the_memory(x, state, w_ih, w_hh, b_ih, b_hh):
    _, c = state
    i, f, g, o = (linear(x, w_ih, b_ih) + linear(c, w_hh, b_hh)).chunk(4, -1)
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    return o.sigmoid() * c.tanh(), c


def _unpacked_turned(x, state, w_ih, w_hh, b_ih, b_hh):
    return lstm_cell(x, state[::-1], w_ih, w_hh, b_ih, b_hh)


def _forgetting(i, f, g, o, h, c):
    c = (1 - f) * c + i * g
    return o * c.tanh(), c


ORDER = (
    "The order of the blocks is part of the file format: trained weights mean nothing in another one. Which order does "
    f"the statement give? {WHERE}"
)

lstm = Exercise(
    id="04.3",
    title="one step of an LSTM",
    kind="function",
    answer="lstm_cell",
    reference=lstm_cell,
    cases=_cases,
    mistakes=(
        Mistake("the blocks are read as i, f, o, g", ORDER, _gates("ifog")),
        Mistake("the blocks are read as i, g, f, o", ORDER, _gates("igfo")),
        Mistake("the blocks are read as f, i, g, o", ORDER, _gates("figo")),
        Mistake("the blocks are read as f, i, o, g", ORDER, _gates("fiog")),
        Mistake(
            "every fourth number is given to a gate",
            "The blocks stand one after the other: the first d numbers are all i's. Which of the two axes of (4, d) "
            f"comes first? {WHERE}",
            _interleaved,
        ),
        Mistake(
            "the gates look at c in place of h",
            f"c is what the LSTM keeps to itself. Which of the two does U meet? {WHERE}",
            _asks_the_memory,
        ),
        Mistake(
            "what is to be written goes through a sigmoid",
            f"Then nothing negative can ever be written into c. Which of the four blocks is not a gate? {WHERE}",
            _gates(bent=Tensor.sigmoid),
        ),
        Mistake(
            "what is to be written is not bent",
            f"g may be any number, and c would take it in as it is. Which function stands around g? {WHERE}",
            _gates(bent=lambda g: g),
        ),
        Mistake(
            "the state is unpacked as (c, h)",
            "The two have one shape, so nothing complains: your gates look at the memory, and what was shown is kept. "
            f"In which order does `state` hold the pair? {WHERE}",
            _unpacked_turned,
        ),
        Mistake(
            "c is shown without tanh",
            f"c may be large; h is what others see of it. What brings it between -1 and 1 before the gate? {WHERE}",
            _gates(shown=lambda c: c),
        ),
        Mistake(
            "c is shown through a sigmoid",
            f"Your h can't be negative. Which function does the formula have behind the gate o? {WHERE}",
            _gates(shown=Tensor.sigmoid),
        ),
        Mistake(
            "c itself goes through tanh at every step",
            "Then what was remembered shrinks a little each time it is read, and so does its gradient. Where does the "
            f"formula bend c, and where does it leave it alone? {WHERE}",
            _then(_bent_memory),
        ),
        Mistake(
            "h is made from the c before this word",
            f"What this word wrote is not shown until the next. Which c does the last formula mean? {WHERE}",
            _then(_old_memory),
        ),
        Mistake(
            "h and c are returned the other way round",
            f"The two have one shape, so nothing complains. Which one comes first in the state? {WHERE}",
            _then(_turned),
        ),
        Mistake(
            "what is written decides what is forgotten",
            "You keep 1 - i of the old, as some LSTMs and the GRU do. Here f is a gate of its own: which of your four "
            f"blocks is never used? {WHERE}",
            _then(_coupled),
        ),
        Mistake(
            "the forget gate keeps h in place of c",
            f"The state has two halves: h is what is shown, c what is kept. Which one does f multiply? {WHERE}",
            _then(_hidden_kept),
        ),
        Mistake(
            "nothing is ever forgotten",
            f"As in the first LSTM, of 1997. Where does f come in? {WHERE}",
            _then(_nothing_forgotten),
        ),
        Mistake(
            "an open forget gate forgets",
            f"Its name says the opposite of what it does: at f = 1, how much of c is kept? {WHERE}",
            _then(_forgetting),
        ),
        Mistake(
            "one of the two biases is left out",
            f"`b_hh` stands beside `w_hh`, and torch's weights use both biases. Did you add both? {WHERE}",
            _gates(biases=1),
        ),
    ),
    hints=(
        "Which of the four blocks is content, and which three say how much of something passes?",
        "W x + b + U h + b' is (B, 4 d): four blocks of d, in the order i, f, g, o. Along which axis are they cut?",
        "Cut it into four. Sigmoid for i, f and o, tanh for g. The new c is f times the old c plus i times g; the new "
        "h is o times tanh of the new c. Give back h, then c.",
    ),
)
