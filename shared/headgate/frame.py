"""The frame around every dataset's and mart's run: lock, leftovers, hold, gate, publication, clean-up.

`refine` and `build_mart` differ in where their rows come from and in what they change; everything else is here, once.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from pyspark.sql import DataFrame, SparkSession

from headgate.columns import REFUSED
from headgate.contract.model import Contract, Reference
from headgate.gate.decision import Counts, closed, require_open_gate, require_passed_audit
from headgate.gate.gate import gate
from headgate.gate.judged import JudgedRows, write_judged
from headgate.gate.mask import Keys
from headgate.gate.partition_texts import refused_for_partitions
from headgate.gate.quarantine import keep_refused, refusing_reasons
from headgate.gate.references import judge_references, judged_in_itself
from headgate.gate.samples import with_samples
from headgate.gate.tally import read_skipped
from headgate.gate.whole_files import of_other_files
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
from headgate.spark.once import written_down
from headgate.upkeep.rollback import on_hold


@dataclass(frozen=True)
class DatasetRun:
    """One dataset or mart in one run: what its steps share."""

    started: Callable[[], SparkSession]  # starts Spark when it is called for the first time
    lake: Lake
    contract: Contract
    request: RunRequest
    outcome: Outcome
    table: Table

    @property
    def session(self) -> SparkSession:
        """The run's Spark session; Spark starts when it is first used."""
        return self.started()

    @property
    def work(self) -> str:
        """The folder of everything that this run has written and not yet published."""
        return self.lake.work(self.request.run, self.contract.dataset)

    def written_down(self, rows: DataFrame, name: str) -> DataFrame:
        """The rows, written into the work folder and read back from there: computed once."""
        return written_down(rows, self.lake.place(f"{self.work}/{name}"))

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
    spark: Callable[[], SparkSession], lake: Lake, contract: Contract, request: RunRequest, outcome: Outcome
) -> DatasetRun:
    """A run of one dataset or mart, in a session of its own, which is made when a step needs it."""

    @cache
    def session() -> SparkSession:
        return lake.session(spark())

    return DatasetRun(session, lake, contract, request, outcome, table_of(session, lake, contract, request.run))


@contextmanager
def framed(run: DatasetRun) -> Iterator[bool]:
    """Take the dataset's lock, remove what dead runs left, and yield whether the run may go ahead (not on hold).

    At the end, even after an error, the work folder of this run is removed. A dry run takes no lock and writes
    nothing. Known errors of Spark and of the machine leave as errors a person can act on.
    """
    resume = run.request.command("resume", run.contract.dataset)
    with explained(run.contract, run.lake):
        if run.request.dry:
            yield not on_hold(run.table, run.outcome, resume)
            return
        with writing(run.lake, run.contract.dataset, lambda: run.log("waiting")):
            run.log("leftovers")
            run.table.clear_leftovers()
            clear_leftovers(run.lake, run.contract.dataset)
            if on_hold(run.table, run.outcome, resume):
                yield False
                return
            try:
                yield True
            finally:
                run.log("cleanup")
                run.lake.storage.delete(run.work)


def judge_rows(run: DatasetRun, rows: DataFrame, keys: Keys) -> JudgedRows:
    """Judge `rows` in one pass, and write those that are not kept into the work folder."""
    return write_judged(rows, gate(run.contract), keys, run.request.run, run.lake.place(f"{run.work}/judged"))


def pass_gate(run: DatasetRun, judged: JudgedRows, *, no_file_left: str | None = None) -> int:
    """Count the judged rows, quarantine the refused ones, and return how many were kept.

    Raises `GateClosed` with every reason when the kept rows may not be published. Rows of files that are refused whole
    do not count for the dataset's share, nor do rows whose only fault is a text that cannot name a partition. A mart
    quarantines nothing: what its checks refuse closes the gate.
    """
    outcome, contract = run.outcome, run.contract
    outcome.read, outcome.skipped = judged.observed["read"], judged.observed["skipped"]
    outcome.skipped_by = read_skipped(judged.observed)
    kept = judged.kept()
    outcome.quarantined = 0 if contract.is_mart else judged.rows(REFUSED).count()
    outcome.checks = [
        *with_samples(judged, contract, judged.gate.results(judged.observed)),
        *judged.references,
    ]
    if outcome.quarantined:
        keep_refused(judged.rows(REFUSED), run.lake, contract.dataset, run.request.run)
    run.log("judged", read=outcome.read, kept=kept, quarantined=outcome.quarantined, skipped=outcome.skipped)
    refused, aside = judged.rows(REFUSED), judged.files.rows if judged.files else 0
    unnamed = refused_for_partitions(judged, refused, outcome.checks)
    require_open_gate(
        contract,
        Counts(outcome.read - aside, kept, outcome.quarantined - aside - unnamed),
        of_other_files(judged, refused, outcome.checks),
        no_file_left=no_file_left,
        reasons=lambda: refusing_reasons(refused),
    )
    return kept


def publish_audited(
    run: DatasetRun,
    change: Change,
    *,
    stored: DataFrame | None,
    batch: Callable[[DataFrame], DataFrame] = lambda table: table,
    written: Callable[[int], None] = lambda rows: None,
    balance: Callable[[], None],
    ledger: Callable[[], str],
    contracts: Mapping[str, Contract] = MappingProxyType({}),
) -> None:
    """Audit the table as it would be, check the row equations with `balance`, write the `ledger`, and publish.

    `batch` picks this run's rows out of the table, for checks with `scope: batch`; without it the whole table is the
    batch (a mart). `written` gets the number of rows of the table as it would be, before the audit. `contracts` are
    those of the datasets that the contract refers to.
    """
    outcome = run.outcome
    row_results = [result for result in outcome.checks if result.check.scope == "row"]

    def audit(table: DataFrame) -> None:
        outcome.checks = [
            *row_results,
            *audited(run.contract, batch(table), table),
            *judged_in_itself(run.contract, table, contracts),
        ]
        require_passed_audit(run.contract, outcome.checks)

    def count(rows: int) -> None:
        outcome.rows_after = rows
        balance()

    outcome.ledger = publish_change(
        run.table, change, stored, run.contract, Steps(audit, count, ledger, run.log, written)
    )
    outcome.version = run.table.version()
    outcome.status = "published"


def refuse_orphans(run: DatasetRun, judged: JudgedRows, contracts: Mapping[str, Contract]) -> JudgedRows:
    """Judge the references to other datasets by what those have published."""
    targets = dict[Reference, DataFrame]()
    for reference, table in _targets(run, contracts):
        stored = table.stored()
        if stored is not None:
            targets[reference] = stored
    return judge_references(judged, targets, contracts, run.written_down) if targets else judged


def require_published_targets(run: DatasetRun, contracts: Mapping[str, Contract]) -> None:
    """Close the gate when a dataset that the contract refers to was never published, unless orphans only warn."""
    missing = list[str]()
    for reference, table in _targets(run, contracts):
        if table.exists:
            continue
        reason = f"`{reference.to}` was never published, and `{', '.join(reference.columns)}` refers to it"
        if run.contract.verdict_on_orphans(reference) == "warn":
            run.outcome.notes.append(f"warn: {reason}: not judged")
        else:
            missing.append(reason)
    if missing:
        raise closed(run.contract, missing)


def _targets(run: DatasetRun, contracts: Mapping[str, Contract]) -> list[tuple[Reference, Table]]:
    others = [reference for reference in run.contract.references if reference.to != run.contract.dataset]
    return [
        (reference, table_of(run.started, run.lake, contracts[reference.to], run.request.run)) for reference in others
    ]


def count_stored(run: DatasetRun) -> DataFrame | None:
    """The published rows, pinned to the current publication; their number goes into the outcome."""
    stored = run.table.stored()
    run.outcome.rows_before = stored.count() if stored is not None else 0
    return stored


def mark_unchanged(run: DatasetRun, reason: str) -> None:
    """Record that the published table is already up to date: nothing read, nothing published."""
    outcome = run.outcome
    outcome.rows_before = run.table.rows()
    outcome.status, outcome.reason = "unchanged", reason
    outcome.read = outcome.published = outcome.superseded = outcome.skipped = outcome.quarantined = 0
    outcome.conflicting = outcome.deleted = 0
    outcome.inserted = outcome.updated = outcome.unchanged = outcome.removed = 0
    outcome.rows_after = outcome.rows_before
    outcome.ledger, outcome.version = run.table.pointer(), run.table.version()
