"""03.5: Find what still moves in a frozen network."""

import torch
from torch import nn

from mmcourse.checking.exercise import Case, Draw, Exercise, Mistake
from mmcourse.vision import SmallCNN
from mmcourse.vision.transfer import Probe

from .cases import state_of

D, CLASSES = 4, 3


class Sees(SmallCNN):
    """A network of the sort that takes pictures as they are: whole numbers from 0 to 255."""

    def forward(self, images):
        return super().forward(images.to(self.layers[0].weight.dtype) / 255)


def _cases(draw: Draw) -> list[Case]:
    init = {"network": Sees(D, widths=(3,)), "d": D, "classes": CLASSES}
    state = state_of(draw, Probe(**init))

    def case(name: str, points: int, batch: int, training: bool) -> Case:
        images = draw.integers(0, 256, batch, 3, 8, 12).to(torch.uint8)
        return Case(name, {"images": images}, points, init, state, training)

    return [
        case("in use, before any training", 1, 3, training=False),
        case("a step of training on five pictures", 2, 5, training=True),
        case("a step of training on two", 1, 2, training=True),
    ]


class Colleague(nn.Module):
    """The probe that the learner is given: no gradients, eval mode once, and it still moves."""

    def __init__(self, network: nn.Module, d: int, classes: int):
        super().__init__()
        self.network = network.eval().requires_grad_(False)
        self.head = nn.Sequential(nn.BatchNorm1d(d, affine=False), nn.Linear(d, classes))

    def forward(self, images):
        return self.head(self.network(images).vector)


class _Still(Colleague):
    def train(self, mode=True):
        super().train(mode)
        self.network.eval()
        return self


class _Thawed(_Still):
    def __init__(self, network, d, classes):
        super().__init__(network, d, classes)
        self.network.requires_grad_(True)


class _AllFrozen(_Still):
    def __init__(self, network, d, classes):
        super().__init__(network, d, classes)
        self.requires_grad_(False)


class _AllAsleep(Colleague):
    def train(self, mode=True):
        return super().train(False)


class _NoMomentum(Colleague):
    """The running statistics no longer move; in training the batch's own are used all the same."""

    def __init__(self, network, d, classes):
        super().__init__(network, d, classes)
        for layer in self.network.modules():
            if isinstance(layer, nn.BatchNorm2d):
                layer.momentum = 0.0


class _NotGivenBack(Colleague):
    def train(self, mode=True):
        super().train(mode)
        self.network.eval()


class _Deaf(Colleague):
    def train(self, mode=True):
        self.network.eval()
        return self


class _Turned(Colleague):
    """The head is put to eval mode, and the network trains."""

    def train(self, mode=True):
        super().train(mode)
        self.head.eval()
        return self


WHERE = "(lesson 03, 'Frozen, and moving')"

still = Exercise(
    id="03.5",
    title="Find what still moves",
    kind="module",
    answer="Probe",
    reference=Probe,
    given=Colleague,
    cases=_cases,
    mistakes=(
        Mistake(
            "the network's weights learn again",
            "Its statistics stay now, and its weights no longer do: a gradient reaches them. Two things have to be "
            f"still; which is the other? {WHERE}",
            _Thawed,
        ),
        Mistake(
            "nothing is left that could learn",
            "No gradient reaches the head: either it is frozen too, or `no_grad` covers it. What is the probe's own, "
            f"and where should the freezing end? {WHERE}",
            _AllFrozen,
        ),
        Mistake(
            "the head's batch norm is in eval mode in training, too",
            "Its batch norm never gets to know the features, and their spread stays at what it began with. Who should "
            f"hear of `train()`, and who should not? {WHERE}",
            _AllAsleep,
        ),
        Mistake(
            "the statistics are kept from moving, and the batch's own are still used in training",
            "With momentum 0 nothing moves; in training mode each picture is still measured by its neighbours, so the "
            "head learns on features that it will never meet again. Which mode gives the features of the frozen "
            f"network? {WHERE}",
            _NoMomentum,
        ),
        Mistake(
            "train() does not give the model back",
            "`model.train()` and `model.eval()` return the model, and `eval()` is `train(False)`; yours returns None. "
            f"What do those who write `model.eval()(images)` get? {WHERE}",
            _NotGivenBack,
        ),
        Mistake(
            "the rest no longer hears of train() and eval()",
            "Your `train` speaks to the network alone, so the head stays in whatever mode it was. Who tells the "
            f"others? {WHERE}",
            _Deaf,
        ),
        Mistake(
            "the head is put to eval mode instead of the network",
            f"Which of the two is finished, and which has yet to learn? {WHERE}",
            _Turned,
        ),
    ),
    hints=(
        "Weights move by gradients. What else does a network with batch norms keep, and when does that move?",
        "The constructor puts the network into eval mode. Which method of the whole model is called at the start of "
        "every epoch, and what does it do to all parts?",
        "Override `train(self, mode=True)`: let nn.Module do its work first, then put the network back into eval mode, "
        "and give the model back. Constructor and forward may stay as they are.",
    ),
)
