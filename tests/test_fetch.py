"""fetch: archives come whole or not at all, and every failure says what to do. No network but in the last test."""

import dataclasses
import errno
import hashlib
import io
import json
import os
import subprocess
import sys
import tarfile
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from mmcourse import fetch
from mmcourse.fetch import Archive, CourseError, FetchError


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("MMCOURSE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def tiny(tmp_path) -> tuple[Archive, Path]:
    """A tiny wheel, and the archive that pins it."""
    wheel = tmp_path / "tiny-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as file:
        file.writestr("tiny/words.txt", "cat\ndog\n")
    sha256 = hashlib.sha256(wheel.read_bytes()).hexdigest()
    return Archive("tiny", "1.0", wheel.name, sha256, "MIT", "us", "two words", 1), wheel


@pytest.fixture
def pip(tiny, monkeypatch):
    """A pip that copies the tiny wheel; `pip.says` makes it fail, `pip.data` makes it bring something else."""

    class Pip:
        calls, says, data = 0, "", tiny[1].read_bytes()

        def __call__(self, arguments, folder):
            self.calls += 1
            assert arguments[0] == "download"
            assert "tiny==1.0" in arguments
            assert "--no-deps" in arguments
            if self.says:
                return subprocess.CompletedProcess(arguments, 1, "", self.says)
            (folder / tiny[0].filename).write_bytes(self.data)
            return subprocess.CompletedProcess(arguments, 0, "", "")

    pip = Pip()
    monkeypatch.setattr(fetch, "_run_pip", pip)
    return pip


def test_an_archive_is_fetched_once_and_read_in_place(tiny, pip, cache, capsys):
    path = fetch.fetch(tiny[0])
    assert path == (cache / tiny[0].filename).resolve()
    assert fetch.fetch(tiny[0]) == path
    assert pip.calls == 1
    assert capsys.readouterr().out == "Fetching tiny 1.0 (1 MB): two words ...\n"
    with fetch.open_member(path, "tiny/words.txt") as file:
        assert file.read() == b"cat\ndog\n"
    assert [path.name for path in cache.iterdir()] == [tiny[0].filename]


def test_it_can_be_silent(tiny, pip, capsys):
    fetch.fetch(tiny[0], progress=False)
    assert capsys.readouterr() == ("", "")


def test_a_damaged_file_in_the_cache_is_fetched_again(tiny, pip, capsys):
    path = fetch.fetch(tiny[0])
    path.write_bytes(path.read_bytes()[:-1])
    assert fetch.fetch(tiny[0]) == path
    assert pip.calls == 2
    assert path.read_bytes() == tiny[1].read_bytes()
    assert "damaged" in capsys.readouterr().out


def test_a_wrong_hash_is_refused_and_leaves_nothing(tiny, pip, cache):
    pip.data = b"something else"
    got = hashlib.sha256(pip.data).hexdigest()
    with pytest.raises(FetchError, match=f"expected {tiny[0].sha256[:12]}.*got {got[:12]}.*removed"):
        fetch.fetch(tiny[0])
    assert list(cache.iterdir()) == []


@pytest.mark.parametrize(
    ("says", "sentence"),
    [
        (
            "WARNING: Retrying\nERROR: No matching distribution found for tiny==1.0\n",
            "online.*No matching distribution",
        ),
        ("/usr/bin/python3: No module named pip", "ensurepip"),
        (
            "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device",
            "disk is full.*2 MB",
        ),
    ],
)
def test_when_pip_fails_one_sentence_says_what_to_do(tiny, pip, cache, says, sentence):
    pip.says = says
    with pytest.raises(FetchError, match=sentence) as caught:
        fetch.fetch(tiny[0])
    assert "\n" not in str(caught.value)
    assert list(cache.iterdir()) == []


def test_a_disk_that_fills_up_while_moving_is_named(tiny, pip, cache, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(FetchError, match="disk is full.*MMCOURSE_CACHE"):
        fetch.fetch(tiny[0])
    assert list(cache.iterdir()) == []


def test_an_interrupted_fetch_leaves_nothing(tiny, cache, monkeypatch):
    def interrupted(arguments, folder):
        (folder / "half").write_bytes(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr(fetch, "_run_pip", interrupted)
    with pytest.raises(KeyboardInterrupt):
        fetch.fetch(tiny[0])
    assert list(cache.iterdir()) == []


def test_what_a_killed_fetch_left_is_swept_after_a_day(tiny, pip, cache):
    for name, age in (("fetching-old", 2 * 86400), ("fetching-now", 0)):
        (cache / name).mkdir(parents=True)
        os.utime(cache / name, (time.time() - age,) * 2)
    fetch.fetch(tiny[0])
    assert {path.name for path in cache.iterdir()} == {"fetching-now", tiny[0].filename}


def test_many_at_once_all_end_well(tiny, pip):
    with ThreadPoolExecutor(8) as pool:
        paths = set(pool.map(lambda _: fetch.fetch(tiny[0]), range(8)))
    assert len(paths) == 1
    assert paths.pop().read_bytes() == tiny[1].read_bytes()


def test_two_processes_at_once_both_end_well(tiny, cache):
    program = f"""
import shutil, subprocess, time
from mmcourse import fetch
def pip(arguments, folder):
    time.sleep(0.2)
    shutil.copy({str(tiny[1])!r}, folder)
    return subprocess.CompletedProcess(arguments, 0, "", "")
fetch._run_pip = pip
print(fetch.fetch(fetch.{tiny[0]!r}, progress=False))
"""
    both = [subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) for _ in range(2)]
    said = {one.communicate()[0].strip() for one in both}
    assert [one.returncode for one in both] == [0, 0]
    assert said == {str((cache / tiny[0].filename).resolve())}
    assert [path.name for path in cache.iterdir()] == [tiny[0].filename]


def test_an_unknown_name_is_told_what_there_is():
    with pytest.raises(FetchError, match="easy_vqa"):
        fetch.fetch("no_such_thing")


def test_a_missing_member_or_a_broken_file_is_told(tiny, tmp_path):
    with pytest.raises(FetchError, match="holds no file 'tiny/none.txt'"):
        fetch.open_member(tiny[1], "tiny/none.txt")
    with pytest.raises(FetchError, match="`fetch` brings it"):
        fetch.open_member(tmp_path / "none.whl", "tiny/words.txt")
    (tmp_path / "broken.whl").write_bytes(b"PK")
    with pytest.raises(FetchError, match="not a whole archive"):
        fetch.open_member(tmp_path / "broken.whl", "tiny/words.txt")


def test_the_table_pins_each_archive():
    for name, archive in fetch.ARCHIVES.items():
        assert name == archive.name
        assert archive.filename.startswith(f"{name}-{archive.version}")
        assert archive.filename.endswith(("-none-any.whl", ".tar.gz"))
        assert len(bytes.fromhex(archive.sha256)) == 32
        assert archive.licence
        assert archive.source


def test_folders_follow_the_environment_and_say_when_they_cannot(tmp_path, monkeypatch):
    monkeypatch.setenv("MMCOURSE_HOME", str(tmp_path / "a" / "home"))
    assert fetch.state_dir() == (tmp_path / "a" / "home").resolve()
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("MMCOURSE_HOME", str(tmp_path / "file" / "home"))
    with pytest.raises(CourseError, match="cannot be written.*MMCOURSE_HOME"):
        fetch.state_dir()
    monkeypatch.delenv("MMCOURSE_CACHE")
    monkeypatch.setattr(fetch.platformdirs, "user_cache_dir", lambda *_, **__: str(tmp_path / "default"))
    assert fetch.cache_dir() == (tmp_path / "default").resolve()


def test_editions_are_found_by_number_and_by_name(tmp_path, monkeypatch):
    monkeypatch.setattr(fetch, "course_dir", lambda: tmp_path)
    (tmp_path / "exercises").mkdir()
    path = tmp_path / "exercises" / "00_start_here.ipynb"
    for name in (path.name, "00_start_here.new.ipynb"):
        (tmp_path / "exercises" / name).write_text("{}")
    assert fetch.edition("exercises", "00") == path
    assert fetch.edition("exercises", "00_start_here") == path
    with pytest.raises(CourseError, match="no lesson '07'.*holds 00_start_here\\."):
        fetch.edition("exercises", "07")
    with pytest.raises(CourseError, match="notebooks, exercises, solutions"):
        fetch.edition("answers", "00")


def test_results_and_glossary_are_read_or_say_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr(fetch, "PACKAGE", tmp_path)
    with pytest.raises(CourseError, match="make results"):
        fetch.results("00")
    with pytest.raises(CourseError, match="glossary"):
        fetch.glossary()
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "00.json").write_text(json.dumps({"seeds": [0, 1]}))
    assert fetch.results("00") == {"seeds": [0, 1]}
    (tmp_path / "results" / "00.json").write_text("{")
    with pytest.raises(CourseError, match="not valid JSON"):
        fetch.results("00")
    (tmp_path / "glossary.csv").write_text("english,chinese\nattention,注意力\n", encoding="utf-8")
    assert fetch.glossary() == {"attention": "注意力"}


def test_pip_that_really_fails_leaves_a_sentence(tiny, monkeypatch):
    """The real pip, without a network: what it says on stderr reaches the reader."""
    for name in ("PIP_FIND_LINKS", "PIP_EXTRA_INDEX_URL", "PIP_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    with pytest.raises(FetchError, match="No matching distribution found for tiny==1.0"):
        fetch.fetch(tiny[0])


@pytest.fixture
def tiny_source(tmp_path) -> tuple[Archive, Path]:
    """A tiny source archive whose set-up script leaves a trace when it is run, and the archive that pins it."""
    pip = tmp_path / "links" / "tiny-1.0.tar.gz"
    pip.parent.mkdir()
    trace = tmp_path / "ran"
    files = {
        "setup.py": f"open({str(trace)!r}, 'w').close()\nraise SystemExit('ran')",
        "PKG-INFO": "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n",
        "words.txt": "cat\ndog\n",
    }
    with tarfile.open(pip, "w:gz") as file:
        for name, text in files.items():
            info = tarfile.TarInfo(f"tiny-1.0/{name}")
            info.size = len(text.encode())
            file.addfile(info, io.BytesIO(text.encode()))
    sha256 = hashlib.sha256(pip.read_bytes()).hexdigest()
    return Archive("tiny", "1.0", pip.name, sha256, "MIT", "us", "two words", 1), trace


def test_a_source_archive_is_read_in_place(tiny_source):
    path = tiny_source[1].parent / "links" / tiny_source[0].filename
    with fetch.open_member(path, "tiny-1.0/words.txt") as file:
        assert file.read() == b"cat\ndog\n"
    with pytest.raises(FetchError, match="holds no file"):
        fetch.open_member(path, "tiny-1.0/none.txt")
    for broken in (path.read_bytes()[:-40], b"no gzip"):
        path.write_bytes(broken)
        with pytest.raises(FetchError, match="not a whole archive"):
            fetch.open_member(path, "tiny-1.0/words.txt")


def test_nothing_of_a_changed_source_archive_is_run(tiny_source, cache, monkeypatch):
    """The real pip, offline: it compares the hash before it runs the set-up script."""
    archive, trace = tiny_source
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_FIND_LINKS", str(trace.parent / "links"))
    with pytest.raises(FetchError, match=f"expected 0000.*got {archive.sha256[:12]}"):
        fetch.fetch(dataclasses.replace(archive, sha256="0" * 64))
    assert not trace.exists()
    assert list(cache.iterdir()) == []


def test_easy_vqa_comes_from_where_pip_finds_it(monkeypatch, request):
    """The real thing, once (3 MB). Kept in the usual cache, so that it is downloaded only where it is missing."""
    monkeypatch.undo()
    try:
        path = fetch.fetch("easy_vqa")
    except FetchError as error:
        if "could not be downloaded" in str(error):
            pytest.skip(f"no network: {error}")
        raise
    with fetch.open_member(path, "easy_vqa/data/answers.txt") as file:
        assert len(file.read().split()) == 13
