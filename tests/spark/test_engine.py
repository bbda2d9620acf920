"""The environment in which Spark starts on a laptop, and the command that fetches what it needs."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from headgate.spark import engine
from headgate.spark.java import java_version


def test_spark_finds_this_python_its_own_jars_and_the_loopback(monkeypatch):
    monkeypatch.setenv("SPARK_HOME", "/another/spark")
    monkeypatch.setenv("PYSPARK_PYTHON", "python2")
    for name in ("SPARK_LOCAL_IP", "PYSPARK_DRIVER_PYTHON", "JAVA_HOME"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    engine.prepare_environment()
    assert os.environ["PYSPARK_PYTHON"] == os.environ["PYSPARK_DRIVER_PYTHON"] == sys.executable
    assert (Path(os.environ["SPARK_HOME"]) / "jars").is_dir()
    assert os.environ["SPARK_LOCAL_IP"] == "127.0.0.1"
    assert java_version(Path(os.environ["JAVA_HOME"])) == 17


def test_the_command_prints_what_is_used(capsys):
    assert engine.main([]) == 0
    printed = capsys.readouterr().out
    assert str(engine.iceberg_jar()) in printed and str(engine.java_home()) in printed
