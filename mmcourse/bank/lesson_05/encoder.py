"""05.6 The encoder: ids and mask in, one vector, the words' vectors and the mask out."""

import torch
from torch import Tensor

from mmcourse.checking.exercise import Case, Draw, Exercise, Mistake
from mmcourse.encoded import Encoded
from mmcourse.text import masked_mean
from mmcourse.text.transformer import TransformerEncoder

WHERE = "(lesson 05, '{}')".format
INIT = {"vocabulary": 11, "d": 8, "heads": 2, "depth": 2, "hidden": 12, "longest": 9}


def _cases(draw: Draw) -> list[Case]:
    state = draw.module(TransformerEncoder(**INIT))
    state["vectors.weight"][0] = 0  # padding_idx

    def case(name: str, points: int, *lengths: int, size: int) -> Case:
        mask = draw.mask(*lengths, size=size)
        ids = draw.integers(1, 11, len(lengths), size).masked_fill(~mask, 0)
        junk = torch.where(mask, ids, 4)
        return Case(
            name,
            {"ids": ids, "mask": mask},
            points,
            init=INIT,
            state=state,
            twin={"ids": junk, "mask": mask},
            twin_says="only the ids of the pads change",
        )

    return [
        case("one sentence", 1, 5, size=5),
        case("three sentences of nine words", 1, 9, 9, 9, size=9),
        case("padded", 2, 2, 7, 4, size=7),
        case("with a sentence without words", 1, 0, 3, size=4),
    ]


class _Variant(TransformerEncoder):
    """The reference with one step at a time to get wrong."""

    def forward(self, ids: Tensor, mask: Tensor) -> Encoded:
        x = self.finish(self.run(self.begin(ids), self.real(mask)), mask)
        return Encoded(self.one(x, mask), self.clean(x, mask), mask)

    def begin(self, ids: Tensor) -> Tensor:
        return self.vectors(ids) + self.places.weight[: ids.shape[1]]

    def real(self, mask: Tensor) -> Tensor:
        return mask

    def run(self, x: Tensor, mask: Tensor) -> Tensor:
        for layer in self.layers:
            x = layer(x, mask)
        return x

    def finish(self, x: Tensor, mask: Tensor) -> Tensor:
        return self.norm(x)

    def one(self, x: Tensor, mask: Tensor) -> Tensor:
        return masked_mean(x, mask)

    def clean(self, x: Tensor, mask: Tensor) -> Tensor:
        return x.masked_fill(~mask[..., None], 0)


class _NoPlaces(_Variant):
    def begin(self, ids):
        return self.vectors(ids)


class _FromOne(_Variant):
    def begin(self, ids):
        return self.vectors(ids) + self.places.weight[1:].roll(0, 0)[: ids.shape[1]]


class _AlongBatch(_Variant):
    def begin(self, ids):
        return self.vectors(ids) + self.places.weight[: len(ids), None]


class _Scaled(_Variant):
    def begin(self, ids):
        x = self.vectors(ids)
        return x * x.shape[-1] ** 0.5 + self.places.weight[: ids.shape[1]]


class _Turned(_Variant):
    """The pads are looked at, and nothing else; a full row, with nothing to look at, at everything."""

    def real(self, mask):
        return torch.where(mask.all(1, keepdim=True), mask, ~mask)

    def run(self, x, mask):
        for layer in self.layers:
            x = _open(layer, x, mask)
        return x


class _NoMask(_Variant):
    def real(self, mask):
        return torch.ones_like(mask)


def _open(layer, x: Tensor, mask: Tensor) -> Tensor:
    """A layer that leaves the pads as it made them."""
    x = x + layer.look(x, mask)[0]
    return x + layer.linear2(layer.linear1(layer.norm2(x)).relu())


class _NoLastNorm(_Variant):
    def finish(self, x, mask):
        return x


class _NormLast(_Variant):
    """The mean first, the norm after it."""

    def finish(self, x, mask):
        return x

    def one(self, x, mask):
        return self.norm(masked_mean(x, mask))

    def clean(self, x, mask):
        return super().clean(self.norm(x), mask)


class _MeanOfAll(_Variant):
    def one(self, x, mask):
        return self.clean(x, mask).mean(1)


class _MeanOfPads(_Variant):
    def one(self, x, mask):
        return x.mean(1)


class _OfNothing(_Variant):
    def one(self, x, mask):
        return self.clean(x, mask).sum(1) / mask.sum(1, keepdim=True)


class _First(_Variant):
    def one(self, x, mask):
        return self.clean(x, mask)[:, 0]


class _PadsKept(_Variant):
    def clean(self, x, mask):
        return x


class _Deaf(_Variant):
    """Every layer reads the words; the last one wins."""

    def run(self, x, mask):
        return self.layers[-1](x, mask)


class _OnlyFirst(_Variant):
    def run(self, x, mask):
        return self.layers[0](x, mask)


text_encoder = Exercise(
    id="05.6",
    title="the encoder",
    kind="module",
    answer="TransformerEncoder",
    reference=TransformerEncoder,
    cases=_cases,
    mistakes=(
        Mistake(
            "no places are added",
            "Your encoder gives 'dog bites man' and 'man bites dog' one vector. What tells it who stands where? "
            f"{WHERE('Where a word stands')}",
            _NoPlaces,
        ),
        Mistake(
            "places are counted from 1",
            f"The first row of the table is never used. Which place has the first word? {WHERE('Where a word stands')}",
            _FromOne,
        ),
        Mistake(
            "the places run along the batch",
            "Every word of a sentence gets the same place, and every sentence another. Which axis is time? "
            f"{WHERE('Where a word stands')}",
            _AlongBatch,
        ),
        Mistake(
            "the words are multiplied by √d",
            "The paper of 2017 does so, to make words louder than their places. The formula here doesn't. What is "
            f"added to what? {WHERE('Where a word stands')}",
            _Scaled,
        ),
        Mistake(
            "the mask is handed to torch as it is",
            "The words are ignored and the pads are looked at. What does True mean in `src_key_padding_mask`? "
            f"{WHERE('Masks')}",
            _Turned,
        ),
        Mistake(
            "the mask does not reach the layers",
            "The mean leaves the pads out, but by then every word has looked at them. Who needs the mask besides the "
            f"mean? {WHERE('Masks')}",
            _NoMask,
        ),
        Mistake(
            "the last norm is left out",
            "Each layer only adds, and nothing has normed the sum. What stands behind the last layer of a pre-norm "
            f"stack? {WHERE('What runs through')}",
            _NoLastNorm,
        ),
        Mistake(
            "the mean comes before the norm",
            "A mean of normed words and the norm of a mean are two things, and a sentence without words gets the "
            f"norm's bias. Which comes first in the formula? {WHERE('One vector for the sentence')}",
            _NormLast,
        ),
        Mistake(
            "the pads are counted as words",
            "They add nothing to the sum, but they are in the number that you divide by. Divide by how many words? "
            f"{WHERE('One vector for the sentence')}",
            _MeanOfAll,
        ),
        Mistake(
            "the pads are averaged in",
            "The norm has filled them with its bias, and more. Which positions hold words? "
            f"{WHERE('One vector for the sentence')}",
            _MeanOfPads,
        ),
        Mistake(
            "the mean of nothing is 0 / 0",
            "A sentence without words gives nan. What is the mean of nothing in this course? "
            f"{WHERE('One vector for the sentence')}",
            _OfNothing,
        ),
        Mistake(
            "the first word stands for the sentence",
            "That is for encoders with a [CLS] in front; your first token is a word. What is asked for here? "
            f"{WHERE('One vector for the sentence')}",
            _First,
        ),
        Mistake(
            "the pads keep what the norm made of them",
            f"The vector is right. And `tokens`, where there is no word? {WHERE('One vector for the sentence')}",
            _PadsKept,
        ),
        Mistake(
            "only the last layer is used",
            f"Each layer reads the words, and all but the last are thrown away. What is a layer's input? "
            f"{WHERE('What runs through')}",
            _Deaf,
        ),
        Mistake(
            "only the first layer is used",
            f"How many layers are in the list, and which does your loop hand on? {WHERE('What runs through')}",
            _OnlyFirst,
        ),
    ),
    hints=(
        "What has to be known about a word before the first layer: its meaning alone?",
        "(B, T) ids to (B, T, d) words, plus (T, d) places. Each layer wants `src_key_padding_mask` (B, T), True = "
        "ignore. Three things come out: (B, d), (B, T, d), (B, T).",
        "Words plus places; every layer in turn, each on what the one before gave; the last norm; zeros at the pads; "
        "the sum divided by the number of real words, at least 1.",
    ),
)
