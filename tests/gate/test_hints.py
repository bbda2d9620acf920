"""A text that is not of its column's type is refused with what it looks like, and the word that would take it."""

from __future__ import annotations

from bench import Bench, csv
from headgate.cli.quarantine import refused_rows

NUMBERS = """\
source: {read: {delimiter: ";"}}
columns:
  - {name: price, type: "decimal(6,2)"}
  - {name: count, type: int}
at_most: 1.0
allow_empty: true
"""


def reasons(bench: Bench, body: str, *lines: str, header: str) -> list[list[str]]:
    bench.contract("things", body)
    bench.put("things/a.csv", csv(*lines, header=header))
    bench.one("things")
    return sorted(list(row.reasons) for row in refused_rows(bench.lake, "things"))


def test_a_number_that_is_refused_names_the_word_that_would_take_it(bench: Bench) -> None:
    lines = ("1.234567;1", "1.234,50;1", "2,5;1", "1,234.5;1", "12 %;1", "12345678;1", "1e3;1", "n/a;1", "1;66.0",
             "1;66.5", "1;9999999999")  # fmt: skip
    price, count = "price: not a decimal(6,2)", "count: not a int"
    assert reasons(bench, NUMBERS, *lines, header="price;count") == sorted(
        [
            [price, "price: has 6 decimals; use `round: half_up`"],
            [price, 'price: a decimal comma? say `decimal: ","` and `thousands: "."`'],
            [price, 'price: a decimal comma? say `decimal: ","`'],
            [price, 'price: commas between thousands? say `thousands: ","`'],
            [price, 'price: a sign beside the number? say `strip: " %€"` with that sign'],
            [price],  # it does not fit
            [price, "price: has an exponent; type it as a `double`"],
            [price],
            [count, "count: only zeros behind the point? say `allow_point_zero: true`"],
            [count, "count: has decimals; type it as a `decimal`"],
            [count],
        ]
    )


def test_a_time_that_is_refused_names_the_word_that_would_take_it(bench: Bench) -> None:
    body = """\
    columns:
      - {name: seen, type: timestamp, formats: ["yyyy-MM-dd HH:mm:ss[.SSSSSSSSS]"], timezone: Europe/Rome}
      - {name: day, type: date, formats: ["yyyy-MM-dd HH:mm"]}
    at_most: 1.0
    allow_empty: true
    """
    lines = ("2024-03-31 02:30:00,", "2024-05-01 10:00:00.1234567,", "1714550400,", ",2024-05-01 10:00", "x,x")
    seen, day = "seen: not a timestamp", "day: not a date"
    assert reasons(bench, body, *lines, header="seen,day") == sorted(
        [
            [seen, "seen: skipped or shown twice by the clocks of Europe/Rome; see `nonexistent` and `ambiguous`"],
            [seen, "seen: has more than six decimals of a second; use `round: half_up` or `truncate`"],
            [seen, "seen: seconds? add the format `epoch_seconds`"],
            [day, "day: has a time of day; use `round: truncate` to drop it"],
            [seen, day],
        ]
    )


def test_where_values_are_hidden_their_shape_is_told(bench: Bench) -> None:
    body = NUMBERS.replace("at_most", "  - {name: email, type: string, classification: email}\nat_most")
    found = reasons(bench, body, "1.234,50;x1;ann@example.org", header="price;count;email")
    assert found == [
        [
            "price: not a decimal(6,2)",
            "count: not a int",
            "price: written as `9.999,99`",
            "count: written as `a9`",
            'price: a decimal comma? say `decimal: ","` and `thousands: "."`',
        ]
    ]
    [row] = refused_rows(bench.lake, "things")
    assert set(row.values.values()) == {"[redacted]", row.values["email"]}
    assert "ann@" not in row.values["email"]
