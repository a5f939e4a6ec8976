"""09.6: The article's program, the sentence's side: the program, right and wrong."""

import torch
from torch import Tensor, nn

from mmcourse.checking.exercise import Case, Draw
from mmcourse.preprocess import pad, words
from mmcourse.text import masked_mean
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


def cases(draw: Draw) -> list[Case]:
    with torch.device("meta"):  # draws nothing, so that the dice fall alike for all
        module = Sentences(INDEX, STOP, D)
    state = draw.module(module)
    state["vectors.weight"][0] = 0  # the vector of padding
    init = {"index": INDEX, "stop": STOP, "d": D}
    known = ["ball", "big", "cat", "dog", "red"]

    def case(name: str, points: int, *texts: str) -> Case:
        """b, c, d, e, f stand for five known words in random order."""
        names = dict(zip("bcdef", [known[i] for i in draw.permutation(5)], strict=True))
        filled = [" ".join(names.get(word, word) for word in text.split(" ")) for text in texts]
        return Case(name, {"texts": filled}, points, init, state)

    return [
        case("words that training knew", 1, "b sees c"),
        case("words that training did not know", 1, "b sees zebras", "he sees b"),
        case("stop words", 1, "the b sees the c", "a d is on the e"),
        case("sentences of different lengths", 1, "b c d sees b", "f", "c not d", "big red"),
        case("capitals and commas", 1, "Cat, Dog sees b", "THE c, the d"),
        case("nothing but stop words", 0, "the a", "b sees c"),
    ]


class _Faulty(Sentences):
    """The program with the faults that are named, and the rest mended."""

    faults: frozenset[str] = frozenset()

    def forward(self, texts: list[str]) -> Tensor:
        rows = [[self.number(word) for word in self.cut(text) if self.kept(word)] for text in texts]
        return self.read(*pad(rows, max([1, *map(len, rows)])))

    def cut(self, text: str) -> list[str]:
        return list(text) if "characters" in self.faults else words(text)

    def kept(self, word: str) -> bool:
        return word not in self.stop or "zero" in self.faults

    def number(self, word: str) -> int:
        if word in self.stop:
            return 0
        return self.index[word] if "unknown" in self.faults else self.index.get(word, 1)

    def read(self, ids: Tensor, mask: Tensor) -> Tensor:
        tokens = self.vectors(ids)  # (B, T, d)
        if "order" in self.faults:
            return tokens.mean(1) if "pads" in self.faults else masked_mean(tokens, mask)
        if "pads" in self.faults:
            return self.rnn(tokens)[0][:, -1]
        return read_packed(self.rnn, tokens, mask)[1]


def with_faults(faults: frozenset[str]) -> type[Sentences]:
    return type("Sentences", (_Faulty,), {"faults": faults})


class Given(Sentences):
    """The article's loop, on word vectors of one's own."""

    def forward(self, texts):
        found = []
        for text in texts:
            found.append([self.vectors.weight[self.index[word]] if word not in self.stop else 0 for word in text])
        return found


FAULTS = {
    "characters": (
        "the loop runs over characters",
        "A Python string is a row of characters, so what your loop looks up are letters. What cuts a text into words?",
    ),
    "unknown": (
        "a word that training did not know stops the program",
        "The first user writes a word that is in no dictionary. Which number is kept for all of those?",
    ),
    "zero": (
        "a stop word is read as padding",
        "A stop word's place is kept, with nothing in it, and the network goes one step on. What does leaving a word "
        "out mean?",
    ),
    "pads": (
        "the pads are read like words",
        "What comes out for a short text depends on how long its neighbours are. What did the network read last?",
    ),
    "order": (
        "the order of the words makes no difference",
        "A mean of vectors says the same of 'dog sees cat' and 'cat sees dog'. Which layer of the constructor is not "
        "used yet?",
    ),
}


class Lists(_Faulty):
    """Words, unknown words and stop words are right; what comes out are lists of vectors."""

    def forward(self, texts):
        return [
            [self.vectors.weight[self.number(word)] for word in self.cut(text) if self.kept(word)] for text in texts
        ]


class ListsWithZeros(_Faulty):
    def forward(self, texts):
        return [
            [0 if word in self.stop else self.vectors.weight[self.number(word)] for word in self.cut(text)]
            for text in texts
        ]


class ListsOfWords(_Faulty):
    """Only the cutting is mended; index.get is not yet there."""

    faults = frozenset({"unknown"})

    def forward(self, texts):
        return [
            [0 if word in self.stop else self.vectors.weight[self.number(word)] for word in self.cut(text)]
            for text in texts
        ]


class OneByOne(Sentences):
    """A list of vectors, one for each text."""

    def forward(self, texts):
        return list(super().forward(texts))


class AllStates(_Faulty):
    def read(self, ids, mask):
        return read_packed(self.rnn, self.vectors(ids), mask)[0]


class MeanState(_Faulty):
    def read(self, ids, mask):
        return masked_mean(read_packed(self.rnn, self.vectors(ids), mask)[0], mask)


class LastWord(_Faulty):
    """The vector of the last word, as if the network had never read."""

    def read(self, ids, mask):
        last = (mask.sum(1) - 1).clamp(min=0)
        return self.vectors(ids)[torch.arange(len(ids)), last]


class KeepsStop(_Faulty):
    def forward(self, texts):
        rows = [[self.index.get(word, 1) for word in words(text)] for text in texts]
        return self.read(*pad(rows, max([1, *map(len, rows)])))


class DropsUnknown(_Faulty):
    def kept(self, word):
        return word not in self.stop and word in self.index


class UnknownIsPad(_Faulty):
    def number(self, word):
        return self.index.get(word, 0)


class CaseCounts(_Faulty):
    def cut(self, text):
        return [token for part in text.split() for token in _with_case(part)]


def _with_case(part: str) -> list[str]:
    return [part[:-1], ","] if part.endswith(",") else [part]


class Blanks(_Faulty):
    def cut(self, text):
        return text.lower().split()


class BlanksAndCase(_Faulty):
    def cut(self, text):
        return text.split()


class Empty(_Faulty):
    """A text without words stops the program."""

    def read(self, ids, mask):
        packed = nn.utils.rnn.pack_padded_sequence(
            self.vectors(ids), mask.sum(1).cpu(), batch_first=True, enforce_sorted=False
        )
        return self.rnn(packed)[1][-1]


class Cut(_Faulty):
    """All texts are cut to the shortest, so that nothing needs padding."""

    def forward(self, texts):
        rows = [[self.number(word) for word in self.cut(text) if self.kept(word)] for text in texts]
        shortest = max(1, min(map(len, rows)))
        return self.read(*pad([row[:shortest] for row in rows], shortest))


class Set(_Faulty):
    """Stop words taken out by sets: each word once, in alphabetical order."""

    def cut(self, text):
        return sorted(set(words(text)))


class CountsOnce(_Faulty):
    """Each word once, where it stands first."""

    def cut(self, text):
        return list(dict.fromkeys(words(text)))


class StopIsUnknown(_Faulty):
    def forward(self, texts):
        rows = [[1 if word in self.stop else self.index.get(word, 1) for word in words(text)] for text in texts]
        return self.read(*pad(rows, max([1, *map(len, rows)])))


class Backwards(_Faulty):
    def cut(self, text):
        return words(text)[::-1]


class PadsInFront(_Faulty):
    """As `pad_sequences` of Keras does it, unless told otherwise."""

    def forward(self, texts):
        rows = [[self.number(word) for word in self.cut(text) if self.kept(word)] for text in texts]
        longest = max([1, *map(len, rows)])
        ids = torch.tensor([[0] * (longest - len(row)) + row for row in rows])
        return self.rnn(self.vectors(ids))[1][-1]


class _Filled(_Faulty):
    """A text without words is given one."""

    word = 1

    def forward(self, texts):
        rows = [[self.number(word) for word in self.cut(text) if self.kept(word)] or [self.word] for text in texts]
        return self.read(*pad(rows, max(map(len, rows))))


class EmptyIsUnknown(_Filled):
    pass


class EmptyIsPadding(_Filled):
    word = 0


class CommasOut(_Faulty):
    def kept(self, word):
        return word not in self.stop and word != ","
