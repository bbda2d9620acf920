"""Reading and checking contracts loads no engine, so that `headgate check` and Terraform's callers stay quick."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

LIBRARY = Path(__file__).resolve().parents[2] / "shared/headgate"
HEAVY = ("pyspark", "pyarrow", "great_expectations", "pandas", "numpy", "sqlglot", "duckdb")
MODULES = [
    f"headgate.{room}.{file.stem}"
    for room in ("contract", "checks")
    for file in sorted((LIBRARY / room).glob("*.py"))
    if file.stem != "__init__"
]


def loaded(program: str) -> set[str]:
    """The heavy packages that a program has loaded when it ends."""
    ask = f"import sys\n{program}\nprint(*[name for name in {HEAVY} if name in sys.modules])"
    answer = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True)
    return set(answer.stdout.split())


def test_no_module_of_the_contract_or_the_checks_loads_an_engine() -> None:
    assert "headgate.contract.load" in MODULES
    assert loaded("\n".join(f"import {module}" for module in MODULES)) == set()


@pytest.mark.parametrize(
    ("derived", "expected"), [("", set()), ("derived: price * 2, ", {"sqlglot"})], ids=["plain", "with an expression"]
)
def test_only_an_expression_loads_the_parser_of_sql(tmp_path: Path, derived: str, expected: set[str]) -> None:
    file = tmp_path / "orders.yaml"
    file.write_text(
        "dataset: orders\ndomain: test\nowner: test@example.org\ndescription: One row per order.\n"
        f"columns: [{{name: price, type: int, required: true}}, {{name: double, {derived}type: int, minimum: 0}}]\n",
        encoding="utf-8",
    )
    program = "from pathlib import Path\nfrom headgate.contract.load import read_contract\n"
    assert loaded(f"{program}read_contract(Path({str(file)!r}))") == expected
