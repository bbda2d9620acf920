"""A DuckDB script: the same rows, without checks, audit and ledger, as Parquet by day."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmarks.contract import described
from benchmarks.meter import Meter

_DUCKDB = {"string": "VARCHAR", "timestamp_ntz": "TIMESTAMP", "int": "INTEGER"}


def work(spark: None, meter: Meter, source: Path, out: Path, contracts: Path) -> dict[str, Any]:
    """One statement."""
    import duckdb

    table = described(contracts)
    casts = ", ".join(f"TRY_CAST({name} AS {_DUCKDB.get(kind, kind)}) AS {name}" for name, kind in table.types.items())
    required = " AND ".join(f"{name} IS NOT NULL" for name in table.required)
    target = out / "duckdb"
    target.parent.mkdir(parents=True, exist_ok=True)
    duckdb.connect().execute(f"""
        COPY (
            SELECT *, happened::DATE AS day FROM (
                SELECT {casts} FROM read_csv('{source}/events/*.csv', header = true, all_varchar = true)
            ) WHERE {required} QUALIFY row_number() OVER (PARTITION BY event_id ORDER BY happened DESC) = 1
        ) TO '{target}' (FORMAT parquet, PARTITION_BY (day), COMPRESSION zstd)
    """)
    return {}
