"""What `headgate estimate` answers: gather what is known of the runs, and work out their cost before and after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from headgate.cost.advice import advice
from headgate.cost.committed import contracts_at
from headgate.cost.compare import Change, as_last_run, changes
from headgate.cost.estimate import Estimate, Month, estimate, month_of
from headgate.cost.history import read_history
from headgate.cost.prices import Prices, read_prices
from headgate.cost.work import Work, work_of
from headgate.errors import HeadgateError, UnusableArgument
from headgate.lake.address import lake_at
from headgate.lake.listing import objects
from headgate.lake.paths import RUNS, Lake, ledger_folder, quarantine_folder, states_folder, table_folder
from headgate.lake.storage import LocalStorage, Storage, storage
from headgate.project import Project, load_project

HEAD, LAST_RUN = "HEAD", "last-run"
_BELONGING = (table_folder, states_folder, quarantine_folder, ledger_folder)


@dataclass(frozen=True)
class Asked:
    """What `headgate estimate` was asked; `lake` and `against` are empty where they were not named."""

    contracts: Path
    source: str
    lake: str
    against: str
    last: int
    names: Sequence[str] = ()


@dataclass(frozen=True)
class Answer:
    """An estimate of the datasets that were named, with all that its output needs."""

    prices: Prices
    estimates: Sequence[Estimate]
    month: Month
    against: str
    named: bool  # whether the user named what to compare with
    changes: Sequence[Change] = ()
    advice: Sequence[str] = ()
    notes: Sequence[str] = ()


def estimate_cost(asked: Asked) -> Answer:
    """Estimate from contracts, run records and prices.

    Raises `UnusableArgument` for a lake, a dataset or a commit that does not exist, and `RunFailed` for a record that
    cannot be read.
    """
    prices, lake = read_prices(), lake_at(asked.lake or "lake")
    project = load_project(asked.contracts, lake)
    names = project.chosen(asked.names)
    _require_lake(lake, asked)
    work = _work(project, lake, storage(asked.source), asked.last)
    estimates = estimate(project, names, work, prices)
    before, note = _before(project, lake, work, asked, prices)
    compared = [] if before is None else changes(before, estimates)
    notes = [note] if note else []
    if not any(known.runs for known in work.values()):
        notes.append(f"no run in {lake.storage.uri(RUNS)}: run once with `headgate run`, or name a lake with --lake")
    return Answer(
        prices=prices,
        estimates=estimates,
        month=month_of(estimates, _stored(lake, names), prices),
        against=asked.against or HEAD,
        named=bool(asked.against),
        changes=compared,
        advice=advice(estimates, prices),
        notes=notes,
    )


def _require_lake(lake: Lake, asked: Asked) -> None:
    if asked.lake and lake.is_local and not Path(lake.storage.root).is_dir():
        remedy = "Name the lake's folder with --lake, or leave --lake out for an estimate without runs."
        raise UnusableArgument("there is no lake here", where=lake.storage.root, remedy=remedy)


def _work(project: Project, lake: Lake, source: Storage, last: int) -> dict[str, Work]:
    """What is known of every dataset, also of those that were not named: they may start a mart that was."""
    history = read_history(lake.runs, project.contracts, last)
    return {name: work_of(past, None if past else _staged(project, name, source)) for name, past in history.items()}


def _staged(project: Project, name: str, source: Storage) -> int | None:
    """The bytes of a dataset's raw files; None for a mart, and where there are none."""
    contract = project.contracts[name]
    if contract.is_mart or (isinstance(source, LocalStorage) and not Path(source.root).is_dir()):
        return None
    return sum(stored.size for stored in objects(source, contract.path)) or None


def _stored(lake: Lake, names: Sequence[str]) -> int:
    """The bytes of the tables of these datasets, with all that belongs to them; run records are small."""
    folders = [folder for name in names for folder in (lake.catalog_folder(name), *(at(name) for at in _BELONGING))]
    return sum(stored.size for folder in folders for stored in lake.storage.list(f"{folder}/"))


def _before(
    project: Project, lake: Lake, work: Mapping[str, Work], asked: Asked, prices: Prices
) -> tuple[list[Estimate] | None, str]:
    """The estimate before the change, or why there is none: only a comparison that a user has named must succeed."""
    if asked.against == LAST_RUN:
        return estimate(as_last_run(project, work), project.chosen(asked.names), work, prices), ""
    try:
        with ExitStack() as stack:
            folder = stack.enter_context(contracts_at(asked.contracts, asked.against or HEAD))
            old = load_project(folder, lake)
        return estimate(old, [name for name in old.run_order if _is_named(name, project, asked)], work, prices), ""
    except HeadgateError as error:
        if asked.against:
            raise
        return None, f"not compared with {HEAD}: {str(error).splitlines()[0]}"


def _is_named(name: str, project: Project, asked: Asked) -> bool:
    return name in asked.names if asked.names else True
