"""Stored rows of an older schema take the shape of a newer one: small table in, small table out."""

from __future__ import annotations

from pyspark.sql import Row, SparkSession

from headgate.publish.align import with_added_fields
from tables import assert_table, table

OLDER = "id int, item struct<sku:string>, parts array<struct<sku:string>>, prices map<string,struct<net:int>>"
NEWER = [
    ("id", "int"),
    ("item", "struct<colour:string,sku:string>"),
    ("parts", "array<struct<sku:string,n:int>>"),
    ("prices", "map<string,struct<net:bigint,gross:bigint>>"),
]


def test_added_fields_are_null_and_a_null_stays_null(spark: SparkSession) -> None:
    older = table(
        spark,
        OLDER,
        (1, Row(sku="a"), [Row(sku="x"), None], {"eur": Row(net=3)}),
        (2, None, None, None),
        (3, Row(sku=None), [], {}),
    )
    assert_table(
        with_added_fields(older, NEWER),
        ", ".join(" ".join(column) for column in NEWER),
        (1, (None, "a"), [("x", None), None], {"eur": (3, None)}),
        (2, None, None, None),
        (3, (None, None), [], {}),
    )


def test_rows_that_have_every_field_stay_as_they_are(spark: SparkSession) -> None:
    rows = table(spark, OLDER, (1, Row(sku="a"), [], {}))
    kinds = [(field.name, field.dataType.simpleString()) for field in rows.schema.fields]
    assert with_added_fields(rows, kinds).columns == rows.columns
    assert_table(with_added_fields(rows, kinds), OLDER, (1, Row(sku="a"), [], {}))
