"""Tables as HTML with header cells, and as aligned text."""

from collections.abc import Sequence

from IPython.display import display

from .chinese import marked


def table(columns: Sequence[str], rows: Sequence[Sequence], caption: str) -> None:
    """A table. Floats are shown with three digits, columns of numbers stand on the right; `caption` says what is in it.

    Raises ValueError where a row has another number of cells than there are columns.
    """
    cells = [[f"{cell:.3f}" if isinstance(cell, float) else str(cell) for cell in row] for row in rows]
    for row in cells:
        if len(row) != len(columns):
            raise ValueError(f"the row {row} has {len(row)} cells, the table {len(columns)} columns")
    sides = [_side([row[i] for row in rows]) for i in range(len(columns))]
    head = "".join(
        f"<th scope='col' style='text-align:{side}'>{marked(name)}</th>" if name.strip() else "<td></td>"
        for name, side in zip(columns, ["left", *sides[1:]], strict=True)
    )
    body = "".join(
        f"<tr><th scope='row' style='text-align:left'>{marked(row[0])}</th>"
        + "".join(
            f"<td style='text-align:{side}{';white-space:nowrap' if len(cell) <= 40 else ''}'>{marked(cell)}</td>"
            for cell, side in zip(row[1:], sides[1:], strict=True)
        )
        + "</tr>"
        for row in cells
    )
    title = f"<caption style='text-align:left'>{marked(caption)}</caption>"
    html = f"<table>{title}<thead><tr>{head}</tr></thead>{body}</table>"
    widths = [max(len(row[i]) for row in [list(columns), *cells]) for i in range(len(columns))]
    lines = ["  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)) for row in [list(columns), *cells]]
    display({"text/html": html, "text/plain": "\n".join([caption, *lines])}, raw=True)


def _side(column: Sequence) -> str:
    """Words on the left, numbers (and gaps between them) on the right."""
    return "left" if any(isinstance(cell, str) and not cell[:1].isdigit() for cell in column if cell != "") else "right"
