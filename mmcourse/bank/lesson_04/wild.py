"""04.8, spot it in the wild: a reader of instructions that works in training, and on nobody's single sentence."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.rnn import pack_padded_sequence

from mmcourse.checking.exercise import Case, Draw, Exercise, Mistake

ENDS, WORTH = "(lesson 04, 'Where does the reading end?')", "(lesson 04, 'What order is worth')"
INIT = {"vocabulary": 9, "d": 4, "out": 3}


class Instructions(nn.Module):
    """Word numbers (B, T), mask (B, T) bool, at least one word in each row -> (B, out), each feature in -1..1."""

    def __init__(self, vocabulary: int, d: int, out: int, drop: float = 0.5):
        super().__init__()
        self.vectors = nn.Embedding(vocabulary, d, padding_idx=0)
        self.rnn = nn.LSTM(d, d, batch_first=True)
        self.start = nn.Linear(d, out)
        self.drop = drop

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        words = F.dropout(self.vectors(ids), self.drop, training=self.training)  # (B, T, d)
        packed = pack_padded_sequence(words, mask.sum(1).cpu(), batch_first=True, enforce_sorted=False)
        _, (h, _) = self.rnn(packed)  # (1, B, d)
        return self.start(h[-1]).tanh()  # (B, d) -> (B, out)


def _cases(draw: Draw) -> list[Case]:
    with torch.device("meta"):  # draws nothing: answers that roll dice are compared, so the dice must fall alike
        module = Instructions(**INIT)
    state = draw.module(module)

    def case(name: str, points: int, *lengths: int, size: int | None = None, drop: float = 0.5) -> Case:
        mask = draw.mask(*lengths, size=size)
        ids = draw.integers(1, INIT["vocabulary"], *mask.shape).masked_fill(~mask, 0)
        return Case(
            name,
            {"ids": ids, "mask": mask},
            points,
            init=INIT | {"drop": drop},
            state=state,
            training=drop == 1,  # with everything dropped, training gives the same each time
            twin={"ids": ids.masked_fill(~mask, 4), "mask": mask},
            twin_says="only what stands in the pads changes",
        )

    return [
        case("a batch of instructions", 2, 2, 6, 3, size=7),
        case("one instruction alone", 1, 5),
        case("one instruction of one word", 1, 1),
        case("in training with a dropout of 1, and afterwards", 1, 4, 2, drop=1.0),
    ]


class _Given(Instructions):
    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        packed = pack_padded_sequence(self.dropped(ids), mask.sum(1).cpu(), batch_first=True, enforce_sorted=False)
        _, (h, _) = self.rnn(packed)
        return self.start(self.last(h)).tanh()

    def dropped(self, ids: Tensor) -> Tensor:
        return F.dropout(self.vectors(ids), self.drop)

    def last(self, h: Tensor) -> Tensor:
        return h.squeeze()


class _OnlySqueezeMended(_Given):
    def last(self, h):
        return h[-1]


class _OnlyDropoutMended(_Given):
    def dropped(self, ids):
        return F.dropout(self.vectors(ids), self.drop, training=self.training)


class _AlwaysHalf(_OnlySqueezeMended):
    """`nn.Dropout()` without the share, which is then one half."""

    def dropped(self, ids):
        return F.dropout(self.vectors(ids), 0.5, training=self.training)


class _WrongAxis(_OnlyDropoutMended):
    def last(self, h):
        return h.squeeze(1)


class _BatchFirst(_OnlyDropoutMended):
    def last(self, h):
        return h[:, -1]


class _AsFlat(_OnlyDropoutMended):
    def last(self, h):
        return h.reshape(1, -1)[:, : h.shape[-1]]


class _Scaled(_OnlySqueezeMended):
    def dropped(self, ids):
        return self.vectors(ids) * (1 - self.drop)


class _NewMoment(_OnlySqueezeMended):
    """A dropout layer made in forward is a new one, in training mode."""

    def dropped(self, ids):
        return nn.Dropout(self.drop)(self.vectors(ids) + 0 * torch.rand(1, dtype=torch.float64))


class _NoDropout(_OnlySqueezeMended):
    def dropped(self, ids):
        return self.vectors(ids)


class _NeverInTraining(_OnlySqueezeMended):
    def dropped(self, ids):
        return F.dropout(self.vectors(ids), self.drop, training=not self.training)


class _Unpacked(_OnlyDropoutMended):
    def forward(self, ids, mask):
        _, (h, _) = self.rnn(self.dropped(ids))
        return self.start(h[-1]).tanh()


class _DropsTheState(_OnlyDropoutMended):
    """Dropout on the state that comes out, where it was on the words that go in."""

    def forward(self, ids, mask):
        packed = pack_padded_sequence(self.vectors(ids), mask.sum(1).cpu(), batch_first=True, enforce_sorted=False)
        _, (h, _) = self.rnn(packed)
        return self.start(F.dropout(h[-1], self.drop, self.training)).tanh()


class _Kept(_OnlyDropoutMended):
    def last(self, h):
        return h


wild = Exercise(
    id="04.8",
    title="spot it in the wild: the reader of instructions",
    kind="module",
    answer="Instructions",
    reference=Instructions,
    given=_Given,
    cases=_cases,
    mistakes=(
        Mistake(
            "one of the two faults is mended, the vector of a single instruction, and the other is not",
            "Ask your reader twice about the same instruction, in eval mode: two answers. What is still random, and "
            f"who could tell it that the training is over? {WORTH}",
            _OnlySqueezeMended,
        ),
        Mistake(
            "one of the two faults is mended, the chance in the answers, and the other is not",
            "Show your reader a single instruction and look at the shape of what comes out. Which axes does a squeeze "
            f"without a number remove? {ENDS}",
            _OnlyDropoutMended,
        ),
        Mistake(
            "axis 1 is squeezed",
            f"That is the batch; it goes where it has size 1, and else it stays. What is axis 0 of h? {ENDS}",
            _WrongAxis,
        ),
        Mistake(
            "h is read as if the batch came first",
            "`batch_first` says how words go in and come out; h has the batch on axis 1 all the same. What are its "
            f"three axes? {ENDS}",
            _BatchFirst,
        ),
        Mistake(
            "only the first instruction of the batch comes out",
            f"Right for one, and one for all. How many rows does a batch of B have? {ENDS}",
            _AsFlat,
        ),
        Mistake(
            "the word vectors are made smaller in place of dropout",
            "`F.dropout` enlarges what it keeps while training, so that nothing is left to scale afterwards. What does "
            f"it do to a vector in eval mode? {WORTH}",
            _Scaled,
        ),
        Mistake(
            "the dropout is taken out",
            "Your answers no longer vary, and your training has lost what kept it from learning by heart. When is the "
            f"dropout wanted, and when is it not? {WORTH}",
            _NoDropout,
        ),
        Mistake(
            "the dropout works when the training is over, and only then",
            f"`self.training` is True while the model trains. When should something be dropped? {WORTH}",
            _NeverInTraining,
        ),
        Mistake(
            "half of the features are dropped, whatever `drop` says",
            "Both faults are mended, and the share of the dropout is no longer the caller's choice: `nn.Dropout()` and "
            f"`F.dropout` take one half unless told otherwise. Who knows `drop`? {WORTH}",
            _AlwaysHalf,
        ),
        Mistake(
            "a new dropout layer is made in every call",
            "A module that is made in `forward` is nobody's part: it is born in training mode and `eval()` never "
            f"reaches it. Where do a module's parts have to be made? {WORTH}",
            _NewMoment,
        ),
        Mistake(
            "nothing is packed any more",
            "Both faults are mended, and a new one has come: the reader now goes on over the pads. What did the "
            f"packing do? {ENDS}",
            _Unpacked,
        ),
        Mistake(
            "the dropout has moved from the words to the state",
            "Both faults are mended, and the training is another one: what was dropped here were features of words. "
            f"Which line had the dropout? {WORTH}",
            _DropsTheState,
        ),
        Mistake(
            "the axis of the layers is left in place",
            f"(1, B, out) comes out where (B, out) is wanted. What is axis 0 of h, and what takes it off? {ENDS}",
            _Kept,
        ),
    ),
    hints=(
        "Two people complain. One asks the same thing twice and gets two answers; the other asks about one instruction "
        "alone. Can you make each of their complaints happen?",
        "Look at what `F.dropout` needs to be told that nn.Dropout knows by itself, and at which axes of h (1, B, d) "
        "have size 1 when B is 3, and when B is 1.",
        "Tell the dropout whether the module is in training. And take off the first axis of h by its number or by its "
        "index, whatever the sizes of the others are.",
    ),
)
