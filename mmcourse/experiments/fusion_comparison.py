"""The whole ladder of fusions, one beside the other at equal budget: what each costs, and what each can do.

A rung's width is the largest at which the fusion and its linear head have at most BUDGET weights, so none wins by
being larger; they train for as many steps, at the better of two learning rates, which held-out pairs choose.
"""

import statistics
import time
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from mmcourse import fusion as f
from mmcourse.data.synthetic.sets import REGISTER
from mmcourse.encoded import Encoded
from mmcourse.tasks.classify import PairClassifier
from mmcourse.tasks.metrics import accuracy
from mmcourse.training import fit, predict_logits

BUDGET = 6000  # weights
TASKS = ("two-views", "xor", "binding")  # a sum is best; needs a product; needs to look at single regions
EPOCHS, BATCH, RATES = 20, 200, (3e-3, 1.5e-2)

# From d_f, d_g and a width d to a fusion; the papers stand in the classes' docstrings.
RUNGS: dict[str, Callable[[int, int, int], nn.Module]] = {
    "concatenation": lambda d_f, d_g, d: f.Concat(),
    "late": f.Late,
    "early": f.Early,
    "hybrid": f.Hybrid,
    "gated": f.Gated,
    "FiLM": f.FiLM,
    "product": f.Product,
    "bilinear": f.Bilinear,
    "low-rank bilinear (MLB)": lambda d_f, d_g, d: f.LowRankBilinear(d_f, d_g, d, rank=d),
    "factorised bilinear (MFB)": lambda d_f, d_g, d: f.FactorisedBilinear(d_f, d_g, d, factors=2),
    "Tucker (MUTAN)": lambda d_f, d_g, d: f.Tucker(d_f, d_g, d, d, 2),
    "tensor fusion": lambda d_f, d_g, d: f.TensorFusion(d_f, d_g, d, 8),
    "low-rank tensor fusion": lambda d_f, d_g, d: f.LowRankTensorFusion(d_f, d_g, d, 4),
    "mixture of experts": lambda d_f, d_g, d: f.Experts(d_f, d_g, d, 2),
    "co-attention": f.CoAttention,
    "cross-attention": lambda d_f, d_g, d: f.CrossAttention(d_f, d_g, d, 2),
    "both ways": lambda d_f, d_g, d: f.TwoWayAttention(d_f, d_g, d, 2),
    "latents (Perceiver)": lambda d_f, d_g, d: f.Latents(d_f, d_g, d, 4, 2),
    "bilinear attention (BAN)": lambda d_f, d_g, d: f.BilinearAttention(d_f, d_g, d, d),
}


class Cost(NamedTuple):
    """What one rung costs.

    width       d; 0 where the fusion has none
    weights     the head's included
    operations  floating-point operations of a pair's forward pass: multiplications and additions of matrix products
    kept_bytes  what a pair's forward pass keeps for the backward pass
    """

    width: int
    weights: int
    operations: float
    kept_bytes: float


def build(rung: str, image: Encoded, text: Encoded, classes: int, budget: int = BUDGET) -> tuple[PairClassifier, int]:
    """A rung at the largest width within the budget, and that width, 0 where it has none.

    Raises ValueError where none fits the budget.
    """
    d_f, d_g = image.tokens.shape[-1], text.tokens.shape[-1]

    def at(d: int) -> PairClassifier:
        fused = RUNGS[rung](d_f, d_g, d)
        return PairClassifier(fused, d_f + d_g if isinstance(fused, f.Concat) else d, classes)

    def weights(d: int) -> int:
        with torch.device("meta"):
            return sum(w.numel() for w in at(d).parameters())

    width = 2  # and in steps of 2: the attentions have two heads
    if weights(width) > budget:
        raise ValueError(f"{rung} has {weights(width):,} weights at its narrowest: more than {budget:,}")
    if weights(width + 2) == weights(width):
        return at(width), 0
    while weights(width + 2) <= budget:
        width += 2
    return at(width), width


def cost(rung: str, image: Encoded, text: Encoded, classes: int) -> Cost:
    """Counted on the given pairs, per pair."""
    model, width = build(rung, image, text, classes)
    n, kept = len(image.vector), {}
    own = {w.untyped_storage().data_ptr() for x in (model.parameters(), image, text) for w in x}

    def note(x: torch.Tensor) -> torch.Tensor:
        kept[x.untyped_storage().data_ptr()] = x  # holding it, so that no other takes its place
        return x

    counter = FlopCounterMode(display=False, custom_mapping={torch.ops.aten._trilinear: _form})
    with torch.autograd.graph.saved_tensors_hooks(note, lambda x: x), counter:
        out = model(image, text)
    held = sum(x.untyped_storage().nbytes() for place, x in kept.items() if place not in own)
    del out
    return Cost(width, sum(w.numel() for w in model.parameters()), counter.get_total_flops() / n, held / n)


def _form(f: torch.Size, weight: torch.Size, *_, **__) -> int:
    """What torch's counter does not know, fᵀ W g for each of B pairs and d matrices W: all W g, then f with each."""
    d, d_f, d_g = weight
    return 2 * f[0] * d * (d_f * d_g + d_f)


def pace(image: Encoded, text: Encoded, labels: torch.Tensor, classes: int, turns: int = 9) -> dict[str, float]:
    """How many times as long as concatenation's a rung's forward and backward pass takes; medians, taken in turns."""
    models = {rung: build(rung, image, text, classes)[0] for rung in RUNGS}
    spent: dict[str, list[float]] = {rung: [] for rung in RUNGS}
    for turn in range(turns + 1):
        for rung, model in models.items():
            begun = time.perf_counter()
            torch.nn.functional.cross_entropy(model(image, text), labels).backward()
            if turn:  # the first is a warm-up
                spent[rung].append(time.perf_counter() - begun)
    medians = {rung: statistics.median(times) for rung, times in spent.items()}
    return {rung: median / medians["concatenation"] for rung, median in medians.items()}


def climb(rung: str, task: str, seed: int) -> float:
    """Accuracy of a rung on new pairs of a task; the better learning rate on held-out pairs is chosen."""
    train, val, test = (REGISTER[task].load(split, seed=seed) for split in ("train", "val", "test"))
    tried = []
    for lr in RATES:
        torch.manual_seed(seed)
        model, _ = build(rung, train.image, train.text, len(train.classes))
        held = (val.image, val.text), val.labels
        both = train.image, train.text
        fit(model, both, train.labels, epochs=EPOCHS, batch=BATCH, lr=lr, seed=seed, held_out=held, progress=False)
        tried.append((accuracy(predict_logits(model, held[0]), val.labels), lr, model))
    return accuracy(predict_logits(max(tried)[2], (test.image, test.text)), test.labels)


def experiment(seed: int, rungs: tuple[str, ...] = tuple(RUNGS), tasks: tuple[str, ...] = TASKS) -> dict[str, float]:
    """{'product: xor': 0.94, ...}: what `make results ARGS=fusion_comparison` keeps over seeds."""
    return {f"{rung}: {task}": climb(rung, task, seed) for rung in rungs for task in tasks}
