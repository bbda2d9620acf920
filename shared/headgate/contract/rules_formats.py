"""Rules about dates and times: patterns that mean what they say, zones, centuries and the changes of clocks."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from headgate.contract.file_formats import FORMAT_FACTS
from headgate.contract.model import Column, Contract
from headgate.contract.pattern_slips import slip
from headgate.contract.patterns import EPOCHS, alternatives, has_short_year, is_zoned, parts
from headgate.contract.types import TIMES, leaves

Broken = tuple[str, str, str]

_UTC = ("UTC", "Etc/UTC", "GMT", "Etc/GMT", "Zulu", "Etc/Zulu", "UCT", "Etc/UCT")


def formats(contract: Contract) -> Iterator[Broken]:
    """Dates and times are read by declared formats, inside nested columns too, and instants have a zone."""
    for at, column in enumerate(contract.columns):
        key, kinds = f"columns[{at}].formats", _kinds(column)
        typed = FORMAT_FACTS[contract.source.format].typed
        from_text = column.derived is None and not contract.is_mart and not typed
        if column.nested and "time" in kinds:
            problem = f"column `{column.name}` has a `time` inside"
            yield f"columns[{at}].type", problem, "Write `string` there: only a whole column can be a `time`."
        if column.formats and not kinds:
            yield key, f"column `{column.name}` is a {column.type}", "`formats` belongs to dates and timestamps."
        if kinds and from_text and not column.formats:
            example = "HH:mm:ss" if kinds == {"time"} else "yyyy-MM-dd"
            problem = f"column `{column.name}` is a {column.type} without formats"
            yield key, problem, f'Declare them: `formats: ["{example}"]`.'
        slips = list(_slips(column, kinds)) if kinds else []
        yield from ((key, *broken) for broken in slips)
        if not slips:
            yield from ((key, *broken) for broken in _zones(column, kinds))
            words = () if contract.is_mart else _clock_words(column, kinds)
            yield from ((f"columns[{at}].{word}", what, remedy) for word, what, remedy in words)


def _kinds(column: Column) -> set[str]:
    return {leaf.kind for leaf in leaves(column.data_type)} & set(TIMES)


def _slips(column: Column, kinds: set[str]) -> Iterator[tuple[str, str]]:
    """A pattern must be good for one of the kinds in the column: a struct may have a date and a timestamp."""
    for pattern in column.formats:
        slips = [slip(pattern, kind) for kind in sorted(kinds)]
        if None not in slips and slips[0]:
            what, remedy = slips[0]
            yield f"`{pattern}` of `{column.name}`: {what}", remedy


def _zones(column: Column, kinds: set[str]) -> Iterator[tuple[str, str]]:
    if column.timezone and not _is_zone(column.timezone):
        problem = f"timezone `{column.timezone}` of `{column.name}` is not known"
        yield problem, "Use an IANA name such as `Europe/Rome`."
    for pattern in column.formats:
        of_column = f"`{pattern}` of `{column.name}`"
        if "timestamp" in kinds and not _always_zoned(pattern) and not column.timezone:
            yield f"{of_column} has no zone", "Add `timezone:`, or make it a `timestamp_ntz`."
        if kinds & {"date", "time"} and pattern in EPOCHS:
            yield f"{of_column} is an instant", "Type it as a timestamp and derive the date."
        if "timestamp" in kinds and column.timezone not in (None, *_UTC) and _reads_z_as_text(pattern):
            problem = f"{of_column} reads `Z` as a text, and takes the time for one of {column.timezone}"
            yield problem, "Write `X` for a zone such as `Z` or `+02:00`, or set `timezone: UTC`."


def _always_zoned(pattern: str) -> bool:
    return pattern in EPOCHS or all(is_zoned(way) for way in alternatives(pattern))


def _reads_z_as_text(pattern: str) -> bool:
    return pattern not in EPOCHS and any(part.kind == "text" and part.text in ("Z", "z") for part in parts(pattern))


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True


def _clock_words(column: Column, kinds: set[str]) -> Iterator[Broken]:
    """The words that say how a pattern's texts are read belong to columns that have such texts."""
    short = [pattern for pattern in column.formats if has_short_year(pattern)]
    if short and column.century_from is None:
        remedy = "Add the first year that is meant: `century_from: 1930` reads 30 as 1930, and 29 as 2029."
        yield "formats", f"`{short[0]}` of `{column.name}` has years of two digits", remedy
    if column.century_from is not None and not short:
        yield "century_from", f"no format of `{column.name}` has years of two digits", "Remove it, or write `yy`."
    for word in ("nonexistent", "ambiguous"):
        if getattr(column, word) != "refuse" and not ("timestamp" in kinds and column.timezone):
            yield (
                word,
                f"`{column.name}` has no local times of a zone",
                f"`{word}` belongs to timestamps with `timezone:`.",
            )
