"""Compare the result of a run with the truth: the expected counts and answers, written together with the files."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from headgate.checks.check import REFERENCE
from headgate.demo.truth import Truth
from headgate.outcome import Outcome

COUNTS = ("read", "published", "superseded", "skipped", "quarantined", "files_refused")
CLOSE = 1e-9  # relative, for averages

Answers = Mapping[str, Sequence[Sequence[Any]]]


def differences(truth: Truth, outcomes: Mapping[str, Outcome], answers: Answers) -> list[str]:
    """Every difference, in words; none where the result is the expected one.

    Of a run that had nothing new to read, only the tables and the answers are compared.
    """
    lines = [*_of_datasets(truth, outcomes), *_of_marts(truth, outcomes)]
    for name in ("top_artists", "popularity_by_danceability_and_energy"):
        lines += _of_answer(name, truth[name], answers[name])
    genres = [[genre, tracks] for genre, tracks in truth["tracks_by_genre"].items()]
    return [*lines, *_of_answer("tracks_by_genre", genres, answers["tracks_by_genre"])]


def _of_datasets(truth: Truth, outcomes: Mapping[str, Outcome]) -> Iterator[str]:
    for dataset, expected in truth["datasets"].items():
        outcome = outcomes[dataset]
        yield from _difference(dataset, "rows_after", expected["published"], outcome.rows_after)
        if outcome.status == "published" and not outcome.rows_before:
            for count in COUNTS:
                yield from _difference(dataset, count, expected[count], getattr(outcome, count))
            yield from _difference(dataset, "rows by failed check", expected["failing"], _failing(outcome))


def _of_marts(truth: Truth, outcomes: Mapping[str, Outcome]) -> Iterator[str]:
    for mart, rows in truth["marts"].items():
        yield from _difference(mart, "rows_after", rows, outcomes[mart].rows_after)


def _failing(outcome: Outcome) -> dict[str, int]:
    """Rows by failed check, without those that have no match: nobody plants these, so no truth counts them."""
    checks = (result for result in outcome.checks if result.check.expect != REFERENCE)
    of_rows = (result for result in checks if result.check.scope == "row")
    return {result.check.id: result.unexpected_count for result in of_rows if result.unexpected_count}


def _of_answer(name: str, expected: Sequence[Sequence[Any]], actual: Sequence[Sequence[Any]]) -> Iterator[str]:
    if len(expected) != len(actual):
        yield f"{name}: {len(actual)} rows, expected {len(expected)}"
    for expected_row, row in zip(expected, actual, strict=False):
        if not _same_row(expected_row, row):
            yield f"{name}: {list(row)}, expected {list(expected_row)}"


def same_rows(expected: Sequence[Sequence[Any]], actual: Sequence[Sequence[Any]]) -> bool:
    """True when two answers have the same rows in the same order, doubles within `CLOSE`."""
    return len(expected) == len(actual) and all(map(_same_row, expected, actual))


def _same_row(expected: Sequence[Any], actual: Sequence[Any]) -> bool:
    return len(expected) == len(actual) and all(map(_same_value, expected, actual))


def _same_value(expected: Any, actual: Any) -> bool:
    if isinstance(expected, float) and actual is not None:
        return math.isclose(expected, float(actual), rel_tol=CLOSE)
    return bool(expected == actual)


def _difference(dataset: str, count: str, expected: Any, actual: Any) -> Iterator[str]:
    if expected != actual:
        yield f"{dataset}: {count} is {actual}, expected {expected}"
