"""Which folders become tables, and which become partitions."""

from __future__ import annotations

import pytest

from rehearsal.aws.crawlers.grouping import File, excluded, tables
from rehearsal.aws.crawlers.schemas import Schema

CSV = Schema("csv", (("a", "bigint"), ("b", "string")), ",", True)
JSON = Schema("json", (("a", "int"), ("b", "string")))


def files(*keys: str, schema: Schema = CSV) -> list[File]:
    return [File(key, 10, schema) for key in keys]


def shape(
    folder: str, several: list[File], *, combine: bool = True
) -> list[tuple[str, tuple[str, ...], list[tuple[str, ...]]]]:
    return [
        (table.name, table.keys, [part.values for part in table.partitions])
        for table in tables(folder, several, combine=combine)
    ]


def test_a_folder_of_alike_files_is_one_table_named_after_it() -> None:
    assert shape("staging/Daily-Sales/", files("staging/Daily-Sales/a.csv", "staging/Daily-Sales/b.csv")) == [
        ("daily_sales", (), [])
    ]


def test_folders_with_keys_are_partitions_of_those_names() -> None:
    several = files("t/year=2026/month=01/a", "t/year=2026/month=02/a", "t/year=2026/month=02/b%20c=1")
    assert shape("t/", several) == [("t", ("year", "month"), [("2026", "01"), ("2026", "02")])]


def test_bare_folders_are_partitions_by_number() -> None:
    assert shape("t/", files("t/2026/01/a", "t/2026/02/a")) == [
        ("t", ("partition_0", "partition_1"), [("2026", "01"), ("2026", "02")])
    ]


def test_files_of_two_formats_make_a_table_each() -> None:
    several = [*files("t/a.csv"), *files("t/b.json", schema=JSON)]
    assert [name for name, _, _ in shape("t/", several)] == ["a_csv", "b_json"]


def test_folders_of_two_formats_make_a_table_each_with_their_partitions() -> None:
    several = [*files("t/x/day=1/a", "t/x/day=2/a"), *files("t/y/a", schema=JSON)]
    assert shape("t/", several) == [("x", ("day",), [("1",), ("2",)]), ("y", (), [])]


def test_files_beside_folders_do_not_become_partitions() -> None:
    assert [name for name, _, _ in shape("t/", files("t/a.csv", "t/deep/b.csv"))] == ["a_csv", "deep"]


def test_unlike_columns_part_tables_unless_the_crawler_combines() -> None:
    other = Schema("csv", (("x", "bigint"), ("y", "string")), ",", True)
    several = [*files("t/one/a"), *files("t/two/a", schema=other)]
    assert [name for name, _, _ in shape("t/", several, combine=False)] == ["one", "two"]
    assert [name for name, _, _ in shape("t/", several, combine=True)] == ["t"]


def test_a_bucket_itself_may_be_the_folder() -> None:
    assert shape("", files("a.csv", "b.csv"))[0][0] == ""


@pytest.mark.parametrize(
    ("pattern", "key", "is_out"),
    [
        ("*.csv", "a.csv", True),
        ("*.csv", "deep/a.csv", False),
        ("**.csv", "deep/a.csv", True),
        ("**/_*", "deep/_a", True),
        ("**/_*", "_a", False),
        ("_*", "_a", True),
        ("**/_*", "deep/_a/b", False),
        ("x/**", "x/y/z", True),
        ("a?.{csv,json}", "ab.json", True),
        ("[!a]*", "b", True),
        ("[!a]*", "a", False),
    ],
)
def test_exclusions_are_javas_globs(pattern: str, key: str, is_out: bool) -> None:
    assert excluded(key, [pattern]) is is_out
