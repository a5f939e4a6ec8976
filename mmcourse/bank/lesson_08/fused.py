"""08.2 The sum over all pairs, within a bound on memory."""

import torch

from mmcourse.checking.exercise import Case, Draw, Exercise, Mistake
from mmcourse.fusion import attention_sum, joint_softmax

LIMIT = 2**20  # bytes; the tensor of all pairs would be four times as large


def _cases(draw: Draw) -> list[Case]:
    def inputs(f_lengths: tuple[int, ...], g_lengths: tuple[int, ...], i: int, j: int, d: int) -> dict:
        batch = len(f_lengths)
        return {
            "f": draw.normal(batch, i, d, shift=0.3, strided=True),
            "g": draw.normal(batch, j, d, shift=-0.4),
            "scores": draw.normal(batch, i, j),
            "f_mask": draw.mask(*f_lengths, size=i),
            "g_mask": draw.mask(*g_lengths, size=j),
        }

    def repadded(args: dict) -> dict:
        return args | {
            "f": args["f"].masked_fill(~args["f_mask"][..., None], 7.0),
            "g": args["g"].masked_fill(~args["g_mask"][..., None], -5.0),
            "scores": args["scores"].masked_fill(~(args["f_mask"][:, :, None] & args["g_mask"][:, None]), 5000.0),
        }

    def case(name: str, points: int, args: dict, **more) -> Case:
        return Case(name, args, points, twin=repadded(args), twin_says="only what stands in the pads changes", **more)

    large = inputs((2, 3), (4, 2), 3, 4, 3)
    large["scores"] = large["scores"] * 400 + torch.tensor([3000.0, 0.0])[:, None, None]
    return [
        case("a batch of one, no pads", 1, inputs((3,), (4,), 3, 4, 5)),
        case("padded words", 1, inputs((3, 3), (2, 4), 3, 4, 5)),
        case("padded regions and words", 1, inputs((2, 4, 3), (5, 1, 3), 4, 5, 2)),
        case("a sample without words", 1, inputs((3, 2), (0, 2), 3, 2, 4)),
        case("large scores", 1, large),
        case(
            "within memory", 2, inputs((49,) * 7, (20, 3, 11, 20, 20, 5, 9), 49, 20, 72), memory=LIMIT, gradients=False
        ),
    ]


def _all_pairs(f, g, scores, f_mask, g_mask):
    weights = joint_softmax(scores, f_mask, g_mask)
    return torch.einsum("bij,bijk->bk", weights, f[:, :, None] * g[:, None])


def _per_word(f, g, scores, f_mask, g_mask):
    weights = scores.masked_fill(~f_mask[:, :, None], -torch.inf).softmax(1).nan_to_num() * g_mask[:, None]
    return ((weights @ g) * f).sum(1)


def _per_region(f, g, scores, f_mask, g_mask):
    weights = scores.masked_fill(~g_mask[:, None], -torch.inf).softmax(2).nan_to_num() * f_mask[:, :, None]
    return ((weights @ g) * f).sum(1)


def _words_only(f, g, scores, f_mask, g_mask):
    return attention_sum(f, g, scores, torch.ones_like(f_mask), g_mask)


def _regions_only(f, g, scores, f_mask, g_mask):
    return attention_sum(f, g, scores, f_mask, torch.ones_like(g_mask))


def _no_masks(f, g, scores, f_mask, g_mask):
    return attention_sum(f, g, scores, torch.ones_like(f_mask), torch.ones_like(g_mask))


def _mask_after(f, g, scores, f_mask, g_mask):
    weights = scores.flatten(1).softmax(1).view_as(scores) * f_mask[:, :, None] * g_mask[:, None]
    return ((weights @ g) * f).sum(1)


def _divided_again(f, g, scores, f_mask, g_mask):
    weights = scores.flatten(1).softmax(1).view_as(scores) * f_mask[:, :, None] * g_mask[:, None]
    total = weights.sum((1, 2), keepdim=True)
    return (((weights / total.masked_fill(total == 0, 1)) @ g) * f).sum(1)


def _divided_with_clamp(f, g, scores, f_mask, g_mask):
    weights = scores.flatten(1).softmax(1).view_as(scores) * f_mask[:, :, None] * g_mask[:, None]
    return (((weights / weights.sum((1, 2), keepdim=True).clamp(min=1e-12)) @ g) * f).sum(1)


def _largest_of_batch(f, g, scores, f_mask, g_mask):
    pairs = f_mask[:, :, None] & g_mask[:, None]
    shares = (scores - scores.masked_fill(~pairs, -torch.inf).amax()).masked_fill(~pairs, -torch.inf).exp()
    total = shares.sum((1, 2), keepdim=True)
    return (((shares / total.masked_fill(total == 0, 1)) @ g) * f).sum(1)


def _bare_exp(f, g, scores, f_mask, g_mask):
    shares = scores.exp() * (f_mask[:, :, None] & g_mask[:, None])
    total = shares.sum((1, 2), keepdim=True)
    return (((shares / total.masked_fill(total == 0, 1)) @ g) * f).sum(1)


def _over_batch(f, g, scores, f_mask, g_mask):
    pairs = f_mask[:, :, None] & g_mask[:, None]
    weights = scores.masked_fill(~pairs, -torch.inf).flatten().softmax(0).view_as(scores)
    return ((weights @ g) * f).sum(1)


def _nan(f, g, scores, f_mask, g_mask):
    pairs = f_mask[:, :, None] & g_mask[:, None]
    weights = scores.masked_fill(~pairs, -torch.inf).flatten(1).softmax(1).view_as(scores)
    return ((weights @ g) * f).sum(1)


def _wiped(f, g, scores, f_mask, g_mask):
    return _nan(f, g, scores, f_mask, g_mask).nan_to_num()


def _wiped_weights(f, g, scores, f_mask, g_mask):
    low = torch.zeros_like(scores).masked_fill(~(f_mask[:, :, None] & g_mask[:, None]), -torch.inf)
    weights = (scores + low).flatten(1).softmax(1).view_as(scores)
    return ((torch.where(weights.isnan(), 0.0, weights) @ g) * f).sum(1)


def _large(f, g, scores, f_mask, g_mask):
    pairs = f_mask[:, :, None] & g_mask[:, None]
    weights = scores.masked_fill(~pairs, -1e9).flatten(1).softmax(1).view_as(scores)
    return ((weights @ g) * f).sum(1)


JOINT = "(lesson 08, 'Every region with every word')"
MASKS = "(lesson 08, 'Both masks')"

fused = Exercise(
    id="08.2",
    title="fused, with a bound on memory",
    kind="function",
    answer="attention_sum",
    reference=attention_sum,
    cases=_cases,
    mistakes=(
        Mistake(
            "all pairs are held at once",
            "[B, I, J, d] is the product of everything. α depends on i and j, f only on i: which sum can be taken "
            "before the next product? (lesson 08, 'Without the big tensor')",
            _all_pairs,
        ),
        Mistake(
            "the softmax runs over the regions alone",
            f"Each word hands out one unit, so the total grows with the sentence. How much attention in all? {JOINT}",
            _per_word,
        ),
        Mistake(
            "the softmax runs over the words alone",
            f"Each region hands out one unit, so the total grows with the picture. How much attention in all? {JOINT}",
            _per_region,
        ),
        Mistake("the regions' mask is left out", f"Two pads, one mask? {MASKS}", _words_only),
        Mistake("the words' mask is left out", f"Two pads, one mask? {MASKS}", _regions_only),
        Mistake("both masks are left out", f"What stands in the pads changes your answer. {MASKS}", _no_masks),
        Mistake(
            "the masks come after the softmax",
            f"The hidden pairs took their share first. Must the others still share 1? {MASKS}",
            _mask_after,
        ),
        Mistake(
            "the masks come after the softmax, and the rest is divided again",
            "Equal on paper. In numbers a pad with a large score takes all, and nothing is left to divide. Could the "
            f"pads be out before anything is shared? {MASKS}",
            _divided_again,
            also=(_divided_with_clamp,),
        ),
        Mistake(
            "the largest score of the whole batch is subtracted",
            "Where one sample's scores are far above another's, all of the other's exponentials are 0. Whose largest "
            f"score does a sample need? {JOINT}",
            _largest_of_batch,
        ),
        Mistake(
            "exp is taken of the scores as they are",
            "exp(800) is inf, and inf / inf is nan. What can be subtracted from all scores without changing a single "
            f"weight? {JOINT}",
            _bare_exp,
        ),
        Mistake(
            "one unit is shared by the whole batch",
            f"Your weights sum to 1 over all samples together. May samples share? {JOINT}",
            _over_batch,
        ),
        Mistake(
            "a sample without words gives 0 / 0",
            f"Every pair is hidden, softmax of nothing but -inf is nan. What is the sum over no pairs? {MASKS}",
            _nan,
        ),
        Mistake(
            "the nan is wiped away behind",
            "The values are right, and the gradient is nan: one such sample, and after one step every weight is nan. "
            f"Was there a nan on the way, and could it never arise? {MASKS}",
            _wiped,
            also=(_wiped_weights,),
        ),
        Mistake(
            "hidden scores become a large negative number",
            "Where every pair is hidden all are equally low, and softmax shares evenly over the pads. What is the "
            f"sum over no pairs? {MASKS}",
            _large,
        ),
    ),
    hints=(
        "How much attention is there in all for one sample, and who takes part in sharing it?",
        "The softmax runs over I·J numbers at once: (B, I·J). For the sum: fix i, and take the sum over j first. "
        "What shape is Σⱼ αᵢⱼ gⱼ?",
        "Hide every pair in which either side is a pad; softmax over the flattened pairs; 0 where all is hidden; "
        "(B, I, J) @ (B, J, d), times f, summed over I.",
    ),
)
