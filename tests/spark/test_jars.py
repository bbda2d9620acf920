"""Jars: fetched once, verified always, and an error that a person can act on."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from headgate.errors import RunFailed, UnusableArgument
from headgate.spark import jars
from headgate.spark.jars import Jar

CONTENT = b"what the jar holds"
TINY = Jar("org.example", "tiny", "1.0", hashlib.sha256(CONTENT).hexdigest())


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, one known jar, and a network that refuses."""
    monkeypatch.setenv("HEADGATE_CACHE", str(tmp_path))
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setattr(jars, "JARS", {"tiny": TINY})
    return tmp_path / "jars"


def test_an_intact_jar_is_used_without_asking_anybody(cache):
    cache.mkdir()
    (cache / "tiny-1.0.jar").write_bytes(CONTENT)
    assert jars.jar("tiny") == cache / "tiny-1.0.jar"


@pytest.mark.parametrize("cached", [None, b"half a jar"], ids=["absent", "damaged"])
def test_a_jar_that_is_not_there_and_cannot_be_fetched_is_named_with_where_to_put_it(cached, cache):
    if cached is not None:
        cache.mkdir()
        (cache / "tiny-1.0.jar").write_bytes(cached)
    with pytest.raises(RunFailed) as caught:
        jars.jar("tiny")
    assert "org.example:tiny:1.0 could not be fetched" in str(caught.value)
    assert "Connection refused" in str(caught.value)
    assert str(cache / "tiny-1.0.jar") in caught.value.remedy


def test_a_fetched_jar_with_another_content_is_not_kept(cache, monkeypatch):
    def answer(wanted: Jar, scratch: Path) -> str:
        (scratch / wanted.file_name).write_bytes(b"something else")
        return ""

    monkeypatch.setattr(jars, "_ask_ivy", answer)
    with pytest.raises(RunFailed, match=r"has the SHA-256 .* it was not kept"):
        jars.jar("tiny")
    assert list(cache.glob("*.jar")) == []


def test_an_unknown_jar_is_refused_with_the_known_ones():
    with pytest.raises(UnusableArgument, match=r"(?s)`icebreg` is not known.*iceberg-spark-runtime"):
        jars.jar("icebreg")


def test_a_cache_that_cannot_be_written_is_an_error_with_a_remedy(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("HEADGATE_CACHE", str(tmp_path / "file"))
    with pytest.raises(RunFailed, match=r"(?s)cannot be written.*HEADGATE_CACHE"):
        jars.iceberg_jar()
