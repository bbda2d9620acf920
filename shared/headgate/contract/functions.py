"""The functions of Spark SQL by kind, without Spark: `spark_functions.txt` is written from Spark's registry."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("spark_functions.txt")

# Of the registry's scalar functions: those that give another value at another time, by chance, or at another place.
CLOCK = frozenset(("curdate", "current_date", "current_timestamp", "localtimestamp", "now"))
CHANCE = frozenset(("rand", "randn", "random", "shuffle", "uuid", "monotonically_increasing_id"))
PLACE = frozenset(
    ("current_catalog", "current_database", "current_schema", "current_timezone", "current_user", "input_file_name",
     "input_file_block_length", "input_file_block_start", "session_user",
     "spark_partition_id", "user", "version")
)  # fmt: skip
# Those that call code of whoever wrote the SQL: any Java method of the job, with the job's rights.
OUTSIDE = frozenset(("java_method", "reflect"))
_NOW_WITHOUT_ARGUMENTS = frozenset(("unix_timestamp", "to_unix_timestamp"))
_BARE = frozenset(("current_date", "current_timestamp", "localtimestamp"))
# Texts, perhaps with a zone, that Spark reads as a time of the run wherever it makes a date or a time of them.
_MOMENT = re.compile(r"\s*(?:now|today|tomorrow|yesterday)(?:\s+\S+)?\s*\Z", re.IGNORECASE)
_TIMES = ("date", "timestamp", "timestamp_ntz", "timestamp_ltz")
_MAKE_TIMES = frozenset(
    (*_TIMES, "add_months", "cast", "date_add", "date_diff", "date_format", "date_part", "date_sub", "date_trunc",
     "dateadd", "datediff", "datepart", "day", "dayofmonth", "dayofweek", "dayofyear", "extract", "from_utc_timestamp",
     "hour", "last_day", "minute", "month", "months_between", "next_day", "quarter", "second", "to_date",
     "to_timestamp", "to_timestamp_ltz", "to_timestamp_ntz", "to_utc_timestamp", "trunc", "try_cast",
     "try_to_timestamp", "weekday", "weekofyear", "year")
)  # fmt: skip
# A text behind one of these words is a value by itself, unless it is compared.
_BEFORE_A_VALUE = ("select", "then", "else", "like", "ilike", "rlike", "regexp", "||")
_COMPARE = ("=", "==", "<", ">", "<=", ">=", "<>", "!=", "<=>", "between")

# What the grammar of Spark reads like a function, without one in the registry.
_GRAMMAR = frozenset(
    ("cast", "try_cast", "extract", "timestampadd", "timestampdiff", "dateadd", "datediff", "trim", "overlay",
     "position", "percentile_cont", "percentile_disc", "nullif")
)  # fmt: skip
# Words that a parenthesis may follow without a call.
_NOT_CALLED = frozenset(
    ("and", "or", "not", "in", "between", "when", "then", "else", "case", "like", "ilike", "rlike", "regexp", "is",
     "as", "over", "all", "exists", "interval", "div", "from", "distinct", "escape", "on", "where", "by", "decimal",
     "dec", "numeric", "varchar", "char", "character", "end", "partition by", "order by", "group by", "select", "with")
)  # fmt: skip


@dataclass(frozen=True)
class Called:
    """A function in a text of SQL: as written, and its kind; `unknown` where Spark has none of that name.

    `perhaps clock` is a text such as `'today'`, which is the time of the run where it is compared with a time.
    """

    name: str
    kind: str


@cache
def function_kinds() -> dict[str, str]:
    """Every function's kind: `scalar`, `aggregate`, `window`, `generator`, `clock`, `chance`, `place` or `outside`."""
    kinds: dict[str, str] = {}
    for line in FILE.read_text(encoding="utf-8").splitlines():
        kind, *names = line.split()
        kinds.update(dict.fromkeys(names, kind) if kind != "#" else {})
    kinds.update(dict.fromkeys(_GRAMMAR - kinds.keys(), "scalar"))
    for kind, special in (("clock", CLOCK), ("chance", CHANCE), ("place", PLACE), ("outside", OUTSIDE)):
        kinds.update(dict.fromkeys(special, kind))
    return kinds


def functions_called(sql: str, columns: Sequence[str] = ()) -> Iterator[Called]:
    """The functions that SQL calls, not those in its texts and comments. Spark calls quoted names as well.

    A name of `columns` is a column where no parentheses follow it. Raises `sqlglot.errors.SqlglotError`.
    """
    import sqlglot

    tokens = [*sqlglot.tokenize(sql, read="spark")]
    for at, token in enumerate(tokens):
        name = token.text.lower()
        if token.token_type.name.endswith("STRING"):
            yield from _moment(tokens, at, name)
        elif _text_at(tokens, at + 1) == "(" and name not in _NOT_CALLED and name.isidentifier():
            yield Called(token.text, _kind(name, tokens, at))
        elif name in _BARE and name not in columns and _text_at(tokens, at - 1) not in (".", "as"):
            yield Called(token.text, function_kinds()[name])


def is_moment(text: str) -> bool:
    """True for a text that Spark takes for the time of the run where it makes a date or a time of it."""
    return _MOMENT.match(text) is not None


def _kind(name: str, tokens: list[Any], at: int) -> str:
    if _text_at(tokens, at - 1) == ".":
        return "clock" if name in CLOCK else "chance" if name in CHANCE else "unknown"
    if name in _NOW_WITHOUT_ARGUMENTS and _text_at(tokens, at + 2) == ")":
        return "clock"
    return function_kinds().get(name, "unknown")


def _moment(tokens: list[Any], at: int, text: str) -> Iterator[Called]:
    """`date 'today'`, `datediff(day, 'today')`: Spark reads these texts as the time of the run.

    Where the text is compared, it depends on the type of the other side: `perhaps clock`. A list of texts behind `IN`
    is compared as texts.
    """
    if not is_moment(text):
        return
    around = _called_around(tokens, at)
    if _text_at(tokens, at - 1) in _TIMES or around in _MAKE_TIMES:
        yield Called(f"'{text.strip()}'", "clock")
        return
    alone = _text_at(tokens, at + 1) == "as" or _text_at(tokens, at - 1) in _BEFORE_A_VALUE
    if around != "in" and (not alone or _text_at(tokens, at + 1) in _COMPARE):
        yield Called(f"'{text.strip()}'", "perhaps clock")


def _called_around(tokens: list[Any], at: int) -> str:
    """The word before the innermost parenthesis around a token; parentheses alone do not count."""
    depth = 0
    for before in range(at - 1, -1, -1):
        text = _text_at(tokens, before)
        depth += (text == ")") - (text == "(")
        if depth < 0:
            name = _text_at(tokens, before - 1)
            if name.isidentifier():
                return name
            depth = 0
    return ""


def _text_at(tokens: list[Any], at: int) -> str:
    return tokens[at].text.lower() if 0 <= at < len(tokens) else ""
