"""What flattening needs of a contract, in one small JSON file for all datasets: the Lambda has no contracts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from headgate.columns import DOCUMENT, FAULTS, RAW, REST
from headgate.contract.types import DataType, is_nested, parse_type
from headgate.read.json_recipe import Recipe, recipe_of

if TYPE_CHECKING:
    from headgate.contract.model import Contract

ENCODING = "utf-8"
FILE_NAME = "flatten.json"
_FORM = 1  # of the file; a reader refuses any other


@dataclass(frozen=True)
class Column:
    """A column that is read from documents: `paths` in the order in which they count, `type` as Spark DDL."""

    name: str
    type: str
    paths: tuple[str, ...]

    @property
    def source_name(self) -> str:
        """The path in a record."""
        return self.paths[0]

    @property
    def aliases(self) -> tuple[str, ...]:
        """Further paths."""
        return self.paths[1:]

    @cached_property
    def data_type(self) -> DataType:
        """The declared type."""
        return parse_type(self.type)

    @property
    def nested(self) -> bool:
        """True for a list, an object or a map."""
        return is_nested(self.data_type)


@dataclass(frozen=True)
class Plan:
    """How the documents of one dataset are flattened; `path` is the folder of its Parquet files below staging."""

    dataset: str
    path: str
    columns: tuple[Column, ...]
    records: str | None = None
    explode: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    keep_rest: bool = True

    @cached_property
    def recipe(self) -> Recipe:
        """The paths, parsed once."""
        return recipe_of(self.columns, self.explode, self.records, ENCODING)

    @property
    def names(self) -> tuple[str, ...]:
        """The columns of the Parquet files, all of them texts: one schema for all values."""
        rest = (REST,) if self.keep_rest else ()
        return (*(column.name for column in self.columns), DOCUMENT, *rest, FAULTS, RAW)

    @cached_property
    def hash(self) -> str:
        """SHA-256 of the plan: a file that was flattened by another plan is flattened again."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()


def plan_of(contract: Contract) -> Plan:
    """The plan of a contract with `source.arrive: events`."""
    source = contract.source
    if source.arrive != "events":
        raise ValueError(f"`{contract.dataset}` does not say `arrive: events`")
    columns = tuple(Column(c.name, c.type, (c.source_name, *c.aliases)) for c in contract.read_columns)
    return Plan(
        contract.dataset, contract.path, columns, source.records, source.explode, source.ignore, source.rest == "keep"
    )


def plans_of(contracts: Iterable[Contract]) -> dict[str, Plan]:
    """The plan of every dataset whose documents arrive as events, by dataset."""
    return {c.dataset: plan_of(c) for c in contracts if not c.is_mart and c.source.arrive == "events"}


def written(plans: Mapping[str, Plan]) -> str:
    """The JSON file of all plans: `{"form": 1, "datasets": {<dataset>: {path, columns, records, …}}}`."""
    datasets = {name: {k: v for k, v in asdict(plan).items() if k != "dataset"} for name, plan in plans.items()}
    return json.dumps({"form": _FORM, "datasets": datasets}, indent=1, sort_keys=True) + "\n"


def read_plans(text: str) -> dict[str, Plan]:
    """The plans of such a file. Raises `ValueError` for a file of another form."""
    document = json.loads(text)
    if document.get("form") != _FORM:
        raise ValueError(f"plans of form {document.get('form')!r}; this version reads form {_FORM}")
    return {name: _plan(name, parts) for name, parts in document["datasets"].items()}


def _plan(dataset: str, parts: Mapping[str, Any]) -> Plan:
    columns = tuple(Column(c["name"], c["type"], tuple(c["paths"])) for c in parts["columns"])
    lists = {key: tuple(parts[key]) for key in ("explode", "ignore")}
    return Plan(dataset, **{**parts, **lists, "columns": columns})
