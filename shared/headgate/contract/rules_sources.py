"""Rules about where rows come from: files for a dataset, a query for a mart."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from pathlib import Path

from pyspark.sql import types as T

from headgate.contract.file_formats import FORMAT_FACTS, names, titles
from headgate.contract.model import Contract
from headgate.contract.rules_columns import derived
from headgate.read.json_path import parse_path

Found = tuple[str, str, str]


def dataset(contract: Contract) -> Iterator[Found]:
    """What belongs to a dataset that is read from files."""
    source = contract.source
    yield from _unique_sources(contract)
    yield from derived(contract)
    yield from _reading(contract)
    if source.joins:
        yield "source.joins", "belongs to a mart", "Give `source.query`, or remove the joins."
    if contract.mode == "merge" and not contract.key:
        yield "write.mode", "`merge` needs a key", "Declare `key:`, or use `append` or `overwrite`."
    if contract.mode == "append" and contract.key:
        yield "write.mode", "`append` with a key would publish a key twice", "Use `merge`, or drop the key."
    if contract.write.format == "parquet" and contract.mode == "merge":
        yield "write.mode", "a Parquet table cannot be merged into", "Use `append`, `overwrite`, or `format: iceberg`."
    if contract.order and not contract.key:
        yield "order", "needs a key", "`order` says which row of a key is newest."
    if contract.write.on_vanish == "delete" and contract.mode != "merge":
        yield "write.on_vanish", "`delete` goes with `mode: merge`", "Remove it."


def _unique_sources(contract: Contract) -> Iterator[Found]:
    seen: dict[str, str] = {}
    for at, column in enumerate(contract.read_columns):
        for name in (column.source_name, *column.aliases):
            if seen.setdefault(name, column.name) != column.name:
                problem = f"`{name}` is read into `{seen[name]}` and into `{column.name}`"
                yield f"columns[{at}].source", problem, "A source column feeds one column; derive the other from it."


def _paths(contract: Contract) -> Iterator[Found]:
    """JSON is read by path: columns, records and lists to explode name one each."""
    source = contract.source
    named = [("source.records", source.records)] if source.records else []
    named += [(f"source.explode[{at}]", path) for at, path in enumerate(source.explode)]
    for at, column in enumerate(contract.columns):
        paths = (column.source_name, *column.aliases) if column.derived is None else ()
        named += [(f"columns[{at}].source", path) for path in paths]
    for key, path in named:
        try:
            parse_path(path)
        except ValueError as error:
            yield key, str(error), "Write `a.b`, `list[0]`, or quote an odd key."


def _reading(contract: Contract) -> Iterator[Found]:
    source, read = contract.source, contract.source.read
    if contract.path.startswith(("/", "..")) or "://" in contract.path or "/../" in contract.path:
        yield "source.path", f"`{contract.path}` leaves staging", "Write a folder or glob below staging."
    try:
        codecs.lookup(read.encoding)
    except LookupError:
        yield "source.read.encoding", f"`{read.encoding}` is not an encoding", "Use a name such as `utf-8` or `cp1252`."
    files = FORMAT_FACTS[source.format]
    if not files.by_path and (source.records or source.explode):
        problem = f"`records` and `explode` belong to `format: {names(lambda f: f.by_path)}`"
        yield "source", problem, "Remove them."
    if files.by_path:
        yield from _paths(contract)
    if read.header and read.columns:
        yield (
            "source.read.columns",
            "names columns of files that have a header",
            "Set `header: false`, or use `source:`.",
        )
    for at, column in enumerate(contract.columns):
        if column.nested and not files.nested and column.derived is None:
            yield (
                f"columns[{at}].type",
                f"`{column.name}` is nested and a {files.title} has no nested values",
                f"Derive it, or use {titles(lambda f: f.nested)}.",
            )
        if isinstance(column.data_type, T.BinaryType) and not files.typed:
            remedy = f"Only {titles(lambda f: f.typed)} holds bytes; read it as a string."
            yield f"columns[{at}].type", f"`{column.name}` is binary", remedy
        if column.nested and column.classification and column.mask != "redact":
            yield f"columns[{at}].mask", f"`{column.name}` is nested", "Mask nested columns with `redact`."


_NOT_OF_A_MART = ("source", "aliases", "trim", "formats", "timezone", "null_texts", "sentinels", "round", "derived",
                  "classification", "allow_nan", "true_texts", "false_texts", "mask", "keep_last")  # fmt: skip


def mart(contract: Contract, sql_root: Path | None) -> Iterator[Found]:
    """What belongs to a mart."""
    source = contract.source
    extra = sorted(source.model_fields_set - {"query", "joins"})
    for key in extra:
        yield f"source.{key}", "does not go with `query`", "A mart reads published tables only."
    for at, column in enumerate(contract.columns):
        for key in sorted(column.model_fields_set & set(_NOT_OF_A_MART)):
            yield f"columns[{at}].{key}", f"does not belong to a mart (column `{column.name}`)", "Say it in the query."
    if contract.write.mode not in (None, "overwrite"):
        yield "write.mode", f"`{contract.write.mode}`: a mart is rebuilt whole", "Use `overwrite`, or leave it out."
    if contract.order or contract.skip_when:
        yield "order", "`order` and `skip_when` do not belong to a mart", "Say it in the query."
    for check in contract.all_checks:
        if check.otherwise == "quarantine":
            yield f"checks ({check.id})", "a mart has no quarantine", "Use `otherwise: warn` or `stop`."
    query = sql_root / str(source.query) if sql_root else None
    if query is None or not query.is_file():
        yield "source.query", f"there is no `sql/{source.query}`", "Write the query beside the contracts, under `sql/`."
