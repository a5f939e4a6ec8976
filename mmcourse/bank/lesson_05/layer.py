"""05.5 The pre-norm encoder layer."""

from torch import Tensor
from torch.nn import functional as F

from mmcourse.checking.exercise import Case, Draw, Exercise, Mistake
from mmcourse.text.transformer import EncoderLayer

WHERE = "(lesson 05, '{}')".format
D, HEADS, HIDDEN = 8, 2, 12


def _cases(draw: Draw) -> list[Case]:
    state = draw.module(EncoderLayer(D, HEADS, HIDDEN))

    def case(name: str, points: int, *lengths: int, size: int, **more) -> Case:
        x, mask = draw.normal(len(lengths), size, D, shift=0.3, **more), draw.mask(*lengths, size=size)
        return Case(
            name,
            {"x": x, "mask": mask},
            points,
            init={"d": D, "heads": HEADS, "hidden": HIDDEN},
            state=state,
            twin={"x": x.masked_fill(~mask[..., None], 5.0), "mask": mask},
            twin_says="only what stands in the pads changes",
        )

    return [
        case("a batch of one, no pads", 1, 5, size=5, strided=True),
        case("three sentences without pads", 1, 3, 3, 3, size=3),
        case("padded", 2, 2, 7, 4, size=7),
        case("with a sentence without words", 1, 0, 4, size=5),
    ]


class _Variant(EncoderLayer):
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


class _PostNorm(_Variant):
    def first(self, x, mask):
        return self.norm1(x + self.attend(x, mask))

    def second(self, x):
        return self.norm2(x + self.think(x))


class _FromNormed(_Variant):
    def first(self, x, mask):
        h = self.norm1(x)
        return h + self.attend(h, mask)

    def second(self, x):
        h = self.norm2(x)
        return h + self.think(h)


class _NoRoad(_Variant):
    def first(self, x, mask):
        return self.attend(self.norm1(x), mask)

    def second(self, x):
        return self.think(self.norm2(x))


class _Raw(_Variant):
    """Only the queries are normed."""

    def first(self, x, mask):
        h = self.norm1(x)
        return x + self.self_attn(h, x, x, key_padding_mask=self.hidden(mask), need_weights=False)[0]


class _NoNorms(_Variant):
    def first(self, x, mask):
        return x + self.attend(x, mask)

    def second(self, x):
        return x + self.think(x)


class _OneNorm(_Variant):
    def second(self, x):
        return x + self.think(self.norm1(x))


class _Straight(_Variant):
    def think(self, h):
        return self.linear2(self.linear1(h))


class _Gelu(_Variant):
    def think(self, h):
        return self.linear2(F.gelu(self.linear1(h)))


class _Parallel(_Variant):
    def forward(self, x, mask):
        return (self.first(x, mask) + self.think(self.norm2(x))).masked_fill(~mask[..., None], 0)


class _NotTurned(_Variant):
    def hidden(self, mask):
        return mask & (~mask).any(1, keepdim=True)


class _NoMask(_Variant):
    def attend(self, h, mask):
        return self.with_torch(h, None)


class _PadsKept(_Variant):
    def forward(self, x, mask):
        return self.second(self.first(x, mask))


class _Nan(_Variant):
    def attend(self, h, mask):
        return self.with_torch(h, ~mask, weights=True)


class _ByProduct(_Variant):
    """Pads times 0, where nan may stand."""

    def forward(self, x, mask):
        h = self.norm1(x)
        x = x + self.with_torch(h, ~mask, weights=True)
        return self.second(x) * mask[..., None]


encoder_layer = Exercise(
    id="05.5",
    title="encoder layer",
    kind="module",
    answer="EncoderLayer",
    reference=EncoderLayer,
    cases=_cases,
    mistakes=(
        Mistake(
            "the norm comes after the sum",
            "That is the layer of 2017, post-norm: what a word was is normed again at every layer. What should run "
            f"through untouched? {WHERE('What runs through')}",
            _PostNorm,
        ),
        Mistake(
            "what is added to is the normed word",
            f"The road past the sublayer begins behind the norm. What should run through untouched? "
            f"{WHERE('What runs through')}",
            _FromNormed,
        ),
        Mistake(
            "nothing runs past the sublayers",
            "A layer that has nothing to say erases its word. What is each result added to? "
            f"{WHERE('What runs through')}",
            _NoRoad,
        ),
        Mistake(
            "only the queries are normed",
            "Keys and values come from the word as it was. How many times does the normed word enter the attention? "
            f"{WHERE('What runs through')}",
            _Raw,
        ),
        Mistake(
            "the norms are left out",
            f"Both norms have weights and no work. Where do they stand in the formula? {WHERE('What runs through')}",
            _NoNorms,
        ),
        Mistake(
            "the first norm does the work of both",
            "`norm2` has weights and no work. Which sublayer is it for? " + WHERE("What runs through"),
            _OneNorm,
        ),
        Mistake(
            "nothing bends between the two linear layers",
            "Two linear layers in a row are one. What stands between them in the formula? "
            f"{WHERE('What runs through')}",
            _Straight,
        ),
        Mistake(
            "the bend is a GELU",
            f"BERT's choice, and a good one. Which one does the formula name? {WHERE('What runs through')}",
            _Gelu,
        ),
        Mistake(
            "both sublayers read the word as it came in",
            "Some models do that, side by side. Here the second thinks about what the first has seen. What is its "
            f"input? {WHERE('What runs through')}",
            _Parallel,
        ),
        Mistake(
            "the mask is handed to torch as it is",
            "You look at the pads and nowhere else. What does True mean in `key_padding_mask`? " + WHERE("Masks"),
            _NotTurned,
        ),
        Mistake(
            "the mask is left out of the attention",
            f"The words look at the pads. Which argument keeps them from it? {WHERE('Masks')}",
            _NoMask,
        ),
        Mistake(
            "the pads keep what the layer made of them",
            f"They were asked to come out as zeros. At which positions is the result something? {WHERE('Masks')}",
            _PadsKept,
        ),
        Mistake(
            "a sentence without words goes through torch's softmax",
            "The zeros at the end hide the nan, and it walks back into every weight all the same: ask for no weights, "
            f"or let such a row look at all its pads. {WHERE('A row with nothing to look at')}",
            _Nan,
        ),
        Mistake(
            "nan is multiplied by 0",
            "0 times nan is nan. `masked_fill` replaces, whatever was there. And can the nan be kept from arising? "
            f"{WHERE('A row with nothing to look at')}",
            _ByProduct,
        ),
    ),
    hints=(
        "If both sublayers said nothing at all, what should come out for a word that went in?",
        "x is (B, T, d) all the way. `self.self_attn` wants it three times, normed, and a `key_padding_mask` (B, T) in "
        "which True means ignore; it returns a pair.",
        "Norm, attend with the mask turned round and no weights asked for, add to what came in. Norm, linear, ReLU, "
        "linear, add. Fill the pads with 0.",
    ),
)
