"""Every key of a contract is read by something: the library, Terraform, or a person."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from headgate.contract import keys
from headgate.contract.model import Column, Contract
from headgate.contract.notes import NOT_USED_YET
from headgate.contract.words import word_of

ROOT = Path(__file__).resolve().parents[2]
LIBRARY = ROOT / "shared/headgate"
TERRAFORM = ROOT / "terraform"

# Keys that have an effect without being read.
NOT_READ = {"schema_change": "its one value, `strict`, is what every run does"}

# Modules that treat all keys alike, so that their reading a key gives it no effect: model, loader, rules and docs.
_ALIKE = re.compile(r"contract/(?!expected)\w+\.py$")


def unread() -> list[str]:
    """The keys that nothing reads; of a mapping that nothing reads, only the mapping itself."""
    library, terraform = _read_by_the_library(), _read_by_terraform()
    lost: list[str] = []
    for path, field in keys.keys().items():
        above, _, name = path.rpartition(".")
        if above in lost or above.removesuffix("[]") in lost or any(path.startswith(f"{key}.") for key in lost):
            continue
        if not (word_of(field) or name in library or path in terraform):
            lost.append(path)
    return lost


def test_every_key_is_read_or_known_to_be_without_effect_yet() -> None:
    assert unread() == [*NOT_READ, *NOT_USED_YET]


def test_a_key_that_is_added_and_read_by_nothing_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    class WiderColumn(Column):
        forgotten: bool = False

    class WiderContract(Contract):
        columns: tuple[WiderColumn, ...]
        neglected: bool = False

    monkeypatch.setattr(keys, "Contract", WiderContract)
    assert set(unread()) - {*NOT_READ, *NOT_USED_YET} == {"columns[].forgotten", "neglected"}


def test_a_key_that_only_terraform_reads_counts_as_read() -> None:
    assert "schedule.crawler" in _read_by_terraform()
    assert "crawler" not in _read_by_the_library()


def _read_by_the_library() -> set[str]:
    """The attributes that the modules about contracts read, and those behind the properties of the model they read."""
    read = {name for file in LIBRARY.rglob("*.py") for name in _attributes_about_contracts(file)}
    model = ast.parse(
        "".join((LIBRARY / f"contract/{name}.py").read_text("utf-8") for name in ("column", "model", "source"))
    )
    behind = {node.name: set(_attributes(node)) for node in ast.walk(model) if isinstance(node, ast.FunctionDef)}
    while more := {name for known, names in behind.items() if known in read for name in names} - read:
        read |= more
    return read


def _attributes_about_contracts(file: Path) -> set[str]:
    text = file.read_text(encoding="utf-8")
    if _ALIKE.search(file.as_posix()) or "contract" not in text:
        return set()
    read = set(_attributes(ast.parse(text)))
    return read if re.search(r"headgate\.contract\.(model|source)\b", text) or "contract" in read else set()


def _attributes(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
            yield node.attr


def _read_by_terraform() -> set[str]:
    """The paths that read.tf gives a name (`name = try(coalesce(c.path))`) which is used, not only validated."""
    files = [file for file in TERRAFORM.rglob("*.tf") if "tests" not in file.parts and file.name != "faults.tf"]
    text = "\n".join(file.read_text(encoding="utf-8") for file in files)
    naming = re.compile(r"(?m)^\s+(\w+)\s+= try\(coalesce\(\w*\(?c\.([\w.]+).*$")
    uses = naming.sub("", text)
    return {path for name, path in naming.findall(text) if re.search(rf"\.{name}\b", uses)}
