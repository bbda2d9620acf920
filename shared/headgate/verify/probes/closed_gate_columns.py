"""A closed gate changes no column of the table, even under a contract with one more column."""

from __future__ import annotations

from headgate.lake.paths import TEMPORARY
from headgate.verify.iceberg_metadata import IcebergMetadata
from headgate.verify.probe import Probe, require
from headgate.verify.probe_dataset import DATASET, EXTRA, GOOD, WIDE, widened_text
from headgate.verify.probed_lake import ProbedLake

SQL = "SELECT * FROM {table} ORDER BY probe_id"


def _look(lake: ProbedLake) -> str:
    lake.published_run()
    table, answer = lake.table_metadata(), lake.ask(SQL)
    require(len(answer.rows) == GOOD.kept, f"before the run Athena shows {len(answer.rows)} rows, expected {GOOD.kept}")
    _close_under_the_widened_contract(lake)
    table_after, answer_after = lake.table_metadata(), lake.ask(SQL)
    require(
        list(answer_after.columns) == list(answer.columns),
        f"Athena's columns were {_names(answer.columns)} and are {_names(answer_after.columns)}",
    )
    require(answer_after.rows == answer.rows, "Athena shows other rows than before the gate closed")
    before, after = _schema(table), _schema(table_after)
    require(after == before, f"the table's columns were {before} and are {after}")
    return f"{len(answer.columns)} columns and {len(answer.rows)} rows before and after; `{EXTRA}` was never added"


def _close_under_the_widened_contract(lake: ProbedLake) -> None:
    """Pass the contract with `--project`. Outside the release the job may read it only below its own `_temp`."""
    root = lake.job.lake_root
    project = f"{TEMPORARY}/{DATASET}/verify-{lake.token}"
    key = root.key(f"{project}/contracts/{DATASET}.yaml")
    lake.write(root.bucket, key, widened_text().encode())
    lake.closed_run(WIDE, project=root.uri(project))
    lake.remove(root.bucket, key)


def _schema(table: IcebergMetadata) -> tuple[list[tuple[str, str]], int]:
    return table.columns, table.last_column_id


def _names(columns: object) -> str:
    return ", ".join(name for name, _ in columns)  # type: ignore[attr-defined]


PROBE = Probe(
    name="closed-gate-columns",
    claim="a closed gate changes no column",
    sent="the contract with one more column and a file that has it; the gate closes at the audit",
    look=_look,
)
