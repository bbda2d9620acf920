"""Hold what a run came to against the truth that was written beside the files."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from headgate.demo.truth import Truth
from headgate.outcome import Outcome

COUNTS = ("read", "published", "superseded", "skipped", "quarantined", "files_refused")
CLOSE = 1e-9  # relative, for averages

Answers = Mapping[str, Sequence[Sequence[Any]]]


def differences(said: Truth, outcomes: Mapping[str, Outcome], answers: Answers) -> list[str]:
    """Everything that is not as planted, in words; nothing where the run did what it should.

    A run that had nothing new to read is held to the tables and the answers alone.
    """
    found = [*_of_datasets(said, outcomes), *_of_marts(said, outcomes)]
    for name in ("top_artists", "popularity_by_danceability_and_energy"):
        found += _of_answer(name, said[name], answers[name])
    genres = [[genre, tracks] for genre, tracks in said["tracks_by_genre"].items()]
    return [*found, *_of_answer("tracks_by_genre", genres, answers["tracks_by_genre"])]


def _of_datasets(said: Truth, outcomes: Mapping[str, Outcome]) -> Iterator[str]:
    for dataset, planted in said["datasets"].items():
        one = outcomes[dataset]
        yield from _differs(dataset, "rows_after", planted["published"], one.rows_after)
        if one.status == "published" and not one.rows_before:
            for count in COUNTS:
                yield from _differs(dataset, count, planted[count], getattr(one, count))
            yield from _differs(dataset, "rows by failed check", planted["failing"], _failing(one))


def _of_marts(said: Truth, outcomes: Mapping[str, Outcome]) -> Iterator[str]:
    for mart, rows in said["marts"].items():
        yield from _differs(mart, "rows_after", rows, outcomes[mart].rows_after)


def _failing(one: Outcome) -> dict[str, int]:
    of_rows = (result for result in one.checks if result.check.scope == "row")
    return {result.check.id: result.unexpected_count for result in of_rows if result.unexpected_count}


def _of_answer(name: str, planted: Sequence[Sequence[Any]], answered: Sequence[Sequence[Any]]) -> Iterator[str]:
    if len(planted) != len(answered):
        yield f"{name}: {len(answered)} rows, planted {len(planted)}"
    for wanted, found in zip(planted, answered, strict=False):
        if not _same_row(wanted, found):
            yield f"{name}: {list(found)}, planted {list(wanted)}"


def same_rows(wanted: Sequence[Sequence[Any]], found: Sequence[Sequence[Any]]) -> bool:
    """True when two answers have the same rows in the same order, doubles within `CLOSE`."""
    return len(wanted) == len(found) and all(map(_same_row, wanted, found))


def _same_row(wanted: Sequence[Any], found: Sequence[Any]) -> bool:
    return len(wanted) == len(found) and all(map(_same, wanted, found))


def _same(wanted: Any, found: Any) -> bool:
    if isinstance(wanted, float) and found is not None:
        return math.isclose(wanted, float(found), rel_tol=CLOSE)
    return bool(wanted == found)


def _differs(dataset: str, count: str, planted: Any, found: Any) -> Iterator[str]:
    if planted != found:
        yield f"{dataset}: {count} is {found}, planted {planted}"
