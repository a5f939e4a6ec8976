"""02.5: batch norm, for now and for later."""

from collections.abc import Callable

import torch
from torch import Tensor

from mmcourse.checking.exercise import Case, Draw, Exercise, Mistake
from mmcourse.vision.norm import batch_norm

WHERE = "(lesson 02, 'A score that depends on its neighbours')"


def _cases(draw: Draw) -> list[Case]:
    def case(name: str, points: int, shape: tuple, training: bool, momentum: float, eps: float = 1e-5) -> Case:
        c = shape[1]
        args = {
            "x": draw.normal(*shape, scale=1.7, shift=0.8, strided=not training),
            "mean": draw.normal(c),
            "var": draw.normal(c).square() + 0.4,
            "weight": draw.normal(c, shift=1.0),
            "bias": draw.normal(c),
        }
        return Case(name, args | {"training": training, "momentum": momentum, "eps": eps}, points, gradients=training)

    return [
        case("in training", 2, (3, 4, 2, 5), True, 0.1),
        case("in training, one picture, another momentum", 1, (1, 2, 3, 4), True, 0.7),
        case("in training, a large eps", 1, (2, 3, 4, 2), True, 0.1, eps=0.5),
        case("in eval", 2, (3, 2, 4, 5), False, 0.1),
    ]


def _variant(
    axes: tuple[int, ...] = (0, 2, 3),
    now: int = 0,
    later: int = 1,
    old: bool = False,
    eps_outside: bool = False,
    spread_later: bool = False,
    attached: str = "",
    eval_by_batch: bool = False,
    eval_moves: bool = False,
    train_by_running: bool = False,
    first_moved: bool = False,
    plain: bool = False,
    constant: bool = False,
    per_channel: bool = True,
    factor: Callable[[Tensor], float] = lambda x: 1.0,
    no_eps: bool = False,
):
    """Batch norm with one choice made otherwise."""

    def answer(x, mean, var, weight, bias, training, momentum, eps):
        c = (-1, 1, 1) if per_channel else (-1,)
        own_mean, own_var = x.mean(axes, keepdim=True), x.var(axes, keepdim=True, correction=now)
        new_mean, new_var = x.mean((0, 2, 3)), x.var((0, 2, 3), correction=later)
        new_var = new_var * factor(x)
        if spread_later:
            new_var = new_var.sqrt()
        share = 1 - momentum if old else momentum
        moved = (1 - share) * mean + share * new_mean, (1 - share) * var + share * new_var
        if attached == "old":
            moved = (1 - share) * mean + share * new_mean.detach(), (1 - share) * var + share * new_var.detach()
        elif not attached:
            moved = tuple(value.detach() for value in moved)
        use_own = (training and not train_by_running) or eval_by_batch
        if first_moved and training:
            use_mean, use_var = moved[0].view(c), moved[1].view(c)
        else:
            use_mean, use_var = (own_mean, own_var) if use_own else (mean.view(c), var.view(c))
        if constant and training:
            use_mean, use_var = use_mean.detach(), use_var.detach()
        eps = 0.0 if no_eps else eps
        scale = 1 / (use_var.sqrt() + eps) if eps_outside else (use_var + eps).rsqrt()
        y = (x - use_mean) * scale
        y = y if plain else y * weight.view(c) + bias.view(c)
        return (y, *(moved if training or eval_moves else (mean, var)))

    return answer


def _in_place(x, mean, var, weight, bias, training, momentum, eps):
    y, new_mean, new_var = batch_norm(x, mean, var, weight, bias, training, momentum, eps)
    with torch.no_grad():
        mean.copy_(new_mean)
        var.copy_(new_var)
    return y, mean, var


def _exchanged(x: Tensor, mean, var, weight, bias, training, momentum, eps):
    y, new_mean, new_var = batch_norm(x, mean, var, weight, bias, training, momentum, eps)
    return y, new_var, new_mean


def _only_y(x: Tensor, mean, var, weight, bias, training, momentum, eps):
    return batch_norm(x, mean, var, weight, bias, training, momentum, eps)[0]


norm = Exercise(
    id="02.5",
    title="Batch norm, for now and for later",
    kind="function",
    answer="batch_norm",
    reference=batch_norm,
    cases=_cases,
    mistakes=(
        Mistake(
            "the batch is normalised by the estimate for all pictures",
            "You divide by n - 1 here, and torch's `var` does so unless told otherwise. Is this batch a sample of "
            f"something, or all there is for now? {WHERE}",
            _variant(now=1),
        ),
        Mistake(
            "the batch's own variance is kept for later",
            "The running variance should guess what all pictures have, and a batch varies less than the whole it is "
            f"drawn from. By what is the estimate divided? {WHERE}",
            _variant(later=0),
        ),
        Mistake(
            "the two variances are exchanged",
            f"One is for now and one for later. Which of them is an estimate? {WHERE}",
            _variant(now=1, later=0),
        ),
        Mistake(
            "what is kept for later is corrected twice",
            "torch's `var` divides by n - 1 unless told otherwise, and you multiplied by n / (n - 1) besides. How "
            f"often is the estimate to be corrected? {WHERE}",
            _variant(factor=lambda x: x[:, 0].numel() / (x[:, 0].numel() - 1)),
        ),
        Mistake(
            "n counts the numbers of all channels",
            "A channel has a variance of its own, taken over its own numbers. How many of the batch's numbers belong "
            f"to one channel? {WHERE}",
            _variant(later=0, factor=lambda x: x.numel() / (x.numel() - 1)),
        ),
        Mistake(
            "eps is left out",
            f"A channel without any contrast would be divided by 0. Which argument has not been used? {WHERE}",
            _variant(no_eps=True),
        ),
        Mistake(
            "each place has statistics of its own",
            "Your mean runs over the batch alone, so a batch of one is all zeros. A kernel is the same everywhere: "
            f"which axes hold the numbers that it made? {WHERE}",
            _variant(axes=(0,)),
        ),
        Mistake(
            "each picture is normalised by itself",
            "Your mean runs over rows and columns, and not over the batch: that is instance norm. How many means does "
            f"a batch have for one channel? {WHERE}",
            _variant(axes=(2, 3)),
        ),
        Mistake(
            "the channels of a picture are normalised together",
            "Your mean runs over channels, rows and columns: that is a layer norm. Do two kernels share a scale? "
            f"{WHERE}",
            _variant(axes=(1, 2, 3)),
        ),
        Mistake(
            "momentum is taken for the share of the old",
            "At momentum 0.1 your running values forget nine tenths at each step. How much of the new should "
            f"enter? {WHERE}",
            _variant(old=True),
        ),
        Mistake(
            "eps stands outside of the root",
            "A small difference, until the variance is small. What does eps keep away from zero in the formula? "
            f"{WHERE}",
            _variant(eps_outside=True),
        ),
        Mistake(
            "the spread is kept instead of the variance",
            f"The running value is a variance; you kept its root. Whose unit is squared? {WHERE}",
            _variant(spread_later=True),
        ),
        Mistake(
            "what is kept for later hangs on the graph",
            "Your running values can be differentiated, and so each step would hold on to the graph of the step "
            "before. "
            f"What cuts a tensor off? {WHERE}",
            _variant(attached="all"),
        ),
        Mistake(
            "only the batch's part of what is kept for later is cut off",
            "The old running values still hang on the graph through yours. What should be cut off: a part of the "
            "sum, or "
            f"the sum? {WHERE}",
            _variant(attached="old"),
        ),
        Mistake(
            "the batch's statistics are taken for constants in y",
            "The values are right and the gradients are not: a change of x moves mean and variance too, and y "
            "feels it. "
            f"What of your y was cut off? {WHERE}",
            _variant(constant=True),
        ),
        Mistake(
            "in eval the batch's own statistics are used",
            f"A picture's score now depends on its neighbours. Whose statistics were gathered for this moment? {WHERE}",
            _variant(eval_by_batch=True),
        ),
        Mistake(
            "the mode is not asked",
            "In eval yours still normalises by the batch, and the running values still move. What are they for, once "
            f"training is over? {WHERE}",
            _variant(eval_by_batch=True, eval_moves=True),
        ),
        Mistake(
            "the two running values change places",
            f"y comes first, then the mean, then the variance. What was returned in the third place? {WHERE}",
            _exchanged,
        ),
        Mistake(
            "in training the running statistics are used",
            "Then nothing holds the numbers in place while weights move. By what is a training batch normalised? "
            f"{WHERE}",
            _variant(train_by_running=True),
        ),
        Mistake(
            "in training the running statistics are moved first, and then used",
            "They come first out of the update and then into the formula. By whose statistics is a training batch "
            f"normalised? {WHERE}",
            _variant(first_moved=True),
        ),
        Mistake(
            "in eval the running statistics still move",
            f"Who is only asked must not be changed by the question. When may running values learn? {WHERE}",
            _variant(eval_moves=True),
        ),
        Mistake(
            "scale and shift are left out",
            f"Mean 0 and spread 1 are where a channel begins, not where it must stay. What are γ and β for? {WHERE}",
            _variant(plain=True),
        ),
        Mistake(
            "a channel's numbers are lined up with the columns",
            f"(B, C, H, W) with (C): lined up from the right, C stands under W. Which shape puts it under C? {WHERE}",
            _variant(per_channel=False),
        ),
        Mistake(
            "the running values are written into",
            "The values are right, and the tensors that you were given are no longer what they were. Return new ones. "
            f"{WHERE}",
            _in_place,
        ),
        Mistake(
            "the running values are not returned",
            f"y alone comes back. How would eval know what training saw? Three tensors were asked for. {WHERE}",
            _only_y,
        ),
    ),
    hints=(
        "One channel: which numbers of the batch belong to it, and how many are they?",
        "Mean and variance are (C): the mean over axes 0, 2 and 3, with n = B·H·W numbers each. Two variances, one "
        "divided by n for y, one by n - 1 for later. As (C, 1, 1) they meet (B, C, H, W).",
        "If training: take the batch's mean and biased variance for y, and mix a share `momentum` of its mean and "
        "unbiased variance, detached, into the running ones. Else take the running ones and give them back as "
        "they are. "
        "Subtract, multiply by 1 / root of (variance + eps), then by γ, and add β.",
    ),
)
