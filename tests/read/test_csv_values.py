"""Values are exactly the texts of the file, and a row of another shape has a fault."""

from __future__ import annotations

import pytest

from headgate.errors import RunFailed
from headgate.lake.storage import LocalStorage
from headgate.read import frame, objects, plan
from headgate.read.origin import settings


def test_empty_values_bare_and_quoted_are_empty_texts_and_nothing_is_trimmed(staging, contract):
    staging.put("things/a.csv", 'a,b,c\n,"", x \nNULL,NA,"\t"\n')
    assert staging.values(contract("a", "b", "c")) == [("", "", " x "), ("NULL", "NA", "\t")]


def test_rows_of_another_length_have_a_fault_with_the_count_and_their_text(staging, contract):
    staging.put("things/a.csv", 'a,b,c\n1,2,3\n1,"x,y"\n1,2,"x,""y",4,5\n')
    rows = staging.values(contract("a", "b", "c"), "_faults", "_raw")
    assert rows == [
        ([], None),
        (["record: 2 values for 3 columns"], '1,"x,y"'),
        (["record: 5 values for 3 columns"], '1,2,"x,""y",4,5'),
    ]


def test_the_count_of_values_knows_the_escape_and_the_absence_of_quotes(staging, contract):
    staging.put("things/a.csv", 'a;b\n"x\\";y";2;3\n')
    escaped = contract("a", "b", read={"delimiter": ";", "escape": "\\"})
    assert staging.values(escaped, "_faults") == [(["record: 3 values for 2 columns"],)]
    bare = contract("a", "b", read={"delimiter": ";", "quote": ""})
    assert staging.values(bare, "_faults") == [(["record: 4 values for 2 columns"],)]


def test_a_quote_inside_a_bare_value_is_a_character_where_the_contract_says_so(staging, contract):
    staging.put("things/a.csv", 'a,b\n5" pipe,6" pipe\n')
    made = contract("a", "b", read={"bare_quotes": "allow"})
    assert staging.values(made, "a", "b", "_faults") == [('5" pipe', '6" pipe', [])]


def test_doubled_and_escaped_quotes_are_read_by_the_contract(staging, contract):
    staging.put("things/a.csv", 'a,b\n"say ""hi""",1\n')
    assert staging.values(contract("a", "b")) == [('say "hi"', "1")]
    staging.put("things/a.csv", 'a,b\n"say \\"hi\\"",1\n')
    assert staging.values(contract("a", "b", read={"escape": "\\"})) == [('say "hi"', "1")]


def test_without_a_quote_character_quotes_are_characters(staging, contract):
    staging.put("things/a.csv", 'a|b\n"x"|""\n')
    made = contract("a", "b", read={"quote": "", "delimiter": "|"})
    assert staging.values(made, "a", "b", "_faults") == [('"x"', '""', [])]


@pytest.mark.parametrize("delimiter", ["\t", "|", "||", "::", ";", "\\", "^"])
def test_delimiters_of_any_kind_and_length(staging, contract, delimiter):
    staging.put("things/a.csv", f'a{delimiter}b\n1{delimiter}"x{delimiter}y"\n1{delimiter}2{delimiter}3\n')
    made = contract("a", "b", read={"delimiter": delimiter})
    rows = staging.values(made, "b", "_faults")
    assert rows == [(f"x{delimiter}y", []), ("2", ["record: 3 values for 2 columns"])]


def test_a_file_of_one_column_keeps_its_quoted_empty_value(staging, contract):
    staging.put("things/a.csv", 'a\nx\n""\n\ny\n')
    assert staging.values(contract("a")) == [("x",), ("",), ("y",)]


def test_line_breaks_in_quotes_come_as_they_stood(staging, contract):
    staging.put("things/1.csv", 'a,b\n1,"x\ny"\n')
    staging.put("things/2.csv", 'a,b\r\n2,"x\r\ny"\r\n3,"x\ny"\r\n')
    made = contract("a", "b", read={"multi_line": True})
    assert staging.values(made) == [("1", "x\ny"), ("2", "x\r\ny"), ("3", "x\ny")]


def test_a_line_that_leaves_a_quote_open_asks_for_its_file_to_be_read_in_order(staging, contract):
    staging.put("things/a.csv", 'a,b,c\n1,"x\ny",2\n')
    made = contract("a", "b", "c")
    assert ("must be framed",) in staging.values(made, "_file_fault")
    store = LocalStorage(staging.root)
    rows = frame(staging.spark, made, plan(made, store, objects(store, made.path), framed={"things/a.csv"})).collect()
    assert [("multi_line" in row["_faults"][0], row["_raw"]) for row in rows] == [(True, '1,"x'), (True, 'y",2')]


@pytest.mark.parametrize("multi_line", [False, True])
def test_every_line_end_is_known(staging, contract, multi_line):
    for name, end in (("1", "\n"), ("2", "\r\n"), ("3", "\r")):
        staging.put(f"things/{name}.csv", f"a,b{end}1,2{end}3,4{end}")
    assert staging.values(contract("a", "b", read={"multi_line": multi_line})) == [("1", "2"), ("3", "4")] * 3


def test_a_comment_sign_is_a_character(staging, contract):
    staging.put("things/a.csv", "a,b\n#1,2\n")
    assert staging.values(contract("a", "b")) == [("#1", "2")]


def test_bytes_that_are_not_of_the_encoding_fail_their_row_only(staging, contract):
    staging.put("things/a.csv", b"a,name,x\n1,caf\xe9,\xe9\n2,caf\xc3\xa9,z\n")
    rows = staging.values(contract("a", "name", ignore=["x"]), "_faults", "_raw")
    assert rows == [(["name: bytes that are not utf-8"], "1,caf\ufffd,\ufffd"), ([], None)]


def test_undecodable_bytes_in_an_ignored_column_do_not_matter(staging, contract):
    staging.put("things/a.csv", b"a,x\n1,\xe9\n")
    assert staging.values(contract("a", ignore=["x"]), "_faults") == [([],)]


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "iso-8859-15", "cp437", "mac-roman", "shift_jis"])
def test_other_encodings_are_read(staging, contract, encoding):
    text = "ソース,表" if encoding == "shift_jis" else "café,é"
    staging.put("things/a.csv", f"a,b\n{text}\n".encode(encoding))
    assert staging.values(contract("a", "b", read={"encoding": encoding})) == [tuple(text.split(","))]


@pytest.mark.parametrize(
    ("encoding", "multi_line"),
    [("utf-16", False), ("utf-16", True), ("utf-16-le", True), ("utf-16-be", False), ("utf-32", False),
     ("utf-8-sig", False)],
)  # fmt: skip
def test_wide_encodings_are_read_with_and_without_a_byte_order_mark(staging, contract, encoding, multi_line):
    text = 'a,b\r\n1,"x\r\ny ü"\r\n' if multi_line else "a,b\r\n1,ü\r\n2,\r\n"
    staging.put("things/1.csv", text.encode(encoding))
    staging.put("things/2.csv.gz", ("\ufeff" + text).encode(encoding))
    expected = [("1", "x\r\ny ü")] if multi_line else [("1", "ü"), ("2", "")]
    assert staging.values(contract("a", "b", read={"encoding": encoding, "multi_line": multi_line})) == expected * 2


def test_lines_before_the_header_are_skipped_and_the_object_is_still_known(staging, contract):
    staging.put("things/a.csv", '\ufeffReport, of "today\n\n\na,b\n1,2\n')
    staging.put("things/b.csv.gz", "x\r\ny\r\nz\r\na,b\r\n3,4\r\n")
    rows = staging.values(contract("a", "b", read={"skip_lines": 3}), "a", "b", "_object")
    assert rows == [("1", "2", "things/a.csv"), ("3", "4", "things/b.csv.gz")]


def test_a_copy_is_made_once(staging, contract):
    staging.put("things/a.csv", "skip\na\n1\n")
    made = contract("a", read={"skip_lines": 1})
    first, second = (staging.plan(made).files[0].read_uri for _ in range(2))
    assert first == second
    assert len(list(staging.aside.iterdir())) == 1


def test_a_plan_for_looking_at_only_copies_nothing_and_is_not_read(spark, staging, contract):
    staging.put("things/a.csv", "skip\na\n1\n")
    made = contract("a", read={"skip_lines": 1})
    store = LocalStorage(staging.root)
    looked = plan(made, store, objects(store, made.path))
    assert [stored.path for stored in looked.objects] == ["things/a.csv"]
    with pytest.raises(RunFailed, match="must be copied"):
        frame(spark, made, looked)


def test_a_session_that_prunes_csv_columns_is_refused(spark, staging, contract):
    staging.put("things/a.csv", "a\n1\n")
    made = contract("a")
    pruning = {"spark.sql.csv.parser.columnPruning.enabled": "true"}
    with settings(spark, pruning), pytest.raises(RunFailed, match="would not report rows"):
        frame(spark, made, staging.plan(made))


def test_faults_are_found_whatever_columns_are_asked_for(staging, contract):
    staging.put("things/a.csv", "a,b\n1,2\n1,2,3\n1\n")
    made = staging.frame(contract("a", "b"))
    assert made.where("size(_faults) > 0").count() == 2
    assert made.count() == 3
    assert made.select("a").count() == 3
