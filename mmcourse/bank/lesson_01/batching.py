"""01.7, one batch with two masks."""

from collections.abc import Callable

import torch
from torch.nn import functional as F

from mmcourse.checking.exercise import Case, Draw, Exercise, Mistake
from mmcourse.preprocess import Batch, collate

WHERE = "(lesson 01, 'One batch, two masks')"


def _cases(draw: Draw) -> list[Case]:
    def case(name: str, points: int, *sizes: tuple[int, int, int]) -> Case:
        items = []
        for label, (high, wide, length) in enumerate(sizes):
            image = draw.normal(3, high, wide)
            image[:, 0, :1] = 0  # a black pixel is a pixel
            items.append((image, draw.integers(1, 50, length), (2 * label + 1) % 5))
        return Case(name, {"items": items}, points)

    return [
        case("pictures of one size", 1, (4, 5, 2), (4, 5, 6), (4, 5, 3)),
        case("sentences of one length", 1, (3, 5, 4), (6, 2, 4)),
        case("all sizes differ", 2, (3, 7, 2), (6, 4, 5), (5, 5, 3)),
        case("a batch of one", 1, (2, 3, 4)),
        case("no words at all", 1, (3, 4, 0), (5, 2, 0)),
    ]


def _changed(change: Callable[[Batch], Batch]) -> Callable:
    return lambda items: change(collate(items))


def _stretched(items):
    batch = collate(items)
    size = batch.images.shape[-2:]
    images = torch.cat(
        [F.interpolate(image[None], size=size, mode="bilinear", antialias=True) for image, _, _ in items]
    )
    return batch._replace(images=images, pixels=torch.ones_like(batch.pixels))


def _smallest(items):
    batch = collate(items)
    high, wide = (min(image.shape[axis] for image, _, _ in items) for axis in (1, 2))
    return batch._replace(images=batch.images[..., :high, :wide], pixels=batch.pixels[..., :high, :wide])


def _shortest(items):
    batch = collate(items)
    length = max(1, min(len(ids) for _, ids, _ in items))
    return batch._replace(ids=batch.ids[:, :length], words=batch.words[:, :length])


def _middle(items):
    batch = collate(items)
    turned = []
    for image, pixels, (original, _, _) in zip(batch.images, batch.pixels, items, strict=True):
        over = [(size - side) // 2 for size, side in zip(image.shape[1:], original.shape[1:], strict=True)]
        turned.append((image.roll(over, (1, 2)), pixels.roll(over, (0, 1))))
    images, pixels = (torch.stack(part) for part in zip(*turned, strict=True))
    return batch._replace(images=images, pixels=pixels)


def _sorted(items):
    return collate(sorted(items, key=lambda item: -len(item[1])))


def _own_dtype(items):
    batch = collate(items)
    return batch._replace(images=torch.zeros(batch.images.shape) + batch.images.float())


def _no_least(items):
    batch = collate(items)
    longest = max(len(ids) for _, ids, _ in items)
    return batch._replace(ids=batch.ids[:, :longest], words=batch.words[:, :longest])


batching = Exercise(
    id="01.7",
    title="One batch, two masks",
    kind="function",
    answer="collate",
    reference=collate,
    cases=_cases,
    mistakes=(
        Mistake(
            "the pictures are stretched to the largest",
            f"Every picture of yours fills the page, and few have kept their shape. What was to fill the rest? {WHERE}",
            _stretched,
        ),
        Mistake(
            "the pictures are cut to the smallest",
            f"One small picture in the batch, and all lose their edges. Who sets the size of the page? {WHERE}",
            _smallest,
        ),
        Mistake(
            "the sentences are cut to the shortest",
            f"One short sentence in the batch, and all lose their ends. Who sets T? {WHERE}",
            _shortest,
        ),
        Mistake(
            "the pictures lie in the middle of the page",
            f"A fine place, and not the one that was asked for: which corner is it? {WHERE}",
            _middle,
        ),
        Mistake(
            "both masks are the wrong way round",
            f"Yours are True on the pads. What does True mean in this course? {WHERE}",
            _changed(lambda b: b._replace(pixels=~b.pixels, words=~b.words)),
        ),
        Mistake(
            "the mask of the pictures is the wrong way round",
            f"The mask of the words is right, the other is True on the pads. What does True mean? {WHERE}",
            _changed(lambda b: b._replace(pixels=~b.pixels)),
        ),
        Mistake(
            "the mask of the pictures is read off the values",
            "A black pixel of a picture is a pixel, and each of these pictures has one. What do you know about the "
            f"place of a picture without looking at it? {WHERE}",
            _changed(lambda b: b._replace(pixels=(b.images != 0).any(1))),
        ),
        Mistake(
            "the mask of the pictures is True everywhere",
            f"Then the pads are looked at like the rest. How large was each picture before? {WHERE}",
            _changed(lambda b: b._replace(pixels=torch.ones_like(b.pixels))),
        ),
        Mistake(
            "the mask of the words is True everywhere",
            f"Then a mean over the words counts the pads. How long was each sentence before? {WHERE}",
            _changed(lambda b: b._replace(words=torch.ones_like(b.words))),
        ),
        Mistake(
            "the mask of the words is the wrong way round",
            f"The mask of the pictures is right, the other is True on the pads. What does True mean? {WHERE}",
            _changed(lambda b: b._replace(words=~b.words)),
        ),
        Mistake(
            "both masks are True everywhere",
            "Then the pads are looked at like the rest, in pictures and sentences. How large was each item before? "
            f"{WHERE}",
            _changed(lambda b: b._replace(pixels=torch.ones_like(b.pixels), words=torch.ones_like(b.words))),
        ),
        Mistake(
            "the items are sorted by length",
            "An old habit from packed sequences. Whoever holds the batch beside a list of names finds them exchanged. "
            f"In which order did the items come? {WHERE}",
            _sorted,
        ),
        Mistake(
            "the page brings its own dtype",
            "`torch.zeros` makes 32-bit numbers on the CPU, whatever the pictures are. From whom can the page take "
            f"both? {WHERE}",
            _own_dtype,
        ),
        Mistake(
            "the labels are floats",
            f"A class index is a whole number: cross-entropy asks for long. {WHERE}",
            _changed(lambda b: b._replace(labels=b.labels.double())),
        ),
        Mistake(
            "a batch without words has no column",
            "Where no sentence has a word, T is 0 in yours, and many operations refuse such a tensor. How long is it "
            f"to be at least? {WHERE}",
            _no_least,
        ),
    ),
    hints=(
        "How high, how wide and how long must the batch be for every item to fit?",
        "images (B, C, H, W), pixels (B, H, W), ids (B, T), words (B, T): H, W and T are each the largest of their "
        "kind, T at least 1. `x.new_zeros(...)` makes zeros like x, on its device, and of its dtype unless told "
        "otherwise.",
        "Take the items apart into pictures, sentences and labels. Make four tensors of zeros, two of them bool. Item "
        "by item, write the picture into the upper left corner of its page and True into the same corner of its mask; "
        "the same for the ids, from the left. Last, a tensor of the labels.",
    ),
)
