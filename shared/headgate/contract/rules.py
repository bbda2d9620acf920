"""What a contract must keep beyond its keys and their types: each rule yields what is wrong and how to fix it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

from headgate.contract.model import Contract
from headgate.contract.rules_checks import checks
from headgate.contract.rules_columns import formats, words
from headgate.contract.rules_sources import dataset, mart
from headgate.contract.types import is_nested

Broken = tuple[str, str, str]
"""The key, what is wrong with it, and how to fix it."""

Rule = Callable[[Contract], Iterator[Broken]]

_TRANSFORM = re.compile(r"^(?:(years|months|days|hours)\((\w+)\)|(bucket|truncate)\(\s*\d+\s*,\s*(\w+)\s*\)|(\w+))$")


def rules(contract: Contract, stem: str, sql_root: Path | None) -> Iterator[Broken]:
    """Every rule that the contract breaks."""
    if contract.dataset != stem:
        problem = f"`{contract.dataset}` differs from the file's name `{stem}`"
        yield "dataset", problem, "Rename the file or the dataset."
    unreadable = list(_types(contract))
    yield from unreadable
    if unreadable:
        return  # every rule below needs the types
    for rule in _ALWAYS:
        yield from rule(contract)
    yield from (mart(contract, sql_root) if contract.is_mart else dataset(contract))


def partition_column(transform: str) -> str | None:
    """The column that an Iceberg transform in Spark's spelling partitions by; None when it cannot be read."""
    match = _TRANSFORM.match(transform.strip())
    return next((g for g in (match[2], match[4], match[5]) if g), None) if match else None


def _types(contract: Contract) -> Iterator[Broken]:
    for at, column in enumerate(contract.columns):
        try:
            _ = column.data_type
        except ValueError as error:
            problem = f"{error} (column `{column.name}`)"
            yield f"columns[{at}].type", problem, "Use a Spark DDL type; see docs/CONTRACTS.md."


def _unique_names(contract: Contract) -> Iterator[Broken]:
    seen: set[str] = set()
    for at, column in enumerate(contract.columns):
        if column.name in seen:
            yield f"columns[{at}].name", f"`{column.name}` occurs twice", "Give every column its own name."
        seen.add(column.name)


def _known_columns(contract: Contract) -> Iterator[Broken]:
    named = [(f"key[{i}]", name) for i, name in enumerate(contract.key)]
    named += [(f"order[{i}].column", step.column) for i, step in enumerate(contract.order)]
    serving = contract.serving
    named += [(f"serving.{k}", getattr(serving, k)) for k in ("time", "distribution_key") if getattr(serving, k)]
    named += [(f"serving.{k}[{i}]", n) for k in ("dimensions", "measures", "sort_keys")
              for i, n in enumerate(getattr(serving, k))]  # fmt: skip
    for key, name in named:
        if name not in contract.types:
            yield _unknown_column(contract, key, name)


def _unknown_column(contract: Contract, key: str, name: str) -> Broken:
    return key, f"`{name}` is not a column", f"Columns are {', '.join(contract.types)}."


def _partitions(contract: Contract) -> Iterator[Broken]:
    for at, transform in enumerate(contract.partition_by):
        key, name = f"partition_by[{at}]", partition_column(transform)
        if name is None:
            remedy = "Use a column, years/months/days/hours(c), bucket(n, c) or truncate(n, c)."
            yield key, f"`{transform}` is not a transform", remedy
        elif name not in contract.types:
            yield _unknown_column(contract, key, name)
        elif is_nested(contract.types[name]):
            yield key, f"`{name}` is nested", "Partition by a scalar column."
        elif contract.write.format == "parquet" and name != transform.strip():
            yield key, f"`{transform}` needs Iceberg", "Partition a Parquet table by plain columns; derive one."
    in_parquet = contract.write.format == "parquet" and contract.partition_by
    if in_parquet and set(contract.partition_by) >= set(contract.types):
        yield "partition_by", "leaves no column in the files", "Leave at least one column out."


def _keys(contract: Contract) -> Iterator[Broken]:
    for at, name in enumerate(contract.key):
        if name not in contract.types:
            continue  # `_known_columns` reports it
        column = contract.column(name)
        if column.nested:
            yield f"key[{at}]", f"`{name}` is nested", "Use scalar columns as the key."
        if column.classification and column.mask != "hmac":
            problem = f"`{name}` is masked by `{column.mask}`, which makes different values equal"
            yield f"key[{at}]", problem, "Mask it with `hmac`."


def _order(contract: Contract) -> Iterator[Broken]:
    for at, step in enumerate(contract.order):
        if step.column in contract.types and contract.column(step.column).classification:
            yield f"order[{at}]", f"`{step.column}` is masked", "Order by a column that is published unmasked."


_ALWAYS: tuple[Rule, ...] = (_unique_names, _known_columns, _partitions, formats, words, checks, _keys, _order)
