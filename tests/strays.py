"""Wrong answers that people tried and the bank does not name: none of them may have full points."""

import copy

import torch
from torch.nn import functional as F
from torchmetrics.functional.classification import binary_auroc

from mmcourse import bank
from mmcourse.attention import attend_by_hand, attention_pool
from mmcourse.diagnose.pointing import pointing
from mmcourse.diagnose.tables import perceived
from mmcourse.fusion import mix, standardise
from mmcourse.fusion.missing import modality_dropout
from mmcourse.preprocess import collate, encode, letterbox, normalise, resize, spare
from mmcourse.tasks.calibration import calibration_error
from mmcourse.tasks.match import contrastive_loss, recall_at, similarity
from mmcourse.tasks.metrics import macro_f1
from mmcourse.tasks.search import rerank
from mmcourse.tasks.several import several_loss
from mmcourse.vision.transfer import encode_all


def _ceiling(image, size, fill):
    _, high, wide = image.shape
    h, w = (min(size, max(1, -int(-side * size // max(high, wide)))) for side in (high, wide))
    top, left = (size - h) // 2, (size - w) // 2
    boxed = image.new_full((3, size, size), fill)
    boxed[:, top : top + h, left : left + w] = resize(image, h, w)
    return boxed, (torch.zeros_like(boxed[0]).index_fill_(0, torch.arange(top, top + h), 1) > 0)


def scaled(q, k, mask, exponential):
    """Weights by some way to take exponentials that is not safe."""
    shares = exponential(q @ k.mT / q.shape[-1] ** 0.5) * mask
    return shares / shares.sum(-1, keepdim=True).clamp(min=1e-12)


class OneStill(bank.exercise("03.5").given.running()):
    """Only one of its batch norms is kept from moving."""

    def train(self, mode=True):
        super().train(mode)
        self.network.layers[1].eval()
        return self


def a_copy_in_training(encoder, images, batch):
    encoder = copy.deepcopy(encoder)
    with torch.no_grad():
        return torch.cat([encoder(some).vector for some in images.split(batch)])


def detached_at_the_end(encoder, images, batch):
    was = encoder.training
    encoder.eval()
    out = torch.cat([encoder(some).vector for some in images.split(batch)]).detach()
    encoder.train(was)
    return out


def _filled_with_minus_two(image, text, margin, same):
    s = similarity(image, text)
    wrong = s.masked_fill(same | torch.eye(len(s), dtype=torch.bool, device=s.device), -2)
    return sum((margin + wrong.amax(dim) - s.diagonal()).relu().mean() for dim in (0, 1))


def _semihard(image, text, margin, same):
    """The hardest of those that the right one beats."""
    s = similarity(image, text)
    own = s.diagonal()
    right = same | torch.eye(len(s), dtype=torch.bool, device=s.device)
    of_pictures = s.masked_fill(right | (s >= own[:, None]), -torch.inf).amax(1)
    of_texts = s.masked_fill(right | (s >= own), -torch.inf).amax(0)
    return ((margin + of_pictures - own).relu() + (margin + of_texts - own).relu()).mean()


def _less_the_largest_of_the_table(image, text, scale):
    """Safe from infinity, and a row far below the largest has only zeros to divide."""
    logits = scale * similarity(image, text)
    shares = (logits - logits.max()).exp()
    own = shares.diagonal()
    return -((own / shares.sum(1)).log() + (own / shares.sum(0)).log()).mean() / 2


def _the_rest_at_minus_a_thousand(scores, again):
    padded = torch.full_like(scores, -1000)
    padded[:, : again.shape[1]] = again
    places = padded.argsort(dim=1, descending=True, stable=True)
    return scores.argsort(dim=1, descending=True).gather(1, places)


def _filled_with(low):
    def answer(image, text, scale, concept):
        own = torch.eye(len(image), dtype=torch.bool, device=image.device)
        logits = (scale * similarity(image, text)).masked_fill((concept[:, None] == concept) & ~own, low)
        return (logits.logsumexp(0) + logits.logsumexp(1) - 2 * logits.diagonal()).mean() / 2

    return answer


ANSWERS = {
    "01.1": [
        lambda images, mean, std: (images / 256 - mean[:, None, None]) / std[:, None, None],
        lambda images, mean, std: normalise(images, mean, std).clamp(-2, 2),
        lambda images, mean, std: normalise(images, mean, std + 0.001),
    ],
    "01.2": [
        _ceiling,
        lambda image, size, fill: (
            letterbox(image, size, fill)
            if image.shape[2] >= image.shape[1]
            else (image.new_full((3, size, size), fill), torch.ones(size, size, dtype=torch.bool))
        ),
        lambda image, size, fill: letterbox(image, size, image.mean().item()),
    ],
    "01.4": [
        lambda sentences, splits, at_least: [
            "<pad>",
            "<unk>",
            "<bos>",
            "<eos>",
            *sorted({w for s in sentences[:2] for w in s}),
        ],
    ],
    "01.5": [
        lambda sentences, index, length: encode([s[: length - 3] for s in sentences], index, length),
        lambda sentences, index, length: encode([sorted(s) for s in sentences], index, length),
    ],
    "01.6": [
        lambda stop, pairs: spare(stop, pairs[:1]),
        lambda stop, pairs: spare(stop, [(list(dict.fromkeys(a)), list(dict.fromkeys(b))) for a, b in pairs]),
        lambda stop, pairs: [w for w in stop if w not in ("not", "no", "nor")],
        lambda stop, pairs: [],
    ],
    "01.7": [
        lambda items: collate(items)._replace(ids=collate(items).ids.masked_fill(~collate(items).words, 1)),
        lambda items: collate(items)._replace(labels=collate(items).labels.flip(0)),
        lambda items: collate([(image.flip(1), ids, label) for image, ids, label in items]),
    ],
    "02.2": [
        lambda scores, labels: binary_auroc(scores, labels).item(),
        lambda scores, labels: max(a := bank.exercise("02.2").reference(scores, labels), 1 - a),
        lambda scores, labels: torch.corrcoef(torch.stack([scores, labels.double()]))[0, 1].item() / 2 + 0.5,
    ],
    "02.3": [
        lambda x, w, b, stride, padding: F.conv2d(x, w.flip(2), b, stride, padding),
        lambda x, w, b, stride, padding: F.conv2d(x, w, b, stride, padding).relu(),
    ],
    "02.4": [
        lambda x, kernel, stride, padding: F.max_pool2d(x, stride, kernel, 0),
        lambda x, kernel, stride, padding: F.adaptive_max_pool2d(x, x.shape[-1] // stride),
    ],
    "03.5": [OneStill],
    "03.6": [
        a_copy_in_training,
        lambda encoder, images, batch: encode_all(encoder, images[:-1], batch),
        detached_at_the_end,
    ],
    "06.6": [
        lambda parts, scores, there: (
            scores.masked_fill(~there[..., None], -1e4).softmax(1) * parts.masked_fill(~there[..., None], 0)
        ).sum(1),
        lambda parts, scores, there: torch.where(there.any(1)[:, None], mix(parts, scores, there), parts.mean(1)),
    ],
    "06.3": [
        lambda f, g, prior: (f + g - prior.exp()).log_softmax(-1),
        lambda f, g, prior: (f.clamp(-50, 50) + g.clamp(-50, 50) - prior).log_softmax(-1),
        lambda f, g, prior: ((f - prior).log_softmax(-1) + g).softmax(-1).log(),
    ],
    "06.7": [
        lambda train, other: standardise(train, other + train.mean(0) - other.mean(0)),
        lambda train, other: torch.where(train.std(0) < 1e-6, other, standardise(train, other)),
    ],
    "00.4": [
        lambda train, test: (test == train.median()).double().mean().item(),
        lambda train, test: (test == train.float().mean().round()).double().mean().item(),
        lambda train, test: (test == train.max()).double().mean().item(),
        lambda train, test: (test == train.min()).double().mean().item(),
        lambda train, test: (test == train.mode().values).sum().item() / len(train),
    ],
    "00.3": [lambda image, text: torch.cat([image / (image.norm(dim=1, keepdim=True) + 1e-6), text], 1)],
    "04.1": [
        lambda tokens, mask: tokens.masked_fill(~mask[..., None], 0).sum(1) / mask.sum(1).max().clamp(min=1),
        lambda tokens, mask: (tokens * mask[..., None]).sum(1) / (tokens != 0).sum(1).clamp(min=1),
    ],
    "05.1": [
        lambda q, k, v, mask: attend_by_hand(q, k, v, mask) * (q.shape[-1] == 4),
        lambda q, k, v, mask: scaled(q, k, mask, lambda s: (s - s.max()).exp()) @ v,
        lambda q, k, v, mask: scaled(q, k, mask, lambda s: s.clamp(max=50).exp()) @ v,
    ],
    "05.7": [
        lambda scores, tokens, mask: attention_pool(scores / tokens.shape[-1] ** 0.5, tokens, mask),
        lambda scores, tokens, mask: attention_pool(scores.clamp(max=30), tokens, mask),
        lambda scores, tokens, mask: attention_pool(scores.clamp(min=-1000), tokens, mask),
    ],
    "07.1": [
        lambda table, labels, orders: (
            (table[orders, orders.roll(-1, 0)].argmax(-1) == labels[orders]).double().mean().item()
        ),
        lambda table, labels, orders: round(bank.exercise("07.1").reference(table, labels, orders), 2),
    ],
    "07.2": [
        lambda table: table.median(1).values + table.median(0).values - table.flatten(0, 1).median(0).values,
        lambda table: table[:, 0] + table[0] - table[0, 0],
    ],
    "07.3": [
        lambda table, labels, partners, side: perceived(table, labels, partners.argsort(1), side),
        lambda table, labels, partners, side: perceived(table, labels, partners[-1:], side),
    ],
    "07.5": [
        lambda image, text, there, u, rate: modality_dropout(image, text, there, u.sort().values, rate),
        lambda image, text, there, u, rate: (image * (u >= rate / 2)[:, None], text * (u >= rate)[:, None], there),
        lambda image, text, there, u, rate: (image, text, there & torch.stack([u >= rate / 2, u < rate / 2], 1)),
    ],
    "10.2": [
        lambda image, text, scale: contrastive_loss(image, text, scale.clamp(max=100)),
        lambda image, text, scale: (
            -((scale * similarity(image, text)).softmax(1).diagonal() + 1e-8).log().mean() / 2
            - ((scale * similarity(image, text)).softmax(0).diagonal() + 1e-8).log().mean() / 2
        ),
        _less_the_largest_of_the_table,
    ],
    "10.4": [
        lambda k, scores, right: recall_at(k, scores + 1e-6 * torch.arange(scores.shape[1]), right),
        lambda k, scores, right: recall_at(k, scores - 1e-6 * right, right),
    ],
    "10.3": [_filled_with_minus_two, _semihard],
    "10.6": [
        lambda scores, again: rerank(scores.sort(dim=1, descending=True).values, again),
        lambda scores, again: rerank(scores, again + 1e-3 * scores.topk(again.shape[1], 1).values),
        _the_rest_at_minus_a_thousand,
    ],
    "10.8": [_filled_with(-30), _filled_with(-300), _filled_with(-800)],
    "09.2": [lambda answers, labels, classes: macro_f1(answers, labels, int(labels.max()) + 1)],
    "09.3": [lambda logits, labels, known, weight: several_loss(logits.clamp(-50, 50), labels, known, weight)],
    "09.4": [lambda p, labels, bins: calibration_error(p[p.amax(1) < 1], labels[p.amax(1) < 1], bins)],
    "08.2": [lambda f, g, scores, f_mask, g_mask: ((scores.softmax(1).softmax(2) @ g) * f).sum(1)],
    "08.1": [lambda f, g, scores: torch.einsum("ij,id,jd->d", scores.softmax(0) * scores.softmax(1), f, g)],
    "08.7": [
        lambda f, scores, f_mask, g_mask: (
            scores.masked_fill(~(f_mask[:, :, None] & g_mask[:, None]), -100.0)
            .flatten(1)
            .softmax(1)
            .view_as(scores)
            .mul(f_mask[:, :, None] & g_mask[:, None])
        ),
    ],
    "08.8": [
        lambda weights, named, regions, truth: tuple(
            x.round() if k == 0 else x for k, x in enumerate(pointing(weights, named, regions, truth))
        ),
    ],
}
