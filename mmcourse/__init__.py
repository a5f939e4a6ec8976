"""mmcourse: a course on multimodal deep learning, and the small library it is checked against.

Importing the package loads nothing heavy: each public name is found when it is first used.
"""

import importlib

__version__ = "0.1.0"

_HOMES = {  # public name -> the module that defines it
    "check": "mmcourse.bank",
    "hint": "mmcourse.bank",
    "solution": "mmcourse.bank",
    "predict": "mmcourse.checking.predict",
    "reveal": "mmcourse.checking.predict",
}

__all__ = ["__version__", *_HOMES]


def __getattr__(name: str):
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'mmcourse' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
