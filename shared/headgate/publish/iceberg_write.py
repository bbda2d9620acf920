"""Write a change to a branch of an Iceberg table, by the contract's mode."""

from __future__ import annotations

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from headgate.columns import ACTION, DELETE, INSERT, OBJECT
from headgate.contract.model import Contract
from headgate.publish.change import Change, published_columns


def write_change(spark: SparkSession, branch: str, change: Change, contract: Contract) -> None:
    """Apply the change to the branch, which is named as Spark names it."""
    if change.whole:
        _rows(change, contract).writeTo(branch).overwrite(F.lit(True))
    elif contract.mode == "append":
        _replace_objects(spark, branch, change, contract)
    elif change.only_inserts:
        _rows(change, contract).writeTo(branch).append()
    else:
        _merge(spark, branch, change, contract)


def _rows(change: Change, contract: Contract) -> DataFrame:
    return change.writing(contract).drop(ACTION)


def _replace_objects(spark: SparkSession, branch: str, change: Change, contract: Contract) -> None:
    if change.replaced_objects:
        replaced = spark.createDataFrame([(path,) for path in change.replaced_objects], f"{OBJECT} string")
        replaced.createOrReplaceTempView("_replaced_objects")
        spark.sql(f"DELETE FROM {branch} WHERE {OBJECT} IN (SELECT {OBJECT} FROM _replaced_objects)")
    _rows(change, contract).writeTo(branch).append()


def _merge(spark: SparkSession, branch: str, change: Change, contract: Contract) -> None:
    """Replace and delete what is stored, then append what is new.

    One MERGE could do both, but would have to sort the stored rows: with rows to insert its join is an outer one.
    """
    rows = change.writing(contract)
    replacing = rows.where(F.col(ACTION) != INSERT)
    if change.leaving is not None:
        gone = change.leaving.withColumn(ACTION, F.lit(DELETE))
        replacing = replacing.unionByName(gone, allowMissingColumns=True)
    replacing.createOrReplaceTempView("_changes")
    on = " AND ".join([*(f"t.`{k}` = s.`{k}`" for k in contract.key), change.reach.condition("t.")])
    assign = ", ".join(f"t.`{c}` = s.`{c}`" for c in published_columns(contract))
    spark.sql(
        f"MERGE INTO {branch} t USING _changes s ON {on} "
        f"WHEN MATCHED AND s.{ACTION} = '{DELETE}' THEN DELETE "
        f"WHEN MATCHED THEN UPDATE SET {assign}"
    )
    if change.inserted:
        rows.where(F.col(ACTION) == INSERT).drop(ACTION).writeTo(branch).append()
