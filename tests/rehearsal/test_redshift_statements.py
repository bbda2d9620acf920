"""Redshift's statements as the adapter takes them: translated, checked by the grammar, or refused."""

from __future__ import annotations

import io
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from rehearsal.aws.redshift.copying import Target, parsed, rows_of
from rehearsal.aws.redshift.refusal import Refused
from rehearsal.aws.redshift.translate import translated

TABLE = 'CREATE TABLE IF NOT EXISTS "s"."t" ("a" INTEGER NOT NULL, "b" SUPER, PRIMARY KEY ("a"))\n'


def test_a_table_loses_what_postgresql_does_not_have_and_its_keys_are_declared() -> None:
    made = translated(f'-- Why.\n{TABLE}DISTSTYLE KEY DISTKEY ("a")\nCOMPOUND SORTKEY ("a")', in_block=False)
    assert made.sql == 'CREATE TABLE IF NOT EXISTS "s"."t" ("a" INTEGER NOT NULL, "b" JSONB)'
    assert made.declared is not None
    assert (made.declared.table, made.declared.unique) == ("s.t", (("a",),))


def test_a_foreign_key_is_declared_with_what_it_refers_to() -> None:
    made = translated(
        'CREATE TABLE "s"."u" ("a" INTEGER, FOREIGN KEY ("a") REFERENCES "s"."t" ("a")) DISTSTYLE AUTO SORTKEY AUTO',
        in_block=False,
    )
    assert made.declared is not None
    assert made.declared.refers_to == (("s.t", ("a",)),)


WRONG_TABLES = {
    'DISTSTYLE KEY\nSORTKEY ("a")': "DISTSTYLE KEY requires a DISTKEY column",
    'DISTSTYLE ALL DISTKEY ("a")': "cannot specify DISTKEY for a table with this DISTSTYLE",
    'COMPOUND SORTKEY ("c")': 'column "c" named in key does not exist',
    'DISTKEY ("b")': 'column "b" of type super cannot be a distribution or sort key',
    "DISTSTILE AUTO": 'syntax error at or near "DISTSTILE"',
    'SORTKEY ("a") DISTSTYLE AUTO': "syntax error",
}


@pytest.mark.parametrize("attributes", WRONG_TABLES)
def test_attributes_that_the_grammar_does_not_have_are_refused(attributes: str) -> None:
    with pytest.raises(Refused, match=WRONG_TABLES[attributes]):
        translated(TABLE + attributes, in_block=False)


def test_a_primary_key_needs_columns_that_are_not_null() -> None:
    with pytest.raises(Refused, match='column "a" of a primary key must be NOT NULL'):
        translated('CREATE TABLE "t" ("a" INTEGER, PRIMARY KEY ("a"))', in_block=False)


TAKEN = {
    'INSERT INTO "t" ("b") SELECT JSON_PARSE("b") FROM "s"': 'CAST("b" AS JSONB)',
    "SELECT GETDATE()": "CURRENT_TIMESTAMP",
    'GRANT SELECT ON "t" TO GROUP "g"': 'GRANT SELECT ON "t" TO GROUP "g"',
    'ALTER TABLE "t" ADD COLUMN "b" SUPER': 'ALTER TABLE "t" ADD COLUMN "b" JSONB',
    "CREATE USER ana PASSWORD DISABLE": "CREATE USER ana",
    "CREATE EXTERNAL SCHEMA IF NOT EXISTS \"l\" FROM DATA CATALOG DATABASE 'd' IAM_ROLE default": "",
}


@pytest.mark.parametrize("statement", TAKEN)
def test_a_statement_is_taken(statement: str) -> None:
    assert TAKEN[statement] in translated(statement, in_block=False).sql


def test_a_text_is_not_widened_inside_a_block_and_truncate_is_refused() -> None:
    widened = 'ALTER TABLE "t" ALTER COLUMN "a" TYPE VARCHAR(9)'
    assert translated(widened, in_block=False).sql == widened
    with pytest.raises(Refused, match="cannot run inside a transaction block"):
        translated(widened, in_block=True)
    with pytest.raises(Refused, match="does not run this statement: TRUNCATE"):
        translated('TRUNCATE "t"', in_block=False)


COPY = "COPY t FROM 's3://b/m' IAM_ROLE default FORMAT AS PARQUET MANIFEST"
WRONG_COPIES = {
    f"{COPY} MAXERROR 10": "MAXERROR argument is not supported for PARQUET based COPY",
    f"{COPY} REGION 'eu-west-1'": "REGION argument is not supported for PARQUET based COPY",
    COPY.replace("IAM_ROLE default ", ""): "must specify a valid IAM_ROLE or CREDENTIALS in COPY",
    COPY.replace(" MANIFEST", ""): "with MANIFEST only",
    COPY.replace("FORMAT AS PARQUET", "CSV"): "for FORMAT AS PARQUET only",
}


@pytest.mark.parametrize("statement", WRONG_COPIES)
def test_options_that_copy_of_parquet_does_not_take_are_refused(statement: str) -> None:
    with pytest.raises(Refused, match=WRONG_COPIES[statement]):
        parsed(statement)


def stored(table: pa.Table, **entry: object) -> dict[str, bytes]:
    out = io.BytesIO()
    pq.write_table(table, out)
    content = out.getvalue()
    listed = {"url": "s3://b/f", "mandatory": True, "meta": {"content_length": len(content)}, **entry}
    return {"s3://b/f": content, "s3://b/m": json.dumps({"entries": [listed]}).encode()}


def copied(files: dict[str, bytes], *columns: Target) -> list[tuple[bytes, int]]:
    copy = parsed(COPY)
    assert copy is not None
    return rows_of(copy, list(columns), files.get)


A, B = Target("a", "integer", 0), Target("b", "character varying", 4)
ROWS = pa.table({"x": pa.array([1, None], pa.int32()), "y": ['é"', ""]})


def test_columns_are_taken_by_position_and_null_is_not_the_empty_text() -> None:
    assert copied(stored(ROWS), A, B) == [('"1","é"""\n,""\n'.encode(), 2)]


def test_a_file_that_is_not_mandatory_may_be_missing() -> None:
    files = stored(ROWS, mandatory=False)
    del files["s3://b/f"]
    assert copied(files, A, B) == []


WRONG_FILES = {
    "count": ({}, (A,), "Table columns: 1, Data columns: 2"),
    "type": ({}, (B, A), "incompatible Parquet schema for column 'x'. Column type: CHARACTER VARYING"),
    "length": ({}, (A, Target("b", "character varying", 2)), "Table: 2, Data: 3"),
    "no length": ({"meta": {}}, (A, B), "content_length"),
    "other length": ({"meta": {"content_length": 1}}, (A, B), "the manifest says 1"),
    "missing": ({"url": "s3://b/g"}, (A, B), "The specified S3 prefix 's3://b/g' does not exist"),
}


@pytest.mark.parametrize("case", WRONG_FILES)
def test_files_that_copy_refuses(case: str) -> None:
    entry, columns, message = WRONG_FILES[case]
    with pytest.raises(Refused) as caught:
        copied(stored(ROWS, **entry), *columns)
    assert message in str(caught.value)


def test_a_manifest_that_is_missing_or_not_one_is_refused() -> None:
    with pytest.raises(Refused, match="does not exist"):
        copied({}, A)
    with pytest.raises(Refused, match="Problem reading manifest file"):
        copied({"s3://b/m": b"[]"}, A)
