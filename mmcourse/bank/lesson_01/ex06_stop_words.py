"""01.6: a stop list that does not flip the label."""

from mmcourse.bank.about import about
from mmcourse.checking.draw import Draw
from mmcourse.checking.exercise import Case, Function
from mmcourse.preprocess import spare

STOPS = ["a", "the", "is", "was", "not", "no", "so", "but", "very", "too", "it", "this"]
CONTENT = ["bridge", "candle", "harbour", "lantern", "meadow", "pepper", "saddle", "thistle"]


def cases(draw: Draw) -> list[Case]:
    def case(name: str, points: int, *pairs: tuple[str, str]) -> Case:
        """Digits stand for stop words and capitals for other words, drawn anew each time."""
        stops = [STOPS[i] for i in draw.permutation(len(STOPS))][:10]
        words = dict(zip("ABCDEFGH", [CONTENT[i] for i in draw.permutation(len(CONTENT))], strict=True))
        words |= {str(i): word for i, word in enumerate(stops)}
        listed = sorted(stops, reverse=True)
        told = [([words[c] for c in one], [words[c] for c in other]) for one, other in pairs]
        return Case(name, {"stop": listed, "pairs": told}, points)

    others = [("0A1", "2B1"), ("34A", "4AB"), ("56B", "B5"), ("6C", "7C"), ("8DD", "D")]
    return [
        case("one word turns the label", 1, ("0A", "01A")),
        case("pairs that differ in other words", 1, *others),
        case("two words at once", 1, ("012A", "0A"), ("B3", "4B")),
        case("one word twice", 1, ("00A", "0A"), ("1B23", "23B2")),
        case("the same words in another order", 1, ("0A1B", "B1A05"), ("A3B", "A4B")),
    ]


exercise = Function(
    about=about(__name__, answer="safe_stop_words"),
    reference=spare,
    cases=cases,
)
