"""What a text looks like that is not of its column's type, and the word of a contract that would take it.

Only refused rows are looked at. Where a dataset has a classified column, texts that failed are hidden: then the shape
of the text is shown, `9.999,99` for `1.234,50`, as it says enough to correct the contract.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pyspark.sql import Column
from pyspark.sql import functions as F

from headgate.contract.model import Column as Spec
from headgate.contract.patterns import EPOCHS, has_time_of_day, is_zoned
from headgate.contract.types import FLOATS, INTEGERS, TIMES, DecimalType
from headgate.gate.cast import SPACES
from headgate.gate.gate import Gate, fails
from headgate.gate.numbers import has_number_words

_SHOWN = 40  # characters of a shape
_WHOLE, _GROUPED = "[+-]?[0-9]+", "[+-]?[0-9]{1,3}"
_DECIMAL_COMMA = rf"^(?:{_WHOLE}|{_GROUPED}(?:\.[0-9]{{3}})+),[0-9]+\z"
_THOUSANDS_COMMA = rf"^{_GROUPED}(?:,[0-9]{{3}})+(?:\.[0-9]+)?\z"
_MARKED = r"^[+-]?(?:\p{Sc}\s*[0-9.,]+|[0-9.,]+\s*[\p{Sc}%])\z"
_POINT = rf"^(?:{_WHOLE})?\.?[0-9]*\z"
_LONG_FRACTION = r"[.,][0-9]{6}[0-9]*[1-9]"


def hints(gate: Gate, texts: Mapping[str, Column]) -> Column:
    """A reason more for each text that is not of its column's type and looks like something that a word would take.

    `texts` are the texts as read, by column.
    """
    checks = {check.columns[0]: number for number, check in gate.refusing().items() if check.expect == "type"}
    specs = [spec for spec in gate.contract.read_columns if spec.name in checks and not spec.nested]
    failing = [(spec, F.btrim(texts[spec.name], F.lit(SPACES)), fails(checks[spec.name])) for spec in specs]
    numbers = [F.when(failed, _number(spec, text)) for spec, text, failed in failing if _is_plain_number(spec)]
    times = [F.when(failed, _time(spec, text)) for spec, text, failed in failing if spec.data_type.kind in TIMES]
    shapes = [F.when(failed, _shape(spec, text)) for spec, text, failed in failing if spec.data_type.kind != "string"]
    found = F.array(F.lit(None).cast("string"), *times, *(shapes if gate.contract.classified else []))
    if numbers:
        present = F.filter(F.array(*numbers), lambda number: number.isNotNull())
        found = F.concat(found, F.transform(present, _hint_of_number))
    return F.array_compact(found)


def _is_plain_number(spec: Spec) -> bool:
    return spec.data_type.kind in (*INTEGERS, *FLOATS, "decimal") and not has_number_words(spec)


def _number(spec: Spec, text: Column) -> Column:
    """What the one expression for all numbers must know of a column; `scale` is the most decimals that it takes."""
    exact = isinstance(spec.data_type, DecimalType) and not spec.round
    scale = spec.data_type.scale if exact and isinstance(spec.data_type, DecimalType) else -1
    whole = spec.data_type.kind in INTEGERS
    return F.struct(
        F.lit(spec.name).alias("name"), text.alias("text"), F.lit(0 if whole else scale).alias("scale"),
        F.lit(whole).alias("whole"),
    )  # fmt: skip


def _hint_of_number(number: Column) -> Column:
    text, scale = number["text"], number["scale"]
    decimals = F.length(F.substring_index(text, ".", -1))
    has_point = text.contains(".") & text.rlike(_POINT)
    beyond = has_point & (scale >= 0) & (decimals > scale)
    what = (
        F.when(
            has_point & number["whole"] & text.rlike(r"\.0*\z"),
            F.lit("only zeros behind the point? say `allow_point_zero: true`"),
        )
        .when(has_point & number["whole"], F.lit("has decimals; type it as a `decimal`"))
        .when(beyond, F.concat(F.lit("has "), decimals, F.lit(" decimals; use `round: half_up`")))
        .when(text.rlike(_THOUSANDS_COMMA), F.lit('commas between thousands? say `thousands: ","`'))
        .when(text.rlike(_DECIMAL_COMMA) & text.contains("."), F.lit(_BOTH_SIGNS))
        .when(text.rlike(_DECIMAL_COMMA), F.lit('a decimal comma? say `decimal: ","`'))
        .when(text.rlike(_MARKED), F.lit('a sign beside the number? say `strip: " %€"` with that sign'))
        .when(text.rlike(r"(?i)^[+-]?[0-9.]+e[+-]?[0-9]+\z"), F.lit("has an exponent; type it as a `double`"))
    )
    return F.concat(number["name"], F.lit(": "), what)


_BOTH_SIGNS = 'a decimal comma? say `decimal: ","` and `thousands: "."`'


def _time(spec: Spec, text: Column) -> Column:
    what = F.lit(None).cast("string")
    for condition, words in _about_times(text, spec):
        what = F.when(condition, F.lit(f"{spec.name}: {words}")).otherwise(what)
    return what


def _about_times(text: Column, spec: Spec) -> Iterator[tuple[Column, str]]:
    """What may be said of a text that is not such a time, the most likely last."""
    kind, patterns = spec.data_type.kind, [pattern for pattern in spec.formats if pattern not in EPOCHS]
    if kind in ("timestamp", "timestamp_ntz"):
        yield text.rlike(r"^[0-9]{13}\z") & ~_fits(text, patterns), "milliseconds? add the format `epoch_millis`"
        yield text.rlike(r"^[0-9]{10}\z") & ~_fits(text, patterns), "seconds? add the format `epoch_seconds`"
    local = [pattern for pattern in patterns if not is_zoned(pattern) or "[" in pattern]
    if kind == "timestamp" and spec.timezone and local and spec.century_from is None:
        refused = " and ".join(f"`{word}`" for word in ("nonexistent", "ambiguous") if getattr(spec, word) == "refuse")
        yield (
            _fits(text, local),
            f"skipped or shown twice by the clocks of {spec.timezone}; see {refused or 'the year'}",
        )
    if kind == "date" and any(has_time_of_day(pattern) for pattern in patterns):
        timed = [pattern for pattern in patterns if has_time_of_day(pattern)]
        yield _fits(text, timed), "has a time of day; use `round: truncate` to drop it"
    if kind != "date" and spec.round is None:
        yield text.rlike(_LONG_FRACTION), "has more than six decimals of a second; use `round: half_up` or `truncate`"


def _fits(text: Column, patterns: list[str]) -> Column:
    read = [F.to_timestamp_ntz(text, F.lit(pattern)) for pattern in patterns]
    return F.coalesce(*read).isNotNull() if read else F.lit(False)


def _shape(spec: Spec, text: Column) -> Column:
    """The text with `9` for every digit and `a` for every letter; null for a text without digits."""
    digits = F.regexp_replace(F.substring(text, 1, _SHOWN), r"\p{N}", "9")
    shape = F.regexp_replace(digits, r"[\p{L}\p{M}]", "a")
    return F.when(shape.contains("9"), F.concat(F.lit(f"{spec.name}: written as `"), shape, F.lit("`")))
