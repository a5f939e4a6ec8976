"""06.1: Split the weights."""

from torch import Tensor

from mmcourse.checking.exercise import Case, Draw, Exercise, Mistake
from mmcourse.fusion import votes


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
