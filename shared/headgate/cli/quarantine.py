"""Refused rows, as `headgate quarantine` shows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb

from headgate.errors import UnusableArgument
from headgate.lake.paths import Lake


@dataclass(frozen=True)
class RefusedRow:
    """One refused row: `record` identifies it, `values` are its texts as they came (classified ones masked)."""

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
    top = Path(lake.storage.root, "quarantine")
    files = sorted(top.glob(f"{dataset}/_run={run or '*'}/*.parquet"))
    if not files:
        known = sorted(folder.name for folder in top.glob("*") if folder.is_dir())
        remedy = f"Refused rows exist for: {', '.join(known)}." if known else "No row of this lake was ever refused."
        raise UnusableArgument(
            f"no refused row of `{dataset}`" + (f" in run {run}" if run else ""), where=lake.storage.root, remedy=remedy
        )
    rows = duckdb.connect().execute(
        "SELECT _run, _object, _record, _reasons, map_entries(_values) FROM read_parquet(?, hive_partitioning = true, "
        "hive_types = {'_run': VARCHAR}) QUALIFY _run = max(_run) OVER (PARTITION BY _object) "
        "ORDER BY _run, _object, _record",
        [[str(file) for file in files]],
    )
    return [
        RefusedRow(r[0], r[1], r[2], r[3], {one["key"]: one["value"] for one in r[4] or ()}) for r in rows.fetchall()
    ]
