"""The frame around every dataset's and mart's run: lock, leftovers, hold, gate, publication, clean-up.

`refine` and `build_mart` differ in where their rows come from and in what they change; everything else is here, once.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from pyspark.sql import DataFrame, SparkSession

from headgate.columns import KEPT, REFUSED
from headgate.contract.model import Contract
from headgate.gate.decision import require_open_gate, require_passed_audit
from headgate.gate.gate import gate
from headgate.gate.judged import JudgedRows, write_judged
from headgate.gate.mask import Keys
from headgate.gate.quarantine import keep_refused
from headgate.gate.samples import with_samples
from headgate.lake.leftovers import clear_leftovers
from headgate.lake.lock import writing
from headgate.lake.paths import Lake
from headgate.outcome import Outcome
from headgate.publish.audit import audited
from headgate.publish.change import Change
from headgate.publish.formats import table_of
from headgate.publish.step import Steps, publish_change
from headgate.publish.table import Table
from headgate.request import RunRequest
from headgate.spark.errors import explained
from headgate.upkeep.rollback import on_hold


@dataclass(frozen=True)
class DatasetRun:
    """One dataset or mart in one run: what its steps share."""

    session: SparkSession
    lake: Lake
    contract: Contract
    request: RunRequest
    outcome: Outcome
    table: Table

    @property
    def work(self) -> str:
        """The folder of everything that this run has written and not yet published."""
        return self.lake.work(self.request.run, self.contract.dataset)

    def log(self, step: str, **facts: object) -> None:
        """Log a step of this dataset."""
        self.request.log(step, dataset=self.contract.dataset, **facts)

    @contextmanager
    def timed(self, step: str) -> Iterator[None]:
        """Log the step's beginning, and add its seconds to the outcome."""
        self.log(step)
        start = time.monotonic()
        try:
            yield
        finally:
            spent = self.outcome.seconds.get(step, 0.0) + time.monotonic() - start
            self.outcome.seconds[step] = round(spent, 3)


def dataset_run(
    spark: SparkSession, lake: Lake, contract: Contract, request: RunRequest, outcome: Outcome
) -> DatasetRun:
    """A run of one dataset or mart, in a session of its own."""
    session = lake.session(spark)
    return DatasetRun(session, lake, contract, request, outcome, table_of(session, lake, contract, request.run))


@contextmanager
def framed(run: DatasetRun) -> Iterator[bool]:
    """Take the dataset's lock, remove what dead runs left, and yield whether the run may go ahead (not on hold).

    At the end, even after an error, the work folder of this run is removed. A dry run takes no lock and writes
    nothing. Known errors of Spark and of the machine leave as errors a person can act on.
    """
    with explained(run.contract, run.lake):
        if run.request.dry:
            yield not on_hold(run.table, run.outcome)
            return
        with writing(run.lake, run.contract.dataset, lambda: run.log("waiting")):
            run.log("leftovers")
            run.table.clear_leftovers()
            clear_leftovers(run.lake, run.contract.dataset)
            if on_hold(run.table, run.outcome):
                yield False
                return
            try:
                yield True
            finally:
                run.log("cleanup")
                run.lake.storage.delete(run.work)


def judge_rows(run: DatasetRun, rows: DataFrame, keys: Keys) -> JudgedRows:
    """Judge `rows` and write them into the work folder by verdict, in one pass."""
    return write_judged(rows, gate(run.contract), keys, run.request.run, run.lake.place(f"{run.work}/judged"))


def pass_gate(run: DatasetRun, judged: JudgedRows) -> int:
    """Count the judged rows, quarantine the refused ones, and return how many were kept.

    Raises `GateClosed` with every reason when the kept rows may not be published. A mart quarantines nothing: what its
    checks refuse closes the gate.
    """
    outcome, contract = run.outcome, run.contract
    outcome.read, outcome.skipped = judged.observed["read"], judged.observed["skipped"]
    kept = judged.rows(run.session, KEPT).count()
    outcome.quarantined = 0 if contract.is_mart else judged.rows(run.session, REFUSED).count()
    outcome.checks = with_samples(run.session, judged, contract, judged.gate.results(judged.observed))
    if outcome.quarantined:
        keep_refused(judged.rows(run.session, REFUSED), run.lake, contract.dataset, run.request.run)
    run.log("judged", read=outcome.read, kept=kept, quarantined=outcome.quarantined, skipped=outcome.skipped)
    require_open_gate(contract, read=outcome.read, kept=kept, refused=outcome.quarantined, results=outcome.checks)
    return kept


def publish_audited(
    run: DatasetRun,
    change: Change,
    *,
    stored: DataFrame | None,
    batch: DataFrame | None,
    balance: Callable[[], None],
    ledger: Callable[[], str],
) -> None:
    """Audit the table as it would be, check the row equations with `balance`, write the `ledger`, and publish.

    `batch` are this run's rows, for checks with `scope: batch`; without it the whole table is the batch (a mart).
    """
    outcome = run.outcome
    row_results = [result for result in outcome.checks if result.check.scope == "row"]

    def audit(table: DataFrame) -> None:
        outcome.checks = [*row_results, *audited(run.contract, table if batch is None else batch, table)]
        require_passed_audit(run.contract, outcome.checks)

    def count(rows: int) -> None:
        outcome.rows_after = rows
        balance()

    outcome.ledger = publish_change(run.table, change, stored, run.contract, Steps(audit, count, ledger, run.log))
    outcome.version = run.table.version()
    outcome.status = "published"


def count_stored(run: DatasetRun) -> DataFrame | None:
    """The published rows, pinned to the current publication; their number goes into the outcome."""
    stored = run.table.stored()
    run.outcome.rows_before = stored.count() if stored is not None else 0
    return stored


def mark_unchanged(run: DatasetRun, reason: str) -> None:
    """Record that the published table is already up to date: nothing read, nothing published."""
    count_stored(run)
    outcome = run.outcome
    outcome.status, outcome.reason = "unchanged", reason
    outcome.read = outcome.published = outcome.superseded = outcome.skipped = outcome.quarantined = 0
    outcome.inserted = outcome.updated = outcome.unchanged = outcome.removed = 0
    outcome.rows_after = outcome.rows_before
    outcome.ledger, outcome.version = run.table.pointer(), run.table.version()
