"""What a contract must keep beyond its keys and their types: every rule yields what is wrong and the way out."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import sqlglot
from pyspark.sql import types as T
from sqlglot import expressions as exp

from headgate.checks.refusal import refusals
from headgate.contract.model import Column, Contract
from headgate.contract.types import is_nested

Found = tuple[str, str, str]
Rule = Callable[[Contract], Iterator[Found]]

_ZONED = re.compile(r"(?<!')[XxzVOZ]")
_EPOCHS = ("epoch_seconds", "epoch_millis")
_TRANSFORM = re.compile(r"^(?:(years|months|days|hours)\((\w+)\)|(bucket|truncate)\(\s*\d+\s*,\s*(\w+)\s*\)|(\w+))$")
_WORDS_BY_KIND = {"pattern": T.StringType, "min_length": T.StringType, "max_length": T.StringType}


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
    yield from (_mart(contract, sql_root) if contract.is_mart else _dataset(contract))


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


def _unique_sources(contract: Contract) -> Iterator[Found]:
    seen: dict[str, str] = {}
    for at, column in enumerate(contract.read_columns):
        for name in (column.source_name, *column.aliases):
            if seen.setdefault(name, column.name) != column.name:
                problem = f"`{name}` is read into `{seen[name]}` and into `{column.name}`"
                yield f"columns[{at}].source", problem, "A source column feeds one column; derive the other from it."


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


def _formats(contract: Contract) -> Iterator[Found]:
    for at, column in enumerate(contract.columns):
        key, kind = f"columns[{at}].formats", column.data_type
        timely = isinstance(kind, T.DateType | T.TimestampType | T.TimestampNTZType)
        from_text = column.derived is None and not contract.is_mart and contract.source.format != "parquet"
        if column.formats and not timely:
            yield key, f"column `{column.name}` is a {column.type}", "`formats` belongs to dates and timestamps."
        if timely and from_text and not column.formats:
            yield (
                key,
                f"column `{column.name}` is a {column.type} without formats",
                'Declare them: `formats: ["yyyy-MM-dd"]`.',
            )
        yield from ((key, *found) for found in _zones(column))


def _zones(column: Column) -> Iterator[tuple[str, str]]:
    if column.timezone:
        try:
            ZoneInfo(column.timezone)
        except (KeyError, ValueError, OSError):
            yield (
                f"timezone `{column.timezone}` of `{column.name}` is not known",
                "Use an IANA name such as `Europe/Rome`.",
            )
    for pattern in column.formats:
        zoned = bool(_ZONED.search(re.sub(r"'[^']*'", "", pattern))) or pattern in _EPOCHS
        if isinstance(column.data_type, T.TimestampType) and not zoned and not column.timezone:
            yield f"`{pattern}` of `{column.name}` carries no zone", "Add `timezone:`, or make it a `timestamp_ntz`."
        if isinstance(column.data_type, T.DateType) and pattern in _EPOCHS:
            yield f"`{pattern}` of `{column.name}` is an instant", "Type it as a timestamp and derive the date."


def _derived(contract: Contract) -> Iterator[Found]:
    above: dict[str, Column] = {}
    for at, column in enumerate(contract.columns):
        if column.derived is not None:
            key = f"columns[{at}].derived"
            yield from _expression(key, column.derived, set(above))
            yield from _leaks(key, column, above)
            if column.source or column.aliases:
                yield key, f"`{column.name}` is derived and has a source", "Keep one of the two."
        above[column.name] = column
    if contract.skip_when is not None:
        yield from _expression("skip_when", contract.skip_when, set(above))


def expression_columns(text: str) -> set[str]:
    """The columns that a Spark SQL expression names. Raises `sqlglot.errors.SqlglotError`."""
    return {c.name for c in sqlglot.parse_one(text, dialect="spark").find_all(exp.Column)}


def _expression(key: str, text: str, known: set[str]) -> Iterator[Found]:
    try:
        unknown = sorted(expression_columns(text) - known)
    except sqlglot.errors.SqlglotError as error:
        yield key, f"`{text}` is not a Spark SQL expression: {str(error).splitlines()[0]}", "Mend the expression."
        return
    for name in unknown:
        yield key, f"`{name}` is not a column above", f"Columns above are {', '.join(sorted(known)) or 'none'}."


def _leaks(key: str, column: Column, above: dict[str, Column]) -> Iterator[Found]:
    if column.classification:
        return
    try:
        named = expression_columns(column.derived or "")
    except sqlglot.errors.SqlglotError:
        return
    for name in sorted(named & set(above)):
        if above[name].classification:
            problem = f"`{column.name}` is derived from `{name}`, which is classified `{above[name].classification}`"
            yield key, problem, "Give the derived column a classification as well."


def _words(contract: Contract) -> Iterator[Found]:
    for at, column in enumerate(contract.columns):
        for word, kind in _WORDS_BY_KIND.items():
            if getattr(column, word) is not None and not isinstance(column.data_type, kind):
                yield (
                    f"columns[{at}].{word}",
                    f"column `{column.name}` is a {column.type}",
                    f"`{word}` belongs to strings.",
                )
        if column.round and not isinstance(column.data_type, T.DecimalType):
            yield f"columns[{at}].round", f"column `{column.name}` is a {column.type}", "`round` belongs to decimals."
        if column.trim is False and not isinstance(column.data_type, T.StringType):
            yield (
                f"columns[{at}].trim",
                f"column `{column.name}` is a {column.type}",
                "Only strings may keep their spaces.",
            )
        if set(map(str.lower, column.true_texts)) & set(map(str.lower, column.false_texts)):
            yield f"columns[{at}].true_texts", f"a word of `{column.name}` is true and false", "Every word means one."


def _checks(contract: Contract) -> Iterator[Found]:
    for at, check in enumerate(contract.checks):
        found = refusals(check.expect, check.kwargs, check.scope, contract.types)
        yield from ((f"checks[{at}]{'.' + key if key else ''}", problem, remedy) for key, problem, remedy in found)
    if any(True for at, c in enumerate(contract.checks) if refusals(c.expect, c.kwargs, c.scope, contract.types)):
        return
    for check in contract.all_checks:
        if check.scope != "row" and check.otherwise == "quarantine":
            yield (
                f"checks ({check.id})",
                "a table-level check cannot quarantine rows",
                "Use `otherwise: warn` or `stop`.",
            )
        if check.mostly is not None and (check.otherwise == "quarantine" or check.scope != "row"):
            yield (
                f"checks ({check.id})",
                "`mostly` goes with a row check and `warn` or `stop`",
                "Use `at_most` to quarantine.",
            )
        if check.at_most is not None and (check.otherwise != "quarantine" or check.scope != "row"):
            yield (
                f"checks ({check.id})",
                "`at_most` goes with `otherwise: quarantine`",
                "Use `mostly` with `warn` or `stop`.",
            )
    yield from _word_refusals(contract)
    yield from _masked_checks(contract)


def _word_refusals(contract: Contract) -> Iterator[Found]:
    written = {id(check) for check in contract.checks}
    names = {column.name: at for at, column in enumerate(contract.columns)}
    for check in contract.all_checks[: len(contract.all_checks) - len(written)]:
        scope = None if check.scope == "row" else check.scope
        for _, problem, remedy in refusals(check.expect, dict(check.kwargs), scope, contract.types):
            at = names.get(check.columns[0], 0) if check.columns else 0
            yield f"columns[{at}]", f"{problem} (check `{check.id}`)", remedy


_OF_MASKED = ("null", "unique", "count")


def _masked_checks(contract: Contract) -> Iterator[Found]:
    masked = {column.name for column in contract.classified}
    for check in contract.table_checks:
        for name in sorted(masked & set(check.columns)):
            if not any(word in check.expect for word in _OF_MASKED):
                problem = f"`{check.expect}` reads `{name}`, which is masked when it is judged"
                yield f"checks ({check.id})", problem, "Of a masked column ask only null, count and uniqueness."


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


_ALWAYS: tuple[Rule, ...] = (_unique_names, _known_columns, _partitions, _formats, _words, _checks, _keys)


def _dataset(contract: Contract) -> Iterator[Found]:
    source = contract.source
    yield from _unique_sources(contract)
    yield from _derived(contract)
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


def _reading(contract: Contract) -> Iterator[Found]:
    source, read = contract.source, contract.source.read
    if contract.path.startswith(("/", "..")) or "://" in contract.path or "/../" in contract.path:
        yield "source.path", f"`{contract.path}` leaves staging", "Write a folder or glob below staging."
    try:
        codecs.lookup(read.encoding)
    except LookupError:
        yield "source.read.encoding", f"`{read.encoding}` is not an encoding", "Use a name such as `utf-8` or `cp1252`."
    if source.format != "json" and (source.records or source.explode):
        yield "source", "`records` and `explode` belong to `format: json`", "Remove them."
    if read.header and read.columns:
        yield (
            "source.read.columns",
            "names columns of files that have a header",
            "Set `header: false`, or use `source:`.",
        )
    for at, column in enumerate(contract.columns):
        if column.nested and source.format == "csv" and column.derived is None:
            yield (
                f"columns[{at}].type",
                f"`{column.name}` is nested and a CSV has no nested values",
                "Derive it, or use JSON or Parquet.",
            )
        if isinstance(column.data_type, T.BinaryType) and source.format != "parquet":
            yield f"columns[{at}].type", f"`{column.name}` is binary", "Only Parquet holds bytes; read it as a string."
        if column.nested and column.classification and column.mask != "redact":
            yield f"columns[{at}].mask", f"`{column.name}` is nested", "Mask nested columns with `redact`."


_NOT_OF_A_MART = ("source", "aliases", "trim", "formats", "timezone", "null_texts", "sentinels", "round", "derived",
                  "classification", "allow_nan", "true_texts", "false_texts", "mask", "keep_last")  # fmt: skip


def _mart(contract: Contract, sql_root: Path | None) -> Iterator[Found]:
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
