"""The class archive from which a job's Java starts: Java accepts it, and jobs run without one too."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from headgate.spark import classes
from headgate.spark.engine import java_home
from headgate.spark.jars import cache_folder, spark_home
from rehearsal.aws.jobs import classes as job_classes
from rehearsal.aws.jobs import java as job_java

CACHE = cache_folder() / "rehearsal"
LOADED = re.compile(r" ([\w.$]+) source: (.*)")


def test_spark_and_iceberg_are_loaded_from_the_archive(tmp_path: Path) -> None:
    job_classes.make(CACHE)
    jars = job_classes.job_jars()
    archive = job_classes.archives(CACHE)[os.pathsep.join(jars)]
    log, properties = tmp_path / "loaded classes", tmp_path / "properties"
    options = [f"-XX:SharedArchiveFile={archive}", f"-Xlog:class+load:file={log}"]
    job_java.write_properties(properties, {"spark.ui.enabled": "false"}, jars, *options)
    script = (
        "from pyspark.sql import SparkSession\n"
        "at = 'spark.sql.catalog.lake'\n"
        "builder = SparkSession.builder.config(at, 'org.apache.iceberg.spark.SparkCatalog')\n"
        f"builder = builder.config(at + '.type', 'hadoop').config(at + '.warehouse', {str(tmp_path / 'lake')!r})\n"
        "builder.getOrCreate().sql('CREATE TABLE lake.db.t (id BIGINT) USING iceberg')\n"
    )
    env = {**os.environ, **job_java.env(java_home(), spark_home(), CACHE, properties)}
    subprocess.run([sys.executable, "-c", script], env=env, cwd=tmp_path, check=True, capture_output=True)
    source = dict(LOADED.findall(log.read_text()))
    for name in ("org.apache.spark.SparkContext", "org.apache.iceberg.spark.SparkCatalog"):
        assert source[name] == "shared objects file (top)"
    known = [where for where in source.values() if "jar:" in where or "file:" in where or "shared" in where]
    assert sum("shared" in where for where in known) > 0.95 * len(known)


def test_another_installation_of_a_jar_needs_another_archive(tmp_path: Path) -> None:
    jar = tmp_path / "some.jar"
    jar.write_bytes(b"one")
    first = job_classes.archive_of(tmp_path, [str(jar)])
    assert first == job_classes.archive_of(tmp_path, [str(jar)])
    os.utime(jar, (1, 1))
    assert first != job_classes.archive_of(tmp_path, [str(jar)])


def test_where_none_can_be_built_jobs_run_without_it_and_the_reason_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workload = tmp_path / "load_classes.py"
    workload.write_text("raise SystemExit('no room for it')")
    monkeypatch.setattr(classes, "WORKLOAD", workload)
    cache = tmp_path / "cache"
    result = job_classes.make(cache)
    assert "jobs start without it" in result and "no room for it" in result
    known = job_classes.archives(cache)
    assert list(known) == [""] and Path(known[""]).is_file()
    assert not list(cache.glob(".classes-*"))
