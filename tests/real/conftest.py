"""Each set is run once per session; its tests ask the same lake."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pyspark.sql import SparkSession
from real_run import HERE, RealRun

MakeRun = Callable[[str, Path], RealRun]


@pytest.fixture(scope="session")
def real_run(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> MakeRun:
    """Make a lake for the contracts below `tests/real/<set>/` and a folder of raw files; nothing is run yet."""

    def make(set_name: str, source: Path) -> RealRun:
        return RealRun(spark, HERE / set_name / "contracts", source, tmp_path_factory.mktemp(set_name) / "lake")

    return make
