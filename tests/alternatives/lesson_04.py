"""Right answers to lesson 04, written differently."""

import torch


def by_loop(tokens, mask):
    rows = [t[m].mean(0) if m.any() else t.sum(0) * 0 for t, m in zip(tokens, mask, strict=True)]
    return torch.stack(rows)


def by_weights(tokens, mask):
    weights = mask.to(tokens.dtype)
    weights = weights / weights.sum(1, keepdim=True).clamp_min(1)
    return torch.einsum("bt,btd->bd", weights, tokens)


def by_where(tokens, mask):
    total = torch.where(mask[:, :, None], tokens, torch.zeros_like(tokens)).sum(dim=-2)
    count = mask.sum(-1)
    return total / torch.where(count == 0, 1, count)[:, None]


ANSWERS = {"04.1": [by_loop, by_weights, by_where]}
