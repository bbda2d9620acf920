"""Values in the path of a file: by `source.from_path`, and from folders such as `day=2026-01-02`."""

from __future__ import annotations

import re

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench import Bench
from headgate.contract.path_pattern import parse_pattern


@pytest.mark.parametrize(
    ("pattern", "path", "values"),
    [
        ("{day}.csv", "things/2026-01-02.csv", {"day": "2026-01-02"}),
        ("{day}.csv", "things/2026-01-02.csv.gz", {"day": "2026-01-02"}),
        ("{day}.csv", "things/all.zip/2026-01-02.csv", {"day": "2026-01-02"}),
        ("{day}", "things/2026-01-02.zip/data.csv", {"day": "data.csv"}),
        ("{day}.zip", "things/2026-01-02.zip/data.csv", {"day": "2026-01-02"}),
        ("year={year}/{day}.csv", "x/year=2026/02.csv", {"year": "2026", "day": "02"}),
        ("{shop}/{day}_*.csv", "x/rome/02_part-1.csv", {"shop": "rome", "day": "02"}),
        ("{shop}/*/*", "x/rome/a/b.csv", {"shop": "rome"}),
        ("at={at}/*", "x/at=10%3A00%2Fb/f.csv", {"at": "10:00/b"}),
        ("at={at}/*", "x/at=__HIVE_DEFAULT_PARTITION__/f.csv", {"at": None}),
        ("{at}/*", "x/__HIVE_DEFAULT_PARTITION__/f.csv", {"at": "__HIVE_DEFAULT_PARTITION__"}),
        ("{share}.csv", "50%25.csv", {"share": "50%25"}),
        ("orders ({n}).csv", "x/orders (7).csv", {"n": "7"}),
    ],
)
def test_a_pattern_takes_values_from_the_end_of_a_path(pattern, path, values):
    assert parse_pattern(pattern).values(path) == values


@pytest.mark.parametrize(
    ("pattern", "path", "problem"),
    [
        ("{day}.csv", "things/a.json", "has a path that does not fit `{day}.csv`"),
        ("year={year}/{day}.csv", "2026/02.csv", "has a path that does not fit `year={year}/{day}.csv`"),
        ("{a}/{b}.csv", "b.csv", "has a path that does not fit `{a}/{b}.csv`"),
        ("{a}-{b}.csv", "x-y-z.csv", "has a path that fits `{a}-{b}.csv` in more than one way"),
    ],
)
def test_a_path_that_does_not_fit_or_fits_twice_is_told(pattern, path, problem):
    with pytest.raises(ValueError, match=f"^{re.escape(problem)}$"):
        parse_pattern(pattern).values(path)


@pytest.mark.parametrize("text", ["", "x.csv", "/{a}", "{a}/", "{a}{b}", "{a}*", "{a", "a}", "{A}", "{a b}", "{a}/{a}"])
def test_a_pattern_that_means_nothing_certain_is_refused(text):
    with pytest.raises(ValueError):
        parse_pattern(text)


TEXT = st.text(st.characters(codec="utf-8", exclude_characters="/-"), max_size=8)


@given(TEXT, TEXT, TEXT)
@settings(max_examples=100, deadline=None)
def test_what_is_written_into_a_name_is_read_from_it(shop, day, folder):
    found = parse_pattern("{shop}-*/{day}-{rest}").values(f"x/{shop}-{folder}/{day}-1")
    assert found == {"shop": shop, "day": day, "rest": "1"}


def test_from_path_fills_columns_of_every_format(staging, contract):
    staging.put("csv/2026-01-02.csv", "id\n1\n2\n")
    staging.put("csv/2026-01-03.csv.gz", "id\n3\n")
    staging.put("json/2026-01-04.json", '{"id": 4}\n')
    made = contract("id", "day", path="csv/", from_path="{day}.csv")
    assert staging.values(made) == [("1", "2026-01-02"), ("2", "2026-01-02"), ("3", "2026-01-03")]
    assert staging.values(contract("id", "day", path="json/", format="json", from_path="{day}.json")) == [
        ("4", "2026-01-04")
    ]
    (staging.root / "parquet").mkdir()
    pq.write_table(pa.table({"id": ["5"]}), staging.root / "parquet/2026-01-05.parquet")
    made = contract("id", {"name": "day", "type": "date"}, path="parquet/", format="parquet", from_path="{day}.parquet")
    assert staging.values(made) == [("5", "2026-01-05")]


def test_a_file_without_a_header_names_only_the_columns_that_it_has(staging, contract):
    staging.put("things/2026.csv", "1,anna\n")
    made = contract("id", "year", "name", from_path="{year}.csv", read={"header": False})
    assert staging.values(made) == [("1", "2026", "anna")]


def test_a_path_that_does_not_fit_and_a_column_in_both_places_refuse_their_file(staging, contract):
    staging.put("things/2026.csv", "id\n1\n")
    staging.put("things/other.txt", "id\n1\n")
    staging.put("things/2027.csv", "id,Year\n1,2027\n")
    both = "has `Year`, and `source.from_path` takes `year` from its path; remove one of the two, "
    made = contract("id", "year", from_path="{year}.csv")
    assert staging.refused(made) == {
        "things/2027.csv": f"{both}or list the file's under `source.ignore`",
        "things/other.txt": "has a path that does not fit `{year}.csv`; rename it, or correct `source.from_path`",
    }
    (staging.root / "things/other.txt").unlink()
    ignoring = contract("id", "year", from_path="{year}.csv", ignore=["Year"])
    assert staging.values(ignoring) == [("1", "2026"), ("1", "2027")]


def test_folders_in_hive_s_form_fill_columns_that_no_file_has(staging, contract):
    staging.put("things/Day=2026-01-02/a.csv", "id\n1\n")
    staging.put("things/day=10%3A00/a.csv", "id\n2\n")
    staging.put("things/day=__HIVE_DEFAULT_PARTITION__/a.csv", "id\n3\n")
    staging.put("things/plain/a.csv", "id\n4\n")
    made = contract("id", "day", {"name": "shop", "source": "store"})
    assert sorted(staging.values(made)) == [
        ("1", "2026-01-02", None), ("2", "10:00", None), ("3", None, None), ("4", None, None),
    ]  # fmt: skip
    drift = staging.plan(made).drift.as_dict()
    assert drift["from_path"] == {"day": {"files": 3, "first": "things/Day=2026-01-02/a.csv"}}
    assert drift["missing"] == {
        "shop": {"files": 4, "first": "things/Day=2026-01-02/a.csv"},
        "day": {"files": 1, "first": "things/plain/a.csv"},
    }


def test_a_required_column_or_a_key_may_stand_in_the_path(staging, contract):
    staging.put("things/day=2026-01-02/a.csv", "id\n1\n")
    staging.put("things/a.csv", "id\n2\n")
    made = contract("id", {"name": "day", "required": True}, key=("id", "day"))
    assert list(staging.refused(made)) == ["things/a.csv"]


def test_a_column_of_the_file_is_read_from_it_and_the_path_is_told(staging, contract):
    staging.put("things/day=2026-01-02/a.csv", "id,day\n1,2026-01-01\n")
    staging.put("things/day=2026-01-03/a.csv", "id\n2\n")
    made = contract("id", "day")
    assert staging.values(made) == [("1", "2026-01-01"), ("2", "2026-01-03")]
    assert staging.plan(made).drift.also_in_path == {"day": {"files": 1, "first": "things/day=2026-01-02/a.csv"}}


def test_json_records_and_the_path_never_both_count(staging, contract):
    late = "".join(f'{{"id": {i}}}\n' for i in range(100)) + '{"id": 100, "Day": 7}\n{"id": 101, "day": null}\n'
    staging.put("things/day=1/a.json", late)
    staging.put("things/day=2/a.json", '{"id": 4, "DAY": 8}\n{"id": 5}\n')
    made = contract("id", "day", format="json")
    rows = staging.rows(made)[99:]
    assert [(row["id"], row["day"], row["_faults"]) for row in rows] == [
        ("99", "1", []),
        ("100", "1", ["day: is in the record and in the path of its file"]),
        ("101", "1", []),
        ("4", "8", []),
        ("5", None, []),
    ]
    assert staging.plan(made).drift.also_in_path == {"day": {"files": 1, "first": "things/day=2/a.json"}}


def test_a_name_twice_in_the_path_and_a_classified_one_refuse_the_file(staging, contract):
    staging.put("things/day=1/day=2/a.csv", "id\n1\n")
    staging.put("things/email=a%40b.c/a.csv", "id\n1\n")
    made = contract("id", "day", {"name": "email", "classification": "email"})
    assert staging.refused(made) == {
        "things/day=1/day=2/a.csv": "has a path that names `day` more than once; keep one of them",
        "things/email=a%40b.c/a.csv": (
            "says `email` in its path, which `_object` publishes unmasked; keep it out of the path"
        ),
    }


def test_parquet_files_with_and_without_the_column_are_read_together(staging, contract):
    for folder, table in (("day=2026-01-02", {"id": ["1"]}), ("x", {"id": ["2"], "day": ["2026-01-03"]})):
        (staging.root / "things" / folder).mkdir(parents=True)
        pq.write_table(pa.table(table), staging.root / f"things/{folder}/a.parquet")
    made = contract("id", {"name": "day", "type": "date"}, format="parquet")
    assert sorted((row["id"], str(row["day"])) for row in staging.rows(made)) == [
        ("1", "2026-01-02"), ("2", "2026-01-03"),
    ]  # fmt: skip


def test_values_of_the_path_are_judged_derived_from_and_part_of_key_order_and_partitions(bench: Bench):
    bench.contract(
        "sales",
        """\
        source: {from_path: "year={year}/{day}.csv"}
        columns:
          - {name: id, type: int, required: true}
          - {name: year, type: int, minimum: 2000}
          - {name: day, type: date, formats: [yyyy-MM-dd]}
          - {name: month, type: int, derived: month(day)}
        key: [id, year]
        order: [{column: day}]
        partition_by: [year]
        at_most: 0.5
        """,
    )
    bench.put("sales/year=2025/2025-01-02.csv", "id\n1\n2\n")
    bench.put("sales/year=2025/2025-03-04.csv", "id\n1\n")
    bench.put("sales/year=1925/2025-03-05.csv", "id\n9\n")
    bench.put("sales/year=2026/oops.csv", "id\n8\n")
    outcome = bench.one("sales")
    assert (outcome.read, outcome.published, outcome.superseded, outcome.quarantined) == (5, 2, 1, 2)
    assert bench.rows("SELECT id, year, CAST(day AS VARCHAR), month FROM sales ORDER BY 1") == [
        (1, 2025, "2025-03-04", 3), (2, 2025, "2025-01-02", 1),
    ]  # fmt: skip


def test_the_run_tells_a_column_that_stands_in_files_and_in_their_paths(bench: Bench):
    bench.contract("sales", "columns:\n  - {name: id, type: int}\n  - {name: day, type: string}\n")
    bench.put("sales/day=1/a.csv", "id,day\n1,2\n")
    assert bench.one("sales").notes == [
        "`day` is in 1 files and in their paths (`sales/day=1/a.csv`); the files' values are read"
    ]
