"""A build hook: the wheel carries the editions as mmcourse/course/. (An editable install reads them where they are.)"""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CustomBuildHook(BuildHookInterface):
    """Puts the built notebooks into the wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "standard":
            for kind in ("notebooks", "exercises", "solutions"):
                for path in sorted(Path(self.root, kind).glob("*.ipynb")):
                    build_data["force_include"][str(path)] = f"mmcourse/course/{kind}/{path.name}"
