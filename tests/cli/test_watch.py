"""`headgate run --watch`, at a terminal: it runs again after a change, shows faults, and ends calmly."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from headgate.cli.init import start_project
from headgate.cli.watch import Watched, changes, in_words, wait_for_change
from terminal import Terminal


@pytest.fixture
def project(tmp_path: Path) -> Path:
    start_project(tmp_path, empty=False)
    return tmp_path


@pytest.fixture
def terminal(project: Path) -> Iterator[Terminal]:
    opened = Terminal(project, "run", "--watch")
    yield opened
    opened.close()


def test_a_change_runs_again_a_fault_is_shown_and_ctrl_c_ends_it(terminal: Terminal, project: Path) -> None:
    terminal.wait_for("✔ published")
    terminal.wait_for("Watching")

    contract = project / "contracts/shop/orders.yaml"
    whole = contract.read_text()
    contract.write_text(whole + "\nno_such_key: 1\n")
    assert "orders.yaml" in terminal.wait_for("changed: ") + terminal.wait_for("is not a key of a contract")
    terminal.wait_for("Watching")

    contract.write_text(whole.replace("at_most: 0.5", "at_most: 0.0"))
    terminal.wait_for("✖ closed")  # the objects were read again, under the stricter contract
    terminal.wait_for("Watching")

    contract.write_text(whole)
    terminal.wait_for("Watching")
    raw = project / "staging/orders/orders.csv"
    (raw.parent / "more.csv").write_bytes(raw.read_bytes())
    assert "more.csv" in terminal.wait_for("✔ published")
    terminal.wait_for("Watching")
    terminal.press_ctrl_c()
    terminal.wait_for("Stopped. Nothing is half published")
    assert terminal.end() == 130
    assert "Traceback" not in terminal.text


def test_files_are_waited_for_until_they_have_come_to_rest() -> None:
    looks: Iterator[Mapping[str, tuple[int, int]]] = iter(
        [{"a": (1, 1)}, {"a": (1, 1), "b": (1, 2)}, {"a": (1, 1), "b": (9, 3)}, {"a": (1, 1), "b": (9, 3)}]
    )
    slept: list[float] = []
    assert wait_for_change(lambda: next(looks), {"a": (1, 1)}, slept.append) == ["b"]
    assert len(slept) == 3


def test_new_gone_and_rewritten_files_are_changes() -> None:
    assert changes({"a": (1, 1), "b": (1, 1), "c": (1, 1)}, {"b": (1, 2), "c": (1, 1), "d": (0, 0)}) == ["a", "b", "d"]
    assert in_words(["a", "b", "c", "d", "e"]) == "a, b, c and 2 more"


def test_hidden_files_and_the_lake_are_not_watched(project: Path) -> None:
    (project / "staging/lake").mkdir()
    for name in ("lake/rows.parquet", "_SUCCESS", ".orders.csv.swp", "orders/orders.csv"):
        (project / "staging" / name).write_text("x")
    watched = Watched(project / "contracts", project / "staging", project / "staging/lake", [])
    names = {Path(file).name for file in watched.look()}
    assert names == {"orders.yaml", "orders.csv"}
