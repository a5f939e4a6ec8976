"""The numbers on the data sets' cards: baselines of every set, and certificates of the tasks with known rates.

A set's baselines are what its labels give away cheaply: to the commonest class, to the words alone, to the pixels
alone. A model that looks at both has to be held against these. None of them is trained step by step: words are counted
(naive Bayes), pixels weighed by least squares, so that nothing hangs on a seed but which items are drawn.
"""

import re
from collections import Counter

import torch
from torch import Tensor
from torch.nn.functional import interpolate, one_hot

from mmcourse.data import SETS, InMemory, card, in_memory, load
from mmcourse.data.synthetic import CERTIFIED
from mmcourse.diagnose import certify

MANY = 4000  # items are enough; more are drawn from
SIDE = 16  # pixels


def experiment(seed: int) -> dict[str, float]:
    """{'emoji: majority': 0.19, 'emoji: words': ..., 'XOR: additive': 0.49, ...}: what the cards show.

    Baselines of every set that is ready here; the certified tasks have no pixels and no words, and models of them.
    """
    scores = {
        f"{name}: {what}": score
        for name in SETS
        if name not in CERTIFIED and card(name).state().word == "ready"
        for what, score in baselines(name, seed).items()
    }
    for name, task in CERTIFIED.items():
        found = certify(task, seed=seed, progress=False).numbers()
        scores |= {f"{name}: {model}": accuracy for model, accuracy in found.items()}
    return scores


def baselines(name: str, seed: int = 0) -> dict[str, float]:
    """Accuracy on a set's test split: 'majority', and 'words' and 'pixels' where it has them."""
    train, test = (_some(in_memory(load(name, split), progress=False), seed) for split in ("train", "test"))
    found = {"majority": (test.labels == train.labels.mode().values).double().mean().item()}
    if train.text and len(train.labels.unique()) > 1:
        language = "en" if "en" in train.text else next(iter(train.text))
        found["words"] = _right(words(train.text[language], train.labels, test.text[language]), test.labels)
    if train.images is not None and test.images is not None and len(train.labels.unique()) > 1:
        found["pixels"] = _right(pixels(train.images, train.labels, test.images), test.labels)
    return found


def words(texts: list[str], labels: Tensor, asked: list[str]) -> Tensor:
    """Naive Bayes over words, every count one more than seen: the classes of the texts `asked`, (N,)."""
    split = [re.findall(r"\w+|[^\w\s]", text.lower()) for text in texts]
    index = {word: i for i, word in enumerate(sorted(Counter(word for some in split for word in some)))}
    counts = torch.ones(int(labels.max()) + 1, len(index), dtype=torch.double)  # (C, V)
    for some, label in zip(split, labels.tolist(), strict=True):
        for word in some:
            counts[label, index[word]] += 1
    seen = labels.bincount(minlength=len(counts)).double()
    told = (counts / counts.sum(1, keepdim=True)).log()
    ids = [[index[word] for word in re.findall(r"\w+|[^\w\s]", text.lower()) if word in index] for text in asked]
    return torch.stack([(seen.log() + told[:, some].sum(1)).argmax() for some in ids])


def pixels(images: Tensor, labels: Tensor, asked: Tensor) -> Tensor:
    """Least squares, with a little shrinkage, from pixels of 16 x 16 to the classes: those of `asked`, (N,)."""
    x, y = _flat(images), one_hot(labels).double()  # (N, 769), (N, C)
    weights = torch.linalg.solve(x.T @ x + 0.01 * len(x) * torch.eye(x.shape[1], dtype=x.dtype), x.T @ y)
    return (_flat(asked) @ weights).argmax(1)


def _flat(images: Tensor) -> Tensor:
    small = interpolate(images.float() / 255 - 0.5, size=(SIDE, SIDE), mode="area").flatten(1)  # (N, 3 * 16 * 16)
    return torch.cat([small, torch.ones(len(small), 1)], dim=1).double()


def _right(said: Tensor, labels: Tensor) -> float:
    return (said == labels).double().mean().item()


def _some(columns: InMemory, seed: int) -> InMemory:
    """At most MANY of the items, drawn with a seed, each with a picture of its own."""
    rows = torch.randperm(len(columns.labels), generator=torch.Generator().manual_seed(seed))[:MANY].sort().values
    of = rows if columns.image_of is None else columns.image_of[rows]
    return InMemory(
        None if columns.images is None else columns.images[of],
        {language: [texts[i] for i in rows] for language, texts in columns.text.items()},
        columns.labels[rows],
        columns.classes,
        [columns.meta[i] for i in rows],
    )
