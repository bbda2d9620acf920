"""The order of a publication: audit, count, ledger, publish; and what readers keep when a step fails."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from changes import APPEND, COLUMNS, MERGE, change
from pyarrow.compute import field
from pyspark.sql import DataFrame, SparkSession

from bench import Bench
from headgate.contract.model import Contract
from headgate.errors import RunFailed
from headgate.publish.change import Change
from headgate.publish.parquet import ParquetTable
from headgate.publish.step import Steps, publish_change
from tables import contract, rewrite

WIDER = contract(COLUMNS[:-1] + ", {name: w, type: string}]")
OTHER_TYPE = contract("[{name: id, type: string, required: true}, {name: v, type: string}]")
DONE = ["audit", "count", "ledger"]
Publish = Callable[..., list[str]]


@pytest.fixture
def publish(bench: Bench) -> Publish:
    """Publish a change by a run; the caller's steps, in the order in which they were called."""

    def publish(words: Contract, made: Change, run: str, **steps: Any) -> list[str]:
        done, table = list[str](), ParquetTable(lambda: bench.spark, bench.lake, words, run)

        def ledger() -> str:
            done.append("ledger")
            return f"ledger/orders/{run}.json"

        asked = Steps(
            audit=steps.get("audit", lambda _: done.append("audit")),
            count=steps.get("count", lambda _: done.append("count")),
            ledger=ledger,
            log=lambda *_: None,
        )
        publish_change(table, made, table.stored(), words, asked)
        return done

    return publish


def shown(bench: Bench, words: Contract = APPEND) -> list[tuple[Any, ...]]:
    """The run that published last, and the published values of `id`."""
    table = ParquetTable(lambda: bench.spark, bench.lake, words, "reader")
    stored = table.stored()
    return [(table.version(), *sorted(row["id"] for row in stored.collect()))] if stored is not None else []


def test_a_first_table_and_a_change_of_it_take_the_same_steps(bench: Bench, publish: Publish) -> None:
    assert publish(APPEND, change(bench.spark, "a 1 a.csv r1 insert"), "r1") == DONE
    assert shown(bench) == [("r1", "a")]
    assert publish(APPEND, change(bench.spark, "b 2 b.csv r2 insert"), "r2") == DONE
    assert shown(bench) == [("r2", "a", "b")]


def test_a_table_that_gains_a_column_is_audited_before_it_gains_it(bench: Bench, publish: Publish) -> None:
    publish(APPEND, change(bench.spark, "a 1 a.csv r1 insert"), "r1")
    made = change(bench.spark, "b 2 b.csv r2 insert")
    wider = Change(**{**vars(made), "rows": made.rows.selectExpr("*", "'x' AS w")})
    assert publish(WIDER, wider, "r2") == DONE
    assert shown(bench, WIDER) == [("r2", "a", "b")]


@pytest.mark.parametrize("step", ["audit", "count"])
def test_readers_keep_what_they_had_when_a_step_fails(bench: Bench, publish: Publish, step: str) -> None:
    publish(APPEND, change(bench.spark, "a 1 a.csv r1 insert"), "r1")

    def fails(_: DataFrame | int) -> None:
        raise RunFailed("not as it should be")

    with pytest.raises(RunFailed, match="not as it should be"):
        publish(APPEND, change(bench.spark, "b 2 b.csv r2 insert"), "r2", **{step: fails})
    assert shown(bench) == [("r1", "a")]
    assert list(bench.lake.storage.list("data-warehouse/orders/r2")) == []


def test_a_difference_that_loses_data_needs_a_rebuild(bench: Bench, publish: Publish) -> None:
    publish(APPEND, change(bench.spark, "a 1 a.csv r1 insert"), "r1")
    with pytest.raises(RunFailed, match=r"column `v` is int, the contract says string") as refused:
        publish(OTHER_TYPE, change(bench.spark, "b 2 b.csv r2 insert"), "r2")
    assert "headgate run orders --full" in refused.value.remedy


def test_an_update_that_is_lost_is_not_published(bench: Bench, publish: Publish, spark: SparkSession) -> None:
    publish(MERGE, change(spark, "a 1 a.csv r1 insert"), "r1")
    lost = change(spark, "a 9 b.csv r1 update", run="r2", updated=1)  # carries another run's name
    with pytest.raises(RunFailed, match=r"the rows do not add up: 0 rows of this run"):
        publish(MERGE, lost, "r2")
    assert shown(bench, MERGE) == [("r1", "a")]


def test_a_first_table_with_another_number_of_rows_is_taken_back(
    bench: Bench, publish: Publish, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = ParquetTable.create

    def losing(self: ParquetTable, pointer: str) -> None:
        real(self, pointer)
        rewrite(bench.root / "lake/data-warehouse/orders/r1", lambda rows: rows.filter(field("id") != "a"))

    monkeypatch.setattr(ParquetTable, "create", losing)
    with pytest.raises(RunFailed, match="the published table has 1 rows, 2 were audited"):
        publish(APPEND, change(bench.spark, "a 1 a.csv r1 insert", "b 1 a.csv r1 insert"), "r1")
    assert shown(bench) == []
