"""Right answers to lesson 01, written differently."""

from collections import Counter
from itertools import zip_longest

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.rnn import pad_sequence
from torchvision.transforms.v2 import functional as tv

from mmcourse import bank
from mmcourse.preprocess import Batch, resize
from mmcourse.vision import SmallCNN


# 01.1
def by_view(images, mean, std):
    return (images.to(mean.dtype) / 255 - mean.view(1, 3, 1, 1)) / std.view(1, 3, 1, 1)


def by_bytes(images, mean, std):
    """The statistics brought to the bytes' scale."""
    m, s = (255 * x.reshape(3, 1, 1) for x in (mean, std))
    return (images - m) / s


def by_torchvision(images, mean, std):
    return tv.normalize(tv.to_dtype(images, torch.float32, scale=True), mean.tolist(), std.tolist())


def by_channel_last(images, mean, std):
    return ((images.movedim(1, -1) / 255 - mean) / std).movedim(-1, 1)


def by_channel(images, mean, std):
    x = images.float().div(255)
    return torch.stack([(x[:, c] - mean[c]) / std[c] for c in range(3)], dim=1)


def by_batch_norm(images, mean, std):
    return F.batch_norm(images / 255, mean, std**2, eps=0)


# 01.2
def boxed_on_a_page(image: Tensor, size: int, fill: float):
    c, high, wide = image.shape
    longest = max(high, wide)
    h, w = (max(1, int(size * side / longest + 0.5)) for side in (high, wide))
    page, mask = image.new_full((c, size, size), fill), image.new_zeros(size, size, dtype=torch.bool)
    rows, columns = slice((size - h) // 2, (size - h) // 2 + h), slice((size - w) // 2, (size - w) // 2 + w)
    page[:, rows, columns] = resize(image, h, w)
    mask[rows, columns] = True
    return page, mask


def boxed_by_torchvision(image, size, fill):
    _, high, wide = image.shape
    if high >= wide:
        h, w = size, max(1, round(size * wide / high))
    else:
        h, w = max(1, round(size * high / wide)), size
    top, left = (size - h) // 2, (size - w) // 2
    sides = [left, top, size - w - left, size - h - top]
    ones = torch.ones_like(image[:1, :1, :1]).expand(1, h, w)
    return tv.pad(tv.resize(image, [h, w]), sides, fill=fill), tv.pad(ones, sides, fill=0)[0] > 0


def boxed_by_where(image, size, fill):
    """Places counted out, and the picture put where they are true."""
    _, high, wide = image.shape
    scale = size / max(high, wide)
    h, w = max(1, round(high * scale)), max(1, round(wide * scale))
    at = torch.arange(size, device=image.device)
    real = [(at >= (size - n) // 2) & (at < (size - n) // 2 + n) for n in (h, w)]
    mask = real[0][:, None] & real[1]
    small = resize(image, h, w)
    spread = F.pad(small, ((size - w) // 2, size - w - (size - w) // 2, (size - h) // 2, size - h - (size - h) // 2))
    return torch.where(mask, spread, torch.full_like(spread, fill)), mask


# 01.3: with other letters, and with a name that nobody asked for
LEAKS = bank.exercise("01.3").reference
LOUD = {name: f" {answer.upper()} " for name, answer in LEAKS.items()}
MORE = {**LEAKS, "mine": "no idea"}
AS_NUMPY = {name: np.str_(answer) for name, answer in LEAKS.items()}


# 01.4
def vocabulary_by_counter(sentences, splits, at_least):
    counts = Counter()
    for sentence, split in zip(sentences, splits, strict=True):
        if split == "train":
            counts.update(sentence)
    return ["<pad>", "<unk>", "<bos>", "<eos>", *sorted(w for w in counts if counts[w] >= at_least)]


def vocabulary_by_list(sentences, splits, at_least):
    seen = [word for i, sentence in enumerate(sentences) if splits[i] == "train" for word in sentence]
    out = ["<pad>", "<unk>", "<bos>", "<eos>"]
    for word in sorted(set(seen)):
        if seen.count(word) >= at_least:
            out.append(word)
    return out


# 01.5
def encoded_row_by_row(sentences, index, length):
    ids = torch.full((len(sentences), length), index["<pad>"])
    mask = torch.zeros(len(sentences), length, dtype=torch.bool)
    for b, sentence in enumerate(sentences):
        row = [index["<bos>"]] + [index.get(w, index["<unk>"]) for w in sentence][: length - 2] + [index["<eos>"]]
        for t, number in enumerate(row):
            ids[b, t], mask[b, t] = number, True
    return ids, mask


def encoded_by_lists(sentences, index, length):
    rows = []
    for sentence in sentences:
        kept = ["<bos>", *sentence[: max(0, length - 2)], "<eos>"]
        kept += ["<pad>"] * (length - len(kept))
        rows.append([index[w] if w in index else index["<unk>"] for w in kept])
    ids = torch.tensor(rows)
    return ids, ids != index["<pad>"]


def encoded_with_the_end_put_last(sentences, index, length):
    """A row that is too long is cut, and its last number becomes <eos>."""
    ids = torch.zeros(len(sentences), length, dtype=torch.long)
    for b, sentence in enumerate(sentences):
        row = [index[w] if w in index else index["<unk>"] for w in ["<bos>", *sentence, "<eos>"]][:length]
        row[-1] = index["<eos>"]
        ids[b, : len(row)] = torch.tensor(row)
    return ids, ids.ne(index["<pad>"])


def encoded_by_pad_sequence(sentences, index, length):
    rows = [torch.tensor([2, *(index.get(w, 1) for w in s[: length - 2]), 3]) for s in sentences]
    ids = pad_sequence([*rows, torch.zeros(length, dtype=torch.long)], batch_first=True)[:-1]
    return ids, torch.arange(length)[None] < torch.tensor([len(row) for row in rows])[:, None]


# 01.6
def spared_by_counting(stop, pairs):
    kept = list(stop)
    for one, other in pairs:
        left = [[w for w in sentence if w not in stop] for sentence in (one, other)]
        if left[0] == left[1]:
            kept = [w for w in kept if one.count(w) == other.count(w)]
    return kept


def spared_by_filter(stop, pairs):
    def together(pair):
        a, b = (filter(lambda w: w not in set(stop), sentence) for sentence in pair)
        return all(x == y for x, y in zip_longest(a, b))

    harmful = [(Counter(a), Counter(b)) for a, b in filter(together, pairs)]
    return [w for w in stop if all(a[w] == b[w] for a, b in harmful)]


# 01.7
def batched_by_pad(items):
    images, sentences, labels = zip(*items, strict=True)
    high, wide = max(i.shape[1] for i in images), max(i.shape[2] for i in images)
    long = max(1, *(len(s) for s in sentences)) if len(items) > 1 else max(1, len(sentences[0]))

    def grown(image):
        return F.pad(image, (0, wide - image.shape[-1], 0, high - image.shape[-2]))

    return Batch(
        torch.stack([grown(image) for image in images]),
        torch.stack([grown(torch.ones_like(image[0], dtype=torch.bool)) for image in images]),
        torch.stack([F.pad(ids, (0, long - len(ids))) for ids in sentences]),
        torch.stack([F.pad(torch.ones_like(ids, dtype=torch.bool), (0, long - len(ids))) for ids in sentences]),
        torch.tensor(labels, device=images[0].device),
    )


def batched_by_size(items):
    """Masks from the sizes."""
    first = items[0][0]
    sizes = torch.tensor([image.shape[1:] for image, _, _ in items], device=first.device)  # (B, 2)
    lengths = torch.tensor([len(ids) for _, ids, _ in items], device=first.device)
    high, wide = (max(image.shape[axis] for image, _, _ in items) for axis in (1, 2))
    long = max([1, *(len(ids) for _, ids, _ in items)])
    images = torch.zeros(len(items), 3, high, wide, dtype=first.dtype, device=first.device)
    ids = torch.zeros(len(items), long, dtype=torch.long, device=first.device)
    for b, (image, sentence, _) in enumerate(items):
        images[b, :, : image.shape[1], : image.shape[2]] = image
        ids[b, : len(sentence)] = sentence
    rows, columns, places = (torch.arange(n, device=first.device) for n in (high, wide, long))
    pixels = (rows[None, :, None] < sizes[:, 0, None, None]) & (columns[None, None] < sizes[:, 1, None, None])
    labels = torch.tensor([label for _, _, label in items], device=first.device)
    return Batch(images, pixels, ids, places < lengths[:, None], labels)


# 01.8
class ByBoxes(nn.Module):
    """Cuts out by the mask's first and last row and column; statistics by loops; another size."""

    def __init__(self, side: int = 28):
        super().__init__()
        self.side, self.cnn, self.head = side, SmallCNN(48), nn.Linear(48, 9)

    def forward(self, images: Tensor, masks: Tensor) -> Tensor:
        rows = []
        for image, mask in zip(images.float(), masks, strict=True):
            ys, xs = mask.nonzero(as_tuple=True)
            part = image[:, ys.min() : ys.max() + 1, xs.min() : xs.max() + 1]
            std, mean = torch.std_mean(part, (1, 2), keepdim=True)
            rows.append(resize((part - mean) / (std + 5), self.side, self.side))
        return self.head(self.cnn(torch.stack(rows)).vector)


class ByExtremes(nn.Module):
    """Each channel stretched to its own darkest and brightest pixel, and a grid sampled from inside the mask."""

    def __init__(self):
        super().__init__()
        self.cnn, self.head = SmallCNN(64), nn.Linear(64, 9)

    def forward(self, images: Tensor, masks: Tensor) -> Tensor:
        x, out = images.float(), masks[:, None].logical_not()
        low, high = x.masked_fill(out, 255).amin((2, 3), keepdim=True), x.masked_fill(out, 0).amax((2, 3), keepdim=True)
        x = ((x - low) / (high - low).clamp(min=1)).masked_fill(out, 1)
        centre, reach = [], []
        for axis in (1, 2):  # columns, then rows
            real = masks.any(axis).float()  # (B, 32)
            at = (real * torch.arange(32.0, device=x.device)).sum(1) / real.sum(1)
            centre.append((2 * at + 1) / 32 - 1)
            reach.append(real.sum(1) / 32)
        zero = torch.zeros_like(centre[0])
        theta = torch.stack([reach[0], zero, centre[0], zero, reach[1], centre[1]], 1).view(-1, 2, 3)
        grid = F.affine_grid(theta, [len(x), 3, 24, 24], align_corners=False)
        return self.head(self.cnn(F.grid_sample(x, grid, align_corners=False, padding_mode="border") * 2 - 1).vector)


def trained(model_class):
    def make():
        from mmcourse.data.snapshots import Snapshots
        from mmcourse.training import fit

        train = Snapshots("train")
        torch.manual_seed(1)
        model = model_class()
        fit(model, (train.images, train.masks), train.labels, epochs=8, progress=False)
        return model

    return make


ANSWERS = {
    "01.1": [by_view, by_bytes, by_torchvision, by_channel_last, by_channel, by_batch_norm],
    "01.2": [boxed_on_a_page, boxed_by_torchvision, boxed_by_where],
    "01.3": [LOUD, MORE, AS_NUMPY],
    "01.4": [vocabulary_by_counter, vocabulary_by_list],
    "01.5": [encoded_row_by_row, encoded_by_lists, encoded_by_pad_sequence, encoded_with_the_end_put_last],
    "01.6": [spared_by_counting, spared_by_filter],
    "01.7": [batched_by_pad, batched_by_size],
    "01.8": [trained(ByBoxes), trained(ByExtremes)],
}
