"""Rules about one column at a time: formats and zones, words that fit the type, derived expressions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from zoneinfo import ZoneInfo

from headgate.contract.expressions import expression_columns
from headgate.contract.file_formats import FORMAT_FACTS
from headgate.contract.model import Column, Contract
from headgate.contract.types import TIMES, leaves
from headgate.contract.words import words_of

Broken = tuple[str, str, str]

_ZONED = re.compile(r"[XxzVOZ]")
_EPOCHS = ("epoch_seconds", "epoch_millis")


def formats(contract: Contract) -> Iterator[Broken]:
    """Dates and timestamps are read by declared formats, inside nested columns too, and instants have a zone."""
    for at, column in enumerate(contract.columns):
        key = f"columns[{at}].formats"
        is_time = any(leaf.kind in TIMES for leaf in leaves(column.data_type))
        typed = FORMAT_FACTS[contract.source.format].typed
        from_text = column.derived is None and not contract.is_mart and not typed
        if column.formats and not is_time:
            yield key, f"column `{column.name}` is a {column.type}", "`formats` belongs to dates and timestamps."
        if is_time and from_text and not column.formats:
            problem = f"column `{column.name}` is a {column.type} without formats"
            yield key, problem, 'Declare them: `formats: ["yyyy-MM-dd"]`.'
        yield from ((key, *broken) for broken in _zones(column))


def _zones(column: Column) -> Iterator[tuple[str, str]]:
    if column.timezone and not _is_zone(column.timezone):
        problem = f"timezone `{column.timezone}` of `{column.name}` is not known"
        yield problem, "Use an IANA name such as `Europe/Rome`."
    kinds = {leaf.kind for leaf in leaves(column.data_type)}
    for pattern in column.formats:
        zoned = bool(_ZONED.search(re.sub(r"'[^']*'", "", pattern))) or pattern in _EPOCHS
        if "timestamp" in kinds and not zoned and not column.timezone:
            yield f"`{pattern}` of `{column.name}` has no zone", "Add `timezone:`, or make it a `timestamp_ntz`."
        if "date" in kinds and pattern in _EPOCHS:
            yield f"`{pattern}` of `{column.name}` is an instant", "Type it as a timestamp and derive the date."


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True


def words(contract: Contract) -> Iterator[Broken]:
    """A word belongs to a column of a type that it can judge, and `true_texts` and `false_texts` differ."""
    for at, column in enumerate(contract.columns):
        kind, problem = column.data_type.kind, f"column `{column.name}` is a {column.type}"
        for name, word in words_of(type(column)).items():
            if word.strings_only and kind != "string" and word.asks(getattr(column, name)):
                yield f"columns[{at}].{name}", problem, f"`{name}` belongs to strings."
        if column.round and kind != "decimal":
            yield f"columns[{at}].round", problem, "`round` belongs to decimals."
        if column.trim is False and kind != "string":
            yield f"columns[{at}].trim", problem, "Only strings may keep their spaces."
        if set(map(str.lower, column.true_texts)) & set(map(str.lower, column.false_texts)):
            problem = f"a text of `{column.name}` means both true and false"
            yield f"columns[{at}].true_texts", problem, "Remove it from one of the two lists."


def derived(contract: Contract) -> Iterator[Broken]:
    """Derived columns and `skip_when` name columns above, and a value derived from a classified one is classified."""
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


def _expression(key: str, text: str, known: set[str]) -> Iterator[Broken]:
    try:
        unknown = sorted(expression_columns(text) - known)
    except ValueError as error:
        yield key, str(error), "Fix the expression."
        return
    for name in unknown:
        yield key, f"`{name}` is not a column above", f"Columns above are {', '.join(sorted(known)) or 'none'}."


def _leaks(key: str, column: Column, above: dict[str, Column]) -> Iterator[Broken]:
    if column.classification:
        return
    try:
        named = expression_columns(column.derived or "")
    except ValueError:
        return  # `_expression` reports it
    for name in sorted(named & set(above)):
        if above[name].classification:
            problem = f"`{column.name}` is derived from `{name}`, which is classified `{above[name].classification}`"
            yield key, problem, "Give the derived column a classification as well."
