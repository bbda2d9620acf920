"""One publication. How it is made depends on the table's state; its order never does: audit, count, ledger, publish."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from headgate.columns import RUN
from headgate.contract.model import Contract
from headgate.errors import RunFailed
from headgate.publish.change import Change
from headgate.publish.table import Table


@dataclass(frozen=True)
class Steps:
    """What the caller does in between: audit the table as it would be, check its row count, write the ledger, log.

    `written` gets the number of rows that the table would have, as soon as they are written: what the writing job has
    counted is known then.
    """

    audit: Callable[[DataFrame], None]
    count: Callable[[int], None]
    ledger: Callable[[], str]
    log: Callable[..., None]
    written: Callable[[int], None] = lambda rows: None


def publish_change(table: Table, change: Change, stored: DataFrame | None, contract: Contract, steps: Steps) -> str:
    """Publish the change and return the ledger's pointer. If a step fails, readers keep what they had."""
    difference = table.difference() if table.exists else None
    try:
        if difference is None or (change.whole and not difference.none):
            proposed, audited = table.stage(change.proposed(None, contract), replace=difference is not None), False
            show = table.create
        elif difference.rebuild:
            raise needs_rebuild(contract, difference.rebuild)
        else:
            audited = difference.additive
            if audited:
                steps.audit(change.unwatched().proposed(stored, contract))
                table.add_columns(difference)
            proposed, show = table.prepare(change), table.publish
        steps.log("branch")
        rows = proposed.count()
        steps.written(rows)
        if not audited:
            steps.audit(proposed)
        steps.count(rows)
        if change.updated:
            _require_every_update(proposed, change, contract)
        steps.log("audited")
        pointer = steps.ledger()
        steps.log("ledger")
        show(pointer)
    except BaseException:
        table.discard()
        raise
    steps.log("published")
    _verify(table, contract, rows, pointer, first=difference is None)
    return pointer


def needs_rebuild(contract: Contract, differences: tuple[str, ...]) -> RunFailed:
    """The error for a contract that the published table can follow only by a rebuild."""
    remedy = f"Rebuild the table from staging: `headgate run {contract.dataset} --full`."
    what = f"the published table does not match the contract: {'; '.join(differences)}"
    return RunFailed(what, where=contract.file, remedy=remedy)


def _require_every_update(proposed: DataFrame, change: Change, contract: Contract) -> None:
    """Count the rows that carry this run's name: a lost update would not change the number of rows."""
    written = proposed.where(F.col(RUN) == change.run).count()
    if written != change.inserted + change.updated:
        raise RunFailed(
            f"the rows do not add up: {written} rows of this run are in the table to be published, "
            f"but inserted {change.inserted} + updated {change.updated} is {change.inserted + change.updated}",
            where=contract.dataset,
            remedy="Nothing was published. Run again, and report it if it happens again.",
        )


def _verify(table: Table, contract: Contract, audited: int, pointer: str, *, first: bool) -> None:
    """Read the published table back: it must have as many rows as were audited. A first table that has not is removed.

    When the ledger's pointer is no longer ours, another writer has published after us, and checked its own count.
    """
    published = table.stored()
    rows = published.count() if published is not None else -1
    if rows == audited or table.pointer() != pointer:
        return
    if first:
        table.withdraw()
    remedy = "Run again" if first else f"Take it back with `headgate rollback {contract.dataset}`"
    what = f"the published table has {rows} rows, {audited} were audited"
    raise RunFailed(what, where=contract.dataset, remedy=f"{remedy}, and report this.")
