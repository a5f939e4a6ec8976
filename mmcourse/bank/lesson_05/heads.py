"""05.2 Multi-head attention."""

import torch
from torch import Tensor

from mmcourse.attention import MultiHeadAttention
from mmcourse.checking.exercise import Case, Draw, Exercise, Mistake

D, HEADS = 8, 2


def _cases(draw: Draw) -> list[Case]:
    state = draw.module(MultiHeadAttention(D, HEADS))

    def case(name: str, points: int, batch: int, queries: int, *lengths: int, size: int = 0) -> Case:
        asks, told = draw.normal(batch, queries, D, strided=True), draw.normal(batch, size or max(lengths), D)
        mask = draw.mask(*lengths, size=size or None)
        other = told.masked_fill(~mask[..., None], 2.0)
        return Case(
            name,
            {"asks": asks, "told": told, "mask": mask},
            points,
            init={"d": D, "heads": HEADS},
            state=state,
            twin={"asks": asks, "told": other, "mask": mask},
            twin_says="only what stands in the pads changes",
        )

    return [
        case("a batch of one, nothing hidden", 1, 1, 4, 4),
        case("more keys than queries", 1, 3, 2, 5, 5, 5),
        case("padded keys", 2, 3, 3, 2, 6, 4),
        case("as many queries as keys", 1, 2, 5, 3, 5),
        case("a row with nothing to look at", 1, 2, 3, 0, 4, size=4),
    ]


class _Variant(MultiHeadAttention):
    """The reference with one step at a time to get wrong."""

    def forward(self, asks: Tensor, told: Tensor, mask: Tensor | None = None) -> Tensor:
        q, k, v = self._split(self.q(asks)), self._split(self.k(told)), self._split(self.v(told))
        weights = self.weigh(q @ k.transpose(-2, -1), mask[:, None, None, :], q.shape[-1])  # (B, H, Tq, Tk)
        return self.out((weights @ v).transpose(1, 2).flatten(2))

    def weigh(self, scores: Tensor, mask: Tensor, d: int) -> Tensor:
        return (scores / d**0.5).masked_fill(~mask, -torch.inf).softmax(-1).nan_to_num()


class _Unscaled(_Variant):
    def weigh(self, scores, mask, d):
        return super().weigh(scores, mask, 1)


class _ModelScale(_Variant):
    def weigh(self, scores, mask, d):
        return super().weigh(scores, mask, d * self.heads)


class _OverQueries(_Variant):
    def weigh(self, scores, mask, d):
        return (scores / d**0.5).masked_fill(~mask, -torch.inf).softmax(-2).nan_to_num()


class _MaskAfter(_Variant):
    def weigh(self, scores, mask, d):
        return (scores / d**0.5).softmax(-1) * mask


class _Inverted(_Variant):
    def weigh(self, scores, mask, d):
        return super().weigh(scores, ~mask, d)


class _Large(_Variant):
    def weigh(self, scores, mask, d):
        return (scores / d**0.5).masked_fill(~mask, -1e9).softmax(-1)


class _Zero(_Variant):
    def weigh(self, scores, mask, d):
        return (scores / d**0.5).masked_fill(~mask, 0.0).softmax(-1)


class _Nan(_Variant):
    def weigh(self, scores, mask, d):
        return (scores / d**0.5).masked_fill(~mask, -torch.inf).softmax(-1)


class _Askers(_Variant):
    """The mask hides those who ask, which works where as many ask as are asked."""

    def weigh(self, scores, mask, d):
        return super().weigh(scores, mask.transpose(-2, -1), d)


class _NoMask(_Variant):
    def weigh(self, scores, mask, d):
        return (scores / d**0.5).softmax(-1)


class _MixedHeads(_Variant):
    def _split(self, x):
        return x.reshape(x.shape[0], self.heads, x.shape[1], -1)


class _NoOutput(_Variant):
    def forward(self, asks, told, mask=None):
        kept, self.out = self.out, torch.nn.Identity()
        try:
            return super().forward(asks, told, mask)
        finally:
            self.out = kept


WHERE = "(lesson 05, '{}')".format

multi_head = Exercise(
    id="05.2",
    title="multi-head attention",
    kind="module",
    answer="MultiHeadAttention",
    reference=MultiHeadAttention,
    cases=_cases,
    mistakes=(
        Mistake(
            "the scores are not scaled",
            f"A sum of d products grows with d, and softmax hardens. Variance of what? {WHERE('Why divide by √d')}",
            _Unscaled,
        ),
        Mistake(
            "the scores are divided by √d of the whole model",
            f"Each head sums d / heads products. Which d was summed? {WHERE('Why divide by √d')}",
            _ModelScale,
        ),
        Mistake(
            "the softmax runs over the queries",
            "Your weights sum to 1 down the queries. Who shares one unit of attention: those who ask, or those "
            f"who are looked at? {WHERE('Who shares one unit')}",
            _OverQueries,
        ),
        Mistake(
            "the mask comes after the softmax",
            f"The hidden keys took their share first. Must the others still share 1? {WHERE('Masks')}",
            _MaskAfter,
        ),
        Mistake(
            "the mask is read the wrong way round",
            "You look at the pads and nowhere else. Does True mean keep? (nn.MultiheadAttention's key_padding_mask "
            f"means the opposite.) {WHERE('Masks')}",
            _Inverted,
        ),
        Mistake(
            "hidden scores become a large negative number",
            "Where all is hidden, all are equally low, and softmax shares them evenly over the pads. What should "
            f"someone see who may look nowhere? {WHERE('A row with nothing to look at')}",
            _Large,
        ),
        Mistake(
            "hidden scores become 0",
            f"exp(0) is 1: a hidden key keeps a share. exp of what is 0? {WHERE('Masks')}",
            _Zero,
        ),
        Mistake(
            "a row of -inf goes through softmax",
            "0 / 0 is nan, and it spreads to every weight in one step. What should someone see who may look "
            f"nowhere? {WHERE('A row with nothing to look at')}",
            _Nan,
        ),
        Mistake(
            "the mask is left out",
            f"What stands in the pads changes your answer. Who may be looked at? {WHERE('Masks')}",
            _NoMask,
        ),
        Mistake(
            "the mask hides those who ask",
            "A sentence's pads stand on both axes of the scores when it looks at itself. Which axis is the one that is "
            f"looked at? {WHERE('Masks')}",
            _Askers,
        ),
        Mistake(
            "the heads are cut out of time instead of features",
            "`view(B, H, T, d)` hands each head some of the words. Which axis splits into heads? "
            f"{WHERE('Several heads')}",
            _MixedHeads,
        ),
        Mistake(
            "the heads are never mixed by the last layer",
            f"`out` has weights and no work. What joins what the heads saw? {WHERE('Several heads')}",
            _NoOutput,
        ),
    ),
    hints=(
        "What is the shape of a head's queries, and which axis of (B, T, d) was split to get there?",
        "(B, T, d) to (B, T, H, d/H) to (B, H, T, d/H). The mask (B, Tk) must fit scores (B, H, Tq, Tk).",
        "Project, split, attend with the mask as (B, 1, 1, Tk), move the heads back beside their features, flatten, "
        "project once more.",
    ),
)
