"""A toy to play with: four scores, the sum of two votes that is nearest to them, and what is left over."""

from .controls import WHOLE, play
from .figures import figure

PICTURES, WORDS = ("a cat", "a dog"), ("'cat'", "'dog'")
TASKS = {
    "the word fits": ((True, False), (False, True)),
    "both are cats": ((True, False), (False, False)),
}
Corners = list[list[float]]


def nearest(score: Corners) -> Corners:
    """Row mean + column mean - mean of all: the nearest sum (EMAP) of a table of two rows and two columns."""
    rows = [sum(row) / 2 for row in score]
    columns = [(score[0][j] + score[1][j]) / 2 for j in range(2)]
    whole = sum(rows) / 2
    return [[rows[i] + columns[j] - whole for j in range(2)] for i in range(2)]


def right(score: Corners, task: str) -> int:
    """How many of the corners say what they should: yes where the score is above 0."""
    return sum((score[i][j] > 0) == TASKS[task][i][j] for i in range(2) for j in range(2))


def nearest_sum_of_four() -> None:
    """Four sliders for a model's scores, two tasks, and what the nearest sum makes of them; by keyboard too.

    Where widgets do not run, a figure that opens below stands for it: a model that is right in all corners of either
    task, and its nearest sum.
    """
    import ipywidgets as w

    style = {"description_width": "13em"}
    task = w.ToggleButtons(options=list(TASKS), description="yes, where", style=style | {"button_width": "9em"})
    start = iter((2, -2, -2, 2))
    sliders = [
        w.FloatSlider(
            value=next(start),
            min=-3,
            max=3,
            step=1,  # quarters are left over: two digits show them whole
            description=f"{picture} with {word}",
            style=style,
            layout={"width": "40em", "max_width": WHOLE},
        )
        for picture in PICTURES
        for word in WORDS
    ]
    said = w.HTML()

    def show(change=None):
        values = [round(slider.value) for slider in sliders]  # the page sends 2.000000000000001 for a 2
        moved = ""
        if change:
            old, new = (x if isinstance(x, str) else f"{x:+.0f}" for x in (change["old"], change["new"]))
            if old == new:
                return
            moved = f"{change['owner'].description}: {new}. "
        said.value = _told([values[:2], values[2:]], task.value, moved)

    for widget in (task, *sliders):
        widget.observe(show, "value")
    show()
    play(task, *sliders, said)
    _still()


def _told(score: Corners, task: str, moved: str) -> str:
    """The corners with their nearest sums and what is left; the line is read out when it changes."""
    near = nearest(score)
    cell = "<td style='padding:.3em 1em;text-align:right'>"
    rows = ""
    for i, picture in enumerate(PICTURES):
        for j, word in enumerate(WORDS):
            yes = TASKS[task][i][j]
            both = [
                f"{x:+.2f} {'&#10003; right' if (x > 0) == yes else '&#10007; <b>wrong</b>'}"
                for x in _pair(i, j, score, near)
            ]
            rows += (
                f"<tr><th scope='row' style='text-align:left;font-weight:normal'>{picture} with {word}</th>"
                f"{cell}{'yes' if yes else 'no'}</td>{cell}{both[0]}</td>{cell}{both[1]}</td>"
                f"{cell}{score[i][j] - near[i][j]:+.2f}</td></tr>"
            )
    heads = ("corner", "should be", "the model", "its nearest sum", "left over")
    head = "".join(
        f"<th scope='col' style='padding:.3em 1em;text-align:{'left' if h == 'corner' else 'right'}'>{h}</th>"
        for h in heads
    )
    line = f"<b>The model: {right(score, task)} of 4 right. Its nearest sum: {right(near, task)} of 4.</b>"
    return (
        f"<div style='line-height:1.4;overflow-x:auto'><p role='status' aria-live='polite' style='margin:.4em 0'>"
        f"{moved}{line}</p><table><thead><tr>{head}</tr></thead>{rows}</table></div>"
    )


def _pair(i: int, j: int, *tables: Corners) -> list[float]:
    return [table[i][j] for table in tables]


def _still() -> None:
    """A perfect model of each task, and its nearest sum."""
    perfect = {task: [[2.0 if yes else -2.0 for yes in row] for row in want] for task, want in TASKS.items()}
    shown = {f"yes, where {task}:\nthe nearest sum": (nearest(score), task) for task, score in perfect.items()}
    title = "Of a perfect model, the nearest sum keeps all of 'both', nothing of 'fits'"
    alt = (
        "Two tables of four corners: the nearest sums of models that score +2 for yes and -2 for no. Where the word "
        "should fit, all four sums are 0 and two corners are wrong. Where both should be cats, all are right."
    )
    with figure(title, alt, height=2.9, columns=2, folded="No sliders here? A still figure") as axes:
        for ax, (name, (score, task)) in zip(axes, shown.items(), strict=True):
            ax.imshow(score, cmap="PuOr", vmin=-7, vmax=7)
            for i in range(2):
                for j in range(2):
                    mark = "right" if (score[i][j] > 0) == TASKS[task][i][j] else "WRONG"
                    ax.text(j, i, f"{score[i][j]:+.1f}\n{mark}", ha="center", va="center")
            ax.set_title(name, fontsize=10)
            ax.set(xticks=range(2), xticklabels=WORDS, yticks=range(2), yticklabels=PICTURES)
