"""A closed gate changes no column, even under a contract that has one column more."""

from __future__ import annotations

from headgate.lake.paths import TEMPORARY
from headgate.verify.iceberg_metadata import TableFile
from headgate.verify.probe import Probe, insist
from headgate.verify.probe_dataset import DATASET, EXTRA, GOOD, WIDE, widened_text
from headgate.verify.probed_lake import Scene

SQL = "SELECT * FROM {table} ORDER BY probe_id"


def _look(scene: Scene) -> str:
    scene.published()
    table, seen = scene.table(), scene.ask(SQL)
    insist(len(seen.rows) == GOOD.kept, f"before the run Athena shows {len(seen.rows)} rows, expected {GOOD.kept}")
    _closed_under_the_widened_contract(scene)
    after, seen_after = scene.table(), scene.ask(SQL)
    insist(
        list(seen_after.columns) == list(seen.columns),
        f"Athena's columns were {_names(seen.columns)} and are {_names(seen_after.columns)}",
    )
    insist(seen_after.rows == seen.rows, "Athena shows other rows than before the gate closed")
    insist(_state(after) == _state(table), f"the table's columns were {_state(table)} and are {_state(after)}")
    return f"{len(seen.columns)} columns and {len(seen.rows)} rows before and after; `{EXTRA}` was never added"


def _closed_under_the_widened_contract(scene: Scene) -> None:
    """The job reads its contracts from where `--project` says; there it may read below its own `_temp` only."""
    lake = scene.target.lake
    project = f"{TEMPORARY}/{DATASET}/verify-{scene.token}"
    key = lake.key(f"{project}/contracts/{DATASET}.yaml")
    scene.write(lake.bucket, key, widened_text().encode())
    scene.closed_run(WIDE, project=lake.uri(project))
    scene.take_away(lake.bucket, key)


def _state(table: TableFile) -> tuple[list[tuple[str, str]], int]:
    return table.columns, table.ever_columns


def _names(columns: object) -> str:
    return ", ".join(name for name, _ in columns)  # type: ignore[attr-defined]


PROBE = Probe(
    name="closed-gate-columns",
    claim="columns are unchanged after a closed gate",
    sent="the contract with a column more and a file that has it, closed at the audit",
    look=_look,
)
