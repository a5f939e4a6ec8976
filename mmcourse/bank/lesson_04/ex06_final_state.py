"""04.6, find the fault: the final state of a network that reads both ways, taken at `out[:, -1]`."""

from torch import Tensor, nn

from mmcourse.bank.about import about
from mmcourse.checking.draw import Draw
from mmcourse.checking.exercise import Module, ModuleCase
from mmcourse.text.rnn import read_packed

WORDS, D = 9, 3


class Reader(nn.Module):
    """Word numbers (B, T), mask (B, T) bool -> sentence vectors (B, 2 d), of two layers that read both ways."""

    def __init__(self, vocabulary: int, d: int):
        super().__init__()
        self.vectors = nn.Embedding(vocabulary, d, padding_idx=0)
        self.rnn = nn.GRU(d, d, num_layers=2, batch_first=True, bidirectional=True)

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        return read_packed(self.rnn, self.vectors(ids), mask)[1]


def cases(draw: Draw) -> list[ModuleCase]:
    state = draw.module(Reader(WORDS, D))

    def case(name: str, points: int, *lengths: int, size: int | None = None) -> ModuleCase:
        mask = draw.mask(*lengths, size=size)
        ids = draw.integers(1, WORDS, *mask.shape).masked_fill(~mask, 0)
        return ModuleCase(
            name,
            {"ids": ids, "mask": mask},
            points,
            init={"vocabulary": WORDS, "d": D},
            state=state,
            twin={"ids": ids.masked_fill(~mask, 4), "mask": mask},
            twin_says="only what stands in the pads changes",
        )

    return [
        case("one sentence", 1, 5),
        case("a batch without padding", 1, 4, 4),
        case("padded", 2, 2, 6, 3, size=7),
        case("a sentence without words", 1, 0, 3, 1),
    ]


exercise = Module(
    about=about(__name__, answer="Reader", find=True),
    reference=Reader,
    cases=cases,
)
