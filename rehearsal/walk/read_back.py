"""What the lake says in the end, asked through Athena as an analyst asks, and held against what is known."""

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
from rehearsal.walk.staged_files import Arrived

_BY_GENRE = 'SELECT genre, SUM(tracks) AS tracks FROM "{prefix}genre_by_year" GROUP BY genre ORDER BY genre'


@dataclass(frozen=True)
class Said:
    """The rows of each table and of each saved query, the questions answered as known, and everything that is wrong."""

    rows: Mapping[str, int]
    saved: Mapping[str, int]
    right: Sequence[str] = ()
    wrong: list[str] = field(default_factory=list)


def read_back(asked: Queries, prefix: str, arrived: Arrived, told: Mapping[str, int], saved: Mapping[str, str]) -> Said:
    """Ask for the number of rows of every table, for the saved queries and for what is known, all at once.

    `told` has the rows of every dataset and mart as the runs' own reports say.
    """
    counting = {name: asked.submit(f'SELECT COUNT(*) FROM "{prefix}{name}"') for name in told}
    saving = {name: asked.submit(sql) for name, sql in saved.items()}
    questions = [(one, asked.submit(one.sql)) for one in arrived.questions]
    genres = asked.submit(_BY_GENRE.format(prefix=prefix)) if arrived.truth else ""
    rows = {name: int(asked.rows(query)[0][0]) for name, query in counting.items()}
    found: dict[str, list[Any]] = {name: asked.rows(query) for name, query in saving.items()}
    wrong = [f"{name}: {rows[name]} rows, its last report says {count}" for name, count in told.items()
             if rows[name] != count]  # fmt: skip
    wrong += [f"{name}: the saved query finds nothing" for name, said in found.items() if not said]
    answers = [(one, asked.rows(query)) for one, query in questions]
    right = [one.what for one, said in answers if same_rows(one.result, said)]
    wrong += [f"{one.what}: {said}, known is {one.result}" for one, said in answers if one.what not in right]
    if arrived.truth:
        wrong += _not_as_planted(arrived.truth, rows, {**found, "tracks_by_genre": asked.rows(genres)})
    return Said(rows, {name: len(said) for name, said in found.items()}, right, wrong)


def _not_as_planted(truth: Truth, rows: Mapping[str, int], answers: Mapping[str, Sequence[Any]]) -> list[str]:
    missing = [name for name in (*truth["datasets"], *truth["marts"]) if name not in rows]
    if missing:
        return [f"{name}: no run has made it" for name in missing]
    # The rows that were there before are not zero here: what a run counted stands in its report, not in the tables.
    said = {
        name: cast(Outcome, SimpleNamespace(status="", rows_before=1, rows_after=count)) for name, count in rows.items()
    }
    return differences(truth, said, answers)


def saved_queries(athena: Any, workgroup: str) -> dict[str, str]:
    """What an analyst finds saved in the workgroup: name and SQL. Raises `RunFailed` where there is nothing."""
    ids = athena.list_named_queries(WorkGroup=workgroup)["NamedQueryIds"]
    if not ids:
        raise RunFailed("no query is saved", where=f"Athena, {workgroup}")
    found = athena.batch_get_named_query(NamedQueryIds=ids)["NamedQueries"]
    return {one["Name"]: one["QueryString"] for one in found}
