"""Table formats: one class and one line each, all of them complete, and none known by name anywhere else."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace
from inspect import isabstract
from pathlib import Path
from typing import get_args

import pytest
from json_lines import JsonLinesTable

from bench import Bench, counted, csv
from headgate.contract.model import Write
from headgate.lake.storage import LocalStorage
from headgate.outcome import Outcome
from headgate.project import Project, load_project
from headgate.publish.formats import FORMATS
from headgate.publish.table import Table
from headgate.request import RunRequest
from headgate.run import run
from headgate.upkeep.maintain import maintain
from headgate.upkeep.rollback import publications, put_on_hold, resume, roll_back
from needs import ROOT

TABLE = "SELECT order_id, CAST(amount AS double) FROM orders ORDER BY ALL"


def test_the_contracts_words_for_formats_are_the_formats_that_there_are() -> None:
    assert set(get_args(Write.model_fields["format"].annotation)) == set(FORMATS)


@pytest.mark.parametrize("word", FORMATS)
def test_every_format_is_complete(word: str) -> None:
    assert not isabstract(FORMATS[word])


@pytest.mark.parametrize("member", sorted(Table.__abstractmethods__))
def test_a_format_that_lacks_a_member_is_found_by_name(bench: Bench, member: str) -> None:
    others = {name: vars(JsonLinesTable)[name] for name in Table.__abstractmethods__ - {member}}
    half: type[Table] = type("HalfATable", (Table,), others)
    with pytest.raises(TypeError, match=f"abstract method '?{member}'?"):
        half(bench.spark, bench.lake, None, "run")


def test_no_module_outside_of_publish_knows_a_format_by_name() -> None:
    library = ROOT / "shared/headgate"
    outside = [file for file in library.rglob("*.py") if file.relative_to(library).parts[0] != "publish"]
    assert [name for file in outside for name in _formats_imported(file)] == []
    assert list(_formats_imported(library / "publish/formats.py"))  # the test sees what it looks for


def _formats_imported(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("headgate.publish."):
            module = str(node.module).rpartition(".")[2]
            if module.startswith(tuple(FORMATS)):
                yield f"{file.name}: {module}"


@pytest.fixture
def toy(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Bench:
    """A project in which a toy format is known, by one line."""
    monkeypatch.setitem(FORMATS, "json_lines", JsonLinesTable)
    bench.contract("orders")
    return bench


def test_a_format_added_in_one_place_works_everywhere(toy: Bench) -> None:
    toy.put("orders/0.csv", csv("a,1", "b,2", "c,-1"))
    assert counted(_run(toy), "read", "inserted", "quarantined", "rows_after") == (3, 2, 1, 2)
    toy.put("orders/1.csv", csv("b,5", "d,4"), arrived=60)
    assert counted(_run(toy), "inserted", "updated", "rows_after") == (1, 1, 3)
    assert toy.rows(TABLE) == [("a", 1), ("b", 5), ("d", 4)]
    assert _run(toy).status == "unchanged"

    contract, place = _project(toy).contracts["orders"], (toy.spark, toy.lake)
    put_on_hold(*place, contract, "a check by hand")
    toy.put("orders/2.csv", csv("e,6"), arrived=120)
    assert (_run(toy).status, toy.rows(TABLE)) == ("skipped", [("a", 1), ("b", 5), ("d", 4)])
    assert "a check by hand" in str(resume(*place, contract))
    assert _run(toy).rows_after == 4

    first = publications(*place, contract)[1][-1]
    assert roll_back(*place, contract, first.run) == first
    assert (toy.rows(TABLE), _run(toy).reason) == ([("a", 1), ("b", 2)], "hold")
    resume(*place, contract)
    assert counted(_run(toy), "read", "rows_after") == (3, 4)

    (result,) = maintain(*place, [contract])
    assert (result.status, result.counts.folders_removed) == ("maintained", 1)
    assert (toy.rows(TABLE), publications(*place, contract)[1]) == ([("a", 1), ("b", 5), ("d", 4), ("e", 6)], [])


def _project(bench: Bench) -> Project:
    """The project, its dataset in the toy format: the contract's words are declared in the model, not here."""
    project = load_project(bench.root / "contracts", bench.lake)
    contract = project.contracts["orders"]
    write = contract.write.model_copy(update={"format": "json_lines"})
    return replace(project, contracts={"orders": contract.model_copy(update={"write": write})})


def _run(bench: Bench) -> Outcome:
    source = LocalStorage(bench.root / "staging")
    result = run(lambda: bench.spark, _project(bench), bench.lake, source, RunRequest())
    return result.outcomes["orders"]
