"""A run: datasets, then the marts over them, each with an outcome."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from pyspark.sql import SparkSession

from headgate import stopping
from headgate.contract.model import Contract
from headgate.errors import GateClosed, HeadgateError, NothingArrived, RunFailed, UnusableArgument, UnusableContract
from headgate.frame import dataset_run
from headgate.lake.paths import Lake, ledger_file, quarantine_of_run
from headgate.lake.storage import LocalStorage, Storage
from headgate.mart.build import build_mart
from headgate.outcome import Outcome
from headgate.project import Project
from headgate.publish.formats import published
from headgate.refine.refine import refine
from headgate.request import RunRequest
from headgate.upkeep.backfill import require_usable
from headgate.upkeep.rollback import HOLD

_BEFORE = "Ctrl-C, before it began"


@dataclass(frozen=True)
class Result:
    """A run that has ended: its id, when it ran, and an outcome per dataset in the order in which they ran."""

    run: str
    started: datetime
    finished: datetime
    outcomes: Mapping[str, Outcome] = field(default_factory=dict)

    @property
    def exit_code(self) -> int:
        """0 when all went well, 2 for an unusable contract, 1 for a closed gate or a failed run, 130 after Ctrl-C."""
        outcomes = self.outcomes.values()
        if any(outcome.status == "stopped" for outcome in outcomes):
            return stopping.STOPPED
        if any(outcome.error and outcome.error.get("kind") == "UnusableContract" for outcome in outcomes):
            return 2
        return 1 if any(outcome.status in ("closed", "failed") for outcome in outcomes) else 0


def run(
    spark: Callable[[], SparkSession], project: Project, lake: Lake, source: Storage, request: RunRequest
) -> Result:
    """Run the datasets and marts that the request names, or all, in order; `spark` is called when one needs it.

    A dataset that fails does not stop independent ones; Ctrl-C stops all that are not published yet. Raises
    `UnusableArgument` before anything is read when the request or the source's folder cannot be used.
    """
    names = project.chosen(request.names)
    _require_usable_backfill(request, project.named(names))
    _require_folder(source)
    started, outcomes = datetime.now(UTC), dict[str, Outcome]()
    application = _when_needed(spark)
    try:
        for name in names:
            outcomes[name] = _run_dataset(application, project, lake, source, name, request, outcomes)
    except _CannotStart as failed:  # what is wrong here is wrong for every dataset
        raise failed.error from failed.error.__cause__
    return Result(request.run, started, datetime.now(UTC), outcomes)


def _run_dataset(
    spark: Callable[[], SparkSession],
    project: Project,
    lake: Lake,
    source: Storage,
    name: str,
    request: RunRequest,
    ended: Mapping[str, Outcome],
) -> Outcome:
    contract = project.contracts[name]
    outcome = Outcome(name, "mart" if contract.is_mart else "dataset")
    stopped = [f"`{s}` {ended[s].status}" for s in project.reads[name] if s in ended and _stops_marts(ended[s])]
    if stopped:
        outcome.status, outcome.reason = "skipped", f"its source {', '.join(stopped)} in this run"
        request.log("skipped", dataset=name, reason=outcome.reason)
        return outcome
    if stopping.requested():
        outcome.status, outcome.reason = "stopped", _BEFORE
        return outcome
    try:
        dataset = dataset_run(spark, lake, contract, request, outcome)
        if contract.is_mart:
            build_mart(dataset, project.queries[name], project.contracts)
        else:
            refine(dataset, source, project.contracts)
    except NothingArrived as nothing:
        outcome.status, outcome.reason = "skipped", nothing.what
    except (GateClosed, RunFailed, UnusableContract, KeyboardInterrupt) as error:
        if isinstance(error, KeyboardInterrupt) or stopping.requested():  # what failed then failed because of it
            _record_stop(outcome, lake, request)
        else:
            closed = isinstance(error, GateClosed)
            _record_error(outcome, error, _next_commands(request, lake, outcome) if closed else "")
    request.log("done", dataset=name, status=outcome.status, reason=outcome.reason, **outcome.counts())
    return outcome


class _CannotStart(BaseException):
    """Spark does not start: no fault of the dataset that needed it first, so no `except Exception` may keep it."""

    def __init__(self, error: Exception) -> None:
        self.error = error


def _when_needed(spark: Callable[[], SparkSession]) -> Callable[[], SparkSession]:
    """The Spark application, started once, by the first dataset that has something new."""

    @cache
    def started() -> SparkSession:
        try:
            return spark()
        except Exception as error:
            if stopping.requested():
                raise KeyboardInterrupt from None
            raise _CannotStart(error) from error

    return started


def _stops_marts(source: Outcome) -> bool:
    """A source on hold does not stop the marts over it: they are built from what is published."""
    return source.status in ("closed", "failed") or (source.status == "skipped" and source.reason != HOLD)


def _next_commands(request: RunRequest, lake: Lake, outcome: Outcome) -> str:
    """What to type after a closed gate; of a lake that is not on this machine, where the refused rows are."""
    again = request.command("run", outcome.dataset)
    if not lake.is_local:
        return f"\nThe refused rows are in `{lake.storage.uri(quarantine_of_run(outcome.dataset, request.run))}`."
    rows = request.command("quarantine", outcome.dataset, "--run", request.run)
    return (f"\nThe refused rows: `{rows}`" if outcome.quarantined else "") + f"\nRun again: `{again}`"


def _record_error(outcome: Outcome, error: HeadgateError, next_commands: str = "") -> None:
    """Keep why the dataset ended; nothing was published, so readers still have the rows from before."""
    what = getattr(error, "what", "") or str(error)
    outcome.status, outcome.reason = "closed" if isinstance(error, GateClosed) else "failed", what
    where, remedy = getattr(error, "where", ""), getattr(error, "remedy", "") + next_commands
    outcome.error = {"kind": type(error).__name__, "what": what, "where": where, "remedy": remedy}
    _count_nothing_published(outcome)


def _count_nothing_published(outcome: Outcome) -> None:
    if outcome.read is not None:
        outcome.published = outcome.inserted = outcome.updated = outcome.unchanged = outcome.removed = 0
        outcome.rows_after = outcome.rows_before


def _record_stop(outcome: Outcome, lake: Lake, request: RunRequest) -> None:
    """Keep what Ctrl-C has left: publishing is one step, so readers see either the rows of this run or those before."""
    name = outcome.dataset
    shown = published(lake).get(name) if lake.is_local and not request.dry else None
    pointer = shown.pointer() if shown else None
    if pointer and pointer.endswith(ledger_file(name, request.run)):
        outcome.status, outcome.ledger = "published", pointer
        outcome.notes.append("Ctrl-C was pressed after it was published")
        return
    outcome.status, outcome.reason = "stopped", "Ctrl-C; nothing of it was published"
    _count_nothing_published(outcome)


def _require_usable_backfill(request: RunRequest, contracts: Sequence[Contract]) -> None:
    if request.again is None:
        return
    if request.full:
        what = "a full rebuild reads everything, and a backfill only what it selects"
        raise UnusableArgument(what, remedy="Leave one of the two out.")
    for contract in contracts:
        require_usable(request.again, contract)


def _require_folder(source: Storage) -> None:
    if isinstance(source, LocalStorage) and not Path(source.root).is_dir():
        remedy = "Name the folder of the raw files with --source."
        raise UnusableArgument("there is no such folder", where=source.root, remedy=remedy)
