"""What `certify` trains: one small network for each class of models, and what each may look at."""

from typing import Any, NamedTuple, Protocol

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from mmcourse.attention import attend
from mmcourse.data import InMemory
from mmcourse.encoded import Encoded
from mmcourse.fusion import standardise
from mmcourse.preprocess import Vocabulary, characters, normalise, words

OF_TEXT = ("length of the text", "number of words")
PAGE, PATCH = 12, 3  # pictures are brought to 12 x 12 means, and cut into 4 x 4 regions of 3 x 3


class HasHalves(Protocol):
    """What can be certified, beside `InMemory`: `Pairs`, `EncodedPairs`, or anything with these three."""

    @property
    def image(self) -> Encoded: ...

    @property
    def text(self) -> Encoded: ...

    @property
    def labels(self) -> Tensor: ...


class Halves(NamedTuple):
    """N pairs, and what leak probes see of them.

    image, text  Encoded
    labels       (N,) long
    probes       name -> (N, p) float
    """

    image: Encoded
    text: Encoded
    labels: Tensor
    probes: dict[str, Tensor]

    @property
    def sides(self) -> dict[str, str]:
        """For each probe the half that it looks at: 'picture' or 'text'."""
        return {name: "text" if name in OF_TEXT else "picture" for name in self.probes}


def prepare(train: HasHalves | InMemory, test: HasHalves | InMemory, language: str) -> tuple[Halves, Halves]:
    """Both as `Halves`, by what the training half knows: its vocabulary, its means and spreads.

    Raises ValueError where a set in memory lacks the pictures or the language.
    """
    if isinstance(train, InMemory):
        assert isinstance(test, InMemory)  # both are of one kind
        return _of_columns(train, test, language)
    assert not isinstance(test, InMemory)
    counts = _counts(train), _counts(test)
    varied = [name for name, x in counts[0].items() if x.min() < x.max()]
    found = [{name: standardise(counts[0][name], some[name]) for name in varied} for some in counts]
    return Halves(train.image, train.text, train.labels, found[0]), Halves(test.image, test.text, test.labels, found[1])


def _of_columns(train: InMemory, test: InMemory, language: str) -> tuple[Halves, Halves]:
    """`prepare` for sets in memory."""
    pictures = _pictures(train, language), _pictures(test, language)
    vocabulary = Vocabulary(train.text[language], cut=characters if language == "zh" else words)
    pixels = _pixels(train, pictures[0]), _pixels(test, pictures[1])
    bags = _bag(train, vocabulary, language), _bag(test, vocabulary, language)
    probes = _probes(train, pictures[0], language), _probes(test, pictures[1], language)
    made = []
    for i, columns in enumerate((train, test)):
        flat = standardise(pixels[0], pixels[i])  # (N, 3 · 12 · 12)
        regions = F.unfold(flat.view(-1, 3, PAGE, PAGE), PATCH, stride=PATCH).transpose(1, 2)  # (N, 16, 27)
        mask = torch.ones(regions.shape[:2], dtype=torch.bool)
        image, text = Encoded(flat, regions, mask), Encoded.single(standardise(bags[0], bags[i]))
        scaled = {name: standardise(x, probes[i][name]) for name, x in probes[0].items()}
        made.append(Halves(image, text, columns.labels, scaled))
    return made[0], made[1]


def _counts(pairs: HasHalves) -> dict[str, Tensor]:
    """How many regions and words are real: name -> (N, 1)."""
    halves = {"number of regions": pairs.image, "number of words": pairs.text}
    return {name: half.mask.sum(1, keepdim=True).float() for name, half in halves.items()}


def _pictures(columns: InMemory, language: str) -> Tensor:
    """(M, 3, H, W) uint8. Raises ValueError where there are none, or no texts in the language."""
    if columns.images is None or language not in columns.text:
        pictures, languages = "no pictures" if columns.images is None else "pictures", ", ".join(columns.text) or "none"
        has = f"{pictures}, and texts in {languages}"
        raise ValueError(f"to certify a set it needs pictures and texts in {language!r}; this one has {has}")
    return columns.images


def _pixels(columns: InMemory, pictures: Tensor) -> Tensor:
    """(N, 3 · 12 · 12): each picture as 12 x 12 mean colours."""
    small = torch.cat([F.adaptive_avg_pool2d(normalise(some), PAGE) for some in pictures.split(256)])
    small = small if columns.image_of is None else small[columns.image_of]
    return small.flatten(1)


def _bag(columns: InMemory, vocabulary: Vocabulary, language: str) -> Tensor:
    """(N, V): how often each word occurs."""
    ids, mask = vocabulary.encode(columns.text[language])
    return torch.zeros(len(ids), len(vocabulary)).scatter_add_(1, ids, mask.float())


def _probes(columns: InMemory, pictures: Tensor, language: str) -> dict[str, Tensor]:
    """Length of the text; how much there is of each colour; how many things, where the set knows."""
    texts = columns.text[language]
    levels = (pictures.flatten(2).long() * 4) >> 8  # (M, 3, H·W): each channel in four steps
    cubes = levels[:, 0] * 16 + levels[:, 1] * 4 + levels[:, 2]  # (M, H·W)
    colours = F.one_hot(cubes, 64).float().mean(1) if cubes.numel() < 10**7 else _in_parts(cubes)  # (M, 64)
    probes: dict[str, Tensor] = {
        "length of the text": torch.tensor([[len(text), text.count(" ")] for text in texts]).float(),
        "colours": colours if columns.image_of is None else colours[columns.image_of],
    }
    counts = [_count(meta) for meta in columns.meta]
    if counts and all(count is not None for count in counts):
        probes["number of things"] = torch.tensor(counts).float()[:, None]
    return probes


def _in_parts(cubes: Tensor) -> Tensor:
    return torch.stack([row.bincount(minlength=64).float() / len(row) for row in cubes])


def _count(meta: dict[str, Any]) -> int | None:
    return len(meta["objects"]) if "objects" in meta else None


class Look(nn.Module):
    """All of one half, in whatever order its parts come: Encoded -> (B, d)."""

    def __init__(self, half: Encoded, d: int):
        super().__init__()
        self.parts = half.tokens.shape[1] > 1
        size = half.vector.shape[1] + (half.tokens[0].numel() + half.mask.shape[1] if self.parts else 0)
        self.layers = nn.Sequential(nn.Linear(size, d), nn.ReLU(), nn.Linear(d, d), nn.ReLU())

    def forward(self, half: Encoded) -> Tensor:
        seen = [half.vector]
        if self.parts:
            seen += [half.tokens.masked_fill(~half.mask[..., None], 0).flatten(1), half.mask.to(half.vector.dtype)]
        return self.layers(torch.cat(seen, dim=-1))


class Alone(nn.Module):
    """One half, and no look at the other. `side` is 0 for the picture, 1 for the text."""

    def __init__(self, pairs: Halves, side: int, d: int, classes: int):
        super().__init__()
        half = (pairs.image, pairs.text)[side]
        self.side, self.look, self.head = side, Look(half, d), nn.Linear(d, classes)

    def forward(self, image: Encoded, text: Encoded) -> Tensor:
        return self.head(self.look((image, text)[self.side]))


class Sum(nn.Module):
    """u(picture) + v(text), u and v free."""

    def __init__(self, pairs: Halves, d: int, classes: int):
        super().__init__()
        self.u, self.v = (Alone(pairs, side, d, classes) for side in (0, 1))

    def forward(self, image: Encoded, text: Encoded) -> Tensor:
        return self.u(image, text) + self.v(image, text)


class Pooled(nn.Module):
    """The two vectors and their product, and any head: what the mean over regions still knows."""

    def __init__(self, pairs: Halves, d: int, classes: int):
        super().__init__()
        self.f, self.g = (nn.Linear(half.vector.shape[1], d) for half in (pairs.image, pairs.text))
        self.head = nn.Sequential(nn.Linear(3 * d, d), nn.ReLU(), nn.Linear(d, classes))

    def forward(self, image: Encoded, text: Encoded) -> Tensor:
        f, g = self.f(image.vector), self.g(text.vector)  # (B, d), (B, d)
        return self.head(torch.cat([f.relu(), g.relu(), f * g], dim=-1))


class Full(nn.Module):
    """Everything: both halves, their product, and the picture's regions as the text looks at them."""

    def __init__(self, pairs: Halves, d: int, classes: int):
        super().__init__()
        self.f, self.g = Look(pairs.image, d), Look(pairs.text, d)
        size = pairs.image.tokens.shape[-1]
        self.ask = nn.Linear(pairs.text.vector.shape[1], d)
        self.key, self.value = nn.Linear(size, d), nn.Linear(size, d)
        self.head = nn.Sequential(nn.Linear(5 * d, d), nn.ReLU(), nn.Linear(d, classes))

    def forward(self, image: Encoded, text: Encoded) -> Tensor:
        f, g, ask = self.f(image), self.g(text), self.ask(text.vector)  # (B, d) each
        tokens = image.tokens.masked_fill(~image.mask[..., None], 0)  # (B, I, d_f)
        seen = attend(ask[:, None], self.key(tokens), self.value(tokens), image.mask[:, None])[:, 0]  # (B, d)
        return self.head(torch.cat([f, g, f * g, seen, seen * ask], dim=-1))


class Probe(nn.Module):
    """A few numbers, and a small network: is there anything in them?"""

    def __init__(self, size: int, classes: int):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(size, 32), nn.ReLU(), nn.Linear(32, classes))

    def forward(self, numbers: Tensor) -> Tensor:
        return self.layers(numbers)
