"""Lesson 06, concatenation fusion."""

from collections.abc import Callable
from functools import cache

import torch
from torch import Tensor, nn

from mmcourse.bank.pair_models import Untrained, deaf_to, probabilities
from mmcourse.checking.exercise import Bar, Case, Draw, Exercise, Mistake
from mmcourse.checking.probe import Seen
from mmcourse.encoded import Encoded
from mmcourse.fusion import FiLM, Gated, late_fusion, mix, standardise, votes
from mmcourse.tasks.metrics import accuracy
from mmcourse.text import masked_mean

# 06.1 --------------------------------------------------------------------------------------------------------------


def _votes_cases(draw: Draw) -> list[Case]:
    def case(name: str, points: int, batch: int, classes: int, d_f: int, d_g: int, strided: bool = False) -> Case:
        weight = draw.normal(classes, d_f + d_g, strided=strided)
        return Case(name, {"weight": weight, "f": draw.normal(batch, d_f), "g": draw.normal(batch, d_g)}, points)

    return [
        case("a batch of one, halves of equal size", 1, 1, 3, 4, 4),
        case("the picture has more features", 1, 3, 2, 7, 4, strided=True),
        case("the text has more features", 1, 2, 5, 3, 6),
    ]


def _text_first(weight: Tensor, f: Tensor, g: Tensor):
    d_g = g.shape[-1]
    return f @ weight[:, d_g:].T, g @ weight[:, :d_g].T


def _middle(weight: Tensor, f: Tensor, g: Tensor):
    left, right = weight.chunk(2, dim=1)
    return f @ left.T, g @ right.T


def _chances(weight: Tensor, f: Tensor, g: Tensor):
    picture, text = votes(weight, f, g)
    return picture.softmax(-1), text.softmax(-1)


def _whole(weight: Tensor, f: Tensor, g: Tensor):
    picture, text = votes(weight, f, g)
    return picture + text, picture + text


split = Exercise(
    id="06.1",
    title="Split the weights",
    kind="function",
    answer="votes",
    reference=votes,
    cases=_votes_cases,
    mistakes=(
        Mistake(
            "the weights are cut in the middle",
            "Half of the columns go to each side, and that fits only where both vectors are equally long. How many "
            "columns belong to the picture? (lesson 06, 'Two votes')",
            _middle,
        ),
        Mistake(
            "the first columns are given to the text",
            "In h = [f; g] the picture stands first. Which columns of the weights does it meet? "
            "(lesson 06, 'Two votes')",
            _text_first,
        ),
        Mistake(
            "the text's votes are returned first",
            "Both parts are right, and in the wrong order: picture first, then text. (lesson 06, 'Two votes')",
            lambda weight, f, g: votes(weight, f, g)[::-1],
        ),
        Mistake(
            "each part is put through a softmax",
            "Votes add up to logits. Do probabilities? (lesson 06, 'Two votes')",
            _chances,
        ),
        Mistake(
            "both parts are the whole sum",
            "Each of your parts already holds the other's votes. What is left of one where the other's vector is all "
            "zeros? (lesson 06, 'Two votes')",
            _whole,
        ),
    ),
    hints=(
        "A row of the weights meets h number by number. Which numbers of h come from the picture?",
        "weight is (K, d_f + d_g): its first d_f columns meet f, the other d_g meet g. Each part is (B, K).",
        "Cut the columns at d_f. Multiply f with the first part, transposed: (B, d_f) by (d_f, K). The same for g with "
        "the rest. Give both back, the picture's first.",
    ),
)

# 06.2 --------------------------------------------------------------------------------------------------------------

CORNERS = {
    "both": 4,
    "exactly one": 3,
    "turned round": 3,
    "not both": 4,
    "same of three": 7,
    "at least": 9,
    "one apart": 8,
}


def _corner_cases(draw: Draw) -> list[Case]:
    return [Case(name) for name in CORNERS]


corners = Exercise(
    id="06.2",
    title="What a sum can do at best",
    kind="value",
    answer="best",
    reference=CORNERS,
    cases=_corner_cases,
    mistakes=(
        Mistake(
            "a sum is thought to do no better than a coin",
            "It can't get all four, and it need not stop at two. Can you find votes that get three right? "
            "(lesson 06, 'Two votes')",
            {"exactly one": 2, "turned round": 2},
        ),
        Mistake(
            "a sum is thought to reach all four",
            "Add up the scores of two corners that lie across from each other, then of the other two. What do the two "
            "sums have in common, and what does the table ask of them? (lesson 06, 'Two votes')",
            {"exactly one": 4, "turned round": 4},
        ),
        Mistake(
            "turning round is taken for easier than exactly one",
            "Exchange the names of the two words in this table, and look at it again. Which table is it now? "
            "(lesson 06, 'Two votes')",
            {"turned round": 4},
        ),
        Mistake(
            "needing both is taken for needing a product",
            "Let each side give one vote for yes, and ask for more than one and a half. Which corners pass? "
            "(lesson 06, 'Needing both is not needing a product')",
            {"both": 3, "not both": 3},
        ),
        Mistake(
            "always saying no is taken for the best",
            "That is six of nine. Can one word be favoured so much that one more cell comes right and none goes wrong? "
            "(lesson 06, 'Two votes')",
            {"same of three": 6},
        ),
        Mistake(
            "three kinds are taken to be easier than two",
            "Look at two kinds alone, and at their four cells. What did the sum make of such a square? "
            "(lesson 06, 'Two votes')",
            {"same of three": 9},
        ),
        Mistake(
            "nearness is taken for a sum",
            "In row 1 the word 3 must be no and the word 1 yes; in row 3 the other way round. Can the picture's vote "
            "change which word scores more? (lesson 06, 'Two votes')",
            {"one apart": 9},
        ),
    ),
    hints=(
        "The picture's vote moves a whole row up or down. Can it change which of two words scores higher in that row?",
        "It can't. So if row 1 says yes to word 1 and no to word 3, word 1 scores higher, and no row can say yes to "
        "word 3 and no to word 1. Which tables ask for such a thing?",
        "For each table: if of any two rows one's yes cells are among the other's, a sum gets all. If not, change as "
        "few cells as you can until it is so; the cells that you did not change are the answer.",
    ),
)

# 06.3 --------------------------------------------------------------------------------------------------------------


def _late_cases(draw: Draw) -> list[Case]:
    def case(name: str, points: int, batch: int, prior: Tensor, scale: float = 1.0, **more) -> Case:
        k = len(prior)
        apart = scale * torch.arange(batch, dtype=torch.float64)[:, None]  # rows whose logits lie far from each other
        return Case(
            name,
            {
                "image_logits": draw.normal(batch, k, scale=scale, shift=0.7) + 3 * apart,
                "text_logits": draw.normal(batch, k, scale=scale, strided=True),
                "log_prior": prior.log_softmax(-1),
            },
            points,
            **more,
        )

    return [
        # A prior that is the same for all may be left out: no gradient is asked of it.
        case("all classes equally common", 1, 3, torch.zeros(4, dtype=torch.float64), gradients=False),
        case("one class is rare", 2, 2, torch.tensor([1.0, 0.2, -2.5], dtype=torch.float64)),
        case("a batch of one", 1, 1, draw.normal(5)),
        case("very sure classifiers", 1, 3, draw.normal(4), scale=700.0),
    ]


def _plain_sum(image_logits, text_logits, log_prior):
    return (image_logits + text_logits).log_softmax(-1)


def _halved(image_logits, text_logits, log_prior):
    return ((image_logits + text_logits) / 2).log_softmax(-1)


def _halved_less(image_logits, text_logits, log_prior):
    return ((image_logits + text_logits) / 2 - log_prior).log_softmax(-1)


def _mean_of_chances(image_logits, text_logits, log_prior):
    return ((image_logits.softmax(-1) + text_logits.softmax(-1)) / 2).log()


def _twice_out(image_logits, text_logits, log_prior):
    return (image_logits + text_logits - 2 * log_prior).log_softmax(-1)


def _added(image_logits, text_logits, log_prior):
    return (image_logits + text_logits + log_prior).log_softmax(-1)


def _over_batch(image_logits, text_logits, log_prior):
    return (image_logits + text_logits - log_prior).log_softmax(0)


def _as_chances(image_logits, text_logits, log_prior):
    return (image_logits + text_logits - log_prior).softmax(-1)


def _unfinished(image_logits, text_logits, log_prior):
    return image_logits + text_logits - log_prior


def _unfinished_logs(image_logits, text_logits, log_prior):
    return image_logits.log_softmax(-1) + text_logits.log_softmax(-1) - log_prior


def _underflows(image_logits, text_logits, log_prior):
    product = image_logits.softmax(-1) * text_logits.softmax(-1) / log_prior.exp()
    return (product / product.sum(-1, keepdim=True)).log()


late = Exercise(
    id="06.3",
    title="Late fusion, with the prior counted once",
    kind="function",
    answer="late_fusion",
    reference=late_fusion,
    cases=_late_cases,
    mistakes=(
        Mistake(
            "the prior is counted twice",
            "Each of the two classifiers already knows how common a class is. How often does that knowledge enter a "
            "plain sum? (lesson 06, 'Where they meet')",
            _plain_sum,
        ),
        Mistake(
            "the logits are averaged",
            "The mean of two independent witnesses is less sure than their sum. Does a second witness who agrees make "
            "you less sure? (lesson 06, 'Where they meet')",
            _halved,
        ),
        Mistake(
            "the logits are averaged before the prior is taken out",
            "The mean of two independent witnesses is less sure than their sum. Does a second witness who agrees make "
            "you less sure? (lesson 06, 'Where they meet')",
            _halved_less,
        ),
        Mistake(
            "the two probabilities are averaged",
            "A mean of probabilities believes one witness or the other; independent witnesses are believed together. "
            "What happens to chances of independent events? (lesson 06, 'Where they meet')",
            _mean_of_chances,
        ),
        Mistake(
            "the prior is taken out twice",
            "Now no classifier's knowledge of how common the classes are is left. How often should it remain? "
            "(lesson 06, 'Where they meet')",
            _twice_out,
        ),
        Mistake(
            "the prior is added",
            "It was in both already, and now it counts three times. (lesson 06, 'Where they meet')",
            _added,
        ),
        Mistake(
            "the softmax runs over the batch",
            "Your probabilities sum to 1 down the samples. Who shares one unit of probability: the samples, or the "
            "classes of one sample? (lesson 06, 'Where they meet')",
            _over_batch,
        ),
        Mistake(
            "probabilities are returned instead of their logarithms",
            "The values are right, and their logarithms were asked for. (lesson 06, 'Where they meet')",
            _as_chances,
        ),
        Mistake(
            "the sum is not normalised",
            "Differences between classes are right. What must a row's probabilities sum to, and what do yours? "
            "(lesson 06, 'Where they meet')",
            _unfinished,
        ),
        Mistake(
            "normalised parts are added and the result is not",
            "Each of the two was normalised, and their product need not be. What must a row's probabilities sum to, "
            "and what do yours? (lesson 06, 'Where they meet')",
            _unfinished_logs,
        ),
        Mistake(
            "the probabilities are multiplied before the logarithm is taken",
            "Fine, until a classifier is very sure: then a probability is rounded to 0, and its logarithm is minus "
            "infinity. What becomes of a product if you take logarithms first? (lesson 06, 'Where they meet')",
            _underflows,
        ),
    ),
    hints=(
        "Two witnesses, independent once the class is known. Which of the three quantities do you multiply, and which "
        "do you divide by?",
        "Take logarithms: a product becomes a sum, a quotient a difference. The prior is (K) and stands for every row.",
        "Add the two logits, subtract the log prior, and normalise each row with a log-softmax over its classes.",
    ),
)

# Cases of modules ----------------------------------------------------------------------------------------------------

D_F, D_G, D = 4, 6, 5


def _encoded(draw: Draw, lengths: tuple[int, ...], size: int, d: int) -> Encoded:
    mask = draw.mask(*lengths, size=size)
    tokens = draw.normal(len(lengths), size, d, shift=0.2)
    return Encoded(draw.normal(len(lengths), d, shift=-0.3), tokens, mask)


def _fusion_case(
    draw: Draw,
    module: type[nn.Module],
    state: dict,
    name: str,
    points: int,
    *lengths: int,
    size: int,
    front: bool = False,
):
    """A case of a fusion: pads of image and text hold junk, and other junk in the twin; `front` puts them in front."""
    image, text = _encoded(draw, lengths, size, D_F), _encoded(draw, lengths[::-1], size, D_G)
    if front:
        image, text = (e._replace(mask=e.mask.flip(1)) for e in (image, text))
    other = [e._replace(tokens=e.tokens.masked_fill(~e.mask[..., None], 9.0)) for e in (image, text)]
    return Case(
        name,
        {"image": image, "text": text},
        points,
        init={"d_f": D_F, "d_g": D_G, "d": D},
        state=state,
        twin=dict(zip(("image", "text"), other, strict=True)),
        twin_says="only what stands in the pads changes",
    )


# 06.4 --------------------------------------------------------------------------------------------------------------


def _gate_cases(draw: Draw) -> list[Case]:
    state = draw.module(Gated(D_F, D_G, D))
    wide = {name: value * 6 if name.startswith("gate") else value for name, value in state.items()}
    return [
        _fusion_case(draw, Gated, state, "a batch of one", 1, 3, size=3),
        _fusion_case(draw, Gated, state, "a batch of three", 2, 2, 4, 1, size=4),
        _fusion_case(draw, Gated, wide, "gates that are nearly open or shut", 1, 3, 2, size=3),
    ]


class _Gate(Gated):
    """The reference with one step at a time to get wrong."""

    def forward(self, image: Encoded, text: Encoded) -> Tensor:
        z = self.open(self.gate(self.join(image.vector, text.vector)))
        return self.blend(z, self.squash(self.f(image.vector)), self.squash(self.g(text.vector)))

    def join(self, f, g):
        return torch.cat([f, g], dim=-1)

    def open(self, scores):
        return scores.sigmoid()

    def squash(self, x):
        return x.tanh()

    def blend(self, z, f, g):
        return z * f + (1 - z) * g


class _GateTurned(_Gate):
    def blend(self, z, f, g):
        return (1 - z) * f + z * g


class _GateBoth(_Gate):
    def blend(self, z, f, g):
        return z * (f + g)


class _GateImageOnly(_Gate):
    def blend(self, z, f, g):
        return z * f + g


class _GateFeatures(_Gate):
    def open(self, scores):
        return scores.softmax(-1)


class _GateRaw(_Gate):
    def open(self, scores):
        return scores


class _GateScalar(_Gate):
    def open(self, scores):
        return scores.mean(-1, keepdim=True).sigmoid()


class _GateLinear(_Gate):
    def squash(self, x):
        return x


class _GateSquashedLate(_GateLinear):
    def blend(self, z, f, g):
        return super().blend(z, f, g).tanh()


class _GateTextFirst(_Gate):
    def join(self, f, g):
        return torch.cat([g, f], dim=-1)


gate = Exercise(
    id="06.4",
    title="A gate",
    kind="module",
    answer="Gated",
    reference=Gated,
    cases=_gate_cases,
    mistakes=(
        Mistake(
            "the gate is turned round",
            "Where z is 1 your h is the text's. Whose share is z, and whose 1 - z? (lesson 06, 'Where they meet')",
            _GateTurned,
        ),
        Mistake(
            "both modalities pass the same gate",
            "Your gate opens and shuts for both at once, so it never chooses. What share is left for the text "
            "where the picture has z? (lesson 06, 'Where they meet')",
            _GateBoth,
        ),
        Mistake(
            "only the picture passes the gate",
            "The text is added whole, whatever the gate says. What share is left for it where the picture has z? "
            "(lesson 06, 'Where they meet')",
            _GateImageOnly,
        ),
        Mistake(
            "the features share the gate among themselves",
            "A softmax makes the gates of one sample sum to 1 over its features, so each is nearly shut. Between whom "
            "does a gate choose? (lesson 06, 'Where they meet')",
            _GateFeatures,
        ),
        Mistake(
            "the gate is not brought between 0 and 1",
            "Your shares may be negative, or larger than the whole. Which function turns a score into a share? "
            "(lesson 06, 'Where they meet')",
            _GateRaw,
        ),
        Mistake(
            "one gate serves all features",
            "Each sample has a single gate here. In the formula z has as many numbers as h. "
            "(lesson 06, 'Where they meet')",
            _GateScalar,
        ),
        Mistake(
            "the tanh is left out",
            "Without it a modality can outweigh the other by sheer size, whatever the gate says. Which range should "
            "both halves have? (lesson 06, 'Where they meet')",
            _GateLinear,
        ),
        Mistake(
            "the tanh is taken of the blend",
            "The formula squashes each modality before the gate weighs them. (lesson 06, 'Where they meet')",
            _GateSquashedLate,
        ),
        Mistake(
            "the gate reads the text before the picture",
            "The two vectors are joined as [g; f], so the gate's weights meet the wrong features. Which order "
            "has the course? (lesson 06, 'Two votes')",
            _GateTextFirst,
        ),
    ),
    hints=(
        "A gate is a share. If the picture has a share z of a feature, what is left for the text?",
        "z, tanh(U f + …) and tanh(V g + …) all have shape (B, d), so everything happens feature by feature.",
        "Join the two vectors, picture first; the layer `gate` and a sigmoid give z. Each vector goes through its own "
        "layer and a tanh. The first is weighed with z, the second with 1 - z, and they are added.",
    ),
)

# 06.5 --------------------------------------------------------------------------------------------------------------


def _film_cases(draw: Draw) -> list[Case]:
    state = draw.module(FiLM(D_F, D_G, D))
    return [
        _fusion_case(draw, FiLM, state, "a batch of one, no pads", 1, 4, size=4),
        _fusion_case(draw, FiLM, state, "as many regions as pictures", 1, 3, 3, 3, size=3),
        _fusion_case(draw, FiLM, state, "padded regions", 1, 2, 4, 1, size=4),
        _fusion_case(draw, FiLM, state, "pads in front", 1, 1, 4, 3, size=4, front=True),
        _fusion_case(draw, FiLM, state, "a picture without regions", 1, 0, 3, size=3),
    ]


class _Film(FiLM):
    """The reference with one step at a time to get wrong."""

    def forward(self, image: Encoded, text: Encoded) -> Tensor:
        regions = self.bend(self.f(image.tokens), self.scaled(self.scale(text.vector)), self.shift(text.vector))
        return self.pool(regions, image.mask)

    def scaled(self, x):
        return 1 + x

    def bend(self, regions, gamma, beta):
        return gamma[:, None] * regions + beta[:, None]

    def pool(self, regions, mask):
        return masked_mean(regions.relu(), mask)


class _FilmRaw(_Film):
    def scaled(self, x):
        return x


class _FilmShiftFirst(_Film):
    def bend(self, regions, gamma, beta):
        return gamma[:, None] * (regions + beta[:, None])


class _FilmAligned(_Film):
    def bend(self, regions, gamma, beta):
        return gamma * regions + beta


class _FilmPads(_Film):
    def pool(self, regions, mask):
        return regions.relu().mean(1)


class _FilmZeroed(_Film):
    def pool(self, regions, mask):
        return (regions.relu() * mask[..., None]).mean(1)


class _FilmSum(_Film):
    def pool(self, regions, mask):
        return (regions.relu() * mask[..., None]).sum(1)


class _FilmLinear(_Film):
    def pool(self, regions, mask):
        return masked_mean(regions, mask)


class _FilmPooledFirst(_Film):
    def pool(self, regions, mask):
        return masked_mean(regions, mask).relu()


class _FilmVector(FiLM):
    def forward(self, image: Encoded, text: Encoded) -> Tensor:
        return ((1 + self.scale(text.vector)) * self.f(image.vector) + self.shift(text.vector)).relu()


class _FilmTurned(FiLM):
    def forward(self, image: Encoded, text: Encoded) -> Tensor:
        gamma, beta = 1 + self.shift(text.vector), self.scale(text.vector)
        return masked_mean((gamma[:, None] * self.f(image.tokens) + beta[:, None]).relu(), image.mask)


class _FilmNan(_Film):
    def pool(self, regions, mask):
        regions = regions.relu().masked_fill(~mask[..., None], 0)
        return regions.sum(1) / mask.sum(1, keepdim=True)


film = Exercise(
    id="06.5",
    title="FiLM",
    kind="module",
    answer="FiLM",
    reference=FiLM,
    cases=_film_cases,
    mistakes=(
        Mistake(
            "the scale has no 1 in it",
            "Where Δ is near 0, as at the start of training, your scale is too, and the picture is gone. What should "
            "an unmodulated feature be multiplied with? (lesson 06, 'Where they meet')",
            _FilmRaw,
        ),
        Mistake(
            "the picture is shifted before it is scaled",
            "Your shift is scaled too. In γ ∘ x + β, what does γ touch? (lesson 06, 'Where they meet')",
            _FilmShiftFirst,
        ),
        Mistake(
            "scale and shift are lined up with the regions",
            "(B, d) stands below (B, I, d) from the right, so the texts' axis falls on the regions': where B and I are "
            "equal, region k of every picture is bent by text k. Which axis is missing, and where? "
            "(lesson 06, 'Where they meet')",
            _FilmAligned,
        ),
        Mistake(
            "the pads are in the mean",
            "What stands in a pad changes your result. Which regions are real, and what is their mean? "
            "(lesson 06, 'Where they meet')",
            _FilmPads,
        ),
        Mistake(
            "the pads are counted in the mean",
            "They add nothing to your sum, but they are in the number that you divide by. Divide by how many regions? "
            "(lesson 06, 'Where they meet')",
            _FilmZeroed,
        ),
        Mistake(
            "the regions are summed",
            "A picture with more regions gives a longer h. Which average was asked for? (lesson 06, 'Where they meet')",
            _FilmSum,
        ),
        Mistake(
            "the ReLU is left out",
            "Without it the mean of the regions is all that counts, and γ ∘ mean + β is all that is left. Where does "
            "the formula bend? (lesson 06, 'Where they meet')",
            _FilmLinear,
        ),
        Mistake(
            "the mean is taken before the ReLU",
            "Then one strongly negative region silences the others. In the formula each region passes the ReLU by "
            "itself. (lesson 06, 'Where they meet')",
            _FilmPooledFirst,
        ),
        Mistake(
            "the picture's vector is used instead of its regions",
            "FiLM bends each region before they are averaged. Which part of `image` holds the regions? "
            "(lesson 06, 'Where they meet')",
            _FilmVector,
        ),
        Mistake(
            "scale and shift are exchanged",
            "The layer `scale` is added and the layer `shift` multiplied. Which of them is γ? "
            "(lesson 06, 'Where they meet')",
            _FilmTurned,
        ),
        Mistake(
            "a picture without regions is divided by zero",
            "0 / 0 is nan. What is the mean of nothing in this course? (lesson 06, 'Where they meet')",
            _FilmNan,
        ),
    ),
    hints=(
        "One text, many regions: each region is bent in the same way. Along which axis must γ be stretched?",
        "γ and β are (B, d), the regions after their layer (B, I, d). Give γ and β an axis of size 1 in the middle.",
        "γ is 1 plus the layer `scale` of the text's vector, β the layer `shift` of it. The regions go through `f`, "
        "are multiplied with γ, β is added, then the ReLU. Then the mean over real regions, by `masked_mean`.",
    ),
)

# 06.6 --------------------------------------------------------------------------------------------------------------


def _mix_cases(draw: Draw) -> list[Case]:
    def case(name: str, points: int, rows: list[list[bool]], d: int, shift: float = 0.0) -> Case:
        there = torch.tensor(rows)
        parts, scores = draw.normal(*there.shape, d, shift=0.4), draw.normal(*there.shape, d, shift=shift)
        absent = ~there[..., None]
        twin = {
            "parts": parts.masked_fill(absent, 8.0),
            "scores": scores.masked_fill(absent, shift + 3.0),
            "there": there,
        }
        says = "only what an absent modality holds changes"
        args = {"parts": parts, "scores": scores, "there": there}
        return Case(name, args, points, twin=twin, twin_says=says)

    return [
        case("a batch of one, both there", 1, [[True, True]], 4),
        case("three samples, both there", 2, [[True, True]] * 3, 5),
        case("here the picture is missing, there the text", 1, [[False, True], [True, True], [True, False]], 3),
        # Only differences of scores matter: where all lie far below 0, a fill of -10,000 would win.
        case("three modalities, and once none", 1, [[True, False, True], [False, False, False]], 5, shift=-2e4),
    ]


def _mixed_over(dim: int):
    def answer(parts, scores, there):
        absent = ~there[..., None]
        weights = scores.masked_fill(absent, -torch.inf).softmax(dim).nan_to_num()
        return (weights * parts.masked_fill(absent, 0)).sum(1)

    return answer


def _mix_mask_after(parts, scores, there):
    weights = scores.softmax(1) * there[..., None]
    return (weights * parts.masked_fill(~there[..., None], 0)).sum(1)


def _mix_no_mask(parts, scores, there):
    return (scores.softmax(1) * parts).sum(1)


def _mix_inverted(parts, scores, there):
    return mix(parts, scores, ~there)


def _mix_sigmoid(parts, scores, there):
    return (scores.sigmoid() * parts.masked_fill(~there[..., None], 0)).sum(1)


def _mix_zero_scores(parts, scores, there):
    absent = ~there[..., None]
    return (scores.masked_fill(absent, 0).softmax(1) * parts.masked_fill(absent, 0)).sum(1)


def _mix_nan(parts, scores, there):
    absent = ~there[..., None]
    return (scores.masked_fill(absent, -torch.inf).softmax(1) * parts.masked_fill(absent, 0)).sum(1)


def _mix_mean(parts, scores, there):
    absent = ~there[..., None]
    weights = scores.masked_fill(absent, -torch.inf).softmax(1).nan_to_num()
    return (weights * parts.masked_fill(absent, 0)).mean(1)


def _mix_per_modality(parts, scores, there):
    return mix(parts, scores.mean(-1, keepdim=True).expand_as(scores), there)


mixing = Exercise(
    id="06.6",
    title="Find the fault in a gate",
    kind="function",
    answer="mix",
    reference=mix,
    given=_mixed_over(-1),
    cases=_mix_cases,
    mistakes=(
        Mistake(
            "the samples of the batch share one unit of weight",
            "Your weights sum to 1 down the batch, so a sample's result depends on its neighbours. Who competes here? "
            "(lesson 06, 'Where they meet')",
            _mixed_over(0),
        ),
        Mistake(
            "the absent modalities are struck out after the softmax",
            "The share of an absent modality is lost, and those that are there no longer sum to 1. What must be known "
            "before the shares are given out? (lesson 06, 'Where they meet')",
            _mix_mask_after,
        ),
        Mistake(
            "absent modalities take part",
            "What stands where a modality is missing changes your result. What does `there` say? "
            "(lesson 06, 'Where they meet')",
            _mix_no_mask,
        ),
        Mistake(
            "the mask is read the wrong way round",
            "Only what is absent counts in your result. What does True mean in this course? "
            "(lesson 06, 'Where they meet')",
            _mix_inverted,
        ),
        Mistake(
            "each modality has a gate of its own",
            "With a sigmoid for each, the shares need not sum to 1: all may pass, or none. Who competes with whom? "
            "(lesson 06, 'Where they meet')",
            _mix_sigmoid,
        ),
        Mistake(
            "absent modalities are given the score 0",
            "exp(0) is 1, so they keep a share. Which score has no share at all? (lesson 06, 'Where they meet')",
            _mix_zero_scores,
        ),
        Mistake(
            "a sample without any modality becomes nan",
            "A softmax over nothing divides 0 by 0. What is a mean of nothing in this course? "
            "(lesson 06, 'Where they meet')",
            _mix_nan,
        ),
        Mistake(
            "the weighed parts are averaged",
            "The weights sum to 1 already; your mean divides by the number of modalities once more. "
            "(lesson 06, 'Where they meet')",
            _mix_mean,
        ),
        Mistake(
            "one weight serves all features of a modality",
            "The scores were averaged over the features first. In the formula each feature has weights of its own. "
            "(lesson 06, 'Where they meet')",
            _mix_per_modality,
        ),
    ),
    hints=(
        "One unit of weight is shared out. Among whom should it be, and among whom does this code share it?",
        "scores are (B, M, d). For every sample and every feature, the numbers along which axis must sum to 1?",
        "Sum the weights over each axis in turn and see where you get ones. The softmax runs over the last axis, the "
        "features; it belongs on the axis of the modalities. Nothing else is wrong.",
    ),
)

# 06.7 --------------------------------------------------------------------------------------------------------------


def _standardise_cases(draw: Draw) -> list[Case]:
    def case(name: str, n: int, m: int, d: int, strided: bool = False, scales: list[float] | None = None) -> Case:
        """New vectors that lie elsewhere than the training vectors, and closer together."""
        unit = torch.ones(d, dtype=torch.float64) if scales is None else torch.tensor(scales, dtype=torch.float64)
        train = draw.normal(n, d, scale=2.0, shift=1.5, strided=strided) * unit
        other = draw.normal(m, d, scale=0.7, shift=-0.4, strided=strided) * unit
        # No gradients are asked for: the scale is set before training, and who cuts them off is right.
        return Case(name, {"train": train, "other": other}, gradients=False)

    dead = case("two features that do not vary in training", 6, 4, 5)
    train, other = dead.args["train"], dead.args["other"]
    train[:, 1] = 2.0  # a sum of these is exact, so the spread is exactly 0
    other[:, 1] = torch.tensor([2.0, 2.5, 2.0, 1.25])
    train[:, 3] = draw.normal(6, scale=1e-9, shift=-1.2e-8)  # as the text encoder's are
    other[:, 3] = draw.normal(4, scale=1e-9, shift=-1.2e-8)
    return [
        case("three new vectors", 7, 3, 4, strided=True),
        case("more new vectors than training vectors", 4, 9, 3),
        case("a single new vector", 6, 1, 5),
        case("features on very different scales", 5, 3, 4, scales=[1e-3, 1.0, 40.0, 5000.0]),
        dead,
    ]


def _scaled(
    by: str = "train", axis: int | None = 0, correction: int = 0, square: bool = False, centre: bool = True
) -> Callable[[Tensor, Tensor], Tensor]:
    """`standardise` with another choice for one of its parts; dead features are still 0."""

    def answer(train: Tensor, other: Tensor) -> Tensor:
        source = {"train": train, "other": other, "both": torch.cat([train, other])}[by]
        mean, spread = source.mean(axis, keepdim=True), source.std(axis, correction=correction, keepdim=True)
        dead = spread < 1e-6
        moved = other - mean if centre else other
        return (moved / (spread**2 if square else spread).masked_fill(dead, 1)).masked_fill(dead, 0)

    return answer


def _divided_by(spread_of: Callable[[Tensor], Tensor]) -> Callable[[Tensor, Tensor], Tensor]:
    """`standardise` with dead features left to what is divided by."""
    return lambda train, other: (other - train.mean(0)) / spread_of(train)


def _population(train: Tensor) -> Tensor:
    return train.std(0, correction=0)


heard = Exercise(
    id="06.7",
    title="Let both halves be heard",
    kind="function",
    answer="standardise",
    reference=standardise,
    cases=_standardise_cases,
    mistakes=(
        Mistake(
            "the new vectors' own mean and spread are used",
            "Your result depends on which vectors happen to come together, and a single one has no spread at all. "
            "Which mean was known before they came? "
            "(lesson 06, 'Where it breaks: two halves, worse than one')",
            _scaled("other"),
        ),
        Mistake(
            "mean and spread are taken over training and new vectors together",
            "What is held out has leaked into what the model is given. Which vectors may set the scale? "
            "(lesson 06, 'Where it breaks: two halves, worse than one')",
            _scaled("both"),
        ),
        Mistake(
            "each vector is standardised by itself",
            "Your mean runs over the features of one row, as a layer norm's does, and `train` is not asked. Over which "
            "axis does one feature meet its other values? "
            "(lesson 06, 'Where it breaks: two halves, worse than one')",
            _scaled("other", axis=1),
        ),
        Mistake(
            "one mean and one spread serve all features",
            "Then features with large numbers stay louder than the rest. How many means does a (N, d) have, one for "
            "each feature? "
            "(lesson 06, 'Where it breaks: two halves, worse than one')",
            _scaled(axis=None),
        ),
        Mistake(
            "the sum of squares is divided by N - 1",
            "Your numbers are all a little small, by the same share. torch's `std` estimates, and divides by N - 1 "
            "unless told otherwise: which argument says by what? "
            "(lesson 06, 'Where it breaks: two halves, worse than one')",
            _scaled(correction=1),
        ),
        Mistake(
            "it is divided by the variance",
            "The variance is in the feature's unit squared. What brings it back to the unit of the feature? "
            "(lesson 06, 'Where it breaks: two halves, worse than one')",
            _scaled(square=True),
        ),
        Mistake(
            "the mean is not taken off",
            "The spread is 1 now, and every feature still stands where it stood. Where should a training vector's "
            "features lie on average? "
            "(lesson 06, 'Where it breaks: two halves, worse than one')",
            _scaled(centre=False),
        ),
        Mistake(
            "each vector is brought to length 1",
            "That is the other habit of the lesson: it looks at one vector and at no training set. What does each "
            "feature have to be measured by here? "
            "(lesson 06, 'Where it breaks: two halves, worse than one')",
            lambda train, other: nn.functional.normalize(other, dim=-1),
        ),
        Mistake(
            "features that do not vary are divided like the others",
            "0 / 0 is nan, and noise divided by 1e-9 is as loud as any feature, or far louder. What should such a "
            "feature say? "
            "(lesson 06, 'Where it breaks: two halves, worse than one')",
            _divided_by(_population),
        ),
        Mistake(
            "torch's `std` is taken as it comes, and features that do not vary are divided like the others",
            "Two things at once: torch divides by N - 1 unless told otherwise, and noise divided by 1e-9 is as loud as "
            "any feature. Which argument mends the first, and what should a feature say that never moves? "
            "(lesson 06, 'Where it breaks: two halves, worse than one')",
            _divided_by(lambda train: train.std(0)),
        ),
        Mistake(
            "the new vectors are measured by themselves, by torch's `std` as it comes",
            "`train` is not asked, and a single new vector has no spread at all. Which mean and spread were known "
            "before the new vectors came? (lesson 06, 'Where it breaks: two halves, worse than one')",
            lambda train, other: (other - other.mean(0)) / other.std(0),
        ),
        Mistake(
            "only a spread of exactly 0 counts as dead",
            "Rounding leaves a spread of 1e-9 where nothing varies, and your result makes a signal of it. Below which "
            "number did we call it dead? "
            "(lesson 06, 'Where it breaks: two halves, worse than one')",
            lambda train, other: ((other - train.mean(0)) / _population(train)).masked_fill(_population(train) == 0, 0),
        ),
        Mistake(
            "the spread is bounded from below",
            "That is safe only while a dead feature stays dead: let it move by a half, and 500,000 comes out. What was "
            "asked for in every row? "
            "(lesson 06, 'Where it breaks: two halves, worse than one')",
            _divided_by(lambda train: _population(train).clamp(min=1e-6)),
        ),
        Mistake(
            "a little is added to every spread",
            "It keeps you from 0 / 0, moves the features that were fine, and leaves dead ones free to become huge. "
            "Which features need another treatment, and which do not? "
            "(lesson 06, 'Where it breaks: two halves, worse than one')",
            _divided_by(lambda train: _population(train) + 1e-6),
        ),
        Mistake(
            "dead features are divided by 1 and left at that",
            "Nothing blows up, but a feature that never moved in training has a say as soon as it moves in a new "
            "vector. What was asked for in every row? "
            "(lesson 06, 'Where it breaks: two halves, worse than one')",
            _divided_by(lambda train: _population(train).masked_fill(_population(train) < 1e-6, 1)),
        ),
    ),
    hints=(
        "A new vector comes, all alone. What do you know about each of its features, and from where?",
        "Mean and spread are (d): one number for each feature, over the N rows of `train`. Which of the d spreads are "
        "too small to be divided by?",
        "Take the mean of `train` down its rows, and the population's standard deviation too. Mark the features whose "
        "spread is below 1e-6. Subtract and divide, with something harmless in place of the marked spreads, and put 0 "
        "into the marked features at the end.",
    ),
)

# 06.8 --------------------------------------------------------------------------------------------------------------


@cache
def _held_out() -> dict:
    from mmcourse.data.same_kind import SameKind
    from mmcourse.preprocess import Vocabulary, normalise

    vocabulary = Vocabulary(SameKind("train").text["en"])
    pairs = SameKind("held-out")
    ids, mask = vocabulary.encode(pairs.text["en"])
    columns: dict[tuple[str, str], int] = {}
    places = torch.zeros(len(pairs), 500, dtype=torch.float64)  # (N, P), P at least the pictures and names together
    for row, about in enumerate(pairs.meta):
        for side in ("picture", "name"):
            places[row, columns.setdefault((side, about[side]), len(columns))] = 1
    return {
        "places": places[:, : len(columns)],
        "images": normalise(pairs.images),
        "ids": ids,
        "mask": mask,
        "labels": pairs.labels,
        "words": len(vocabulary),
    }


def _kind_cases(draw: Draw) -> list[Case]:
    data = _held_out()
    return [Case("held-out pairs", {n: data[n] for n in ("images", "ids", "mask")}, labels=data["labels"])]


def _untrained(**how):
    return lambda: Untrained(_held_out()["words"], 2, **how)


def _a_sum(seen: Seen, case: Case) -> bool:
    """Whether the score is a picture's number plus a name's: 1,000 pairs of 344 pictures and names leave no doubt."""
    out = seen.leaves[""].values.double()
    score = out[:, 1] - out[:, 0]  # (N,)
    places = _held_out()["places"]  # (N, P): which picture and which name each pair is made of
    rest = score - places @ torch.linalg.lstsq(places, score[:, None], driver="gelsd").solution[:, 0]
    return bool(rest.square().mean() < 1e-8 * score.var())


kinds = Exercise(
    id="06.8",
    title="Past what any sum can do",
    kind="trained",
    answer="model",
    reference=None,
    cases=_kind_cases,
    score=accuracy,
    limit=200_000,
    bars=(
        Bar("more than a coin", 0.60, 1),
        Bar("more than any sum of two votes", 0.80, 2),
        Bar("nearly all", 0.90, 1),
    ),
    mistakes=(
        Mistake(
            "the pictures make no difference to the model",
            "Other pictures, the same logits. Does the image vector reach the head? (lesson 06, 'Does the word fit?')",
            _untrained(deaf="images"),
            deaf_to("images"),
        ),
        Mistake(
            "the names make no difference to the model",
            "Other names, the same logits. Does the text vector reach the head? (lesson 06, 'Does the word fit?')",
            _untrained(deaf="ids"),
            deaf_to("ids"),
        ),
        Mistake(
            "the score is a sum of a picture's vote and a name's vote",
            "The check solved for the votes, and they explain every one of your logits. Where in your model does one "
            "modality decide what the other's vote is worth? (lesson 06, 'One product')",
            _untrained(),
            _a_sum,
        ),
        Mistake(
            "the model ends in a softmax",
            "Its outputs are probabilities, and `cross_entropy` takes a softmax of its own: twice is too flat to learn "
            "well. What does the loss expect? (lesson 06, 'Two votes')",
            _untrained(product=True, soft=True),
            probabilities,
        ),
    ),
    hints=(
        "Whether a picture of food speaks for yes or for no depends on the name. Which fusions of the lesson let one "
        "modality decide that?",
        "Two vectors of d features and a logit for each of two classes. Between them there must be a layer that bends "
        "what both have said together, or a product of the two.",
        "Encode both; multiply the two vectors feature by feature, or put them side by side and through a Linear, a "
        "ReLU, and a second Linear to 2 logits. Fifteen epochs of batches of 64, AdamW, lr 1e-2 falling to 0.",
    ),
)

EXERCISES = (split, corners, late, gate, film, mixing, heard, kinds)
