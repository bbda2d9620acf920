"""A staged table is the table that Spark's own CREATE TABLE … AS SELECT would make."""

from __future__ import annotations

from typing import Any

import pytest
from changes import APPEND, TABLE, rows
from py4j.protocol import Py4JJavaError
from pyspark.sql import SparkSession

from bench import Bench
from headgate.publish.iceberg_staged import StagedTable
from tables import assert_table, table

PARTITIONS = ["id", "v", "bucket(4, id)", "truncate(1, id)", "days(_arrival)", "hours(_arrival)", "months(_arrival)",
              "years(_arrival)"]  # fmt: skip
SETTINGS = {"comment": 'it\'s "one"', "format-version": "2", "write.parquet.compression-codec": "zstd"}


@pytest.fixture
def session(bench: Bench) -> SparkSession:
    session = bench.lake.session(bench.spark)
    session.sql("CREATE NAMESPACE lake.data_warehouse_db")
    return session


def described(session: SparkSession, name: str) -> list[tuple[Any, ...]]:
    """All that Spark says of a table, but its name, place and snapshot."""
    lines = session.sql(f"DESCRIBE TABLE EXTENDED {name}").collect()
    known = [tuple(line) for line in lines if line["col_name"] not in ("Name", "Location", "Table Properties")]
    settings = session.sql(f"SHOW TBLPROPERTIES {name}").collect()
    return [*known, *sorted(tuple(one) for one in settings if one["key"] != "current-snapshot-id")]


@pytest.mark.parametrize("partition", ["", *PARTITIONS])
def test_a_staged_table_is_what_spark_would_have_made(session: SparkSession, partition: str) -> None:
    stored = table(session, TABLE, *rows("a 1 a.csv r1", "b 2 a.csv r1"))
    stored.createOrReplaceTempView("_stored")
    given = ", ".join(f"'{key}' = '{setting.replace(chr(39), chr(92) + chr(39))}'" for key, setting in SETTINGS.items())
    by = f"PARTITIONED BY ({partition})" if partition else ""
    session.sql(
        f"CREATE TABLE lake.data_warehouse_db.spark USING iceberg {by} TBLPROPERTIES ({given}) AS SELECT * FROM _stored"
    )
    staged = StagedTable(session, "lake.data_warehouse_db.ours")
    staged.begin(stored, [partition] if partition else [], SETTINGS, replace=False)
    written = staged.write(stored)
    assert not session.catalog.tableExists("lake.data_warehouse_db.ours")
    assert_table(written, TABLE, *stored.collect())
    staged.show({})
    assert described(session, "lake.data_warehouse_db.ours") == described(session, "lake.data_warehouse_db.spark")
    assert_table(session.table("lake.data_warehouse_db.ours"), TABLE, *stored.collect())


def test_the_files_of_a_staged_table_can_be_removed(bench: Bench, session: SparkSession) -> None:
    stored = table(session, TABLE, *rows("a 1 a.csv r1"))
    staged = StagedTable(session, "lake.data_warehouse_db.ours")
    staged.begin(stored, APPEND.partition_by, SETTINGS, replace=False)
    staged.write(stored)
    assert bench.files("lake/data-warehouse")
    staged.remove_files()
    assert not bench.files("lake/data-warehouse")


class Unknown(Py4JJavaError):
    """As Iceberg reports a commit that may have worked."""

    def __init__(self) -> None:
        pass

    def __str__(self) -> str:
        return "org.apache.iceberg.exceptions.CommitStateUnknownException: timed out"


def test_the_files_of_a_commit_that_may_have_worked_stay(
    bench: Bench, session: SparkSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = table(session, TABLE, *rows("a 1 a.csv r1"))
    staged = StagedTable(session, "lake.data_warehouse_db.ours")
    staged.begin(stored, APPEND.partition_by, SETTINGS, replace=False)
    staged.write(stored)
    before = bench.files("lake/data-warehouse")

    class Transaction:
        def commitStagedChanges(self) -> None:  # Java's name
            raise Unknown

    monkeypatch.setattr(staged, "_transaction", Transaction())
    with pytest.raises(Unknown):
        staged.show({})
    staged.remove_files()
    assert bench.files("lake/data-warehouse") == before
