"""Rules about where rows come from: files for a dataset, a query for a mart."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from headgate.contract.encodings import is_text_encoding
from headgate.contract.file_formats import FORMAT_FACTS, names, titles
from headgate.contract.json_path import parse_path
from headgate.contract.model import Contract
from headgate.contract.path_pattern import parse_pattern
from headgate.contract.rules_events import events
from headgate.contract.rules_expressions import derived
from headgate.contract.rules_slips import dialect, ignored

Broken = tuple[str, str, str]


def dataset(contract: Contract) -> Iterator[Broken]:
    """Rules about a dataset, which is read from files."""
    yield from _unique_sources(contract)
    yield from ignored(contract)
    yield from dialect(contract)
    yield from derived(contract)
    yield from _reading(contract)
    yield from events(contract)
    if contract.source.joins:
        yield "source.joins", "belongs to a mart", "Give `source.query`, or remove the joins."
    if contract.mode == "merge" and not contract.key:
        yield "write.mode", "`merge` needs a key", "Declare `key:`, or use `append` or `overwrite`."
    if contract.mode == "append" and contract.key:
        yield "write.mode", "`append` with a key would publish a key twice", "Use `merge`, or drop the key."
    if contract.write.format == "parquet" and contract.mode == "merge":
        yield "write.mode", "a Parquet table cannot be merged into", "Use `append`, `overwrite`, or `format: iceberg`."
    if contract.order and not contract.key:
        yield "order", "needs a key", "`order` chooses the newest row of a key: declare `key:`, or remove `order`."
    yield from _of_keys(contract)
    if contract.write.on_vanish == "delete" and contract.mode != "merge":
        yield "write.on_vanish", "`delete` needs `mode: merge`", "Remove it."
    if contract.write.merge_on_read and contract.mode != "merge":
        yield "write.merge_on_read", "needs `mode: merge`", "Remove it, or declare `key:`."


def _of_keys(contract: Contract) -> Iterator[Broken]:
    """Words that need a key, and `distinct`, which replaces one."""
    if contract.on_conflict != "warn" and not contract.key:
        yield (
            "on_conflict",
            "needs a key",
            "Only rows of one key can contradict each other: declare `key:`, or remove it.",
        )
    if contract.delete_when is not None and contract.mode != "merge":
        yield "delete_when", "needs `mode: merge`", "A row deletes its key from the table: declare `key:`, and merge."
    if contract.distinct and contract.key:
        yield "distinct", "does not go with a key", "A key leaves one row per key already: remove one of the two."
    hidden = [spec.name for spec in contract.classified if spec.mask != "hmac"]
    if contract.distinct and hidden:
        problem = f"`{hidden[0]}` is masked by `{contract.column(hidden[0]).mask}`, which makes different rows equal"
        yield "distinct", problem, "Mask it with `hmac`."


def _unique_sources(contract: Contract) -> Iterator[Broken]:
    seen: dict[str, str] = {}
    for at, column in enumerate(contract.read_columns):
        for name in (column.source_name, *column.aliases):
            if seen.setdefault(name, column.name) != column.name:
                problem = f"`{name}` is read into `{seen[name]}` and into `{column.name}`"
                yield f"columns[{at}].source", problem, "A source column feeds one column; derive the other from it."


def _paths(contract: Contract) -> Iterator[Broken]:
    """JSON is read by path: each column, `records` and each list to explode has one."""
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


def _reading(contract: Contract) -> Iterator[Broken]:
    source, read = contract.source, contract.source.read
    if contract.path.startswith(("/", "..")) or "://" in contract.path or "/../" in contract.path:
        yield "source.path", f"`{contract.path}` leaves staging", "Write a folder or glob below staging."
    if not is_text_encoding(read.encoding):
        problem = f"`{read.encoding}` is not an encoding of text"
        yield "source.read.encoding", problem, "Use a name such as `utf-8` or `cp1252`."
    yield from _lines_of_text(contract)
    files = FORMAT_FACTS[source.format]
    if not files.by_path and (source.records or source.explode):
        problem = f"`records` and `explode` belong to `format: {names(lambda f: f.by_path)}`"
        yield "source", problem, "Remove them."
    if files.by_path:
        yield from _paths(contract)
    if read.header and read.columns:
        problem = "names the columns of files that have a header"
        yield "source.read.columns", problem, "Set `header: false`, or use `source:` of the columns."
    yield from _readable_columns(contract)
    yield from _path_values(contract)
    if source.members is not None and files.typed:
        yield "source.members", f"belongs to zip files, and {files.title} is not read from them", "Remove it."


_OF_CSV = ("bare_quotes", "escapes", "comment", "skip_last", "skip_from", "missing_last", "trailing_delimiter",
           "inner_headers")  # fmt: skip


def _lines_of_text(contract: Contract) -> Iterator[Broken]:
    """Words about the lines and quotes of CSV files."""
    read = contract.source.read
    if contract.source.format != "csv":
        for key in sorted(read.model_fields_set & set(_OF_CSV)):
            yield f"source.read.{key}", "belongs to `format: csv`", "Remove it."
    if read.escapes == "any" and read.escape in ("", read.quote, '"'):
        yield "source.read.escapes", "`any` needs an escape of its own", 'Set `escape`, for example to "\\\\".'
    try:
        re.compile(read.skip_from)
    except re.error as error:
        problem = f"`{read.skip_from}` is not a regular expression of Python: {error}"
        yield "source.read.skip_from", problem, "Correct the pattern."


def _path_values(contract: Contract) -> Iterator[Broken]:
    """`from_path` must be a pattern, and name columns that are read and not masked."""
    key, text = "source.from_path", contract.source.from_path
    if text is None:
        return
    try:
        names = parse_pattern(text).names
    except ValueError as error:
        yield key, f"`{text}` {error}", "Write it like `year={year}/{day}.csv`."
        return
    read = {column.name: column for column in contract.read_columns}
    for name in names:
        if name not in read:
            yield key, f"`{name}` is not a column that is read", "Declare the column, without `derived`."
        elif read[name].classification:
            problem = f"`{name}` is classified, and `_object` publishes the path unmasked"
            yield key, problem, "Keep personal data out of paths, or remove `classification`."
        elif read[name].nested:
            yield key, f"`{name}` is nested, and a path holds texts", "Give the column a plain type."


def _readable_columns(contract: Contract) -> Iterator[Broken]:
    files = FORMAT_FACTS[contract.source.format]
    for at, column in enumerate(contract.columns):
        if column.nested and not files.nested and column.derived is None:
            problem = f"`{column.name}` is nested, and a {files.title} file has no nested values"
            yield f"columns[{at}].type", problem, f"Derive it, or use {titles(lambda f: f.nested)}."
        if column.data_type.kind == "binary" and not files.typed:
            remedy = f"Only {titles(lambda f: f.typed)} holds bytes; read it as a string."
            yield f"columns[{at}].type", f"`{column.name}` is binary", remedy
        if column.nested and column.classification and column.mask != "redact":
            yield f"columns[{at}].mask", f"`{column.name}` is nested", "Mask nested columns with `redact`."


_NOT_OF_A_MART = ("source", "aliases", "required_in_file", "trim", "formats", "timezone", "null_texts", "sentinels",
                  "round", "derived", "classification", "allow_nan", "allow_point_zero", "true_texts", "false_texts",
                  "mask", "keep_last", "nonexistent", "ambiguous", "century_from", "map", "decimal", "thousands",
                  "strip", "publish")  # fmt: skip


def mart(contract: Contract, sql_root: Path | None) -> Iterator[Broken]:
    """Rules about a mart, which is a query."""
    source = contract.source
    for key in sorted(source.model_fields_set - {"query", "joins"}):
        yield f"source.{key}", "does not go with `query`", "A mart reads published tables only."
    for at, column in enumerate(contract.columns):
        for key in sorted(column.model_fields_set & set(_NOT_OF_A_MART)):
            problem = f"does not belong to a mart (column `{column.name}`)"
            yield f"columns[{at}].{key}", problem, "Put it into the query."
    if contract.write.mode not in (None, "overwrite"):
        problem = f"`{contract.write.mode}` does not fit a mart, which is rebuilt whole"
        yield "write.mode", problem, "Use `overwrite`, or leave it out."
    if contract.order or contract.skip_when:
        yield "order", "`order` and `skip_when` do not belong to a mart", "Put it into the query."
    for key in ("delete_when", "on_conflict", "distinct", "at_most_per_file"):
        if key in contract.model_fields_set:
            yield key, "does not belong to a mart", "A mart is rebuilt whole from its query; put it into the query."
    if contract.schedule.crawler != "none":
        yield "schedule.crawler", "a mart has no raw files to crawl", "Leave it out."
    for at, check in enumerate(contract.checks):
        if check.otherwise == "quarantine":
            yield f"checks[{at}].otherwise", "a mart has no quarantine", "Use `otherwise: warn` or `stop`."
    query = sql_root / str(source.query) if sql_root else None
    if query is None or not query.is_file():
        problem = f"there is no `sql/{source.query}`"
        yield "source.query", problem, "Write the query below `sql/`, beside the folder of the contracts."
