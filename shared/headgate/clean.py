"""Clean: one row per key by a total order, and what each winning row does to the stored table."""

from __future__ import annotations

from collections.abc import Sequence

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F
from pyspark.sql import types as T

from headgate.columns import ACTION, ARRIVAL, CONTESTED, COPIES, INSERT, LATE, OBJECT, REFRESH, RUN, UNCHANGED, UPDATE
from headgate.contract.model import Contract


def latest_per_key(rows: DataFrame, contract: Contract) -> DataFrame:
    """Keep, for each key, the row greatest by the contract's order, then arrival, path and hash of its values.

    Adds `_copies` (rows of the key, the winner included) and `_contested` (a losing row had other values).
    """
    key = Window.partitionBy(*contract.key)
    ranked = Window.partitionBy(*contract.key).orderBy(*_newest_first(contract))
    hashed = rows.withColumn("_hash", value_hash(contract))
    counted = (
        hashed.withColumn("_rank", F.row_number().over(ranked))
        .withColumn(COPIES, F.count(F.lit(1)).over(key))
        .withColumn(CONTESTED, F.min("_hash").over(key) != F.max("_hash").over(key))
    )
    return counted.where("_rank = 1").drop("_rank", "_hash")


def every_row(rows: DataFrame) -> DataFrame:
    """Without a key every row is kept; adds the same columns as `latest_per_key`."""
    return rows.withColumn(COPIES, F.lit(1).cast("bigint")).withColumn(CONTESTED, F.lit(False))


def against_stored(winners: DataFrame, stored: DataFrame | None, contract: Contract) -> DataFrame:
    """Name what each winner does to the table in `_action`: insert, update, refresh, or nothing (unchanged, late).

    A winner with the values of the stored row is `unchanged`. If it beat a row of its own batch that has other values,
    the stored row takes over its origin (`refresh`); otherwise that loser could win when it is read again.
    """
    if stored is None:
        return winners.withColumn(ACTION, F.lit(INSERT))
    there = stored.select(
        F.struct(*stored.columns).alias("_stored"), *(F.col(k).alias(f"_key_{k}") for k in contract.key)
    )
    match = [winners[k] == there[f"_key_{k}"] for k in contract.key]
    same = _all(
        [_same(F.col(name), F.col(f"_stored.{name}"), kind) for name, kind in published_types(winners, contract)]
    )
    action = (
        F.when(F.col("_stored").isNull(), INSERT)
        .when(same & F.col(CONTESTED), REFRESH)
        .when(same, UNCHANGED)
        .when(_newer(contract), UPDATE)
        .otherwise(LATE)
    )
    joined = winners.join(there, match, "left").withColumn(ACTION, action)
    return _keeping_origin(joined, winners.columns)


def value_hash(contract: Contract, at: str = "") -> Column:
    """A 64-bit hash of the published values; the last tie-break of the order, never proof of equality."""
    nested = {column.name for column in contract.columns if column.nested and not column.classification}
    return F.xxhash64(*(_hashable(F.col(at + column.name), column.name in nested) for column in contract.columns))


def published_types(rows: DataFrame, contract: Contract) -> list[tuple[str, T.DataType]]:
    """The contract's columns with the type they have in `rows`, in the published order."""
    return [(column.name, rows.schema[column.name].dataType) for column in contract.columns]


def _keeping_origin(joined: DataFrame, columns: Sequence[str]) -> DataFrame:
    """A refreshed row keeps its run and takes the object and arrival of the winner."""
    run = F.when(F.col(ACTION) == REFRESH, F.col(f"_stored.{RUN}")).otherwise(F.col(RUN))
    return joined.withColumn(RUN, run).select(*columns, ACTION)


def _newest_first(contract: Contract) -> list[Column]:
    steps = [
        F.col(step.column).desc_nulls_last() if step.direction == "desc" else F.col(step.column).asc_nulls_last()
        for step in contract.order
    ]
    return [*steps, F.col(ARRIVAL).desc(), F.col(OBJECT).desc(), F.col("_hash").desc()]


def _newer(contract: Contract) -> Column:
    """True when the batch's row comes after the stored one in the total order; nulls are oldest.

    A row whose own object is read again is always replaced: the contract may have changed since.
    """
    steps = [(F.col(s.column), F.col(f"_stored.{s.column}"), s.direction == "asc") for s in contract.order]
    steps += [(F.col(name), F.col(f"_stored.{name}"), False) for name in (ARRIVAL, OBJECT)]
    after = value_hash(contract) > value_hash(contract, "_stored.")
    for ours, theirs, smallest_wins in reversed(steps):
        wins, loses = (ours < theirs, ours > theirs) if smallest_wins else (ours > theirs, ours < theirs)
        after = (
            F.when(ours.isNull() & theirs.isNull(), after)
            .when(theirs.isNull() | wins, True)
            .when(ours.isNull() | loses, False)
            .otherwise(after)
        )
    again = (F.col(OBJECT) == F.col(f"_stored.{OBJECT}")) & (F.col(ARRIVAL) == F.col(f"_stored.{ARRIVAL}"))
    return again | after


def _all(conditions: Sequence[Column]) -> Column:
    first, *rest = conditions
    for condition in rest:
        first = first & condition
    return first


def _same(value: Column, stored: Column, kind: T.DataType) -> Column:
    nested = isinstance(kind, T.ArrayType | T.MapType | T.StructType)
    return F.to_json(value).eqNullSafe(F.to_json(stored)) if nested else value.eqNullSafe(stored)


def _hashable(value: Column, nested: bool) -> Column:
    """Maps cannot be hashed by Spark; their JSON can."""
    return F.to_json(value) if nested else value
