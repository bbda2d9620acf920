"""A zip of wheels becomes two layers: what its first requirement names, and the rest."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from functools import cache
from pathlib import Path

import pytest

from rehearsal.aws.jobs.modules import WHEELHOUSE, Base, CannotInstall, installed


@cache  # a zip has the time at which it was made
def _wheel(name: str, word: str) -> bytes:
    """A wheel of one module with a word in it."""
    facts = f"{name}-1.0.dist-info"
    files = {
        f"{name}.py": f"word = {word!r}\n",
        f"{facts}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n",
        f"{facts}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{facts}/RECORD": "",
    }
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as wheel:
        for path, text in files.items():
            wheel.writestr(path, text)
    return made.getvalue()


def _house(folder: Path, words: dict[str, str], listed: list[str] | None = None) -> Path:
    """A zip of wheels with these words, laid out as a release's."""
    file = folder / f"{len([*folder.iterdir()])}{WHEELHOUSE}"
    with zipfile.ZipFile(file, "w") as house:
        for name, word in words.items():
            house.writestr(f"wheels/{name}-1.0-py3-none-any.whl", _wheel(name, word))
        names = words if listed is None else listed
        house.writestr("wheels/requirements.txt", "".join(f"{name}==1.0\n" for name in names))
    return file


def _words(base: Base, layers: list[Path]) -> str:
    script = "import library, need; print(library.word, need.word)"
    env = base.env(layers)
    return subprocess.run([sys.executable, "-c", script], env=env, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def base(tmp_path: Path) -> Base:
    return Base(Path(sys.executable), (), tmp_path / "cache")


def test_a_change_of_the_library_installs_only_the_library_again(base: Base, tmp_path: Path) -> None:
    folder = tmp_path / "houses"
    folder.mkdir()
    first = installed(base, _house(folder, {"library": "one", "need": "two"}), "--no-index")
    second = installed(base, _house(folder, {"library": "three", "need": "two"}), "--no-index")
    assert (_words(base, first), _words(base, second)) == ("one two", "three two")
    assert len({*first, *second}) == 3
    assert len(set(first) & set(second)) == 1


def test_a_requirement_without_its_wheel_is_an_error(base: Base, tmp_path: Path) -> None:
    house = _house(tmp_path, {"library": "one"}, ["library", "need"])
    with pytest.raises(CannotInstall, match="need"):
        installed(base, house, "--no-index")


def test_a_file_that_is_no_wheel_is_an_error(base: Base, tmp_path: Path) -> None:
    (tmp_path / "code.zip").write_bytes(b"x")
    with pytest.raises(CannotInstall, match=r"neither a wheel nor a zip that ends in \.gluewheels\.zip"):
        installed(base, tmp_path / "code.zip", "")
