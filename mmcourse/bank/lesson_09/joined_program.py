"""09.7: The article's program, fusion and head: the program, right and wrong."""

import torch
from torch import Tensor, nn

from mmcourse.checking.exercise import Case, Draw
from mmcourse.encoded import Encoded
from mmcourse.text import BagOfWords, masked_mean
from mmcourse.vision import SmallCNN

D, CLASSES, WORDS = 3, 4, 7


class Program(nn.Module):
    """Pictures and texts -> logits (B, classes), by concatenation.

    image, text  encoders: image(images) -> Encoded, text(ids, mask) -> Encoded, with d features each
    """

    def __init__(self, image: nn.Module, text: nn.Module, d: int, classes: int):
        super().__init__()
        self.image, self.text = image, text
        self.head = nn.Linear(2 * d, classes)

    def fuse(self, image: Encoded, text: Encoded) -> Tensor:
        return torch.cat([image.vector, text.vector], dim=-1)  # (B, d), (B, d) -> (B, 2d)

    def forward(self, images: Tensor, ids: Tensor, mask: Tensor) -> Tensor:
        return self.head(self.fuse(self.image(images), self.text(ids, mask)))  # (B, 2d) -> (B, classes)


def _encoders() -> dict[str, nn.Module]:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return {"image": SmallCNN(D, widths=()), "text": BagOfWords(WORDS, D)}


def cases(draw: Draw) -> list[Case]:
    init = {**_encoders(), "d": D, "classes": CLASSES}
    with torch.random.fork_rng(devices=[]):
        state = draw.module(Program(**init))
    state["image.layers.1.running_var"] = draw.normal(D, scale=0.3).exp()
    state["text.vectors.weight"][0] = 0  # the vector of padding

    def case(name: str, points: int, *lengths: int, size: int, high: int, wide: int) -> Case:
        mask = draw.mask(*lengths, size=size)
        ids = draw.integers(1, WORDS, *mask.shape).masked_fill(~mask, 0)
        images = draw.normal(len(lengths), 3, high, wide)
        args = {"images": images, "ids": ids, "mask": mask}
        return Case(
            name,
            args,
            points,
            init,
            state,
            twin=args | {"ids": ids.masked_fill(~mask, 5)},
            twin_says="only what stands in the pads changes",
        )

    return [
        case("as many regions as words", 1, 3, 6, 4, size=6, high=4, wide=6),
        case("more regions than words", 1, 2, 3, size=4, high=6, wide=6),
        case("one pair, one region", 1, 4, size=5, high=2, wide=2),
    ]


class _Faulty(Program):
    """The program with the faults that are named, and the rest mended."""

    faults: frozenset[str] = frozenset()

    def fuse(self, image: Encoded, text: Encoded) -> Tensor:
        if "picture" in self.faults:
            image = Encoded(*map(torch.ones_like, image))
        if "text" in self.faults:
            text = Encoded(*map(torch.ones_like, text))
        return self.join(image, text)

    def join(self, image: Encoded, text: Encoded) -> Tensor:
        if "parts" in self.faults:
            return torch.cat([image.tokens, text.tokens], dim=-1)
        return torch.cat([image.vector, text.vector], dim=-1)

    def forward(self, images: Tensor, ids: Tensor, mask: Tensor) -> Tensor:
        return self.end(self.head(self.fuse(self.image(images), self.text(ids, mask))))

    def end(self, logits: Tensor) -> Tensor:
        return logits.sigmoid() if "sigmoid" in self.faults else logits


def with_faults(faults: frozenset[str]) -> type[Program]:
    return type("Program", (_Faulty,), {"faults": faults})


FAULTS = {
    "picture": (
        "the picture's argument is overwritten",
        "The same logits for every picture: what `fuse` was given is thrown away in its first line. Which name does it "
        "write to?",
    ),
    "text": (
        "the text's argument is overwritten",
        "The same logits for every text: `fuse` writes over what it was given. Which name does it write to?",
    ),
    "parts": (
        "parts are joined where wholes should be",
        "A row of logits for each place, and an error where there are not as many regions as words. Which field of an "
        "Encoded is (B, d)?",
    ),
    "sigmoid": (
        "the logits pass a sigmoid",
        "With a sigmoid for each class their chances need not sum to 1, and cross-entropy puts a softmax on top. What "
        "does `cross_entropy` take?",
    ),
}


class Softmax(_Faulty):
    def end(self, logits):
        return logits.softmax(-1)


class LogSoftmax(_Faulty):
    def end(self, logits):
        return logits.log_softmax(-1)


class Answers(_Faulty):
    def end(self, logits):
        return logits.argmax(-1)


class OneUnit(_Faulty):
    def __init__(self, image, text, d, classes):
        super().__init__(image, text, d, classes)
        self.head = nn.Linear(2 * d, 1)


class TextFirst(_Faulty):
    def join(self, image, text):
        return torch.cat([text.vector, image.vector], dim=-1)


class TextTwice(_Faulty):
    def join(self, image, text):
        return torch.cat([text.vector, text.vector], dim=-1)


class PictureTwice(_Faulty):
    def join(self, image, text):
        return torch.cat([image.vector, image.vector], dim=-1)


class Samples(_Faulty):
    """Joined on the batch, and the head reads pairs of rows."""

    def join(self, image, text):
        return torch.cat([image.vector, text.vector], dim=0).reshape(len(image.vector), -1)


class Interleaved(_Faulty):
    def join(self, image, text):
        return torch.stack([image.vector, text.vector], dim=-1).flatten(1)


class PadsIn(_Faulty):
    def join(self, image, text):
        return torch.cat([image.tokens.mean(1), text.tokens.mean(1)], dim=-1)


class Padded(_Faulty):
    """The mean of the words, and a sum without its mask: pads count in the number that it is divided by."""

    def join(self, image, text):
        return torch.cat([image.tokens.mean(1), text.clean().mean(1)], dim=-1)


class Largest(_Faulty):
    def join(self, image, text):
        tops = [x.tokens.masked_fill(~x.mask[..., None], -torch.inf).amax(1) for x in (image, text)]
        return torch.cat(tops, dim=-1)


class First(_Faulty):
    def join(self, image, text):
        return torch.cat([image.tokens[:, 0], text.tokens[:, 0]], dim=-1)


class Together(_Faulty):
    """One mean over regions and words, twice."""

    def join(self, image, text):
        tokens = torch.cat([image.tokens, text.tokens], dim=1)
        vector = masked_mean(tokens, torch.cat([image.mask, text.mask], dim=1))
        return torch.cat([vector, vector], dim=-1)


class Rectified(_Faulty):
    def end(self, logits):
        return logits.relu()
