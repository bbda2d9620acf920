"""The schema that the classifiers infer from a file, by AWS's published rules."""

from __future__ import annotations

import gzip
import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from rehearsal.aws.crawlers.infer import SAMPLE, classify
from rehearsal.aws.crawlers.schemas import UNKNOWN, Schema


def inferred(text: str | bytes) -> Schema:
    return classify(text if isinstance(text, bytes) else text.encode(), whole=True)


def test_a_first_row_of_words_above_numbers_is_a_header() -> None:
    schema = inferred("Track_ID,Name,Plays,Share,Live\na,x,1,0.5,true\nb,y,2,3,false\n")
    assert (schema.classification, schema.delimiter, schema.header, schema.records) == ("csv", ",", True, 2)
    assert schema.columns == (
        ("track_id", "string"),
        ("name", "string"),
        ("plays", "bigint"),
        ("share", "double"),
        ("live", "boolean"),
    )


def test_where_every_column_is_text_the_header_is_taken_for_a_row() -> None:
    schema = inferred("id,name\na,x\nb,y\n")
    assert (schema.header, schema.records) == (False, 3)
    assert schema.columns == (("col0", "string"), ("col1", "string"))


@pytest.mark.parametrize("delimiter", [",", "|", "\t", ";", "\u0001"])
def test_the_delimiter_is_found(delimiter: str) -> None:
    schema = inferred(delimiter.join(["1", "x y"]) + "\n" + delimiter.join(["2", "z"]) + "\n")
    assert (schema.delimiter, schema.columns) == (delimiter, (("col0", "bigint"), ("col1", "string")))


def test_quotes_keep_commas_together_and_empty_cells_do_not_decide_a_type() -> None:
    schema = inferred('a,n\n"x, y",1\nz,\n')
    assert (schema.columns, schema.quoted) == ((("a", "string"), ("n", "bigint")), True)


@pytest.mark.parametrize("text", ["", "just words\nin lines\n", "a,b\n", b"\xff\xfe\x00\x01binary", b"PAR1 not really"])
def test_a_file_of_no_known_format_is_unknown(text: str | bytes) -> None:
    assert inferred(text).classification == UNKNOWN


def test_json_records_give_the_widest_types_and_nested_ones() -> None:
    schema = inferred(
        '{"Id": 1, "v": 1, "who": {"n": "a"}, "tags": [], "x": null}\n{"Id": 3000000000, "v": 2.5, "who": {"m": 1}}'
    )
    assert (schema.classification, schema.records) == ("json", 2)
    assert schema.columns == (
        ("id", "bigint"),
        ("v", "double"),
        ("who", "struct<n:string,m:int>"),
        ("tags", "array<string>"),
        ("x", "string"),
    )


def test_a_json_document_that_is_an_array_is_one_column() -> None:
    assert inferred('[{"a": 1}, {"a": 2}]').columns == (("array", "array<struct<a:int>>"),)


def test_gzip_is_decompressed() -> None:
    schema = inferred(gzip.compress(b"1,x\n2,y\n3,z\n"))
    assert (schema.classification, schema.compression) == ("csv", "gzip")


def test_parquet_gives_its_own_types() -> None:
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
    schema = inferred(kept.getvalue())
    assert (schema.classification, schema.records) == ("parquet", 1)
    assert schema.columns == (
        ("n", "int"),
        ("at", "timestamp"),
        ("price", "decimal(10,2)"),
        ("tags", "array<string>"),
        ("who", "struct<n:bigint>"),
    )


def test_a_row_that_the_sample_cuts_off_is_not_judged() -> None:
    text = "n,s\n" + "1,abc\n" * (SAMPLE // 6 + 10)
    assert classify(text[: SAMPLE - 3].encode(), whole=False).columns == (("n", "bigint"), ("s", "string"))
