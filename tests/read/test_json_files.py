"""JSON files of every layout, through Spark."""

from __future__ import annotations

import json

import pytest

from headgate.errors import UnusableContract
from headgate.read import frame

LINES = '{"id": 1, "n": 1.10}\n\n{"id": 2, "n": 1e3}\r\n'
PRETTY = json.dumps({"id": 3, "n": {"deep": [1]}}, indent=2)


def kinds(plan):
    return {file.object.path: group.layout.kind for group in plan.groups for file in group.files}


def test_each_file_is_read_by_its_own_layout(staging, contract):
    staging.put("things/1.json", LINES)
    staging.put("things/2.json", PRETTY)
    staging.put("things/3.json.gz", '\ufeff [\n{"id": 4}, {"id": 5, "n": null}]')
    staging.put("things/4.json", '{"id": 6}')
    made = contract("id", "n", format="json")
    assert kinds(staging.plan(made)) == {
        "things/1.json": "lines", "things/2.json": "document", "things/3.json.gz": "document", "things/4.json": "lines",
    }  # fmt: skip
    assert staging.values(made) == [
        ("1", "1.10"), ("2", "1e3"), ("3", '{"deep": [1]}'), ("4", None), ("5", None), ("6", None),
    ]  # fmt: skip


def test_records_below_a_path_and_a_list_as_root_are_read_alike(staging, contract):
    staging.put("things/1.json", '{"meta": {}, "data": {"rows": [{"id": 1}, {"id": 2}]}}')
    staging.put("things/2.json", '[{"id": 3}]')
    assert staging.values(contract("id", format="json", records="data.rows")) == [("1",), ("2",), ("3",)]


def test_lines_whose_first_one_is_broken_are_still_lines(staging, contract):
    staging.put("things/1.json", '{"id": 1\n{"id": 2}\n{"id": 3}\n')
    rows = staging.values(contract("id", format="json"), "id", "_faults", "_raw", "_file_fault")
    assert rows == [
        (None, ["record: not JSON"], '{"id": 1', None), ("2", [], None, None), ("3", [], None, None),
    ]  # fmt: skip


def test_a_pretty_document_with_records_on_lines_of_their_own_is_a_document(staging, contract):
    staging.put("things/1.json", '{"rows": [\n{"id": 1},\n{"id": 2}\n]}')
    made = contract({"name": "id", "source": "rows.id"}, format="json", explode=["rows"])
    assert kinds(staging.plan(made)) == {"things/1.json": "document"}
    assert staging.values(made) == [("1",), ("2",)]


def test_a_first_line_longer_than_the_first_look_is_a_record(staging, contract):
    long = json.dumps({"id": 1, "x": "y" * 200000})
    staging.put("things/1.json", f'{long}\n{{"id": 2}}\n')
    staging.put("things/2.json", json.dumps({"id": 3, "x": "y" * 2000000}))
    made = contract("id", format="json")
    assert set(kinds(staging.plan(made)).values()) == {"lines"}
    assert staging.values(made) == [("1",), ("2",), ("3",)]


def test_a_document_that_is_cut_short_gives_one_marker_row(staging, contract):
    staging.put("things/1.json", '[{"id": 1}]')
    staging.put("things/2.json", '[{"id": 2}, {"id": ')
    made = contract("id", format="json")
    good, marker = staging.rows(made)
    assert (good["id"], good["_file_fault"], good["_object"]) == ("1", None, "things/1.json")
    assert marker["_object"] == "things/2.json"
    assert marker["_file_fault"].startswith("is cut short or not valid JSON: ")
    assert (marker["id"], marker["_faults"], marker["_raw"]) == (None, [], None)


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16", "utf-32-be", "cp437"])
def test_other_encodings_are_read(staging, contract, encoding):
    staging.put("things/1.json", '{"id": "é"}\n{"id": "ü"}\n'.encode(encoding))
    staging.put("things/2.json", '[{"id": "ö"}]'.encode(encoding))
    assert staging.values(contract("id", format="json", read={"encoding": encoding})) == [("é",), ("ü",), ("ö",)]


def test_half_a_surrogate_pair_fails_its_row(staging, contract):
    staging.put("things/1.json", '{"id": "a\\ud800"}\n{"id": "\\ud83d\\ude00"}\n')
    rows = staging.values(contract("id", format="json"), "id", "_faults")
    assert rows == [("a\ufffd", ["id: half of a surrogate pair is not a character"]), ("😀", [])]


def test_unknown_top_level_keys_are_reported_and_no_reason_to_refuse(staging, contract):
    staging.put("things/1.json", '{"id": 1, "x": 2, "tags": []}\n{"id": 1, "y": 2}\n')
    staging.put("things/2.json", '[{"id": 1, "z": {}}, {"id"')
    staging.put("things/3.json", '{"id": 1,\n "w": 2}')
    made = contract("id", {"name": "tag", "source": "tags"}, format="json", explode=["tags"], ignore=["y"])
    drift = staging.plan(made).drift
    assert {key: seen["first"] for key, seen in drift.unknown_keys.items()} == {
        "x": "things/1.json", "z": "things/2.json", "w": "things/3.json",
    }  # fmt: skip
    below = contract("id", format="json", records="rows")
    staging.put("things/4.json", '{"count": 1, "rows": [{"id": 1, "v": 2}]}')
    assert "v" in staging.plan(below).drift.unknown_keys


def test_nested_columns_are_texts_that_spark_reads_back(staging, contract):
    staging.put("things/1.json", '{"p": [{"year": 1903, "t": 1.10}, []]}\n')
    made = contract({"name": "p", "type": "array<struct<year:int,t:string>>"}, format="json")
    back = staging.frame(made).selectExpr("from_json(p, 'array<struct<year:string,t:string>>') AS p").first()
    assert back is not None
    assert [tuple(prize) if prize else None for prize in back.p] == [("1903", "1.10"), None]


def test_more_rows_than_fit_in_one_batch_all_come(spark, staging, contract):
    staging.put("things/1.json", "".join(f'{{"id": {i}}}\n' for i in range(12001)))
    staging.put("things/2.json", json.dumps([{"id": i} for i in range(12001)]))
    made = contract({"name": "id", "type": "int"}, format="json")
    read = frame(spark, made, staging.plan(made))
    total = read.selectExpr("count(*) AS n", "sum(int(id)) AS s").first()
    assert total is not None
    assert (total.n, total.s) == (24002, 12000 * 12001)


def test_a_path_that_cannot_be_read_makes_the_contract_unusable(staging, contract):
    staging.put("things/1.json", "{}")
    with pytest.raises(UnusableContract, match=r"`a..b` cannot be read at character 3"):
        staging.plan(contract({"name": "a", "source": "a..b"}, format="json"))
