"""Derived columns: computed without loss, or a fault of the row; never another number."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyspark.sql import SparkSession

from bench import Bench, counted, csv
from headgate.cli.quarantine import refused_rows
from headgate.gate.derive import derive
from tables import contract, table

SCHEMA = "i int, s smallint, l bigint, x double, t string, d string, w string, list array<int>, _object string"
MOST = (2147483647, 32767, 9223372036854775807, 1e300, "abc", "1.5", "0.1234567", [2147483647, 2], "1.csv")
FEW = (2, 3, 5, 1.5, "7", "2.5", "2.00", [1, 2], "2.csv")
NONE = (None, None, None, None, None, None, None, None, "3.csv")
FAULT = "fault"

# Expression, declared type, and the result for MOST and FEW; the result for NONE is null.
CASES = [
    ("i + 1", "int", FAULT, 3),
    ("i - -1", "int", FAULT, 3),
    ("i * 2", "int", FAULT, 4),
    ("-(-i - 1)", "int", FAULT, 3),
    ("abs(-i - 1)", "int", FAULT, 3),
    ("cast(i as bigint) + 1", "int", FAULT, 3),
    ("cast(i as bigint) + 1", "bigint", 2147483648, 3),
    ("l * l", "bigint", FAULT, 25),
    ("cast(i * 1.5 as int)", "int", FAULT, 3),
    ("cast(l as int)", "int", FAULT, 5),
    ("smallint(i)", "smallint", FAULT, 2),
    ("coalesce(l + 1, 0)", "bigint", FAULT, 6),
    ("concat('n', i + 1)", "string", FAULT, "n3"),
    ("cast(x as bigint)", "bigint", FAULT, 1),
    ("ceil(x)", "bigint", FAULT, 2),
    ("aggregate(list, 0, (total, n) -> total + n)", "int", FAULT, 3),
    ("transform(list, n -> n + 1)[0]", "int", FAULT, 2),
    ("date_add(date'2020-01-01', i)", "date", FAULT, None),
    ("i / 4", "int", FAULT, FAULT),
    ("i / 2", "int", FAULT, 1),
    ("i / 2", "double", 1073741823.5, 1.0),
    ("cast(d as decimal(38,10)) + cast(d as decimal(38,2))", "decimal(38,6)", Decimal("3.000000"), Decimal("5.000000")),
    ("cast(w as decimal(38,10)) + cast(d as decimal(38,2))", "decimal(38,10)", FAULT, Decimal("4.5000000000")),
    ("cast(w as decimal(38,10)) * cast(w as decimal(38,10))", "decimal(38,10)", FAULT, Decimal("4.0000000000")),
    ("cast(d as decimal(38,2)) / cast(3 as decimal(38,2))", "double", 0.5, FAULT),
    ("cast(d as decimal(10,2)) / 3", "double", 0.5, 0.833333),
    ("try_add(i, 1)", "int", None, 3),  # null is meant
    ("i / 0", "int", None, None),  # null, as Spark says
    ("cast(t as int)", "int", None, 7),
    ("list[5]", "int", None, None),
    ("if(i > 5, i + 1, 0)", "int", FAULT, 0),
    ("raise_error('no')", "int", FAULT, FAULT),
]


@pytest.fixture(scope="module")
def results(spark: SparkSession) -> dict[tuple[str, str], list[object]]:
    """The results of every case for the three rows, of one frame: what two columns share is computed once."""
    frame = table(spark, SCHEMA, MOST, FEW, NONE)
    body = "\n".join(f'- {{name: c{i}, type: "{kind}", derived: "{text}"}}' for i, (text, kind, *_) in enumerate(CASES))
    for spec in contract(body).columns:
        frame = derive(frame, spec)
    rows = sorted(frame.collect(), key=lambda row: row["_object"])
    return {case[:2]: [FAULT if row[f"_fault_c{i}"] else row[f"c{i}"] for row in rows] for i, case in enumerate(CASES)}


@pytest.mark.parametrize(("text", "kind", "most", "few"), CASES)
def test_an_expression_gives(
    results: dict[tuple[str, str], list[object]], text: str, kind: str, most: object, few: object
) -> None:
    got = results[text, kind]
    if text.startswith("date_add"):
        assert str(got[1]) == "2020-01-03"
        got = [got[0], None, got[2]]
    if few == 0.833333:
        assert got[1] == pytest.approx(2.5 / 3, abs=1e-6)
        got = [got[0], few, got[2]]
    nothing = {"coalesce(l + 1, 0)": 0, "if(i > 5, i + 1, 0)": 0, "raise_error('no')": FAULT}.get(text)
    assert got == [most, few, nothing]


def test_an_error_of_what_two_columns_share_is_a_fault_of_the_row(spark: SparkSession) -> None:
    """Spark computes `l + 1` once for both, which must not happen outside the attempt."""
    frame = table(spark, "l bigint, _object string", (9223372036854775807, "a"), (1, "b")).repartition(1)
    for spec in contract(
        "- {name: x, type: bigint, derived: l + 1 + 1}\n- {name: y, type: bigint, derived: l + 1 + 2}"
    ).columns:
        frame = derive(frame, spec)
    assert sorted(frame.select("x", "y", "_fault_x", "_fault_y").collect(), key=str) == [
        (3, 4, False, False),
        (None, None, True, True),
    ]


SIGNS = (("plus", "+"), ("minus", "-"), ("times", "*"))
NUMBERS = st.tuples(*[st.integers(-(2**63), 2**63 - 1) | st.integers(-3, 3) | st.sampled_from([2**31, 2**62])] * 2)


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True)
@given(st.lists(NUMBERS, min_size=40, max_size=80))
def test_any_two_numbers_give_the_exact_result_or_a_fault(spark: SparkSession, pairs: list[tuple[int, int]]) -> None:
    frame = table(spark, "a bigint, b bigint, _object string", *((a, b, "x") for a, b in pairs))
    for spec in contract(
        "\n".join(f"- {{name: {name}, type: bigint, derived: a {sign} b}}" for name, sign in SIGNS)
    ).columns:
        frame = derive(frame, spec)
    for row in frame.collect():
        a, b = row["a"], row["b"]
        exact = {"plus": a + b, "minus": a - b, "times": a * b}
        for name, value in exact.items():
            fits = -(2**63) <= value < 2**63
            assert (row[name], row[f"_fault_{name}"]) == ((value, False) if fits else (None, True))


def test_a_number_that_does_not_fit_refuses_its_row(bench: Bench) -> None:
    columns = "columns:\n  - {name: a, type: int}\n  - {name: next, type: int, derived: a + 1}\n"
    bench.contract("orders", columns + "at_most: 1.0\n")
    bench.put("orders/a.csv", csv("2147483647", "2", header="a"))
    assert counted(bench.one("orders"), "read", "published", "quarantined") == (2, 1, 1)
    assert bench.rows("SELECT a, next FROM orders") == [(2, 3)]
    [row] = refused_rows(bench.lake, "orders")
    assert row.reasons == ["next: cannot be computed as int: an error, or lost digits"]


def test_a_column_that_is_not_published_is_read_and_judged_and_in_no_table(bench: Bench) -> None:
    bench.contract(
        "shares",
        """\
        columns:
          - {name: id, type: int, required: true}
          - {name: share_text, type: string, null_texts: ["", N/A], pattern: "%$", publish: false}
          - {name: share, type: double, derived: "cast(replace(share_text, '%', '') AS double) / 100", maximum: 1}
          - {name: day, type: date, derived: "to_date(regexp_extract(_object, '([0-9-]{10})', 1))"}
        key: [id, day]
        at_most: 1.0
        """,
    )
    bench.put("shares/2020-01-02.csv", csv("1,50%", "2,N/A", "3,70", header="id,share_text"))
    assert counted(bench.one("shares"), "read", "published", "quarantined") == (3, 2, 1)
    assert [(i, share, str(day)) for i, share, day, *_ in bench.rows("SELECT * FROM shares ORDER BY id")] == [
        (1, 0.5, "2020-01-02"),
        (2, None, "2020-01-02"),
    ]
    assert "share_text" not in [name for (name,) in bench.rows("SELECT column_name FROM (DESCRIBE shares)")]
    [row] = refused_rows(bench.lake, "shares")
    assert (row.values["share_text"], row.reasons) == ("70", ["share_text: does not match %$"])
