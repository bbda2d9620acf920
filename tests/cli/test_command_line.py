"""The command line as a whole: version, completion, documents for errors, and no trace for any argument."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from headgate import runtime, stopping
from headgate.cli import app, watch
from headgate.cli.init import start_project
from headgate.errors import RunFailed
from headgate.spark import session
from needs import ROOT


@dataclass(frozen=True)
class Ended:
    code: int
    out: str
    err: str


Headgate = Callable[..., Ended]


def no_spark(*_: object, **__: object) -> None:
    raise RunFailed("Spark does not start here")


@pytest.fixture
def headgate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Headgate:
    """Type a command in a new project; nothing starts Spark or watches."""
    folder = tmp_path / "three" / "folders" / "deep"
    start_project(folder, empty=False)
    monkeypatch.chdir(folder)
    monkeypatch.setattr(stopping, "handle_ctrl_c", lambda: None)
    monkeypatch.setattr(watch, "watch", lambda watched: None)
    for module in (runtime, session):
        monkeypatch.setattr(module, "local_session", no_spark)

    def typed(*words: str) -> Ended:
        monkeypatch.setattr(sys, "argv", ["headgate", *words])
        with pytest.raises(SystemExit) as ended:
            app.main()
        return Ended(int(ended.value.code or 0), *capsys.readouterr())

    return typed


def test_the_version_is_that_of_the_package(headgate: Headgate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.metadata.version", lambda name: {"headgate": "1.2.3"}[name])
    assert headgate("--version") == Ended(0, "headgate 1.2.3\n", "")


@pytest.mark.parametrize(
    ("words", "kind", "what"),
    [
        (("run", "--json", "nothing"), "UnusableArgument", "there is no dataset `nothing`"),
        (("run", "--json"), "RunFailed", "Spark does not start here"),
        (("run", "--json", "--fulll"), "UnusableArgument", "No such option: --fulll"),
        (("try", "--json", "nothing"), "UnusableArgument", "there is no dataset `nothing`"),
        (("plan", "--json"), "UnusableArgument", "this is not a folder of a git repository"),
        (("trace", "--json", "nothing", "id=1"), "UnusableArgument", "there is no dataset `nothing`"),
        (("backfill", "--json", "orders"), "UnusableArgument", "choose what to re-read"),
        (("quarantine", "orders", "--json"), "UnusableArgument", "no refused row of `orders`"),
        (("quarantine", "--json"), "UnusableArgument", "Missing argument"),
        (("estimate", "--lake", "none", "--json"), "UnusableArgument", "there is no lake here"),
        (("runs", "--json"), "UnusableArgument", "there is no run here"),
        (("flatten", "orders", "--json"), "UnusableArgument", "the documents of `orders` do not arrive as events"),
        (("maintain", "--json"), "UnusableArgument", "there is no lake here"),
    ],
)
def test_an_error_is_a_document_too(headgate: Headgate, words: Sequence[str], kind: str, what: str) -> None:
    ended = headgate(*words)
    document: dict[str, Any] = json.loads(ended.out)
    assert ended.code == document["exit_code"] == (1 if kind == "RunFailed" else 2)
    assert document["error"]["kind"] == kind and what in document["error"]["what"]
    assert what in ended.err  # a person reads it too


def test_the_faults_of_contracts_are_listed_in_the_document(headgate: Headgate) -> None:
    contract = Path("contracts/shop/orders.yaml")
    contract.write_text(contract.read_text().replace("type: date", "type: dat").replace("domain:", "domian:"))
    document = json.loads(headgate("run", "--json").out)
    assert document["error"]["kind"] == "UnusableContract"
    assert {fault["key"] for fault in document["error"]["faults"]} >= {"domian"}


def test_every_command_with_json_is_in_the_table_above() -> None:
    commands = {command.callback.__name__.removesuffix("_command") for command in app.app.registered_commands  # type: ignore[union-attr]
                if "as_json" in command.callback.__annotations__}  # type: ignore[union-attr]  # fmt: skip
    (mark,) = [mark for mark in test_an_error_is_a_document_too.pytestmark if mark.name == "parametrize"]  # type: ignore[attr-defined]
    assert {words[0] for words, *_ in mark.args[1]} == commands


def test_a_file_where_a_folder_should_be_gives_a_message(headgate: Headgate) -> None:
    Path("file").write_text("")
    ended = headgate("init", "file/below")
    assert (ended.code, ended.err.splitlines()[0]) == (1, "file/below/contracts: the machine refused: Not a directory")


# The project is three folders deep, so that no word names a folder outside of the test's own.
WORDS = [
    *("", " ", "-", "--", "-x", "--json", "--json=1", "--help", "--version", "--lake", "--lake=", "--run", "--limit"),
    *("--format", "--contracts", "--source", "--full", "--dry-run", "--watch", "--to", "--list", "--keep-days"),
    *(
        "--from",
        "--from=staging",
        "--owner",
        "--no-copy",
        "--against",
        "--last",
        "--reason",
        "--stale",
        "--arrived",
        "--partition",
        "--path",
        "--every-run",
        "--empty",
    ),
    *("table", "csv", "json", "parquet", "orders", "Orders", "nothing", "é", "a\nb", "\x1b[31m", "[red]", "[/]", "%s"),
    *("{}", "'", '"', "*", "../..", "..", ".", "/dev/null", "/dev/null/x", "contracts/shop/orders.yaml", "staging"),
    *(
        "lake",
        "x" * 5000,
        "0",
        "1",
        "-1",
        "99999999999999999999",
        "1e9",
        "NaN",
        "2026-01-01..",
        "2026-01-01..2026-13-01",
    ),
    *(
        "a=b",
        "=",
        "day=",
        "s3://",
        "s3:///x",
        "HEAD",
        "last-run",
        "SELECT 1",
        "SELECT",
        "\udcff",
        "--lake=\udcff",
        "bash",
    ),
    *("file:///x", "https://example.org/x", "--from", "--from=staging", "--owner", "--no-copy"),
]
COMMANDS = [
    "run",
    "try",
    "trace",
    "plan",
    "backfill",
    "query",
    "quarantine",
    "acknowledge",
    "flatten",
    "estimate",
    "rollback",
    "hold",
    "resume",
    "maintain",
    "check",
    "init",
    "new",
    "completion",
    "doctor",
    "runs",
    "dead-letters",
]


@pytest.mark.parametrize("command", [*COMMANDS, "no-command", ""])
def test_no_argument_makes_a_trace(headgate: Headgate, command: str) -> None:
    """Seeded: the same arguments in each run. A fault of Headgate would leave `main` as an exception."""
    chance = random.Random(command)
    for _ in range(60):
        words = [command, *chance.choices(WORDS, k=chance.randint(0, 5))]
        ended = headgate(*words)
        assert ended.code in (0, 1, 2), words
        assert "Traceback" not in ended.out + ended.err, words
        assert ended.code == 0 or (ended.out + ended.err).strip(), words


def test_every_command_is_among_those_that_are_tried() -> None:
    known = {str(command.callback.__name__).removesuffix("_command") for command in app.app.registered_commands}  # type: ignore[union-attr]
    assert known <= {*COMMANDS}


@pytest.mark.needs("bash")
def test_bash_completes_commands_and_options(tmp_path: Path) -> None:
    program = tmp_path / "headgate"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m headgate.cli "$@"\n')
    program.chmod(0o755)
    script = """
    eval "$(headgate completion bash)"
    ask() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=()
      $(complete -p headgate | sed 's/.*-F \\([^ ]*\\).*/\\1/') headgate; echo "${COMPREPLY[*]}"; }
    ask headgate qu; ask headgate quarantine --every
    """
    path = os.pathsep.join([str(ROOT / "shared"), *sys.path])
    env = {**os.environ, "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": path}
    answer = subprocess.run(["bash", "-c", script], capture_output=True, text=True, env=env, check=False)
    assert (answer.stdout, answer.stderr) == ("query quarantine\n--every-run\n", "")


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_have_a_script(headgate: Headgate, shell: str) -> None:
    ended = headgate("completion", shell)
    assert ended.code == 0 and f"_HEADGATE_COMPLETE=complete_{shell}" in ended.out
