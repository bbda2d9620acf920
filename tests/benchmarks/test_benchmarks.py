"""The benchmarks on a few rows: contenders agree, and what a run does to its input and output. No time is compared."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from benchmarks.arm import files, published
from benchmarks.contract import write_contract
from benchmarks.data import Data, make
from benchmarks.meter import Meter
from benchmarks.page import measured, not_measured, read, write
from benchmarks.pairs import Arm, Pairs, interval
from benchmarks.questions import QUESTIONS, Bench
from headgate.contract.load import load_contracts

ROWS = 2_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    at = tmp_path_factory.mktemp("bench")
    make(Data(ROWS, 4), at / "data")
    write_contract(at / "contracts")
    return at


def work(contender: str, spark: SparkSession | None, folder: Path) -> dict[str, Any]:
    """Let a contender work once, and return what was measured and published."""
    meter, out = Meter(spark), folder / contender
    module = import_module(f"benchmarks.contenders.{contender}")
    with meter.measure():
        told = module.work(spark.newSession() if spark else None, meter, folder / "data", out, folder / "contracts")
    return {**meter.facts, **told, "published": published(out, folder / "contracts"), "files": files(out)}


@pytest.fixture(scope="module")
def refined(spark: SparkSession, folder: Path) -> dict[str, Any]:
    return work("refine", spark, folder)


@pytest.mark.parametrize("contender", ["plain_spark", "tutorial", "with_gx", "duckdb_script"])
def test_the_contenders_publish_equal_rows(
    spark: SparkSession, folder: Path, refined: dict[str, Any], contender: str
) -> None:
    other = work(contender, None if contender == "duckdb_script" else spark, folder)
    assert other["published"] == refined["published"]
    assert int(other["published"]["rows"]) > ROWS * 0.8
    assert other["wall"] > 0 and other["peak_mb"] > 0


def test_refine_scans_its_input_once_and_no_row_of_a_csv_passes_python(refined: dict[str, Any]) -> None:
    assert (refined["scans"], refined["python_steps"]) == (1, 0)
    assert refined["quarantined"] > 0
    assert {"read", "clean", "published"} <= set(refined["steps"])


def test_a_first_load_writes_one_file_per_partition_and_shuffles_as_often_as_is_known(refined: dict[str, Any]) -> None:
    assert len(refined["files"]) > 20 and set(refined["files"].values()) == {1}
    assert refined["shuffles"] <= 9 and refined["jobs"] <= 25


def test_reading_twice_and_python_in_the_path_are_counted(spark: SparkSession, folder: Path) -> None:
    meter = Meter(spark)
    with meter.measure():
        rows = spark.read.csv(str(folder / "data" / "events"), header=True, schema="event_id string")
        rows.collect()
        rows.mapInPandas(lambda frames: frames, "event_id string").collect()
    assert (meter.facts["scans"], meter.facts["python_steps"]) == (2, 1)


def test_the_data_is_the_same_each_time_and_as_dirty_as_asked(tmp_path: Path) -> None:
    first, second = (make(Data(ROWS, 2, dirt=0.1), tmp_path / name) / "events" for name in ("a", "b"))
    for file in first.iterdir():
        assert file.read_bytes() == (second / file.name).read_bytes()
    text = "".join(file.read_text() for file in first.iterdir())
    assert text.count("\n") == ROWS + 2
    assert 150 < text.count(",lots,") < 250


def test_the_contract_has_two_checks_for_each_further_column_and_none_without(tmp_path: Path) -> None:
    def checks(name: str, **how: Any) -> int:
        return len(load_contracts(write_contract(tmp_path / name, **how))["events"].all_checks)

    assert checks("wide", columns=60) == checks("narrow") + 100
    assert checks("bare", checks=False) <= 2


def test_every_question_has_arms_on_few_rows(tmp_path: Path) -> None:
    bench = Bench(tmp_path, 400)
    for question in QUESTIONS:
        if question.name != "tpch":  # it needs the generator, which tests do not install
            for arm in question.arms(bench):
                assert arm.source.is_dir() and arm.contracts.is_dir()


@pytest.mark.parametrize(
    ("ratios", "expected"),
    [
        ([1.0], (1.0, 1.0, 1.0)),
        ([3.0, 1.0, 2.0, 5.0, 4.0], (3.0, 1.0, 5.0)),
        ([float(n) for n in range(1, 11)], (5.5, 2.0, 9.0)),
    ],
)
def test_the_interval_of_a_median_is_given_by_order(ratios: list[float], expected: tuple[float, ...]) -> None:
    assert interval(ratios) == expected


def test_the_page_keeps_what_is_not_measured_again(tmp_path: Path) -> None:
    page, arm = tmp_path / "BENCHMARKS.md", Arm("refine", "refine", tmp_path, tmp_path)
    facts = {"cpu": 3.0, "cpu_jvm": 2.0, "wall": 2.0, "peak_mb": 900, "jobs": 5, "steps": {"read": 1.5}}
    plain, gx = QUESTIONS[:2]
    write([measured(plain, Pairs(arm, arm, [(facts, {**facts, "cpu": 2.0})]), 400, 2)], page)
    write([not_measured(gx, "the outputs differ", 400, 2)], page)
    assert [row.name for row in read(page)] == ["plain", "gx"]
    text = page.read_text()
    assert "| **1.50** (1.50 to 1.50) | 1.6 | 1.3 |" in text
    assert "Could not be measured: the outputs differ" in text and "read 1.5" in text
    assert text.count("not measured yet") == len(QUESTIONS) - 2
