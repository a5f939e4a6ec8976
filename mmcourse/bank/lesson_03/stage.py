"""03.3: A stage, and which of its blocks does what."""

from torch import nn
from torchvision.models.resnet import BasicBlock as Block

from mmcourse.checking.exercise import Case, Draw, Exercise, Mistake
from mmcourse.vision.resnet import Stage

from .cases import state_of


def _cases(draw: Draw) -> list[Case]:
    def case(name: str, points: int, batch: int, **init: int) -> Case:
        x = draw.normal(batch, init["c_in"], 7, 5, shift=0.3)
        return Case(name, {"x": x}, points, init=init, state=state_of(draw, Stage(**init)))

    return [
        case("half the size, more channels", 2, 1, c_in=3, c_out=4, blocks=3, stride=2),
        case("the shape stays", 1, 3, c_in=4, c_out=4, blocks=2, stride=1),
        case("more channels, the size stays", 1, 2, c_in=3, c_out=5, blocks=2, stride=1),
        case("half the size, as many channels", 1, 3, c_in=4, c_out=4, blocks=2, stride=2),
        case("a single block, a third of the size", 1, 2, c_in=4, c_out=4, blocks=1, stride=3),
    ]


def _down(c_in: int, c_out: int, stride: int) -> nn.Module:
    return nn.Sequential(nn.Conv2d(c_in, c_out, 1, stride, bias=False), nn.BatchNorm2d(c_out))


class _Stage(nn.Sequential):
    """The reference with one decision at a time to get wrong, on torchvision's block."""

    def __init__(self, c_in: int, c_out: int, blocks: int, stride: int = 1):
        made = []
        for i in range(self.count(blocks)):
            given = self.channels(c_in, c_out, i), c_out, self.steps(stride, i, blocks)
            made.append(Block(given[0], c_out, given[2], self.down(*given) if self.needs(*given, i) else None))
        super().__init__(*made)

    def count(self, blocks):
        return blocks

    def channels(self, c_in, c_out, i):
        return c_in if i == 0 else c_out

    def steps(self, stride, i, blocks):
        return stride if i == 0 else 1

    def needs(self, c_in, c_out, stride, i):
        return stride != 1 or c_in != c_out

    def down(self, c_in, c_out, stride):
        return _down(c_in, c_out, stride)


class _StrideEverywhere(_Stage):
    def steps(self, stride, i, blocks):
        return stride


class _StrideLast(_Stage):
    def steps(self, stride, i, blocks):
        return stride if i == blocks - 1 else 1


class _ChannelsEverywhere(_Stage):
    def channels(self, c_in, c_out, i):
        return c_in


class _ProjectAll(_Stage):
    def needs(self, c_in, c_out, stride, i):
        return True


class _ProjectFirstAlways(_Stage):
    def needs(self, c_in, c_out, stride, i):
        return i == 0


class _ProjectForChannels(_Stage):
    def needs(self, c_in, c_out, stride, i):
        return c_in != c_out


class _ProjectForStride(_Stage):
    def needs(self, c_in, c_out, stride, i):
        return stride != 1


class _ProjectForBoth(_Stage):
    def needs(self, c_in, c_out, stride, i):
        return stride != 1 and c_in != c_out


class _ProjectForTwo(_Stage):
    def needs(self, c_in, c_out, stride, i):
        return stride == 2 or c_in != c_out


class _OneBlockAgain(_Stage):
    """`[Block(c_out, c_out)] * (blocks - 1)` is one block in several places."""

    def __init__(self, c_in, c_out, blocks, stride=1):
        super().__init__(c_in, c_out, blocks, stride)
        for i in range(2, blocks):
            self[i] = self[1]


class _ProjectNever(_Stage):
    def needs(self, c_in, c_out, stride, i):
        return False


class _OneTooMany(_Stage):
    def count(self, blocks):
        return blocks + 1


class _NoStride(_Stage):
    def steps(self, stride, i, blocks):
        return 1


class _BareProjection(_Stage):
    def down(self, c_in, c_out, stride):
        return nn.Conv2d(c_in, c_out, 1, stride, bias=False)


class _BiasedProjection(_Stage):
    def down(self, c_in, c_out, stride):
        return nn.Sequential(nn.Conv2d(c_in, c_out, 1, stride), nn.BatchNorm2d(c_out))


class _WideProjection(_Stage):
    def down(self, c_in, c_out, stride):
        return nn.Sequential(nn.Conv2d(c_in, c_out, 3, stride, padding=1, bias=False), nn.BatchNorm2d(c_out))


class _StrideOneProjection(_Stage):
    def down(self, c_in, c_out, stride):
        return _down(c_in, c_out, 1)


class _PooledProjection(_Stage):
    """Averages before it projects, as later variants of the network do: as many weights, other values."""

    def down(self, c_in, c_out, stride):
        conv, norm = _down(c_in, c_out, 1)
        pool = nn.AvgPool2d(stride, ceil_mode=True, count_include_pad=False) if stride > 1 else nn.Identity()
        conv.register_forward_pre_hook(lambda _, inputs: (pool(inputs[0]),))
        return nn.Sequential(conv, norm)


WHERE = "(lesson 03, 'Stages')"

stage = Exercise(
    id="03.3",
    title="A stage",
    kind="module",
    answer="Stage",
    reference=Stage,
    cases=_cases,
    mistakes=(
        Mistake(
            "every block has the stride",
            "Three blocks of stride 2 leave an eighth of the height. How often should one stage halve the picture? "
            f"{WHERE}",
            _StrideEverywhere,
        ),
        Mistake(
            "the last block has the stride",
            f"The work is done at the smaller size if it is made small first. Which block halves? {WHERE}",
            _StrideLast,
        ),
        Mistake(
            "the stride is never used",
            f"The picture leaves the stage as large as it came. Which block should halve it? {WHERE}",
            _NoStride,
        ),
        Mistake(
            "every block expects c_in channels",
            f"What leaves the first block has c_out channels. What does the second one get? {WHERE}",
            _ChannelsEverywhere,
        ),
        Mistake(
            "every block projects its shortcut",
            "Where the shapes agree already, x itself is the better road: nothing to learn, nothing in the way. Which "
            f"blocks need a projection? {WHERE}",
            _ProjectAll,
        ),
        Mistake(
            "the first block projects even where nothing changes",
            f"With stride 1 and as many channels, do the two roads not end in the same shape already? {WHERE}",
            _ProjectFirstAlways,
        ),
        Mistake(
            "only other channels call for a projection",
            f"What if the channels stay and the picture is halved? {WHERE}",
            _ProjectForChannels,
        ),
        Mistake(
            "only a stride calls for a projection",
            f"What if the size stays and the channels change? {WHERE}",
            _ProjectForStride,
        ),
        Mistake(
            "only both changes together call for a projection",
            f"What if the size stays and the channels change? Or the other way round? {WHERE}",
            _ProjectForBoth,
        ),
        Mistake(
            "of all strides only 2 calls for a projection",
            f"With which strides does the picture keep its size? {WHERE}",
            _ProjectForTwo,
        ),
        Mistake(
            "the later blocks are one and the same block",
            "`[block] * n` names one block n times, with one set of weights. How do you make a new one for each place? "
            f"{WHERE}",
            _OneBlockAgain,
        ),
        Mistake(
            "no block has a projection",
            f"In the first block the roads end in different shapes. What brings x into the other's? {WHERE}",
            _ProjectNever,
        ),
        Mistake(
            "there is one block too many",
            f"`blocks` counts all of them, the first included. {WHERE}",
            _OneTooMany,
        ),
        Mistake(
            "the projection has no batch norm",
            f"Every convolution of this network has a batch norm behind it. {WHERE}",
            _BareProjection,
        ),
        Mistake(
            "the projection has a bias",
            f"A batch norm follows, and its own shift does a bias's work. {WHERE}",
            _BiasedProjection,
        ),
        Mistake(
            "the projection looks at 3 x 3 places",
            f"It has to bring channels and size into shape, no more. How small can a kernel be? {WHERE}",
            _WideProjection,
        ),
        Mistake(
            "the projection does not halve",
            f"The road through the block halves the picture, and the road around does not. {WHERE}",
            _StrideOneProjection,
        ),
        Mistake(
            "the projection averages before it projects",
            "Later variants of the network do that, and these weights were made for one that takes every other place. "
            f"{WHERE}",
            _PooledProjection,
        ),
    ),
    hints=(
        "A stage halves the picture once and changes the channels once. Which of its blocks should do that?",
        "The first block goes from c_in to c_out with the stride; each later one from c_out to c_out with stride 1. A "
        "projection is needed where stride or channels change.",
        "Make the first block, with a downsample (convolution with kernel 1 and the stride, no bias, then batch norm) "
        "if the stride is not 1 or the channels differ, and None otherwise. Add the other blocks. Hand all of them to "
        "the constructor of nn.Sequential.",
    ),
)
