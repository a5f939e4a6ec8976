"""Right answers to lesson 09, written differently."""

import torch
from torch import nn
from torch.nn import functional as F
from torchmetrics.functional.classification import multiclass_f1_score

from mmcourse import bank
from mmcourse.data.emoji import EmojiPairs
from mmcourse.data.features import emoji_features
from mmcourse.encoded import Encoded
from mmcourse.fusion import Gated
from mmcourse.preprocess import Vocabulary, words
from mmcourse.text import GRUEncoder, LSTMEncoder
from mmcourse.training import fit

# 09.1: as numpy or a computation would give them; with capitals and spaces
SCORES = bank.exercise("09.1").reference
Pictures, Sentences, Program = (bank.exercise(f"09.{n}").reference for n in (5, 6, 7))
COMPUTED = SCORES | {"accuracy": 100 * 60 / 100, "F1 of A": torch.tensor(75), "macro-F1": 25.0}
IN_CAPITALS = {k: f" {v.upper()} " if isinstance(v, str) else v for k, v in SCORES.items()} | {"more": None}


# 09.2
def f1_by_torchmetrics(answers, labels, classes):
    return multiclass_f1_score(answers, labels, classes, average="macro")


def f1_class_by_class(answers, labels, classes):
    scores = []
    for k in range(classes):
        called, is_it = answers == k, labels == k
        below = called.sum() + is_it.sum()
        if below:
            scores.append((2 * (called & is_it).sum() / below).item())
    return sum(scores) / len(scores)


def f1_by_one_hot(answers, labels, classes):
    said, true = F.one_hot(answers, classes).double(), F.one_hot(labels, classes).double()
    precision = (said * true).sum(0) / said.sum(0).clamp(min=1)
    recall = (said * true).sum(0) / true.sum(0).clamp(min=1)
    f1 = 2 * precision * recall / (precision + recall).clamp(min=1e-12)
    return f1[(said + true).any(0)].mean()


def f1_by_counts(answers, labels, classes):
    hits = torch.bincount(labels[answers == labels], minlength=classes)
    below = torch.bincount(labels, minlength=classes) + torch.bincount(answers, minlength=classes)
    return (2 * hits[below > 0] / below[below > 0]).double().mean().item()


# 09.3
def several_by_torch(logits, labels, known, weight):
    each = F.binary_cross_entropy_with_logits(
        logits, labels.to(logits.dtype), weight=known.to(logits.dtype), pos_weight=weight, reduction="sum"
    )
    return each / known.sum().clamp(min=1)


def several_by_softplus(logits, labels, known, weight):
    y = labels.to(logits.dtype)
    each = weight * y * F.softplus(-logits) + (1 - y) * F.softplus(logits)
    return torch.where(known, each, 0).sum() / max(int(known.sum()), 1)


def several_by_choosing(logits, labels, known, weight):
    """Only the known cells, and the sum of none is 0."""
    s, y, w = logits[known], labels[known], weight.expand_as(logits)[known]
    signed = torch.where(y, s, -s)
    return (-F.logsigmoid(signed) * torch.where(y, w, torch.ones_like(w))).sum() / max(1, len(s))


def several_by_logaddexp(logits, labels, known, weight):
    zero = torch.zeros_like(logits)
    each = torch.where(labels, weight * torch.logaddexp(zero, -logits), torch.logaddexp(zero, logits))
    return (each * known).sum() / known.sum().clamp(min=1)


# 09.4
def error_bin_by_bin(probabilities, labels, bins):
    confidence, answer = probabilities.max(dim=1)
    right = answer == labels
    total = 0.0
    for k in range(bins):
        here = (confidence > k / bins) & (confidence <= (k + 1) / bins)
        if here.any():
            total += here.double().mean() * (confidence[here].mean() - right[here].double().mean()).abs()
    return float(total)


def error_by_buckets(probabilities, labels, bins):
    confidence = probabilities.amax(1)
    edges = torch.linspace(0, 1, bins + 1, dtype=confidence.dtype)
    place = torch.bucketize(confidence, edges, right=False) - 1
    off = (probabilities.argmax(1) == labels).double() - confidence
    return torch.zeros(bins, dtype=off.dtype).index_add(0, place, off).abs().sum().item() / len(labels)


# 09.5
class PicturesWithoutGradients(nn.Module):
    """Frozen where it is used, and kept in eval mode where it is called."""

    def __init__(self, network, mean, std):
        super().__init__()
        self.network = network
        self.register_buffer("mean", mean)
        self.register_buffer("std", std)

    def forward(self, images):
        self.network.eval()
        with torch.no_grad():
            grid = self.network((images - self.mean.view(3, 1, 1)) / self.std.view(3, 1, 1))
        return grid.flatten(2).mean(-1)


class PicturesByPooling(Pictures):
    def __init__(self, network, mean, std):
        super().__init__(network, mean, std)
        for weight in self.network.parameters():
            weight.requires_grad = False
        self.pool = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())

    def forward(self, images):
        columns = images.to(self.mean.dtype).movedim(1, -1)  # (B, H, W, 3): channels last
        return self.pool(self.network(((columns - self.mean) / self.std).movedim(-1, 1)))


class PicturesOneByOne(Pictures):
    def forward(self, images):
        scaled = [(x - m) / s for x, m, s in zip(images.unbind(1), self.mean, self.std, strict=True)]
        rows = [self.network(x[None])[0] for x in torch.stack(scaled, dim=1)]
        return torch.stack([row.sum((1, 2)) / row[0].numel() for row in rows])


# 09.6
class SentencesOneByOne(Sentences):
    """No padding at all: each text is read alone."""

    def forward(self, texts):
        rows = []
        for text in texts:
            ids = [self.index.get(word, 1) for word in words(text) if word not in self.stop]
            if ids:
                _, h = self.rnn(self.vectors(torch.tensor(ids, device=self.vectors.weight.device))[None])
                rows.append(h[-1, 0])
            else:
                rows.append(self.vectors.weight.new_zeros(self.rnn.hidden_size))
        return torch.stack(rows)


class SentencesByTheLastStep(Sentences):
    """Padded at the end, read whole, and the state taken where the last real word was."""

    def forward(self, texts):
        known = set(self.index)
        rows = [[self.index[w if w in known else "<unk>"] for w in words(t) if w not in set(self.stop)] for t in texts]
        longest = max(1, *map(len, rows)) if len(rows) > 1 else max(1, len(rows[0]))
        ids = torch.tensor([row + [0] * (longest - len(row)) for row in rows])
        lengths = torch.tensor([len(row) for row in rows])
        states, _ = self.rnn(self.vectors(ids))  # (B, T, d)
        last = states[torch.arange(len(rows)), (lengths - 1).clamp(min=0)]
        return last * (lengths > 0)[:, None]


class SentencesSorted(Sentences):
    """Packed by hand, texts without words left aside."""

    def forward(self, texts):
        rows = [[self.index.get(word, 1) for word in words(text) if word not in self.stop] for text in texts]
        full = [i for i, row in enumerate(rows) if row]
        out = self.vectors.weight.new_zeros(len(rows), self.rnn.hidden_size)
        packed = nn.utils.rnn.pack_sequence([self.vectors(torch.tensor(rows[i])) for i in full], enforce_sorted=False)
        return out.index_copy(0, torch.tensor(full), self.rnn(packed)[1][0])


class SentencesByGather(Sentences):
    def forward(self, texts):
        rows = [torch.tensor([self.index.get(w, 1) for w in words(t) if w not in self.stop]).long() for t in texts]
        ids = nn.utils.rnn.pad_sequence([torch.cat([row, row.new_zeros(1)]) for row in rows], batch_first=True)
        states, _ = self.rnn(self.vectors(ids))  # (B, T, d)
        lengths = torch.tensor([len(row) for row in rows])
        last = states.gather(1, (lengths - 1).clamp(min=0)[:, None, None].expand(-1, 1, states.shape[2]))[:, 0]
        return torch.where((lengths > 0)[:, None], last, 0)


# 09.7
class ProgramWithTwoVotes(Program):
    """W [f; g] + b as two votes."""

    def forward(self, images, ids, mask):
        d = self.head.in_features // 2
        f, g = self.image(images).vector, self.text(ids, mask).vector
        return f @ self.head.weight[:, :d].T + g @ self.head.weight[:, d:].T + self.head.bias


class ProgramWithoutFuse(nn.Module):
    def __init__(self, image, text, d, classes):
        super().__init__()
        self.text, self.image, self.head = text, image, nn.Linear(d + d, classes)

    def forward(self, images, ids, mask):
        return self.head(torch.hstack((self.image(images)[0], self.text(ids, mask)[0])))


class ProgramByItsParts(Program):
    """The wholes made anew from the parts, over real ones only."""

    def fuse(self, image, text):
        means = []
        for side in (image, text):
            real = side.mask[..., None]
            means.append(torch.where(real, side.tokens, 0).sum(1) / real.sum(1).clamp(min=1))
        return torch.cat(means, 1)


# 09.8: other fusions and other readers
class ByGate(nn.Module):
    def __init__(self, words: int, d: int = 64):
        super().__init__()
        self.scale = nn.BatchNorm1d(1280, affine=False)
        self.text, self.drop = LSTMEncoder(words, d), nn.Dropout(0.5)
        self.fusion, self.head = Gated(1280, d, d), nn.Linear(d, 9)

    def forward(self, vectors, ids, mask):
        image = Encoded.single(self.drop(self.scale(vectors)))
        return self.head(self.drop(self.fusion(image, self.text(ids, mask))))


class ByVotes(nn.Module):
    """Two sets of logits, added: late fusion."""

    def __init__(self, words: int, d: int = 64):
        super().__init__()
        self.image = nn.Sequential(
            nn.BatchNorm1d(1280, affine=False), nn.Dropout(0.5), nn.Linear(1280, d), nn.ReLU(), nn.Dropout(0.5)
        )
        self.u, self.text, self.v = nn.Linear(d, 9), GRUEncoder(words, d, both=True), nn.Linear(d, 9)

    def forward(self, vectors, ids, mask):
        word_votes = self.v(nn.functional.dropout(self.text(ids, mask).vector, 0.5, self.training))
        return self.u(self.image(vectors)) + word_votes


def rebuilt_as(model_class, power):
    def make():
        seen, names = emoji_features("train"), EmojiPairs("train", 1, ("en",)).text["en"]
        vocabulary = Vocabulary(names, at_least=2)
        torch.manual_seed(1)
        model = model_class(len(vocabulary))
        weight = (len(seen.labels) / seen.labels.bincount()) ** power
        fit(
            model,
            (seen.image, *vocabulary.encode(names)),
            seen.labels,
            loss=lambda logits, labels: F.cross_entropy(logits, labels, weight.to(logits.device)),
            progress=False,
        )
        return model

    return make


ANSWERS = {
    "09.1": [COMPUTED, IN_CAPITALS],
    "09.2": [f1_by_torchmetrics, f1_class_by_class, f1_by_one_hot, f1_by_counts],
    "09.3": [several_by_torch, several_by_softplus, several_by_choosing, several_by_logaddexp],
    "09.4": [error_bin_by_bin, error_by_buckets],
    "09.5": [PicturesWithoutGradients, PicturesByPooling, PicturesOneByOne],
    "09.6": [SentencesOneByOne, SentencesByTheLastStep, SentencesSorted, SentencesByGather],
    "09.7": [ProgramWithTwoVotes, ProgramWithoutFuse, ProgramByItsParts],
    "09.8": [rebuilt_as(ByGate, 1), rebuilt_as(ByVotes, 1)],
}
