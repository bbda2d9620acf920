"""Every installed package is pinned by hash, and no pin names a package index."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from needs import ROOT

PINNED = [ROOT / "requirements-dev.txt", *sorted((ROOT / "tools" / "pins").glob("*.txt"))]
GLUE_5_1 = {"boto3": "1.40.61", "numpy": "2.3.4", "pandas": "2.3.3", "pyarrow": "22.0.0", "pyspark": "3.5.6"}


def pins(file: Path) -> dict[str, str]:
    return dict(re.findall(r"^([\w.-]+)==([^\s;]+)", file.read_text(), flags=re.MULTILINE))


def named(lines: list[str]) -> set[str]:
    names = (re.match(r"[\w.-]+", line) for line in lines)
    return {name[0].lower() for name in names if name}


@pytest.mark.parametrize("file", PINNED, ids=lambda file: file.name)
def test_every_pin_has_a_hash_and_no_file_names_an_index(file):
    text = file.read_text()
    blocks = re.split(r"^(?=[\w.-]+==)", text, flags=re.MULTILINE)[1:]
    assert blocks, f"{file} pins nothing"
    assert [block.split()[0] for block in blocks if "--hash=sha256:" not in block] == []
    assert "://" not in text and "index-url" not in text and "find-links" not in text


def test_every_requirement_of_the_project_is_pinned():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = named([*project["dependencies"], *project["optional-dependencies"]["local"]])
    wanted |= named((ROOT / "requirements-dev.in").read_text().splitlines())
    missing = wanted - {name.lower() for name in pins(ROOT / "requirements-dev.txt")}
    assert missing == set(), "run `make pins`"


def test_the_laptop_runs_the_versions_that_glue_ships():
    pinned = pins(ROOT / "requirements-dev.txt")
    assert {name: pinned[name] for name in GLUE_5_1} == GLUE_5_1
