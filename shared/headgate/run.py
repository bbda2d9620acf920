"""A run: datasets and marts in the order that the SQL asks for, each with an outcome, and one record of them all."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from pyspark.sql import SparkSession
from sqlglot.errors import SqlglotError

from headgate.contract.load import load_contracts, sql_root
from headgate.contract.model import Contract
from headgate.errors import Fault, GateClosed, HeadgateError, RunFailed, UnusableArgument, UnusableContract
from headgate.lake.paths import Lake
from headgate.lake.storage import LocalStorage, Storage
from headgate.mart.build import build_mart, query_file
from headgate.mart.sql import base_and_joins, named_tables, order_of
from headgate.outcome import Outcome
from headgate.refine.refine import refine
from headgate.request import RunRequest
from headgate.upkeep.backfill import Selection, require_usable
from headgate.upkeep.rollback import HOLD


@dataclass(frozen=True)
class Project:
    """Contracts, their queries, and who reads whom."""

    contracts: Mapping[str, Contract]
    queries: Mapping[str, str]
    reads: Mapping[str, Sequence[str]]
    order: Sequence[str]


@dataclass(frozen=True)
class Result:
    """What a run came to: its name, when, and an outcome per dataset in the order in which they ran."""

    run: str
    started: datetime
    finished: datetime
    outcomes: Mapping[str, Outcome] = field(default_factory=dict)

    @property
    def exit_code(self) -> int:
        """0 when all went well, 2 when a contract turned out unusable, 1 when a gate closed or a run failed."""
        if any(one.error and one.error.get("kind") == "UnusableContract" for one in self.outcomes.values()):
            return 2
        return 1 if any(one.status in ("closed", "failed") for one in self.outcomes.values()) else 0


def new_run_id(now: datetime | None = None) -> str:
    """A name that sorts by time: `20260102T030405Z-1a2b3c`."""
    return f"{(now or datetime.now(UTC)):%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"


def load_project(folder: Path, lake: Lake) -> Project:
    """All contracts below a folder with their queries, in an order in which each comes after what it reads.

    Raises `UnusableContract` with every fault of every contract, cycles and unknown tables included.
    """
    contracts = load_contracts(folder)
    queries, reads, faults = dict[str, str](), dict[str, list[str]](), list[Fault]()
    for name, contract in contracts.items():
        reads[name] = []
        if name.startswith(lake.prefix):
            problem = f"`{name}` begins as table names do, and SQL could not name it"
            faults.append(Fault(contract.file, "dataset", problem, f"Leave `{lake.prefix}` out of the name."))
        if not contract.is_mart:
            continue
        queries[name] = query_file(contract, sql_root(folder)).read_text(encoding="utf-8")
        try:
            reads[name] = named_tables(queries[name], lake)
            faults += _wrong_joins(contract, queries[name], lake)
        except SqlglotError as error:
            faults.append(
                Fault(
                    contract.file, "source.query", f"sql/{contract.source.query}: {_first_line(error)}", "Mend the SQL."
                )
            )
        faults += [_unknown_table(contract, table, contracts) for table in reads[name] if table not in contracts]
    if faults:
        raise UnusableContract(faults)
    try:
        return Project(contracts, queries, reads, order_of(reads))
    except ValueError as cycle:
        raise UnusableContract(
            [Fault(str(folder), "source.query", f"these marts read each other: {cycle}", "Break the cycle.")]
        ) from None


def run(
    spark: Callable[[], SparkSession],
    project: Project,
    lake: Lake,
    source: Storage,
    names: Sequence[str] = (),
    *,
    run_id: str | None = None,
    full: bool = False,
    dry: bool = False,
    again: Selection | None = None,
    log: Callable[..., None] = lambda step, **facts: None,
) -> Result:
    """Run the named datasets and marts, or all, in order. A dataset that fails does not stop independent ones.

    `again` reads the objects that it selects once more, and no others.
    """
    chosen = _chosen(project, names)
    if again is not None:
        _hold_backfill(again, named(project, chosen), full=full)
    _must_be_there(source)
    started = datetime.now(UTC)
    request = RunRequest(run_id or new_run_id(started), full=full, dry=dry, again=again, log=log)
    outcomes: dict[str, Outcome] = {}
    for name in chosen:
        outcomes[name] = _one(spark(), project, lake, source, name, request, outcomes)
    return Result(request.run, started, datetime.now(UTC), outcomes)


def _one(
    spark: SparkSession,
    project: Project,
    lake: Lake,
    source: Storage,
    name: str,
    request: RunRequest,
    done: Mapping[str, Outcome],
) -> Outcome:
    contract = project.contracts[name]
    outcome = Outcome(name, "mart" if contract.is_mart else "dataset")
    stopped = [s for s in project.reads[name] if s in done and _stops(done[s])]
    if stopped:
        outcome.status = "skipped"
        outcome.reason = f"its source {', '.join(f'`{s}` {done[s].status}' for s in stopped)} in this run"
        request.log("skipped", dataset=name, reason=outcome.reason)
        return outcome
    try:
        if contract.is_mart:
            build_mart(spark, lake, contract, project.queries[name], project.contracts, request, outcome)
        else:
            refine(spark, lake, source, contract, request, outcome)
    except GateClosed as error:
        _ended(outcome, "closed", error)
    except (RunFailed, UnusableContract) as error:
        _ended(outcome, "failed", error)
    request.log("done", dataset=name, status=outcome.status, reason=outcome.reason, **outcome.counts())
    return outcome


def _stops(source: Outcome) -> bool:
    """A source on hold does not stop the marts over it: they are made of what is published."""
    return source.status in ("closed", "failed") or (source.status == "skipped" and source.reason != HOLD)


def _ended(outcome: Outcome, status: str, error: HeadgateError) -> None:
    outcome.status = "closed" if status == "closed" else "failed"
    outcome.reason = getattr(error, "what", "") or str(error)
    outcome.error = {
        "kind": type(error).__name__,
        "what": getattr(error, "what", "") or str(error),
        "where": getattr(error, "where", ""),
        "remedy": getattr(error, "remedy", ""),
    }
    if outcome.read is not None:  # nothing was published: readers have what they had
        outcome.published = outcome.inserted = outcome.updated = outcome.unchanged = outcome.removed = 0
        outcome.rows_after = outcome.rows_before


def named(project: Project, names: Sequence[str]) -> list[Contract]:
    """The contracts of these names, or all, in order. Raises `UnusableArgument` for a name that no contract has."""
    return [project.contracts[name] for name in _chosen(project, names)]


def _chosen(project: Project, names: Sequence[str]) -> list[str]:
    unknown = [name for name in names if name not in project.contracts]
    if unknown:
        import difflib

        close = difflib.get_close_matches(unknown[0], list(project.contracts), n=1)
        remedy = f"Did you mean `{close[0]}`?" if close else f"Known are {', '.join(project.contracts)}."
        raise UnusableArgument(f"there is no dataset `{unknown[0]}`", remedy=remedy)
    return [name for name in project.order if not names or name in names]


def _hold_backfill(again: Selection, contracts: Sequence[Contract], *, full: bool) -> None:
    if full:
        remedy = "Leave one of the two out."
        raise UnusableArgument("a full rebuild reads everything, and a backfill what it selects", remedy=remedy)
    for contract in contracts:
        require_usable(again, contract)


def _must_be_there(source: Storage) -> None:
    if isinstance(source, LocalStorage) and not Path(source.root).is_dir():
        raise UnusableArgument(
            "there is no such folder", where=source.root, remedy="Name the folder of the raw files with --source."
        )


def _wrong_joins(contract: Contract, query: str, lake: Lake) -> Iterator[Fault]:
    """Declared joins must be joins to the query's first table, or their guard would guard nothing."""
    if not contract.source.joins:
        return
    base, joined = base_and_joins(query, lake)
    for at, join in enumerate(contract.source.joins):
        if base is None or join.to not in {one.dataset for one in joined}:
            problem = f"sql/{contract.source.query} does not join `{join.to}` to its first table"
            yield Fault(contract.file, f"source.joins[{at}].to", problem, "Write the JOIN, or remove the line.")


def _unknown_table(contract: Contract, table: str, contracts: Mapping[str, Contract]) -> Fault:
    known = ", ".join(sorted(contracts))
    return Fault(
        contract.file,
        "source.query",
        f"sql/{contract.source.query} reads `{table}`, which no contract describes",
        f"Known are {known}.",
    )


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]
