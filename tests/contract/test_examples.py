"""Every key of a contract has an example, and every example is a contract that can be used."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from headgate.contract.document import document
from headgate.contract.examples import CUSTOMERS, ORDERS, REVENUE, REVENUE_SQL, examples, in_contract
from headgate.contract.keys import keys
from headgate.contract.load import read_contract
from headgate.contract.model import Contract
from headgate.lake.paths import Lake
from headgate.lake.storage import LocalStorage
from headgate.project import Project, load_project

ROOT = Path(__file__).resolve().parents[2]


def whole_examples(folder: Path) -> Project:
    for path, text in {
        "contracts/shop/orders.yaml": ORDERS,
        "contracts/shop/customers.yaml": CUSTOMERS,
        "contracts/shop/revenue_by_city.yaml": REVENUE,
        "sql/marts/revenue_by_city.sql": REVENUE_SQL,
    }.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return load_project(folder / "contracts", Lake(LocalStorage(folder / "lake")))


def test_every_key_of_the_model_has_an_example_and_no_example_is_of_another_key() -> None:
    assert sorted(examples()) == sorted(keys())


def test_every_key_of_the_model_has_a_meaning() -> None:
    assert [path for path, field in keys().items() if not field.description] == []


@pytest.mark.parametrize("path", examples())
def test_an_example_is_a_contract_that_can_be_used_and_has_the_key(path: str, tmp_path: Path) -> None:
    example, query = tmp_path / "contracts/orders.yaml", tmp_path / "sql/marts/orders.sql"
    for file, text in ((example, in_contract(path)), (query, "SELECT 1")):
        file.parent.mkdir(parents=True)
        file.write_text(text, encoding="utf-8")
    contract, faults = read_contract(example)
    assert faults == []
    assert contract is not None
    assert _written(contract, path), path


def _written(contract: Contract, path: str) -> bool:
    """True when the contract's file has the key itself, and does not leave it to the default."""
    at: object = contract
    *way, name = path.split(".")
    for part in way:
        at = getattr(at, part.removesuffix("[]"))
        at = at[-1] if part.endswith("[]") else at  # type: ignore[index]
    return name in at.model_fields_set  # type: ignore[attr-defined]


def test_the_whole_examples_are_a_project_in_its_order(tmp_path: Path) -> None:
    project = whole_examples(tmp_path)
    assert list(project.run_order) == ["customers", "orders", "revenue_by_city"]
    assert project.reads["revenue_by_city"] == ["orders", "customers"]


def test_a_whole_example_can_be_read_in_a_minute() -> None:
    assert [len(text.splitlines()) < 40 for text in (ORDERS, CUSTOMERS, REVENUE)] == [True] * 3


def test_the_page_shows_every_key_every_example_and_every_refusal() -> None:
    page = document()
    rows = [line for line in page.splitlines() if line.startswith("| `")]
    for path, example in examples().items():
        key, shown = path.rsplit(".", 1)[-1], example.text.replace("|", "\\|")
        assert any(row.startswith(f"| `{key}` |") and shown in row for row in rows), path
    for text in (ORDERS, CUSTOMERS, REVENUE, REVENUE_SQL):
        assert text in page


def test_the_page_on_contracts_is_what_the_model_contains() -> None:
    shown = (ROOT / "docs/CONTRACTS.md").read_text(encoding="utf-8")
    assert shown == document(), "stale: run `make written`"


def test_the_module_prints_the_page() -> None:
    command = [sys.executable, "-m", "headgate.contract.document"]
    printed = subprocess.run(command, cwd=ROOT / "shared", capture_output=True, text=True, check=True).stdout
    assert printed == document()


def test_examples_of_yaml_in_the_page_are_yaml() -> None:
    blocks = document().split("```yaml\n")[1:4]
    names = [yaml.safe_load(block.split("```")[0])["dataset"] for block in blocks]
    assert names == ["orders", "customers", "revenue_by_city"]
