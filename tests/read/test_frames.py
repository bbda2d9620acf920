"""Each frame that reading makes: a small table in, a small table out."""

from __future__ import annotations

from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from chispa import assert_df_equality
from py4j.protocol import Py4JJavaError
from pyspark.sql import functions as F

from headgate.columns import ARRIVAL, FAULTS, FILE, FILE_FAULT, OBJECT, RAW, SKIP
from headgate.lake.storage import StoredObject
from headgate.read.csv_frame import csv_frame
from headgate.read.framing import frame
from headgate.read.json_frame import json_frame
from headgate.read.layout import Layout, Looked
from headgate.read.origin import with_origin
from headgate.read.parquet_frame import parquet_frame, with_equal_types

READERS = f"{FAULTS} array<string>, {RAW} string, {FILE_FAULT} string, {SKIP} string"
MORNING, EVENING = datetime(2026, 1, 2, 6, tzinfo=UTC), datetime(2026, 1, 2, 18, 0, 0, 1, tzinfo=UTC)


def looked(path: str, arrival: datetime) -> Looked:
    return Looked(StoredObject(path, f"file:///staging/{path}", 1, "v1", arrival), Layout())


@pytest.fixture
def grouped(staging, contract):
    """The only group of the files of a contract, with that contract."""

    def made(*columns, **source):
        described = contract(*columns, **source)
        [group] = staging.plan(described).groups
        return described, group

    return made


def test_a_row_gets_the_object_and_the_arrival_of_its_file(spark):
    files = [looked("a b.csv", MORNING), looked("c.csv", EVENING)]
    rows = [("1", "file:/staging/c.csv"), ("2", "file:/staging/a%20b.csv"), ("3", "file:/staging/c.csv")]
    actual = with_origin(spark.createDataFrame(rows, f"id string, {FILE} string"), spark, files)
    expected = spark.createDataFrame(
        [("1", "c.csv", EVENING), ("2", "a b.csv", MORNING), ("3", "c.csv", EVENING)],
        f"id string, {OBJECT} string, {ARRIVAL} timestamp",
    )
    assert_df_equality(actual, expected, ignore_nullable=True, ignore_row_order=True)


def test_the_rows_of_a_single_file_get_its_origin_without_a_join(spark):
    rows = spark.createDataFrame([("1", "any name")], f"id string, {FILE} string")
    actual = with_origin(rows, spark, [looked("a.csv", MORNING)])
    expected = spark.createDataFrame([("1", "a.csv", MORNING)], f"id string, {OBJECT} string, {ARRIVAL} timestamp")
    assert_df_equality(actual, expected, ignore_nullable=True)


def test_a_row_of_a_file_that_is_not_in_the_plan_stops_the_run(spark):
    rows = spark.createDataFrame([("1", "file:/staging/x.csv")], f"id string, {FILE} string")
    both = with_origin(rows, spark, [looked("a.csv", MORNING), looked("b.csv", MORNING)])
    with pytest.raises(Py4JJavaError, match=r"not an object of this plan: file:/staging/x\.csv"):
        both.collect()


def test_a_group_of_csv_files_is_read_by_its_header_with_faults_and_texts(spark, staging, grouped):
    staging.put("things/1.csv", b"name,x,id\nanna,1,1\nbo,2\ncaf\xe9,3,3\n,4,\n")
    described, group = grouped("id", "name", "note", ignore=["x"])
    expected = spark.createDataFrame(
        [
            ("1", "anna", None, [], None, None, None),
            ("", "bo", None, ["record: 2 values for 3 columns"], "bo,2", None, None),
            ("3", "caf\ufffd", None, ["name: bytes that are not utf-8"], "caf\ufffd,3,3", None, None),
            ("", "", None, [], None, None, None),  # an empty value is a text; a column that the file lacks is null
        ],
        f"id string, name string, note string, {READERS}",
    )
    actual = csv_frame(spark, described, group).where(F.col(SKIP).isNull())  # the header is a row that is skipped
    assert_df_equality(actual.drop(FILE), expected, ignore_nullable=True)


def test_a_group_of_json_lines_keeps_the_texts_of_numbers(spark, staging, grouped):
    staging.put("things/1.json", '{"id": 1.10, "tags": ["a"]}\n[2]\n')
    described, group = grouped("id", "tags", format="json")
    fault = "record: a list where an object is declared"
    expected = spark.createDataFrame(
        [("1.10", '["a"]', [], None, None, None), (None, None, [fault], "[2]", None, None)],
        f"id string, tags string, {READERS}",
    )
    assert_df_equality(json_frame(spark, described, group).drop(FILE), expected, ignore_nullable=True)


def test_a_group_of_parquet_files_keeps_the_types_that_fit(spark, staging, grouped):
    pq.write_table(pa.table({"n": pa.array([7], pa.int32()), "t": [1.5]}), staging.put("things/1.parquet", b""))
    columns = ({"name": "t", "type": "int"}, {"name": "n", "type": "bigint"}, {"name": "d", "type": "date"})
    described, group = grouped(*columns, format="parquet")
    parts = "struct<_given:int,_as_text:string,_unfit:string>"
    rows = [((None, None, "1.5"), 7, None, [], None, None, None)]
    expected = spark.createDataFrame(rows, f"t {parts}, n int, d date, {READERS}")
    assert_df_equality(parquet_frame(spark, described, group).drop(FILE), expected, ignore_nullable=True)


@pytest.mark.parametrize(
    ("first", "second", "common"), [("int", "bigint", "bigint"), ("int", "int", "int"), ("string", "string", "string")]
)
def test_frames_get_one_type_per_column(spark, contract, first, second, common):
    described = contract({"name": "a", "type": "bigint"}, format="parquet")
    frames = [spark.sql(f"SELECT CAST(7 AS {kind}) AS a") for kind in (first, second)]
    equal = with_equal_types(frames, described)
    assert [made.schema["a"].dataType.simpleString() for made in equal] == [common, common]
    assert_df_equality(equal[1], spark.sql(f"SELECT CAST(7 AS {common}) AS a"), ignore_nullable=True)


def test_frames_of_values_and_texts_keep_both_in_parts(spark, contract):
    described = contract({"name": "a", "type": "bigint"}, format="parquet")
    frames = [spark.sql(f"SELECT CAST(7 AS {kind}) AS a") for kind in ("int", "string")]
    equal = with_equal_types(frames, described)
    assert [tuple(made.collect()[0]["a"]) for made in equal] == [(7, None, None), (None, "7", None)]


def test_no_file_gives_the_same_columns_and_no_row(spark, staging, contract):
    staging.root.mkdir()
    described = contract("id", "name")
    actual = frame(spark, described, staging.plan(described))
    expected = spark.createDataFrame([], f"id string, name string, {READERS}, {OBJECT} string, {ARRIVAL} timestamp")
    assert_df_equality(actual, expected, ignore_nullable=True)
