"""Rows of one file that contradict each other: the later line wins, and they are counted apart from copies."""

from __future__ import annotations

import pytest

from bench import Bench, counted, csv
from headgate.cli.quarantine import refused_rows
from headgate.lake.catalog import SESSION

BODY = """\
columns:
  - {name: id, type: int, required: true}
  - {name: v, type: string}
  - {name: ts, type: int}
key: [id]
"""
TABLE = "SELECT id, v FROM things ORDER BY id"
LINES = ("1,a,", "1,b,", "2,x,", "2,x,", "3,c,", "3,d,", "3,c,", "4,only,")
HEADER = "id,v,ts"


def test_the_later_line_wins_and_contradictions_are_counted_apart_from_copies(bench: Bench) -> None:
    bench.contract("things", BODY)
    bench.put("things/a.csv", csv(*LINES, header=HEADER))
    outcome = bench.one("things")
    assert counted(outcome, "read", "published", "superseded", "conflicting") == (8, 4, 4, 3)
    assert bench.rows(TABLE) == [(1, "b"), (2, "x"), (3, "c"), (4, "only")]
    assert outcome.notes == [
        "warn: 3 rows contradict another row of their file and key; the last line wins. "
        "Name an `order`, or set `on_conflict`"
    ]
    bench.put("things/b.csv", csv("1,z,", "2,x,", header=HEADER), arrived=60)
    assert counted(bench.one("things"), "updated", "conflicting") == (1, 0)  # a newer file contradicts nothing


def test_the_first_line_wins_where_the_order_says_so_and_columns_come_first(bench: Bench) -> None:
    bench.contract("things", BODY + "order: [{column: ts}, {column: _line, direction: asc}]\n")
    bench.put("things/a.csv", csv("1,a,5", "1,b,5", "1,c,4", "2,a,", "2,b,", "3,a,1", "3,b,2", header=HEADER))
    outcome = bench.one("things")
    assert bench.rows(TABLE) == [(1, "a"), (2, "a"), (3, "b")]
    assert outcome.conflicting == 2
    assert "the first line wins" in outcome.notes[0]


def test_a_contract_can_refuse_all_rows_that_contradict_each_other(bench: Bench) -> None:
    bench.contract("things", BODY + "on_conflict: quarantine\nat_most: 0.7\nat_most_per_file: 0.7\n")
    bench.put("things/a.csv", csv(*LINES, header=HEADER))
    outcome = bench.one("things")
    assert counted(outcome, "read", "published", "superseded", "quarantined", "conflicting") == (8, 2, 1, 5, 5)
    assert bench.rows(TABLE) == [(2, "x"), (4, "only")]
    refused = refused_rows(bench.lake, "things")
    assert sorted((row.values["id"], row.values["v"]) for row in refused) == [
        ("1", "a"),
        ("1", "b"),
        ("3", "c"),
        ("3", "c"),
        ("3", "d"),
    ]
    assert {tuple(row.reasons) for row in refused} == {
        ("key: another row of this file has the same key and order, and other values",)
    }


def test_a_contract_can_close_the_gate_over_a_contradiction(bench: Bench) -> None:
    bench.contract("things", BODY + "on_conflict: stop\n")
    bench.put("things/a.csv", csv("1,a,", "2,x,", "2,x,", header=HEADER))
    assert bench.one("things").status == "published"
    bench.put("things/b.csv", csv("1,b,", "1,c,", header=HEADER), arrived=60)
    outcome = bench.one("things")
    assert outcome.status == "closed"
    assert "1 row contradicts another row of its file and key (`on_conflict` says stop)" in str(outcome.reason)
    assert bench.rows(TABLE) == [(1, "a"), (2, "x")]


def test_the_last_line_of_files_that_are_read_in_parts_wins(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SESSION, "spark.sql.files.maxPartitionBytes", "4096")
    bench.contract("things", BODY)
    for file, rows in (("a", 5_000), ("b", 3_000)):
        bench.put(f"things/{file}.csv", csv(*(f"{i % 50},{file}{i}," for i in range(rows)), header=HEADER), ord(file))
    assert counted(bench.one("things"), "read", "published") == (8_000, 50)
    assert bench.rows(TABLE) == [(i, f"b{2950 + i}") for i in range(50)]


DISTINCT = BODY.replace("key: [id]\n", "distinct: true\n")


def test_equal_rows_are_published_once_across_files_too(bench: Bench) -> None:
    bench.contract("things", DISTINCT)
    bench.put("things/a.csv", csv("1,a,", "1,a,", "1,b,", "2,,7", "2,,7", header=HEADER))
    assert counted(bench.one("things"), "read", "published", "superseded", "rows_after") == (5, 3, 2, 3)
    bench.put("things/b.csv", csv("1,b,", "2,,7", "3,c,", "3,c,", header=HEADER), arrived=60)
    assert counted(bench.one("things"), "read", "published", "superseded", "rows_after") == (4, 1, 3, 4)
    assert bench.rows("SELECT id, v, _object FROM things ORDER BY id, v") == [
        (1, "a", "things/a.csv"),
        (1, "b", "things/a.csv"),
        (2, None, "things/a.csv"),
        (3, "c", "things/b.csv"),
    ]


def test_a_row_that_a_rewritten_file_no_longer_has_stays_where_another_file_has_it(bench: Bench) -> None:
    bench.contract("things", DISTINCT)
    bench.put("things/a.csv", csv("1,a,", "1,b,", header=HEADER))
    bench.put("things/b.csv", csv("1,b,", header=HEADER), arrived=60)
    bench.one("things")
    bench.put("things/a.csv", csv("1,a,", header=HEADER), arrived=120)
    assert bench.one("things").rows_after == 2
    assert bench.rows("SELECT v, _object FROM things ORDER BY v") == [("a", "things/a.csv"), ("b", "things/b.csv")]
