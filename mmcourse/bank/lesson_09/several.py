"""09.3: Several labels at once."""

import torch
from torch import Tensor
from torch.nn import functional as F

from mmcourse.checking.exercise import Case, Draw, Exercise, Mistake
from mmcourse.tasks.several import several_loss

from .where import LITTLE


def _cases(draw: Draw) -> list[Case]:
    def case(name: str, points: int, batch: int, labels: int, known: list[list[int]] | None = None, scale: float = 2.0):
        mask = torch.ones(batch, labels, dtype=torch.bool) if known is None else torch.tensor(known).bool()
        holds = draw.integers(0, 2, batch, labels).bool()
        holds[0, 0], holds[-1, -1] = True, False  # one of each at least
        logits = draw.normal(batch, labels, scale=scale)
        if scale > 100:  # so that exp overflows in every draw, for a yes and for a no
            logits[0, 0], logits[-1, -1] = -900.0, 900.0
        args = {
            "logits": logits,
            "labels": holds,
            "known": mask,
            "weight": draw.integers(2, 9, labels),  # whole, so that nobody asks for its gradient: torch's own has none
        }
        return Case(name, args, points, twin=args | {"labels": holds ^ ~mask}, twin_says="only unknown labels change")

    known = [[1, 1, 0, 1], [1, 0, 0, 1], [0, 1, 0, 1]]
    return [
        case("one sample, all known", 1, 1, 3),
        case("three samples, all known", 1, 3, 4),
        case("some labels unknown", 2, 3, 4, known),
        case("scores in the hundreds", 1, 2, 3, [[1, 1, 1], [1, 0, 1]], scale=600.0),
        case("nothing known", 0, 2, 3, [[0, 0, 0], [0, 0, 0]]),
    ]


def _each(logits: Tensor, labels: Tensor, weight: Tensor) -> Tensor:
    return -torch.where(labels, weight * F.logsigmoid(logits), F.logsigmoid(-logits))


def _over_all(logits, labels, known, weight):
    return (_each(logits, labels, weight) * known).mean()


def _unknown_is_no(logits, labels, known, weight):
    return _each(logits, labels & known, weight).mean()


def _nobody_asks(logits, labels, known, weight):
    return _each(logits, labels, weight).mean()


def _inverted(logits, labels, known, weight):
    return several_loss(logits, labels, ~known, weight)


def _muted(logits, labels, known, weight):
    """Unknown labels with a score of 0, which costs log 2."""
    return (
        _each(logits * known, labels, weight)[known].sum() / known.numel()
        + (~known).double().mean() * 0.6931471805599453
    )


def _row_by_row(logits, labels, known, weight):
    rows = _each(logits, labels, weight).masked_fill(~known, 0).sum(1) / known.sum(1).clamp(min=1)
    return rows.mean()


def _label_by_label(logits, labels, known, weight):
    columns = _each(logits, labels, weight).masked_fill(~known, 0).sum(0) / known.sum(0).clamp(min=1)
    return columns.mean()


def _nan(logits, labels, known, weight):
    return _each(logits, labels, weight)[known].mean()


def _sum(logits, labels, known, weight):
    return _each(logits, labels, weight).masked_fill(~known, 0).sum()


def _shared(logits, labels, known, weight):
    logs = logits.log_softmax(-1)
    return -(torch.where(labels, weight * logs, 0) * known).sum() / known.sum().clamp(min=1)


def _softmax(logits, labels, known, weight):
    chance = logits.softmax(-1)
    each = -torch.where(labels, weight * (chance + 1e-300).log(), (1 - chance + 1e-300).log())
    return each.masked_fill(~known, 0).sum() / known.sum().clamp(min=1)


def _twice(logits, labels, known, weight):
    return several_loss(logits.sigmoid(), labels, known, weight)


def _unweighted(logits, labels, known, weight):
    return several_loss(logits, labels, known, torch.ones_like(weight) + 0 * weight)


def _both_weighted(logits, labels, known, weight):
    return (several_loss(logits, labels, known, torch.ones_like(weight)) * 0) + (
        weight * _each(logits, labels, torch.ones_like(weight))
    ).masked_fill(~known, 0).sum() / known.sum().clamp(min=1)


def _noes_weighted(logits, labels, known, weight):
    each = -torch.where(labels, F.logsigmoid(logits), weight * F.logsigmoid(-logits))
    return each.masked_fill(~known, 0).sum() / known.sum().clamp(min=1)


def _by_weight(logits, labels, known, weight):
    total = (torch.where(labels, weight, 1.0) * known).sum()
    return _each(logits, labels, weight).masked_fill(~known, 0).sum() / total.masked_fill(total == 0, 1)


def _only_yes(logits, labels, known, weight):
    each = -torch.where(labels, weight * F.logsigmoid(logits), 0)
    return each.masked_fill(~known, 0).sum() / known.sum().clamp(min=1)


def _rounded(logits, labels, known, weight):
    chance = logits.sigmoid()
    each = -torch.where(labels, weight * chance.log(), (1 - chance).log())
    return each.masked_fill(~known, 0).sum() / known.sum().clamp(min=1)


def _clamped(logits, labels, known, weight):
    """As `F.binary_cross_entropy` and Keras do it."""
    chance = logits.sigmoid().clamp(1e-7, 1 - 1e-7)
    each = -torch.where(labels, weight * chance.log(), (1 - chance).log())
    return each.masked_fill(~known, 0).sum() / known.sum().clamp(min=1)


def _by_torch(logits, labels, known, weight):
    """torch's own cross-entropy of chances, which keeps their logarithm above -100."""
    each = F.binary_cross_entropy(logits.sigmoid(), labels.to(logits.dtype), reduction="none")
    return (each * torch.where(labels, weight, 1)).masked_fill(~known, 0).sum() / known.sum().clamp(min=1)


def _with_a_little(logits, labels, known, weight):
    chance = logits.sigmoid()
    each = -torch.where(labels, weight * (chance + 1e-8).log(), (1 - chance + 1e-8).log())
    return each.masked_fill(~known, 0).sum() / known.sum().clamp(min=1)


def _exploding(logits, labels, known, weight):
    each = torch.where(labels, weight * (1 + (-logits).exp()).log(), (1 + logits.exp()).log())
    return each.masked_fill(~known, 0).sum() / known.sum().clamp(min=1)


several = Exercise(
    id="09.3",
    title="Several labels at once",
    kind="function",
    answer="several_loss",
    reference=several_loss,
    cases=_cases,
    mistakes=(
        Mistake(
            "an unknown label is taken for a no",
            "Nobody looked, and your loss teaches the model that it is not there. What should an unknown label "
            f"teach? {LITTLE}",
            _unknown_is_no,
        ),
        Mistake(
            "unknown labels are read as if they were known",
            f"What stands in an unknown label changes your loss. What does `known` say? {LITTLE}",
            _nobody_asks,
        ),
        Mistake(
            "unknown labels are counted in the mean",
            "They add nothing to your sum, and they are in the number that you divide by: the more is unknown, the "
            f"smaller the loss. Divide by how many? {LITTLE}",
            _over_all,
        ),
        Mistake(
            "unknown labels are given a score of 0",
            f"A score of 0 is a chance of one half, and costs log 2. What should an unknown label cost? {LITTLE}",
            _muted,
        ),
        Mistake(
            "the mask is read the wrong way round",
            f"Only what nobody looked at counts in your loss. What does True mean in this course? {LITTLE}",
            _inverted,
        ),
        Mistake(
            "the mean is taken sample by sample first",
            "A sample with one known label then counts as much as one with four, for that one label. Over what is the "
            f"mean taken in the formula? {LITTLE}",
            _row_by_row,
        ),
        Mistake(
            "the mean is taken label by label first",
            "That is a macro mean: a label that was looked at once counts as much as all others. Over what is the mean "
            f"taken in the formula? {LITTLE}",
            _label_by_label,
        ),
        Mistake(
            "nothing known becomes nan",
            f"0 / 0 is nan, and the training stops there. What is a mean of nothing in this course? {LITTLE}",
            _nan,
        ),
        Mistake(
            "the losses are added up",
            f"Then a larger batch takes larger steps. Divide by how many? {LITTLE}",
            _sum,
        ),
        Mistake(
            "the labels share one unit of chance, and only those that hold are looked at",
            "A softmax makes each label's chance depend on the others, as if one alone could hold. How many of them "
            f"may hold at once here? {LITTLE}",
            _shared,
        ),
        Mistake(
            "a softmax stands where the sigmoid should",
            "Then two labels that both hold can have no more than one half each. Who competes with whom when several "
            f"labels may hold? {LITTLE}",
            _softmax,
        ),
        Mistake(
            "the scores pass a sigmoid twice",
            "The second sigmoid sees numbers from 0 to 1, so no chance is below one half. What does your last function "
            f"take, scores or chances? {LITTLE}",
            _twice,
        ),
        Mistake(
            "the weights are not used",
            f"A rare label's few yes are drowned by its noes. Which of the two terms does w multiply? {LITTLE}",
            _unweighted,
        ),
        Mistake(
            "both terms are weighed",
            "Then a label counts more, and its yes counts no more than its no. Which of the two terms does w multiply? "
            + LITTLE,
            _both_weighted,
        ),
        Mistake(
            "the noes are weighed",
            f"A rare label has noes enough. Which of the two terms does w multiply? {LITTLE}",
            _noes_weighted,
        ),
        Mistake(
            "the sum is divided by the weights",
            "Then the weights of two batches mean different things. The formula divides by a number of labels. Of "
            f"which? {LITTLE}",
            _by_weight,
        ),
        Mistake(
            "only labels that hold are looked at",
            "A model that says yes to everything would have no loss. What does a label that does not hold ask for? "
            + LITTLE,
            _only_yes,
        ),
        Mistake(
            "the chance is rounded before its logarithm is taken",
            "A score of -800 gives a chance of 0, and log 0 is minus infinity. Which function gives log σ(s) without "
            f"σ(s) on the way? {LITTLE}",
            _rounded,
        ),
        Mistake(
            "the chance is kept away from 0 and 1",
            "No infinity comes, and past the bound no gradient either: who is most wrong learns nothing. Which "
            f"function gives log σ(s) without σ(s) on the way? {LITTLE}",
            _clamped,
            also=(_by_torch, _with_a_little),
        ),
        Mistake(
            "the exponential overflows",
            "log(1 + exp(s)) is the right formula, and exp(800) is infinite. Which function gives log σ(s) without the "
            f"exponential on the way? {LITTLE}",
            _exploding,
        ),
        Mistake(
            "the sum is divided by the number of samples",
            f"Then more labels make a larger loss. The formula divides by a number of labels. Of which? {LITTLE}",
            lambda logits, labels, known, weight: _sum(logits, labels, known, weight) / len(logits),
        ),
        Mistake(
            "the sum is divided by the number of yes",
            "A yes and a no are both questions that were answered. Divide by how many of them? " + LITTLE,
            lambda logits, labels, known, weight: (
                _sum(logits, labels, known, weight) / (known & labels).sum().clamp(min=1)
            ),
        ),
        Mistake(
            "yes and no are exchanged",
            f"Your loss is small where the score is low and the label holds. Which of the two is -log σ(s)? {LITTLE}",
            lambda logits, labels, known, weight: several_loss(-logits, labels, known, weight),
        ),
        Mistake(
            "the sign of the loss is turned round",
            f"The logarithm of a chance is at most 0: yours falls as the model gets worse. What is its sign? {LITTLE}",
            lambda logits, labels, known, weight: -several_loss(logits, labels, known, weight),
        ),
    ),
    hints=(
        "How many of the labels may hold at once, and what does that say about softmax and sigmoid?",
        "Each cell (b, k) has a loss of its own: for a yes w times -log σ(s), for a no -log σ(-s). torch's "
        "`logsigmoid` is safe for scores of any size. Which cells count, and how many are they?",
        "Make a (B, K) of losses by `torch.where` over the labels. Fill 0 where nothing is known, add all up, and "
        "divide by the number of known cells, or by 1 if there are none.",
    ),
)
