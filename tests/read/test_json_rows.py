"""From JSON texts to rows, without Spark: exact texts, paths, exploded lists, shapes."""

from __future__ import annotations

import json
import pickle

import pytest

from headgate.contract.json_path import parse_path, spelled
from headgate.read.json_exact import Reader, json_text
from headgate.read.json_recipe import recipe
from headgate.read.json_rows import Rows


@pytest.fixture
def read(contract):
    """The rows of one record: texts and faults."""

    def rows(record, *columns, **source):
        made = contract(*columns, format="json", **source)
        content = record if isinstance(record, bytes) else json.dumps(record, ensure_ascii=False).encode()
        wanted = pickle.loads(pickle.dumps(recipe(made, "utf-8")))  # as Spark's workers get it
        return [(*row.texts, list(row.faults)) for row in Rows(wanted).of_line(content)]

    return rows


@pytest.mark.parametrize(
    ("text", "path"),
    [("a", ("a",)), ("a.b", ("a", "b")), ("coordinates[0]", ("coordinates", 0)), ('["a.b"].c', ("a.b", "c")),
     ('"+1"', ("+1",)), ("reactions.+1", ("reactions", "+1")), ('a."b c"[2].d', ("a", "b c", 2, "d")),
     ("[0][1]", (0, 1)), ('a["b]"]', ("a", "b]"))],
)  # fmt: skip
def test_a_path_is_made_of_keys_and_places(text, path):
    assert parse_path(text) == path
    assert parse_path(spelled(path)) == path


@pytest.mark.parametrize("text", ["", "a.", ".a", "a..b", "a[", "a[x]", "a]b", 'a"b"'])
def test_a_path_that_cannot_be_read_says_where(text):
    with pytest.raises(ValueError, match=r"cannot be read at character|names nothing"):
        parse_path(text)


@pytest.mark.parametrize("number", ["1.10", "66.0", "1e3", "-0", "1E-7", "123456789012345678901234567890", "0.1000"])
def test_a_number_keeps_the_text_it_came_with(read, number):
    line = b'{"n": %s, "deep": {"n": [%s]}}' % (number.encode(), number.encode())
    rows = read(line, {"name": "n", "type": "double"}, "deep")
    assert rows == [(number, '{"n": [' + number + "]}", [])]
    assert json_text(Reader().read(f"[{number}]")) == f"[{number}]"


def test_scalars_come_as_text_and_null_or_a_missing_key_as_null(read):
    record = {"t": True, "f": False, "n": None, "s": "x", "e": ""}
    assert read(record, "t", "f", "n", "s", "e", "missing") == [("true", "false", None, "x", "", None, [])]


def test_paths_lead_into_objects_and_lists(read):
    record = {"a": {"b": 1}, "c": [1.5, {"d": "x"}], "a.b": "dotted", "+1": 7, "p": None}
    columns = [{"name": f"c{i}", "source": s} for i, s in enumerate(
        ["a.b", "c[0]", "c[1].d", '["a.b"]', '"+1"', "c[9]", "a.z", "p.q"])]  # fmt: skip
    assert read(record, *columns) == [("1", "1.5", "x", "dotted", "7", None, None, None, [])]


def test_the_first_of_source_and_aliases_that_is_there_counts(read):
    column = {"name": "name", "source": "full.name", "aliases": ["name", "title"]}
    assert read({"name": "a", "title": "b"}, column) == [("a", [])]
    assert read({"full": {"name": None}, "name": "a"}, column) == [(None, [])]


def test_a_list_or_object_in_a_string_column_comes_as_its_json_text(read):
    assert read({"a": {"é": [1.10, None, True]}}, "a") == [('{"é": [1.1, null, true]}', [])]


def test_a_list_or_object_in_another_scalar_column_is_a_fault_that_names_the_path(read):
    columns = ({"name": "a", "type": "int"}, {"name": "b", "source": "p.b", "type": "date", "formats": ["yyyy"]})
    assert read({"a": [1], "p": {"b": {"x": 1}}}, *columns) == [
        (None, None, ["a: a list where a value is declared", "p.b: an object where a value is declared"])
    ]


def test_a_path_through_a_value_or_list_is_a_fault_and_through_nothing_is_null(read):
    columns = ({"name": "b", "source": "a.b.c"}, {"name": "d", "source": "l.d"}, {"name": "e", "source": "o[0]"})
    assert read({"a": {"b": 5}, "l": [1], "o": {"x": 1}}, *columns) == [
        (None, None, None, ["a.b: a value where an object is declared", "l: a list where an object is declared",
                            "o: an object where a list is declared"])
    ]  # fmt: skip
    for nothing in (None, [], {}, ""):
        assert read({"a": nothing, "l": nothing, "o": nothing}, *columns) == [(None, None, None, [])]


PRIZES = {"id": 1, "prizes": [
    {"year": 1903, "aff": [{"name": "x"}, {"name": "y"}]},
    {"year": 1911, "aff": [[]]},  # an empty list where an object should be
    {"year": 1912, "aff": []},
]}  # fmt: skip
PRIZE_COLUMNS = ("id", {"name": "year", "source": "prizes.year"}, {"name": "org", "source": "prizes.aff.name"})


def test_exploding_gives_a_row_per_element_and_nests(read):
    assert read(PRIZES, *PRIZE_COLUMNS, explode=["prizes", "prizes.aff"]) == [
        ("1", "1903", "x", []), ("1", "1903", "y", []), ("1", "1911", None, []), ("1", "1912", None, []),
    ]  # fmt: skip


def test_the_order_in_which_lists_are_named_does_not_matter(read):
    assert len(read(PRIZES, *PRIZE_COLUMNS, explode=["prizes.aff", "prizes"])) == 4


@pytest.mark.parametrize("nothing", [{}, {"tags": None}, {"tags": []}, {"tags": ""}, {"tags": {}}])
def test_a_record_without_the_exploded_list_is_one_row(read, nothing):
    assert read({"id": 1, **nothing}, "id", {"name": "tag", "source": "tags"}, explode=["tags"]) == [("1", None, [])]


def test_lists_of_values_explode_and_two_lists_make_every_pair(read):
    columns = ({"name": "a", "source": "x"}, {"name": "b", "source": "y"})
    rows = read({"x": [1, 2], "y": ["p", "q"]}, *columns, explode=["x", "y"])
    assert [row[:2] for row in rows] == [("1", "p"), ("1", "q"), ("2", "p"), ("2", "q")]


def test_exploding_what_is_no_list_is_a_fault(read):
    assert read({"id": 1, "tags": "x"}, "id", {"name": "tag", "source": "tags"}, explode=["tags"]) == [
        ("1", None, ["tags: a value where a list is declared"])
    ]


def test_a_fault_names_the_element(read):
    record = {"prizes": [{"share": "1"}, {"share": [2]}]}
    rows = read(record, {"name": "share", "source": "prizes.share", "type": "int"}, explode=["prizes"])
    assert rows == [("1", []), (None, ["prizes[1].share: a list where a value is declared"])]


def test_nested_columns_come_as_json_with_texts_for_leaves(read):
    column = {"name": "p", "type": "array<struct<year:int,share:string,tags:array<string>,m:map<string,double>>>"}
    record = b'{"p": [{"year": 1903, "share": 1.10, "tags": [true, null], "m": {"k": 1e3}, "other": 1}, null]}'
    [(text, faults)] = read(record, column)
    assert faults == []
    whole = {"year": "1903", "share": "1.10", "tags": ["true", None], "m": {"k": "1e3"}}
    assert json.loads(text) == [whole, None]


def test_a_shape_that_contradicts_the_declared_one_is_a_fault_that_names_the_place(read):
    column = {"name": "p", "type": "array<struct<a:int,b:struct<c:string>,m:map<string,int>>>"}
    record = {"p": [{"a": [1], "b": [2]}, 5, {"m": {"k": {"x": 1}}, "b": "v"}]}
    [(_, faults)] = read(record, column)
    assert faults == [
        "p[0].a: a list where a value is declared",
        "p[0].b: a list where an object is declared",
        "p[1]: a value where an object is declared",
        "p[2].b: a value where an object is declared",
        "p[2].m.k: an object where a value is declared",
    ]
    assert read({"p": {"a": 1}}, column) == [(None, ["p: an object where a list is declared"])]
    assert read({"p": "x"}, column) == [(None, ["p: a value where a list is declared"])]


def test_an_empty_list_object_or_text_is_no_object(read):
    column = {"name": "p", "type": "struct<a:int>"}
    for nothing in ([], {}, "", None):
        assert read({"p": nothing}, column) == [(None, [])]
    [(text, _)] = read({"p": [[], "", {"a": 1}]}, {"name": "p", "type": "array<struct<a:int>>"})
    assert json.loads(text) == [None, None, {"a": "1"}]


def test_a_key_that_stands_twice_is_a_fault(read):
    assert read(b'{"a": 1, "b": {"c": 1, "c": 2}, "a": 3}', "a") == [
        ("3", ["record: the key `a` occurs twice", "record: the key `c` occurs twice"])
    ]


@pytest.mark.parametrize("line", [b'{"a": 1', b"{'a': 1}", b'{"a": 1}}', b'{"a": 01}', b'{"a": "x\ty"}', b"nul"])
def test_a_line_that_is_not_json_fails_its_row(read, line):
    assert read(line, "a") == [(None, ["record: not JSON"])]


def test_a_line_that_is_no_object_fails_its_row_and_a_blank_one_is_none(read):
    assert read(b"[1]", "a") == [(None, ["record: a list where an object is declared"])]
    assert read(b'"x"', "a") == [(None, ["record: a value where an object is declared"])]
    assert read(b"  ", "a") == []


def test_undecodable_bytes_fail_the_columns_that_hold_them(read):
    assert read(b'{"a": "caf\xe9", "b": "x", "c": "\xe9"}', "a", "b") == [
        ("caf\ufffd", "x", ["a: bytes that are not utf-8"])
    ]
    assert read('{"a": "\ufffd"}'.encode(), "a") == [("\ufffd", [])]  # a character like any other


def test_the_raw_text_is_kept_for_rows_with_faults_only(contract):
    rows = Rows(recipe(contract({"name": "a", "type": "int"}, format="json"), "utf-8"))
    lines = [b'{"a": 1.10}', b'{"a": [1.10]}']
    assert [row.raw for line in lines for row in rows.of_line(line)] == [None, '{"a": [1.10]}']
    document = b'[{"a": 1}, {"a":   [1.10]}]'
    assert [row.raw for row in rows.of_document(document)] == [None, '{"a": [1.10]}']


@pytest.mark.parametrize(
    ("root", "records", "reason"),
    [
        (b'[{"a": 1},', None, "is cut short or not valid JSON: "),
        (b'{"a": 1} {"a": 2', None, "is cut short or not valid JSON: Expecting"),
        (b'{"a": 1} 2', None, "is cut short or not valid JSON: neither an object nor a list"),
        (b"[" * 100000, None, "is cut short or not valid JSON: "),
        (b'{"x": []}', "a.b", "has nothing at `a.b`, where the list of records is declared"),
        (b'{"a": {"b": {"c": 1}}}', "a.b", "has an object at `a.b`, where the list of records is declared"),
        (b'{"a": null}', "a", "has nothing at `a`, where the list of records is declared"),
    ],
)
def test_a_document_that_cannot_be_read_says_why(contract, root, records, reason):
    rows = Rows(recipe(contract("a", format="json", records=records), "utf-8"))
    with pytest.raises(ValueError, match="^" + reason.replace(".", r"\.")):
        list(rows.of_document(root))


def test_records_are_found_in_a_list_in_an_object_or_as_the_root(contract):
    def read(root, records=None):
        rows = Rows(recipe(contract("a", format="json", records=records), "utf-8"))
        return [row.texts[0] for row in rows.of_document(root)]

    assert read(b'[{"a": 1}, {"a": 2}]') == ["1", "2"]
    assert read(b'\xef\xbb\xbf[{"a": 1}]') == ["1"]
    assert read(b'{"x": {"y": [{"a": 1}]}}', "x.y") == ["1"]
    assert read(b'[{"a": 1}]', "x.y") == ["1"]
    assert read(b'{"a": 1}') == ["1"]
    assert read(b"[]") == []
