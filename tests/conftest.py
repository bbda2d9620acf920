"""Fixtures that several files of tests share."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

import needs
from bench import Bench
from headgate.spark.classes import FOR_LITTLE
from needs import pytest_runtest_setup, pytest_terminal_summary

__all__ = ["pytest_runtest_setup", "pytest_terminal_summary"]  # hooks: what a test needs, and the counts

SPARK_CORES = 2
# Many small runs in a short life, in this process and in those that tests start; a look at the bytes of known classes
# would cost more than it brings.
os.environ["HEADGATE_JAVA_OPTIONS"] = " ".join(
    (*FOR_LITTLE, "-XX:+UnlockDiagnosticVMOptions", "-XX:-BytecodeVerificationRemote")
)


@pytest.fixture(scope="session")
def spark() -> Iterator[SparkSession]:
    """One Spark for all tests of a worker, made as every run on a laptop makes it."""
    from headgate.spark.session import local_session

    session = local_session("tests", SPARK_CORES)
    yield session
    session.stop()


@pytest.fixture
def bench(spark: SparkSession, tmp_path: Path) -> Bench:
    """An empty project in a folder of its own."""
    made = Bench(spark, tmp_path)
    (tmp_path / "staging").mkdir()
    return made


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder with the real data sets; where they are absent the test is skipped, and counted."""
    needs.insist("real data")
    return needs.real_data()


@pytest.fixture
def awsglue(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Glue's own Python package, importable for this test alone."""
    needs.insist("awsglue")
    folder = needs.awsglue()
    monkeypatch.syspath_prepend(folder)
    yield folder
    for name in [name for name in sys.modules if name.partition(".")[0] == "awsglue"]:
        del sys.modules[name]


@pytest.fixture(scope="session")
def terraform_env() -> dict[str, str]:
    """The environment in which Terraform works here, by tools/terraform_env.sh."""
    needs.insist("terraform")
    show = f'exec "{sys.executable}" -c "import json, os; print(json.dumps(dict(os.environ)))"'
    script = f'eval "$(tools/terraform_env.sh)"; {show}'
    answer = subprocess.run(["sh", "-c", script], cwd=needs.ROOT, capture_output=True, text=True, check=True)
    return json.loads(answer.stdout)
