"""10.2, the contrastive loss."""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

from mmcourse.checking.exercise import Case, Draw, Exercise, Mistake
from mmcourse.tasks.match import contrastive_loss, similarity

TABLE, MANY = "(lesson 10, 'A table of agreements')", "(lesson 10, 'One among many')"


def _little(more: float) -> Callable[[Tensor], Tensor]:
    def loss(s: Tensor) -> Tensor:
        both = [(s.softmax(dim).diagonal() + more).log().mean() for dim in (1, 0)]
        return -(both[0] + both[1]) / 2

    return loss


def _cases(draw: Draw) -> list[Case]:
    def case(name: str, points: int, batch: int, d: int, scale: float, apart: float = 0.8) -> Case:
        """Each text is its picture's vector, of another length and somewhat off."""
        image = draw.normal(batch, d, scale=2.0, shift=0.4, strided=True)
        text = 0.3 * image + apart * draw.normal(batch, d)
        scale = torch.tensor(scale, dtype=torch.float64)
        return Case(name, {"image": image, "text": text, "scale": scale}, points)

    large = case("scores so large that exp overflows", 1, 3, 3, 900.0, apart=0.05)
    image, text = large.args["image"], large.args["text"]
    image[0] *= 3 / image[0].norm()
    image[1] = 0.7 * image[0] + 0.4 * draw.normal(3)
    text[:2] = 0.3 * image[:2].flip(0) + 0.03 * draw.normal(2, 3)  # two of the pairs are wrong, and it costs
    text[2] = 0.3 * image[0] + 0.1 * draw.normal(3)
    image[2] = -image[0]  # disagrees with every text: exp of (its logits - the table's largest) is 0
    return [
        case("a batch of one", 0, 1, 4, 3.0),  # nothing to choose from: the loss is 0
        case("three pairs", 2, 3, 4, 2.5),
        case("five pairs, more than features", 2, 5, 3, 6.0),
        case("a low scale", 1, 4, 5, 0.4),
        large,
    ]


def _logits(image: Tensor, text: Tensor, scale: Tensor) -> Tensor:
    return scale * similarity(image, text)


def _own(logits: Tensor) -> Tensor:
    return torch.arange(len(logits), device=logits.device)


def _of(logits: Tensor) -> Tensor:
    """The contrastive loss of a table of logits."""
    return (F.cross_entropy(logits, _own(logits)) + F.cross_entropy(logits.T, _own(logits))) / 2


def _with(loss: Callable[[Tensor], Tensor]) -> Callable:
    return lambda image, text, scale: loss(_logits(image, text, scale))


def _naive(s: Tensor) -> Tensor:
    shares = s.exp()
    return -((shares.diagonal() / shares.sum(1)).log() + (shares.diagonal() / shares.sum(0)).log()).mean() / 2


def _only_wrong_below(s: Tensor) -> Tensor:
    wrong = s.masked_fill(torch.eye(len(s), dtype=torch.bool, device=s.device), -torch.inf)
    return ((wrong.logsumexp(1) + wrong.logsumexp(0)) / 2 - s.diagonal()).mean()


def _each_alone(s: Tensor) -> Tensor:
    return F.binary_cross_entropy_with_logits(s, torch.eye(len(s), dtype=s.dtype, device=s.device))


def _down_the_batch(image: Tensor, text: Tensor, scale: Tensor) -> Tensor:
    return _of(scale * F.normalize(image, dim=0) @ F.normalize(text, dim=0).T)


choosing = Exercise(
    id="10.2",
    title="The contrastive loss",
    kind="function",
    answer="contrastive_loss",
    reference=contrastive_loss,
    cases=_cases,
    mistakes=(
        Mistake(
            "the vectors are not brought to length 1",
            "Make every vector ten times as long, and your loss moves, though nothing agrees more than before. What "
            f"does a cosine forget? {TABLE}",
            lambda image, text, scale: _of(scale * image @ text.T),
        ),
        Mistake(
            "the features are normalised down the batch",
            f"Then a pair's score depends on its neighbours. Whose length becomes 1? {TABLE}",
            _down_the_batch,
        ),
        Mistake(
            "it is divided by the scale",
            "The scale is 1/τ: large makes the choice sharp, and yours grows flatter with it. Which way does colder "
            f"go? {MANY}",
            lambda image, text, scale: _of(similarity(image, text) / scale),
        ),
        Mistake(
            "exp is taken of the scale",
            "What is learnt is a logarithm, and exp was taken before the scale came to you. What would a scale of 6 "
            f"become? {MANY}",
            lambda image, text, scale: _of(scale.exp() * similarity(image, text)),
        ),
        Mistake(
            "the scale is left out",
            "Cosines differ by 2 at most, so even a perfect table looks like a doubtful choice. What makes differences "
            f"count? {MANY}",
            lambda image, text, scale: _of(similarity(image, text) + 0 * scale),
        ),
        Mistake(
            "the scale is cut off from the gradient",
            "The value is right, and the temperature can't be learnt: no gradient reaches `scale`. Where does it stop "
            f"being a tensor? {MANY}",
            lambda image, text, scale: _of(_logits(image, text, scale.detach())),
        ),
        Mistake(
            "only the pictures choose",
            "Each picture finds its text among B; or it does so twice, where the table was not turned. Who else has a "
            f"choice to make? {MANY}",
            _with(lambda s: F.cross_entropy(s, _own(s))),
        ),
        Mistake(
            "only the texts choose",
            f"Each text finds its picture among B. Who else has a choice to make? {MANY}",
            _with(lambda s: F.cross_entropy(s.T, _own(s))),
        ),
        Mistake(
            "nothing is wrong in this loss",
            "It asks right pairs to agree, and a model that gives every picture and text the same vector does that "
            f"best. What stops everything from agreeing? {MANY}",
            _with(lambda s: -s.diagonal().mean()),
        ),
        Mistake(
            "the batch is summed",
            f"Your loss is B times as large. What keeps it alike for batches of any size? {MANY}",
            _with(lambda s: _of(s) * len(s)),
        ),
        Mistake(
            "the two directions are added",
            f"Twice the loss: what would a batch of B that has learnt nothing cost, ln B or 2 ln B? {MANY}",
            _with(lambda s: 2 * _of(s)),
        ),
        Mistake(
            "exp is taken of the logits as they are",
            "exp(900) is inf, and inf / inf is nan; in float32 that begins at 89. (One number taken off the whole "
            "table leaves 0 / 0 in a row that lies far below it.) What can be subtracted from each row without "
            f"changing a single share? {MANY}",
            _with(_naive),
        ),
        Mistake(
            "a softmax is taken before the cross-entropy",
            f"`cross_entropy` takes a softmax of its own, and twice is nearly flat. What does it expect? {MANY}",
            _with(lambda s: (F.cross_entropy(s.softmax(1), _own(s)) + F.cross_entropy(s.T.softmax(1), _own(s))) / 2),
        ),
        Mistake(
            "a little is added before the logarithm is taken",
            "That keeps the logarithm from infinity, and from the truth: where the right share is tiny, your loss no "
            "longer grows and its gradient fades, just where it is wanted most. Which function takes softmax and "
            f"logarithm in one? {MANY}",
            _with(_little(1e-8)),
            also=(_with(_little(1e-12)), _with(_little(1e-6))),
        ),
        Mistake(
            "the right one is not among those to choose from",
            "Your denominator sums over the wrong ones alone, so the loss can fall below 0 without end. Among how many "
            f"does a picture choose? {MANY}",
            _with(_only_wrong_below),
        ),
        Mistake(
            "all B² pairs share one choice",
            "Your softmax runs over the whole table. How many choices does a batch make, and among how many each? "
            f"{MANY}",
            _with(lambda s: -s.flatten().log_softmax(0).view_as(s).diagonal().mean()),
        ),
        Mistake(
            "each pair is judged alone",
            f"A yes or no for each cell is a loss too (SigLIP's), and another one. Who competes with whom here? {MANY}",
            _with(_each_alone),
        ),
    ),
    hints=(
        "B pictures, B texts: how many choices are made, among how many, and which one is right in row b?",
        "Row b of the scaled table holds B logits, and the right one stands at place b. The texts make the same choice "
        "down the columns: how must the table be turned so that columns become rows?",
        "Cosines, (B, B), times the scale. Cross-entropy of the rows with the targets 0 to B - 1, the same of the "
        "turned table; their mean. Make the targets on the table's device.",
    ),
)
