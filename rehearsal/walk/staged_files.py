"""Files for staging and the results that they must give: the demo's with their truth, or your own with known ones."""

from __future__ import annotations

import json
import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

from headgate.demo.generate import generate
from headgate.demo.truth import Truth
from headgate.errors import UnusableArgument
from headgate.lake.paths import dataset_of_document

_PAUSE = 1.1  # seconds; S3 records the arrival of an object to the second


@dataclass(frozen=True)
class Question:
    """A known figure: what it is, the SQL that asks Athena for it, and the rows of the result."""

    what: str
    sql: str
    result: Sequence[Sequence[Any]]


@dataclass(frozen=True)
class StagedFiles:
    """Files by their keys below `staging/` (documents: in the bucket), and what is known of their content."""

    files: Mapping[str, Path]
    truth: Truth | None = None
    questions: Sequence[Question] = field(default=())

    @property
    def datasets(self) -> list[str]:
        """The datasets that the files belong to."""
        return sorted(set(map(_dataset, self.files)))

    def of(self, datasets: Collection[str]) -> dict[str, Path]:
        """The files of some datasets."""
        return {name: file for name, file in self.files.items() if _dataset(name) in datasets}


def _dataset(name: str) -> str:
    return dataset_of_document(name) or name.partition("/")[0]


def demo_files(folder: Path) -> StagedFiles:
    """Generate the demo's catalogue in `folder`."""
    made = generate(folder)
    return StagedFiles({file.relative_to(made.staging).as_posix(): file for file in made.files}, made.truth)


def own_files(folder: Path, known: Iterable[str], needed: Iterable[str] = ()) -> dict[str, Path]:
    """The files of a folder that has a folder for each dataset, by their keys below `staging/`.

    Raises `UnusableArgument` when there is no file, for an unknown dataset, and for a needed dataset without files.
    """
    files = {file.relative_to(folder).as_posix(): file for file in sorted(folder.rglob("*")) if file.is_file()}
    datasets, known = set(map(_dataset, files)), set(known)
    unknown, missing = sorted(datasets - known), sorted(set(needed) - datasets)
    allowed = f"It may have folders for {', '.join(sorted(known))}."
    if not files:
        raise UnusableArgument("has no file", where=str(folder), remedy=allowed)
    if unknown:
        raise UnusableArgument(f"has folders of no dataset: {', '.join(unknown)}", where=str(folder), remedy=allowed)
    if missing:
        remedy = "Add them, or run with `--without-faults`."
        raise UnusableArgument(f"has no files of {', '.join(missing)}", where=str(folder), remedy=remedy)
    return files


def read_questions(file: Path) -> list[Question]:
    """The questions of a file, a JSON list of objects with `what`, `sql` and `result`. Raises `UnusableArgument`."""
    try:
        entries = json.loads(file.read_text("utf-8"))
        return [Question(entry["what"], entry["sql"], entry["result"]) for entry in entries]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UnusableArgument(
            f"has no usable list of known results: {type(error).__name__}: {error}",
            where=str(file),
            remedy='It must be a list such as [{"what": "tracks", "sql": "SELECT COUNT(*) …", "result": [[7]]}].',
        ) from error


def upload(s3: Any, bucket: str, files: Mapping[str, Path]) -> None:
    """Upload files below `staging/` as their senders would: the oldest first, those of the same second together."""
    aged = sorted((int(file.stat().st_mtime), name, file) for name, file in files.items())
    for number, (_, same_second) in enumerate(groupby(aged, key=lambda entry: entry[0])):
        time.sleep(_PAUSE if number else 0)
        for _, name, file in same_second:
            s3.upload_file(str(file), bucket, name if dataset_of_document(name) else f"staging/{name}")
