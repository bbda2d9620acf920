"""Strict types: a text becomes a value only when it says exactly that."""

# ruff: noqa: E501, RUF001 (a table reads best in rows, and other digits than ASCII are the point of one)
from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from headgate.contract.model import Column
from headgate.gate.cast import typed_text
from headgate.lake.catalog import SESSION

NO = object()  # the text is not such a value
UTC9 = datetime(2026, 1, 2, 9, 30)

CASES: list[tuple[dict[str, Any], dict[str | None, Any]]] = [
    ({"type": "int"}, {"7": 7, " 7\u00a0": 7, "-7": -7, "+7": 7, "007": 7, "": None, None: None, "66.0": NO, "1d": NO, "1e3": NO,
                       "2147483648": NO, "7 7": NO, "7\n": 7, "٧": NO, "0x1F": NO}),
    ({"type": "tinyint"}, {"127": 127, "128": NO}),
    ({"type": "bigint"}, {"9223372036854775807": 9223372036854775807, "9223372036854775808": NO}),
    ({"type": "decimal(5,2)"}, {"1": Decimal("1.00"), "1.5": Decimal("1.50"), ".5": Decimal("0.50"), "-123.45": Decimal("-123.45"),
                                "1.239": NO, "1.500": NO, "1234.5": NO, "1,5": NO, "1e2": NO, "NaN": NO}),
    ({"type": "decimal(5,2)", "round": "half_up"}, {"1.235": Decimal("1.24"), "-1.235": Decimal("-1.24"), "999.999": NO}),
    ({"type": "decimal(5,0)"}, {"12": Decimal(12), "12.0": NO}),
    ({"type": "double"}, {"1.5": 1.5, "1e3": 1000.0, "-.5E-1": -0.05, "NaN": NO, "Infinity": NO, "1e999": NO, "1d": NO, "1f": NO}),
    ({"type": "double", "allow_nan": True}, {"inf": float("inf"), "-Infinity": float("-inf"), "abc": NO}),
    ({"type": "boolean"}, {"true": True, "FALSE": False, "1": NO, "yes": NO, "t": NO}),
    ({"type": "boolean", "true_texts": ("Y", "1"), "false_texts": ("n", "0")}, {"y": True, "1": True, "N": False, "true": NO}),
    ({"type": "date", "formats": ("yyyy-MM-dd",)}, {"2026-01-02": date(2026, 1, 2), "2024-02-29": date(2024, 2, 29), "2026-02-29": NO,
                                                    "2026": NO, "2026-1-2": NO, "2026-01-02 00:00": NO, "12:30": NO, "0000-00-00": NO}),
    ({"type": "date", "formats": ("yyyy-MM-dd", "yyyy-MM", "yyyy")}, {"2026": date(2026, 1, 1), "2026-05": date(2026, 5, 1), "26": NO}),
    ({"type": "date", "formats": ("MM/dd/yyyy", "dd/MM/yyyy")}, {"01/02/2026": date(2026, 1, 2), "13/02/2026": date(2026, 2, 13)}),
    ({"type": "date", "formats": ("yyyy-MM-dd",), "sentinels": ("9999-12-31",)}, {"9999-12-31": None, "9999-12-30": date(9999, 12, 30)}),
    ({"type": "timestamp", "formats": ("yyyy-MM-dd'T'HH:mm:ssX",)}, {"2026-01-02T09:30:00Z": UTC9, "2026-01-02T10:30:00+01": UTC9,
                                                                     "2026-01-02T09:30:00": NO, "2026-01-02": NO}),
    ({"type": "timestamp", "formats": ("yyyy-MM-dd HH:mm",), "timezone": "Europe/Rome"}, {"2026-01-02 10:30": UTC9}),
    ({"type": "timestamp", "formats": ("epoch_millis",)}, {"1767346200000": UTC9, "1767346200000.5": NO, "99999999999999999": NO}),
    ({"type": "timestamp_ntz", "formats": ("yyyy-MM-dd HH:mm",)}, {"2026-01-02 09:30": UTC9, "2026-01-02T09:30": NO}),
    ({"type": "string"}, {" a ": " a ", "": None, "NA": "NA"}),
    ({"type": "string", "trim": True}, {" a\t": "a", "  ": None}),
    ({"type": "int", "sentinels": ("-999",)}, {"-999": None, "-0999": None, "5": 5}),
    ({"type": "array<int>"}, {'["1","2"]': [1, 2], '["1","x"]': NO, "[]": [], '["1",null]': [1, None]}),
    ({"type": "struct<a:int,b:array<string>>"}, {'{"a":"1","b":["x"]}': (1, ["x"]), '{"a":"1.5"}': NO, "{}": (None, None)}),
    ({"type": "map<string,double>"}, {'{"k":"1.5"}': {"k": 1.5}, '{"k":"one"}': NO}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("spec", "texts"), CASES, ids=lambda value: " ".join(map(str, value.values())) if "type" in value else ""
)
def test_a_text_becomes(spark: SparkSession, spec: dict[str, Any], texts: dict[str | None, Any]) -> None:
    for key, setting in SESSION.items():
        spark.conf.set(key, setting)
    column = Column(name="c", **spec)
    typed = typed_text(F.col("c"), column, ("",))
    rows = spark.createDataFrame([(text,) for text in texts], "c string")
    found = rows.select("c", typed.value.alias("value"), F.coalesce(typed.fault, F.lit(False)).alias("fault")).collect()
    actual = {row["c"]: NO if row["fault"] else row["value"] for row in found}
    assert {k: tuple(v) if isinstance(v, tuple) else v for k, v in actual.items()} == texts


def test_a_null_text_replaces_the_datasets_list_and_is_matched_after_trimming(spark: SparkSession) -> None:
    column = Column(name="c", type="int")
    typed = typed_text(F.col("c"), column, ("NA", "-"))
    rows = spark.createDataFrame([("NA",), (" - ",), ("",), ("1",)], "c string")
    found = rows.select(typed.value, F.coalesce(typed.fault, F.lit(False))).collect()
    assert [tuple(row) for row in found] == [(None, False), (None, False), (None, True), (1, False)]
