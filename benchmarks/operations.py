"""Each operation that the course writes by hand, against torch's own: `python benchmarks/operations.py`.

Prints one table: how many times as long ours takes (ratio of medians; values and gradients both; the two take turns, 15
times after a warm-up, each right after an untimed run of its own), the largest difference of values and of gradients,
and the most bytes of tensors that each holds at once. Nothing is written. Numbers are of this machine at this moment;
`--json` prints them as JSON instead.
"""

import json
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from mmcourse.attention import MultiHeadAttention, attend, attend_by_hand
from mmcourse.checking.watch import MemoryWatch
from mmcourse.text.cells import gru_cell, lstm_cell, read
from mmcourse.text.rnn import read_packed
from mmcourse.text.transformer import EncoderLayer
from mmcourse.vision.conv import conv2d
from mmcourse.vision.norm import batch_norm
from mmcourse.vision.pool import max_pool2d, mean_pool2d

RUNS = 15
B, T, D, HEADS = 32, 20, 64, 4


class Pair(NamedTuple):
    """One operation: ours and torch's give the same for the same inputs; `weights` get gradients too."""

    name: str
    ours: Callable[..., Tensor]
    theirs: Callable[..., Tensor]
    inputs: tuple[Tensor, ...]
    real: Tensor | None = None  # where the two are to agree; everywhere if None


def pairs() -> Iterator[Pair]:
    """All pairs, on seeded inputs."""
    torch.manual_seed(0)
    q, k, v = (torch.randn(B, HEADS, T, D // HEADS) for _ in range(3))
    mask = torch.arange(T) < torch.randint(1, T + 1, (B, 1))
    some_empty = mask & (torch.arange(B)[:, None] % 8 != 0)
    for says, hidden in (("no mask", None), ("mask", mask), ("mask, some rows empty", some_empty)):
        m = None if hidden is None else hidden[:, None, None]
        yield Pair(
            f"attention, {says}", lambda *x, m=m: attend_by_hand(*x, m), lambda *x, m=m: attend(*x, m), (q, k, v)
        )
    x = torch.randn(B, T, D)
    yield heads(x, mask)
    yield layer(x, mask)
    yield from recurrent(x, mask)
    pictures, kernel, bias = torch.randn(B, 16, 24, 24), torch.randn(32, 16, 3, 3), torch.randn(32)
    for says, how in (
        ("stride 1", {"padding": 1}),
        ("stride 2, dilation 2", {"stride": 2, "padding": 2, "dilation": 2}),
    ):
        yield Pair(
            f"conv2d, {says}",
            lambda *x, how=how: conv2d(*x, **how),
            lambda *x, how=how: F.conv2d(*x, **how),
            (pictures, kernel, bias),
        )
    scale, shift, mean, var = torch.rand(16) + 0.5, torch.randn(16), torch.randn(16), torch.rand(16) + 0.5
    for says, training in (("training", True), ("evaluation", False)):
        yield Pair(
            f"batch norm, {says}",
            lambda x, w, b, training=training: batch_norm(x, mean, var, w, b, training)[0],
            lambda x, w, b, training=training: F.batch_norm(x, mean.clone(), var.clone(), w, b, training),
            (pictures, scale, shift),
        )
    yield Pair("max pool", lambda x: max_pool2d(x, 2), lambda x: F.max_pool2d(x, 2), (pictures,))
    yield Pair("mean pool", lambda x: mean_pool2d(x, 2), lambda x: F.avg_pool2d(x, 2), (pictures,))


def heads(x: Tensor, mask: Tensor) -> Pair:
    """Multi-head attention, with the same weights."""
    ours, theirs = MultiHeadAttention(D, HEADS), nn.MultiheadAttention(D, HEADS, batch_first=True)
    parts = (ours.q, ours.k, ours.v)
    theirs.in_proj_weight.data = torch.cat([part.weight for part in parts]).detach()
    theirs.in_proj_bias.data = torch.cat([part.bias for part in parts]).detach()
    theirs.out_proj.load_state_dict(ours.out.state_dict())
    return Pair(
        "attention in heads",
        lambda x: ours(x, x, mask),
        lambda x: theirs(x, x, x, key_padding_mask=~mask, need_weights=False)[0],
        (x,),
    )


def layer(x: Tensor, mask: Tensor) -> Pair:
    """A pre-norm encoder layer, with the same weights."""
    ours = EncoderLayer(D, HEADS, 2 * D)
    theirs = nn.TransformerEncoderLayer(D, HEADS, 2 * D, 0.0, batch_first=True, norm_first=True)
    theirs.load_state_dict(ours.state_dict())
    return Pair(
        "encoder layer, real words",
        lambda x: ours(x, mask),
        lambda x: theirs(x, src_key_padding_mask=~mask),
        (x,),
        mask[..., None],
    )


def recurrent(x: Tensor, mask: Tensor) -> Iterator[Pair]:
    """LSTM and GRU cells in a loop, against torch's own networks."""
    for name, kind, cell in (("LSTM", nn.LSTM, lstm_cell), ("GRU", nn.GRU, gru_cell)):
        theirs = kind(D, D, batch_first=True)
        weights = (theirs.weight_ih_l0, theirs.weight_hh_l0, theirs.bias_ih_l0, theirs.bias_hh_l0)
        start = torch.zeros(len(x), D)

        def loop(x: Tensor, cell=cell, weights=weights, start=start, name=name) -> Tensor:
            state = (start, start) if name == "LSTM" else start
            return read(lambda word, state: cell(word, state, *weights), x, mask, state)[0]

        yield Pair(f"{name}, cell by cell", loop, lambda x, rnn=theirs: read_packed(rnn, x, mask)[0], (x,))


def gradients(run: Callable[..., Tensor], pair: Pair, weigh: Tensor) -> tuple[Tensor, ...]:
    """The result and the gradients of a fixed random sum of it."""
    inputs = [x.detach().requires_grad_() for x in pair.inputs]
    out = run(*inputs)
    return out.detach(), *torch.autograd.grad((out * weigh).sum(), inputs)


def measure(pair: Pair) -> dict:
    """One line of the table."""
    shape = pair.ours(*pair.inputs).shape
    weigh = torch.randn(shape, generator=torch.Generator().manual_seed(1))
    if pair.real is not None:
        weigh = weigh * pair.real
    sides, spent, peaks = (pair.ours, pair.theirs), ([], []), []
    for turn in range(-3, RUNS):
        for side, times in zip(sides, spent, strict=True):
            gradients(side, pair, weigh)  # so that none is timed while it clears away what the other left
            begun = time.perf_counter()
            gradients(side, pair, weigh)
            if turn >= 0:
                times.append(time.perf_counter() - begun)
    results = []
    for side in sides:
        with MemoryWatch(*pair.inputs, weigh) as watch:
            results.append(gradients(side, pair, weigh))
        peaks.append(watch.peak)
    far = [(a - b).abs() for a, b in zip(*results, strict=True)]
    if pair.real is not None:
        far[0] = far[0] * pair.real
    ours, theirs = (1000 * statistics.median(times) for times in spent)
    return {
        "operation": pair.name,
        "ours ms": ours,
        "torch ms": theirs,
        "ratio": ours / theirs,
        "values differ by": far[0].max().item(),
        "gradients differ by": max(x.max().item() for x in far[1:]),
        "ours holds MB": peaks[0] / 2**20,
        "torch holds MB": peaks[1] / 2**20,
    }


def report(some: Iterator[Pair], says: str, against: str) -> None:
    """Measure, and print a table with a line of its own above it, or JSON."""
    torch.set_num_threads(1)
    rows = [measure(pair) for pair in some]
    if "--json" in sys.argv:
        print(json.dumps(rows, indent=1))
        return
    print(f"torch {torch.__version__}, one thread, {says}; forward and backward")
    print(f"{'operation':38} {'ours':>10} {against:>10} {'ratio':>6} {'values':>8} {'grads':>8}  peak MB")
    for row in rows:
        print(
            f"{row['operation']:38} {row['ours ms']:8.2f}ms {row['torch ms']:8.2f}ms {row['ratio']:6.2f} "
            f"{row['values differ by']:8.1e} {row['gradients differ by']:8.1e}  "
            f"{row['ours holds MB']:.1f} | {row['torch holds MB']:.1f}"
        )


if __name__ == "__main__":
    report(pairs(), f"B={B} T={T} d={D}", "torch")
