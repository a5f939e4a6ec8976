"""Attention in heads that gets one thing wrong, for 05.2."""

import torch
from torch import Tensor

from mmcourse.attention import MultiHeadAttention


class Variant(MultiHeadAttention):
    """The reference with one step at a time to get wrong."""

    def forward(self, asks: Tensor, told: Tensor, mask: Tensor | None = None) -> Tensor:
        q, k, v = self._split(self.q(asks)), self._split(self.k(told)), self._split(self.v(told))
        weights = self.weigh(q @ k.transpose(-2, -1), mask[:, None, None, :], q.shape[-1])  # (B, H, Tq, Tk)
        return self.out((weights @ v).transpose(1, 2).flatten(2))

    def weigh(self, scores: Tensor, mask: Tensor, d: int) -> Tensor:
        return (scores / d**0.5).masked_fill(~mask, -torch.inf).softmax(-1).nan_to_num()


class Unscaled(Variant):
    def weigh(self, scores, mask, d):
        return super().weigh(scores, mask, 1)


class ModelScale(Variant):
    def weigh(self, scores, mask, d):
        return super().weigh(scores, mask, d * self.heads)


class OverQueries(Variant):
    def weigh(self, scores, mask, d):
        return (scores / d**0.5).masked_fill(~mask, -torch.inf).softmax(-2).nan_to_num()


class MaskAfter(Variant):
    def weigh(self, scores, mask, d):
        return (scores / d**0.5).softmax(-1) * mask


class Inverted(Variant):
    def weigh(self, scores, mask, d):
        return super().weigh(scores, ~mask, d)


class Large(Variant):
    def weigh(self, scores, mask, d):
        return (scores / d**0.5).masked_fill(~mask, -1e9).softmax(-1)


class Zero(Variant):
    def weigh(self, scores, mask, d):
        return (scores / d**0.5).masked_fill(~mask, 0.0).softmax(-1)


class Nan(Variant):
    def weigh(self, scores, mask, d):
        return (scores / d**0.5).masked_fill(~mask, -torch.inf).softmax(-1)


class Askers(Variant):
    """The mask hides those who ask, which works where as many ask as are asked."""

    def weigh(self, scores, mask, d):
        return super().weigh(scores, mask.transpose(-2, -1), d)


class NoMask(Variant):
    def weigh(self, scores, mask, d):
        return (scores / d**0.5).softmax(-1)


class MixedHeads(Variant):
    def _split(self, x):
        return x.reshape(x.shape[0], self.heads, x.shape[1], -1)


class ByHeads(Variant):
    def weigh(self, scores, mask, d):
        return super().weigh(scores, mask, self.heads**2)


class ByTwo(Variant):
    def weigh(self, scores, mask, d):
        return super().weigh(scores, mask, 4)


class Twice(Variant):
    def weigh(self, scores, mask, d):
        return super().weigh(scores, mask, d**2)


class NotBack(Variant):
    """(B, H, Tq, d/H) is shaped to (B, Tq, d) as it lies."""

    def forward(self, asks, told, mask=None):
        q, k, v = self._split(self.q(asks)), self._split(self.k(told)), self._split(self.v(told))
        weights = self.weigh(q @ k.transpose(-2, -1), mask[:, None, None, :], q.shape[-1])
        return self.out((weights @ v).reshape(asks.shape))


class EachHth(Variant):
    """Features are dealt out like cards, and gathered so."""

    def forward(self, asks, told, mask=None):
        q, k, v = (self._split(layer(x)) for layer, x in ((self.q, asks), (self.k, told), (self.v, told)))
        weights = self.weigh(q @ k.transpose(-2, -1), mask[:, None, None, :], q.shape[-1])
        return self.out((weights @ v).permute(0, 2, 3, 1).flatten(2))

    def _split(self, x):
        return x.unflatten(-1, (-1, self.heads)).permute(0, 3, 1, 2)


class EachHthInRow(EachHth):
    """Dealt out like cards, and put head by head."""

    forward = Variant.forward


class NoSplit(Variant):
    def _split(self, x):
        return x[:, None]


class ValuesAreKeys(Variant):
    def forward(self, asks, told, mask=None):
        q, k = self._split(self.q(asks)), self._split(self.k(told))
        weights = self.weigh(q @ k.transpose(-2, -1), mask[:, None, None, :], q.shape[-1])
        return self.out((weights @ k).transpose(1, 2).flatten(2))


class ZeroedAtTheEnd(Variant):
    def forward(self, asks, told, mask=None):
        return super().forward(asks, told, mask) * mask.any(1)[:, None, None]


class PadsWiped(Variant):
    """The pads become zeros before the layers, and are asked like any word."""

    def forward(self, asks, told, mask=None):
        return super().forward(asks, told * mask[..., None], torch.ones_like(mask))


class NoOutput(Variant):
    def forward(self, asks, told, mask=None):
        kept, self.out = self.out, torch.nn.Identity()
        try:
            return super().forward(asks, told, mask)
        finally:
            self.out = kept
