"""What Spark does for a small change to a table: no stored row is shuffled or sorted to be compared or replaced."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from changes import MERGE, TABLE, change, rows
from pyspark.sql import DataFrame, SparkSession

from bench import Bench, csv
from headgate.frame import DatasetRun
from headgate.publish.iceberg import IcebergTable
from headgate.publish.iceberg_write import write_change
from headgate.publish.reach import reach_of
from tables import table


def nodes(plan: Any) -> Iterator[Any]:
    """A plan's operators, from the top down."""
    yield plan
    children = plan.children()
    for at in range(children.size()):
        yield from nodes(children.apply(at))


def name(plan: Any) -> str:
    return str(plan.getClass().getSimpleName())


def test_stored_rows_meet_the_keys_of_the_batch_where_they_are_read(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.contract("orders")
    bench.put("orders/a.csv", csv(*(f"k{n:02},1" for n in range(20))))
    bench.one("orders")
    compared, real = list[DataFrame](), DatasetRun.written_down

    def written_down(run: DatasetRun, frame: DataFrame, place: str) -> DataFrame:
        compared.append(frame)
        return real(run, frame, place)

    monkeypatch.setattr(DatasetRun, "written_down", written_down)
    bench.put("orders/b.csv", csv("k03,2", "k05,2", "k99,2"), arrived=60)
    assert bench.one("orders").rows_after == 21
    plan = compared[0]._jdf.queryExecution().executedPlan().initialPlan()  # type: ignore[operator]
    (meeting,) = [n for n in nodes(plan) if name(n) == "BroadcastHashJoinExec" and "LeftSemi" in str(n.joinType())]
    before = [*nodes(meeting.left())]
    assert [name(node) for node in before if name(node) in ("ShuffleExchangeExec", "SortExec")] == []
    (scan,) = [node for node in before if name(node) == "BatchScanExec"]
    assert "order_id >= " in str(scan.scan().description())


def test_a_merge_joins_by_broadcast_within_reach(
    bench: Bench, spark: SparkSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = bench.lake.session(spark)
    published = IcebergTable(lambda: session, bench.lake, MERGE, "r1")
    published.stage(table(session, TABLE, *rows("a 1 o.csv r1", "b 2 o.csv r1", "c 3 o.csv r1")), replace=False)
    published.create("ledger/orders/r1.json")
    made = change(session, "b 9 n.csv r2 update", "d 4 n.csv r2 insert")
    made.rows.write.parquet(str(bench.root / "changes"))  # as a run writes them down, so Spark knows that they are few
    read_back = session.read.schema(made.rows.schema).parquet(str(bench.root / "changes"))
    merge = replace(made, rows=read_back, reach=reach_of(read_back, MERGE))
    said, real = list[str](), SparkSession.sql

    def sql(self: SparkSession, text: str) -> DataFrame:
        said.append(text)
        return real(self, text)

    monkeypatch.setattr(SparkSession, "sql", sql)
    write_change(session, published.name, merge, MERGE)
    (statement,) = [text for text in said if text.startswith("MERGE")]
    plan = str(real(session, f"EXPLAIN {statement}").first())
    assert "BroadcastHashJoin" in plan
    assert "SortMergeJoin" not in plan
    assert "id >= 'b'" in plan
