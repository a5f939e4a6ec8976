"""Cases of a fusion: what 06.4 and 06.5 have in common."""

from collections.abc import Mapping

from torch import Tensor

from mmcourse.checking.draw import Draw
from mmcourse.checking.exercise import ModuleCase
from mmcourse.encoded import Encoded

D_F, D_G, D = 4, 6, 5


def _encoded(draw: Draw, lengths: tuple[int, ...], size: int, d: int) -> Encoded:
    mask = draw.mask(*lengths, size=size)
    tokens = draw.normal(len(lengths), size, d, shift=0.2)
    return Encoded(draw.normal(len(lengths), d, shift=-0.3), tokens, mask)


def fusion_case(
    draw: Draw,
    state: Mapping[str, Tensor],
    name: str,
    points: int,
    *lengths: int,
    size: int,
    front: bool = False,
) -> ModuleCase:
    """A case of a fusion: pads of image and text hold junk, and other junk in the twin; `front` puts them in front."""
    image, text = _encoded(draw, lengths, size, D_F), _encoded(draw, lengths[::-1], size, D_G)
    if front:
        image, text = (e._replace(mask=e.mask.flip(1)) for e in (image, text))
    other = [e._replace(tokens=e.tokens.masked_fill(~e.mask[..., None], 9.0)) for e in (image, text)]
    return ModuleCase(
        name,
        {"image": image, "text": text},
        points,
        init={"d_f": D_F, "d_g": D_G, "d": D},
        state=state,
        twin=dict(zip(("image", "text"), other, strict=True)),
        twin_says="only what stands in the pads changes",
    )
