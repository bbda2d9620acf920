"""Rules about one column at a time: formats and zones, words that fit the type, derived expressions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from zoneinfo import ZoneInfo

import sqlglot
from pyspark.sql import types as T
from sqlglot import expressions as exp
from sqlglot.errors import SqlglotError

from headgate.contract.file_formats import FORMAT_FACTS
from headgate.contract.model import Column, Contract
from headgate.contract.types import leaves

Found = tuple[str, str, str]

_TIMELY = T.DateType | T.TimestampType | T.TimestampNTZType
_ZONED = re.compile(r"[XxzVOZ]")
_EPOCHS = ("epoch_seconds", "epoch_millis")
_WORDS_BY_KIND = {"pattern": T.StringType, "min_length": T.StringType, "max_length": T.StringType}


def formats(contract: Contract) -> Iterator[Found]:
    """Dates and timestamps are read by declared formats, inside nested columns too, and instants carry a zone."""
    for at, column in enumerate(contract.columns):
        key = f"columns[{at}].formats"
        timely = any(isinstance(leaf, _TIMELY) for leaf in leaves(column.data_type))
        typed = FORMAT_FACTS[contract.source.format].typed
        from_text = column.derived is None and not contract.is_mart and not typed
        if column.formats and not timely:
            yield key, f"column `{column.name}` is a {column.type}", "`formats` belongs to dates and timestamps."
        if timely and from_text and not column.formats:
            problem = f"column `{column.name}` is a {column.type} without formats"
            yield key, problem, 'Declare them: `formats: ["yyyy-MM-dd"]`.'
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
    kinds = {type(leaf) for leaf in leaves(column.data_type)}
    for pattern in column.formats:
        zoned = bool(_ZONED.search(re.sub(r"'[^']*'", "", pattern))) or pattern in _EPOCHS
        if T.TimestampType in kinds and not zoned and not column.timezone:
            yield f"`{pattern}` of `{column.name}` carries no zone", "Add `timezone:`, or make it a `timestamp_ntz`."
        if T.DateType in kinds and pattern in _EPOCHS:
            yield f"`{pattern}` of `{column.name}` is an instant", "Type it as a timestamp and derive the date."


def words(contract: Contract) -> Iterator[Found]:
    """A word stands on a column of a type that it can judge."""
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


def derived(contract: Contract) -> Iterator[Found]:
    """Derived columns and `skip_when` name columns above, and carry nothing classified out."""
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
    except SqlglotError as error:
        yield key, f"`{text}` is not a Spark SQL expression: {str(error).splitlines()[0]}", "Mend the expression."
        return
    for name in unknown:
        yield key, f"`{name}` is not a column above", f"Columns above are {', '.join(sorted(known)) or 'none'}."


def _leaks(key: str, column: Column, above: dict[str, Column]) -> Iterator[Found]:
    if column.classification:
        return
    try:
        named = expression_columns(column.derived or "")
    except SqlglotError:
        return
    for name in sorted(named & set(above)):
        if above[name].classification:
            problem = f"`{column.name}` is derived from `{name}`, which is classified `{above[name].classification}`"
            yield key, problem, "Give the derived column a classification as well."
