"""08.6 Cross-attention: words ask, regions answer."""

import torch
from torch import Tensor

from mmcourse.checking.exercise import Case, Draw, Exercise, Mistake
from mmcourse.encoded import Encoded
from mmcourse.fusion import CrossAttention
from mmcourse.text import masked_mean

RELATIVES = "(lesson 08, 'Its relatives')"
MASKS = "(lesson 08, 'Both masks')"
INIT = {"d_f": 5, "d_g": 3, "d": 4, "heads": 2}


def _cases(draw: Draw) -> list[Case]:
    state = draw.module(CrossAttention(**INIT))

    def side(lengths: tuple[int, ...], size: int, d: int) -> Encoded:
        mask = draw.mask(*lengths, size=size)
        return Encoded(draw.normal(len(lengths), d, shift=-0.3), draw.normal(len(lengths), size, d, shift=0.2), mask)

    def case(name: str, points: int, f_lengths, g_lengths, i: int, j: int, junk: float | None = None) -> Case:
        args = {"image": side(f_lengths, i, INIT["d_f"]), "text": side(g_lengths, j, INIT["d_g"])}

        def padded(with_what: float) -> dict:
            return {n: e._replace(tokens=e.tokens.masked_fill(~e.mask[..., None], with_what)) for n, e in args.items()}

        twin, says = padded(6.0), "only what stands in the pads changes"
        args = args if junk is None else padded(junk)
        return Case(name, args, points, init=INIT, state=state, twin=twin, twin_says=says)

    return [
        case("a batch of one, no pads", 1, (3,), (2,), 3, 2),
        case("as many words as regions", 1, (4, 4), (4, 4), 4, 4),
        case("padded regions", 1, (1, 4, 2), (3, 3, 3), 4, 3),
        case("padded words, as many places as regions", 1, (3, 2, 3), (2, 3, 1), 3, 3),
        case("pads that hold nan", 1, (2, 3), (4, 1), 3, 4, torch.nan),
        case("a picture without regions, a text without words", 1, (0, 3, 2), (2, 0, 1), 3, 2),
    ]


class _Variant(CrossAttention):
    """The reference with one step at a time to get wrong."""

    def forward(self, image: Encoded, text: Encoded) -> Tensor:
        asks, answers = self.g(text.clean()), self.f(image.clean())  # (B, J, d), (B, I, d)
        return self.pool(self.joined(asks, self.told(asks, answers, image.mask, text.mask)), text.mask)

    def told(self, asks, answers, f_mask, g_mask):
        return self.look(asks, answers, f_mask)

    def joined(self, asks, told):
        return self.norm(asks + told)

    def pool(self, words, mask):
        return masked_mean(words, mask)


class _Askers(_Variant):
    def told(self, asks, answers, f_mask, g_mask):
        return self.look(asks, answers, g_mask)


class _NoMask(_Variant):
    def told(self, asks, answers, f_mask, g_mask):
        return self.look(asks, answers)


class _Inverted(_Variant):
    def told(self, asks, answers, f_mask, g_mask):
        return self.look(asks, answers, ~f_mask)


class _Silent(_Variant):
    """Where a picture has no regions the words are told 0, not the bias of the last layer."""

    def told(self, asks, answers, f_mask, g_mask):
        return self.look(asks, answers, f_mask) * f_mask.any(1)[:, None, None]


class _NoResidual(_Variant):
    def joined(self, asks, told):
        return self.norm(told)


class _NoNorm(_Variant):
    def joined(self, asks, told):
        return asks + told


class _Multiplied(_Variant):
    def joined(self, asks, told):
        return self.norm(asks * told)


class _NormOfTold(_Variant):
    def joined(self, asks, told):
        return asks + self.norm(told)


class _PreNorm(_Variant):
    def told(self, asks, answers, f_mask, g_mask):
        return self.look(self.norm(asks), answers, f_mask)

    def joined(self, asks, told):
        return asks + told


class _Unmasked(_Variant):
    def pool(self, words, mask):
        return words.mean(1)


class _Counted(_Variant):
    def pool(self, words, mask):
        return (words * mask[..., None]).mean(1)


class _Summed(_Variant):
    def pool(self, words, mask):
        return (words * mask[..., None]).sum(1)


class _Nan(_Variant):
    def pool(self, words, mask):
        return (words * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)


class _FirstWord(_Variant):
    def pool(self, words, mask):
        return words[:, 0] * mask[:, :1]


class _MeanThenNorm(CrossAttention):
    def forward(self, image, text):
        asks = self.g(text.clean())
        return self.norm(masked_mean(asks + self.look(asks, self.f(image.clean()), image.mask), text.mask))


class _Turned(CrossAttention):
    def forward(self, image, text):
        asks = self.f(image.clean())
        return masked_mean(self.norm(asks + self.look(asks, self.g(text.clean()), text.mask)), image.mask)


class _AddsAnswers(CrossAttention):
    def forward(self, image, text):
        answers = self.f(image.clean())
        told = self.look(self.g(text.clean()), answers, image.mask)
        return masked_mean(self.norm(masked_mean(answers, image.mask)[:, None] + told), text.mask)


class _Unclean(CrossAttention):
    def forward(self, image, text):
        asks = self.g(text.tokens)
        return masked_mean(self.norm(asks + self.look(asks, self.f(image.tokens), image.mask)), text.mask)


class _Pooled(CrossAttention):
    def forward(self, image, text):
        asks = self.g(text.clean())
        return masked_mean(self.norm(asks + self.look(asks, self.f(image.vector)[:, None])), text.mask)


class _OneQuestion(CrossAttention):
    def forward(self, image, text):
        asks = self.g(text.vector)[:, None]
        return self.norm(asks + self.look(asks, self.f(image.clean()), image.mask))[:, 0]


asking = Exercise(
    id="08.6",
    title="words ask, regions answer",
    kind="module",
    answer="CrossAttention",
    reference=CrossAttention,
    cases=_cases,
    mistakes=(
        Mistake(
            "the regions ask and the words answer",
            "The other half of the two-way layer: right in itself, and not what was asked for. Who asks here? "
            + RELATIVES,
            _Turned,
        ),
        Mistake(
            "the mask of those who ask is used",
            "It fits only where there are as many words as regions, and then hides the wrong ones. Whose pads must "
            f"not answer? {MASKS}",
            _Askers,
        ),
        Mistake("the regions' mask is left out", f"A pad of the picture answers your words. {MASKS}", _NoMask),
        Mistake(
            "the mask is read the wrong way round",
            f"Only pads answer your words. Does True mean real, or ignore? {MASKS}",
            _Inverted,
        ),
        Mistake(
            "the bias of the last layer is silenced where there are no regions",
            "Attention gives exact zeros there, and then its last layer adds its bias, here as everywhere in the "
            f"course. {MASKS}",
            _Silent,
        ),
        Mistake(
            "the words forget what they asked",
            f"Only what was told is left of each word. What is it added to? {RELATIVES}",
            _NoResidual,
        ),
        Mistake(
            "the answers are added instead of the questions",
            "Your sum carries the regions on, and the words only choose among them. Whose state is updated? "
            + RELATIVES,
            _AddsAnswers,
        ),
        Mistake(
            "what was told is multiplied in",
            "The article's formula multiplies word and answer; this relative of it does not. What stands between V gⱼ "
            f"and tⱼ? {RELATIVES}",
            _Multiplied,
        ),
        Mistake("the norm is left out", f"`norm` has weights and no work. {RELATIVES}", _NoNorm),
        Mistake(
            "only what was told is normed",
            f"Norm of the sum, not sum with the norm. What stands inside the brackets? {RELATIVES}",
            _NormOfTold,
        ),
        Mistake(
            "the norm stands before the question",
            "That is the pre-norm layer of lesson 05. In this formula, what stands inside norm(...)? " + RELATIVES,
            _PreNorm,
        ),
        Mistake(
            "the mean is taken before the norm",
            "The norm of a mean is not the mean of norms: a loud word drowns the others before they are scaled. "
            + RELATIVES,
            _MeanThenNorm,
        ),
        Mistake(
            "the words' pads are in the mean",
            "Pads ask too, and their answers are in your mean. Over which words is the mean? " + MASKS,
            _Unmasked,
        ),
        Mistake(
            "the words' pads are counted in the mean",
            "They add nothing to your sum, but they are in the number that you divide by. Divide by how many words? "
            + MASKS,
            _Counted,
        ),
        Mistake(
            "the words are summed",
            f"A longer sentence gives a longer h. Which average was asked for? {RELATIVES}",
            _Summed,
        ),
        Mistake(
            "a text without words is divided by zero",
            f"0 / 0 is nan. What is the mean of nothing in this course? {MASKS}",
            _Nan,
        ),
        Mistake(
            "a pad's nan gets in",
            "A weight of 0 does not help: 0 times nan is nan. What does `Encoded.clean()` put in a pad's place? "
            + MASKS,
            _Unclean,
        ),
        Mistake(
            "the picture's vector answers alone",
            "With a single one to ask, every word is told the same. Which part of `image` holds the regions? "
            + RELATIVES,
            _Pooled,
        ),
        Mistake(
            "the text's vector asks alone",
            f"One question for the whole sentence. Which part of `text` holds the words? {RELATIVES}",
            _OneQuestion,
        ),
        Mistake(
            "only the first word's answer is kept",
            f"The first word of a sentence is often *the*. Over which words is the mean? {RELATIVES}",
            _FirstWord,
        ),
    ),
    hints=(
        "Who asks, who answers, and whose pads have to be kept from doing either?",
        "Words are (B, J, d) after `g`, regions (B, I, d) after `f`; `look` takes those who ask, those who are asked, "
        "and the mask of those who are asked, and gives (B, J, d).",
        "Both sides clean of what stands in pads; each through its layer; let the words look at the regions; add what "
        "they were told to what they were; norm; mean over the real words by `masked_mean`.",
    ),
)
