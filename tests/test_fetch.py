"""fetch: archives come whole or not at all, and every failure says what to do. No network but in the last test."""

import dataclasses
import errno
import hashlib
import http.server
import io
import json
import os
import subprocess
import sys
import tarfile
import threading
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from mmcourse import fetch
from mmcourse.fetch import Archive, CourseError, FetchError, by_pip, places


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("MMCOURSE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def wheel_of_tiny() -> bytes:
    """A wheel that pip takes for one: with a name and a version in it."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as file:
        file.writestr(zipfile.ZipInfo("tiny/words.txt"), "cat\ndog\n")
        said = {"METADATA": "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n", "WHEEL": "Wheel-Version: 1.0\n"}
        for name, text in said.items():
            file.writestr(zipfile.ZipInfo(f"tiny-1.0.dist-info/{name}"), text)
    return whole.getvalue()


@pytest.fixture
def tiny(tmp_path) -> tuple[Archive, Path]:
    """A tiny wheel, and the archive that pins it."""
    wheel = tmp_path / "tiny-1.0-py3-none-any.whl"
    wheel.write_bytes(wheel_of_tiny())
    sha256 = hashlib.sha256(wheel.read_bytes()).hexdigest()
    return Archive("tiny", "1.0", wheel.name, sha256, "MIT", "us", "two words", 1, "Until then, one word."), wheel


@pytest.fixture
def pip(tiny, monkeypatch):
    """A pip that copies the tiny wheel; `pip.says` makes it fail, `pip.data` makes it bring something else."""

    class Pip:
        calls, says, data = 0, "", tiny[1].read_bytes()

        def __call__(self, arguments, folder, also):
            self.calls += 1
            assert arguments[0] == "download"
            assert "--no-deps" in arguments
            assert "--require-hashes" in arguments
            assert (folder / "requirements.txt").read_text() == f"tiny==1.0 --hash=sha256:{tiny[0].sha256}\n"
            if self.says:
                return subprocess.CompletedProcess(arguments, 1, "", self.says)
            (folder / tiny[0].filename).write_bytes(self.data)
            return subprocess.CompletedProcess(arguments, 0, "", "")

    pip = Pip()
    monkeypatch.setattr(by_pip, "run", pip)
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
    assert str(caught.value).endswith(" Until then, one word.")
    assert list(cache.iterdir()) == []


def test_a_disk_that_fills_up_while_moving_is_named(tiny, pip, cache, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(FetchError, match="disk is full.*MMCOURSE_CACHE"):
        fetch.fetch(tiny[0])
    assert list(cache.iterdir()) == []


def test_an_interrupted_fetch_leaves_nothing(tiny, cache, monkeypatch):
    def interrupted(arguments, folder, also):
        (folder / "half").write_bytes(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr(by_pip, "run", interrupted)
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
from mmcourse.fetch import by_pip
def pip(arguments, folder, also):
    time.sleep(0.2)
    shutil.copy({str(tiny[1])!r}, folder)
    return subprocess.CompletedProcess(arguments, 0, "", "")
by_pip.run = pip
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
        wheel = archive.filename.startswith(f"{name}-{archive.version}-py") and archive.filename.endswith("-any.whl")
        assert wheel or archive.filename == f"{name}-{archive.version}.tar.gz"
        assert archive.instead.startswith("Until then, ")
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
    monkeypatch.setattr(places.platformdirs, "user_cache_dir", lambda *_, **__: str(tmp_path / "default"))
    assert fetch.cache_dir() == (tmp_path / "default").resolve()


def test_editions_are_found_by_number_and_by_name(tmp_path, monkeypatch):
    monkeypatch.setattr(places, "course_dir", lambda: tmp_path)
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
    monkeypatch.setattr(places, "PACKAGE", tmp_path)
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


@pytest.fixture
def index(tmp_path, monkeypatch):
    """The real pip, told of one folder and no network; `index(FILENAME, BYTES)` lays a file there."""
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "index"))
    (tmp_path / "index").mkdir()

    def lay(filename: str, data: bytes) -> str:
        (tmp_path / "index" / filename).write_bytes(data)
        return hashlib.sha256(data).hexdigest()

    return lay


def tar(**files: bytes) -> bytes:
    """A .tar.gz in memory; a name's `__` stands for `/`."""
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode="w:gz") as file:
        for name, data in files.items():
            info = tarfile.TarInfo(name.replace("__", "/").replace("_dot_", "."))
            info.size = len(data)
            file.addfile(info, io.BytesIO(data))
    return whole.getvalue()


@pytest.fixture
def source(index, tmp_path) -> Archive:
    """A source archive whose setup.py would leave a mark, pinned; it holds an archive."""
    mark = f"open({str(tmp_path / 'mark')!r}, 'w').close()\n"
    setup = f"{mark}from setuptools import setup\nsetup(name='tiny', version='1.0')\n"
    data = tar(
        **{
            "tiny-1.0__PKG-INFO": b"Metadata-Version: 1.0\nName: tiny\nVersion: 1.0\n",
            "tiny-1.0__setup_dot_py": setup.encode(),
            "tiny-1.0__setuptools__build_meta_dot_py": mark.encode(),
            "tiny-1.0__words_dot_tar_dot_gz": tar(words_dot_txt=b"cat\n"),
        }
    )
    return Archive("tiny", "1.0", "tiny-1.0.tar.gz", index("tiny-1.0.tar.gz", data), "MIT", "us", "a word", 1)


class TestTheRealPip:
    """Without a network: its index is a folder, or a server on this machine."""

    def test_a_wheel_comes(self, tiny, index):
        index(tiny[0].filename, wheel_of_tiny())
        assert fetch.fetch(tiny[0]).read_bytes() == wheel_of_tiny()

    def test_a_source_archive_comes_and_nothing_of_it_is_run(self, source, cache, tmp_path):
        path = fetch.fetch(source)
        assert [path.name for path in cache.iterdir()] == ["tiny-1.0.tar.gz"]
        with fetch.open_member(path, "tiny-1.0/words.tar.gz", "words.txt") as file:
            assert file.read() == b"cat\n"
        assert not (tmp_path / "mark").exists()

    def test_its_hash_is_checked_before_anything_could_run(self, source, cache, tmp_path):
        wrong = dataclasses.replace(source, sha256="0" * 64)
        with pytest.raises(FetchError, match=f"expected 000000000000.*got {source.sha256[:12]}.*removed"):
            fetch.fetch(wrong)
        assert not (tmp_path / "mark").exists()
        assert list(cache.iterdir()) == []

    def test_no_network_is_a_sentence(self, tiny, index):
        with pytest.raises(FetchError, match="No matching distribution found for tiny==1.0.* Until then, one word.$"):
            fetch.fetch(tiny[0])

    def test_a_download_that_is_cut_is_a_sentence(self, tiny, index, cache, monkeypatch):
        """A server promises 100,000 bytes and hangs up after 1,000. pip tells since 25.1; before, the hash does."""

        class Cut(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                whole = f'<a href="/{tiny[0].filename}">{tiny[0].filename}</a>'.encode()
                wheel = self.path.endswith(".whl")
                self.send_response(200)
                self.send_header("Content-Type", "application/octet-stream" if wheel else "text/html")
                self.send_header("Content-Length", "100000" if wheel else str(len(whole)))
                self.end_headers()
                self.wfile.write(b"x" * 1000 if wheel else whole)

            def log_message(self, *_):
                pass

        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Cut) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            monkeypatch.delenv("PIP_NO_INDEX")
            monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{server.server_port}/simple")
            monkeypatch.setenv("NO_PROXY", "127.0.0.1")
            for name in ("PIP_RETRIES", "PIP_RESUME_RETRIES"):
                monkeypatch.setenv(name, "0")
            with pytest.raises(FetchError, match="(broke off|cut on its way).*Until then, one word.$") as caught:
                fetch.fetch(tiny[0])
            server.shutdown()
        assert "\n" not in str(caught.value)
        assert list(cache.iterdir()) == []


def test_a_link_in_a_source_archive_is_not_followed(tmp_path):
    with tarfile.open(tmp_path / "bad-1.0.tar.gz", "w:gz") as file:
        info = tarfile.TarInfo("bad/passwords")
        info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
        file.addfile(info)
    with pytest.raises(FetchError, match="no plain file"):
        fetch.open_member(tmp_path / "bad-1.0.tar.gz", "bad/passwords")


def test_a_cut_source_archive_is_told(tmp_path):
    whole = tar(words=os.urandom(5000))
    for length in (0, 5, 100, 4000):
        (tmp_path / "cut-1.0.tar.gz").write_bytes(whole[:length])
        with pytest.raises(FetchError, match="not a whole archive. Delete it"):
            fetch.open_member(tmp_path / "cut-1.0.tar.gz", "words")
    (tmp_path / "whole-1.0.tar.gz").write_bytes(whole)
    with pytest.raises(FetchError, match="whole-1.0.tar.gz holds no file 'none'"):
        fetch.open_member(tmp_path / "whole-1.0.tar.gz", "none")


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
