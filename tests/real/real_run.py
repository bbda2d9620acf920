"""Run contracts on real files, ask the published tables, and compare the answers with a set's truth.json."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from pyspark.sql import SparkSession

from headgate.cli.query import query
from headgate.lake.address import lake_at
from headgate.lake.storage import LocalStorage
from headgate.outcome import Outcome
from headgate.project import Project, load_project
from headgate.request import RunRequest
from headgate.run import run

HERE = Path(__file__).parent
CLOSE = 1e-9  # relative, for doubles; decimals are compared exactly

# The sets have no documents that arrive as events; the repository's own contracts ask for some.
NOTHING_YET = ("no document has arrived yet", "its source `plays` skipped in this run")

Rows = Sequence[Sequence[Any]]


@dataclass
class RealRun:
    """A lake that one set's contracts have filled from real files, and what its runs came to, newest last."""

    spark: SparkSession
    contracts: Path
    source: Path
    folder: Path
    runs: list[Mapping[str, Outcome]] = field(default_factory=list)

    @property
    def project(self) -> Project:
        return load_project(self.contracts, lake_at(str(self.folder)))

    def again(self, *names: str) -> Mapping[str, Outcome]:
        """Run the named datasets, or all; every outcome must be a good one."""
        result = run(
            lambda: self.spark, self.project, lake_at(str(self.folder)), LocalStorage(self.source), RunRequest(names)
        )
        for name, outcome in result.outcomes.items():
            good = outcome.status in ("published", "unchanged") or outcome.reason in NOTHING_YET
            assert good, f"{name}: {outcome.status}: {outcome.reason}"
        self.runs.append(result.outcomes)
        return result.outcomes

    def __getitem__(self, dataset: str) -> Outcome:
        return self.runs[-1][dataset]

    def rows(self, sql: str) -> Rows:
        """The answer of the published tables, as `headgate query` gives it."""
        return query(sql, lake_at(str(self.folder))).fetchall()

    def one(self, sql: str) -> Any:
        return self.rows(sql)[0][0]


@dataclass(frozen=True)
class Figure:
    """How the pipeline answers a figure of truth.json; `part` is the part of the truth that a pipeline can know."""

    answer: Callable[[RealRun], Any]
    part: Callable[[Any], Any] = lambda truth: truth


def asked(sql: str) -> Figure:
    """A figure that is the rows of a query."""
    return Figure(lambda ran: ran.rows(sql))


def truth_of(folder: Path) -> dict[str, Any]:
    """The set's figures by their name, from its truth.json."""
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    return {figure["what"]: figure["result"] for figure in truth["truth"]}


def assert_same(found: Any, true: Any) -> None:
    """Equal in shape and values: doubles within 1e-9 relative, decimals exactly."""
    if isinstance(true, Mapping):
        assert found.keys() == true.keys()
        for key, value in true.items():
            assert_same(found[key], value)
    elif isinstance(true, list):
        assert len(found) == len(true), f"found {found}, true {true}"
        for value, expected in zip(found, true, strict=True):
            assert_same(value, expected)
    elif isinstance(found, Decimal):
        assert found == Decimal(str(true))
    elif isinstance(true, float):
        assert math.isclose(float(found), true, rel_tol=CLOSE), f"found {found}, true {true}"
    else:
        assert found == true


def assert_rows_add_up(ran: RealRun) -> None:
    """Both equations of every outcome of every run, and the last count of each table by another engine."""
    for outcomes in ran.runs:
        for name, outcome in outcomes.items():
            if outcome.status == "published":
                count = outcome.counts()
                assert count["read"] == _sum(count, "published", "superseded", "skipped", "quarantined"), name
                assert count["published"] == _sum(count, "inserted", "updated", "unchanged"), name
                assert count["rows_after"] == _sum(count, "rows_before", "inserted") - _sum(count, "removed"), name
    for name, outcome in ran.runs[-1].items():
        if outcome.status != "skipped":
            assert ran.one(f"SELECT COUNT(*) FROM {name}") == outcome.rows_after, name


def _sum(count: Mapping[str, int | None], *names: str) -> int:
    found = [count[name] for name in names]
    assert None not in found, f"{names}: {found}"
    return sum(one or 0 for one in found)
