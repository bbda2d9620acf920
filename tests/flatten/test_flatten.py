"""What is in the Parquet file of a document, and which documents are refused."""

from __future__ import annotations

import gzip
import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import duckdb
import flat
import pytest

from headgate.columns import DOCUMENT, FAULTS, RAW, REST
from headgate.flatten.content import MEGABYTE, content_of, lines_of
from headgate.flatten.flatten import flatten
from headgate.flatten.parquet import write_parquet
from headgate.flatten.plan import Column, Plan, read_plans
from headgate.read.refused import CannotBelong

PLAN = Plan(
    "plays",
    "plays/",
    (
        Column("play_id", "bigint", ("id",)),
        Column("city", "string", ("address.city", "town")),
        Column("at", "double", ("at[0]",)),
        Column("tags", "array<string>", ("tags",)),
    ),
)
EXPLODED = Plan(
    "plays",
    "plays/",
    (Column("play_id", "bigint", ("id",)), Column("track", "string", ("tracks.name",))),
    explode=("tracks",),
    ignore=("checksum",),
)


def rests(plan: Plan, *records: str) -> list[str | None]:
    return flat.texts(flat.flattened(plan, "\n".join(records).encode()), REST)


def test_duckdbs_own_reader_of_json_changes_numbers(tmp_path: Path) -> None:
    """Why it is not used for documents: if this fails, it might be."""
    numbers = ["1.10", "1E5", "0.1234567890123456789", "-0"]
    (tmp_path / "a.json").write_text(f'{{"n": [{", ".join(numbers)}]}}')
    found = duckdb.connect().execute(f"SELECT n FROM read_json('{tmp_path}/a.json', columns = {{n: 'VARCHAR[]'}})")
    assert found.fetchall() == [(["1.1", "100000.0", "0.12345678901234568", "0"],)]


def test_numbers_stand_in_the_file_as_they_stand_in_the_document() -> None:
    numbers = ["1.10", "1E5", "0.1234567890123456789", "-0", "123456789012345678901234567890", "1e400", "-0.0"]
    rows = flat.flattened(PLAN, "\n".join(f'{{"id": {number}, "x": {number}}}' for number in numbers).encode())
    assert flat.texts(rows, "play_id") == numbers
    assert flat.texts(rows, REST) == [f'{{"x":{number}}}' for number in numbers]


def test_the_schema_is_the_same_whatever_the_values_are(tmp_path: Path) -> None:
    schemas = []
    for at, text in enumerate(('{"id": 1, "tags": ["a"]}', '{"id": null}', '{"other": {"deep": 1}}', "[]")):
        target = tmp_path / f"{at}.parquet"
        flatten(PLAN, "incoming/plays/a.json", io.BytesIO(text.encode()), len(text), target)
        schemas.append(duckdb.connect().execute(f"DESCRIBE SELECT * FROM '{target}'").fetchall())
    names = ["play_id", "city", "at", "tags", DOCUMENT, REST, FAULTS, RAW]
    assert schemas == [[(name, "VARCHAR", "YES", None, None, None) for name in names]] * 4


def test_what_no_column_names_is_in_the_rest() -> None:
    assert rests(
        PLAN,
        '{"id": 1, "address": {"city": "Rome", "zip": "00100"}, "n": 1.10, "u": "\\u00e8"}',
        '{"ID": 1, "Town": "Rome", "address": {"CITY": "x"}}',  # named, in another case
        '{"id": 1, "at": [1, 2]}',  # its second place is not named
        '{"id": 1, "at": [1]}',
        '{"id": 1, "address": {}, "none": null, "empty": {}}',
        '{"id": 1, "address": "Rome"}',  # a fault of its column, and not read
    ) == [
        '{"address":{"zip":"00100"},"n":1.10,"u":"è"}',
        None,
        '{"at":[1,2]}',
        None,
        '{"address":{},"none":null,"empty":{}}',
        '{"address":"Rome"}',
    ]  # fmt: skip


def test_the_rest_of_an_exploded_row_has_its_own_element() -> None:
    record = '{"id": 1, "tracks": [{"name": "a", "s": 1.50}, {"name": "b"}, 7], "checksum": "x", "who": "Ada"}'
    assert rests(EXPLODED, record) == ['{"tracks":{"s":1.50},"who":"Ada"}', '{"who":"Ada"}', '{"tracks":7,"who":"Ada"}']
    assert rests(EXPLODED, '{"id": 1, "tracks": []}', '{"id": 1}') == [None, None]


def test_the_rest_is_left_out_by_a_word_of_the_contract() -> None:
    plan = Plan(PLAN.dataset, PLAN.path, PLAN.columns, keep_rest=False)
    assert flat.flattened(plan, b'{"id": 1, "x": 2}') == [
        {
            "play_id": "1",
            "city": None,
            "at": None,
            "tags": None,
            DOCUMENT: "incoming/plays/a.json",
            FAULTS: None,
            RAW: None,
        }
    ]


def test_a_record_with_a_fault_is_a_row_with_its_reason() -> None:
    rows = flat.flattened(PLAN, b'{"id": 1, "id": 2}\n{"id": [1]}\nnot JSON\n{"id": "\\ud800"}\n{"id": "\xff"}\n')
    assert [json.loads(row[FAULTS] or "") for row in rows] == [
        ["record: the key `id` occurs twice"],
        ["id: a list where a value is declared"],
        ["record: not JSON"],
        ["play_id: half of a surrogate pair is not a character"],
        ["play_id: bytes that are not utf-8"],
    ]
    assert rows[1][RAW] == '{"id": [1]}'


@pytest.mark.parametrize("levels", [1, 200, 450])
def test_documents_may_be_nested_deeply(levels: int) -> None:
    deep = "[" * levels + "]" * levels
    rows = flat.flattened(PLAN, f'{{"id": 1, "deep": {deep}}}\n{{"id": 2}}\n'.encode())
    assert flat.texts(rows, "play_id") == ["1", "2"]
    assert json.loads(rows[0][REST] or "")["deep"] == json.loads(deep)


def test_gzip_of_several_members_is_one_document() -> None:
    content = gzip.compress(b'{"id": 1}\n{"id"') + gzip.compress(b": 2}\n")
    assert flat.texts(flat.flattened(PLAN, content, "a.json.gz"), "play_id") == ["1", "2"]


def _zip() -> bytes:
    with io.BytesIO() as file:
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("a.json", "{}")
        return file.getvalue()


@pytest.mark.parametrize(
    ("content", "name", "reason"),
    [
        (b"", "a.json", "is empty"),
        (b" \n", "a.json", "holds no JSON"),
        (b"id,city\n1,Rome\n", "a.json", "does not look like JSON"),
        (b'[{"id": 1}, {"id": 2', "a.json", "is cut short or not valid JSON"),
        (b'[{"id": 1}, {"id": }]', "a.json", "is cut short or not valid JSON"),
        (b'{\n"id": 1}\n{\n"id": ', "a.json", "is cut short or not valid JSON"),
        (gzip.compress(b'{"id": 1}'), "a.json", "is not text: it looks like gzip content"),
        (b'{"id": 1}', "a.json.gz", "is named `.gz` but has no gzip content"),
        (gzip.compress(b'{"id": 1}\n' * 9000)[:-9], "a.json.gz", "is cut short: its gzip content does not end"),
        (gzip.compress(b'{"id": 1}') + b"\0" * 512, "a.json.gz", "has zeros after its gzip content"),
        (_zip(), "a.json", "is not text: it looks like a zip archive"),
        ('{"id": 1}'.encode("utf-16"), "a.json", "is not text: it looks like UTF-16 text"),
    ],
)  # fmt: skip
def test_what_is_no_document_is_refused_with_its_reason(content: bytes, name: str, reason: str) -> None:
    with pytest.raises(CannotBelong) as refused:
        flat.flattened(PLAN, content, name)
    assert str(refused.value).startswith(reason)


def test_a_document_over_the_limit_is_refused_packed_or_unpacked(tmp_path: Path) -> None:
    long = b'{"id": 1}\n' * 200_000
    for name, content, reason in (
        ("a.json", long, "has 2 MB, and the limit is 1 MB"),
        ("a.json.gz", gzip.compress(long), "has more than 1 MB unpacked"),
    ):
        with pytest.raises(CannotBelong, match=reason):
            flatten(PLAN, f"incoming/plays/{name}", io.BytesIO(content), len(content), tmp_path / "a", MEGABYTE)


def test_a_row_that_is_too_long_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CannotBelong, match="has a row of more than 8 MB"):
        write_parquet(["a"], [["x" * (9 * MEGABYTE)]], tmp_path / "a.parquet")


def test_a_row_of_almost_that_length_is_written(tmp_path: Path) -> None:
    text = "x" * (8 * MEGABYTE - 9)
    write_parquet(["a"], [[text], ["b"]], tmp_path / "a.parquet")
    assert flat.rows_of_file(tmp_path / "a.parquet") == [{"a": text}, {"a": "b"}]


def test_rows_keep_their_order_and_every_character(tmp_path: Path) -> None:
    rows = [[f"{at}\0\u2028'\"\\,\né😀", None if at % 3 else ""] for at in range(70_000)]
    write_parquet(["odd \"name'", "b"], rows, tmp_path / "a.parquet")
    found = duckdb.connect().execute(f"SELECT * FROM '{tmp_path}/a.parquet'").fetchall()
    assert found == [tuple(row) for row in rows]


def test_a_failure_while_rows_are_made_is_raised_and_not_hidden(tmp_path: Path) -> None:
    def rows():
        yield ["a"]
        raise ZeroDivisionError("of a row")

    with pytest.raises(ZeroDivisionError, match="of a row"):
        write_parquet(["a"], rows(), tmp_path / "a.parquet")


def test_a_failure_of_duckdb_is_raised_and_ends_the_pump(tmp_path: Path) -> None:
    with pytest.raises(duckdb.Error):
        write_parquet(["a"], (["x" * 1000] for _ in range(100_000)), tmp_path / "no folder" / "a.parquet")


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_lines_end_where_spark_ends_them(ends: str) -> None:
    text = ends.join(["a\u2028b", "", "c" * (5 * MEGABYTE), "d"])
    assert list(lines_of(memoryview(text.encode()))) == text.encode().splitlines()


def test_a_stream_that_ends_early_is_noticed() -> None:
    with pytest.raises(CannotBelong, match="is cut short"):
        content_of(io.BytesIO(b'[{"id": 1}]'), "a.json", 50, False, MEGABYTE)


def test_plans_of_another_form_are_refused() -> None:
    with pytest.raises(ValueError, match="plans of form 2; this version reads form 1"):
        read_plans('{"form": 2, "datasets": {}}')


PROGRAM = """
import io, resource, sys
from pathlib import Path
from headgate.flatten.flatten import flatten
from headgate.flatten.plan import Column, Plan

plan = Plan("plays", "plays/", (Column("id", "bigint", ("id",)), Column("n", "string", ("a.n",))), records="d.rows")
with open(sys.argv[1], "rb") as body:
    size = Path(sys.argv[1]).stat().st_size
    work = flatten(plan, "incoming/plays/a.json", body, size, Path(sys.argv[2]))
print(work.rows, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


@pytest.mark.deep
def test_a_document_of_500_mb_needs_less_than_a_gigabyte(tmp_path: Path) -> None:
    row = '{"id": %d, "a": {"n": "%s", "m": [1.10, 2, 3]}, "text": "' + "x" * 700 + '"}'
    with (tmp_path / "a.json").open("w") as file:
        file.write('{"d": {"rows": [')
        count = 0
        while file.tell() < 499 * MEGABYTE:
            file.write(", ".join(row % (at, at) for at in range(count, count + 1000)) + ", ")
            count += 1000
        file.write(row % (count, count) + "]}}")
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM, tmp_path / "a.json", tmp_path / "a.parquet"],
        check=True,
        capture_output=True,
        text=True,
    )
    rows, megabytes = map(int, ended.stdout.split())
    assert rows == count + 1
    assert megabytes < 960, f"{megabytes} MB"
