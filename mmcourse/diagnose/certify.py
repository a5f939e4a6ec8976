"""Does a task need both modalities, and more than a sum of what they say? Ask models that may not have them."""

import math
import sys
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import torch
from torch import Tensor, nn
from tqdm.auto import tqdm

from mmcourse.data import InMemory
from mmcourse.data.synthetic import ADDITIVE, FULL, PICTURE, POOLED, TEXT, Rate
from mmcourse.data.synthetic.sets import Certified
from mmcourse.tasks.metrics import interval
from mmcourse.training import Nested, fit, predict_logits, take

from .baselines import Alone, Full, Halves, HasHalves, Pooled, Probe, Sum, prepare

TEXTS, PICTURES, COMMONEST = "texts shuffled", "pictures shuffled", "commonest label"


class Row(NamedTuple):
    """A class of models: its accuracy on new pairs, the 95 % bootstrap interval, the best that the class can do where
    that is known, and what follows."""

    model: str
    accuracy: float
    low: float
    high: float
    best: float | None
    says: str


class Certificate(NamedTuple):
    """What `certify` found.

    name           the task's, or 'this set'
    verdict        in words
    rows           the commonest label first, leak probes, then the classes of models, 'full' last
    needs_both     the full model beats both halves alone, and every leak probe
    needs_product  it beats every sum u(picture) + v(text) that was found, too
    leaks          the probes that beat guessing, and the best of their half where that is stated
    finished       False where it was interrupted: then some rows are missing
    """

    name: str
    verdict: str
    rows: list[Row]
    needs_both: bool
    needs_product: bool
    leaks: list[str]
    finished: bool

    def numbers(self) -> dict[str, float]:
        """Accuracies by class of models, for `experiment(seed)`."""
        return {row.model: row.accuracy for row in self.rows}

    def table(self) -> tuple[list[str], list[list], str]:
        """Columns, rows and caption, for `mmcourse.show.table`."""
        rows = [
            [r.model, r.accuracy, f"{r.low:.3f}-{r.high:.3f}", "" if r.best is None else f"{r.best:.3f}", r.says]
            for r in self.rows
        ]
        return ["the model", "accuracy", "95 % interval", "best possible", "so"], rows, f"{self.name}: {self.verdict}"

    def __repr__(self) -> str:
        heads, rows, caption = self.table()
        cells = [heads, *[[f"{c:.3f}" if isinstance(c, float) else c for c in row] for row in rows]]
        widths = [max(len(row[i]) for row in cells) for i in range(len(heads))]
        lines = ["  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip() for row in cells]
        return "\n".join([caption, *lines])


# How a model is made, what it learns from, and what it is asked.
Job = tuple[Callable[[], nn.Module], tuple[Nested, ...], tuple[Nested, ...]]


class _Stopped(Exception):
    """Someone pressed the stop button."""


def certify(
    data: Certified | tuple[HasHalves, HasHalves] | tuple[InMemory, InMemory],
    *,
    n: int = 4000,
    seed: int = 0,
    epochs: int = 30,
    batch: int = 200,
    lr: float = 5e-3,
    d: int = 64,
    language: str = "en",
    rates: dict[str, Rate] | None = None,
    full: Callable[[], nn.Module] | None = None,
    progress: bool = True,
) -> Certificate:
    """Trains one model of each class, asks them about new pairs, and lays that beside the best that each class can do.

    picture alone, text alone   any function of one half
    additive                    u(picture) + v(text), with any u and v
    pooled                      any head on (mean region, text), where pictures have regions
    texts shuffled, pictures    the full model, trained and asked with pairs torn apart: the label stays with the other
    shuffled                    half, which is then all that helps
    full                        both, their product, and regions looked at as the text says
    leak probes                 number of regions or words; of a set in memory the length of the text, how much there
                                is of each colour, and the number of things

    data   a certified task (`mmcourse.data.synthetic`), of which n pairs are drawn to train and n to ask; or training
           and new pairs, as encoded pairs or in memory. Of a set in memory the models see 12 x 12 mean colours in 4 x 4
           regions and a bag of words: weak encoders, so 'does not need both' is only as sure as the full model is good
    rates  best possible accuracies by class; a task states its own, and scenes have theirs: `scenes.rates()`
    full   makes another full model, `forward(image: Encoded, text: Encoded) -> logits`
    epochs, batch, lr, d  of every training; the epoch is kept that did best on a fifth of the training pairs

    The stop button ends it, and gives what there is. Results depend on the seed: `make results` keeps five.
    """
    name = getattr(data, "name", "this set")
    if not isinstance(data, tuple):
        rates = data.rates() if rates is None else rates
        data = data.draw(n, seed), data.draw(n, seed + 1_000_000)
    train, test = prepare(data[0], data[1], language)
    rates = rates or {}
    classes = int(max(train.labels.max(), test.labels.max())) + 1
    common = train.labels.bincount().argmax()
    found = {COMMONEST: (test.labels == common).double()}  # (N)

    def learn(make: Callable[[], nn.Module], inputs: tuple[Nested, ...], new: tuple[Nested, ...]) -> Tensor:
        torch.manual_seed(seed)
        model = make()
        held = torch.randperm(len(train.labels), generator=torch.Generator().manual_seed(seed))
        kept, left = held[len(held) // 5 :], held[: len(held) // 5]
        inside, outside = (tuple(take(x, rows) for x in inputs) for rows in (kept, left))
        history = fit(
            model,
            inside,
            train.labels[kept],
            epochs=epochs,
            batch=batch,
            lr=lr,
            seed=seed,
            progress=False,
            held_out=(outside, train.labels[left]),
        )
        if len(history) < epochs:
            raise _Stopped
        return (predict_logits(model, new).argmax(-1) == test.labels).double()  # (N)

    jobs = _jobs(train, test, classes, d, seed, full)
    finished = True
    try:
        with tqdm(jobs.items(), desc="certify", unit="model", file=sys.stdout, disable=not progress) as bar:
            for model, job in bar:
                bar.set_postfix_str(model)
                found[model] = learn(*job)
    except (KeyboardInterrupt, _Stopped):
        finished = False
    chance = test.labels.bincount().max().item() / len(test.labels)
    return _judge(name, found, rates, train.sides, chance, classes, finished)


def _jobs(
    train: Halves, test: Halves, classes: int, d: int, seed: int, full: Callable[[], nn.Module] | None
) -> dict[str, Job]:
    """The job of each row."""
    full = full or (lambda: Full(train, d, classes))
    both, new = (train.image, train.text), (test.image, test.text)
    draw = torch.Generator().manual_seed(seed + 1)
    mix, mix_new = (torch.randperm(len(half.labels), generator=draw) for half in (train, test))
    jobs: dict[str, Job] = {}
    for name, numbers in train.probes.items():
        jobs[name] = partial(Probe, numbers.shape[1], classes), (numbers,), (test.probes[name],)
    jobs[PICTURE] = (lambda: Alone(train, 0, d, classes)), both, new
    jobs[TEXT] = (lambda: Alone(train, 1, d, classes)), both, new
    jobs[ADDITIVE] = (lambda: Sum(train, d, classes)), both, new
    if train.image.tokens.shape[1] > 1:
        jobs[POOLED] = (lambda: Pooled(train, d, classes)), both, new
    jobs[TEXTS] = full, (train.image, take(train.text, mix)), (test.image, take(test.text, mix_new))
    jobs[PICTURES] = full, (take(train.image, mix), train.text), (take(test.image, mix_new), test.text)
    jobs[FULL] = full, both, new
    return jobs


def _judge(
    name: str,
    found: dict[str, Tensor],
    rates: dict[str, Rate],
    probes: dict[str, str],
    chance: float,
    classes: int,
    finished: bool,
) -> Certificate:
    best = dict(rates)
    for shuffled, alone in ((TEXTS, PICTURE), (PICTURES, TEXT)):
        if alone in best:
            best[shuffled] = best[alone]
    rows, leaks = [], []
    for model, right in found.items():
        low, high = interval(right)
        surely = interval(right, 0.999)[0]  # many rows: an accident of one in a thousand, not one in forty
        bound = best[model].accuracy if model in best else None
        if model == COMMONEST:
            says = "what guessing gets"
        elif bound is not None and surely > bound + 1e-9:
            says = "ABOVE the best possible: what is stated is wrong"
        elif model in probes:
            side = TEXT if probes[model] == "text" else PICTURE
            known = max(chance, best[side].accuracy) if side in best else chance
            says = "LEAK: it tells something" if surely > known else "tells nothing" if surely <= chance else "no leak"
            leaks += [model] if surely > known else []
        elif bound is not None and bound > chance + 0.01:
            says = "as good as possible" if high > bound - 0.02 else "less than possible"
            if (best[model].cross_entropy or 0) > math.log(classes) - 1e-9:
                says += "; its least cross-entropy is a guess's"
        else:
            says = "better than guessing" if surely > chance else "no better than guessing"
        rows.append(Row(model, right.mean().item(), low, high, bound, says))
    by = {row.model: row for row in rows}

    def beaten(model: str) -> bool:
        """By what was trained, and by the best of its class."""
        return _surely_better(found[FULL], found[model]) and by[FULL].low > (by[model].best or 0)

    both = finished and all(map(beaten, (PICTURE, TEXT, *probes)))
    product = both and beaten(ADDITIVE)
    if not finished:
        verdict = "interrupted, so nothing is certified"
    elif both:
        verdict = "needs both modalities, and " + ("more than a sum of what they say" if product else "a sum suffices")
    elif FULL in best and best[FULL].accuracy <= max(best[PICTURE].accuracy, best[TEXT].accuracy):
        verdict = "does not need both modalities"
    else:
        verdict = "not shown to need both modalities: this full model does no better than one half or one probe"
    verdict += f"; LEAK: {', '.join(leaks)}" if leaks else ""
    return Certificate(name, verdict, rows, both, product, leaks, finished)


def _surely_better(one: Tensor, other: Tensor) -> bool:
    """Whether the 99 % interval of the difference, pair by pair, lies above a hundredth."""
    return interval(one - other, 0.99)[0] > 0.01
