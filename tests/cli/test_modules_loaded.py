"""What a command loads before it starts to work: modules are counted, since times differ between machines."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
ENGINES = {"pyspark", "py4j", "pandas", "numpy", "pyarrow", "duckdb", "great_expectations", "pyiceberg"}
HEAVY = {*ENGINES, "sqlglot", "jinja2", "jsonschema", "boto3"}
PROGRAM = """\
import atexit, sys
atexit.register(lambda: print("loaded", *sys.modules))
from headgate.cli import main
main()
"""


def loaded(cache: Path, *words: str) -> set[str]:
    """The modules that a command has loaded when it ends."""
    command = [sys.executable, "-c", PROGRAM, *words]
    env = {**os.environ, "HEADGATE_CACHE": str(cache)}
    answer = subprocess.run(command, capture_output=True, text=True, check=True, cwd=CHECKOUT, env=env)
    return set(answer.stdout.splitlines()[-1].split())


def packages(modules: set[str]) -> set[str]:
    return {module.partition(".")[0] for module in modules}


def test_the_help_loads_the_command_line_and_nothing_of_what_the_commands_need(tmp_path: Path) -> None:
    modules = loaded(tmp_path, "--help")
    assert "headgate.cli.app" in modules
    assert not packages(modules) & {*HEAVY, "pydantic", "yaml", "rich"}
    assert len([module for module in modules if module.startswith("headgate")]) <= 13


def test_the_doctor_loads_no_engine(tmp_path: Path) -> None:
    command = [sys.executable, "-c", PROGRAM, "doctor"]
    env = {**os.environ, "HEADGATE_CACHE": str(tmp_path)}
    answer = subprocess.run(command, capture_output=True, text=True, check=False, cwd=CHECKOUT, env=env)
    assert not packages(set(answer.stdout.splitlines()[-1].split())) & HEAVY


def test_check_loads_the_parser_of_sql_and_no_engine(tmp_path: Path) -> None:
    modules = loaded(tmp_path, "check")
    assert packages(modules) & HEAVY == {"sqlglot"}
    assert not any(module.startswith(("headgate.read", "headgate.gate", "headgate.publish")) for module in modules)


def test_an_estimate_loads_the_parser_of_sql_and_no_engine(tmp_path: Path) -> None:
    modules = loaded(tmp_path, "estimate", "--lake", str(tmp_path))
    assert packages(modules) & HEAVY == {"sqlglot"}
    assert not any(module.startswith(("headgate.gate", "headgate.publish")) for module in modules)
