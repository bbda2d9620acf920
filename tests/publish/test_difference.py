"""Differences of a contract and its published table: what DDL can add, what can widen, what needs a rebuild."""

from __future__ import annotations

from typing import Any

import pytest
from pyspark.sql.types import StructField, StructType

from headgate.contract.types import parse_type
from headgate.publish.difference import Difference, compare
from headgate.spark.types import spark_type
from tables import contract

COLUMNS = """\
- {name: id, type: string, required: true}
- {name: n, type: bigint}
- {name: amount, type: "decimal(12,2)"}
"""
TECHNICAL = "_object string, _arrival timestamp, _run string"
PUBLISHED = f"id string, n bigint, amount decimal(12,2), {TECHNICAL}"


def difference(
    published: str, columns: str = COLUMNS, partitions: tuple[str, ...] = (), nullable: bool = True, **more: Any
) -> Difference:
    fields = [field.split(" ") for field in published.split(", ")]
    schema = StructType([StructField(name, spark_type(parse_type(kind)), nullable) for name, kind in fields])
    return compare(schema, contract(columns, key=("id",), **more), partitions)


def test_a_table_that_matches_its_contract_has_no_difference() -> None:
    found = difference(PUBLISHED)
    assert (found, found.none, found.additive) == (Difference((), (), ()), True, False)


def test_nullability_and_the_order_of_columns_are_no_difference() -> None:
    assert difference(f"{TECHNICAL}, amount decimal(12,2), n bigint, id string", nullable=False).none


def test_new_columns_are_added_after_the_column_that_is_before_them_in_the_contract() -> None:
    found = difference(f"n bigint, {TECHNICAL}")
    assert found.additive and not found.none
    assert list(found.statements("t")) == [
        "ALTER TABLE t ADD COLUMN `id` string FIRST",
        "ALTER TABLE t ADD COLUMN `amount` decimal(12,2) AFTER `n`",
    ]


@pytest.mark.parametrize(
    ("published", "statement"),
    [
        ("n int", "ALTER TABLE t ALTER COLUMN `n` TYPE bigint"),
        ("amount decimal(10,2)", "ALTER TABLE t ALTER COLUMN `amount` TYPE decimal(12,2)"),
    ],
)
def test_a_type_may_widen(published: str, statement: str) -> None:
    name, kind = published.split(" ")
    before = {"n": "n bigint", "amount": "amount decimal(12,2)"}[name]
    found = difference(PUBLISHED.replace(before, f"{name} {kind}"))
    assert (list(found.statements("t")), found.additive) == ([statement], True)


@pytest.mark.parametrize(
    ("before", "published", "reason"),
    [
        ("n bigint", "n string", "column `n` is string, the contract says bigint"),
        ("n bigint", "n double", "column `n` is double, the contract says bigint"),
        ("decimal(12,2)", "decimal(14,2)", "column `amount` is decimal(14,2), the contract says decimal(12,2)"),
        ("decimal(12,2)", "decimal(10,1)", "column `amount` is decimal(10,1), the contract says decimal(12,2)"),
        ("id string,", "id string, old int,", "column `old` is not in the contract"),
    ],
)
def test_everything_else_needs_a_rebuild(before: str, published: str, reason: str) -> None:
    found = difference(PUBLISHED.replace(before, published))
    assert (found.rebuild, found.additive, found.none) == ((reason,), False, False)


def test_other_partitions_need_a_rebuild() -> None:
    found = difference(PUBLISHED, partitions=("id",), partition_by=("n",))
    assert found.rebuild == ("it is partitioned by ['id'], the contract says ['n']",)


def test_a_masked_column_is_published_as_text() -> None:
    columns = COLUMNS.replace("{name: n, type: bigint}", "{name: n, type: bigint, classification: person}")
    assert difference(PUBLISHED.replace("n bigint", "n string"), columns).none
