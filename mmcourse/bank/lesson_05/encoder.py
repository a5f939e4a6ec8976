"""05.6 The encoder: ids and mask in, one vector, the words' vectors and the mask out."""

import torch

from mmcourse.checking.exercise import Case, Draw, Exercise, Mistake
from mmcourse.text.transformer import TransformerEncoder

from . import encoder_wrong as wrong

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
            wrong.NoPlaces,
        ),
        Mistake(
            "places are counted from 1",
            f"The first row of the table is never used. Which place has the first word? {WHERE('Where a word stands')}",
            wrong.FromOne,
            also=(wrong.FromOneByRows,),
        ),
        Mistake(
            "the places run along the batch",
            "Every word of a sentence gets the same place, and every sentence another. Which axis is time? "
            f"{WHERE('Where a word stands')}",
            wrong.AlongBatch,
        ),
        Mistake(
            "the words are multiplied by √d",
            "The paper of 2017 does so, to make words louder than their places. The formula here doesn't. What is "
            f"added to what? {WHERE('Where a word stands')}",
            wrong.Scaled,
        ),
        Mistake(
            "the mask is handed to torch as it is",
            "The words are ignored and the pads are looked at. What does True mean in `src_key_padding_mask`? "
            f"{WHERE('Masks')}",
            wrong.NotTurned,
        ),
        Mistake(
            "the mask does not reach the layers",
            "The mean leaves the pads out, but by then every word has looked at them. Who needs the mask besides the "
            f"mean? {WHERE('Masks')}",
            wrong.NoMask,
        ),
        Mistake(
            "the pads are set to 0 and looked at all the same",
            "A word of zeros becomes the norm's bias, has a key, and gets its share. Which argument keeps the words "
            f"from looking at it? {WHERE('Masks')}",
            wrong.PadsWiped,
        ),
        Mistake(
            "the last norm is left out",
            "Each layer only adds, and nothing has normed the sum. What stands behind the last layer of a pre-norm "
            f"stack? {WHERE('What runs through')}",
            wrong.NoLastNorm,
        ),
        Mistake(
            "the last norm stands behind every layer",
            "A pre-norm layer has its own norms, and its road is to stay free until the end. How often does the last "
            f"norm come? {WHERE('What runs through')}",
            wrong.EachNormed,
        ),
        Mistake(
            "the words are normed before the first layer",
            "Some models do so; the formula here does not, and each layer norms what it reads. What is x⁰? "
            f"{WHERE('What runs through')}",
            wrong.NormedFirst,
        ),
        Mistake(
            "the pads become zeros before the last norm",
            "A norm gives its bias for a word of zeros, so your pads are not zeros, and they are in the sum. Which "
            f"comes first, the norm or the zeros? {WHERE('One vector for the sentence')}",
            wrong.WipedBeforeNorm,
        ),
        Mistake(
            "the mean comes before the norm",
            "A mean of normed words and the norm of a mean are two things, and a sentence without words gets the "
            f"norm's bias. Which comes first in the formula? {WHERE('One vector for the sentence')}",
            wrong.NormLast,
            also=(wrong.NormLastOnly,),
        ),
        Mistake(
            "the pads are counted as words",
            "They add nothing to the sum, but they are in the number that you divide by. Divide by how many words? "
            f"{WHERE('One vector for the sentence')}",
            wrong.MeanOfAll,
        ),
        Mistake(
            "the pads are averaged in",
            "The norm has filled them with its bias, and more. Which positions hold words? "
            f"{WHERE('One vector for the sentence')}",
            wrong.MeanOfPads,
            also=(wrong.shut(wrong.MeanOfPads),),
        ),
        Mistake(
            "the mean of nothing is 0 / 0",
            "A sentence without words gives nan. What is the mean of nothing in this course? "
            f"{WHERE('One vector for the sentence')}",
            wrong.OfNothing,
        ),
        Mistake(
            "a millionth of a word is added to avoid dividing by 0",
            "Your model is right but for one thing: `+ 1e-6` saves the empty sentence and bends all others, by little, "
            f"enough for a comparison to see. What changes only the zero? {WHERE('One vector for the sentence')}",
            wrong.ALittleMore,
        ),
        Mistake(
            "the words are summed and not averaged",
            f"A long sentence gets a long vector. Divide by how many words? {WHERE('One vector for the sentence')}",
            wrong.Sum,
        ),
        Mistake(
            "the vector is the largest over the words",
            f"That pools too, and the mean was asked for. {WHERE('One vector for the sentence')}",
            wrong.Largest,
            also=(wrong.LargestOfZeros,),
        ),
        Mistake(
            "the last token stands for the sentence",
            "In a batch that is a pad as often as a word, and no token has been asked to speak for the rest. What is "
            f"asked for here? {WHERE('One vector for the sentence')}",
            wrong.Last,
            also=(wrong.LastWord,),
        ),
        Mistake(
            "the first word stands for the sentence",
            "That is for encoders with a [CLS] in front; your first token is a word. What is asked for here? "
            f"{WHERE('One vector for the sentence')}",
            wrong.First,
            also=(
                wrong.FirstAsItIs,
                wrong.shut(wrong.FirstAsItIs),
            ),
        ),
        Mistake(
            "the pads keep what the norm made of them",
            f"The vector is right. And `tokens`, where there is no word? {WHERE('One vector for the sentence')}",
            wrong.PadsKept,
            also=(wrong.shut(wrong.PadsKept),),
        ),
        Mistake(
            "nan is multiplied by 0",
            "In evaluation without gradients, torch's layers give nan for a sentence without words, "
            "and 0 times nan is nan. `masked_fill` replaces, whatever was there. "
            f"{WHERE('A row with nothing to look at')}",
            wrong.ByProduct,
        ),
        Mistake(
            "the mask comes back the wrong way round",
            "Torch's layers wanted it turned; whoever takes an `Encoded` does not. What does True mean in this course? "
            f"{WHERE('Masks')}",
            wrong.MaskTurned,
        ),
        Mistake(
            "a plain tuple comes back",
            "The three are right, and a fusion asks for `.vector`. Which named tuple carries them? "
            f"{WHERE('One vector for the sentence')}",
            wrong.Tuple,
        ),
        Mistake(
            "only the last layer is used",
            f"Each layer reads the words, and all but the last are thrown away. What is a layer's input? "
            f"{WHERE('What runs through')}",
            wrong.LayersApart,
        ),
        Mistake(
            "only the first layer is used",
            f"How many layers are in the list, and which does your loop hand on? {WHERE('What runs through')}",
            wrong.OnlyFirst,
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
