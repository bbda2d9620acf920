"""Dates long before 1582 and times before 1900 are published as they are, in every format and for every reader."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from bench import Bench, counted, csv
from headgate.cli.quarantine import refused_rows

COLUMNS = """\
columns:
  - {name: id, type: int, required: true}
  - {name: day, type: date, formats: [yyyy-MM-dd]}
  - {name: seen, type: timestamp, formats: ["yyyy-MM-dd HH:mm"], timezone: UTC}
"""
DAYS = ("0001-01-01", "1582-10-10", "1890-01-01", "1899-12-30", "2024-01-01")
FILE = csv(*(f"{at},{day},{day} 12:30" for at, day in enumerate(DAYS)), header="id,day,seen")
PUBLISHED = [
    (at, date.fromisoformat(day), datetime.fromisoformat(f"{day} 12:30").replace(tzinfo=UTC))
    for at, day in enumerate(DAYS)
]
QUERY = "SELECT id, day, seen::TIMESTAMPTZ FROM things ORDER BY id"


@pytest.mark.parametrize(
    "more",
    [
        "key: [id]\n",
        "partition_by: [months(day), days(seen)]\n",
        "write: {mode: append, format: parquet}\npartition_by: [day]\n",
        "write: {mode: overwrite, format: parquet}\n",
    ],
)
def test_old_dates_are_published_as_they_are(bench: Bench, more: str) -> None:
    bench.contract("things", COLUMNS + more)
    bench.put("things/a.csv", FILE)
    assert counted(bench.one("things"), "read", "published", "quarantined") == (5, 5, 0)
    assert bench.rows(QUERY) == PUBLISHED
    bench.put("things/b.csv", csv("9,0044-03-15,0044-03-15 12:30", header="id,day,seen"))
    bench.one("things")  # reads the table as well
    assert bench.rows("SELECT day FROM things WHERE id = 9") == [(date(44, 3, 15),)]


def test_a_minimum_refuses_old_dates_as_rows_and_years_beyond_four_digits_are_no_dates(bench: Bench) -> None:
    bounds = COLUMNS.replace("[yyyy-MM-dd]", '[yyyy-MM-dd], minimum: "1900-01-01"')
    bounds = bounds.replace("timezone: UTC", 'timezone: UTC, minimum: "0900-01-01 00:00"')
    bench.contract("things", bounds + "at_most: 1.0\n")
    bench.put("things/a.csv", FILE + "7,0000-01-01,2024-01-01 12:30\n")
    assert counted(bench.one("things"), "published", "quarantined") == (1, 5)
    reasons = sorted(reason for row in refused_rows(bench.lake, "things") for reason in row.reasons)
    assert reasons == [*["day: below 1900-01-01"] * 4, "day: not a date", "seen: below 0900-01-01 00:00"]


def test_a_mart_reads_and_publishes_old_dates(bench: Bench) -> None:
    bench.contract("things", COLUMNS)
    bench.put("things/a.csv", FILE)
    columns = (
        "source: {query: marts/span.sql}\ncolumns: [{name: first, type: date}, {name: first_seen, type: timestamp}]\n"
    )
    bench.contract("span", columns)
    bench.sql("marts/span.sql", "SELECT min(day) AS first, min(seen) AS first_seen FROM things")
    bench.run()
    assert bench.rows("SELECT * FROM span") == [PUBLISHED[0][1:]]


def test_a_time_of_day_is_published_as_text_and_bounded_as_a_time(bench: Bench) -> None:
    hours = "columns:\n  - {name: id, type: int}\n"
    hours += '  - {name: opens, type: time, formats: ["HH:mm[:ss]"], minimum: "06:00", maximum: "22:00"}\n'
    bench.contract("shops", hours + "at_most: 1.0\n")
    bench.put("shops/a.csv", csv("1,06:00", "2,22:00:00", "3,05:59:59", "4,22:00:01", "5,25:00", header="id,opens"))
    bench.one("shops")
    assert bench.rows("SELECT id, opens FROM shops ORDER BY 1") == [(1, "06:00:00"), (2, "22:00:00")]
    reasons = sorted(reason for row in refused_rows(bench.lake, "shops") for reason in row.reasons)
    assert reasons == ["opens: not a time", *["opens: not between 06:00 and 22:00"] * 2]


def test_sentinels_of_the_dataset_hold_in_every_column_that_has_them(bench: Bench) -> None:
    body = 'source: {sentinels: [-999, "9999-12-31"]}\n' + COLUMNS
    body += "  - {name: height, type: double}\n  - {name: own, type: int, sentinels: [0]}\n"
    bench.contract("things", body + "  - {name: half, type: double, derived: height / 2}\n")
    row = "1,9999-12-31,2024-01-01 12:30,-999.0,0"
    bench.put("things/a.csv", csv(row, "2,2024-01-01,,-1998,-999", header="id,day,seen,height,own"))
    bench.one("things")
    assert bench.rows("SELECT id, day, height, own, half FROM things ORDER BY 1") == [
        (1, None, None, None, None),
        (2, date(2024, 1, 1), -1998.0, -999, -999.0),
    ]
