"""What the lake says in the end, asked through Athena as an analyst asks, and held against the planted truth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, cast

from headgate.demo.compare import differences
from headgate.demo.truth import Truth
from headgate.errors import RunFailed
from headgate.outcome import Outcome
from rehearsal.queries import Queries

_BY_GENRE = 'SELECT genre, SUM(tracks) AS tracks FROM "{prefix}genre_by_year" GROUP BY genre ORDER BY genre'


@dataclass(frozen=True)
class Said:
    """The rows of each table and of each saved query, and everything that is not as planted."""

    rows: Mapping[str, int]
    saved: Mapping[str, int]
    wrong: list[str]


def read_back(asked: Queries, prefix: str, truth: Truth, saved: Mapping[str, str]) -> Said:
    """Ask for the number of rows of every table, the saved queries, and tracks by genre, all at once."""
    names = [*truth["datasets"], *truth["marts"]]
    counting = {name: asked.submit(f'SELECT COUNT(*) FROM "{prefix}{name}"') for name in names}
    saving = {name: asked.submit(sql) for name, sql in saved.items()}
    genres = asked.submit(_BY_GENRE.format(prefix=prefix))
    rows = {name: int(asked.rows(query)[0][0]) for name, query in counting.items()}
    found: dict[str, list[Any]] = {name: asked.rows(query) for name, query in saving.items()}
    # The rows that were there before are not zero here: what a run counted stands in its report, not in the tables.
    told = {
        name: cast(Outcome, SimpleNamespace(status="", rows_before=1, rows_after=count)) for name, count in rows.items()
    }
    wrong = differences(truth, told, {**found, "tracks_by_genre": asked.rows(genres)})
    wrong += [f"{name}: the saved query finds nothing" for name, said in found.items() if not said]
    return Said(rows, {name: len(said) for name, said in found.items()}, wrong)


def saved_queries(athena: Any, workgroup: str) -> dict[str, str]:
    """What an analyst finds saved in the workgroup: name and SQL. Raises `RunFailed` where there is nothing."""
    ids = athena.list_named_queries(WorkGroup=workgroup)["NamedQueryIds"]
    if not ids:
        raise RunFailed("no query is saved", where=f"Athena, {workgroup}")
    found = athena.batch_get_named_query(NamedQueryIds=ids)["NamedQueries"]
    return {one["Name"]: one["QueryString"] for one in found}
