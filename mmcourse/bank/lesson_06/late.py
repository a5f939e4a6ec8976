"""06.3: Late fusion, with the prior counted once."""

import torch
from torch import Tensor

from mmcourse.checking.exercise import Case, Draw, Exercise, Mistake
from mmcourse.fusion import late_fusion


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
