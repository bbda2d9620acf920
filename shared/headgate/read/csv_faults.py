"""Whether the quotes of a CSV record follow the declared dialect, judged on the record's own text."""

from __future__ import annotations

import re

from pyspark.sql import Column
from pyspark.sql import functions as F

from headgate.columns import SKIP
from headgate.read.dialect import Dialect

OPEN = "record: a quote left open"
_BARE = " has a quote inside an unquoted value; `bare_quotes: allow` reads it as it is"
_BEHIND = " has text behind a closing quote; set `quote` and `escape` as the file has them"


def quoting_fault(record: Column, dialect: Dialect) -> Column:
    """What breaks the dialect in a record whose escapes are replaced; null where nothing does.

    A record without a quote costs one search for it. `OPEN` is the whole fault where the last value never ends.
    """
    if not dialect.quote:
        return F.lit(None).cast("string")
    before = F.regexp_extract(record, _begins(dialect.fields), 0)
    value = record.substr(F.length(before) + 1, F.length(record))
    place = F.concat(F.lit("record: value "), values(before, dialect).cast("string"))
    ended = value.rlike(_begins(dialect.quoted))
    quoted = F.when(ended, F.concat(place, F.lit(_BEHIND))).otherwise(F.lit(OPEN))
    fault = F.when(value.startswith(dialect.quote), quoted).otherwise(F.concat(place, F.lit(_BARE)))
    follows = record.rlike(_begins(dialect.record) + r"\z")
    return F.when(F.col(SKIP).isNull() & record.contains(dialect.quote) & ~follows, fault)


def ends_in_escape(record: Column, dialect: Dialect) -> Column:
    """True for a line whose end is escaped, so that the record continues."""
    if not dialect.outside:
        return F.lit(False)
    escape = re.escape(dialect.escape)
    return record.endswith(dialect.escape) & record.rlike(f"(?s)(?<!{escape})(?:{escape}{escape})*+{escape}\\z")


def wrong_count(record: Column, dialect: Dialect, width: int) -> Column:
    """The fault of a record that was not split into `width` values."""
    count = values(record, dialect)
    wrong = F.concat(F.lit("record: "), count.cast("string"), F.lit(f" values for {width} columns"))
    return F.when(count == width, F.lit(f"record: cannot be split into {width} values")).otherwise(wrong)


def values(record: Column, dialect: Dialect) -> Column:
    """How many values a record has: one more than its delimiters outside quotes. No regular expression recurses."""
    bare = record
    if dialect.quote:
        escapes = [dialect.escape * 2, dialect.escape + dialect.quote] if dialect.escape else []
        for pair in [dialect.quote * 2] if dialect.doubled else escapes:
            bare = F.replace(bare, F.lit(pair), F.lit(""))
        quote, before = _literal(dialect.quote), _literal(dialect.delimiter)
        bare = F.regexp_replace(bare, f"(^|{before}){quote}[^{quote}]*{quote}", "$1")
    without = F.replace(bare, F.lit(dialect.delimiter), F.lit(""))
    return ((F.length(bare) - F.length(without)) / len(dialect.delimiter)).cast("int") + 1


def _begins(pattern: str) -> str:
    return f"(?s)\\A{pattern}"


def _literal(text: str) -> str:
    return "".join(f"\\x{{{ord(c):x}}}" for c in text)
