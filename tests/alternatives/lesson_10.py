"""Right answers to lesson 10, written differently."""

import math

import torch
from torch import nn
from torch.nn import functional as F


# 10.1
def by_lengths(image, text):
    return image @ text.T / torch.outer(image.norm(dim=1), text.norm(dim=1))


def by_einsum(image, text):
    f = image / image.square().sum(-1, keepdim=True).sqrt()
    return torch.einsum("nd,md->nm", f, text / torch.linalg.vector_norm(text, dim=1, keepdim=True))


def by_torchs_own(image, text):
    return F.cosine_similarity(image[:, None], text[None], dim=-1)


# 10.2
def by_logsumexp(image, text, scale):
    s = scale * by_lengths(image, text)
    return (s.logsumexp(0) + s.logsumexp(1) - 2 * s.diagonal()).mean() / 2


def by_log_softmax(image, text, scale):
    s = by_torchs_own(image, text) * scale
    picture, word = s.log_softmax(dim=1), s.log_softmax(dim=0)
    return -(torch.diagonal(picture).mean() + torch.diagonal(word).mean()) / 2


def by_one_hot(image, text, scale):
    s = F.normalize(image) @ (scale * F.normalize(text)).t()
    right = torch.eye(len(s), dtype=s.dtype, device=s.device)
    loss = nn.CrossEntropyLoss()
    return 0.5 * loss(s, right) + 0.5 * loss(s.t(), right)


def pair_by_pair(image, text, scale):
    """exp, with the largest taken off."""
    s, total = scale * by_lengths(image, text), 0
    for b in range(len(s)):
        for choice in (s[b], s[:, b]):
            choice = choice - choice.max().detach()
            total = total - choice[b] + choice.exp().sum().log()
    return total / (2 * len(s))


# 10.3
def anchor_by_anchor(image, text, margin, same):
    s, total = by_lengths(image, text), image.sum() * 0
    for b in range(len(s)):
        texts = [s[b, c] for c in range(len(s)) if c != b and not same[b, c]]
        images = [s[c, b] for c in range(len(s)) if c != b and not same[c, b]]
        for wrong in (texts, images):
            if wrong:
                total = total + (margin - s[b, b] + torch.stack(wrong).max()).clamp(min=0)
    return total / len(s)


def gaps_first(image, text, margin, same):
    """The largest of all gaps is the hardest one's gap."""
    s = F.normalize(image) @ F.normalize(text).T
    right = same | torch.eye(len(s), dtype=torch.bool, device=s.device)
    own = s.diagonal()
    of_pictures = F.relu(margin + s - own[:, None]).masked_fill(right, 0).max(1).values
    of_texts = F.relu(margin + s - own[None]).masked_fill(right, 0).max(0).values
    return of_pictures.mean() + of_texts.mean()


def by_where(image, text, margin, same):
    s = by_torchs_own(image, text)
    s_wrong = torch.where(same, -torch.tensor(math.inf, device=s.device, dtype=s.dtype), s).clone()
    s_wrong.diagonal().fill_(-math.inf)
    d = torch.diag(s)
    return (F.relu(s_wrong.max(dim=1)[0] - d + margin) + F.relu(s_wrong.max(dim=0)[0] - d + margin)).sum() / len(d)


# 10.4
def by_counting(k, scores, right):
    total = 0.0
    for row, good in zip(scores.tolist(), right.tolist(), strict=True):
        if not any(good):
            continue
        best = max(x for x, g in zip(row, good, strict=True) if g)
        above = sum(x > best for x in row)
        r = sum(x == best and g for x, g in zip(row, good, strict=True))
        w = sum(x == best and not g for x, g in zip(row, good, strict=True))
        p = min(max(k - above, 0), r + w)
        total += 1 - math.comb(w, p) / math.comb(r + w, p)
    return total / len(scores)


def by_product(k, scores, right):
    """Place by place: the chance that it goes to a wrong one, given that those before it did."""
    best = torch.where(right, scores, -math.inf).max(1, keepdim=True).values
    above = (scores > best).sum(1)
    wrong, good = ((scores == best) & ~right).sum(1).double(), ((scores == best) & right).sum(1).double()
    miss = torch.ones_like(wrong)
    for place in range(k):
        taken = (place - above).clamp(min=0)
        fraction = (wrong - taken).clamp(min=0) / (wrong + good - taken).clamp(min=1)
        miss = torch.where(place >= above, miss * fraction, miss)
    return torch.where(right.any(1), 1 - miss, 0.0).mean()


# 10.5
def by_sum(image, prompts):
    classes = F.normalize(F.normalize(prompts, dim=2).sum(1), dim=1)
    scores = F.normalize(image, dim=1) @ classes.T
    return scores, scores.max(1).indices


def class_by_class(image, prompts):
    scores = []
    for sentences in prompts:
        mean = (sentences / sentences.norm(dim=1, keepdim=True)).mean(0)
        scores.append(F.cosine_similarity(image, mean[None], dim=1))
    scores = torch.stack(scores, dim=1)
    return scores, torch.argmax(scores, dim=-1)


# 10.6
def row_by_row(scores, again):
    k, out = again.shape[1], []
    for s, a in zip(scores.tolist(), again.tolist(), strict=True):
        order = sorted(range(len(s)), key=lambda c: -s[c])
        head = sorted(range(k), key=lambda j: -a[j])
        out.append([order[j] for j in head] + order[k:])
    return torch.tensor(out, device=scores.device)


def with_the_rest_at_minus_infinity(scores, again):
    found = scores.sort(dim=1, descending=True).indices
    n, m = scores.shape
    padded = torch.cat([again, again.new_full((n, m - again.shape[1]), -math.inf)], 1)
    return found.gather(1, padded.sort(dim=1, descending=True, stable=True).indices)


def by_take_along(scores, again):
    order, k = torch.argsort(-scores, dim=-1), again.size(1)
    head = torch.take_along_dim(order[:, :k], torch.sort(-again, dim=-1, stable=True)[1], dim=-1)
    return torch.hstack([head, order[:, k:]])


def by_scattering_ranks(scores, again):
    """Each text is put at its rank, instead of each rank looking up its text."""
    order, k = scores.argsort(dim=1, descending=True), again.shape[1]
    ranks = again.argsort(dim=1, descending=True, stable=True).argsort(dim=1)
    out = order.clone()
    out[:, :k] = out[:, :k].scatter(1, ranks, order[:, :k])
    return out


# 10.7
def _training():
    from mmcourse.data.features import emoji_features

    return emoji_features("train")


def _whitened(x, shrink):
    _, spread, axes = torch.linalg.svd(x, full_matrices=False)
    return axes.T / (spread.square() + shrink).sqrt()  # (d, rank)


def by_least_squares():
    """No step of training: from roots of the picture's features to the name, with shrinkage."""
    data = _training()
    x, y = data.image.sqrt(), data.text
    mean, spread, middle = x.mean(0), x.std(0) + 0.05, y.mean(0)
    z = ((x - mean) / spread).double()
    weight = z.T @ torch.linalg.solve(z @ z.T + 1000 * torch.eye(len(z)).double(), (y - middle).double())
    return lambda images, texts: (((images.sqrt() - mean) / spread) @ weight.float(), texts - middle)


def by_canonical_correlations():
    data = _training()
    middle = data.image.mean(0), data.text.mean(0)
    x, y = (data.image - middle[0]).double(), (data.text - middle[1]).double()
    of_x, of_y = _whitened(x, 1000), _whitened(y, 1)
    left, strength, right = torch.linalg.svd((x @ of_x).T @ (y @ of_y), full_matrices=False)
    left, right = (of_x @ left * strength.sqrt())[:, :128].float(), (of_y @ right.T * strength.sqrt())[:, :128].float()
    return lambda images, texts: ((images - middle[0]) @ left, (texts - middle[1]) @ right)


# 10.8
def choice_by_choice(image, text, scale, concept):
    s, total = scale * by_lengths(image, text), 0
    for b in range(len(s)):
        others = concept != concept[b]
        for choices in (s[b], s[:, b]):
            total = total + torch.cat([choices[b : b + 1], choices[others]]).logsumexp(0) - choices[b]
    return total / (2 * len(s))


def by_adding_a_mask(image, text, scale, concept):
    s = scale * F.normalize(image) @ F.normalize(text).T
    own = torch.eye(len(s), dtype=torch.bool, device=s.device)
    away = torch.zeros_like(s).masked_fill((concept.view(-1, 1) == concept.view(1, -1)).logical_xor(own), -math.inf)
    picture, word = (s + away).log_softmax(1), (s + away).log_softmax(0)
    return -(picture.diagonal() + word.diagonal()).mean() / 2


def against_the_negatives(image, text, scale, concept):
    """-log of a share of two is the softplus of a gap."""
    s, same = scale * by_torchs_own(image, text), concept[:, None] == concept
    wrong, own = s.masked_fill(same, -1e9), s.diagonal()
    return (F.softplus(wrong.logsumexp(1) - own) + F.softplus(wrong.logsumexp(0) - own)).mean() / 2


ANSWERS = {
    "10.1": [by_lengths, by_einsum, by_torchs_own],
    "10.2": [by_logsumexp, by_log_softmax, by_one_hot, pair_by_pair],
    "10.3": [anchor_by_anchor, gaps_first, by_where],
    "10.4": [by_counting, by_product],
    "10.5": [by_sum, class_by_class],
    "10.6": [row_by_row, with_the_rest_at_minus_infinity, by_take_along, by_scattering_ranks],
    "10.7": [by_least_squares, by_canonical_correlations],
    "10.8": [choice_by_choice, by_adding_a_mask, against_the_negatives],
}
