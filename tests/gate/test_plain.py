"""The cheap way to a value gives what the strict way gives, or nothing; ordinary texts do take it."""

# ruff: noqa: E501, RUF001 (a table reads best in rows, and other digits than ASCII are the point)
from __future__ import annotations

from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from bench import run_session
from depth import at_depth
from headgate.contract.model import Column
from headgate.gate.cast import cleaned, typed_scalar
from headgate.gate.plain import plain_value

SPECS: dict[str, dict[str, Any]] = {
    "tinyint": {"type": "tinyint"},
    "int": {"type": "int"},
    "whole": {"type": "int", "allow_point_zero": True},
    "bigint": {"type": "bigint"},
    "decimal": {"type": "decimal(12,2)"},
    "no places": {"type": "decimal(5,0)"},
    "rounded": {"type": "decimal(6,2)", "round": "half_up"},
    "double": {"type": "double"},
    "float": {"type": "float", "allow_nan": True},
    "boolean": {"type": "boolean"},
    "words": {"type": "boolean", "true_texts": ("Y", " yes", "1"), "false_texts": ("n", "0 ")},
    "date": {"type": "date", "formats": ("yyyy-MM-dd",)},
    "dates": {"type": "date", "formats": ("dd/MM/yyyy", "yyyy-MM-dd")},
    "timestamp": {"type": "timestamp", "formats": ("yyyy-MM-dd HH:mm:ss",)},
    "in rome": {"type": "timestamp", "formats": ("yyyy-MM-dd'T'HH:mm:ss",), "timezone": "Europe/Rome"},
    "epoch": {"type": "timestamp", "formats": ("epoch_seconds",)},
    "ntz": {"type": "timestamp_ntz", "formats": ("yyyy-MM-dd HH:mm:ss[.SSS]", "yyyy-MM-dd'T'HH:mm:ss")},
    "time": {"type": "time", "formats": ("HH:mm",)},
    "ends in a text": {"type": "date", "formats": ("yyyy-MM-dd' '",)},
    "mapped": {"type": "int", "map": {"1": "2"}},
    "comma": {"type": "decimal(9,2)", "decimal": ",", "thousands": "."},
    "string": {"type": "string", "trim": True},
}
NULL_TEXTS = ("", "NA", "-", "7", "2026-01-01", "true")
ODD = " \t\n\x00\x0b\x1f\u00a0\u2007\ufeff+-.,eEdDfFxX_:/TZ'\"٧７²½àMn"
texts = st.one_of(
    st.text(st.sampled_from("0123456789" + ODD), max_size=12),
    st.from_regex(r"[ \t\x00]?[+-]?[0-9]{0,20}(\.[0-9]{0,3})?([eE][+-]?[0-9]{1,3})?[ \n\x1f]?", fullmatch=True),
    st.from_regex(r"[ T\x00]?[+-]?[0-9]{1,5}-[0-9]{1,2}-[0-9 ]{1,2}([T ][0-9]{1,2}:[0-9]{2}(:[0-9]{1,2})?)?[ Z\x00]?", fullmatch=True),
    st.from_regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,7})?)?", fullmatch=True),
    st.sampled_from([*NULL_TEXTS, "NaN", "Infinity", "-inf", "1d", "1f", "0x1p3", "TRUE", " yes", "0 ", "n", "Y", "tomorrow"]),
)  # fmt: skip


@pytest.fixture(scope="module")
def plain(spark: SparkSession) -> SparkSession:
    return run_session(spark)


@settings(
    max_examples=at_depth(200, 10), deadline=None, phases=[Phase.generate]
)  # the failing texts are shown as they are
@given(st.lists(texts, min_size=40, max_size=150, unique=True))
def test_what_the_cheap_way_gives_is_what_the_strict_way_gives(plain: SparkSession, written: list[str]) -> None:
    rows = plain.createDataFrame([(text,) for text in written], "t string")
    columns = {name: Column(name="c", **spec) for name, spec in SPECS.items()}
    both = []
    for name, spec in columns.items():
        cheap = plain_value(F.col("t"), spec, NULL_TEXTS)
        strict = typed_scalar(cleaned(F.col("t"), spec, NULL_TEXTS), spec)
        if cheap is not None:
            both.append(F.when(cheap.isNotNull() & ~cheap.eqNullSafe(strict), F.lit(name)))
    wrong = rows.select("t", F.array_compact(F.array(*both)).alias("wrong")).where(F.size("wrong") > 0).collect()
    assert [(row["t"], row["wrong"]) for row in wrong] == []


ORDINARY = {
    "int": ["0", "7", "42", "2147483647"], "bigint": ["9223372036854775807"], "decimal": ["0.50", "12", "1234.5"],
    "double": ["1.5", "1e3"], "boolean": ["true", "false"], "date": ["2026-02-28"],
    "timestamp": ["2026-02-28 23:59:59"], "ntz": ["2026-02-28T23:59:59"], "time": ["23:59"], "epoch": ["1767346200"],
}  # fmt: skip


def test_ordinary_texts_take_the_cheap_way(plain: SparkSession) -> None:
    found = {}
    for name, written in ORDINARY.items():
        value = plain_value(F.col("t"), Column(name="c", **SPECS[name]), ("",))
        assert value is not None, name
        rows = plain.createDataFrame([(text,) for text in written], "t string")
        found[name] = [row["t"] for row in rows.where(value.isNotNull()).collect()]
    assert found == ORDINARY


@pytest.mark.parametrize("name", ["mapped", "comma", "string", "ends in a text"])
def test_columns_whose_texts_must_be_looked_at_have_no_cheap_way(name: str) -> None:
    assert plain_value(F.col("t"), Column(name="c", **SPECS[name]), ("",)) is None
