"""What `headgate flatten` does: every document of a dataset below `incoming/` becomes its Parquet file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from headgate.errors import RunFailed, UnusableArgument
from headgate.lake.listing import objects
from headgate.lake.paths import incoming_folder
from headgate.lake.storage import LocalStorage

if TYPE_CHECKING:
    from headgate.contract.model import Contract
    from headgate.flatten.plan import Plan


@dataclass(frozen=True)
class Answer:
    """What became of one document; `reason` says why it is refused."""

    document: str
    state: str
    parquet: str = ""
    rows: int = 0
    refused_rows: int = 0
    bytes: int = 0
    seconds: float = 0.0
    reason: str = ""


def flattened(contracts: Mapping[str, Contract], dataset: str, source: Path) -> Iterator[Answer]:
    """Flatten every document of a dataset, in order of key. Raises `UnusableArgument` where there is nothing to do."""
    plan = _plan(contracts, dataset)
    folder = f"{incoming_folder(dataset)}/"
    keys = [stored.path for stored in objects(LocalStorage(source), folder)]
    if not keys:
        remedy = "Put JSON documents there, or name another folder with `--source`."
        raise UnusableArgument(f"no document lies below `{folder}`", where=str(source), remedy=remedy)
    return (_flattened(plan, key, source) for key in keys)


def _plan(contracts: Mapping[str, Contract], dataset: str) -> Plan:
    try:
        import_module("headgate.flatten.flatten")
    except ModuleNotFoundError as error:
        remedy = "Install `headgate[events]`, or in a checkout run `make setup`."
        raise RunFailed(f"the package `{error.name}` is not installed", remedy=remedy) from error
    from headgate.flatten.plan import plans_of

    plans = plans_of(contracts.values())
    if dataset not in plans:
        known = f"Datasets whose documents do: {', '.join(plans)}." if plans else "No dataset says `arrive: events`."
        raise UnusableArgument(f"the documents of `{dataset}` do not arrive as events", remedy=known)
    return plans[dataset]


def _flattened(plan: Plan, key: str, source: Path) -> Answer:
    from headgate.flatten.renew import renew
    from headgate.flatten.staging import LocalStaging
    from headgate.read.refused import CannotBelong

    try:
        renewed = renew(plan, LocalStaging(source), key)
    except CannotBelong as error:
        return Answer(key, "refused", reason=error.reason)
    work = renewed.work
    return Answer(key, renewed.state, renewed.path, work.rows, work.refused, work.bytes, round(work.seconds, 3))


def line(answer: Answer, dataset: str, source: Path) -> str:
    """What a person reads about one document: what became of it, or why not and what to do next."""
    if answer.state == "refused":
        again = f"Correct it and write it again under the same name, then `headgate flatten {dataset}`."
        return f"{source}/{answer.document}: refused: {answer.reason}\n  {again}"
    if answer.state == "gone":
        return f"{source}/{answer.document}: gone meanwhile"
    faulty = f", {answer.refused_rows:,} of them with a fault that the gate will refuse" if answer.refused_rows else ""
    rows = "1 row" if answer.rows == 1 else f"{answer.rows:,} rows"
    return f"{answer.document} → {answer.parquet}: {rows}{faulty}"
