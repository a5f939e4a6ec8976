"""03.7: what makes kept features stale."""

from mmcourse.bank.about import about
from mmcourse.checking.exercise import Value

STALE = {
    "pictures at another size": True,
    "a head with another learning rate": False,
    "one step of fine-tuning": True,
    "a batch norm's running mean has moved": True,
    "other labels": False,
    "only the first hundred pictures are used": False,
    "pixels divided by 255 beforehand": True,
    "every epoch flips each picture at random": True,
    "the pictures stand in another order": True,
    "a hidden layer is added to the head": False,
}

exercise = Value(about=about(__name__, answer="stale"), reference=STALE)
