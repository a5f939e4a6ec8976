"""04.6, find the fault: `out[:, -1]` of a network that reads both ways."""

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from mmcourse.checking.exercise import Case, Draw, Exercise, Mistake
from mmcourse.text import masked_mean
from mmcourse.text.rnn import last_state, read_packed

ENDS, BOTH = "(lesson 04, 'Where does the reading end?')", "(lesson 04, 'Both directions')"
INIT = {"vocabulary": 9, "d": 3}


class Reader(nn.Module):
    """Word numbers (B, T), mask (B, T) bool -> sentence vectors (B, 2 d), of two layers that read both ways."""

    def __init__(self, vocabulary: int, d: int):
        super().__init__()
        self.vectors = nn.Embedding(vocabulary, d, padding_idx=0)
        self.rnn = nn.GRU(d, d, num_layers=2, batch_first=True, bidirectional=True)

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        return read_packed(self.rnn, self.vectors(ids), mask)[1]


def _cases(draw: Draw) -> list[Case]:
    state = draw.module(Reader(**INIT))

    def case(name: str, points: int, *lengths: int, size: int | None = None) -> Case:
        mask = draw.mask(*lengths, size=size)
        ids = draw.integers(1, INIT["vocabulary"], *mask.shape).masked_fill(~mask, 0)
        twin = {"ids": ids.masked_fill(~mask, 4), "mask": mask}
        return Case(
            name,
            {"ids": ids, "mask": mask},
            points,
            init=INIT,
            state=state,
            twin=twin,
            twin_says="only what stands in the pads changes",
        )

    return [
        case("one sentence", 1, 5),
        case("a batch without padding", 1, 4, 4),
        case("padded", 2, 2, 6, 3, size=7),
        case("a sentence without words", 1, 0, 3, 1),
    ]


class _Variant(Reader):
    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        lengths = mask.sum(1).clamp(min=1).cpu()
        packed = pack_padded_sequence(self.vectors(ids), lengths, batch_first=True, enforce_sorted=False)
        out, h = self.rnn(packed)  # h: (layers * directions, B, d)
        out, _ = pad_packed_sequence(out, batch_first=True, total_length=ids.shape[1])  # (B, T, 2 d)
        return self.vector(out, h, mask).masked_fill(~mask.any(1, keepdim=True), 0)

    def vector(self, out: Tensor, h: Tensor, mask: Tensor) -> Tensor:
        return out[:, -1]


class _AtLastWord(_Variant):
    def vector(self, out, h, mask):
        return last_state(out, mask)


class _AtFirstWord(_Variant):
    def vector(self, out, h, mask):
        return out[:, 0]


class _FirstLayer(_Variant):
    def vector(self, out, h, mask):
        return torch.cat([h[0], h[1]], -1)


class _TwoLayersOfOne(_Variant):
    def vector(self, out, h, mask):
        return torch.cat([h[1], h[3]], -1)


class _TwoLayersForward(_Variant):
    def vector(self, out, h, mask):
        return torch.cat([h[0], h[2]], -1)


class _Swapped(_Variant):
    def vector(self, out, h, mask):
        return torch.cat([h[-1], h[-2]], -1)


class _Reshaped(_Variant):
    def vector(self, out, h, mask):
        return h[-2:].reshape(h.shape[1], -1)


class _RightHalfOnly(_Variant):
    def vector(self, out, h, mask):
        d = out.shape[-1] // 2
        return torch.cat([out[:, -1, :d], out[:, 0, d:]], -1)


class _NotPutBack(Reader):
    """Sorted by length for the packing; the order is never restored."""

    def forward(self, ids, mask):
        lengths, order = mask.sum(1).clamp(min=1).cpu().sort(descending=True, stable=True)
        _, h = self.rnn(pack_padded_sequence(self.vectors(ids)[order], lengths, batch_first=True))
        return torch.cat([h[-2], h[-1]], -1).masked_fill(~mask.any(1, keepdim=True), 0)


class _Mean(_Variant):
    def vector(self, out, h, mask):
        return masked_mean(out, mask)


class _OneHalf(_Variant):
    def vector(self, out, h, mask):
        return h[-1]


class _Everything(_Variant):
    def vector(self, out, h, mask):
        return h.transpose(0, 1).flatten(1)


class _Unpacked(Reader):
    def forward(self, ids, mask):
        _, h = self.rnn(self.vectors(ids))
        return torch.cat([h[-2], h[-1]], -1).masked_fill(~mask.any(1, keepdim=True), 0)


class _UnpackedOut(Reader):
    def forward(self, ids, mask):
        return self.rnn(self.vectors(ids))[0][:, -1].masked_fill(~mask.any(1, keepdim=True), 0)


class _Unguarded(Reader):
    def forward(self, ids, mask):
        return read_packed(self.rnn, self.vectors(ids), mask | (torch.arange(mask.shape[1], device=mask.device) == 0))[
            1
        ]


ends = Exercise(
    id="04.6",
    title="find the fault: the vector at the end",
    kind="module",
    answer="Reader",
    reference=Reader,
    given=_Variant,
    cases=_cases,
    mistakes=(
        Mistake(
            "the states at the last word are taken, of both directions",
            "The half that reads from the left is right now. The other half has only begun: at the last word, how many "
            f"words has the reader from the right read? {BOTH}",
            _AtLastWord,
        ),
        Mistake(
            "the states at the first word are taken, of both directions",
            "The half that reads from the right is right now. How many words has the other one read at the first "
            f"word? {BOTH}",
            _AtFirstWord,
        ),
        Mistake(
            "the first layer's last states are taken",
            "There are two layers, and `h` has all of their last states: (layers times directions, B, d), lowest layer "
            f"first. Which two belong to the top? {BOTH}",
            _FirstLayer,
        ),
        Mistake(
            "both layers' readers from the right are taken",
            "`h` counts layer by layer, and the directions within a layer. In which two places are the two directions "
            f"of the top layer? {BOTH}",
            _TwoLayersOfOne,
        ),
        Mistake(
            "both layers' readers from the left are taken",
            "`h` counts layer by layer, and the directions within a layer. In which two places are the two directions "
            f"of the top layer? {BOTH}",
            _TwoLayersForward,
        ),
        Mistake(
            "the halves stand the other way round",
            f"Within a layer the reader from the left comes first, in `h` as in `out`. Which place is which? {BOTH}",
            _Swapped,
        ),
        Mistake(
            "a tensor (2, B, d) is poured into (B, 2 d)",
            "A reshape keeps the order in memory: your first rows hold the same half of two sentences. Which axis must "
            f"move before two axes may be joined? {BOTH}",
            _Reshaped,
        ),
        Mistake(
            "the reader from the left is asked at the last position, pads or not",
            "The half that reads from the right is right now. In a short sentence, what stands in `out` at the last "
            f"position? {ENDS}",
            _RightHalfOnly,
        ),
        Mistake(
            "the batch was sorted, and the answers are not put back",
            "Each sentence has a vector, and it is another sentence's. Who undoes the order, or says that none is "
            f"needed? {ENDS}",
            _NotPutBack,
        ),
        Mistake(
            "the states are averaged",
            "A good vector, and another one: it would hide the fault. Which two states have read the whole sentence? "
            f"{BOTH}",
            _Mean,
        ),
        Mistake(
            "one direction is left out",
            f"d features come out where 2 d are wanted. Who else has read the sentence? {BOTH}",
            _OneHalf,
        ),
        Mistake(
            "all layers' last states are handed on",
            f"The layer below is what the top layer has already read. How many features are wanted? {BOTH}",
            _Everything,
        ),
        Mistake(
            "nothing is packed any more",
            "Now both readers read the pads, and the one from the right reads them first. What did the packing do? "
            f"{ENDS}",
            _Unpacked,
        ),
        Mistake(
            "nothing is packed any more, and the last position is still taken",
            f"Two faults where there was one. What did the packing do? {ENDS}",
            _UnpackedOut,
        ),
        Mistake(
            "a sentence without words is given the state after a pad",
            "Packing wants a length of at least 1, so the reader was shown one pad. What should the vector of nothing "
            f"be? {ENDS}",
            _Unguarded,
        ),
    ),
    hints=(
        "Ask of each half of `out[:, -1]`: how many words has its reader read when it gets there?",
        "The network returns two things. `out` is (B, T, 2 d), every state of the top layer; what is `h`, of shape "
        "(layers times directions, B, d), and what did the given code do with it?",
        "Keep the second thing that the network returns. Its last two entries are the top layer's: the reader from the "
        "left after the last word, the reader from the right after the first. Put them side by side.",
    ),
)
