"""What is put into staging, and what the lake must then say: the demo's files with their planted truth, or one's own
with the answers that one knows."""

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

_APART = 1.1  # seconds; S3 knows when an object arrived to the second


@dataclass(frozen=True)
class Question:
    """A figure that is known: what it is, how Athena is asked for it, and the rows of the answer."""

    what: str
    sql: str
    result: Sequence[Sequence[Any]]


@dataclass(frozen=True)
class Arrived:
    """Files by their keys below `staging/`, and what is known of them."""

    files: Mapping[str, Path]
    truth: Truth | None = None
    questions: Sequence[Question] = field(default=())

    @property
    def datasets(self) -> list[str]:
        """The datasets that they come for."""
        return sorted({name.partition("/")[0] for name in self.files})

    def of(self, datasets: Collection[str]) -> dict[str, Path]:
        """The files of some datasets."""
        return {name: file for name, file in self.files.items() if name.partition("/")[0] in datasets}


def demo(folder: Path) -> Arrived:
    """Make the demo's catalogue in `folder`."""
    made = generate(folder)
    return Arrived({file.relative_to(made.staging).as_posix(): file for file in made.files}, made.truth)


def own_files(folder: Path, known: Iterable[str], needed: Iterable[str] = ()) -> dict[str, Path]:
    """The files of a folder that has a folder for each dataset, by their keys below `staging/`.

    Raises `UnusableArgument` when there is none, and for a dataset that is not known, or needed and not there.
    """
    files = {file.relative_to(folder).as_posix(): file for file in sorted(folder.rglob("*")) if file.is_file()}
    datasets, known = {name.partition("/")[0] for name in files}, set(known)
    strange, missing = sorted(datasets - known), sorted(set(needed) - datasets)
    if not files or strange or missing:
        said = f"has what is no dataset: {', '.join(strange)}" if strange else f"has no files of {', '.join(missing)}"
        remedy = "`--without-faults` does without them." if missing else f"It may have {', '.join(sorted(known))}."
        raise UnusableArgument(said if files else "holds no file", where=str(folder), remedy=remedy)
    return files


def read_questions(file: Path) -> list[Question]:
    """The questions of a file, a JSON list of objects with `what`, `sql` and `result`. Raises `UnusableArgument`."""
    try:
        return [Question(one["what"], one["sql"], one["result"]) for one in json.loads(file.read_text("utf-8"))]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UnusableArgument(
            f"holds no questions with their answers: {type(error).__name__}: {error}",
            where=str(file),
            remedy='It must be a list such as [{"what": "tracks", "sql": "SELECT COUNT(*) …", "result": [[7]]}].',
        ) from error


def put(s3: Any, bucket: str, files: Mapping[str, Path]) -> None:
    """Upload files below `staging/` as their senders would: the oldest first, those of the same second at once."""
    aged = sorted((int(file.stat().st_mtime), name, file) for name, file in files.items())
    for number, (_, together) in enumerate(groupby(aged, key=lambda one: one[0])):
        time.sleep(_APART if number else 0)
        for _, name, file in together:
            s3.upload_file(str(file), bucket, f"staging/{name}")
