"""Right answers to lesson 07, written differently."""

import itertools

import torch
from torch import nn
from torch.nn import functional as F

from mmcourse import bank
from mmcourse.bank.lesson_07.ex07_train_visual_questions import _is_there
from mmcourse.diagnose.balance import balanced
from mmcourse.preprocess import Vocabulary, normalise
from mmcourse.text import BagOfWords
from mmcourse.training import fit
from mmcourse.vision import SmallCNN


# 07.1
def ring_by_ring(table, labels, orders):
    hits = 0
    for order in orders.tolist():
        for t, pair in enumerate(order):
            lender = order[(t + 1) % len(order)]
            hits += int(table[pair, lender].argmax()) == int(labels[pair])
    return hits / orders.numel()


def by_partners(table, labels, orders):
    """Whose text each pair gets, in the table's own order."""
    total = 0.0
    for order in orders:
        partner = torch.empty_like(order)
        partner[order] = torch.cat([order[1:], order[:1]])
        logits = table.gather(1, partner[:, None, None].expand(-1, 1, table.shape[2]))[:, 0]
        total += (logits.max(-1).indices == labels).float().mean().item()
    return total / len(orders)


def as_a_tensor(table, labels, orders):
    right = table.argmax(2) == labels[:, None]  # (N, N)
    return torch.stack([right[o, torch.roll(o, -1)] for o in orders]).double().mean()


# 07.2
def by_einsum(table):
    n = len(table)
    u, v = torch.einsum("ijk->ik", table) / n, torch.einsum("ijk->jk", table) / n
    return u + (v - u.mean(0, keepdim=True))


def by_diagonal(table):
    """Of the sum for all pairings."""
    sums = table.mean(1, keepdim=True) + table.mean(0, keepdim=True) - table.mean(dim=(0, 1), keepdim=True)
    return torch.diagonal(sums).T


def pair_by_pair(table):
    n, rows = len(table), []
    for i in range(n):
        row = sum(table[i, j] for j in range(n)) / n
        column = sum(table[j, i] for j in range(n)) / n
        rows.append(row + column - table.reshape(n * n, -1).mean(0))
    return torch.stack(rows)


# 07.3
def lost_by_loop(table, labels, partners, side):
    n = len(labels)
    here = sum(int(table[i, i].argmax() == labels[i]) for i in range(n)) / n
    there = 0
    for row in partners.tolist():
        for i, p in enumerate(row):
            logits = table[p, i] if side == "image" else table[i, p]
            there += int(logits.argmax() == labels[i])
    return here - there / partners.numel()


def lost_by_answers(table, labels, partners, side):
    """The table of answers first, turned so that what moves is always the second axis."""
    answers = table.argmax(-1)
    answers = answers.T if side == "image" else answers
    right = (answers == labels[:, None]).double()  # the row keeps the label
    return right.diagonal().mean() - right.gather(1, partners.T).mean()


# 07.4: worked out; and as numbers of torch's
TABLES = {
    "both": (2, lambda i, j: i == 1 and j == 1),
    "exactly one": (2, lambda i, j: i != j),
    "the text alone": (2, lambda i, j: j == 1),
    "same of three": (3, lambda i, j: i == j),
    "at least": (3, lambda i, j: i >= j),
    "one apart": (3, lambda i, j: abs(i - j) <= 1),
}


def cells_left(n, wanted):
    score = [[3 if wanted(i, j) else -3 for j in range(n)] for i in range(n)]
    total = sum(map(sum, score))
    right = 0
    for i, j in itertools.product(range(n), repeat=2):
        nearest = n * sum(score[i]) + n * sum(row[j] for row in score) - total  # n² times EMAP: whole numbers
        right += (nearest > 0) == wanted(i, j)
    return right


BY_WORKING_OUT = {name: cells_left(n, wanted) for name, (n, wanted) in TABLES.items()}
AS_TENSORS = {name: torch.tensor(value) for name, value in bank.exercise("07.4").reference.items()}


# 07.5
def sample_by_sample(image, text, there, u, rate):
    images, texts, rows = [], [], []
    for f, g, row, x in zip(image, text, there.tolist(), u.tolist(), strict=True):
        has_f, has_g = row
        if has_f and has_g:
            if x < rate / 2:
                has_f = False
            elif x < rate:
                has_g = False
        images.append(f if has_f else torch.zeros_like(f))
        texts.append(g if has_g else torch.zeros_like(g))
        rows.append([has_f, has_g])
    return torch.stack(images), torch.stack(texts), torch.tensor(rows, device=there.device)


def by_where(image, text, there, u, rate):
    which = torch.where(u < rate / 2, 0, torch.where(u < rate, 1, 2))  # 2: neither
    lost = F.one_hot(which, 3)[:, :2].bool() & (there.sum(1) == 2).unsqueeze(1)
    there = torch.logical_and(there, torch.logical_not(lost))
    return torch.where(there[:, :1], image, 0.0), torch.where(there[:, 1:], text, 0.0), there


def by_assignment(image, text, there, u, rate):
    image, text, there = image.clone(), text.clone(), there.clone()
    full = there.sum(-1) == 2
    there[full & (u < rate / 2), 0] = False
    there[full & (rate / 2 <= u) & (u < rate), 1] = False
    image[~there[:, 0]] = 0
    text[~there[:, 1]] = 0
    return image, text, there


# 07.6
TELLS = bank.exercise("07.6").reference
IN_CAPITALS = {name: value.upper() for name, value in TELLS.items()}
WITH_MORE = TELLS | {"another": None}


# 07.7: other fusions, and another way of making 'no' worth nothing
class Plain(nn.Module):
    """A product of the two vectors themselves."""

    def __init__(self, words):
        super().__init__()
        self.image, self.text = SmallCNN(48, (8,)), BagOfWords(words, 48)
        self.head = nn.Sequential(nn.LayerNorm(48), nn.Linear(48, 2))

    def forward(self, images, ids, mask):
        return self.head(self.image(images).vector * self.text(ids, mask).vector)


class ByBilinear(Plain):
    def __init__(self, words):
        super().__init__(words)
        self.head = nn.Bilinear(48, 48, 2)

    def forward(self, images, ids, mask):
        return self.head(self.image(images).vector, self.text(ids, mask).vector)


def trained(model_class):
    def train():
        asked, rows, labels = _is_there("train")
        questions = [asked.questions[i] for i in rows]
        vocabulary = Vocabulary(questions)
        kept = balanced(questions, labels)
        inputs = normalise(asked.images)[asked.image_of[rows]], *vocabulary.encode(questions)
        torch.manual_seed(0)
        model = model_class(len(vocabulary))
        fit(model, tuple(x[kept] for x in inputs), labels[kept], epochs=25, progress=False)
        return model

    return train


ANSWERS = {
    "07.1": [ring_by_ring, by_partners, as_a_tensor],
    "07.2": [by_einsum, by_diagonal, pair_by_pair],
    "07.3": [lost_by_loop, lost_by_answers],
    "07.4": [BY_WORKING_OUT, AS_TENSORS],
    "07.5": [sample_by_sample, by_where, by_assignment],
    "07.6": [IN_CAPITALS, WITH_MORE],
    "07.7": [trained(Plain), trained(ByBilinear)],
}
