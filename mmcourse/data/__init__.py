"""Data sets behind one interface: an item has `image`, `text` (by language), `label` and `meta`."""

from typing import Any, NamedTuple

from torch import Tensor


class Item(NamedTuple):
    """One image-text pair.

    image  (3, H, W) uint8
    text   language code -> the text, such as {'en': 'cat face', 'zh': '猫脸'}
    label  class index
    meta   whatever else is known of the pair
    """

    image: Tensor
    text: dict[str, str]
    label: int
    meta: dict[str, Any]
