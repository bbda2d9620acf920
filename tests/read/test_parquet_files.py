"""Parquet files: by the names and types of their own footers."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from headgate.contract.types import parse_type
from headgate.read.parquet_frame import fits
from headgate.spark.types import spark_type


@pytest.fixture
def put(staging):
    def write(file_name, /, **columns):
        file = staging.put(f"things/{file_name}", b"")
        pq.write_table(pa.table(columns), file)

    return write


def types(frame, *names):
    return [frame.schema[name].dataType.simpleString() for name in names]


def test_columns_are_mapped_by_name_and_odd_names_work(staging, contract, put):
    put("1.parquet", **{"ID": ["1"], "Odd.Name `x`": ["a"]})
    put("2.parquet", **{"title": ["b"], "id": ["2"]})
    made = contract("id", {"name": "name", "source": "Odd.Name `x`", "aliases": ["title"]}, format="parquet")
    assert staging.values(made, "id", "name", "_object") == [
        ("1", "a", "things/1.parquet"), ("2", "b", "things/2.parquet"),
    ]  # fmt: skip
    assert len(staging.plan(made).groups) == 2


def test_types_that_fit_stay_and_other_values_come_in_parts(staging, contract, put):
    put("1.parquet", a=pa.array([1], pa.int32()), b=[1.5], c=[Decimal("1.10")], d=[date(2024, 1, 2)], e=[True])
    columns = [("a", "bigint"), ("b", "int"), ("c", "decimal(10,2)"), ("d", "date"), ("e", "int")]
    made = contract(*({"name": n, "type": t} for n, t in columns), format="parquet")
    frame = staging.frame(made)
    assert types(frame, *"acd") == ["int", "decimal(3,2)", "date"]
    unfit = (None, None, "1.5"), (None, None, "true")
    assert staging.values(made) == [(1, unfit[0], Decimal("1.10"), date(2024, 1, 2), unfit[1])]


def test_files_whose_types_differ_get_one_type(staging, contract, put):
    put("1.parquet", a=pa.array([1], pa.int32()), b=pa.array([1], pa.int32()), c=[[1]])
    put("2.parquet", a=pa.array([2], pa.int64()), b=["x"], c=["[2]"])
    columns = [("a", "bigint"), ("b", "int"), ("c", "array<bigint>")]
    made = contract(*({"name": n, "type": t} for n, t in columns), format="parquet")
    assert types(staging.frame(made), "a") == ["bigint"]


def test_nested_values_stay_where_their_shape_fits_and_come_in_parts_where_not(staging, contract, put):
    put("1.parquet", a=[[{"x": 1, "y": "p"}]], b=[{"x": 1, "z": None}])
    columns = [("a", "array<struct<x:bigint,y:string>>"), ("b", "struct<x:int>")]
    made = contract(*({"name": n, "type": t} for n, t in columns), format="parquet")
    assert types(staging.frame(made), "a") == ["array<struct<x:bigint,y:string>>"]
    assert staging.values(made, "b") == [(((1,), None, None),)]


def test_missing_unknown_and_twice_named_columns_follow_the_rules_of_headers(staging, contract, put):
    put("1.parquet", id=["1"], extra=["x"])
    put("2.parquet", name=["x"])
    put("3.parquet", id=["3"], ID=["4"])
    put("4.parquet", id=["5"])
    made = contract("id", {"name": "n", "type": "int"}, key=("id",), format="parquet")
    refused = staging.refused(made)
    assert set(refused) == {"things/1.parquet", "things/2.parquet", "things/3.parquet"}
    assert "`extra`" in refused["things/1.parquet"]
    assert "differ in case only: `id`" in refused["things/3.parquet"]
    (staging.root / "things/1.parquet").unlink()
    (staging.root / "things/2.parquet").unlink()
    (staging.root / "things/3.parquet").unlink()
    assert staging.values(made, "id", "n", "_faults", "_raw", "_file_fault") == [("5", None, [], None, None)]


def test_a_parquet_file_that_is_cut_short_is_refused_and_the_others_are_read(staging, contract, put):
    put("1.parquet", id=["1"])
    put("2.parquet", id=["2"])
    short = staging.root / "things/2.parquet"
    short.write_bytes(short.read_bytes()[:-3])
    reason = staging.refused(contract("id", format="parquet"))["things/2.parquet"]
    assert reason.startswith("is not Parquet, or is cut short: ")


@pytest.mark.parametrize(
    ("have", "want", "expected"),
    [
        ("int", "bigint", True), ("bigint", "int", False), ("int", "double", True), ("bigint", "double", False),
        ("smallint", "float", True), ("int", "float", False), ("float", "double", True), ("double", "float", False),
        ("bigint", "decimal(19,0)", True), ("bigint", "decimal(20,2)", False), ("int", "decimal(12,2)", True),
        ("decimal(10,2)", "decimal(12,2)", True), ("decimal(10,2)", "decimal(12,1)", False),
        ("decimal(10,2)", "decimal(10,3)", False), ("string", "string", True), ("string", "int", False),
        ("date", "timestamp", False), ("timestamp_ntz", "timestamp", False), ("boolean", "boolean", True),
        ("map<string,int>", "map<string,bigint>", True), ("array<int>", "array<string>", False),
        ("struct<a:int>", "struct<b:int>", False), ("struct<a:int>", "struct<a:int,b:int>", False),
        ("binary", "string", False),
    ],
)  # fmt: skip
def test_a_type_fits_when_every_value_of_it_is_one_of_the_declared(have, want, expected):
    assert fits(spark_type(parse_type(have)), spark_type(parse_type(want))) is expected
