"""09.6: find the faults in a recurrent text encoder."""

import torch
from torch import Tensor, nn

from mmcourse.bank.about import about
from mmcourse.checking.draw import Draw
from mmcourse.checking.exercise import Module, ModuleCase
from mmcourse.preprocess import pad, words
from mmcourse.text.rnn import read_packed

D = 3
INDEX = {"<pad>": 0, "<unk>": 1}
INDEX |= {word: i for i, word in enumerate(("ball", "big", "cat", "dog", "not", "red", "sees", ",", "on"), start=2)}
STOP = ("a", "is", "on", "the")


class Sentences(nn.Module):
    """Texts, a list of B strings -> (B, d): each text's vector, in which the order of its words counts.

    index  word -> number; 0 is padding, 1 stands for every word that training did not know
    stop   words that are left out
    """

    def __init__(self, index: dict[str, int], stop: tuple[str, ...], d: int):
        super().__init__()
        self.index, self.stop = index, stop
        self.vectors = nn.Embedding(len(index), d, padding_idx=0)
        self.rnn = nn.GRU(d, d, batch_first=True)

    def forward(self, texts: list[str]) -> Tensor:
        rows = [[self.index.get(word, 1) for word in words(text) if word not in self.stop] for text in texts]
        home = self.vectors.weight.device
        ids, mask = (x.to(home) for x in pad(rows, max([1, *map(len, rows)])))  # (B, T), (B, T)
        return read_packed(self.rnn, self.vectors(ids), mask)[1]  # (B, T, d) -> (B, d)


def cases(draw: Draw) -> list[ModuleCase]:
    with torch.device("meta"):  # draws nothing, so that the dice fall alike for all
        module = Sentences(INDEX, STOP, D)
    state = draw.module(module)
    state["vectors.weight"][0] = 0  # the vector of padding
    init = {"index": INDEX, "stop": STOP, "d": D}
    known = ["ball", "big", "cat", "dog", "red"]

    def case(name: str, points: int, *texts: str) -> ModuleCase:
        """b, c, d, e, f stand for five known words in random order."""
        names = dict(zip("bcdef", [known[i] for i in draw.permutation(5)], strict=True))
        filled = [" ".join(names.get(word, word) for word in text.split(" ")) for text in texts]
        return ModuleCase(name, {"texts": filled}, points, init=init, state=state)

    return [
        case("words that training knew", 1, "b sees c"),
        case("words that training did not know", 1, "b sees zebras", "he sees b"),
        case("stop words", 1, "the b sees the c", "a d is on the e"),
        case("sentences of different lengths", 1, "b c d sees b", "f", "c not d", "big red"),
        case("capitals and commas", 1, "Cat, Dog sees b", "THE c, the d"),
        case("nothing but stop words", 0, "the a", "b sees c"),
    ]


exercise = Module(
    about=about(__name__, answer="Sentences", find=True),
    reference=Sentences,
    cases=cases,
)
