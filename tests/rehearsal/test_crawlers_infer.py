"""What the classifiers see in a file, by AWS's published rules."""

from __future__ import annotations

import gzip
import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from rehearsal.aws.crawlers.infer import SAMPLE, classify
from rehearsal.aws.crawlers.schemas import UNKNOWN, Schema, merge, wider


def seen(text: str | bytes) -> Schema:
    return classify(text if isinstance(text, bytes) else text.encode(), whole=True)


def test_a_first_row_of_words_above_numbers_is_a_header() -> None:
    found = seen("Track_ID,Name,Plays,Share,Live\na,x,1,0.5,true\nb,y,2,3,false\n")
    assert (found.classification, found.delimiter, found.header, found.records) == ("csv", ",", True, 2)
    assert found.columns == (
        ("track_id", "string"),
        ("name", "string"),
        ("plays", "bigint"),
        ("share", "double"),
        ("live", "boolean"),
    )


def test_where_every_column_is_text_the_header_is_taken_for_a_row() -> None:
    found = seen("id,name\na,x\nb,y\n")
    assert (found.header, found.records) == (False, 3)
    assert found.columns == (("col0", "string"), ("col1", "string"))


@pytest.mark.parametrize("delimiter", [",", "|", "\t", ";", "\u0001"])
def test_the_delimiter_is_found(delimiter: str) -> None:
    found = seen(delimiter.join(["1", "x y"]) + "\n" + delimiter.join(["2", "z"]) + "\n")
    assert (found.delimiter, found.columns) == (delimiter, (("col0", "bigint"), ("col1", "string")))


def test_quotes_hold_commas_together_and_empty_cells_say_nothing_of_a_type() -> None:
    found = seen('a,n\n"x, y",1\nz,\n')
    assert (found.columns, found.quoted) == ((("a", "string"), ("n", "bigint")), True)


@pytest.mark.parametrize("text", ["", "just words\nin lines\n", "a,b\n", b"\xff\xfe\x00\x01binary", b"PAR1 not really"])
def test_what_is_of_no_known_form_is_unknown(text: str | bytes) -> None:
    assert seen(text).classification == UNKNOWN


def test_json_records_give_the_widest_types_and_nested_ones() -> None:
    found = seen(
        '{"Id": 1, "v": 1, "who": {"n": "a"}, "tags": [], "x": null}\n{"Id": 3000000000, "v": 2.5, "who": {"m": 1}}'
    )
    assert (found.classification, found.records) == ("json", 2)
    assert found.columns == (
        ("id", "bigint"),
        ("v", "double"),
        ("who", "struct<n:string,m:int>"),
        ("tags", "array<string>"),
        ("x", "string"),
    )


def test_a_json_document_that_is_an_array_is_one_column() -> None:
    assert seen('[{"a": 1}, {"a": 2}]').columns == (("array", "array<struct<a:int>>"),)


def test_gzip_is_looked_into() -> None:
    found = seen(gzip.compress(b"1,x\n2,y\n3,z\n"))
    assert (found.classification, found.compression) == ("csv", "gzip")


def test_parquet_tells_its_own_types() -> None:
    table = pa.table(
        {
            "N": pa.array([1], pa.int32()),
            "at": pa.array([0], pa.timestamp("us")),
            "price": pa.array([None], pa.decimal128(10, 2)),
            "tags": pa.array([["a"]], pa.list_(pa.string())),
            "who": pa.array([{"n": 1}], pa.struct({"n": pa.int64()})),
        }
    )
    kept = io.BytesIO()
    pq.write_table(table, kept)
    found = seen(kept.getvalue())
    assert (found.classification, found.records) == ("parquet", 1)
    assert found.columns == (
        ("n", "int"),
        ("at", "timestamp"),
        ("price", "decimal(10,2)"),
        ("tags", "array<string>"),
        ("who", "struct<n:bigint>"),
    )


def test_a_row_that_the_sample_cuts_off_is_not_judged() -> None:
    text = "n,s\n" + "1,abc\n" * (SAMPLE // 6 + 10)
    assert classify(text[: SAMPLE - 3].encode(), whole=False).columns == (("n", "bigint"), ("s", "string"))


def test_files_of_one_form_become_one_schema() -> None:
    found = merge(
        [Schema("csv", (("a", "bigint"),), records=1), Schema("csv", (("a", "double"), ("b", "date")), records=2)]
    )
    assert (found.columns, found.records) == ((("a", "double"), ("b", "date")), 3)


@pytest.mark.parametrize(
    ("left", "right", "both"),
    [
        ("", "int", "int"),
        ("int", "bigint", "bigint"),
        ("bigint", "double", "double"),
        ("boolean", "int", "string"),
        ("array<int>", "array<double>", "array<double>"),
        ("struct<a:int,b:array<struct<c:int>>>", "struct<a:bigint>", "struct<a:bigint,b:array<struct<c:int>>>"),
    ],
)
def test_the_wider_type_holds_both(left: str, right: str, both: str) -> None:
    assert wider(left, right) == both
