"""What a contract must keep beyond its keys and their types: each rule yields what is wrong and how to fix it."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator
from pathlib import Path

from headgate.columns import LINE
from headgate.contract.model import Contract
from headgate.contract.partitions import SAME, Transform, transform_of
from headgate.contract.rules_checks import checks
from headgate.contract.rules_columns import texts, words
from headgate.contract.rules_formats import formats
from headgate.contract.rules_published import unpublished
from headgate.contract.rules_references import references
from headgate.contract.rules_slips import job
from headgate.contract.rules_sources import dataset, mart
from headgate.contract.rules_values import sentinels
from headgate.contract.types import is_nested, parse_type

Broken = tuple[str, str, str]
"""The key, what is wrong with it, and how to fix it."""

Rule = Callable[[Contract], Iterator[Broken]]


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
    named += [(f"order[{i}].column", step.column) for i, step in enumerate(contract.order) if step in contract.ordering]
    named += [(f"references[{i}].columns[{k}]", name) for i, reference in enumerate(contract.references)
              for k, name in enumerate(reference.columns)]  # fmt: skip
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
    for at, text in enumerate(contract.partition_by):
        key, transform = f"partition_by[{at}]", transform_of(text)
        if transform is None:
            yield key, f"`{text}` is not a transform", _meant_transform(text)
        elif transform.column not in contract.types:
            yield _unknown_column(contract, key, transform.column)
        else:
            yield from ((key, *broken) for broken in _partition(contract, text, transform))
    yield from _partitions_together(contract)


def _partition(contract: Contract, text: str, transform: Transform) -> Iterator[tuple[str, str]]:
    kind = parse_type(contract.column(transform.column).published_type).kind
    problem = transform.problem(kind)
    if is_nested(contract.types[transform.column]):
        yield f"`{transform.column}` is nested", "Partition by a scalar column."
    elif contract.write.format == "parquet" and kind == "binary":
        problem = f"`{transform.column}` is binary"
        yield problem, "Partition a Parquet table by a column whose values are texts or numbers."
    elif contract.write.format == "parquet" and transform.column != text.strip():
        yield f"`{text}` needs Iceberg", "Partition a Parquet table by plain columns; derive one."
    elif problem:
        yield problem, "Use a transform that fits its type, the column itself, or another column."


def _meant_transform(text: str) -> str:
    word, bracket, rest = text.strip().partition("(")
    near = difflib.get_close_matches(word.lower(), ("years", "months", "days", "hours", "bucket", "truncate"), n=1)
    if bracket and near and transform_of(f"{near[0]}({rest}"):
        return f"Did you mean `{near[0]}({rest}`?"
    return "Use a column, years/months/days/hours(c), bucket(n, c) or truncate(n, c)."


def _partitions_together(contract: Contract) -> Iterator[Broken]:
    seen: set[tuple[bool, str, str]] = set()
    for at, transform in enumerate(map(transform_of, contract.partition_by)):
        if transform is None:
            continue
        kind = (transform.name in SAME, "" if transform.name in SAME else transform.name, transform.column)
        if kind in seen:
            yield f"partition_by[{at}]", f"divides `{transform.column}` a second time", "Keep the finer one."
        seen.add(kind)
    in_parquet = contract.write.format == "parquet" and contract.partition_by
    if in_parquet and set(contract.partition_by) >= {column.name for column in contract.published}:
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
    lines = [at for at, step in enumerate(contract.order) if step.column == LINE]
    if lines and lines != [len(contract.order) - 1]:
        problem = f"`{LINE}` decides between rows of one file only, after everything else"
        yield f"order[{lines[0]}]", problem, "Name it once, as the last step."
    for at, step in enumerate(contract.order):
        if step.column in contract.types and contract.column(step.column).classification:
            yield f"order[{at}]", f"`{step.column}` is masked", "Order by a column that is published unmasked."


_ALWAYS: tuple[Rule, ...] = (
    _unique_names, _known_columns, _partitions, formats, words, texts, sentinels, checks, _keys, _order, unpublished,
    references, job,
)  # fmt: skip
