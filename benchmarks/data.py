"""How fast data come, and which share of a training step they take: `python benchmarks/data.py [SECONDS]`.

Each line is measured for SECONDS (1 unless given), after a warm-up. Numbers are of this machine at this moment.
"""

import sys
import time
from collections.abc import Callable, Iterator

import torch
from torch import Tensor, nn

from mmcourse.data import in_memory, load
from mmcourse.data.loader import loader
from mmcourse.data.synthetic import CERTIFIED
from mmcourse.fusion import Concat
from mmcourse.preprocess import Vocabulary, normalise
from mmcourse.tasks.classify import PairClassifier
from mmcourse.text import BagOfWords, LSTMEncoder, TransformerEncoder
from mmcourse.vision import SmallCNN

BATCH = 64
SCENES = {"kind": "colour", "n": 6400}


def rate(turn: Callable[[], int], seconds: float) -> float:
    """Items a second of `turn`, which makes some and says how many."""
    turn()
    start, made = time.perf_counter(), 0
    while time.perf_counter() - start < seconds:
        made += turn()
    return made / (time.perf_counter() - start)


def through(batches) -> Callable[[], int]:
    """A turn that takes the next batch, and begins again at the end."""

    def forever() -> Iterator[int]:
        while True:
            for batch in batches:
                yield len(batch.labels)

    going = forever()
    return lambda: next(going)


def rates(seconds: float = 1.0) -> list[tuple[str, float]]:
    """(what, items a second)."""
    scenes, emoji = load("scenes", **SCENES), load("emoji", size=48)
    free = load("scenes", **SCENES | {"kind": "all", "grid": 3, "free": True, "overlap": 20, "distractors": 2})
    places = iter(range(10**9))

    def one() -> int:
        scenes[next(places) % len(scenes)]
        return 1

    def many(dataset, size: int) -> Callable[[], int]:
        return lambda: len(dataset.__getitems__([next(places) % len(dataset) for _ in range(size)]))

    held = in_memory(scenes, progress=False)
    rows = torch.arange(len(held.labels))

    def cached() -> int:
        some = rows[torch.randint(len(rows), (BATCH,))]
        return len(held.images[some])

    task = CERTIFIED["xor"]
    return [
        ("scenes, one by one", rate(one, seconds)),
        (f"scenes, {BATCH} at once", rate(many(scenes, BATCH), seconds)),
        ("scenes, 512 at once", rate(many(scenes, 512), seconds)),
        (f"scenes of all kinds, free, {BATCH} at once", rate(many(free, BATCH), seconds)),
        ("scenes, loader, 0 workers", rate(through(loader(scenes, BATCH)), seconds)),
        ("scenes, loader, 2 workers", rate(through(loader(scenes, BATCH, workers=2)), seconds)),
        ("scenes, in memory", rate(cached, seconds)),
        ("emoji, loader, 0 workers", rate(through(loader(emoji, BATCH)), seconds)),
        ("emoji, loader, 2 workers", rate(through(loader(emoji, BATCH, workers=2)), seconds)),
        ("XOR, drawn", rate(lambda: len(task.draw(4000, next(places)).labels), seconds)),
    ]


def shares(seconds: float = 1.0) -> list[tuple[str, float, float]]:
    """(where the data come from, milliseconds of a training step, share of it that is spent on waiting for data)."""
    scenes, emoji = load("scenes", **SCENES), load("emoji", size=48)
    held = in_memory(scenes, progress=False)

    def from_memory() -> Iterator[tuple]:
        while True:
            some = torch.randint(len(held.labels), (BATCH,))
            yield (held.images[some],), held.labels[some]

    def from_loader(batches) -> Iterator[tuple]:
        while True:
            for batch in batches:
                yield (batch.images,), batch.labels

    found = []
    for name, source, classes in (
        ("scenes, in memory", from_memory(), 6),
        ("scenes, made as needed, 0 workers", from_loader(loader(scenes, BATCH, drop_last=True)), 6),
        ("scenes, made as needed, 2 workers", from_loader(loader(scenes, BATCH, workers=2, drop_last=True)), 6),
        ("emoji, loader, 0 workers", from_loader(loader(emoji, BATCH, drop_last=True)), 9),
    ):
        torch.manual_seed(0)
        seen = nn.Sequential(Normalised(), SmallCNN(64))
        found.append((name, *waiting(Headed(seen, 64, classes), source, seconds)))
    return found


class Normalised(nn.Module):
    """Pictures of bytes as a network wants them."""

    def forward(self, images: Tensor) -> Tensor:
        return normalise(images)


class Headed(nn.Module):
    """An encoder, or none, and a linear layer on its vector."""

    def __init__(self, encoder: nn.Module, d: int, classes: int):
        super().__init__()
        self.encoder, self.head = encoder, nn.Linear(d, classes)

    def forward(self, *inputs: Tensor) -> Tensor:
        found = self.encoder(*inputs)
        return self.head(found if isinstance(found, Tensor) else found.vector)


def lessons(seconds: float = 1.0) -> list[tuple[str, float, float]]:
    """The same for what the lessons train: all of them hold their data in memory, and take rows as `fit` does."""
    emoji, sentences = in_memory(load("emoji", size=48), progress=False), load("sentences", sources=("movies",))
    vocabulary = Vocabulary(sentences.texts, at_least=2)
    ids, mask = vocabulary.encode(sentences.texts, 32)
    said, classes = torch.tensor(sentences.labels), len(emoji.classes)
    names = Vocabulary(emoji.text["en"])
    known = names.encode(emoji.text["en"])
    vectors = torch.randn(len(emoji.labels), 1280 + 384)  # as long as Lite0's and MiniLM's, side by side
    pictures = normalise(emoji.images)
    cases = (
        ("00, 06: pictures and names", Both(len(names), classes), (pictures, *known), emoji.labels),
        ("01, 02: pictures", Headed(SmallCNN(64), 64, classes), (pictures,), emoji.labels),
        ("03, 06: kept features", Headed(nn.Identity(), 1664, classes), (vectors,), emoji.labels),
        ("01: sentences, a bag", Headed(BagOfWords(len(vocabulary), 33), 33, 2), (ids, mask), said),
        ("04: sentences, an LSTM", Headed(LSTMEncoder(len(vocabulary), 32), 32, 2), (ids, mask), said),
        ("05: sentences, a Transformer", Headed(TransformerEncoder(len(vocabulary), 32), 32, 2), (ids, mask), said),
    )
    return [(name, *waiting(model, in_rows(inputs, labels), seconds)) for name, model, inputs, labels in cases]


class Both(nn.Module):
    """Pictures and names, side by side."""

    def __init__(self, words: int, classes: int):
        super().__init__()
        self.image, self.text = SmallCNN(64), BagOfWords(words, 64)
        self.classify = PairClassifier(Concat(), 128, classes)

    def forward(self, images: Tensor, ids: Tensor, mask: Tensor) -> Tensor:
        return self.classify(self.image(images), self.text(ids, mask))


def in_rows(inputs: tuple[Tensor, ...], labels: Tensor) -> Iterator[tuple]:
    """Batches for ever, in a new order each time."""
    while True:
        for rows in torch.randperm(len(labels)).split(BATCH):
            yield tuple(x[rows] for x in inputs), labels[rows]


def waiting(model: nn.Module, source: Iterator[tuple], seconds: float) -> tuple[float, float]:
    """Milliseconds of a training step, and the share of it that is spent on waiting for data."""
    optimiser = torch.optim.AdamW(model.parameters(), 1e-3)
    waited = whole = steps = 0.0
    for step in range(10**9):
        start = time.perf_counter()
        inputs, labels = next(source)
        there = time.perf_counter()
        error = nn.functional.cross_entropy(model(*inputs), labels)
        optimiser.zero_grad()
        error.backward()
        optimiser.step()
        end = time.perf_counter()
        if step >= 3:  # the first ones warm up
            waited, whole, steps = waited + there - start, whole + end - start, steps + 1
        if whole > seconds:
            break
    return 1000 * whole / steps, waited / whole


def main() -> None:
    """Prints both tables."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 1.0
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads; batches of {BATCH}; pictures of 48 x 48\n")
    print(f"{'data':<44} {'items a second':>15}")
    for what, value in rates(seconds):
        print(f"{what:<44} {value:>15,.0f}")
    for what, table in (("a step of SmallCNN(64)", shares), ("a step of what a lesson trains", lessons)):
        print(f"\n{what:<44} {'ms':>7} {'data':>7}")
        for where, milliseconds, share in table(seconds):
            print(f"{where:<44} {milliseconds:>7.1f} {100 * share:>6.1f}%")


if __name__ == "__main__":
    main()
