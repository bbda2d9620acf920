"""`append`: rows without a key; a rewritten object's rows are replaced by its new ones."""

from __future__ import annotations

import pytest

from bench import Bench, counted, csv

BODY = """\
columns:
  - {name: sensor, type: string, required: true}
  - {name: day, type: date, formats: ["yyyy-MM-dd"]}
  - {name: reading, type: double}
at_most: 0.5
"""
HEADER = "sensor,day,reading"
PARTITIONED = BODY + "partition_by: [day]\n"
FORMATS = {
    "iceberg": PARTITIONED.replace("day]", "months(day)]"),
    "parquet": PARTITIONED + "write: {format: parquet}\n",
    "parquet without partitions": BODY + "write: {format: parquet}\n",
}
TABLE = "SELECT sensor, reading FROM readings ORDER BY ALL"


@pytest.fixture(params=FORMATS)
def appended(request: pytest.FixtureRequest, bench: Bench) -> Bench:
    bench.contract("readings", FORMATS[request.param])
    bench.put("readings/a.csv", csv("s1,2026-01-01,1.5", "s2,2026-01-02,2.5", "s2,2026-01-02,2.5", header=HEADER))
    bench.one("readings")
    return bench


def test_equal_rows_stay_several_rows(appended: Bench) -> None:
    assert appended.rows(TABLE) == [("s1", 1.5), ("s2", 2.5), ("s2", 2.5)]


def test_a_new_object_is_added_to_what_is_there(appended: Bench) -> None:
    appended.put("readings/b.csv", csv("s3,2026-01-02,3.5", "s4,2026-02-01,4.5", header=HEADER), arrived=60)
    outcome = appended.one("readings")
    names = ("read", "published", "inserted", "removed", "rows_before", "rows_after")
    assert counted(outcome, *names) == (2, 2, 2, 0, 3, 5)
    assert appended.rows(TABLE) == [("s1", 1.5), ("s2", 2.5), ("s2", 2.5), ("s3", 3.5), ("s4", 4.5)]


def test_a_rewritten_object_replaces_its_own_rows_and_no_others(appended: Bench) -> None:
    appended.put("readings/b.csv", csv("s3,2026-01-02,3.5", header=HEADER), arrived=60)
    appended.one("readings")
    appended.put("readings/a.csv", csv("s9,2026-03-01,9.5", header=HEADER), arrived=120)
    outcome = appended.one("readings")
    assert counted(outcome, "read", "inserted", "removed", "rows_before", "rows_after") == (1, 1, 3, 4, 2)
    assert appended.rows(TABLE) == [("s3", 3.5), ("s9", 9.5)]


def test_running_again_is_unchanged_and_full_gives_the_same_rows(appended: Bench) -> None:
    appended.put("readings/b.csv", csv("s3,,3.5", header=HEADER), arrived=60)  # no day: the null partition
    appended.one("readings")
    table = appended.rows(TABLE)
    assert appended.one("readings").status == "unchanged"
    outcome = appended.one("readings", full=True)
    assert counted(outcome, "read", "inserted", "removed", "rows_after") == (4, 4, 4, 4)
    assert appended.rows(TABLE) == table
