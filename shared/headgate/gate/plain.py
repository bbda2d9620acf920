"""The value of a text that is plainly written, the cheap way: exactly what the strict way gives, or nothing.

Nearly every text of a file is one. White space is not looked for, digits are counted instead of matched, and dates in
ISO's layout are cast. Where the cheap way has no value, the strict way (`cast.py`) decides.
"""

from __future__ import annotations

from pyspark.sql import Column
from pyspark.sql import functions as F

from headgate.contract.model import Column as Spec
from headgate.contract.patterns import EPOCHS
from headgate.contract.types import FLOATS, INTEGERS, TIMES
from headgate.gate.cast import SPACES, typed_scalar
from headgate.gate.numbers import has_number_words
from headgate.spark.types import spark_type

_MOST_DIGITS = 19  # of a bigint


def plain_value(text: Column, spec: Spec, null_texts: tuple[str, ...]) -> Column | None:
    """The value of a text that is written without anything around it; null where that is not certain.

    None for columns that have no such cheap way.
    """
    value = _value(text, spec)
    excluded = [null for null in null_texts if null.strip(SPACES)]
    if value is None or spec.map:
        return None
    return F.when(~text.isin(*excluded), value) if excluded else value


def _value(text: Column, spec: Spec) -> Column | None:
    kind = spec.data_type.kind
    if kind in INTEGERS and not has_number_words(spec):
        return _integer(text, spec)
    if kind in (*FLOATS, "decimal") and not has_number_words(spec):
        return typed_scalar(text, spec)  # whose pattern has no white space
    if kind == "boolean":
        return _boolean(text, spec)
    if kind in TIMES and spec.formats and all(map(_begins_and_ends_in_fields, spec.formats)):
        return typed_scalar(text, spec)
    return None


def _integer(text: Column, spec: Spec) -> Column:
    """A number of as many digits as its text has bytes: no sign, no space, no leading zero, no point is among them.

    Spark's cast skips white space and control characters, cuts decimals, and takes a point for 0: each makes the number
    smaller than that.
    """
    least = F.array(*(F.lit(10**digits).cast("bigint") for digits in range(_MOST_DIGITS)))
    number = text.cast(spark_type(spec.data_type))
    return F.when((number >= F.get(least, F.octet_length(text) - 1)) | (text == "0"), number)


def _boolean(text: Column, spec: Spec) -> Column:
    def bare(words: tuple[str, ...]) -> list[str]:
        return [word for word in words if word.strip(SPACES) == word]

    true, false = text.isin(*bare(spec.true_texts)), text.isin(*bare(spec.false_texts))
    return F.when(true, F.lit(True)).when(false, F.lit(False))


def _begins_and_ends_in_fields(pattern: str) -> bool:
    """True where no text with white space around it can have the pattern."""
    return pattern in EPOCHS or (pattern[:1].isalpha() and pattern.rstrip("]")[-1:].isalpha())
