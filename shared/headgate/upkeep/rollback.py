"""Rollback: show a former publication again and put its dataset on hold; `resume` ends the hold.

Without the hold the next run would publish the same again: to the ledger of the former publication, everything that
was read since is new.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from pyspark.sql import SparkSession

from headgate.contract.model import Contract
from headgate.errors import RunFailed, UnusableArgument
from headgate.lake.lock import writing
from headgate.lake.paths import Lake
from headgate.outcome import Outcome
from headgate.publish.formats import table_of
from headgate.publish.former import Former
from headgate.publish.table import Table
from headgate.spark.errors import explained

HOLD = "hold"  # the reason of an outcome that was skipped because its dataset is on hold


def on_hold(table: Table, outcome: Outcome, resume: str) -> bool:
    """True when the table is on hold; the outcome is then `skipped`, with the reason and the command `resume` noted."""
    held = table.held()
    if held is not None:
        outcome.status, outcome.reason = "skipped", HOLD
        outcome.notes.append(f"on hold: {held}; to end the hold: `{resume}`")
    return held is not None


def publications(spark: SparkSession, lake: Lake, contract: Contract) -> tuple[str | None, Sequence[Former]]:
    """The ledger that is published now, and the publications before it that can be put back, the newest first."""
    table = _table(spark, lake, contract)
    with explained(contract, lake):
        return table.pointer(), table.former()


def roll_back(spark: SparkSession, lake: Lake, contract: Contract, to: str = "") -> Former:
    """Show the publication of the run `to` again (by default the one before the current), and put the table on hold.

    Raises `UnusableArgument` when there is no such publication, `RunFailed` when the table no longer has its columns.
    """
    table = _table(spark, lake, contract)
    with explained(contract, lake), writing(lake, contract.dataset):
        candidates = table.former()
        chosen = next((former for former in candidates if to in ("", former.run)), None)
        if chosen is None:
            known = ", ".join(former.run for former in candidates) or "none"
            what = f"there is no former publication {to}".rstrip() + f" of `{contract.dataset}`"
            raise UnusableArgument(what, where=contract.file, remedy=f"Those that can be put back: {known}.")
        since = Former(str(table.pointer()), str(table.version())).run
        table.put_back(chosen, f"rolled back from {since} to {chosen.run} at {_now()}")
        return chosen


def put_on_hold(spark: SparkSession, lake: Lake, contract: Contract, reason: str = "") -> None:
    """Let no run publish into the table until `resume`."""
    table = published_table(spark, lake, contract)
    with explained(contract, lake), writing(lake, contract.dataset):
        table.hold(f"{reason or 'no reason given'}, at {_now()}")


def resume(spark: SparkSession, lake: Lake, contract: Contract) -> str | None:
    """Let runs publish again. Returns the reason of the hold that has ended, or None when there was no hold."""
    table = published_table(spark, lake, contract)
    with explained(contract, lake), writing(lake, contract.dataset):
        held = table.held()
        if held is not None:
            table.hold(None)
        return held


def published_table(spark: SparkSession, lake: Lake, contract: Contract) -> Table:
    """The table of a contract. Raises `RunFailed` when it was never published."""
    table = _table(spark, lake, contract)
    if not table.exists:
        remedy = f"Publish it first: `headgate run {contract.dataset}`."
        raise RunFailed(f"`{contract.dataset}` was never published", where=contract.file, remedy=remedy)
    return table


def _table(spark: SparkSession, lake: Lake, contract: Contract) -> Table:
    session = lake.session(spark)
    return table_of(lambda: session, lake, contract, "rollback")


def _now() -> str:
    return f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
