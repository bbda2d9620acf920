"""A staging folder to put small files in, and what a contract reads from it."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import DataFrame, Row, SparkSession
from pyspark.sql import functions as F

from bench import run_session
from headgate.contract.model import Contract
from headgate.lake.storage import LocalStorage
from headgate.read import Plan, frame, objects, plan

MakeContract = Callable[..., Contract]


@dataclass(frozen=True)
class Staging:
    """A folder of staged files, read by contracts."""

    spark: SparkSession
    root: Path
    aside: Path

    def put(self, name: str, content: str | bytes) -> Path:
        """Stage a file; text is UTF-8, a name that ends in `.gz` packs it."""
        file = self.root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        raw = content.encode() if isinstance(content, str) else content
        file.write_bytes(gzip.compress(raw) if name.endswith(".gz") else raw)
        return file

    def plan(self, contract: Contract) -> Plan:
        """What reading would do."""
        store = LocalStorage(self.root)
        return plan(contract, store, objects(store, contract.path), self.aside)

    def frame(self, contract: Contract) -> DataFrame:
        """What is read; nothing may be refused."""
        planned = self.plan(contract)
        assert [f"{r.object.path}: {r.reason}" for r in planned.refused] == []
        rows = frame(self.spark, contract, planned)
        return rows.where(~F.col("_skip").eqNullSafe("repeated header"))  # a file's own header is among them

    def skipped(self, contract: Contract) -> dict[str, int]:
        """How many rows are skipped, by reason."""
        planned = self.plan(contract)
        rows = frame(self.spark, contract, planned).where("_skip is not null").groupBy("_skip").count().collect()
        counts = {row["_skip"]: row["count"] for row in rows}
        counts["repeated header"] = counts.get("repeated header", 0) - planned.header_lines
        return {reason: count for reason, count in counts.items() if count}

    def rows(self, contract: Contract) -> list[Row]:
        """Every row, in order of object and position."""
        return sorted(self.frame(contract).collect(), key=lambda row: row["_object"])

    def values(self, contract: Contract, *names: str) -> list[tuple[Any, ...]]:
        """The named columns of every row (all read columns by default)."""
        names = names or tuple(column.name for column in contract.read_columns)
        return [tuple(row[name] for name in names) for row in self.rows(contract)]

    def refused(self, contract: Contract) -> dict[str, str]:
        """Object path to reason."""
        return {refused.object.path: refused.reason for refused in self.plan(contract).refused}


@pytest.fixture(scope="session")
def spark(spark: SparkSession) -> SparkSession:
    """A session set as every run sets its own."""
    return run_session(spark)


@pytest.fixture
def staging(spark: SparkSession, tmp_path: Path) -> Staging:
    return Staging(spark, tmp_path / "staging", tmp_path / "aside")


@pytest.fixture
def contract() -> MakeContract:
    """Make a contract: columns as names or mappings, everything else as keys of `source`."""

    def make(*columns: str | dict[str, Any], key: tuple[str, ...] = (), **source: Any) -> Contract:
        described = [{"name": c, "type": "string"} if isinstance(c, str) else {"type": "string", **c} for c in columns]
        about = {"dataset": "things", "domain": "tests", "owner": "nobody", "description": "One row per thing."}
        return Contract.model_validate({**about, "columns": described, "key": key, "source": source})

    return make
