"""A column that no file has is reported, and refuses its file where the contract says so."""

from __future__ import annotations

import pytest

from bench import Bench, counted, csv

BODY = """\
columns:
  - {name: id, type: int, required: true}
  - {name: size, source: Size, type: int}
at_most: 1.0
"""
JSON = BODY.replace("columns:", "source: {format: json}\ncolumns:")
WARNING = "warn: no file has `Size`: column `size` is null in every row of this run"


def warned(bench: Bench) -> list[str]:
    return [note for note in bench.one("things").notes if note.startswith("warn: no ")]


def test_a_column_that_no_file_has_is_reported_and_one_that_some_files_have_is_not(bench: Bench) -> None:
    bench.contract("things", BODY)
    bench.put("things/a.csv", csv("1", header="id"))
    bench.put("things/b.csv", csv("2", header="id"))
    [warning] = warned(bench)
    assert warning.startswith(WARNING)
    bench.put("things/c.csv", csv("3", header="id"), arrived=60)
    bench.put("things/d.csv", csv("4,", header="id,Size"), arrived=60)  # it has the column, if no value
    assert warned(bench) == []


def test_a_key_that_no_record_has_is_reported(bench: Bench) -> None:
    bench.contract("things", JSON.replace("at_most", "  - {name: helper, type: string, publish: false}\nat_most"))
    bench.put("things/a.json", '{"id": 1, "length": 4}\n{"id": 2}\n')
    [warning] = warned(bench)
    assert warning.startswith("warn: no record has a value for `Size`: column `size` is null in every row of this run")
    bench.put("things/b.json", '{"id": 3}\n{"id": 4, "Size": 4}\n', arrived=60)
    assert warned(bench) == []


@pytest.mark.parametrize(
    ("body", "files"),
    [
        (BODY, {"a.csv": csv("1", header="id"), "b.csv": csv("2,", "3,3", header="id,Size")}),
        (JSON, {"a.json": '{"id": 1}\n', "b.json": '{"id": 2}\n{"id": 3, "Size": 3}\n'}),
    ],
    ids=["csv", "json"],
)
def test_a_file_without_a_column_that_it_must_have_is_refused(bench: Bench, body: str, files: dict[str, str]) -> None:
    bench.contract("things", body.replace("type: int}", "type: int, required_in_file: true}"))
    for name, content in files.items():
        bench.put(f"things/{name}", content)
    outcome = bench.one("things")
    assert counted(outcome, "published", "files_refused") == (2, 1)
    assert "lacks `Size`" in outcome.objects["refused"][0]["reason"]
