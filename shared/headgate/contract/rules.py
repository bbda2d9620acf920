"""What a contract must keep beyond its keys and their types: every rule yields what is wrong and the way out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

from pyspark.sql import types as T

from headgate.contract.model import Contract
from headgate.contract.rules_checks import checks
from headgate.contract.rules_columns import formats, words
from headgate.contract.rules_sources import dataset, mart
from headgate.contract.types import is_nested

Found = tuple[str, str, str]
Rule = Callable[[Contract], Iterator[Found]]

_TRANSFORM = re.compile(r"^(?:(years|months|days|hours)\((\w+)\)|(bucket|truncate)\(\s*\d+\s*,\s*(\w+)\s*\)|(\w+))$")


def rules(contract: Contract, stem: str, sql_root: Path | None) -> Iterator[Found]:
    """Every rule the contract breaks, as (key, problem, remedy)."""
    if contract.dataset != stem:
        yield "dataset", f"`{contract.dataset}` is not the file's name `{stem}`", "Rename the file or the dataset."
    types_read = True
    for found in _types(contract):
        types_read = False
        yield found
    if not types_read:
        return  # every rule below needs the types
    for rule in _ALWAYS:
        yield from rule(contract)
    yield from (mart(contract, sql_root) if contract.is_mart else dataset(contract))


def partition_column(transform: str) -> str | None:
    """The column that an Iceberg transform in Spark words partitions by; None when it cannot be read."""
    match = _TRANSFORM.match(transform.strip())
    return next((g for g in (match[2], match[4], match[5]) if g), None) if match else None


def _types(contract: Contract) -> Iterator[Found]:
    for at, column in enumerate(contract.columns):
        try:
            _ = column.data_type
        except ValueError as error:
            yield (
                f"columns[{at}].type",
                f"{error} (column `{column.name}`)",
                "Use Spark DDL words; see docs/CONTRACTS.md.",
            )


def _unique_names(contract: Contract) -> Iterator[Found]:
    seen: set[str] = set()
    for at, column in enumerate(contract.columns):
        if column.name in seen:
            yield f"columns[{at}].name", f"`{column.name}` stands twice", "Every published name stands once."
        seen.add(column.name)


def _known_columns(contract: Contract) -> Iterator[Found]:
    named = [(f"key[{i}]", name) for i, name in enumerate(contract.key)]
    named += [(f"order[{i}].column", step.column) for i, step in enumerate(contract.order)]
    serving = contract.serving
    named += [(f"serving.{k}", getattr(serving, k)) for k in ("time", "distribution_key") if getattr(serving, k)]
    named += [(f"serving.{k}[{i}]", n) for k in ("dimensions", "measures", "sort_keys")
              for i, n in enumerate(getattr(serving, k))]  # fmt: skip
    for key, name in named:
        if name not in contract.types:
            yield key, f"`{name}` is not a column", f"Columns are {', '.join(contract.types)}."


def _partitions(contract: Contract) -> Iterator[Found]:
    for at, transform in enumerate(contract.partition_by):
        key, name = f"partition_by[{at}]", partition_column(transform)
        if name is None:
            yield (
                key,
                f"`{transform}` is no transform",
                "Use a column, years/months/days/hours(c), bucket(n, c) or truncate(n, c).",
            )
        elif name not in contract.types:
            yield key, f"`{name}` is not a column", f"Columns are {', '.join(contract.types)}."
        elif is_nested(contract.types[name]):
            yield key, f"`{name}` is nested", "Partition by a scalar column."
        elif contract.write.format == "parquet" and name != transform.strip():
            yield key, f"`{transform}` needs Iceberg", "A Parquet table takes plain columns; derive one."
    if (
        contract.write.format == "parquet"
        and contract.partition_by
        and set(contract.partition_by) >= set(contract.types)
    ):
        yield "partition_by", "leaves no column in the files", "Leave at least one column out."


def _keys(contract: Contract) -> Iterator[Found]:
    for at, name in enumerate(contract.key):
        if name in contract.types and isinstance(contract.types[name], T.MapType | T.ArrayType | T.StructType):
            yield f"key[{at}]", f"`{name}` is nested", "A key is made of scalar columns."
        column = contract.column(name) if name in contract.types else None
        if column and column.classification and column.mask != "hmac":
            yield (
                f"key[{at}]",
                f"`{name}` is masked by `{column.mask}`: different values become one",
                "Mask it with `hmac`.",
            )
    for at, step in enumerate(contract.order):
        if step.column in contract.types and contract.column(step.column).classification:
            yield f"order[{at}]", f"`{step.column}` is masked", "Order by a column that is published unmasked."


_ALWAYS: tuple[Rule, ...] = (_unique_names, _known_columns, _partitions, formats, words, checks, _keys)
