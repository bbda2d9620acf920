"""Read the lake's tables through Athena as an analyst does, and compare them with what is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

from headgate.demo.compare import differences, same_rows
from headgate.demo.truth import Truth
from headgate.errors import RunFailed
from headgate.outcome import Outcome
from rehearsal.walk.queries import Queries
from rehearsal.walk.staged_files import StagedFiles

_BY_GENRE = 'SELECT genre, SUM(tracks) AS tracks FROM "{prefix}genre_by_year" GROUP BY genre ORDER BY genre'


@dataclass(frozen=True)
class Answers:
    """The rows of each table and of each saved query, the confirmed questions, and everything that is wrong."""

    rows: Mapping[str, int]
    saved: Mapping[str, int]
    confirmed: Sequence[str] = ()
    wrong: list[str] = field(default_factory=list)


def read_back(
    queries: Queries, prefix: str, staged: StagedFiles, recorded: Mapping[str, int], saved: Mapping[str, str]
) -> Answers:
    """Count the rows of every table, run the saved queries, and ask for the known figures, all at once.

    `recorded` has the rows of every dataset and mart from the runs' own reports.
    """
    counting = {name: queries.submit(f'SELECT COUNT(*) FROM "{prefix}{name}"') for name in recorded}
    saving = {name: queries.submit(sql) for name, sql in saved.items()}
    asking = [(question, queries.submit(question.sql)) for question in staged.questions]
    genres = queries.submit(_BY_GENRE.format(prefix=prefix)) if staged.truth else ""
    counts = {name: int(queries.rows(query)[0][0]) for name, query in counting.items()}
    results: dict[str, list[Any]] = {name: queries.rows(query) for name, query in saving.items()}
    wrong = [
        f"{name}: {counts[name]} rows, its last report says {count}"
        for name, count in recorded.items()
        if counts[name] != count
    ]
    wrong += [f"{name}: the saved query returns no rows" for name, rows in results.items() if not rows]
    answers = [(question, queries.rows(query)) for question, query in asking]
    confirmed = [question.what for question, rows in answers if same_rows(question.result, rows)]
    wrong += [
        f"{question.what}: {rows}, expected {question.result}"
        for question, rows in answers
        if question.what not in confirmed
    ]
    if staged.truth:
        wrong += _not_as_planted(staged.truth, counts, {**results, "tracks_by_genre": queries.rows(genres)})
    return Answers(counts, {name: len(rows) for name, rows in results.items()}, confirmed, wrong)


def _not_as_planted(truth: Truth, counts: Mapping[str, int], results: Mapping[str, Sequence[Any]]) -> list[str]:
    missing = [name for name in (*truth["datasets"], *truth["marts"]) if name not in counts]
    if missing:
        return [f"{name}: no run has made it" for name in missing]
    # With rows before the run, only the rows of the tables are compared; a run's other counts are not in the tables.
    outcomes = {
        name: cast(Outcome, SimpleNamespace(status="", rows_before=1, rows_after=count))
        for name, count in counts.items()
    }
    return differences(truth, outcomes, results)


def saved_queries(athena: Any, workgroup: str) -> dict[str, str]:
    """The queries saved in the workgroup: name and SQL. Raises `RunFailed` where there is none."""
    ids = athena.list_named_queries(WorkGroup=workgroup)["NamedQueryIds"]
    if not ids:
        raise RunFailed("no query is saved", where=f"Athena, {workgroup}")
    named = athena.batch_get_named_query(NamedQueryIds=ids)["NamedQueries"]
    return {query["Name"]: query["QueryString"] for query in named}
