"""05.5 The pre-norm encoder layer."""

from mmcourse.checking.exercise import Case, Draw, Exercise, Mistake
from mmcourse.text.transformer import EncoderLayer

from . import layer_wrong as wrong

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
            wrong.PostNorm,
        ),
        Mistake(
            "what is added to is the normed word",
            f"The road past the sublayer begins behind the norm. What should run through untouched? "
            f"{WHERE('What runs through')}",
            wrong.FromNormed,
            also=(wrong.FromNormedFirst, wrong.FromNormedSecond),
        ),
        Mistake(
            "nothing runs past the sublayers",
            "A layer that has nothing to say erases its word. What is each result added to? "
            f"{WHERE('What runs through')}",
            wrong.NoRoad,
        ),
        Mistake(
            "nothing runs past the attention",
            "What a word was is lost as soon as it has looked around. What is added to what the attention gives? "
            f"{WHERE('What runs through')}",
            wrong.SecondRoadOnly,
        ),
        Mistake(
            "nothing runs past the two linear layers",
            "The first sublayer's result is added to the word, and then lost. What is added to what W₂ gives? "
            f"{WHERE('What runs through')}",
            wrong.FirstRoadOnly,
        ),
        Mistake(
            "the second result is added to the word as it came in",
            "What the word has seen of the others is thought about and then lost. The second line of the formula adds "
            f"to which x? {WHERE('What runs through')}",
            wrong.ToTheFirst,
        ),
        Mistake(
            "only the queries are normed",
            "Keys and values come from the word as it was. How many times does the normed word enter the attention? "
            f"{WHERE('What runs through')}",
            wrong.Raw,
        ),
        Mistake(
            "the values are not normed",
            "Queries and keys are, and what is handed over is the word as it was. How many times does the normed word "
            f"enter the attention? {WHERE('What runs through')}",
            wrong.RawValues,
        ),
        Mistake(
            "the norms are left out",
            f"Both norms have weights and no work. Where do they stand in the formula? {WHERE('What runs through')}",
            wrong.NoNorms,
        ),
        Mistake(
            "the attention's norm is left out",
            f"`norm1` has weights and no work. What goes into the attention? {WHERE('What runs through')}",
            wrong.NoFirstNorm,
        ),
        Mistake(
            "the norm before the linear layers is left out",
            f"`norm2` has weights and no work. What goes into W₁? {WHERE('What runs through')}",
            wrong.NoSecondNorm,
        ),
        Mistake(
            "the two norms change places",
            f"Each has weights of its own. Which of them stands before the attention? {WHERE('What runs through')}",
            wrong.Swapped,
        ),
        Mistake(
            "the norms come behind the sublayers, before the sum",
            "Some models do that, and the main road stays free. In the formula here, is a sublayer's input normed, "
            f"or its result? {WHERE('What runs through')}",
            wrong.NormedResults,
        ),
        Mistake(
            "the first norm does the work of both",
            "`norm2` has weights and no work. Which sublayer is it for? " + WHERE("What runs through"),
            wrong.OneNorm,
        ),
        Mistake(
            "nothing bends between the two linear layers",
            "Two linear layers in a row are one. What stands between them in the formula? "
            f"{WHERE('What runs through')}",
            wrong.Straight,
        ),
        Mistake(
            "the ReLU comes behind the second linear layer",
            "So a word can only ever be raised, never lowered, and two linear layers in a row are one. What stands "
            f"between them? {WHERE('What runs through')}",
            wrong.BentLast,
        ),
        Mistake(
            "a second ReLU cuts what is added",
            "Half of what the layer has to say to its word is cut to 0. Between which two layers does the ReLU stand, "
            f"and only there? {WHERE('What runs through')}",
            wrong.BentTwice,
        ),
        Mistake(
            "the bend is a GELU",
            f"BERT's choice, and a good one. Which one does the formula name? {WHERE('What runs through')}",
            wrong.Gelu,
        ),
        Mistake(
            "both sublayers read the word as it came in",
            "Some models do that, side by side. Here the second thinks about what the first has seen. What is its "
            f"input? {WHERE('What runs through')}",
            wrong.Parallel,
        ),
        Mistake(
            "the mask is handed to torch as it is",
            "You look at the pads and nowhere else. What does True mean in `key_padding_mask`? " + WHERE("Masks"),
            wrong.NotTurned,
            also=(wrong.NotTurnedKept,),
        ),
        Mistake(
            "the mask is handed over as numbers",
            "torch adds a mask of numbers to the scores: 1 for a word, 0 for a pad, and every pad keeps a share. Of "
            f"which type is a `key_padding_mask` that hides? {WHERE('Masks')}",
            wrong.AsFloats,
        ),
        Mistake(
            "the mask is left out of the attention",
            f"The words look at the pads. Which argument keeps them from it? {WHERE('Masks')}",
            wrong.NoMask,
        ),
        Mistake(
            "the pads keep what the layer made of them",
            f"They were asked to come out as zeros. At which positions is the result something? {WHERE('Masks')}",
            wrong.PadsKept,
            also=(wrong.PadsKeptNan,),
        ),
        Mistake(
            "the words come out as zeros instead of the pads",
            f"`masked_fill` fills where its mask is True. Where should the zeros stand? {WHERE('Masks')}",
            wrong.WordsWiped,
            also=(wrong.WordsWipedNan,),
        ),
        Mistake(
            "the pads are set to 0 and looked at all the same",
            "A word of zeros becomes the norm's bias, has a key, and gets its share. Which argument keeps the words "
            f"from looking at it? {WHERE('Masks')}",
            wrong.PadsWipedFirst,
        ),
        Mistake(
            "a sentence without words goes through torch's softmax",
            "The zeros hide the nan, and it walks back into every weight all the same: ask for no weights, "
            f"or let such a row look at all its pads. {WHERE('A row with nothing to look at')}",
            wrong.Nan,
            also=(wrong.NanCleared,),
        ),
        Mistake(
            "nan is multiplied by 0",
            "0 times nan is nan. `masked_fill` replaces, whatever was there. And can the nan be kept from arising? "
            f"{WHERE('A row with nothing to look at')}",
            wrong.ByProduct,
            also=(wrong.ByProductOfWeights,),
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
