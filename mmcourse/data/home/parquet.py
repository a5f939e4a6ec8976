"""Sets in Hugging Face's own form: parquet files, read by the library `datasets`. Loading scripts are never run."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from mmcourse.fetch import CourseError, cache_dir

PARTS = {"train": ("train",), "val": ("validation", "val", "dev"), "test": ("test",)}


@dataclass(frozen=True, eq=False)
class InTable:
    """A picture in a row of a table."""

    table: Any
    row: int

    def file(self) -> IO[bytes]:
        return io.BytesIO(self.table[self.row]["image"]["bytes"] or b"")


def there(root: Path) -> bool:
    """Whether a folder holds parquet files, at its top or in data/."""
    return bool(_files(root))


def rows(root: Path, split: str | None, get: str) -> Iterator[tuple[str, int, dict[str, Any], InTable | None]]:
    """(split, number, columns but the picture, picture) of each row. A file's name begins with its split's.

    Raises CourseError where `datasets` is missing, a split has no files, or one is damaged.
    """
    try:
        import datasets
    except ImportError:
        raise CourseError('Parquet files are read by the package datasets: pip install "mmcourse[home]".') from None
    for part in PARTS if split is None else (split,):
        files = [str(path) for path in _files(root) if path.name.lower().startswith(PARTS[part])]
        if not files:
            if split is None:
                continue
            raise CourseError(f"{root} holds no parquet files of the split {part!r}. {get}")
        try:
            table = datasets.Dataset.from_parquet(files, cache_dir=str(cache_dir() / "parquet"))
        except Exception as error:  # datasets wraps what Arrow says of a damaged file in errors of its own
            raise CourseError(f"The parquet files of {part!r} in {root} could not be read ({error}). {get}") from None
        if "image" in table.column_names:
            table = table.cast_column("image", datasets.Image(decode=False))
        for i, row in enumerate(table.remove_columns("image") if "image" in table.column_names else table):
            yield part, i, row, InTable(table, i) if "image" in table.column_names else None


def _files(root: Path) -> list[Path]:
    return sorted(root.glob("*.parquet")) or sorted(root.glob("data/*.parquet"))
