"""The command `mmcourse`. Each command imports what it needs when it runs, so that `mmcourse --help` is quick."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from mmcourse import __version__, fetch

app = typer.Typer(
    help="A course on multimodal deep learning, in Jupyter notebooks.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@contextlib.contextmanager
def _kindly(*also: type[Exception]) -> Iterator[None]:
    """Say an expected failure in its own sentence, without a traceback, and exit with status 1."""
    expected: tuple[type[Exception], ...] = (fetch.CourseError, *also)
    try:
        yield
    except expected as error:
        typer.echo(f"mmcourse: {error}", err=True)
        raise typer.Exit(1) from None
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] == "mmcourse":
            raise
        typer.echo(f'mmcourse: this needs {error.name}, which is not here: pip install "mmcourse[school]"', err=True)
        raise typer.Exit(1) from None


def _the_checkout() -> Path:
    root = fetch.checkout()
    if root is None:
        raise fetch.CourseError(
            "This command works on the course's sources, which the installed package does not hold. "
            "Run it from a git checkout of the course, after `make setup` there."
        )
    return root


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"mmcourse {__version__}")
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    pass


@app.command(
    context_settings={"ignore_unknown_options": True},
    options_metavar="",
    epilog="For example: mmcourse lab --no-browser --port 9999",
)
def lab(
    arguments: Annotated[
        list[str] | None, typer.Argument(metavar="[DIR] [JUPYTER OPTIONS]", help="Passed on to `jupyter lab`.")
    ] = None,
) -> None:
    """Open JupyterLab on the course's first page.

    DIR is a folder that `mmcourse start` made. Without it, the checkout is opened; where there is none, the course
    is first laid out in ./mmcourse-course.
    """
    from mmcourse.cli import jupyter

    with _kindly(OSError):
        jupyter.need_jupyterlab()
        folder, extra = jupyter.split(arguments or [])
        if folder is None and fetch.checkout() is None:
            folder = Path("mmcourse-course")
            start(folder)
        command = jupyter.command(folder or fetch.course_dir(), extra)
        env = {"JUPYTER_PREFER_ENV_PATH": "1", **os.environ}  # this environment's kernel before the user's
        if os.name == "posix":
            sys.stdout.flush()
            os.execve(command[0], command, env)
        with subprocess.Popen(command, env=env) as server:
            while server.poll() is None:
                with contextlib.suppress(KeyboardInterrupt):  # Ctrl-C is the server's to answer
                    server.wait()
        raise typer.Exit(server.returncode)


@app.command()
def start(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where to work; made where it is missing.")],
    reset: Annotated[
        str | None, typer.Option(metavar="EXERCISE", help="Put this one exercise (00.3) back as it was handed out.")
    ] = None,
) -> None:
    """Lay the course out in DIR, or bring DIR up to date.

    Your own work is never overwritten: what you changed is kept, and what is new is laid beside it. It lays lessons
    (notebooks/), problem sets (exercises/) and, openly, their solutions (solutions/).
    """
    from mmcourse.cli import layout

    with _kindly(OSError):
        if reset is not None:
            typer.echo(layout.put_back(folder, reset))
            return
        for line in layout.lay_out(folder):
            typer.echo(line)


@app.command()
def check(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Notebooks, or folders that hold them.")],
    report: Annotated[Path | None, typer.Option(metavar="DIR", help="Write the report into this folder.")] = None,
    min_points: Annotated[
        float | None, typer.Option(metavar="N", help="The points that are enough; all of them, if not given.")
    ] = None,
    seed: Annotated[int | None, typer.Option(metavar="N", help="Draw the checks' cases from this seed.")] = None,
) -> None:
    """Grade problem sets, with the checks as released.

    The exit status is 0 only where they earn all points, or those of --min-points.
    """
    with _kindly(FileNotFoundError):
        from mmcourse.grading import lane

        raise typer.Exit(lane.check_paths(paths, report, min_points, seed))


@app.command()
def build(
    lesson: Annotated[str | None, typer.Argument(metavar="[LESSON]", help="Build this one alone: 06.")] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Change nothing; fail where a notebook is not what its source builds.")
    ] = False,
    notebook: Annotated[
        Path | None, typer.Option("--from", metavar="NOTEBOOK", help="Bring an edited notebook home to its source.")
    ] = None,
) -> None:
    """For authors: build the notebooks from source/."""
    with _kindly():
        root = _the_checkout()
        from mmcourse import authoring
    with _kindly(authoring.SourceError):
        if notebook is not None:
            home = authoring.bring_home(notebook, root)
            typer.echo(f"Brought home to {home}. `make build` builds its other editions.")
        elif check:
            stale = authoring.check(root)
            for line in stale:
                typer.echo(line)
            if stale:
                typer.echo("`make build` builds what differs; `mmcourse build --from NOTEBOOK` brings an edit home.")
                raise typer.Exit(1)
            typer.echo("Every notebook is what its source builds.")
        else:
            written = authoring.build(root, lesson)
            for path in written:
                typer.echo(f"built {path.relative_to(root)}")
            typer.echo(f"{len(written)} notebook(s) built; the others were up to date.")


new = typer.Typer(help="For authors: begin a lesson or an exercise.", no_args_is_help=True)
app.add_typer(new, name="new")


@new.command("lesson")
def new_lesson(
    name: Annotated[str, typer.Argument(metavar="NN_topic", help="Such as 11_captioning; a page has no number.")],
) -> None:
    """Lay out a lesson: its source, its problem set, and where its checks and claims will stand."""
    with _kindly():
        root = _the_checkout()
        from mmcourse.authoring import scaffold

        for line in scaffold.new_lesson(root, name):
            typer.echo(line)


@new.command("exercise")
def new_exercise(
    id: Annotated[str, typer.Argument(metavar="NN.K", help="The next of its lesson: 11.1.")],
    operation: Annotated[str, typer.Argument(metavar="operation", help="It names the files: masked_mean.")],
    kind: Annotated[str, typer.Option(metavar="KIND", help="function, module, value or trained.")] = "function",
) -> None:
    """Lay out an exercise: statement, stub and solution, check, hints and mistakes, alternatives."""
    with _kindly():
        root = _the_checkout()
        from mmcourse.authoring import scaffold

        for line in scaffold.new_exercise(root, id, operation, kind):
            typer.echo(line)


@app.command()
def verify(
    lessons: Annotated[
        list[str], typer.Argument(metavar="LESSON...", help="Such as 06, or one exercise of it alone: 06.3.")
    ],
) -> None:
    """For authors: hold a lesson to account, all that concerns it, in sentences.

    Its notebooks are held against their sources and run, with the lesson's claims; each exercise's check is tried with
    every mistake and right answer that is known. Of an exercise, that alone: it takes seconds.
    """
    with _kindly():
        root = _the_checkout()
        from mmcourse.authoring.verify.report import report
    wrong = 0
    with _kindly():
        for lesson in lessons:
            for part in report(root, lesson):
                typer.echo(str(part))
                wrong += len(part.problems)
    if wrong:
        typer.echo(f"{wrong} thing(s) to mend.")
        raise typer.Exit(1)
    typer.echo("All is well.")


@app.command()
def results(
    lessons: Annotated[list[str] | None, typer.Argument(metavar="[LESSON...]", help="All, if none is named.")] = None,
    seeds: Annotated[int, typer.Option(min=1, help="How many seeds to run.")] = 5,
) -> None:
    """For authors: compute results over several seeds."""
    with _kindly():
        _the_checkout()
        from mmcourse.authoring import SourceError
        from mmcourse.authoring import results as over_seeds
    with _kindly(SourceError):
        over_seeds.make(lessons or [], seeds)


@app.command()
def data(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="The set whose card is shown.")] = None,
    get: Annotated[bool, typer.Option("--get", help="Fetch what the set comes in, or can use.")] = False,
    page: Annotated[
        Path | None, typer.Option(metavar="FILE.html", help="Write a page of examples of each set that is ready.")
    ] = None,
) -> None:
    """List the data sets and how they stand here, or show one's card.

    A set is ready, one command away, or needs the net. Nothing is downloaded without --get.
    """
    from mmcourse.cli import sets

    with _kindly(OSError):
        if page is not None:
            from mmcourse.cli import examples

            shown = examples.write(page)
            typer.echo(f"{page} shows examples of {', '.join(shown)}.")
        elif name is None:
            typer.echo(sets.listing())
        elif get:
            for path in sets.bring(name):
                typer.echo(path)
        else:
            typer.echo(sets.describe(name))


@app.command()
def doctor() -> None:
    """Say what is here, and what to do about what is not.

    What is installed, on which device it runs, which data are at hand. Nothing is downloaded.
    """
    from mmcourse.cli import health

    rows = health.look()
    typer.echo(health.table(rows))
    if any(row.status == "missing" for row in rows):
        raise typer.Exit(1)
