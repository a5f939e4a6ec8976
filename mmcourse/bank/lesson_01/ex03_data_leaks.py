"""01.3: which steps leak test data into training."""

from mmcourse.bank.about import about
from mmcourse.checking.exercise import Value

LEAKS = {
    "duplicates": "fine",
    "vocabulary": "leak",
    "longest": "fine",
    "mean": "leak",
    "itself": "fine",
    "copies": "leak",
    "rare": "leak",
    "epochs": "leak",
    "network": "fine",
    "author": "fine",
}

exercise = Value(about=about(__name__, answer="steps"), reference=LEAKS)
