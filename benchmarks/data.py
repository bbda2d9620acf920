"""The data: seeded, so that every machine measures the same rows. DuckDB writes them, in seconds per million rows.

`events` has a key, of which one row in ten is a newer version of an older one, an enum, a time, a partition of 30 days,
numbers and texts. A dirty row has the text `lots` as its amount.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

SEED = 20260102
DAYS = 30
TYPES = {
    "event_id": "bigint",
    "kind": "string",
    "happened": "timestamp_ntz",
    "country": "string",
    "amount": "decimal(12,2)",
    "quantity": "int",
    "rate": "double",
    "note": "string",
    "user_id": "int",
    "paid": "boolean",
}
NARROW, WIDE = len(TYPES), 60

# A number from 0 to below 1 for row `i` and column `c`, the same everywhere: DuckDB's own `hash` may change.
_DICE = f"""
CREATE MACRO mixed(x) AS xor(x, x >> 15) & 4294967295;
CREATE MACRO dice(i, c) AS
    (mixed((mixed((i * 2654435761 + c * 40503 + {SEED}) & 4294967295)::UBIGINT * 2246822519) & 4294967295)::DOUBLE)
    / 4294967296;
"""


@dataclass(frozen=True)
class Data:
    """What to make: rows, in how many files; the share of dirty rows; the share of rows with one and the same key.

    `first` is the number of the first file, so that a second batch can follow. Its rows are newer versions of the same
    keys; `moved` puts them into other partitions than before, and `corrected` gives them the time that they had.
    """

    rows: int
    files: int = 16
    columns: int = NARROW
    dirt: float = 0.01
    one_key: float = 0.0
    repeated: float = 0.1  # the share of rows that are a newer version of an older row's key
    first: int = 0
    every: int = 1  # 1: neighbouring keys; 100: every hundredth key
    moved: bool = False
    corrected: bool = False
    days: int = DAYS
    headers: int = 1  # how many orders of the columns the files have, in turn

    @property
    def keys(self) -> int:
        """How many different keys there are."""
        return max(1, round(self.rows * (1 - self.repeated)))


def make(data: Data, folder: Path) -> Path:
    """Write the files below `folder`/events unless they are there, and return `folder`."""
    done = folder / "_made"
    if done.exists():
        return folder
    import duckdb

    shutil.rmtree(folder, ignore_errors=True)
    at = folder / "events"
    at.mkdir(parents=True)
    connection = duckdb.connect()
    connection.execute("SET threads = 1; SET preserve_insertion_order = true")
    connection.execute(_DICE)
    size = -(-data.rows // data.files)
    for number in range(data.files):
        start, end = number * size, min((number + 1) * size, data.rows)
        file = at / f"{data.first + number:06}.csv"
        rows = f"SELECT {_order(number % data.headers)} FROM ({_select(data, start, end)})"
        connection.execute(f"COPY ({rows}) TO '{file}' (HEADER, DELIMITER ',')")
    done.touch()
    return folder


def _order(first: int) -> str:
    """All columns, that of this number first."""
    names = list(TYPES)
    return f"{names[first]}, * EXCLUDE {names[first]}" if first else "*"


def _select(data: Data, start: int, end: int) -> str:
    """The rows of one file. No two rows of a key have the same time, so every contender keeps the same one."""
    key = f"(i % {data.keys}) * {data.every} + 1"
    if data.one_key:
        key = f"CASE WHEN dice(i, 9) < {data.one_key} THEN 0 ELSE {key} END"
    day = f"(i * {data.every} * 7) % {data.days} + {11 if data.moved else 0}"
    version = f"(i // {data.keys}) + {1 if data.first and not data.corrected else 0}"
    more = "".join(f", (dice(i, {100 + c}) * 1000)::INT AS m{c:02}" for c in range(data.columns - NARROW))
    return f"""
        SELECT {key} AS event_id,
            ['view', 'cart', 'order', 'back'][1 + (dice(i, 1) * 4)::INT % 4] AS kind,
            strftime(TIMESTAMP '2026-01-01' + to_days(({day})::INT)
                + to_seconds((i * 13) % 43200 + 43200 * least({version}, 1)), '%Y-%m-%d %H:%M:%S') AS happened,
            ['IT', 'DE', 'FR', 'ES', 'PT'][1 + (dice(i, 2) * 5)::INT % 5] AS country,
            CASE WHEN dice(i, 3) < {data.dirt} THEN 'lots' ELSE printf('%.2f', dice(i, 4) * 1000) END AS amount,
            (dice(i, 5) * 100)::INT AS quantity,
            printf('%.4f', dice(i, 6)) AS rate,
            'note ' || (dice(i, 7) * 1000000)::INT AS note,
            (dice(i, 8) * 50000)::INT AS user_id,
            CASE WHEN dice(i, 10) < 0.5 THEN 'true' ELSE 'false' END AS paid{more}
        FROM (SELECT range AS i FROM range({start}, {end}))
    """
