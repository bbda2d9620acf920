"""Which room imports which, and what the emulator's own Python can load."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

import needs
from rehearsal.emulator import ADAPTERS, ministack

ROOM = needs.ROOT / "rehearsal"
LOAD = """\
import importlib, sys
for name in sys.argv[1:]:
    importlib.import_module(name)
print(sorted(name for name in sys.modules if name in ("headgate", "pyspark", "boto3")))
"""


def _imports(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{name.name}" for name in node.names)
        elif isinstance(node, ast.Import):
            yield from (name.name for name in node.names)


def _importing(files: Iterator[Path], prefix: str) -> list[str]:
    return [f"{file.name}: {name}" for file in files for name in _imports(file) if name.startswith(prefix)]


def test_the_product_imports_nothing_of_the_rehearsal() -> None:
    assert _importing((needs.ROOT / "shared").rglob("*.py"), "rehearsal") == []


@pytest.mark.parametrize("above", ["rehearsal.walk", "rehearsal.emulator"])
def test_what_runs_in_the_emulator_imports_nothing_from_above(above: str) -> None:
    assert _importing((ROOM / "aws").rglob("*.py"), above) == []


@pytest.mark.needs("ministack")
def test_the_adapters_load_in_the_emulators_python_without_the_product_boto3_and_spark() -> None:
    names = ["rehearsal.aws.server", *ADAPTERS, "rehearsal.aws.athena.service"]
    env = {"PYTHONPATH": str(needs.ROOT)}
    done = subprocess.run([ministack(), "-c", LOAD, *names], env=env, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
