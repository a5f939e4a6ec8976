"""A learner's way through JupyterLab, in Chromium: a wrong answer, a right one, a guess made by keyboard alone."""

import json
import os
import re
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest

from mmcourse.cli import jupyter, layout

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PROBLEM_SET, LESSON = "exercises/00_start_here.ipynb", "notebooks/00_start_here.ipynb"
NO_BROWSER = "no Chromium here: `apt-get install --no-install-recommends chromium` (README, 'Browser tests')"
NO_PLAYWRIGHT = 'playwright or JupyterLab is missing: pip install -c constraints.txt -e ".[dev]"'
api = pytest.importorskip("playwright.sync_api", reason=NO_PLAYWRIGHT)
expect = api.expect  # waits until it holds: a cell has its number before the page has drawn what it says
expect.set_options(timeout=60_000)
SWITCHES = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
)
SETTINGS = {  # every cell stays in the page, and nothing asks for news
    "notebook-extension/tracker": {"windowingMode": "none"},
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False, "doNotDisturbMode": True},
}
CELL = ".jp-Notebook .jp-Cell"
# Typed as a learner types it: JupyterLab indents the second line.
ANSWER = "def majority_accuracy(train, test):\nreturn (test == {}.mode().values).double().mean().item()"


# --- JupyterLab and Chromium ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def chromium() -> Iterator:
    """A headless Chromium, driven by playwright. Skips where there is none."""
    names = ("chromium", "chromium-browser", "google-chrome")
    path = next(filter(None, map(shutil.which, names)), None) or pytest.skip(NO_BROWSER)
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=SWITCHES)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def lab(chromium, tmp_path_factory) -> Iterator[tuple[str, Path]]:
    """JupyterLab as `mmcourse lab DIR` starts it, on a course of its own: (address with {} for a path, DIR)."""
    pytest.importorskip("jupyterlab", reason=NO_PLAYWRIGHT)
    desk = tmp_path_factory.mktemp("desk")
    for _ in layout.lay_out(desk / "course"):
        pass
    own = ("MMCOURSE_HOME", "MMCOURSE_CACHE", "IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR")
    own += ("JUPYTER_RUNTIME_DIR", "JUPYTERLAB_SETTINGS_DIR", "JUPYTERLAB_WORKSPACES_DIR")
    env = os.environ | {name: str(desk / name) for name in own}
    for name, value in SETTINGS.items():
        file = desk / "JUPYTERLAB_SETTINGS_DIR" / "@jupyterlab" / f"{name}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(value), encoding="utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ["--no-browser", f"--port={port}", "--ServerApp.port_retries=0", "--ServerApp.ip=127.0.0.1"]
    env |= {"JUPYTER_TOKEN": "a-test", "JUPYTER_PREFER_ENV_PATH": "1", "MMCOURSE_DEVICE": "cpu"}
    address = f"http://127.0.0.1:{port}/{{}}?token=a-test"
    with (said := desk / "jupyterlab.log").open("wb") as log:
        server = subprocess.Popen(jupyter.command(desk / "course", options), env=env, stdout=log, stderr=log)
    try:
        until_it_answers(address.format("api/status"), server, said)
        yield address, desk / "course"
    finally:
        server.terminate()  # by its own process id; it ends its kernels
        try:
            server.wait(timeout=20)
        except subprocess.TimeoutExpired:
            server.kill()


def until_it_answers(address: str, server: subprocess.Popen, said: Path, seconds: float = 60) -> None:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    end = time.monotonic() + seconds
    while server.poll() is None and time.monotonic() < end:
        try:
            return direct.open(address, timeout=5).close()
        except OSError:
            time.sleep(0.2)
    return pytest.fail(f"JupyterLab does not answer:\n{said.read_text(encoding='utf-8', errors='replace')[-3000:]}")


# --- a notebook on a page ----------------------------------------------------------------------------------------


class Notebook:
    """One notebook, open in a tab of its own. Cells are found by their place in the file."""

    def __init__(self, chromium, lab: tuple[str, Path], name: str):
        address, course = lab
        self.cells = json.loads((course / name).read_text(encoding="utf-8"))["cells"]
        self.page = chromium.new_page(viewport={"width": 1280, "height": 900})
        self.page.set_default_timeout(60_000)
        self.page.goto(address.format(f"lab/tree/{name}") + "&reset")
        self.cell(len(self.cells) - 1).wait_for(state="attached")
        self.page.get_by_text(re.compile(r"\| Idle$")).first.wait_for()  # the status bar: a kernel is there

    def place(self, start: str, then: int = 0) -> int:
        """Where the first code cell stands, from `then` on, that holds a line which starts so."""
        code = ["".join(cell["source"]) if cell["cell_type"] == "code" else "" for cell in self.cells]
        return next(i for i, text in enumerate(code) if i >= then and f"\n{start}" in f"\n{text}")

    def cell(self, place: int):
        return self.page.locator(CELL).nth(place)

    def outputs(self, place: int):
        return self.cell(place).locator(".jp-OutputArea-output")

    def run(self, place: int) -> None:
        """Select a cell, press Shift+Enter, and wait for its new number."""
        prompt = self.cell(place).locator(".jp-InputArea-prompt")
        before = prompt.inner_text()
        prompt.click()
        self.page.locator(f"{CELL}.jp-mod-active").and_(self.cell(place)).wait_for()
        self.page.keyboard.press("Shift+Enter")
        prompt.filter(has_text=re.compile(r"^\[\d+\]:$")).filter(has_not_text=before).wait_for()

    def run_all(self, places: range) -> None:
        for place in places:
            if self.cells[place]["cell_type"] == "code":
                self.run(place)

    def tab_to(self, element) -> None:
        """Press Tab until the focus is on an element."""
        for _ in range(12):
            self.page.keyboard.press("Tab")
            if element.evaluate("it => it === document.activeElement"):
                return
        raise AssertionError(f"Tab does not lead to {element}")

    def write(self, place: int, code: str) -> None:
        """Replace what a cell holds, by keyboard."""
        self.cell(place).locator(".cm-content").click()
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.type(code)


# --- what a learner does -----------------------------------------------------------------------------------------


def test_a_wrong_answer_is_named_and_a_right_one_has_its_points(chromium, lab):
    notebook = Notebook(chromium, lab, PROBLEM_SET)
    answer, check = notebook.place("def majority_accuracy"), notebook.place('check("00.4"')
    notebook.run_all(range(answer))

    notebook.write(answer, ANSWER.format("test"))
    notebook.run_all(range(answer, check + 1))
    card = notebook.outputs(check).get_by_role("group")
    errors = notebook.outputs(check).and_(notebook.page.locator("[data-mime-type*=err]"))
    expect(errors).to_have_count(1)
    said = card.inner_text()
    assert "00.4" in said
    assert "the commonest label is looked up in the test set" in said
    assert re.search(r"[0-3] of 4 points", said.splitlines()[0]), said
    (error,) = errors.all_inner_texts()
    assert re.fullmatch(r"CheckFailed: [^\n]*00\.4[^\n]*", error.strip()), "one line, and no traceback"

    notebook.write(answer, ANSWER.format("train"))
    notebook.run_all(range(answer, check + 1))
    expect(card).to_contain_text("4 of 4 points")
    expect(errors).to_have_count(0)


def test_a_guess_is_kept_by_keyboard_alone_and_pictures_have_words(chromium, lab):
    notebook = Notebook(chromium, lab, LESSON)
    guess = notebook.place("predict(")
    notebook.run_all(range(guess + 1))

    widgets = notebook.outputs(guess)
    keep = widgets.get_by_role("button", name="Keep my guess")
    keep.wait_for()
    expect(keep, "no letter is chosen yet").to_be_disabled()
    notebook.page.keyboard.press("ArrowUp")  # Shift+Enter went on to the next cell
    notebook.tab_to(widgets.get_by_role("button", name="b", exact=True))
    notebook.page.keyboard.press("Space")
    widgets.locator("button:enabled", has_text="Keep my guess").wait_for()
    notebook.tab_to(widgets.get_by_role("slider"))
    notebook.page.keyboard.press("ArrowRight")
    notebook.tab_to(keep)
    notebook.page.keyboard.press("Enter")
    widgets.get_by_text("Kept: b, 65 percent sure").wait_for()

    figure = notebook.place("with figure(", guess)
    notebook.run_all(range(guess + 1, figure + 1))
    expect(notebook.page.get_by_text("The answer: b (as you guessed, 65% sure).")).to_have_count(1)
    expect(notebook.outputs(figure).locator("img")).to_have_count(1)
    words = notebook.page.locator(".jp-OutputArea img").evaluate_all("all => all.map(img => img.alt.trim())")
    assert all(words), words


def test_widgets_say_what_they_are_without_colours_and_on_a_narrow_page(chromium, lab):
    name = "notebooks/toys.ipynb"
    cells = ["from mmcourse.show import corners, fields, kernels", "fields()", "corners()", "kernels()"]
    toys = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code) for code in cells])
    toys.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(toys, lab[1] / name)
    notebook = Notebook(chromium, lab, name)
    notebook.run_all(range(4))

    kernel = notebook.outputs(1).get_by_role("group", name="kernel 1")
    three, five = (kernel.get_by_role("button", name=size, exact=True) for size in "35")
    expect(three).to_have_attribute("aria-pressed", "true")
    five.click()
    expect(five).to_have_attribute("aria-pressed", "true")
    expect(three).to_have_attribute("aria-pressed", "false")
    slider = notebook.outputs(2).get_by_role("slider", name="word 'cat' votes")
    expect(slider).to_have_count(1)
    expect(notebook.page.locator(".jp-OutputArea [title=null]")).to_have_count(0)

    notebook.page.keyboard.press("Tab")  # the focus shows once it is moved by key
    for forced, seen in (("none", "borderTopWidth"), ("active", "backgroundColor")):
        notebook.page.emulate_media(forced_colors=forced)
        for element in (five, slider, notebook.outputs(3).get_by_role("spinbutton", name="middle")):
            element.focus()
            assert looks(element, "outlineStyle", "outlineWidth") == ["solid", "3px"]
        assert looks(five, seen) != looks(three, seen), "which one is pressed"

    notebook.page.set_viewport_size({"width": 700, "height": 900})
    words = notebook.outputs(1).get_by_role("status")
    right, edge = (it.evaluate("it => it.getBoundingClientRect().right") for it in (words, notebook.outputs(1).first))
    assert right <= edge, "the words are cut off"


def looks(element, *names: str) -> list[str]:
    return element.evaluate("(it, names) => names.map(name => getComputedStyle(it)[name])", list(names))
