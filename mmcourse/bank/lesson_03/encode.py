"""03.6: Look at every picture once."""

import torch
from torch import Tensor, nn

from mmcourse.checking.exercise import Case, Draw, Exercise, Mistake
from mmcourse.vision import SmallCNN
from mmcourse.vision.transfer import encode_all

from .cases import state_of

LIMIT = 5 * 2**16  # bytes: twice what a batch needs; all pictures at once, or in `batch` pieces, hold more


def _cases(draw: Draw) -> list[Case]:
    def case(name: str, points: int, n: int, batch: int, training: bool = False, side: int = 8, **more) -> Case:
        encoder = SmallCNN(5, widths=(3,)).double()
        encoder.load_state_dict(state_of(draw, encoder))
        images = draw.normal(n, 3, side, side + 4, shift=0.3)
        args = {"encoder": encoder.train(training), "images": images, "batch": batch}
        return Case(name, args, points, **more)

    return [
        case("batches that come out even", 1, 6, 3),
        case("a last batch that is smaller", 1, 7, 3),
        case("a batch larger than the set", 1, 2, 5),
        case("an encoder that is in training mode", 2, 7, 3, training=True),
        case("within memory", 1, 64, 4, side=24, memory=LIMIT, gradients=False),
    ]


def _one_by_one(encoder: nn.Module, images: Tensor, batch: int) -> list[Tensor]:
    with torch.no_grad():
        return [encoder(some).vector for some in images.split(batch)]


def _as_it_is(encoder, images, batch):
    return torch.cat(_one_by_one(encoder, images, batch))


def _remembers(encoder, images, batch):
    encoder.eval()
    return torch.cat([encoder(some).vector for some in images.split(batch)])


def _whole_batches(encoder, images, batch):
    encoder.eval()
    full = len(images) // batch * batch
    return _as_it_is(encoder, images[:full], batch) if full else images.new_zeros(0, 5)


def _at_once(encoder, images, batch):
    return _as_it_is(encoder.eval(), images, len(images))


def _stacked(encoder, images, batch):
    return torch.stack(_one_by_one(encoder.eval(), images, batch))


def _means(encoder, images, batch):
    return torch.stack([some.mean(0) for some in _one_by_one(encoder.eval(), images, batch)])


def _last_only(encoder, images, batch):
    return _one_by_one(encoder.eval(), images, batch)[-1]


def _divided(encoder, images, batch):
    return _as_it_is(encoder.eval(), images / 255, batch)


def _overlapping(encoder, images, batch):
    """Steps of one picture with windows of a batch."""
    encoder.eval()
    with torch.no_grad():
        return torch.cat([encoder(images[i : i + batch]).vector for i in range(len(images))])


def _wakes(encoder, images, batch):
    encoder.train()
    return _as_it_is(encoder, images, batch)


def _regions(encoder, images, batch):
    encoder.eval()
    with torch.no_grad():
        return torch.cat([encoder(some).tokens for some in images.split(batch)])


WHERE = "(lesson 03, 'Look once')"

encode = Exercise(
    id="03.6",
    title="Look once",
    kind="function",
    answer="encode_all",
    reference=encode_all,
    cases=_cases,
    mistakes=(
        Mistake(
            "the encoder stays in the mode in which it came",
            "It came in training mode, so each picture was measured by its batch, and the statistics moved. Which mode "
            f"gives a picture the same vector in any company? {WHERE}",
            _as_it_is,
        ),
        Mistake(
            "the encoder is put into training mode",
            "In that mode each picture is measured by its batch, and the statistics move. Which mode gives a picture "
            f"the same vector in any company? {WHERE}",
            _wakes,
        ),
        Mistake(
            "every step is remembered for a way back",
            "The vectors carry their gradients: with a large encoder memory fills up, for a backward pass that nobody "
            f"will run. How does torch know that none is wanted? {WHERE}",
            _remembers,
        ),
        Mistake(
            "the last, smaller batch is dropped",
            f"Some pictures have no vector. What is left when the batch does not divide N? {WHERE}",
            _whole_batches,
        ),
        Mistake(
            "more is held at once than one piece needs",
            "The vectors are right, but either too many pictures go through together, or every step is kept for a way "
            f"back until the end. What does `batch` count, and how does torch know that no way back is wanted? {WHERE}",
            _at_once,
        ),
        Mistake(
            "the batches are stacked",
            f"One axis too many, and an error where the last batch is smaller. Which axis should grow? {WHERE}",
            _stacked,
        ),
        Mistake(
            "each batch is averaged into one vector",
            f"`.vector` is a mean over regions already. Of what have you taken another one? {WHERE}",
            _means,
        ),
        Mistake(
            "only the last batch is returned",
            f"The others were computed and let go. Where are they collected? {WHERE}",
            _last_only,
        ),
        Mistake(
            "the pixels are rescaled before the encoder does so itself",
            "Whoever made the encoder chose its scale, and it is handed what it asks for. Who divides by 255? "
            "(lesson 03, 'Borrowed eyes')",
            _divided,
        ),
        Mistake(
            "the windows overlap",
            f"Each step goes on by one picture instead of one batch. Where does the next batch begin? {WHERE}",
            _overlapping,
        ),
        Mistake(
            "the regions are returned instead of the vector",
            f"(N, T, d) was computed; which part of `Encoded` is (N, d)? {WHERE}",
            _regions,
        ),
    ),
    hints=(
        "A picture's vector must not depend on who else is in the batch. In which mode is that so?",
        "images is (N, 3, H, W); pieces of at most `batch` along the first axis give (b, d) each, and the last may be "
        "smaller. Nobody will ask for a gradient.",
        "Put the encoder into eval mode. Under torch.no_grad, go through the pictures in pieces of `batch`, collect "
        "each piece's `.vector`, and join them along the first axis.",
    ),
)
