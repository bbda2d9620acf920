"""The refused rows that `headgate quarantine` shows."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from glob import escape
from pathlib import Path
from typing import Any

import duckdb

from headgate.columns import OBJECT, REASONS, RECORD, RUN, VALUES
from headgate.errors import UnusableArgument
from headgate.lake.ledger import read_ledger
from headgate.lake.paths import Lake, quarantine_folder, quarantine_of_run
from headgate.publish.formats import published
from headgate.request import command_line

_SELECT = f"""
SELECT {RUN}, {OBJECT}, {RECORD}, {REASONS}, map_entries({VALUES})
FROM read_parquet(?, hive_partitioning = true, hive_types = {{'{RUN}': VARCHAR}})
"""
_NEWEST = f"QUALIFY {RUN} = max({RUN}) OVER (PARTITION BY {OBJECT})"
_ORDER = f"ORDER BY {RUN} DESC, {OBJECT}, {RECORD}"
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_RUN = re.compile(r"\d{8}T\d{6}Z.*")


@dataclass(frozen=True)
class RefusedRow:
    """One refused row: `record` identifies it, `values` are its texts as read (classified ones masked)."""

    run: str
    object: str
    record: str
    reasons: Sequence[str]
    values: Mapping[str, str]

    def as_dict(self) -> dict[str, Any]:
        """As JSON wants it."""
        return asdict(self)


@dataclass(frozen=True)
class Wanted:
    """Refused rows with a reason that contains `reason`, of objects that match the glob `file`, and runs `since`.

    `since` is a day in UTC, `2026-01-31`, or a run. Raises `UnusableArgument` for another word.
    """

    reason: str = ""
    file: str = ""
    since: str = ""

    def __post_init__(self) -> None:
        if self.since and not _DAY.fullmatch(self.since) and not _RUN.fullmatch(self.since):
            remedy = "Write a day as `2026-01-31`, or the name of a run: `headgate runs`."
            raise UnusableArgument(f"`--since {self.since}` is neither a day nor a run", remedy=remedy)

    def matches(self, row: RefusedRow) -> bool:
        """Whether the row is wanted."""
        wanted = self.reason.lower()
        by_reason = not wanted or any(wanted in reason.lower() for reason in row.reasons)
        by_file = not self.file or any(fnmatchcase(path, self.file) for path in (row.object, _name(row.object)))
        since = self.since.replace("-", "") if _DAY.fullmatch(self.since) else self.since
        return by_reason and by_file and row.run >= since


EVERY_ROW = Wanted()


def refused_rows(
    lake: Lake, dataset: str, run: str = "", *, every_run: bool = False, wanted: Wanted = EVERY_ROW, given: str = "lake"
) -> list[RefusedRow]:
    """The refused rows of each object as it was last read, or of one run, or of every run; the newest run is first.

    `given` is the lake's address as it was typed. Raises `UnusableArgument` when there are none that are wanted, and
    says where there are some.
    """
    files = sorted(Path(lake.storage.root).glob(f"{quarantine_of_run(dataset, escape(run) or '*')}/*.parquet"))
    if not files:
        raise _none(lake, dataset, run, _other_datasets(lake))
    newest = not run and not every_run
    select = f"{_SELECT} {_NEWEST if newest else ''} {_ORDER}"
    rows = duckdb.connect().execute(select, [[str(file) for file in files]])
    shown = [RefusedRow(*row[:4], values=_texts(row[4])) for row in rows.fetchall()]
    if newest:
        shown = list(_not_read_since(lake, dataset, shown))
    if not shown:
        again = command_line("quarantine", dataset, "--every-run", given={"lake": given})
        raise _none(lake, dataset, run, f"Rows that were refused in earlier runs: `{again}`.")
    matching = [row for row in shown if wanted.matches(row)]
    if not matching:
        reasons = ", ".join(f"`{reason}`" for reason in dict.fromkeys(r for row in shown for r in row.reasons[:1]))
        what = f"none of the {len(shown):,} refused rows of `{dataset}` matches"
        raise UnusableArgument(what, where=lake.storage.root, remedy=f"Their reasons: {reasons}.")
    return matching


@dataclass(frozen=True)
class Count:
    """How many refused rows of a file have a reason; a row with two reasons counts for both."""

    reason: str
    file: str
    rows: int


def counts(rows: Sequence[RefusedRow]) -> list[Count]:
    """The rows per reason and file, the most first."""
    pairs = Counter((reason, row.object) for row in rows for reason in row.reasons)
    return [Count(*pair, number) for pair, number in sorted(pairs.items(), key=lambda item: (-item[1], item[0]))]


def _name(path: str) -> str:
    return path.rpartition("/")[2]


def _not_read_since(lake: Lake, dataset: str, rows: Sequence[RefusedRow]) -> Iterator[RefusedRow]:
    """Leave out rows of an object that a later run has read and published without refusing anything of it."""
    table = published(lake).get(dataset)
    entries = read_ledger(lake.storage, dataset, table.pointer() if table else None).entries
    for row in rows:
        entry = entries.get(row.object)
        if entry is None or entry.run <= row.run:
            yield row


def _none(lake: Lake, dataset: str, run: str, remedy: str) -> UnusableArgument:
    of_run = f" in run {run}" if run else ""
    return UnusableArgument(f"no refused row of `{dataset}`{of_run}", where=lake.storage.root, remedy=remedy)


def _other_datasets(lake: Lake) -> str:
    root = Path(lake.storage.root)
    known = sorted(folder.name for folder in root.glob(quarantine_folder("*")) if folder.is_dir())
    return f"Refused rows exist for: {', '.join(known)}." if known else "This lake has no refused rows."


def _texts(entries: Sequence[Mapping[str, str]] | None) -> dict[str, str]:
    return {entry["key"]: entry["value"] for entry in entries or ()}
