"""05.2 Multi-head attention."""

from mmcourse.attention import MultiHeadAttention
from mmcourse.checking.exercise import Case, Draw, Exercise, Mistake

from . import heads_wrong as wrong


def _cases(draw: Draw) -> list[Case]:
    states = {(d, heads): draw.module(MultiHeadAttention(d, heads)) for d, heads in ((9, 1), (12, 3), (18, 2))}

    def case(
        name: str, points: int, batch: int, queries: int, *lengths: int, size: int = 0, d: int = 12, heads: int = 3
    ) -> Case:
        asks, told = draw.normal(batch, queries, d, strided=True), draw.normal(batch, size or max(lengths), d)
        mask = draw.mask(*lengths, size=size or None)
        other = told.masked_fill(~mask[..., None], 2.0)
        return Case(
            name,
            {"asks": asks, "told": told, "mask": mask},
            points,
            init={"d": d, "heads": heads},
            state=states[d, heads],
            twin={"asks": asks, "told": other, "mask": mask},
            twin_says="only what stands in the pads changes",
        )

    return [
        case("one head, nothing hidden", 1, 1, 4, 4, d=9, heads=1),
        case("more keys than queries", 1, 3, 2, 5, 5, 5, d=18, heads=2),
        case("padded keys", 2, 3, 3, 2, 6, 4),
        case("as many queries as keys", 1, 2, 5, 3, 5),
        case("a row with nothing to look at", 1, 2, 3, 0, 4, size=4),
    ]


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
            wrong.Unscaled,
        ),
        Mistake(
            "the scores are divided by √d of the whole model",
            f"Each head sums d / heads products. Which d was summed? {WHERE('Why divide by √d')}",
            wrong.ModelScale,
        ),
        Mistake(
            "the scores are divided by the number of heads",
            f"How many heads there are does not change one score. Over what does a head sum? {WHERE('Several heads')}",
            wrong.ByHeads,
        ),
        Mistake(
            "the scores are divided by 2, whatever a head sums over",
            "2 is the root of one width of a head. Where does yours come from, for any d and any number of heads? "
            f"{WHERE('Several heads')}",
            wrong.ByTwo,
        ),
        Mistake(
            "the scores are divided twice",
            "torch's `scaled_dot_product_attention` has its scale in its name, and you divided before. How often is "
            f"the root in the formula? {WHERE('Why divide by √d')}",
            wrong.Twice,
        ),
        Mistake(
            "the softmax runs over the queries",
            "Your weights sum to 1 down the queries. Who shares one unit of attention: those who ask, or those "
            f"who are looked at? {WHERE('Who shares one unit')}",
            wrong.OverQueries,
        ),
        Mistake(
            "the mask comes after the softmax",
            f"The hidden keys took their share first. Must the others still share 1? {WHERE('Masks')}",
            wrong.MaskAfter,
        ),
        Mistake(
            "the mask is read the wrong way round",
            "You look at the pads and nowhere else. Does True mean keep? (nn.MultiheadAttention's key_padding_mask "
            f"means the opposite.) {WHERE('Masks')}",
            wrong.Inverted,
        ),
        Mistake(
            "hidden scores become a large negative number",
            "Where all is hidden, all are equally low, and softmax shares them evenly over the pads. What should "
            f"someone see who may look nowhere? {WHERE('A row with nothing to look at')}",
            wrong.Large,
        ),
        Mistake(
            "hidden scores become 0",
            f"exp(0) is 1: a hidden key keeps a share. exp of what is 0? {WHERE('Masks')}",
            wrong.Zero,
        ),
        Mistake(
            "a row of -inf goes through softmax",
            "0 / 0 is nan, and it spreads to every weight in one step. What should someone see who may look "
            f"nowhere? {WHERE('A row with nothing to look at')}",
            wrong.Nan,
        ),
        Mistake(
            "the mask is left out",
            f"What stands in the pads changes your answer. Who may be looked at? {WHERE('Masks')}",
            wrong.NoMask,
        ),
        Mistake(
            "the mask hides those who ask",
            "A sentence's pads stand on both axes of the scores when it looks at itself. Which axis is the one that is "
            f"looked at? {WHERE('Masks')}",
            wrong.Askers,
        ),
        Mistake(
            "the heads are cut out of time instead of features",
            "`view(B, H, T, d)` hands each head some of the words. Which axis splits into heads? "
            f"{WHERE('Several heads')}",
            wrong.MixedHeads,
        ),
        Mistake(
            "the heads are shaped back as they lie in memory",
            "From (B, H, Tq, d / H) the heads have to stand beside their features before they become one axis; yours "
            f"are behind the batch, and words mix. Which two axes change places first? {WHERE('Several heads')}",
            wrong.NotBack,
        ),
        Mistake(
            "each head gets every H-th feature",
            "The features are dealt out like cards. Head 1 was to have the first d / H of them: which of the two new "
            f"axes counts the heads? {WHERE('Several heads')}",
            wrong.EachHth,
            also=(wrong.EachHthInRow,),
        ),
        Mistake(
            "nothing is split",
            f"One head looks with all d features, however many heads there are. What does `heads` change? "
            f"{WHERE('Several heads')}",
            wrong.NoSplit,
        ),
        Mistake(
            "the weights meet the keys instead of the values",
            "`self.v` has weights and no work. What is handed over to the one who asks? "
            f"{WHERE('Who shares one unit')}",
            wrong.ValuesAreKeys,
        ),
        Mistake(
            "an empty sentence's result is set to 0 behind the last layer",
            "The heads give zeros for it, and then `out` adds its bias, as to any other. What is left to do at the "
            f"end? {WHERE('A row with nothing to look at')}",
            wrong.ZeroedAtTheEnd,
        ),
        Mistake(
            "the pads are set to 0 and looked at all the same",
            "A word of zeros has a key, the bias, and gets its share. Where does a mask keep a word from being looked "
            f"at? {WHERE('Masks')}",
            wrong.PadsWiped,
        ),
        Mistake(
            "the heads are never mixed by the last layer",
            f"`out` has weights and no work. What joins what the heads saw? {WHERE('Several heads')}",
            wrong.NoOutput,
        ),
    ),
    hints=(
        "What is the shape of a head's queries, and which axis of (B, T, d) was split to get there?",
        "(B, T, d) to (B, T, H, d/H) to (B, H, T, d/H). The mask (B, Tk) must fit scores (B, H, Tq, Tk).",
        "Project, split, attend with the mask as (B, 1, 1, Tk), move the heads back beside their features, flatten, "
        "project once more.",
    ),
)
