"""Parquet values are judged as values: by the number or the moment, in any type that it came in."""

# ruff: noqa: E501 (a table reads best in rows)
from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal as D
from typing import Any
from uuid import UUID

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyspark.sql import functions as F

from headgate.columns import FAULT, FAULTS, OBJECT
from headgate.contract.types import parse_type
from headgate.gate.judge import typed

NO = object()  # not such a value
UTC8 = datetime(2024, 7, 1, 8)
NANOS = 1_719_820_800_000_000_000  # UTC8
JULY = [datetime(2024, 7, 1, 10)]


def dec(digits, scale, *numbers):
    return pa.array([None if n is None else D(n) for n in numbers], pa.decimal128(digits, scale))


def nanos(*at, zone=None):
    return pa.array(at, pa.int64()).cast(pa.timestamp("ns", zone))


DECIMAL, ROUNDED = {"type": "decimal(12,2)"}, {"type": "decimal(12,2)", "round": "half_up"}
WHOLE = {"type": "int", "allow_point_zero": True}
ROME = {"type": "timestamp", "timezone": "Europe/Rome"}
DAYS = ("yyyy-MM-dd",)

CASES: list[tuple[Any, dict[str, Any], list[Any]]] = [
    # decimals
    (dec(38, 10, "12.5", "7", "1.005", "0"), DECIMAL, [D("12.50"), D("7.00"), NO, D("0.00")]),
    (dec(38, 10, "12.5", "0.0000001", "0", "1.005"), ROUNDED, [D("12.50"), D("0.00"), D("0.00"), D("1.01")]),
    (dec(38, 37, "1.5", "0.0000000000000000000000000000000000001"), {"type": "decimal(3,1)"}, [D("1.5"), NO]),
    (dec(38, 0, "12", "99999999999999999999"), {"type": "decimal(38,30)"}, [D(12), NO]),
    (dec(38, 10, "5", "5.5", "2147483647", "2147483648"), {"type": "int"}, [5, NO, 2147483647, NO]),
    (dec(38, 38, "0", "0.5"), {"type": "bigint"}, [0, NO]),
    (dec(38, 0, "9223372036854775807", "18446744073709551617"), {"type": "bigint"}, [9223372036854775807, NO]),
    (dec(10, 2, "0.10"), {"type": "double"}, [0.1]),
    (dec(20, 10, "0", "12.5"), {"type": "string"}, ["0.0000000000", "12.5000000000"]),
    # floats
    (pa.array([12.5, 12345678.9, 0.0001, 1.005, 1e-30, 1e300]), DECIMAL, [D("12.50"), D("12345678.90"), NO, NO, NO, NO]),
    (pa.array([12.5, 12345678.9, 0.0001, 1.005, 1e-30, 1e300]), ROUNDED, [D("12.50"), D("12345678.90"), D(0), D("1.01"), D(0), NO]),
    (pa.array([float("nan"), float("inf"), -0.0, None]), ROUNDED, [NO, NO, D(0), None]),
    (pa.array([0.1, 3.5], pa.float32()), {"type": "decimal(5,1)"}, [D("0.1"), D("3.5")]),
    (pa.array([2.82879384806159e17, 1e23]), {"type": "decimal(38,0)"}, [D(282879384806159000), D(10**23)]),
    (pa.array([5.0, 5.5, 2147483648.0, -1e10, float("nan")]), {"type": "int"}, [NO] * 5),
    (pa.array([5.0, 5.5, 2147483648.0, 12345678.0, float("nan"), None]), WHOLE, [5, NO, NO, 12345678, NO, None]),
    (pa.array([9223372036854775808.0, -9223372036854775808.0]), {**WHOLE, "type": "bigint"}, [NO, -(2**63)]),
    (pa.array([8.6635484e25, 5.0], pa.float32()), {"type": "smallint", "allow_point_zero": True}, [NO, 5]),
    (pa.array([8.6635484e25, 5.0], pa.float32()), {"type": "string"}, ["86635480000000000000000000.0", "5.0"]),
    (pa.array([12345678.9, 5.0, 0.0001, 1e22, 1e60]), {"type": "string"}, ["12345678.9", "5.0", "0.0001", "10000000000000000000000.0", "1.0E60"]),
    (pa.array([0.5, 1e300]), {"type": "float"}, [0.5, NO]),
    # integers
    (pa.array([127, 128, -129, None]), {"type": "tinyint"}, [127, NO, NO, None]),
    (pa.array([2**64 - 1, 7], pa.uint64()), {"type": "bigint"}, [NO, 7]),
    (pa.array([2**64 - 1, 7], pa.uint64()), {"type": "decimal(20,0)"}, [D(2**64 - 1), D(7)]),
    (pa.array([2**32 - 1], pa.uint32()), {"type": "bigint"}, [2**32 - 1]),
    (pa.array([255], pa.uint8()), {"type": "tinyint"}, [NO]),
    (pa.array([10**10, 10**9]), {"type": "decimal(12,2)"}, [NO, D(10**9)]),
    (pa.array([2, 1, 0]), {"type": "boolean", "true_texts": ("1",), "false_texts": ("0",)}, [NO, True, False]),
    (pa.array([-1, 5]), {"type": "int", "null_texts": ("-1",)}, [None, 5]),
    (pa.array([1719820800, 5]), {"type": "timestamp", "formats": ("epoch_seconds",)}, [UTC8, datetime(1970, 1, 1, 0, 0, 5)]),
    (pa.array([20240501]), {"type": "date", "formats": ("yyyyMMdd",)}, [date(2024, 5, 1)]),
    # texts and booleans
    (pa.array(["5", "x", " 7 ", ""]), {"type": "int"}, [5, NO, 7, None]),
    (pa.array([b"5", b"x"]), {"type": "int"}, [5, NO]),
    (pa.array(["12.5", "1.005"]).dictionary_encode(), DECIMAL, [D("12.50"), NO]),
    (pa.array(["a", None], pa.large_string()), {"type": "string"}, ["a", None]),
    (pa.array(["2024-05-01"]), {"type": "date", "formats": DAYS}, [date(2024, 5, 1)]),
    (pa.array([True, None]), {"type": "string"}, ["true", None]),
    (pa.array([True]), {"type": "int"}, [NO]),
    (pa.array([UUID(int=7).bytes], pa.uuid()), {"type": "string"}, [str(UUID(int=7))]),
    (pa.nulls(2), {"type": "date"}, [None, None]),
    (pa.array([1], pa.duration("us")), {"type": "bigint"}, [1]),
    # times
    (pa.array(JULY, pa.timestamp("us")), ROME, [UTC8]),
    (pa.array(JULY, pa.timestamp("ms")), ROME, [UTC8]),
    (pa.array(JULY, pa.timestamp("us")), {"type": "timestamp"}, [NO]),
    (pa.array(JULY, pa.timestamp("us")), {"type": "timestamp_ntz"}, JULY),
    (pa.array([UTC8], pa.timestamp("us", "UTC")), ROME, [UTC8]),
    (pa.array([datetime(2024, 3, 31, 2, 30), datetime(2024, 10, 27, 2, 30), datetime(2024, 10, 27, 3, 30)], pa.timestamp("us")), ROME,
     [NO, NO, datetime(2024, 10, 27, 2, 30)]),
    (nanos(NANOS, NANOS + 1, -1000, None), {"type": "timestamp_ntz"}, [UTC8, NO, datetime(1969, 12, 31, 23, 59, 59, 999999), None]),
    (nanos(NANOS, NANOS + 1500, -1, zone="UTC"), {"type": "timestamp"}, [UTC8, NO, NO]),
    (nanos(NANOS + 7_200 * 10**9), ROME, [UTC8]),
    (nanos(NANOS + 1500, -1, zone="UTC"), {"type": "timestamp", "round": "half_up"}, [UTC8 + timedelta(microseconds=2), datetime(1970, 1, 1)]),
    (nanos(NANOS + 1500, -1), {"type": "timestamp_ntz", "round": "truncate"}, [UTC8 + timedelta(microseconds=1), datetime(1969, 12, 31, 23, 59, 59, 999999)]),
    (pa.array(JULY, pa.timestamp("ns")), {"type": "date", "round": "truncate"}, [date(2024, 7, 1)]),
    (pa.array([datetime(2024, 3, 31, 2, 30), datetime(2024, 10, 27, 2, 30)], pa.timestamp("us")), {**ROME, "nonexistent": "shift", "ambiguous": "later"},
     [datetime(2024, 3, 31, 1, 30), datetime(2024, 10, 27, 1, 30)]),
    (pa.array([-800_000, 0, 3_000_000], pa.int32()).cast(pa.date32()), {"type": "date"}, [NO, date(1970, 1, 1), NO]),
    (pa.array([time(1, 2, 3)], pa.time32("ms")), {"type": "time"}, ["01:02:03"]),
    (pa.array([1, 1000, None], pa.time64("ns")), {"type": "time"}, [NO, "00:00:00.000001", None]),
    (pa.array([1500], pa.time64("ns")), {"type": "time", "round": "half_up"}, ["00:00:00.000002"]),
    (pa.array([1.005, 12.5]), {**DECIMAL, "decimal": ",", "thousands": "."}, [NO, D("12.50")]),
    (pa.array(["1.234,5"]), {**DECIMAL, "decimal": ",", "thousands": "."}, [D("1234.50")]),
    (pa.array([7, 5]), {"type": "int", "map": {"7": "8"}}, [8, 5]),
    (pa.array([-999.0, 1.5]), {"type": "double", "sentinels": (-999,)}, [None, 1.5]),
    (nanos(NANOS, NANOS + 500), {"type": "string"}, ["2024-07-01 08:00:00", "2024-07-01 08:00:00.0000005"]),
    (pa.array([date(2024, 5, 1)]), {"type": "timestamp"}, [NO]),
    (pa.array([date(2024, 7, 1)]), {**ROME, "formats": DAYS}, [datetime(2024, 6, 30, 22)]),
    (pa.array([date(2024, 7, 1)]), {"type": "timestamp_ntz", "formats": DAYS}, [datetime(2024, 7, 1)]),
    (pa.array([datetime(2024, 7, 1), *JULY], pa.timestamp("ns")), {"type": "date"}, [date(2024, 7, 1), NO]),
    (pa.array(JULY, pa.timestamp("us", "UTC")), {"type": "date"}, [NO]),
    (pa.array(JULY, pa.timestamp("us", "UTC")), {"type": "timestamp_ntz"}, [NO]),
    (pa.array(JULY, pa.timestamp("us", "UTC")), {"type": "timestamp_ntz", "formats": ("yyyy-MM-dd HH:mm:ss",)}, JULY),
    (pa.array([date(2024, 5, 1)]), {"type": "string"}, ["2024-05-01"]),
    (pa.array([date(2024, 5, 1)]), {"type": "int"}, [NO]),
    (pa.array([time(1, 2, 3), time(1, 2, 3, 4000)], pa.time32("ms")), {"type": "string"}, ["01:02:03", "01:02:03.004"]),
    (pa.array([time(1, 2, 3, 4)], pa.time64("us")), {"type": "string"}, ["01:02:03.000004"]),
    (pa.array([1, 86_399_999_999_000], pa.time64("ns")), {"type": "string"}, ["00:00:00.000000001", "23:59:59.999999"]),
    # nested values
    (pa.array([[1.5, None], [0.001], None]), {"type": "array<decimal(5,2)>"}, [[D("1.50"), None], NO, None]),
    (pa.array([[NANOS], [NANOS + 1]], pa.list_(pa.timestamp("ns", "UTC"))), {"type": "array<timestamp>"}, [[UTC8], NO]),
    (pa.array([{"b": D("7.000"), "a": 5, "c": 1}, {"a": 10**10, "b": None, "c": 2}]), {"type": "struct<a:int,b:decimal(5,1)>"}, [(5, D("7.0")), NO]),
    (pa.array([[("k", 5)], [("k", 10**10)]], pa.map_(pa.string(), pa.int64())), {"type": "map<string,int>"}, [{"k": 5}, NO]),
    (pa.array([["1", "x"], ["2"]]), {"type": "array<int>"}, [NO, [2]]),
    (pa.array([[1], [2, 3]]), {"type": "int"}, [NO, NO]),
    (pa.array([[1], [2, 3]]), {"type": "string"}, ["[1]", "[2,3]"]),
    (pa.array([["a"], ["b", None]], pa.large_list(pa.large_string())), {"type": "array<string>"}, [["a"], ["b", None]]),
]  # fmt: skip


@pytest.fixture
def put(staging):
    def write(file_name, /, how=None, **columns):
        file = staging.put(f"things/{file_name}", b"")
        pq.write_table(pa.table(columns), file, **(how or {}))
        return file

    return write


@pytest.fixture
def judged(staging):
    """The typed rows of the staged files in order, as values or `NO`, and the faults that the reader saw."""

    def rows(made, *names):
        frame = typed(staging.frame(made), made)
        values = {name: _as_held(frame, name) for name in names or [c.name for c in made.read_columns]}
        faults = [F.col(FAULT + name).alias(FAULT + name) for name in values]
        found = frame.select(*(v.alias(n) for n, v in values.items()), *faults, FAULTS, OBJECT).collect()
        for row in found:
            assert all(row[FAULT + name] is not None for name in values)
        return [
            (*(NO if row[FAULT + n] else _plain(row[n]) for n in values), *([row[FAULTS]] if row[FAULTS] else []))
            for row in sorted(found, key=lambda row: row[OBJECT])
        ]

    return rows


def _as_held(frame, name):
    """Timestamps as in UTC, so that Python does not move them."""
    instant = frame.schema[name].dataType.simpleString() == "timestamp"
    return F.col(name).cast("timestamp_ntz") if instant else F.col(name)


def _plain(value):
    return tuple(value) if hasattr(value, "asDict") else value


def padded(array, length):
    return pa.concat_arrays([array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array,
                             pa.nulls(length - len(array), array.type)])  # fmt: skip


def test_a_value_becomes_the_declared_type_where_it_is_such_a_value(staging, contract, put, judged):
    length = max(len(array) for array, _, _ in CASES)
    put("1.parquet", **{f"c{i}": padded(array, length) for i, (array, _, _) in enumerate(CASES)})
    made = contract(*({"name": f"c{i}", **spec} for i, (_, spec, _) in enumerate(CASES)), format="parquet")
    columns = zip(CASES, zip(*judged(made), strict=True), strict=True)
    found = [(array.type, spec, list(values[: len(expected)])) for (array, spec, expected), values in columns]
    assert found == [(array.type, spec, expected) for array, spec, expected in CASES]


def test_a_number_in_a_text_may_end_in_point_zero_by_a_word(spark, contract):
    made = contract({"name": "a", **WHOLE}, {"name": "b", "type": "int"})
    raw = spark.createDataFrame(
        [(text, text, []) for text in ("5.0", "5", "5.00", "5.01", ".0")], "a string, b string, _faults array<string>"
    )
    found = [(row.a, row.b) for row in typed(raw, made).collect()]
    assert found == [(5, None), (5, 5), (5, None), (None, None), (None, None)]


def test_bytes_that_are_not_utf_8_refuse_their_row_wherever_they_are(contract, put, judged):
    bad, good = b"\xff\x00", "é\ufffd".encode()
    put(
        "1.parquet",
        v=pa.array([bad, good, None]),
        text=pa.array([good, bad, good]).view(pa.string()),
        many=pa.array([[good], [good, bad], None]),
        of=pa.array([{"x": [good]}, {"x": [good]}, {"x": [bad]}]),
        by=pa.array([[(good, 1)], [(bad, 1)], None], pa.map_(pa.binary(), pa.int64())),
        number=pa.array([b"5", b"6", bad]),
        raw=pa.array([bad, bad, bad]),
    )
    made = contract("v", "text", {"name": "many", "type": "array<string>"}, {"name": "of", "type": "struct<x:array<string>>"},
                    {"name": "by", "type": "map<string,bigint>"}, {"name": "number", "type": "int"},
                    {"name": "raw", "type": "binary"}, format="parquet")  # fmt: skip
    first, second, third = judged(made, "number", "raw")
    assert first == (5, bad, ["v: bytes that are not utf-8"])
    assert second == (6, bad, [f"{name}: bytes that are not utf-8" for name in ("text", "many", "by")])
    assert third[2] == ["of: bytes that are not utf-8", "number: bytes that are not utf-8"]


def test_files_of_conflicting_types_are_each_judged_by_their_own(contract, put, judged):
    put("1.parquet", at=pa.array(JULY, pa.timestamp("us")), n=pa.array([5.0]), d=pa.array(["01/07/2024"]))
    put("2.parquet", at=pa.array(["01.07.2024 10:00", "x"]), n=pa.array(["5", "y"]), d=pa.array([date(2024, 7, 1)] * 2))
    put("3.parquet", at=pa.array([UTC8], pa.timestamp("us", "UTC")), n=pa.array([5], pa.int8()), d=pa.nulls(1))
    put("4.parquet", at=pa.array([[1]]), n=pa.array([{"x": 1}]), d=pa.array([True]))
    made = contract({"name": "at", **ROME, "formats": ("dd.MM.yyyy HH:mm",)}, {"name": "n", "type": "decimal(5,1)"},
                    {"name": "d", "type": "date", "formats": ("dd/MM/yyyy",)}, format="parquet")  # fmt: skip
    july, n = date(2024, 7, 1), D("5.0")
    assert judged(made) == [(UTC8, n, july), (UTC8, n, july), (NO, NO, july), (UTC8, n, None), (NO, NO, NO)]


def test_half_precision_wide_decimals_and_foreign_codecs_are_read_from_a_copy(staging, contract, put, judged):
    half = pa.array(np.array([0.1, 5, np.nan], dtype=np.float16))
    wide = pa.array([D("12.50"), D(10) ** 39, None], pa.decimal256(50, 10))
    old = pa.array([datetime(1, 1, 1), datetime(1899, 12, 30), None], pa.timestamp("us"))
    put("1.parquet", a=half, b=half, w=wide, n=pa.array([[1.5], None, []], pa.list_(pa.float32())))
    put("2.parquet", a=pa.array([1.5]), how={"compression": "brotli"})
    put("3.parquet", at=old, a=half, how={"use_deprecated_int96_timestamps": True})
    columns = [
        ("a", "decimal(5,1)"),
        ("b", "double"),
        ("w", "decimal(12,2)"),
        ("n", "array<float>"),
        ("at", "timestamp"),
    ]
    made = contract(*({"name": n, "type": t} for n, t in columns), format="parquet")
    assert judged(made) == [
        (D("0.1"), float(np.float16(0.1)), D("12.50"), [1.5], None), (D("5.0"), 5.0, NO, None, None),
        (NO, NO, None, [], None), (D("1.5"), None, None, None, None), (D("0.1"), None, None, None, datetime(1, 1, 1)),
        (D("5.0"), None, None, None, datetime(1899, 12, 30)), (NO, None, None, None, None),
    ]  # fmt: skip


def test_what_cannot_be_read_refuses_its_file_with_column_and_type_and_ignored_columns_do_not(staging, contract, put):
    half = pa.array(np.array([0.1], dtype=np.float16))
    put("1.parquet", id=["1"], x=half)
    put("2.parquet", id=["2"], x=pa.array([[D(1)]], pa.list_(pa.decimal256(50, 2))))
    put("3.parquet", id=["3"], x=pa.array([time(1)]), how={"compression": {"id": "snappy", "x": "brotli"}})
    ignoring = contract("id", format="parquet", ignore=["x"])
    assert sorted(staging.values(ignoring)) == [("1",), ("2",), ("3",)]
    reading = contract("id", {"name": "x", "type": "array<decimal(5,2)>"}, format="parquet")
    assert staging.refused(reading) == {
        "things/2.parquet": "has column `x` with a decimal with more than 38 digits inside, which cannot be read. "
        "Deliver it as a type that can be read, or list it under `source.ignore`"
    }
    private = contract({"name": "id", "classification": "person"}, format="parquet", ignore=["x"])
    assert staging.refused(private) == {
        "things/1.parquet": "would have to be copied unmasked before Spark can read it (column `x` is a half-precision "
        "float), and the dataset has classified columns; deliver it without"
    }


def test_a_name_with_a_colon_and_a_file_without_any_read_column_are_read(staging, contract, put):
    put("a:b.parquet", id=["1"])
    put("c.parquet", other=["1", "2"])
    made = contract("id", format="parquet", ignore=["other"])
    assert staging.values(made, "id", "_object") == [("1", "things/a:b.parquet"), *[(None, "things/c.parquet")] * 2]


def test_old_days_are_read_as_the_writer_counted_them(staging, contract, put, judged):
    """The day on which the year 1500 began in today's calendar was the 23rd of December 1499 in the Julian one."""
    days = pa.array([-171_664, 0], pa.int32()).cast(pa.date32())  # 1500-01-01, proleptic
    by_writer = {"1": {}, "2": {"org.apache.spark.version": "2.4.5"}, "3": {"writer.date.proleptic": "false"},
                 "4": {"org.apache.spark.version": "3.5.6"}}  # fmt: skip
    for name, metadata in by_writer.items():
        table = pa.table({"d": days}).replace_schema_metadata(metadata)
        pq.write_table(table, staging.put(f"things/{name}.parquet", b""))
    made = contract({"name": "d", "type": "date"}, format="parquet")
    read = [row[0] for row in judged(made)]
    assert read[::2] == [date(1500, 1, 1), date(1499, 12, 23), date(1499, 12, 23), date(1500, 1, 1)]
    assert read[1::2] == [date(1970, 1, 1)] * 4


def test_every_kind_of_list_that_writers_know_is_read(spark, staging, contract, judged):
    rows = spark.sql(
        "SELECT array(1, null) AS plain, array(array(1), null) AS twice, array(struct(1 AS a)) AS of, map('k', array(1)) AS by"
    )
    rows = rows.selectExpr("*", "array(1, 2) AS sure")
    for name, legacy in (("new", "false"), ("old", "true")):
        spark.conf.set("spark.sql.parquet.writeLegacyFormat", legacy)
        rows.coalesce(1).write.parquet(str(staging.root / f"things/{name}"))
    spark.conf.unset("spark.sql.parquet.writeLegacyFormat")
    columns = [("plain", "array<bigint>"), ("twice", "array<array<int>>"), ("of", "array<struct<a:int>>"),
               ("by", "map<string,array<decimal(5,1)>>"), ("sure", "array<int>")]  # fmt: skip
    made = contract(*({"name": n, "type": t} for n, t in columns), format="parquet")
    one = ([1, None], [[1], None], [(1,)], {"k": [D("1.0")]}, [1, 2])
    assert judged(made) == [one, one]


def test_every_type_named_here_is_one_of_contracts():
    assert all(parse_type(spec["type"]) for _, spec, _ in CASES)
