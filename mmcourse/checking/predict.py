"""Guess first, then look: `predict` asks and remembers, `reveal` tells."""

from datetime import UTC, datetime

from . import store


def predict(name: str, choices: str = "", guess: str | None = None, confidence: float | None = None) -> None:
    """Asks the reader to commit to one of `choices` before the next cell shows what happens.

    name        of the question, such as '00-who-wins'
    choices     one letter for each answer listed above the cell, such as 'abc'
    guess, confidence   answer in the cell itself, where widgets do not run: `guess='b', confidence=0.7`

    Shows three keyboard-operable widgets and a line for those who only read. Guesses and confidence (0 to 1)
    stay on this machine; a later lesson on calibration asks how well they fit.

    Raises ValueError for a guess that is not among the choices or a confidence outside 0 to 1.
    """
    if guess is not None:
        _keep(name, choices, guess, confidence)
        print(f"Your guess: {guess}. Run on and see.")
        return
    import ipywidgets as w

    from mmcourse.show.controls import play

    wide = {"description_width": "initial"}
    # Not radio buttons: JupyterLab takes the arrow keys for itself.
    narrow = wide | {"button_width": "4em"}
    pick = w.ToggleButtons(options=list(choices), value=None, description="My guess:", style=narrow)
    sure = w.IntSlider(value=60, min=0, max=100, step=5, description="Sure, in percent:", style=wide)
    button = w.Button(description="Keep my guess", disabled=True, layout={"width": "auto", "align_self": "flex-start"})
    said = w.HTML(_live("Choose a letter, say how sure you are, keep it, run on."))

    def chosen(change):
        button.disabled = change["new"] is None
        said.value = _live(f"Chosen: <b>{change['new']}</b>. Now say how sure you are, and keep it.")

    def keep(_):
        _keep(name, choices, pick.value, sure.value / 100)
        said.value = _live(f"Kept: {pick.value}, {sure.value} percent sure. Run the next cell.")

    pick.observe(chosen, "value")
    button.on_click(keep)
    play(pick, sure, button, said)
    print(f"(No buttons here? predict({name!r}, choices={choices!r}, guess='…', confidence=0.6) does the same.)")


def _live(text: str) -> str:
    """Read out by a screen reader when it changes."""
    return f"<span role='status' aria-live='polite' style='white-space:normal'>{text}</span>"


def _keep(name: str, choices: str, guess: str, confidence: float | None) -> None:
    if guess not in list(choices):
        raise ValueError(f"guess={guess!r}: choose one of {', '.join(choices)}")
    if confidence is not None and not 0 <= confidence <= 1:
        raise ValueError(f"confidence={confidence}: a number from 0 (no idea) to 1 (certain)")
    with store.changing() as kept:
        kept["guesses"][name] = {
            "guess": guess,
            "confidence": confidence,
            "right": None,
            "when": datetime.now(UTC).isoformat(timespec="seconds"),
        }


def reveal(name: str, truth: str) -> None:
    """Says what happened beside what was guessed in `predict(name)`. `truth` is a letter that the cell worked out."""
    guess = store.read()["guesses"].get(name)
    if guess is None:
        print(f"The answer: {truth}. (You kept no guess this time; an answer sticks better after a guess.)")
        return
    with store.changing() as kept:
        kept["guesses"][name]["right"] = guess["guess"] == truth
    sure = "" if guess["confidence"] is None else f", {guess['confidence']:.0%} sure"
    word = "as you guessed" if guess["guess"] == truth else f"you guessed {guess['guess']}"
    print(f"The answer: {truth} ({word}{sure}).")
