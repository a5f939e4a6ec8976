"""Encoders that get one thing wrong, for 05.6, on torch's own layers as the learner's are."""

import torch
from torch import Tensor, nn

from mmcourse.encoded import Encoded


class Variant(nn.Module):
    """A right answer, with one step at a time to get wrong.

    Where `open` is False, a sentence without words goes through torch's attention with every pad ignored, which gives
    nan in evaluation without gradients. A right answer replaces it; some wrong ones give other results.
    """

    open = True

    def __init__(self, vocabulary: int, d: int, heads: int, depth: int, hidden: int, longest: int):
        super().__init__()
        self.vectors, self.places = nn.Embedding(vocabulary, d, padding_idx=0), nn.Embedding(longest, d)
        layer = dict(dropout=0.0, batch_first=True, norm_first=True)
        self.layers = nn.ModuleList(nn.TransformerEncoderLayer(d, heads, hidden, **layer) for _ in range(depth))
        self.norm = nn.LayerNorm(d)

    def forward(self, ids: Tensor, mask: Tensor) -> Encoded:
        x = self.finish(self.run(self.begin(ids), mask), mask)
        return Encoded(self.one(x, mask), self.clean(x, mask), mask)

    def begin(self, ids: Tensor) -> Tensor:
        return self.vectors(ids) + self.places.weight[: ids.shape[1]]

    def ignored(self, mask: Tensor) -> Tensor | None:
        return ~mask & mask.any(1, keepdim=True) if self.open else ~mask

    def run(self, x: Tensor, mask: Tensor) -> Tensor:
        for layer in self.layers:
            x = layer(x, src_key_padding_mask=self.ignored(mask))
        return x

    def finish(self, x: Tensor, mask: Tensor) -> Tensor:
        return self.norm(x)

    def one(self, x: Tensor, mask: Tensor) -> Tensor:
        return Variant.clean(self, x, mask).sum(1) / mask.sum(1, keepdim=True).clamp(min=1)

    def clean(self, x: Tensor, mask: Tensor) -> Tensor:
        return x.masked_fill(~mask[..., None], 0)


class NoPlaces(Variant):
    def begin(self, ids):
        return self.vectors(ids)


class FromOne(Variant):
    def begin(self, ids):
        return self.vectors(ids) + self.places(torch.arange(1, ids.shape[1] + 1, device=ids.device))


class FromOneByRows(Variant):
    def begin(self, ids):
        return self.vectors(ids) + self.places.weight[1 : ids.shape[1] + 1]


class AlongBatch(Variant):
    def begin(self, ids):
        return self.vectors(ids) + self.places.weight[: len(ids), None]


class Scaled(Variant):
    def begin(self, ids):
        x = self.vectors(ids)
        return x * x.shape[-1] ** 0.5 + self.places.weight[: ids.shape[1]]


class NormedFirst(Variant):
    def begin(self, ids):
        return self.norm(super().begin(ids))


class NotTurned(Variant):
    def ignored(self, mask):
        return mask


class NoMask(Variant):
    def ignored(self, mask):
        return None


class PadsWiped(NoMask):
    """The pads are zeros before the layers, which look at them."""

    def run(self, x, mask):
        return super().run(self.clean(x, mask), mask)


class NoLastNorm(Variant):
    def finish(self, x, mask):
        return x


class EachNormed(NoLastNorm):
    """The last norm stands behind every layer."""

    def run(self, x, mask):
        for layer in self.layers:
            x = self.norm(layer(x, src_key_padding_mask=self.ignored(mask)))
        return x


class WipedBeforeNorm(Variant):
    """The norm writes its bias into the pads again."""

    def finish(self, x, mask):
        return self.norm(super().clean(x, mask))

    def one(self, x, mask):
        return x.sum(1) / mask.sum(1, keepdim=True).clamp(min=1)

    def clean(self, x, mask):
        return x


class NormLast(NoLastNorm):
    """The mean first, the norm after it; the tokens are normed."""

    def one(self, x, mask):
        return self.norm(super().one(x, mask))

    def clean(self, x, mask):
        return super().clean(self.norm(x), mask)


class NormLastOnly(NoLastNorm):
    def one(self, x, mask):
        return self.norm(super().one(x, mask))


class MeanOfAll(Variant):
    def one(self, x, mask):
        return self.clean(x, mask).mean(1)


class MeanOfPads(Variant):
    def one(self, x, mask):
        return x.mean(1)


class OfNothing(Variant):
    def one(self, x, mask):
        return self.clean(x, mask).sum(1) / mask.sum(1, keepdim=True)


class ALittleMore(Variant):
    def one(self, x, mask):
        return self.clean(x, mask).sum(1) / (mask.sum(1, keepdim=True) + 1e-6)


class Sum(Variant):
    def one(self, x, mask):
        return self.clean(x, mask).sum(1)


class Largest(Variant):
    def one(self, x, mask):
        low = x.masked_fill(~mask[..., None], -torch.inf).amax(1)
        return low.masked_fill(~mask.any(1, keepdim=True), 0)


class LargestOfZeros(Variant):
    def one(self, x, mask):
        return self.clean(x, mask).amax(1)


class First(Variant):
    def one(self, x, mask):
        return self.clean(x, mask)[:, 0]


class FirstAsItIs(Variant):
    def one(self, x, mask):
        return x[:, 0]


class Last(Variant):
    def one(self, x, mask):
        return self.clean(x, mask)[:, -1]


class LastWord(Variant):
    def one(self, x, mask):
        row = torch.arange(len(x), device=x.device)
        return self.clean(x, mask)[row, mask.sum(1).clamp(min=1) - 1]


class PadsKept(Variant):
    def clean(self, x, mask):
        return x


class ByProduct(Variant):
    """nan times 0."""

    open = False

    def one(self, x, mask):
        return self.clean(x, mask).sum(1) / mask.sum(1, keepdim=True).clamp(min=1)

    def clean(self, x, mask):
        return x * mask[..., None]


class MaskTurned(Variant):
    def forward(self, ids, mask):
        return super().forward(ids, mask)._replace(mask=~mask)


class Tuple(Variant):
    def forward(self, ids, mask):
        return tuple(super().forward(ids, mask))


class LayersApart(Variant):
    """Every layer reads the words; the last one wins."""

    def run(self, x, mask):
        return self.layers[-1](x, src_key_padding_mask=self.ignored(mask))


class OnlyFirst(Variant):
    def run(self, x, mask):
        return self.layers[0](x, src_key_padding_mask=self.ignored(mask))


def shut(variant: type[Variant]) -> type[Variant]:
    """The same with every pad of an empty sentence ignored."""
    return type(variant.__name__ + "Shut", (variant,), {"open": False})
