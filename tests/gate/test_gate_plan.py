"""What the gate computes for every row, by the plan that Spark has optimized: nothing rare, and nothing twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession

from bench import run_session
from headgate.contract.load import load_contracts
from headgate.contract.model import Contract
from headgate.gate.gate import gate
from headgate.gate.judge import judged, typed
from headgate.gate.written_rows import written
from headgate.spark.once import counted

CONTRACT = """\
dataset: orders
domain: shop
owner: nobody@example.org
description: One row per order.
key: [order_id]
columns:
  - {name: order_id, type: bigint, required: true, minimum: 0}
  - {name: kind, type: string, enum: [new, old]}
  - {name: happened, type: timestamp_ntz, formats: ["yyyy-MM-dd HH:mm:ss"], required: true}
  - {name: day, type: date, formats: ["yyyy-MM-dd"]}
  - {name: amount, type: "decimal(12,2)", minimum: 0}
  - {name: rate, type: double, maximum: 1, otherwise: warn}
  - {name: quantity, type: int, minimum: 0, maximum: 9}
  - {name: paid, type: boolean}
"""
COSTLY = ("StringTrim", "RLike", "GetTimestamp", "Sha2", "CreateMap", "CreateArray", "ArrayFilter", "MapFilter")
# Which children of a node are evaluated for every row; all of them for other nodes.
ALWAYS = {"CaseWhen": 1, "If": 1, "Coalesce": 1, "And": 1, "Or": 1}


@pytest.fixture(scope="module")
def session(spark: SparkSession) -> SparkSession:
    return run_session(spark)


@pytest.fixture(scope="module")
def contract(tmp_path_factory: pytest.TempPathFactory) -> Contract:
    folder: Path = tmp_path_factory.mktemp("contracts")
    (folder / "orders.yaml").write_text(CONTRACT)
    (loaded,) = load_contracts(folder).values()
    return loaded


@pytest.fixture(scope="module")
def computed(session: SparkSession, contract: Contract) -> list[Any]:
    """Every expression of the plan that is evaluated for each row."""
    texts = ", ".join(f"{column.name} string" for column in contract.columns)
    schema = f"{texts}, _faults array<string>, _raw string, _file_fault string, _skip string, _object string"
    raw = session.createDataFrame([], f"{schema}, _arrival timestamp").repartition(1)
    checks = gate(contract)
    rows = counted(typed(raw, contract).transform(judged, checks), checks.metrics())
    return list(_always(rows.transform(written, checks, {}, "run")))


def _always(frame: DataFrame) -> Iterator[Any]:
    plan: Any = frame._jdf
    node = plan.queryExecution().optimizedPlan()
    while True:
        if node.getClass().getSimpleName() == "Project":
            for expression in _listed(node.projectList()):
                yield from _evaluated(expression)
        below = _listed(node.children())
        if not below:
            return
        [node] = below


def _evaluated(expression: Any) -> Iterator[Any]:
    yield expression
    children = _listed(expression.children())
    for child in children[: ALWAYS.get(expression.getClass().getSimpleName(), len(children))]:
        yield from _evaluated(child)


def _listed(sequence: Any) -> list[Any]:
    return [sequence.apply(at) for at in range(sequence.size())]


def _of_text(expression: Any) -> bool:
    return str(_listed(expression.children())[0].dataType().typeName()) == "string"


def _names(expressions: list[Any]) -> Counter[str]:
    return Counter(expression.getClass().getSimpleName() for expression in expressions)


def test_no_row_that_needs_none_pays_for_reasons_texts_hashes_trimming_and_formats(computed: list[Any]) -> None:
    found = _names(computed)
    # Whether a decimal, a double, a date and a time are plainly written takes a pattern each; whole numbers take none.
    assert {name: found[name] for name in COSTLY if found[name]} == {"RLike": 4}


def test_nothing_that_costs_is_computed_twice(computed: list[Any]) -> None:
    texts = [each for each in computed if each.getClass().getSimpleName() in ("Cast", "RLike") and _of_text(each)]
    repeated = {text: times for text, times in Counter(each.toString() for each in texts).items() if times > 1}
    assert repeated == {}
    assert len(texts) > 3
