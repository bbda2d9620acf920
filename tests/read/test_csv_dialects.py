"""Values of CSV files in twenty dialects, checked against a state machine of the tests; and the words of a dialect."""

from __future__ import annotations

import random

import pytest
from csv_machine import Machine
from test_framer import MACHINES, declared

from depth import at_depth
from headgate.lake.storage import LocalStorage
from headgate.read import MUST_FRAME, frame, objects, plan


def some_text(machine: Machine, seed: int, pieces: int) -> str:
    """A file's text in which quotes, escapes, delimiters and line ends are everywhere."""
    pick = random.Random(f"{machine} {seed}")
    delimiter, quote, escape = machine.delimiter, machine.quote, machine.escape
    values = ["", "x", " y ", f"{quote}{quote}", f"{quote}q{quote}", f"{quote}a{delimiter}b{quote}", "ü\ue00a", "N"]
    odd = [quote, escape, quote * 2, escape + quote, escape + delimiter, escape * 2, escape + "N", "\\", '"', "\r"]

    def piece() -> str:
        if pick.random() < 0.75:
            return pick.choice(values) + delimiter + pick.choice(values) + pick.choice(["\n", "\r", "\r\n"])
        return pick.choice(odd)

    return "".join(piece() for _ in range(pieces))


def read_all(staging, contract) -> list[tuple[str, ...] | str]:
    """The values of each record, or the text of one that is refused; framed where the lines ask for it."""
    store = LocalStorage(staging.root)
    paths: set[str] = set()
    while True:
        planned = plan(contract, store, objects(store, contract.path), staging.aside, paths)
        rows = frame(staging.spark, contract, planned).collect()
        again = {row["_object"] for row in rows if row["_file_fault"] == MUST_FRAME} - paths
        if not again:
            return [row["_raw"] if row["_faults"] else (row["left"], row["right"]) for row in rows]
        paths |= again


@pytest.mark.parametrize("machine", MACHINES, ids=repr)
def test_values_and_refused_records_are_those_of_the_machine(staging, contract, machine: Machine) -> None:
    good = f"x{machine.delimiter}y\n"
    text = good + some_text(machine, 1, 200)
    staging.put("things/a.csv", text)
    staging.put("things/b.csv", good * 3)  # most files have no odd line
    made = contract("left", "right", read={**declared(machine), "header": False})
    expected = machine.read(text, 2) + machine.read(good * 3, 2)
    assert sorted(map(str, read_all(staging, made))) == sorted(map(str, expected))


@pytest.mark.deep
@pytest.mark.parametrize("machine", MACHINES, ids=repr)
def test_values_of_many_files_are_those_of_the_machine(staging, contract, machine: Machine) -> None:
    texts = [some_text(machine, seed, 60) for seed in range(at_depth(100, 20))]
    for at, text in enumerate(texts):
        staging.put(f"things/{at}.csv", "x" + machine.delimiter + "y\n" + text)
    made = contract("left", "right", read={**declared(machine), "header": False})
    expected = [record for text in texts for record in machine.read("x" + machine.delimiter + "y\n" + text, 2)]
    assert sorted(map(str, read_all(staging, made))) == sorted(map(str, expected))


@pytest.mark.deep
def test_a_file_of_200_mb_with_line_breaks_in_its_values_is_read_whole(staging, contract) -> None:
    file = staging.put("things/a.csv", "id,note\n")
    block = "".join(f'{i},"line one of {i}\r\nline ""two"" {"x" * 60}"\r\n' for i in range(10_000))
    times = 200_000_000 // len(block)
    with file.open("a", newline="") as target:
        for _ in range(times):
            target.write(block)
    rows = staging.frame(contract("id", "note", read={"multi_line": True}))
    found = rows.selectExpr("count(*)", "sum(size(_faults))", "count(distinct note)").collect()[0]
    assert tuple(found) == (times * 10_000, 0, 10_000)


def test_a_value_of_a_megabyte_is_judged_without_recursion(staging, contract) -> None:
    long = '""x' * 300_000
    staging.put("things/a.csv", f'a,b\n"{long}",1\n"{long}" y,2\n{"z" * 900_000},3\n')
    rows = staging.rows(contract("a", "b"))
    assert [(len(row["a"]), row["b"], len(row["_faults"])) for row in rows if row["b"] != "2"] == [
        (600_000, "1", 0),
        (900_000, "3", 0),
    ]
    assert [row["_faults"] for row in rows if row["b"] == "2"] == [
        ["record: value 1 has text behind a closing quote; set `quote` and `escape` as the file has them"]
    ]


def test_each_fault_names_its_value_and_a_way_out(staging, contract) -> None:
    staging.put("things/a.csv", 'a,b\nx,5" pipe\n"x" y,1\nx,"\\"y\\""\n')
    assert staging.values(contract("a", "b"), "_faults") == [
        (["record: value 2 has a quote inside an unquoted value; `bare_quotes: allow` reads it as it is"],),
        (["record: value 1 has text behind a closing quote; set `quote` and `escape` as the file has them"],),
        (["record: value 2 has text behind a closing quote; set `quote` and `escape` as the file has them"],),
    ]


def test_a_dump_without_quotes_escapes_its_delimiter_and_line_ends(staging, contract) -> None:
    staging.put("things/a.csv", "a\tb\n1\t\\N\n2\tx\\\ty\n3\tx\\\\n\n4\tx\\ny\n5\tx\\\ny\n\\t\t\\q\n")
    made = contract("a", "b", read={"delimiter": "\t", "quote": "", "escape": "\\"})
    assert read_pairs(staging, made) == [
        ("1", "\\N"),
        ("2", "x\ty"),
        ("3", "x\\n"),
        ("4", "x\ny"),
        ("5", "x\ny"),
        ("\t", "\\q"),
    ]


def read_pairs(staging, made) -> list[tuple[str, ...]]:
    store = LocalStorage(staging.root)
    planned = plan(made, store, objects(store, made.path), staging.aside, {"things/a.csv"})
    return [(row["a"], row["b"]) for row in frame(staging.spark, made, planned).collect()]


def test_an_escape_may_go_away_before_any_character(staging, contract) -> None:
    staging.put("things/a.csv", 'a,b\n1,"Port O\\\'Hara"\n2,"a\\\\\\\\b"\n3,"say \\"hi\\""\n4,x\\,y\n5,\\N\n')
    made = contract("a", "b", read={"escape": "\\", "escapes": "any"})
    assert [b for (b,) in staging.values(made, "b")] == ["Port O'Hara", "a\\\\b", 'say "hi"', "x,y", "\\N"]


def test_missing_last_values_may_be_null_and_too_many_never(staging, contract) -> None:
    staging.put("things/a.csv", "a,b,c\n1,2,3\n4,\n5\n6,7,8,9\n")
    made = contract("a", "b", "c", read={"missing_last": None})
    assert staging.values(made, "a", "b", "c", "_faults") == [
        ("1", "2", "3", []),
        ("4", "", None, []),
        ("5", None, None, []),
        ("6", "7", "8", ["record: 4 values for 3 columns"]),
    ]


def test_a_delimiter_may_end_each_record(staging, contract) -> None:
    staging.put("things/a.csv", 'a,b\n1,x,\n2,"y,",\n3,,\n4,z\n5,z,z,\n,\n')
    staging.put("things/b.csv", "a,b,\n6,x,\n")
    made = contract("a", "b", read={"trailing_delimiter": True})
    assert staging.values(made, "a", "b", "_faults") == [
        ("1", "x", []),
        ("2", "y,", []),
        ("3", "", []),
        ("4", "z", []),
        ("5", "z", ["record: 3 values for 2 columns"]),
        ("", "", ["record: 1 values for 2 columns"]),
        ("6", "x", []),
    ]


@pytest.mark.parametrize("multi_line", [False, True])
def test_comments_and_headers_inside_a_file_are_skipped_by_reason(staging, contract, multi_line: bool) -> None:
    staging.put("things/a.csv", '#made\n\ufeffa,b\n1,2\n\n\ufeffa,b\n#x\na,b\n"a",b\n3,4\n')
    made = contract("a", "b", read={"comment": "#", "multi_line": multi_line})
    assert staging.skipped(made) == {"comment": 2, "repeated header": 3}
    assert [row for row in staging.values(made, "a", "b", "_skip") if row[2] is None] == [
        ("1", "2", None),
        ("3", "4", None),
    ]


@pytest.mark.parametrize("multi_line", [False, True])
def test_another_header_inside_a_file_refuses_it(staging, contract, multi_line: bool) -> None:
    staging.put("things/a.csv", "kind_id,label\n1,one\nplace_id,label\n2,two\n")
    staging.put("things/b.csv", "kind_id,label\n1,label of it\n2,kind id\n")
    made = contract("kind_id", "label", read={"multi_line": multi_line})
    faults = [(row["_object"], row["_file_fault"]) for row in staging.rows(made) if row["_file_fault"]]
    assert [path for path, _ in faults] == ["things/a.csv"]
    assert "the line `place_id,label` looks like the header of another table" in faults[0][1]
    as_data = contract("kind_id", "label", read={"multi_line": multi_line, "inner_headers": "data"})
    assert [row for row in staging.rows(as_data) if row["_file_fault"]] == []


def test_a_real_replacement_character_is_a_character_in_any_encoding(staging, contract) -> None:
    staging.put("things/a.csv", "a,b\n1,M\ufffdller\n".encode())
    assert staging.values(contract("a", "b"), "b", "_faults") == [("M\ufffdller", [])]
    staging.put("things/a.csv", "a,b\n1,M\ufffdller\n".encode("utf-16"))
    assert staging.values(contract("a", "b", read={"encoding": "utf-16"}), "b", "_faults") == [("M\ufffdller", [])]
    staging.put("things/a.csv", b"a,b\n1,M\xffller\n")
    for multi_line in (False, True):
        made = contract("a", "b", read={"multi_line": multi_line})
        assert staging.values(made, "b", "_faults") == [("M\ufffdller", ["b: bytes that are not utf-8"])]


def test_a_nul_is_a_character(staging, contract) -> None:
    staging.put("things/a.csv", "a,b\n" + "x,y\n" * 20_000 + "\0x,\0y\0\n")
    for read in ({}, {"quote": ""}, {"escape": ""}):
        assert staging.values(contract("a", "b", read=read), "a", "b")[-1] == ("\0x", "\0y\0")
