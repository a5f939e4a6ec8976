"""04.8, find the fault: an LSTM encoder of instructions that works in training, and on nobody's single sentence."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.rnn import pack_padded_sequence

from mmcourse.bank.about import about
from mmcourse.checking.draw import Draw
from mmcourse.checking.exercise import Module, ModuleCase

WORDS, D, OUT = 9, 4, 3


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


def cases(draw: Draw) -> list[ModuleCase]:
    with torch.device("meta"):  # draws nothing: answers that roll dice are compared, so the dice must fall alike
        module = Instructions(WORDS, D, OUT)
    state = draw.module(module)

    def case(name: str, points: int, *lengths: int, size: int | None = None, drop: float = 0.5) -> ModuleCase:
        mask = draw.mask(*lengths, size=size)
        ids = draw.integers(1, WORDS, *mask.shape).masked_fill(~mask, 0)
        return ModuleCase(
            name,
            {"ids": ids, "mask": mask},
            points,
            init={"vocabulary": WORDS, "d": D, "out": OUT, "drop": drop},
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


exercise = Module(
    about=about(__name__, answer="Instructions", find=True),
    reference=Instructions,
    cases=cases,
)
