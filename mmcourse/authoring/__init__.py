"""Authoring: one Markdown source -> the notebooks of the course, and back.

A lesson, `source/lessons/NN_topic.md`, builds `notebooks/NN_topic.ipynb`. A problem set,
`source/exercises/NN_topic.md`, builds `exercises/NN_topic.ipynb` (answers left out) and `solutions/NN_topic.ipynb`.
Needs what `pip install mmcourse[school]` brings.
"""

from mmcourse.authoring.disk import build, check
from mmcourse.authoring.errors import SourceError
from mmcourse.authoring.experiment import experiment_code
from mmcourse.authoring.home import bring_home

__all__ = ["SourceError", "bring_home", "build", "check", "experiment_code"]
