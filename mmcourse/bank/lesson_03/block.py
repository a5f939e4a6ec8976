"""03.2: The residual block."""

import torch
from torch import Tensor
from torch.nn import functional as F

from mmcourse.checking.exercise import Case, Draw, Exercise, Mistake
from mmcourse.vision.resnet import BasicBlock

from .cases import state_of


def _cases(draw: Draw) -> list[Case]:
    def case(name: str, points: int, batch: int, c_in: int, c_out: int, stride: int, **more: float) -> Case:
        init = {"c_in": c_in, "c_out": c_out, "stride": stride}
        state = state_of(draw, BasicBlock(**init))
        state["bn2.bias"] = state["bn2.bias"] + more.get("lift", 0.0)
        return Case(
            name,
            {"x": draw.normal(batch, c_in, 5, 7, shift=more.get("shift", 0.2), strided=True)},
            points,
            init=init,
            state=state,
        )

    return [
        case("a batch of one, the shape stays", 1, 1, 4, 4, 1),
        case("a correction that takes away", 2, 3, 4, 4, 1, lift=-1.5, shift=0.8),
        case("more channels", 1, 3, 4, 6, 1),
        case("half the size", 1, 2, 4, 6, 2),
        case("as many channels, half the size", 1, 3, 5, 5, 2),
    ]


class _Block(BasicBlock):
    """The reference with one step at a time to get wrong."""

    def forward(self, x: Tensor) -> Tensor:
        return self.join(self.second(self.first(x)), self.shortcut(x))

    def first(self, x):
        return self.bn1(self.conv1(x)).relu()

    def second(self, x):
        return self.bn2(self.conv2(x))

    def shortcut(self, x):
        return x if self.downsample is None else self.downsample(x)

    def join(self, correction, shortcut):
        return (correction + shortcut).relu()


class _ReluBefore(_Block):
    def join(self, correction, shortcut):
        return correction.relu() + shortcut


class _ReluTwice(_Block):
    def join(self, correction, shortcut):
        return (correction.relu() + shortcut).relu()


class _NoReluAtTheEnd(_Block):
    def join(self, correction, shortcut):
        return correction + shortcut


class _Plain(_Block):
    def join(self, correction, shortcut):
        return correction.relu()


class _NoReluBetween(_Block):
    def first(self, x):
        return self.bn1(self.conv1(x))


class _NoProjection(_Block):
    def shortcut(self, x):
        return x


class _Into(_Block):
    def join(self, correction, shortcut):
        shortcut += correction
        return shortcut.relu()


class _ReluInto(_Block):
    """`out = x`, and an in-place ReLU before the convolution."""

    def first(self, x):
        return self.bn1(self.conv1(x.relu_())).relu()


class _NoNorm(_Block):
    def second(self, x):
        return self.conv2(x)


class _OneNorm(_Block):
    """bn1 used twice, as when a line is copied."""

    def second(self, x):
        return self.bn1(self.conv2(x))


class _ReluFirst(_Block):
    def first(self, x):
        return self.bn1(self.conv1(x).relu())


class _BatchNorm(_Block):
    """Normalises by the batch at hand, in eval mode too."""

    def first(self, x):
        return _by_batch(self.conv1(x), self.bn1).relu()

    def second(self, x):
        return _by_batch(self.conv2(x), self.bn2)


class _ReluAround(_Block):
    def shortcut(self, x):
        return super().shortcut(x).relu()


class _Mean(_Block):
    def join(self, correction, shortcut):
        return ((correction + shortcut) / 2).relu()


class _Doubled(_Block):
    """The shortcut is added before the second convolution, where the shapes allow it."""

    def forward(self, x):
        return self.second(self.first(x) + self.shortcut(x)).relu()


class _Overwritten(_Block):
    """`x = bn2(conv2(...))`, and only then the shortcut."""

    def forward(self, x):
        x = self.second(self.first(x))
        return self.join(x, self.shortcut(x))


def _by_batch(x: Tensor, norm: torch.nn.BatchNorm2d) -> Tensor:
    return F.batch_norm(x, None, None, norm.weight, norm.bias, training=True)


WHERE = "(lesson 03, 'A road around')"

block = Exercise(
    id="03.2",
    title="The residual block",
    kind="module",
    answer="BasicBlock",
    reference=BasicBlock,
    cases=_cases,
    mistakes=(
        Mistake(
            "the correction passes a ReLU before it is added",
            f"Then it can only add, never take away: what goes in can only grow. Can your correction subtract? {WHERE}",
            _ReluBefore,
        ),
        Mistake(
            "there is a ReLU before the addition as well as after it",
            f"The one before it cuts all corrections below 0. Can your correction subtract? {WHERE}",
            _ReluTwice,
        ),
        Mistake(
            "the ReLU after the addition is left out",
            f"Correction and shortcut are right. What does the formula do to their sum? {WHERE}",
            _NoReluAtTheEnd,
        ),
        Mistake(
            "the shortcut is never added",
            f"These are two layers in a row. What should y be if both convolutions give 0? {WHERE}",
            _Plain,
        ),
        Mistake(
            "nothing bends between the two convolutions",
            "Without a ReLU between them two convolutions are one larger convolution. Where does the formula bend? "
            f"{WHERE}",
            _NoReluBetween,
        ),
        Mistake(
            "the shortcut is x even where the shapes differ",
            f"Do both roads end in the same shape? `downsample` is there for the cases in which they don't. {WHERE}",
            _NoProjection,
        ),
        Mistake(
            "the sum is written into the shortcut",
            "`+=` changes the tensor itself, and where there is no projection that tensor is the x that you were "
            f"given. Who else still needs x? {WHERE}",
            _Into,
        ),
        Mistake(
            "a ReLU changes x in place",
            "`relu_` and `inplace=True` write into the tensor that the shortcut still needs. Who else still needs x? "
            f"{WHERE}",
            _ReluInto,
        ),
        Mistake(
            "the second batch norm is left out",
            f"Both convolutions are followed by a batch norm of their own. {WHERE}",
            _NoNorm,
        ),
        Mistake(
            "the first batch norm is used twice",
            f"Which weights and statistics belong to the second convolution? {WHERE}",
            _OneNorm,
        ),
        Mistake(
            "the first ReLU comes before the batch norm",
            f"Convolution, batch norm, ReLU: in which order does the formula apply them? {WHERE}",
            _ReluFirst,
        ),
        Mistake(
            "the batch norms use the batch at hand, in eval mode too",
            "A picture's result depends on its neighbours in the batch. Call the layers, and let them know their mode. "
            "May my neighbour change my score? (lesson 03, 'Frozen, and moving')",
            _BatchNorm,
        ),
        Mistake(
            "the shortcut passes a ReLU of its own",
            f"The road around is to hand on what came, or its projection, below 0 or not. What bends the sum? {WHERE}",
            _ReluAround,
        ),
        Mistake(
            "the two roads are averaged",
            f"Halved, fifty blocks in a row leave next to nothing of x. What does the formula do? {WHERE}",
            _Mean,
        ),
        Mistake(
            "the shortcut ends before the second convolution",
            f"Then x has to pass a convolution after all. Where should the road around end? {WHERE}",
            _Doubled,
        ),
        Mistake(
            "the shortcut starts from F(x)",
            "By the time it is added, the name `x` stands for something else: F(x) is added to itself. What has to be "
            f"kept before the first convolution? {WHERE}",
            _Overwritten,
        ),
    ),
    hints=(
        "If both convolutions gave nothing but zeros, what should come out of the block?",
        "Two roads from x to the sum: through conv1, bn1, ReLU, conv2, bn2; and around, by `downsample` where it is "
        "not None. Both end in (B, c_out, H', W').",
        "Take the road around first and keep it. Send x through the first convolution, its batch norm and a ReLU, then "
        "through the second convolution and its batch norm. Add the two, as a new tensor. Then the last ReLU.",
    ),
)
