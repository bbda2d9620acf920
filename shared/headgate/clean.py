"""Clean: one row per key by a total order, and what each winning row does to the stored table."""

from __future__ import annotations

from collections.abc import Sequence

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F
from pyspark.sql import types as T

from headgate.columns import (
    ACTION,
    ARRIVAL,
    CONFLICTS,
    CONTESTED,
    COPIES,
    DELETE,
    DELETES,
    GONE,
    INSERT,
    LATE,
    LINE,
    OBJECT,
    REFRESH,
    RUN,
    UNCHANGED,
    UPDATE,
)
from headgate.contract.model import Contract


def latest_per_key(rows: DataFrame, contract: Contract) -> DataFrame:
    """Keep, for each key, the row greatest by the contract's order, then arrival, path, line and hash of its values.

    Adds `_copies` (rows of the key, the winner included), `_contested` (a losing row had other values) and `_conflicts`
    (how many rows differ from the next newer one, with only the line between them).
    """
    ranked = Window.partitionBy(*contract.key).orderBy(*_newest_first(contract, rows.columns))
    # Of one partitioning and order, even where a count needs none: then Spark computes all of them in one operator.
    whole = ranked.rowsBetween(Window.unboundedPreceding, Window.unboundedFollowing)
    hashed = rows.withColumn("_hash", _row_hash(rows, contract))
    counted = hashed.withColumns({
        "_rank": F.row_number().over(ranked),
        "_newer": F.lag(F.struct(*_place(contract), "_hash")).over(ranked),
        COPIES: F.count(F.lit(1)).over(whole),
        CONTESTED: F.min("_hash").over(whole) != F.max("_hash").over(whole),
    }).withColumn(CONFLICTS, F.sum(_contradicts(contract).cast("bigint")).over(whole))  # fmt: skip
    return counted.where("_rank = 1").drop("_rank", "_newer", "_hash", LINE)


def contradicting(rows: DataFrame, contract: Contract) -> DataFrame:
    """The places (`_line`) of all rows of one file and key that the order cannot tell apart and that differ."""
    group = Window.partitionBy(*contract.key, *_place(contract))
    hashed = rows.withColumn("_hash", _row_hash(rows, contract))
    differ = F.min("_hash").over(group) != F.max("_hash").over(group)
    return hashed.withColumn("_differ", differ).where("_differ").select(LINE)


def every_row(rows: DataFrame) -> DataFrame:
    """Without a key every row is kept; adds the same columns as `latest_per_key`."""
    return rows.withColumns({COPIES: F.lit(1).cast("bigint"), **_uncontested()})


def distinct_rows(rows: DataFrame, contract: Contract) -> DataFrame:
    """Keep one of the rows with equal values: that of the first arrival. Adds the same columns as `latest_per_key`."""
    equal = Window.partitionBy(*_comparable(contract))
    first = equal.orderBy(ARRIVAL, OBJECT)
    counted = rows.withColumns({"_rank": F.row_number().over(first), COPIES: F.count(F.lit(1)).over(equal)})
    return counted.where("_rank = 1").drop("_rank").withColumns(_uncontested())


def not_stored_yet(rows: DataFrame, stored: DataFrame | None, contract: Contract) -> DataFrame:
    """Name in `_action` what distinct rows do: insert, or nothing where the table has an equal one (late)."""
    if stored is None:
        return rows.withColumn(ACTION, F.lit(INSERT))
    there = stored.select(*(value.alias(f"_same_{i}") for i, value in enumerate(_comparable(contract)))).distinct()
    match = [value.eqNullSafe(F.col(f"_same_{i}")) for i, value in enumerate(_comparable(contract))]
    joined = rows.join(there.withColumn("_there", F.lit(True)), match, "left")
    return joined.select(*rows.columns, F.when(F.col("_there"), LATE).otherwise(INSERT).alias(ACTION))


def against_stored(
    winners: DataFrame, stored: DataFrame | None, contract: Contract, buried: DataFrame | None = None
) -> DataFrame:
    """Name what each winner does to the table in `_action`: insert, update, refresh, delete, or nothing.

    A winner with the values of the stored row is `unchanged`. If it beat a row of its own batch that has other values,
    the stored row takes over its origin (`refresh`); otherwise that loser could win when it is read again. `buried`
    are the keys that were deleted, with what ordered their deletion: an older row does not bring one back (`late`).
    """
    deletes = F.col(DELETES) if DELETES in winners.columns else F.lit(False)
    if stored is None:
        return winners.withColumn(ACTION, F.when(deletes, GONE).otherwise(INSERT))
    known = _with_buried(stored, buried)
    there = known.select(
        F.struct(*known.columns).alias("_stored"), *(F.col(k).alias(f"_key_{k}") for k in contract.key)
    )
    match = [winners[k] == there[f"_key_{k}"] for k in contract.key]
    joined = winners.join(there, match, "left").withColumn(ACTION, _action(winners, deletes, contract))
    return _keeping_origin(joined, winners.columns)


def _action(winners: DataFrame, deletes: Column, contract: Contract) -> Column:
    types = published_types(winners, contract)
    same = _all([_same(F.col(name), F.col(f"_stored.{name}"), kind) for name, kind in types])
    newer = _newer(contract)
    gone = F.col(f"_stored.{DELETES}")
    # A deletion is compared with the newest row that says the same, so that row's origin moves on.
    moves_on = newer if contract.delete_when else F.col(CONTESTED) & newer
    return (
        F.when(F.col("_stored").isNull(), F.when(deletes, GONE).otherwise(INSERT))
        .when(gone & newer, F.when(deletes, GONE).otherwise(INSERT))
        .when(deletes & newer, DELETE)
        .when(gone | deletes, LATE)
        .when(same & moves_on, REFRESH)
        .when(same, UNCHANGED)
        .when(newer, UPDATE)
        .otherwise(LATE)
    )


def _with_buried(stored: DataFrame, buried: DataFrame | None) -> DataFrame:
    """The stored rows and, marked, the keys that were deleted; no key is both."""
    rows = stored.withColumn(DELETES, F.lit(False))
    return (
        rows if buried is None else rows.unionByName(buried.withColumn(DELETES, F.lit(True)), allowMissingColumns=True)
    )


def value_hash(contract: Contract, at: str = "") -> Column:
    """A 64-bit hash of the published values; the last tie-break of the order, never proof of equality."""
    return F.xxhash64(*_comparable(contract, at))


def published_types(rows: DataFrame, contract: Contract) -> list[tuple[str, T.DataType]]:
    """The contract's columns with the type they have in `rows`, in the published order."""
    return [(column.name, rows.schema[column.name].dataType) for column in contract.published]


def _row_hash(rows: DataFrame, contract: Contract) -> Column:
    """The hash of a row's values, and of whether it deletes its key."""
    deletes = [F.col(DELETES)] if DELETES in rows.columns else []
    return F.xxhash64(*_comparable(contract), *deletes)


def _place(contract: Contract) -> list[str]:
    """What rows have in common that only their line orders."""
    return [*(step.column for step in contract.ordering), ARRIVAL, OBJECT]


def _contradicts(contract: Contract) -> Column:
    """True when the next newer row of the key is of the same place and has other values."""
    alike = [F.col(name).eqNullSafe(F.col(f"_newer.{name}")) for name in _place(contract)]
    return F.col("_newer").isNotNull() & _all(alike) & (F.col("_hash") != F.col("_newer._hash"))


def _keeping_origin(joined: DataFrame, columns: Sequence[str]) -> DataFrame:
    """A refreshed row keeps its run and takes the object and arrival of the winner."""
    run = F.when(F.col(ACTION) == REFRESH, F.col(f"_stored.{RUN}")).otherwise(F.col(RUN))
    return joined.withColumn(RUN, run).select(*columns, ACTION)


def _newest_first(contract: Contract, columns: Sequence[str]) -> list[Column]:
    steps = [
        F.col(step.column).desc_nulls_last() if step.direction == "desc" else F.col(step.column).asc_nulls_last()
        for step in contract.ordering
    ]
    line = [F.col(LINE).asc() if contract.first_line_wins else F.col(LINE).desc()] if LINE in columns else []
    return [*steps, F.col(ARRIVAL).desc(), F.col(OBJECT).desc(), *line, F.col("_hash").desc()]


def _newer(contract: Contract) -> Column:
    """True when the batch's row comes after the stored one in the total order; nulls are oldest.

    A row whose own object is read again is always replaced: the contract may have changed since.
    """
    steps = [(F.col(s.column), F.col(f"_stored.{s.column}"), s.direction == "asc") for s in contract.ordering]
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


def _comparable(contract: Contract, at: str = "") -> list[Column]:
    """The published values as Spark can hash, group and compare them: maps it cannot, but their JSON."""
    nested = {column.name for column in contract.published if column.nested and not column.classification}
    values = ((column.name, F.col(at + column.name)) for column in contract.published)
    return [F.to_json(value) if name in nested else value for name, value in values]


def _all(conditions: Sequence[Column]) -> Column:
    first, *rest = conditions
    for condition in rest:
        first = first & condition
    return first


def _same(value: Column, stored: Column, kind: T.DataType) -> Column:
    nested = isinstance(kind, T.ArrayType | T.MapType | T.StructType)
    return F.to_json(value).eqNullSafe(F.to_json(stored)) if nested else value.eqNullSafe(stored)


def _uncontested() -> dict[str, Column]:
    return {CONTESTED: F.lit(False), CONFLICTS: F.lit(0).cast("bigint")}
