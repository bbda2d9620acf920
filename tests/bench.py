"""A small project in a temporary folder: contracts, staging, a lake, and runs of it as the command line makes them."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent
from typing import Any

from pyspark.sql import SparkSession

from headgate.cli.query import query
from headgate.lake.address import lake_at
from headgate.lake.catalog import SESSION
from headgate.lake.paths import Lake
from headgate.lake.storage import LocalStorage
from headgate.outcome import Outcome
from headgate.project import Project, load_project
from headgate.request import RunRequest
from headgate.run import Result, run
from headgate.upkeep.backfill import selection

NOON = 1_767_268_800  # 2026-01-01 12:00 UTC, the first arrival

HEAD = """\
dataset: {name}
domain: test
owner: test@example.org
description: One row per thing.
"""

ORDERS = """\
columns:
  - {name: order_id, type: string, required: true}
  - {name: amount, type: "decimal(12,2)", required: true, minimum: 0}
key: [order_id]
at_most: 0.5
"""


@dataclass
class Bench:
    """One project; `runs` collects the results."""

    spark: SparkSession
    root: Path
    runs: list[Result] = field(default_factory=list)

    @property
    def lake(self) -> Lake:
        return lake_at(str(self.root / "lake"))

    def contract(self, name: str, body: str = ORDERS) -> None:
        """Write a contract: the usual head, then `body`."""
        file = self.root / "contracts" / f"{name}.yaml"
        file.parent.mkdir(exist_ok=True)
        file.write_text(HEAD.format(name=name) + dedent(body), encoding="utf-8")

    def sql(self, name: str, text: str) -> None:
        file = self.root / "sql" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def put(self, path: str, content: str | bytes, arrived: int = 0) -> Path:
        """Put a file into staging, `arrived` seconds after noon."""
        file = self.root / "staging" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        os.utime(file, (NOON + arrived, NOON + arrived))
        return file

    def project(self) -> Project:
        return load_project(self.root / "contracts", self.lake)

    def run(
        self,
        *names: str,
        full: bool = False,
        dry: bool = False,
        again: str = "",
        log: Callable[..., None] | None = None,
        start: Callable[[], SparkSession] | None = None,
    ) -> Result:
        """Run the named datasets, or all; `start` is called when Spark is needed."""
        result = run(
            start or (lambda: self.spark),
            self.project(),
            self.lake,
            LocalStorage(self.root / "staging"),
            RunRequest(names, full, dry, selection(again), log or (lambda step, **facts: None)),
        )
        self.runs.append(result)
        return result

    def one(self, name: str, **how: Any) -> Outcome:
        """Run one dataset and return its outcome."""
        return self.run(name, **how).outcomes[name]

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """What a reader sees, sorted by the query."""
        return query(sql, self.lake).fetchall()

    def files(self, below: str = "lake") -> set[str]:
        """Every file of the lake, by path."""
        top = self.root / below
        return {file.relative_to(top).as_posix() for file in top.rglob("*") if file.is_file()}


def csv(*lines: str, header: str = "order_id,amount") -> str:
    """A CSV of these lines."""
    return "\n".join([header, *lines]) + "\n"


def run_session(spark: SparkSession) -> SparkSession:
    """A session set as every run sets its own."""
    session = spark.newSession()
    for key, setting in SESSION.items():
        session.conf.set(key, setting)
    return session


def counted(outcome: Outcome, *names: str) -> Sequence[int | None]:
    """Some counts, in the order of their names."""
    return tuple(getattr(outcome, name) for name in names)
