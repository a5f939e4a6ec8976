"""Encoder layers that get one thing wrong, for 05.5."""

from torch import Tensor
from torch.nn import functional as F

from mmcourse.text.transformer import EncoderLayer


class Variant(EncoderLayer):
    """The reference with one step at a time to get wrong."""

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        x = self.first(x, mask)
        return self.second(x).masked_fill(~mask[..., None], 0)

    def first(self, x: Tensor, mask: Tensor) -> Tensor:
        return x + self.attend(self.norm1(x), mask)

    def second(self, x: Tensor) -> Tensor:
        return x + self.think(self.norm2(x))

    def attend(self, h: Tensor, mask: Tensor) -> Tensor:
        return self.with_torch(h, self.hidden(mask))

    def hidden(self, mask: Tensor) -> Tensor:
        return ~mask & mask.any(1, keepdim=True)

    def with_torch(self, h: Tensor, hidden: Tensor | None, weights: bool = False) -> Tensor:
        return self.self_attn(h, h, h, key_padding_mask=hidden, need_weights=weights)[0]

    def think(self, h: Tensor) -> Tensor:
        return self.linear2(self.linear1(h).relu())


class PostNorm(Variant):
    def first(self, x, mask):
        return self.norm1(x + self.attend(x, mask))

    def second(self, x):
        return self.norm2(x + self.think(x))


class FromNormed(Variant):
    def first(self, x, mask):
        h = self.norm1(x)
        return h + self.attend(h, mask)

    def second(self, x):
        h = self.norm2(x)
        return h + self.think(h)


class NoRoad(Variant):
    def first(self, x, mask):
        return self.attend(self.norm1(x), mask)

    def second(self, x):
        return self.think(self.norm2(x))


class Raw(Variant):
    """Only the queries are normed."""

    def first(self, x, mask):
        h = self.norm1(x)
        return x + self.self_attn(h, x, x, key_padding_mask=self.hidden(mask), need_weights=False)[0]


class NoNorms(Variant):
    def first(self, x, mask):
        return x + self.attend(x, mask)

    def second(self, x):
        return x + self.think(x)


class OneNorm(Variant):
    def second(self, x):
        return x + self.think(self.norm1(x))


class NoFirstNorm(NoNorms):
    second = Variant.second


class NoSecondNorm(NoNorms):
    first = Variant.first


class Swapped(Variant):
    def first(self, x, mask):
        return x + self.attend(self.norm2(x), mask)

    def second(self, x):
        return x + self.think(self.norm1(x))


class RawValues(Variant):
    def first(self, x, mask):
        h = self.norm1(x)
        return x + self.self_attn(h, h, x, key_padding_mask=self.hidden(mask), need_weights=False)[0]


class NormedResults(Variant):
    """The norm stands behind each sublayer, on the side road."""

    def first(self, x, mask):
        return x + self.norm1(self.attend(x, mask))

    def second(self, x):
        return x + self.norm2(self.think(x))


class ToTheFirst(Variant):
    """The second sublayer reads what the first saw, and is added to the word as it came in."""

    def forward(self, x, mask):
        return (x + self.think(self.norm2(self.first(x, mask)))).masked_fill(~mask[..., None], 0)


class FirstRoadOnly(Variant):
    def second(self, x):
        return self.think(self.norm2(x))


class SecondRoadOnly(Variant):
    def first(self, x, mask):
        return self.attend(self.norm1(x), mask)


class FromNormedFirst(FromNormed):
    second = Variant.second


class FromNormedSecond(FromNormed):
    first = Variant.first


class BentLast(Variant):
    def think(self, h):
        return self.linear2(self.linear1(h)).relu()


class BentTwice(Variant):
    def think(self, h):
        return super().think(h).relu()


class Straight(Variant):
    def think(self, h):
        return self.linear2(self.linear1(h))


class Gelu(Variant):
    def think(self, h):
        return self.linear2(F.gelu(self.linear1(h)))


class Parallel(Variant):
    def forward(self, x, mask):
        return (self.first(x, mask) + self.think(self.norm2(x))).masked_fill(~mask[..., None], 0)


class NotTurned(Variant):
    def hidden(self, mask):
        return mask


class NotTurnedKept(NotTurned):
    """As it is, but a full row looks at everything."""

    def hidden(self, mask):
        return mask & (~mask).any(1, keepdim=True)


class AsFloats(Variant):
    def attend(self, h, mask):
        return self.with_torch(h, mask.to(h))


class NoMask(Variant):
    def attend(self, h, mask):
        return self.with_torch(h, None)


class PadsKept(Variant):
    def forward(self, x, mask):
        return self.second(self.first(x, mask))


class PadsKeptNan(PadsKept):
    def hidden(self, mask):
        return ~mask


class WordsWiped(Variant):
    def forward(self, x, mask):
        return self.second(self.first(x, mask)).masked_fill(mask[..., None], 0)


class WordsWipedNan(WordsWiped):
    def hidden(self, mask):
        return ~mask


class PadsWipedFirst(Variant):
    """The pads are zeros before the attention, which looks at them."""

    def forward(self, x, mask):
        return super().forward(x.masked_fill(~mask[..., None], 0), mask)

    def attend(self, h, mask):
        return self.with_torch(h, None)


class Nan(Variant):
    def attend(self, h, mask):
        return self.with_torch(h, ~mask, weights=True)


class NanCleared(Variant):
    def attend(self, h, mask):
        return self.with_torch(h, ~mask, weights=True).nan_to_num()


class ByProduct(Variant):
    """Pads times 0, where nan may stand: in evaluation without gradients torch gives nan, weights or no weights."""

    weights = False

    def forward(self, x, mask):
        h = self.norm1(x)
        x = x + self.with_torch(h, ~mask, self.weights)
        return self.second(x) * mask[..., None]


class ByProductOfWeights(ByProduct):
    weights = True
