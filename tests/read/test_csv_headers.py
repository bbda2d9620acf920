"""Every CSV is read by its own header, never by position across files."""

from __future__ import annotations

import pytest

from headgate.read.names import normal


def test_files_with_different_headers_in_one_folder_are_mapped_by_name(staging, contract):
    staging.put("things/1.csv", "id,name\n1,a\n")
    staging.put("things/2.csv", "name,id\nb,2\n")  # the same columns the other way round
    staging.put("things/3.csv", "id\n3\n")
    assert staging.values(contract("id", "name")) == [("1", "a"), ("2", "b"), ("3", None)]


def test_equal_headers_make_one_group(staging, contract):
    for i in range(5):
        staging.put(f"things/{i}.csv", "id,name\n1,a\n" if i % 2 else "name,id\na,1\n")
    assert sorted(len(group.files) for group in staging.plan(contract("id", "name")).groups) == [2, 3]


@pytest.mark.parametrize(
    ("header", "name"),
    [("\ufeffid", "id"), ("\u00a0id\u00a0", "id"), ("\tid ", "id"), ("i\u200bd", "id"), ("a\u00a0b", "a b"),
     ("\u2003id", "id"), ("id\x07", "id")],
)  # fmt: skip
def test_a_header_name_loses_marks_control_characters_and_odd_spaces(header, name):
    assert normal(header) == name


HEADERS = ("id,name", '"id","name"', "\u00a0id,name\t", " id , name ", "ID,Name")


@pytest.mark.parametrize("multi_line", [False, True])
def test_a_byte_order_mark_and_odd_spaces_in_a_header_do_not_matter(staging, contract, multi_line):
    for i, header in enumerate(HEADERS):
        staging.put(f"things/{i}.csv", f"\ufeff{header}\n{i},a\n")
    expected = [(str(i), "a") for i in range(len(HEADERS))]
    assert staging.values(contract("id", "name", read={"multi_line": multi_line})) == expected


def test_a_byte_order_mark_in_a_packed_file_does_not_matter(staging, contract):
    staging.put("things/a.csv.gz", '\ufeff"id",name\n1,a\n')
    assert staging.values(contract("id", "name")) == [("1", "a")]


def test_a_column_is_found_by_its_source_name_and_by_its_aliases(staging, contract):
    staging.put("things/1.csv", "Track Name\na\n")
    staging.put("things/2.csv", "title\nb\n")
    made = contract({"name": "track_name", "source": "Track Name", "aliases": ["title"]})
    assert staging.values(made) == [("a",), ("b",)]
    drift = staging.plan(made).drift.as_dict()
    assert drift == {"renamed": {"track_name ← title": {"files": 1, "first": "things/2.csv"}}}


def test_an_exact_name_is_preferred_to_one_in_another_case(staging, contract):
    staging.put("things/a.csv", "ID,id\nno,yes\n")
    assert staging.values(contract("id", ignore=["ID"])) == [("yes",)]


def test_two_columns_of_a_file_for_one_of_the_contract_refuse_the_file(staging, contract):
    staging.put("things/a.csv", "name,title\na,b\n")
    staging.put("things/b.csv", "NAME,Name\na,b\n")
    staging.put("things/c.csv", "name,name\na,b\n")
    refused = staging.refused(contract({"name": "name", "aliases": ["title"]}))
    assert refused["things/a.csv"] == (
        "`name` could be read from `name` (column 1), `title` (column 2); keep one of them in the file"
    )
    assert set(refused) == {"things/a.csv", "things/b.csv", "things/c.csv"}


def test_a_missing_required_column_or_key_refuses_the_file_and_another_is_read_as_null(staging, contract):
    staging.put("things/a.csv", "name\na\n")
    staging.put("things/b.csv", "id\n1\n")
    staging.put("things/c.csv", "id,name\n2,b\n")
    refused = staging.refused(contract("id", {"name": "name", "required": True}, "note", key=("id",)))
    assert set(refused) == {"things/a.csv", "things/b.csv"}
    assert refused["things/a.csv"].startswith("lacks `id` (required or part of the key); its columns are `name`.")
    plan = staging.plan(contract("id", {"name": "name", "required": True}, "note", key=("id",)))
    assert plan.drift.missing == {"note": {"files": 1, "first": "things/c.csv"}}


def test_unknown_columns_refuse_the_file_with_the_names_and_the_way_out(staging, contract):
    staging.put("things/a.csv", "id,x,,y\n1,2,3,4\n")
    assert staging.refused(contract("id"))["things/a.csv"] == (
        "has columns that the contract does not know: `x`, a column without a name, `y`. "
        "Add them as columns, or list them under `source.ignore`"
    )


def test_ignored_columns_are_dropped_and_reported(staging, contract):
    staging.put("things/a.csv", "id,X,\n1,2,3\n")
    made = contract("id", ignore=["x", ""])
    assert staging.values(made) == [("1",)]
    assert set(staging.plan(made).drift.ignored) == {"X", ""}


def test_a_header_alone_is_no_row_and_blank_lines_are_none(staging, contract):
    staging.put("things/a.csv", "id,name\n")
    staging.put("things/b.csv", "\n\nid,name\n\n1,a\n   \n\n2,b\n\n")
    for multi_line in (False, True):
        assert staging.values(contract("id", "name", read={"multi_line": multi_line})) == [("1", "a"), ("2", "b")]


def test_a_file_without_a_header_takes_the_names_of_the_contract(staging, contract):
    staging.put("things/a.csv", "1,a\n2,b\n")
    assert staging.values(contract("id", "name", read={"header": False})) == [("1", "a"), ("2", "b")]
    by_place = contract("name", "id", read={"header": False, "columns": ["id", "name"]})
    assert staging.values(by_place, "id") == [("1",), ("2",)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_without_a_header_an_empty_file_has_no_rows(staging, contract, encoding):
    staging.put("things/a.csv", b"")
    staging.put("things/b.csv", "\n".encode(encoding))
    assert staging.values(contract("id", read={"header": False, "encoding": encoding})) == []


def test_a_file_without_a_header_whose_first_line_does_not_fit_is_refused(staging, contract):
    staging.put("things/a.csv", "1,a,x\n")
    assert staging.refused(contract("id", "name", read={"header": False})) == {
        "things/a.csv": "has 3 values in its first line, the contract names 2 columns"
    }


def test_a_header_longer_than_the_first_look_is_read_whole(staging, contract):
    names = [f"c{i:05d}" for i in range(12000)]
    staging.put("things/a.csv", ",".join(["id", *names]) + "\n" + ",".join(["7", *names]) + "\n")
    assert staging.refused(contract("id", ignore=names)) == {}
    assert len(staging.plan(contract("id", ignore=names)).groups[0].layout.names) == 12001


def test_no_file_at_all_is_an_empty_frame(staging, contract):
    staging.root.mkdir()
    assert staging.values(contract("id")) == []
