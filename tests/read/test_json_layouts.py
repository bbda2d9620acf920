"""Layouts of JSON files: one record per line, documents, and records one after another; and keys in another case."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headgate.read.json_kind import json_kind
from headgate.read.json_recipe import recipe
from headgate.read.json_rows import Rows

PRETTY = json.dumps({"id": 1, "in": {"a": [1, {"b": 2}]}}, indent=2)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ('{"id": 1}\n{"id": 2}\n', "lines"),
        ('{"id": 1}', "lines"),
        ('{"id": 1}\n{"id": 2}{"id": 3}\n', "lines"),
        ('{"id": 1}\noops\n{"id": 3}\n', "lines"),
        ('{"id": 1\n{"id": 2}\n{"id": 3}\n', "lines"),
        ('{"id": 1}{"id": 2}', "document"),
        ('{"id": 1} {"id": 2}\n', "document"),
        ('{"id": 1}{"id": 2', "document"),
        (f"{PRETTY}\n{PRETTY}\n", "document"),
        (f"{PRETTY}{PRETTY}", "document"),
        ('{"id": 1}\n' + PRETTY, "document"),
        (f"{PRETTY}\n{PRETTY[:-20]}", "document"),
        (PRETTY, "document"),
        ('[{"id": 1}]\n[{"id": 2}]', "document"),
    ],
)
def test_the_layout_follows_from_the_head_of_the_file(text, kind):
    assert json_kind(text, has_records=False, whole=True) == kind


def test_records_one_after_another_are_read_in_every_form(staging, contract):
    staging.put("things/1.json", '{"id": 1}{"id": 2.50}{"id": 3}')
    staging.put("things/2.json", '{\n  "id": 4\n}\n{\n  "id": 5\n}\n')
    staging.put("things/3.json", '[{"id": 6}]\n[{"id": 7}, {"id": 8}]')
    staging.put("things/4.json", '\x1e{"id": 9}\n\x1e{"id": 10}\n')
    staging.put("things/5.json", '{"id": 11}\n{"id": 12}{"id": 13}\n')
    staging.put("things/6.json.gz", '\ufeff{"id": 14}\ufeff{"id": 15}')
    made = contract("id", format="json")
    ids = ["1", "2.50", *(str(i) for i in range(3, 16))]
    assert [value for (value,) in staging.values(made)] == ids


def test_documents_with_records_one_after_another(staging, contract):
    staging.put("things/1.json", '{"data": [{"id": 1}]}{"data": [{"id": 2}, {"id": 3}]}')
    assert staging.values(contract("id", format="json", records="data")) == [("1",), ("2",), ("3",)]


@pytest.mark.parametrize(
    "content",
    [
        '{"id": 1}{"id": 2}{"id"',
        '{"id": 1}{"id": 2} oops',
        '{\n"id": 1\n}\n{\n"id":',
        '[{"id": 1}][{"id"',
        '{"id": 1},{"id": 2}',
    ],
)
def test_a_file_that_is_cut_short_or_holds_something_else_is_refused_and_gives_no_row(staging, contract, content):
    staging.put("things/a.json", content)
    rows = staging.rows(contract("id", format="json"))
    if len(rows) == 1 and rows[0]["_faults"]:
        assert rows[0]["_faults"] == ["record: not JSON"]
    else:
        assert [(row["id"], row["_file_fault"].split(":")[0]) for row in rows] == [
            (None, "is cut short or not valid JSON")
        ]


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)
RECORDS = st.lists(st.fixed_dictionaries({"id": st.integers(), "x": VALUES}), min_size=1, max_size=6)


@given(RECORDS, st.sampled_from(["", " ", "\n", "\r\n", "\n\n\x1e"]), st.sampled_from([None, 0, 2]))
@settings(max_examples=100, deadline=None)
def test_the_records_of_any_layout_come_out_once_and_in_order(contract_of, records, between, indent):
    text = between.join(json.dumps(record, indent=indent) for record in records)
    kind = json_kind(text, has_records=False, whole=True)
    rows = Rows(recipe(contract_of("id", format="json"), "utf-8"))
    read = rows.of_document if kind == "document" else rows.of_line
    parts = [text] if kind == "document" else text.splitlines()
    got = [row for part in parts for row in read(part.encode())]
    assert [row.faults for row in got] == [[] for _ in records]
    assert [row.texts[0] for row in got] == [str(record["id"]) for record in records]


@pytest.fixture(scope="module")
def contract_of():
    from headgate.contract.model import Contract

    def make(*names, **source):
        about = {"dataset": "things", "domain": "tests", "owner": "nobody", "description": "One row per thing."}
        columns = [{"name": name, "type": "string"} for name in names]
        return Contract.model_validate({**about, "columns": columns, "source": source})

    return make


def rows_of(contract, record, *columns, **source):
    rows = Rows(recipe(contract(*columns, format="json", **source), "utf-8"))
    return [(list(row.texts), list(row.faults)) for row in rows.of_line(json.dumps(record).encode())]


def test_a_key_in_another_case_is_read_where_no_exact_one_fits(contract):
    columns = {"name": "customername"}, {"name": "city", "source": "Address.city"}, {"name": "n", "aliases": ["number"]}
    record = {"customerName": "Anna", "address": {"CITY": "Rome"}, "Number": 7}
    assert rows_of(contract, record, *columns) == [(["Anna", "Rome", "7"], [])]
    exact = {"customername": "Bert", "customerName": "Anna", "number": 1, "N": 2}
    assert rows_of(contract, exact, *columns) == [(["Bert", None, "1"], [])]


def test_a_key_that_could_be_two_others_is_a_fault_at_any_depth(contract):
    record = {"Name": 1, "NAME": 2, "in": {"Deep": 1, "dEEP": 2}}
    assert rows_of(contract, record, "name", {"name": "deep", "source": "in.deep"}) == [
        ([None, None], [
            "name: could be read from `Name` and `NAME`", "in.deep: could be read from `Deep` and `dEEP`",
        ])
    ]  # fmt: skip


def test_a_key_that_another_column_names_exactly_is_not_taken(contract):
    columns = {"name": "a", "source": "ID"}, {"name": "b", "source": "id"}
    assert rows_of(contract, {"ID": 1}, *columns) == [(["1", None], [])]
    assert rows_of(contract, {"ID": 1, "id": 2}, *columns) == [(["1", "2"], [])]


def test_fields_lists_and_records_are_found_in_another_case_too(contract):
    struct = {"name": "at", "type": "struct<lat: double, lon: double>"}
    assert rows_of(contract, {"At": {"LAT": 1.50, "Lon": 2}}, struct) == [(['{"lat": "1.5", "lon": "2"}'], [])]
    two = {"at": {"Lat": 1, "LAT": 2, "lon": 3}}
    assert rows_of(contract, two, struct)[0][1] == ["at.lat: could be read from `Lat` and `LAT`"]
    items = {"Items": [{"N": 1}, {"n": 2}]}
    exploded = rows_of(contract, items, {"name": "n", "source": "items.n"}, explode=["items"])
    assert exploded == [(["1"], []), (["2"], [])]
    rows = Rows(recipe(contract("id", format="json", records="data"), "utf-8"))
    assert [list(row.texts) for row in rows.of_document(b'{"Data": [{"ID": 1}]}')] == [["1"]]


def test_a_record_nested_too_deeply_to_be_written_is_a_fault_of_its_row(contract):
    deep = '{"id": 1, "x": ' + '{"a":' * 700 + "1" + "}" * 700 + "}"
    rows = Rows(recipe(contract("id", "x", format="json"), "utf-8"))
    assert [list(row.faults) for row in rows.of_line(deep.encode())] == [["record: nested too deeply"]]


def test_keys_in_another_case_are_reported_as_renamed(staging, contract):
    staging.put("things/a.json", '{"customerName": 1, "other": 2}\n')
    drift = staging.plan(contract("customername", format="json")).drift
    assert list(drift.renamed) == ["customername ← customerName"]
    assert list(drift.unknown_keys) == ["other"]
