"""10.3, the triplet loss with the hardest negatives."""

from collections.abc import Callable

import torch
from torch import Tensor

from mmcourse.checking.exercise import Case, Draw, Exercise, Mistake
from mmcourse.tasks.match import similarity, triplet_loss

WHERE = "(lesson 10, 'The hardest wrong one')"
TABLE = "(lesson 10, 'A table of agreements')"


def _cases(draw: Draw) -> list[Case]:
    def case(name: str, points: int, batch: int, d: int, margin: float, same: tuple = (), apart: float = 0.8) -> Case:
        """`same` lists further right pairs, as (picture, text)."""
        image = draw.normal(batch, d, scale=2.0, strided=True)
        table = torch.zeros(batch, batch, dtype=torch.bool)
        for picture, text in same:
            table[picture, text] = True
        text = 0.4 * image + apart * draw.normal(batch, d)
        return Case(name, {"image": image, "text": text, "margin": margin, "same": table}, points)

    twice = case("texts that fit two pictures", 2, 5, 4, 0.4, ((0, 3), (3, 0), (1, 4)))
    text, image = twice.args["text"], twice.args["image"]
    # Nearly the same caption twice: its own pair is no better than the other. (Exactly the same would tie, and a tie's
    # gradient may go to either.)
    text[0] = 0.3 * (image[0] + image[3])
    text[3] = text[0] + 0.05 * draw.normal(4)
    text[4] = 0.2 * (2 * image[1] + image[4])
    alone = case("a picture that every text fits", 1, 3, 5, 1.7, ((0, 1), (0, 2)))
    alone.args["text"][0] = -2 * alone.args["image"][0]
    opposed = case("every wrong one disagrees", 1, 3, 3, 1.6, apart=0.3)
    middle = torch.eye(3, dtype=torch.float64) - 0.4  # three directions, each pair of them more than a right angle
    opposed.args["image"].copy_(middle * 3 + 0.1 * draw.normal(3, 3))
    opposed.args["text"].copy_(middle + 0.03 * draw.normal(3, 3))
    return [
        case("a batch of one", 0, 1, 4, 0.2),  # no negatives: the loss is 0
        case("four pairs", 2, 4, 5, 0.2, apart=1.5),
        case("a margin that some keep", 1, 6, 4, 0.5),
        twice,
        alone,
        opposed,
    ]


Table = Callable[[Tensor, Tensor], Tensor]


def _answer(
    hidden: Table = lambda right, same: right | same,
    hardest: Callable[[Tensor, int], Tensor] = lambda s, dim: s.amax(dim),
    gap: Callable[[float, Tensor, Tensor], Tensor] = lambda margin, wrong, right: (margin + wrong - right).relu(),
    total: Callable[[list[Tensor]], Tensor] = lambda gaps: (gaps[0] + gaps[1]).mean(),
    fill: float = -torch.inf,
    cosines: Table = similarity,
    turn: bool = False,
) -> Callable:
    """`triplet_loss` with one part done otherwise; gaps[0] are the pictures', gaps[1] the texts'."""

    def answer(image: Tensor, text: Tensor, margin: float, same: Tensor) -> Tensor:
        s = cosines(image, text)
        hide = hidden(torch.eye(len(s), dtype=torch.bool, device=s.device), same)
        masks = (hide, hide.T if turn else hide)
        gaps = [gap(margin, hardest(s.masked_fill(masks[1 - dim], fill), dim), s.diagonal()) for dim in (1, 0)]
        return total(gaps)

    return answer


def _every(mean: bool) -> Callable:
    def answer(image: Tensor, text: Tensor, margin: float, same: Tensor) -> Tensor:
        s = similarity(image, text)
        wrong = ~(torch.eye(len(s), dtype=torch.bool, device=s.device) | same)
        loss = 0
        for table, there in ((s, wrong), (s.T, wrong.T)):
            gaps = (margin + table - table.diagonal()[:, None]).relu() * there
            each = gaps.sum(1) / there.sum(1).clamp(min=1) if mean else gaps.sum(1)
            loss = loss + each.mean()
        return loss

    return answer


def _best_right(image: Tensor, text: Tensor, margin: float, same: Tensor) -> Tensor:
    s = similarity(image, text)
    right = same | torch.eye(len(s), dtype=torch.bool, device=s.device)
    wrong, best = s.masked_fill(right, -torch.inf), s.masked_fill(~right, -torch.inf)
    return sum((margin + wrong.amax(dim) - best.amax(dim)).relu().mean() for dim in (1, 0))


def _easiest(s: Tensor, dim: int) -> Tensor:
    return s.masked_fill(s == -torch.inf, torch.inf).amin(dim).masked_fill((s == -torch.inf).all(dim), -torch.inf)


def _without_relu(margin: float, wrong: Tensor, right: Tensor) -> Tensor:
    return torch.where(wrong == -torch.inf, 0, margin + wrong - right)


sparring = Exercise(
    id="10.3",
    title="Triplets with the hardest wrong one",
    kind="function",
    answer="triplet_loss",
    reference=triplet_loss,
    cases=_cases,
    mistakes=(
        Mistake(
            "the right one is its own hardest wrong one",
            "Nothing beats the right one by more than itself, so no loss of yours falls below the margin. Which cells "
            f"of row b are wrong? {WHERE}",
            _answer(hidden=lambda right, same: same),
        ),
        Mistake(
            "a text that fits is taken for wrong",
            f"The same caption stands twice, and your loss tears it apart. What does `same` say? {WHERE}",
            _answer(hidden=lambda right, same: right),
        ),
        Mistake(
            "the right ones are kept and the wrong ones hidden",
            f"So a right one is the hardest. What does True mean in `same`, and which cells may stay? {WHERE}",
            _answer(hidden=lambda right, same: ~(right | same)),
        ),
        Mistake(
            "the mask is turned for the texts",
            "It is (picture, text) both times. When the texts look down their columns, does the table turn, or only "
            f"the axis? {WHERE}",
            _answer(turn=True),
        ),
        Mistake(
            "what fits one way is taken to fit the other way too",
            "A dog fits the cat's caption 'an animal', and the cat does not fit 'a dog'. Must `same` be symmetric, and "
            f"which cells of it are marked? {WHERE}",
            _answer(hidden=lambda right, same: right | same | same.T),
        ),
        Mistake(
            "the best of the right ones leads in place of the own",
            "A further right pair is spared, it is not asked to win: then a pair's own score would never have to rise. "
            f"Whose score stands behind the minus? {WHERE}",
            _best_right,
        ),
        Mistake(
            "the hardest is sought in the whole batch",
            "One wrong pair is held against every anchor, though most have nothing to do with it. How many hardest "
            f"wrong ones does a batch of B have, for each side? {WHERE}",
            _answer(hardest=lambda s, dim: s.amax().expand(len(s))),
        ),
        Mistake(
            "the easiest wrong one is taken",
            f"The lowest score is beaten already, and teaches nothing. Which wrong one is nearest to winning? {WHERE}",
            _answer(hardest=_easiest),
        ),
        Mistake(
            "every wrong one is counted",
            "That is the older loss, which sums over all: a hundred easy ones may outweigh the one that is confused. "
            f"How many wrong ones does an anchor spar with? {WHERE}",
            _every(mean=False),
        ),
        Mistake(
            "the wrong ones are averaged",
            f"The one that is confused drowns among the easy ones. How many does an anchor spar with? {WHERE}",
            _every(mean=True),
        ),
        Mistake(
            "the margin stands on the wrong side",
            "Yours is content while the wrong one is still ahead, by the margin. By how much should the right one "
            f"lead before the loss is 0? {WHERE}",
            _answer(gap=lambda margin, wrong, right: (wrong - right - margin).relu()),
        ),
        Mistake(
            "right and wrong have changed places",
            f"It costs when the right one leads. Which of the two should be larger? {WHERE}",
            _answer(gap=lambda m, wrong, right: torch.where(wrong == -torch.inf, 0, (m + right - wrong).relu())),
        ),
        Mistake(
            "a lead beyond the margin is rewarded",
            "Pairs that are safe count below 0 in your sum, and pay for those that are not. Of what is max(0, …) "
            f"taken: of the whole, or of each pair? {WHERE}",
            _answer(gap=_without_relu),
        ),
        Mistake(
            "only the pictures spar",
            f"Each picture against its hardest text. Who meets a hardest picture? {WHERE}",
            _answer(total=lambda gaps: gaps[0].mean()),
        ),
        Mistake(
            "only the texts spar",
            f"Each text against its hardest picture. Who meets a hardest text? {WHERE}",
            _answer(total=lambda gaps: gaps[1].mean()),
        ),
        Mistake(
            "the two directions are averaged",
            f"Half of what was asked for: the formula adds them. {WHERE}",
            _answer(total=lambda gaps: (gaps[0] + gaps[1]).mean() / 2),
        ),
        Mistake(
            "the batch is summed",
            f"So does the paper; here the mean was asked for, which is alike for batches of any size. {WHERE}",
            _answer(total=lambda gaps: (gaps[0] + gaps[1]).sum()),
        ),
        Mistake(
            "the hidden cells get 0",
            "A cosine of 0 beats every wrong one that disagrees, and becomes the hardest. Which number does no cosine "
            f"lie below? {WHERE}",
            _answer(fill=0.0),
        ),
        Mistake(
            "the hidden cells get the lowest cosine",
            "Where everything is right, -1 is the hardest wrong one, and costs something if the right one lies near "
            f"-1 too. What should an anchor without a wrong one add? {WHERE}",
            _answer(fill=-1.0),
        ),
        Mistake(
            "the vectors are not brought to length 1",
            f"A margin of 0.2 means nothing where scores have no scale. What bounds a cosine? {TABLE}",
            _answer(cosines=lambda image, text: image @ text.T),
        ),
    ),
    hints=(
        "For picture b, which cells of row b are wrong, and which of those is the most dangerous?",
        "Hide what is right, its own text and what `same` names, with a number that can't win; then a maximum along "
        "the row is (B). The texts look down the columns of the same table.",
        "Cosines (B, B); the own scores are the diagonal. Hide the diagonal and `same` with minus infinity; maxima "
        "along both axes; margin + hardest - own, not below 0, for either; add the two and take the mean.",
    ),
)
