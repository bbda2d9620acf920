"""Differences of a contract and its published table: what DDL can add, what can widen, what needs a rebuild."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyspark.sql.types import ArrayType, DataType, MapType, StructField, StructType

from headgate.contract.types import parse_type
from headgate.publish.change import published_types
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
    fields = [field.split(" ", 1) for field in published.split(", ")]
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


NESTED = """\
- {name: id, type: string, required: true}
- {name: item, type: "struct<sku:string,size:struct<w:int,h:int>,colour:string>"}
- {name: parts, type: "array<struct<sku:string,n:bigint>>"}
- {name: prices, type: "map<string,struct<net:int,gross:int>>"}
"""
ITEM, PARTS, PRICES = "struct<sku:string,size:struct<h:int>>", "array<struct<n:int>>", "map<string,struct<net:int>>"
OLDER = f"id string, item {ITEM}, parts {PARTS}, prices {PRICES}"


def test_new_fields_of_structs_are_added_in_place_in_lists_and_maps_too() -> None:
    found = difference(f"{OLDER}, {TECHNICAL}", NESTED)
    assert found.additive
    assert list(found.statements("t")) == [
        "ALTER TABLE t ADD COLUMN `item`.`size`.`w` int FIRST",
        "ALTER TABLE t ADD COLUMN `item`.`colour` string AFTER `size`",
        "ALTER TABLE t ADD COLUMN `parts`.`element`.`sku` string FIRST",
        "ALTER TABLE t ADD COLUMN `prices`.`value`.`gross` int AFTER `net`",
        "ALTER TABLE t ALTER COLUMN `parts`.`element`.`n` TYPE bigint",
    ]


@pytest.mark.parametrize(
    ("before", "published"),
    [
        ("struct<sku:string,size:struct<h:int>>", "struct<size:struct<h:int>,sku:string>"),  # another order
        ("struct<sku:string,size:struct<h:int>>", "struct<sku:string,size:struct<h:int>,weight:int>"),  # one field less
        ("struct<h:int>", "struct<h:string>"),
        ("map<string,struct<net:int>>", "map<int,struct<net:int>>"),
        ("array<struct<n:int>>", "struct<n:int>"),
    ],
)
def test_every_other_change_inside_a_column_needs_a_rebuild(before: str, published: str) -> None:
    found = difference(f"{OLDER.replace(before, published)}, {TECHNICAL}", NESTED)
    assert len(found.rebuild) == 1


SCALARS = st.sampled_from(["int", "string", "decimal(9,2)"])
KINDS = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        inner.map(lambda kind: f"array<{kind}>"),
        inner.map(lambda kind: f"map<string,{kind}>"),
        st.dictionaries(st.sampled_from("abcde"), inner, min_size=1, max_size=4).map(
            lambda fields: f"struct<{','.join(f'{name}:{kind}' for name, kind in fields.items())}>"
        ),
    ),
    max_leaves=8,
)


def older(kind: DataType, chance: Random) -> DataType:
    """The same type with some fields of its structs missing."""
    if isinstance(kind, StructType):
        kept = [field for field in kind.fields if chance.random() < 0.6] or [kind.fields[-1]]
        return StructType([StructField(field.name, older(field.dataType, chance)) for field in kept])
    if isinstance(kind, ArrayType):
        return ArrayType(older(kind.elementType, chance))
    return MapType(kind.keyType, older(kind.valueType, chance)) if isinstance(kind, MapType) else kind


def grown(kind: DataType, place: tuple[str, ...], added: str, before: str | None) -> DataType:
    """The type as the statement `ADD COLUMN place added AFTER before` leaves it."""
    first, *rest = place
    if isinstance(kind, ArrayType):
        return ArrayType(grown(kind.elementType, tuple(rest), added, before))
    if isinstance(kind, MapType):
        return MapType(kind.keyType, grown(kind.valueType, tuple(rest), added, before))
    assert isinstance(kind, StructType)
    fields = list(kind.fields)
    if rest:
        at = kind.names.index(first)
        fields[at] = StructField(first, grown(fields[at].dataType, tuple(rest), added, before))
    else:
        at = kind.names.index(before) + 1 if before else 0
        fields.insert(at, StructField(first, spark_type(parse_type(added))))
    return StructType(fields)


@settings(max_examples=100, deadline=None)
@given(kind=KINDS, seed=st.integers(0, 1000))
def test_the_statements_make_any_nested_type_out_of_one_with_fewer_fields(kind: str, seed: int) -> None:
    wanted = contract(f"- {{name: c, type: '{kind}'}}")
    before = StructType([StructField("c", older(spark_type(parse_type(kind)), Random(seed)))])
    technical = [StructField(name, spark_type(parse_type(ddl))) for name, ddl in published_types(wanted)[1:]]
    found = compare(StructType([*before.fields, *technical]), wanted, ())
    assert (found.widened, found.rebuild) == ((), ())
    table: DataType = before
    for place, added, after in found.added:
        table = grown(table, place, added, after)
    assert table.simpleString() == StructType([StructField("c", spark_type(parse_type(kind)))]).simpleString()
