"""Right answers to lesson 02, written differently."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from mmcourse import bank
from mmcourse.encoded import Encoded

# 02.1: measured with torch's own layers; as a tensor would give them
_ROW, _PICTURE = torch.zeros(1, 1, 30, 30), torch.zeros(1, 3, 72, 56)


def _field(*layers: nn.Module) -> int:
    """Pixels of a row that one number in the middle depends on."""
    x = torch.zeros(1, 1, 64, 64, requires_grad=True)
    for layer in layers:
        for weight in layer.parameters():
            nn.init.ones_(weight)
    out = nn.Sequential(*layers)(x)
    (reached,) = torch.autograd.grad(out[0, 0, out.shape[2] // 2, out.shape[3] // 2], x)
    return int(reached[0, 0].any(0).sum())


MEASURED = {
    "same": nn.Conv2d(1, 1, 3, padding=1)(_ROW).shape[2],
    "stride": nn.Conv2d(1, 1, 5, stride=2)(_ROW).shape[3],
    "dilated": nn.Conv2d(1, 1, 3, dilation=4)(_ROW).shape[2],
    "pooled map": nn.MaxPool2d(2)(torch.zeros(1, 1, 15, 15)).shape[2],
    "two threes": _field(nn.Conv2d(1, 1, 3), nn.Conv2d(1, 1, 3)),
    "far": _field(*(nn.Conv2d(1, 1, 3, dilation=d) for d in (1, 2, 4))),
    "behind a pool": _field(nn.Conv2d(1, 1, 3), nn.AvgPool2d(2), nn.Conv2d(1, 1, 3)),
    "regions": nn.Sequential(*[nn.MaxPool2d(2)] * 3)(_PICTURE)[0, 0].numel(),
}
AS_TENSORS = {name: torch.tensor(value) for name, value in bank.exercise("02.1").reference.items()}


# 02.2
def by_mean_ranks(scores, labels):
    """The rank formula, with the mean rank for those that are tied."""
    below = (scores[:, None] > scores).sum(1)
    ranks = below + ((scores[:, None] == scores).sum(1) + 1) / 2
    p = int(labels.sum())
    n = len(labels) - p
    return float((ranks[labels == 1].sum() - p * (p + 1) / 2) / (p * n))


def by_loops(scores, labels):
    won = pairs = 0
    for a, positive in zip(scores.tolist(), labels.tolist(), strict=True):
        for b, other in zip(scores.tolist(), labels.tolist(), strict=True):
            if positive and not other:
                pairs += 1
                won += 1 if a > b else 0.5 if a == b else 0
    return won / pairs


def by_sign(scores, labels):
    """As a tensor without axes."""
    gap = scores[labels.bool()].unsqueeze(1) - scores[~labels.bool()].unsqueeze(0)
    return (gap.sign() / 2 + 0.5).double().mean()


def by_places_among_negatives(scores, labels):
    """Where each positive would stand among the sorted negatives, from the left and from the right."""
    positive, negative = scores[labels == 1].contiguous(), scores[labels == 0].sort().values
    below = torch.searchsorted(negative, positive) + torch.searchsorted(negative, positive, right=True)
    return below.sum().item() / (2 * len(positive) * len(negative))


# 02.3
def by_taps(x, weight, bias, stride, padding):
    """A sum over the kernel's places, each a slice of the picture."""
    d, _, kh, kw = weight.shape
    x = F.pad(x, (padding,) * 4)
    height, width = (x.shape[2] - kh) // stride + 1, (x.shape[3] - kw) // stride + 1
    out = x.new_zeros(len(x), d, height, width) + bias.view(1, -1, 1, 1)
    for i in range(kh):
        for j in range(kw):
            seen = x[:, :, i : i + stride * (height - 1) + 1 : stride, j : j + stride * (width - 1) + 1 : stride]
            out = out + torch.einsum("bchw,dc->bdhw", seen, weight[:, :, i, j])
    return out


def by_columns(x, weight, bias, stride, padding):
    """`F.unfold` lists the windows as columns; one matrix product does the rest."""
    d, _, kh, kw = weight.shape
    columns = F.unfold(x, (kh, kw), padding=padding, stride=stride)  # (B, C·kh·kw, L)
    out = weight.flatten(1) @ columns + bias[:, None]
    width = (x.shape[3] + 2 * padding - kw) // stride + 1
    return out.view(len(x), d, -1, width)


def by_places(x, weight, bias, stride, padding):
    kh, kw = weight.shape[2:]
    x = nn.ZeroPad2d(padding)(x)
    rows = []
    for i in range(0, x.shape[2] - kh + 1, stride):
        row = [
            (x[:, None, :, i : i + kh, j : j + kw] * weight).sum((2, 3, 4)) + bias
            for j in range(0, x.shape[3] - kw + 1, stride)
        ]
        rows.append(torch.stack(row, -1))
    return torch.stack(rows, -2)


# 02.4
def pooled_by_places(x, kernel, stride, padding):
    b, c, h, w = x.shape
    paper = torch.full((b, c, h + 2 * padding, w + 2 * padding), -torch.inf, dtype=x.dtype, device=x.device)
    paper[:, :, padding : padding + h, padding : padding + w] = x
    rows = [
        torch.stack(
            [
                paper[:, :, i : i + kernel, j : j + kernel].amax((2, 3))
                for j in range(0, paper.shape[3] - kernel + 1, stride)
            ],
            -1,
        )
        for i in range(0, paper.shape[2] - kernel + 1, stride)
    ]
    return torch.stack(rows, -2)


def pooled_rows_then_columns(x, kernel, stride, padding):
    x = F.pad(x, (padding,) * 4, value=torch.finfo(x.dtype).min)
    return x.unfold(2, kernel, stride).amax(-1).unfold(3, kernel, stride).amax(-1)


# 02.5
def norm_by_moments(x, mean, var, weight, bias, training, momentum, eps):
    """The mean of squares less the square of the mean."""
    rows = x.transpose(0, 1).reshape(x.shape[1], -1)  # (C, n)
    n = rows.shape[1]
    if training:
        m = rows.mean(1)
        v = (rows * rows).mean(1) - m * m
        with torch.no_grad():
            mean, var = torch.lerp(mean, m, momentum), torch.lerp(var, v * n / (n - 1), momentum)
    else:
        m, v = mean, var
    shape = (1, -1, 1, 1)
    y = (x - m.view(shape)) / (v.view(shape) + eps).sqrt() * weight.view(shape) + bias.view(shape)
    return y, mean, var


def norm_channel_by_channel(x, mean, var, weight, bias, training, momentum, eps):
    channels, means, variances = [], [], []
    for c in range(x.shape[1]):
        m, v = (x[:, c].mean(), x[:, c].var(correction=0)) if training else (mean[c], var[c])
        channels.append(weight[c] * (x[:, c] - m) / torch.sqrt(v + eps) + bias[c])
        means.append(mean[c] + momentum * (x[:, c].mean() - mean[c]) if training else mean[c])
        variances.append(var[c] + momentum * (x[:, c].var() - var[c]) if training else var[c])
    return torch.stack(channels, 1), torch.stack(means).detach(), torch.stack(variances).detach()


# 02.6
def index_by_hand(images, kernels, mean, var, scale, shift):
    grid = F.conv2d(images, kernels, padding=1)
    grid = (grid - mean[:, None, None]) / (var[:, None, None] + 1e-5).sqrt() * scale[:, None, None]
    grid = F.max_pool2d((grid + shift[:, None, None]).clamp(min=0), 2)
    tokens = grid.permute(0, 2, 3, 1).flatten(1, 2)
    return Encoded(tokens.mean(1), tokens, tokens.new_ones(tokens.shape[:2], dtype=torch.bool))


def index_with_unbind(images, kernels, mean, var, scale, shift):
    grid = F.batch_norm(F.conv2d(images, kernels, padding=1), mean, var, scale, shift)
    grid = F.max_pool2d(grid.relu(), 2)
    tokens = torch.stack([place for row in grid.unbind(2) for place in row.unbind(2)], 1)
    return Encoded(grid.flatten(2).mean(-1), tokens, torch.full_like(tokens[..., 0], True, dtype=torch.bool))


# 02.7
CNN = bank.exercise("02.7").reference


class CNNByPermute(CNN):
    def forward(self, images: Tensor, real: Tensor) -> Encoded:
        grid = self.layers(images).permute(0, 2, 3, 1)  # (B, H', W', d)
        b, h, w, d = grid.shape
        mask = real.reshape(b, h, 4, w, 4).any(4).any(2).reshape(b, h * w)
        tokens = grid.reshape(b, h * w, d)
        share = mask.to(tokens.dtype) / mask.sum(1, keepdim=True).clamp(min=1)
        return Encoded(torch.einsum("bt,btd->bd", share, tokens), tokens, mask)


class CNNByUnfold(CNN):
    def forward(self, images: Tensor, real: Tensor) -> Encoded:
        tokens = self.layers(images).flatten(2).mT
        mask = real.unfold(1, 4, 4).unfold(2, 4, 4).flatten(-2).any(-1).flatten(1)
        total = torch.where(mask.unsqueeze(-1), tokens, 0.0).sum(1)
        return Encoded(vector=total / torch.clamp(mask.sum(1), min=1)[:, None], tokens=tokens, mask=mask)


class CNNPictureByPicture(CNN):
    def forward(self, images: Tensor, real: Tensor) -> Encoded:
        tokens = self.layers(images).flatten(2).transpose(1, 2)
        mask = (F.avg_pool2d(real[:, None].float(), 4) > 0).flatten(1)
        vector = torch.stack([row[there].mean(0) for row, there in zip(tokens, mask, strict=True)])
        return Encoded(vector.nan_to_num(), tokens, mask)


# 02.8: other networks, trained by the course's own loop on pages that lie differently
class Moved(nn.Module):
    """The largest over all places instead of the mean; pages nudged by the model itself."""

    def __init__(self, largest: bool, by: int = 4):
        super().__init__()
        self.largest, self.by = largest, by
        layers: list[nn.Module] = []
        for c_in, c_out in ((3, 24), (24, 32), (32, 64)):
            layers += [nn.Conv2d(c_in, c_out, 3, padding=1), nn.BatchNorm2d(c_out), nn.ReLU(), nn.MaxPool2d(2)]
        self.layers, self.head = nn.Sequential(*layers), nn.Linear(64, 4)

    def forward(self, images: Tensor) -> Tensor:
        if self.training:
            images = images.roll(torch.randint(-self.by, self.by, (2,)).tolist(), (2, 3))
        grid = self.layers(images)
        return self.head(grid.amax((2, 3)) if self.largest else grid.mean((2, 3)))


def trained(**how):
    def make():
        from mmcourse.bank.lesson_02.ex08_train_translation import _pages
        from mmcourse.training import fit

        images, labels = _pages("train")
        torch.manual_seed(1)
        model = Moved(**how)
        fit(model, (images,), labels, epochs=15, progress=False)
        return model

    return make


ANSWERS = {
    "02.1": [MEASURED, AS_TENSORS],
    "02.2": [by_mean_ranks, by_loops, by_sign, by_places_among_negatives],
    "02.3": [by_taps, by_columns, by_places],
    "02.4": [pooled_by_places, pooled_rows_then_columns],
    "02.5": [norm_by_moments, norm_channel_by_channel],
    "02.6": [index_by_hand, index_with_unbind],
    "02.7": [CNNByPermute, CNNByUnfold, CNNPictureByPicture],
    "02.8": [trained(largest=True), trained(largest=False)],
}
