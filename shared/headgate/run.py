"""A run: datasets, then the marts over them, each with an outcome."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from pyspark.sql import SparkSession

from headgate.contract.model import Contract
from headgate.errors import GateClosed, HeadgateError, RunFailed, UnusableArgument, UnusableContract
from headgate.frame import dataset_run
from headgate.lake.paths import Lake
from headgate.lake.storage import LocalStorage, Storage
from headgate.mart.build import build_mart
from headgate.outcome import Outcome
from headgate.project import Project
from headgate.refine.refine import refine
from headgate.request import RunRequest
from headgate.upkeep.backfill import require_usable
from headgate.upkeep.rollback import HOLD


@dataclass(frozen=True)
class Result:
    """A run that has ended: its id, when it ran, and an outcome per dataset in the order in which they ran."""

    run: str
    started: datetime
    finished: datetime
    outcomes: Mapping[str, Outcome] = field(default_factory=dict)

    @property
    def exit_code(self) -> int:
        """0 when all went well, 2 when a contract turned out unusable, 1 when a gate closed or a run failed."""
        outcomes = self.outcomes.values()
        if any(outcome.error and outcome.error.get("kind") == "UnusableContract" for outcome in outcomes):
            return 2
        return 1 if any(outcome.status in ("closed", "failed") for outcome in outcomes) else 0


def run(
    spark: Callable[[], SparkSession], project: Project, lake: Lake, source: Storage, request: RunRequest
) -> Result:
    """Run the datasets and marts that the request names, or all, in order; `spark` is called when one needs it.

    A dataset that fails does not stop independent ones. Raises `UnusableArgument` before anything is read when the
    request or the source's folder cannot be used.
    """
    names = project.chosen(request.names)
    _require_usable_backfill(request, project.named(names))
    _require_folder(source)
    started, outcomes = datetime.now(UTC), dict[str, Outcome]()
    for name in names:
        outcomes[name] = _run_dataset(spark, project, lake, source, name, request, outcomes)
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
    session = spark()  # what is wrong here is wrong for every dataset
    try:
        dataset = dataset_run(session, lake, contract, request, outcome)
        if contract.is_mart:
            build_mart(dataset, project.queries[name], project.contracts)
        else:
            refine(dataset, source)
    except (GateClosed, RunFailed, UnusableContract) as error:
        _record_error(outcome, error)
    request.log("done", dataset=name, status=outcome.status, reason=outcome.reason, **outcome.counts())
    return outcome


def _stops_marts(source: Outcome) -> bool:
    """A source on hold does not stop the marts over it: they are built from what is published."""
    return source.status in ("closed", "failed") or (source.status == "skipped" and source.reason != HOLD)


def _record_error(outcome: Outcome, error: HeadgateError) -> None:
    """Keep why the dataset ended; nothing was published, so readers still have the rows from before."""
    what = getattr(error, "what", "") or str(error)
    outcome.status, outcome.reason = "closed" if isinstance(error, GateClosed) else "failed", what
    where, remedy = getattr(error, "where", ""), getattr(error, "remedy", "")
    outcome.error = {"kind": type(error).__name__, "what": what, "where": where, "remedy": remedy}
    if outcome.read is not None:
        outcome.published = outcome.inserted = outcome.updated = outcome.unchanged = outcome.removed = 0
        outcome.rows_after = outcome.rows_before


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
