"""Ctrl-C at a terminal, in every phase: one line, exit code 130, and nothing half published."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from headgate.cli.init import start_project
from headgate.cli.query import query
from headgate.errors import UnusableArgument
from headgate.lake.address import lake_at
from terminal import Terminal

STOPPED = "Stopped. Nothing is half published; the next run continues from here."
NOT_SHOWN = re.compile(r"Traceback|Exception|ERROR|[Jj]ava|[Pp]y4j|KeyboardInterrupt|Errno|Aborted")


PRESSED_WHEN_IMPORTED = """\
import os, signal, sys
module = sys.argv.pop()
class Finder:
    def find_spec(self, name, *_):
        if name == module:
            sys.meta_path.remove(self)
            os.kill(os.getpid(), signal.SIGINT)
from headgate.cli import main
sys.meta_path.insert(0, Finder())
main()
"""


@contextmanager
def opened(folder: Path, *words: str) -> Iterator[Terminal]:
    terminal = Terminal(folder, *words)
    try:
        yield terminal
    finally:
        terminal.close()


def stopped(terminal: Terminal) -> str:
    """Press Ctrl-C, and return what the command printed until its end."""
    terminal.press_ctrl_c()
    code = terminal.end()
    assert (code, terminal.text.count(STOPPED)) == (130, 1), terminal.text
    assert not NOT_SHOWN.search(terminal.text), terminal.text
    return terminal.text


def steps(project: Path) -> Sequence[str]:
    """The steps that the newest run has logged."""
    logs = sorted(project.glob("lake/runs/*/log.jsonl"))
    return [json.loads(line)["step"] for line in logs[-1].read_text().splitlines(True) if line.endswith("\n")]


def records(project: Path) -> list[dict[str, Any]]:
    return [json.loads(file.read_text()) for file in sorted(project.glob("lake/runs/*/run.json"))]


def rows(project: Path) -> int | None:
    try:
        return len(query("SELECT * FROM orders", lake_at(str(project / "lake"))).fetchall())
    except UnusableArgument:
        return None  # no table yet


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    start_project(folder, empty=False)
    return folder


@pytest.mark.parametrize("module", ["headgate.cli.app", "typer", "pydantic", "sqlglot", "pyspark", "rich.console"])
def test_while_modules_are_loaded(project: Path, module: str) -> None:
    command = [sys.executable, "-c", PRESSED_WHEN_IMPORTED, "run", module]
    answer = subprocess.run(command, capture_output=True, text=True, cwd=project, check=False)
    assert (answer.returncode, answer.stdout, answer.stderr) == (130, "", f"{STOPPED}\n")


@pytest.mark.parametrize("step", ["read", "judged", "publish", "branch", "ledger"])
def test_in_each_phase_nothing_is_half_published_and_the_record_says_stopped(project: Path, step: str) -> None:
    before = len(records(project))
    with opened(project, "run") as terminal:
        terminal.wait_until(lambda: len(list(project.glob("lake/runs/*/log.jsonl"))) > before, "no log")
        terminal.wait_until(lambda: step in steps(project), f"no step {step}")
        text = stopped(terminal)
    record = records(project)[-1]
    assert len(records(project)) == before + 1
    dataset = record["datasets"]["orders"]
    if dataset["status"] == "published":  # Ctrl-C came when the last step was done
        assert step == "ledger" and rows(project) == 3
        assert dataset["notes"] == ["Ctrl-C was pressed after it was published"]
        return
    assert (record["status"], dataset["status"], dataset["published"] or 0) == ("stopped", "stopped", 0)
    assert "■ stopped" in text and rows(project) is None
    assert not list(project.glob("lake/_work/*/*/*"))


def test_with_json_it_is_a_document_too(project: Path) -> None:
    command = [sys.executable, "-c", PRESSED_WHEN_IMPORTED, "run", "--json", "sqlglot"]
    answer = subprocess.run(command, capture_output=True, text=True, cwd=project, check=False)
    assert (answer.returncode, answer.stderr) == (130, f"{STOPPED}\n")
    error = {"kind": "Stopped", "what": STOPPED, "where": "", "remedy": ""}
    assert json.loads(answer.stdout) == {"exit_code": 130, "error": error}


@pytest.fixture(scope="module")
def published(project: Path) -> Path:
    """The project, after a run that nobody stopped."""
    with opened(project, "run") as terminal:
        assert terminal.end() == 0
    return project


def test_the_next_run_publishes_what_was_not(published: Path) -> None:
    assert rows(published) == 3


@pytest.mark.parametrize("words", [("hold", "orders"), ("maintain",), ("rollback", "orders", "--list")])
def test_other_commands_stop_with_the_same_line(published: Path, words: Sequence[str]) -> None:
    with opened(published, *words) as terminal:
        terminal.wait_until(lambda: has_child(terminal), "Spark did not start")
        assert stopped(terminal).strip().removeprefix("^C") == STOPPED
    assert rows(published) == 3


def has_child(terminal: Terminal) -> bool:
    pid = terminal.process.pid
    return bool(Path(f"/proc/{pid}/task/{pid}/children").read_text())


@pytest.mark.parametrize("form", ["table", "csv", "json"])
def test_a_query_that_computes_is_interrupted(published: Path, form: str) -> None:
    endless = "SELECT sum(a.range * b.range % 7) FROM range(10000000) a, range(10000000) b"
    with opened(published, "query", endless, "--format", form) as terminal:
        terminal.wait_until(lambda: seconds_used(terminal) > 4, "the query does not compute")
        *before, last = stopped(terminal).split("^C")[-1].strip().splitlines()
        assert (before, last) == ([], STOPPED)


def test_a_query_that_begins_is_interrupted(published: Path) -> None:
    with opened(published, "query", "SELECT count(*) FROM range(100000000000)") as terminal:
        terminal.wait_until(lambda: "duckdb" in maps(terminal), "DuckDB was not loaded")
        assert stopped(terminal).strip().removeprefix("^C") == STOPPED


def maps(terminal: Terminal) -> str:
    return Path(f"/proc/{terminal.process.pid}/maps").read_text()


def seconds_used(terminal: Terminal) -> float:
    """The processor seconds of the command: what loads its modules takes about one."""
    user, system = Path(f"/proc/{terminal.process.pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def test_a_run_of_several_datasets_leaves_the_later_ones_stopped(published: Path) -> None:
    contract = (published / "contracts/shop/orders.yaml").read_text()
    (published / "contracts/shop/visits.yaml").write_text(contract.replace("dataset: orders", "dataset: visits"))
    rows_of = (published / "staging/orders/orders.csv").read_text()
    (published / "staging/visits").mkdir()
    (published / "staging/visits/a.csv").write_text(rows_of)
    (published / "staging/orders/more.csv").write_text(rows_of)
    before = len(records(published))
    with opened(published, "run", "--json") as terminal:
        terminal.wait_until(lambda: len(list(published.glob("lake/runs/*/log.jsonl"))) > before, "no log")
        terminal.wait_until(lambda: "read" in steps(published), "no step read")
        text = stopped(terminal)
    document = json.loads(text[text.index("{") : text.rindex("}") + 1])
    assert document["exit_code"] == 130
    assert {name: dataset["status"] for name, dataset in document["datasets"].items()} == {
        "orders": "stopped",
        "visits": "stopped",
    }
    assert document["datasets"]["visits"]["reason"] == "Ctrl-C, before it began"


PRESSED_IN_TEXT = """\
from headgate import stopping
from headgate.cli import command
app = command.new_app("a test", "0")
app.command("one")(lambda: exec("raise KeyboardInterrupt"))
app.command("two")(lambda: None)
command._print_error("whatever printing needs is imported now")
command.run_command_line(app, "headgate", stopped=stopping.MESSAGE)
"""


def test_the_exit_code_is_the_same_where_code_ran_from_a_text(tmp_path: Path) -> None:
    """Python remembers an interrupt in `exec`, and would end a module that is run with `-m` by the signal itself."""
    (tmp_path / "pressed.py").write_text(PRESSED_IN_TEXT)
    path = os.pathsep.join([str(tmp_path), *sys.path])
    ended = subprocess.run(
        [sys.executable, "-m", "pressed", "one"], env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True
    )
    assert (ended.returncode, ended.stderr.splitlines()[-1]) == (130, STOPPED)
