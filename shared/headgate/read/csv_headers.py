"""Find a line inside a CSV file that looks like the header of another table."""

from __future__ import annotations

import functools
import operator
from collections.abc import Sequence

from pyspark.sql import Column
from pyspark.sql import functions as F

_NAME = r"\A\s*[\p{L}_][\p{L}\p{N}_ .:/()%#$€&+-]{0,79}\z"
_WAY_OUT = (
    "end the table before it with `skip_from`, or read such lines as rows with `inner_headers: data` (`source.read`)"
)


def other_header(values: Sequence[Column], names: Sequence[str], shown: Column | None) -> Column:
    """The file fault of a row that looks like another header: half of its values or more are names of the file's own.

    All its values look like names then. `shown` is the line that the reason quotes.
    """
    if len(names) < 2:
        return F.lit(None).cast("string")
    needed = (len(names) + 1) // 2
    known = sorted({form for name in names if name for form in (name, name.lower(), name.upper())})
    is_name = [value.isin(known) for value in values]
    among = functools.reduce(operator.or_, is_name[: len(names) - needed + 1])  # one of these must be a name then
    count = functools.reduce(operator.add, (each.cast("int") for each in is_name))
    may_be_names = functools.reduce(operator.and_, (~value.between("!", "@~") for value in values))  # begins as one may
    like_names = functools.reduce(operator.and_, (value.rlike(_NAME) for value in values))
    line = F.lit("a line") if shown is None else F.concat(F.lit("the line `"), F.substring(shown, 1, 200), F.lit("`"))
    reason = F.concat(line, F.lit(f" looks like the header of another table; {_WAY_OUT}"))
    return F.when(may_be_names & among & (count >= needed) & like_names, reason)
