"""The refused rows that `headgate quarantine` shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb

from headgate.columns import OBJECT, REASONS, RECORD, RUN, VALUES
from headgate.errors import UnusableArgument
from headgate.lake.paths import Lake, quarantine_folder, quarantine_of_run

_SELECT = f"""
SELECT {RUN}, {OBJECT}, {RECORD}, {REASONS}, map_entries({VALUES})
FROM read_parquet(?, hive_partitioning = true, hive_types = {{'{RUN}': VARCHAR}})
QUALIFY {RUN} = max({RUN}) OVER (PARTITION BY {OBJECT})
ORDER BY {RUN}, {OBJECT}, {RECORD}
"""


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


def refused_rows(lake: Lake, dataset: str, run: str = "") -> list[RefusedRow]:
    """The refused rows of each object's newest run, or of one run.

    Raises `UnusableArgument` when the dataset has none, naming the datasets that have.
    """
    root = Path(lake.storage.root)
    files = sorted(root.glob(f"{quarantine_of_run(dataset, run or '*')}/*.parquet"))
    if not files:
        known = sorted(folder.name for folder in root.glob(quarantine_folder("*")) if folder.is_dir())
        remedy = f"Refused rows exist for: {', '.join(known)}." if known else "This lake has no refused rows."
        raise UnusableArgument(
            f"no refused row of `{dataset}`" + (f" in run {run}" if run else ""), where=lake.storage.root, remedy=remedy
        )
    rows = duckdb.connect().execute(_SELECT, [[str(file) for file in files]])
    return [RefusedRow(*row[:4], values=_texts(row[4])) for row in rows.fetchall()]


def _texts(entries: Sequence[Mapping[str, str]] | None) -> dict[str, str]:
    return {entry["key"]: entry["value"] for entry in entries or ()}
