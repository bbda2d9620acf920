"""The class archive from which a session's Java starts: accepted by Java, and not needed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from headgate.spark import classes

LOADED = re.compile(r" ([\w.$]+) source: (.*)")
SESSION = """\
from headgate.spark.session import local_session
spark = local_session("archive", 1)
spark.conf.set("spark.sql.catalog.lake", "org.apache.iceberg.spark.SparkCatalog")
spark.conf.set("spark.sql.catalog.lake.type", "hadoop")
spark.conf.set("spark.sql.catalog.lake.warehouse", "warehouse")
spark.sql("CREATE TABLE lake.db.t (id BIGINT) USING iceberg")
"""


def sources(folder: Path) -> dict[str, str]:
    """Where Java found each class of a small session."""
    log = folder / "loaded.log"
    env = {**os.environ, "HEADGATE_JAVA_OPTIONS": f"-Xlog:class+load:file={log}"}
    subprocess.run([sys.executable, "-c", SESSION], cwd=folder, env=env, check=True, capture_output=True)
    return dict(LOADED.findall(log.read_text()))


def test_a_session_loads_spark_and_iceberg_from_the_archive(tmp_path: Path) -> None:
    classes.main()
    found = sources(tmp_path)
    for name in ("org.apache.spark.SparkContext", "org.apache.iceberg.spark.SparkCatalog"):
        assert found[name] == "shared objects file (top)"
    known = [where for where in found.values() if "jar:" in where or "file:" in where or "shared" in where]
    assert sum("shared" in where for where in known) > 0.9 * len(known)


def test_without_an_archive_java_gets_no_option_and_a_changed_jar_needs_another_archive(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    jar = tmp_path / "some.jar"
    jar.write_bytes(b"one")
    monkeypatch.setattr(classes, "iceberg_jar", lambda: jar)
    monkeypatch.setenv("HEADGATE_CACHE", str(tmp_path))
    assert classes.java_options() == []
    archive = classes.session_archive()
    archive.parent.mkdir()
    archive.write_bytes(b"an archive")
    assert classes.java_options()[0] == f"-XX:SharedArchiveFile={archive}"
    os.utime(jar, (1, 1))
    assert classes.java_options() == []
