"""`skip_when`: asked of typed values, and of the texts of a record that cannot be typed."""

from __future__ import annotations

import pytest
from pyspark.sql import SparkSession

from bench import Bench, counted, csv
from headgate.cli.quarantine import refused_rows
from headgate.errors import UnusableContract
from headgate.gate.gate import gate
from headgate.gate.judge import judged, typed
from tables import contract, table

READ = "id string, amount string, _object string, _arrival timestamp, _faults array<string>, _raw string, _file_fault string"  # noqa: E501
BODY = "- {name: id, type: int}\n- {name: amount, type: int}\n- {name: twice, type: int, derived: 2 * amount}"
SHORT, UNREAD = "record: 1 values for 2 columns", "record: not JSON"


def verdicts(spark: SparkSession, skip_when: str, *rows: tuple[str | None, str | None, list[str]]) -> list[str]:
    of = contract(BODY, skip_when=skip_when)
    raw = table(spark, READ, *((a, b, f"{i}.csv", None, faults, None, None) for i, (a, b, faults) in enumerate(rows)))
    frame = judged(typed(raw, of), gate(of))
    return [row["_verdict"] for row in sorted(frame.collect(), key=lambda row: row["_object"])]


@pytest.mark.parametrize(
    ("skip_when", "expected"),
    [
        ("id = 'TOTAL'", ["kept", "skipped", "skipped", "refused"]),
        ("id LIKE 'TOT%'", ["kept", "skipped", "skipped", "refused"]),
        ("amount = 10", ["skipped", "refused", "refused", "refused"]),
        ("twice = 20", ["skipped", "refused", "refused", "refused"]),
        ("amount IS NULL", ["kept", "refused", "skipped", "refused"]),  # `x` is not a missing amount
        ("amount + 2147483647 > 0", ["kept", "refused", "refused", "refused"]),  # it cannot be computed
    ],
)
def test_a_condition_sees_values_and_in_a_record_that_cannot_be_typed_its_texts(
    spark: SparkSession, skip_when: str, expected: list[str]
) -> None:
    rows = [("1", "10", []), ("TOTAL", "x", []), ("TOTAL", "", [SHORT]), (None, None, [UNREAD])]
    assert verdicts(spark, skip_when, *rows) == expected


def test_a_value_that_is_no_condition_is_refused(spark: SparkSession) -> None:
    with pytest.raises(UnusableContract, match=r"`concat.*` is a string, not a condition"):
        verdicts(spark, "concat(id, amount)", ("1", "10", []))


def test_a_total_of_an_integer_column_and_a_trailer_of_another_width_are_skipped(bench: Bench) -> None:
    columns = "columns:\n  - {name: id, type: int, required: true}\n  - {name: amount, type: int}\nat_most: 1.0\n"
    bench.contract("orders", columns + "skip_when: id = 'TOTAL' OR id LIKE 'TRAILER%'\n")
    bench.put("orders/a.csv", csv("1,10", "2,20", "TOTAL,30", "TRAILER|2", "3,4,5", header="id,amount"))
    assert counted(bench.one("orders"), "read", "published", "skipped", "quarantined") == (5, 2, 2, 1)
    assert [row.reasons for row in refused_rows(bench.lake, "orders")] == [["record: 3 values for 2 columns"]]
