"""The experiment of a lesson as plain code, to be run again over seeds."""

from pathlib import Path

from mmcourse.authoring.source import read_source


def experiment_code(source: Path) -> str:
    """The code of a lesson's cells tagged "experiment", in order, joined by an empty line; "" where there are none.

    Raises:
        SourceError: the source cannot be read.
    """
    cells = [cell for cell in read_source(Path(source)).cells if cell.kind == "code"]
    texts = [cell.text for cell in cells if "experiment" in cell.options.get("tags", [])]
    return "\n\n".join(texts) + "\n" if texts else ""
