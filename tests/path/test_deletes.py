"""`delete_when`: a row deletes its key when it is the newest, in any order of delivery."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from bench import Bench, counted, csv

BODY = """\
columns:
  - {name: op, type: string, enum: [I, U, D]}
  - {name: id, type: int, required: true}
  - {name: name, type: string, required: true}
  - {name: ts, type: int}
key: [id]
order: [{column: ts}]
delete_when: op = 'D'
"""
HEADER = "op,id,name,ts"
TABLE = "SELECT id, name FROM people ORDER BY id"


@pytest.fixture
def people(bench: Bench) -> Bench:
    bench.contract("people", BODY)
    bench.put("people/1.csv", csv("I,1,anna,1", "I,2,bert,1", header=HEADER))
    bench.one("people")
    return bench


def deliver(bench: Bench, name: str, *lines: str, arrived: int = 60) -> Any:
    bench.put(f"people/{name}.csv", csv(*lines, header=HEADER), arrived=arrived)
    return bench.one("people")


def test_the_newest_row_deletes_its_key_and_both_equations_count_it(people: Bench) -> None:
    outcome = deliver(people, "2", "D,1,,2", "U,2,bertram,2", "D,9,,2")  # a deletion needs its key and order only
    assert counted(outcome, "read", "published", "deleted", "quarantined") == (3, 1, 2, 0)
    assert counted(outcome, "rows_before", "inserted", "updated", "removed", "rows_after") == (2, 0, 1, 1, 1)
    assert people.rows(TABLE) == [(2, "bertram")]


def test_a_deletion_that_is_older_than_the_stored_row_does_nothing(people: Bench) -> None:
    assert counted(deliver(people, "2", "D,1,,0"), "superseded", "deleted", "removed") == (1, 0, 0)
    assert people.rows(TABLE) == [(1, "anna"), (2, "bert")]


def test_a_late_row_does_not_bring_back_a_deleted_key_and_a_newer_one_does(people: Bench) -> None:
    deliver(people, "2", "D,1,,5")
    assert counted(deliver(people, "3", "U,1,late,4", "I,3,carl,4", arrived=120), "inserted", "superseded") == (1, 1)
    assert people.rows(TABLE) == [(2, "bert"), (3, "carl")]
    assert counted(deliver(people, "4", "I,1,again,6", arrived=180), "inserted") == (1,)
    assert counted(deliver(people, "5", "D,1,,5", arrived=240), "superseded", "removed") == (1, 0)
    assert people.rows(TABLE) == [(1, "again"), (2, "bert"), (3, "carl")]


def test_reading_a_deletion_again_and_rebuilding_give_the_same_table(people: Bench) -> None:
    deliver(people, "2", "D,1,,5", "D,2,,0")
    deliver(people, "3", "U,1,late,4", arrived=120)
    table = people.rows("SELECT id, name, _object FROM people")
    again = people.one("people", again="path=2.csv")
    assert counted(again, "deleted", "superseded", "removed", "rows_after") == (1, 1, 0, 1)
    assert people.rows("SELECT id, name, _object FROM people") == table
    assert counted(people.one("people", full=True), "published", "deleted", "rows_after") == (1, 1, 1)
    assert people.rows("SELECT id, name, _object FROM people") == table
    deliver(people, "4", "U,1,later,4", arrived=180)  # the rebuilt table still knows that the key is deleted
    assert people.rows("SELECT id, name, _object FROM people") == table


def test_a_deletion_that_cannot_be_ordered_is_refused_and_other_faults_of_it_do_not_matter(people: Bench) -> None:
    outcome = deliver(people, "2", "D,x,,2", "D,1,,soon", "D,2,,3", "U,3,,3", "I,4,dora,3", "I,5,eva,3", "I,6,f,3")
    assert outcome.status == "closed"  # three of seven
    people.contract("people", BODY + "at_most: 0.5\n")
    outcome = people.one("people")
    assert counted(outcome, "quarantined", "deleted", "removed", "inserted") == (3, 1, 1, 3)


def test_a_rollback_brings_the_deleted_keys_back_with_the_rows(people: Bench) -> None:
    from headgate.upkeep.rollback import resume, roll_back

    deliver(people, "2", "D,1,,5")
    [contract] = [people_contract(people)]
    roll_back(people.spark, people.lake, contract, "")
    resume(people.spark, people.lake, contract)
    assert people.rows(TABLE) == [(1, "anna"), (2, "bert")]
    assert counted(deliver(people, "2", "U,1,anne,4", arrived=120), "updated") == (1,)


def people_contract(bench: Bench) -> Any:
    from headgate.project import load_project

    return load_project(bench.root / "contracts", bench.lake).contracts["people"]


@pytest.mark.parametrize("ordered", [True, False])
def test_in_whatever_order_files_come_the_table_is_that_of_a_rebuild(bench: Bench, ordered: bool) -> None:
    body = BODY if ordered else BODY.replace("order: [{column: ts}]\n", "")
    files = {1: ("I,1,a,1", "I,2,b,1"), 2: ("U,1,a,1", "D,2,,2"), 3: ("D,1,,2", "U,2,b,3")}
    tables = []
    for at, order in enumerate(itertools.permutations(files)):
        name = f"people{at}"
        bench.contract(name, body)
        for number in order:
            bench.put(f"{name}/{number}.csv", csv(*files[number], header=HEADER), arrived=60 * number)
            bench.one(name)
        tables.append(bench.rows(f"SELECT id, name, ts FROM {name} ORDER BY id"))
    bench.one("people0", full=True)
    assert {tuple(table) for table in tables} == {tuple(bench.rows("SELECT id, name, ts FROM people0 ORDER BY id"))}
