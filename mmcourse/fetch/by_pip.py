"""pip as the one that downloads: it knows this machine's index, proxy and certificates. Nothing is installed or run."""

import os
import subprocess
import sys
from pathlib import Path

# To learn a source archive's name, pip asks its build backend, and so runs what is in it. It finds this one instead,
# which says what we know already: an archive of the setup.py kind is downloaded and nothing of it is run.
_BACKEND = """
from pathlib import Path
class __legacy__:
    @staticmethod
    def get_requires_for_build_wheel(config_settings=None):
        return []
    @staticmethod
    def prepare_metadata_for_build_wheel(folder, config_settings=None):
        made = Path(folder, "{name}-{version}.dist-info")
        made.mkdir()
        (made / "METADATA").write_text("Metadata-Version: 2.1\\nName: {name}\\nVersion: {version}\\n")
        return made.name
"""


def download(name: str, version: str, sha256: str, folder: Path, source: bool) -> subprocess.CompletedProcess[str]:
    """Let pip bring a package's wheel (or with `source` its source archive) into a folder, if it has this hash."""
    asked = folder / "requirements.txt"
    asked.write_text(f"{name}=={version} --hash=sha256:{sha256}\n", encoding="utf-8")
    options = ["--no-deps", "--no-cache-dir", "--require-hashes", "--dest", str(folder), "--requirement", str(asked)]
    env = {}
    if source:
        options += ["--no-binary=:all:", "--use-pep517", "--no-build-isolation"]
        backend = folder / "backend" / "setuptools"
        backend.mkdir(parents=True)
        (backend / "__init__.py").touch()
        (backend / "build_meta.py").write_text(_BACKEND.format(name=name, version=version), encoding="utf-8")
        env["PYTHONPATH"] = os.pathsep.join(filter(None, (str(backend.parent), os.environ.get("PYTHONPATH"))))
    else:
        options += ["--only-binary=:all:", "--ignore-requires-python"]
    return run(["download", *options], folder, env)


def run(arguments: list[str], folder: Path, also: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run this Python's pip, its temporary files in `folder`. The one place that touches the network."""
    temporary = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(folder))
    env = {**os.environ, **temporary, "PYTHONIOENCODING": "utf-8", **also}
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", *arguments]
    return subprocess.run(command, capture_output=True, encoding="utf-8", errors="replace", env=env, check=False)
