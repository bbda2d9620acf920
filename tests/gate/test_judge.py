"""The three projections of the gate: `typed`, `judged` and `written`, each a small table in and out."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime

from pyspark.sql import DataFrame, SparkSession

from headgate.gate.gate import gate
from headgate.gate.judge import judged, typed
from headgate.gate.written_rows import written
from tables import assert_table, contract, table

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
READ = "id string, day string, amount string, _object string, _arrival timestamp, _faults array<string>, _raw string, _file_fault string"  # noqa: E501
ORDERS = contract(
    """
- {name: id, type: string, required: true}
- {name: day, type: date, formats: [yyyy-MM-dd]}
- {name: amount, type: int, minimum: 0, otherwise: warn}
- {name: double, type: int, derived: 2 * amount, maximum: 100}
""",
    key=["id"],
    skip_when="id = 'skip'",
)


def read_rows(spark: SparkSession) -> DataFrame:
    """One row of each kind that a reader can hand over."""
    origin = ("1.csv", NOON)
    return table(
        spark,
        READ,
        ("a", "2026-01-02", "7", *origin, [], None, None),  # fine
        ("b", "yesterday", "7", *origin, [], None, None),  # not a date
        ("c", None, "-1", *origin, [], None, None),  # only a warning
        ("d", None, "51", *origin, [], None, None),  # the derived value is too great
        ("skip", "x", "x", *origin, [], None, None),  # not wanted, however wrong
        (None, None, None, *origin, ["record: 1 values for 3 columns"], "e", None),  # the reader found a fault
        (None, None, None, *origin, [], None, "is cut short"),  # the mark of a file that is refused whole
    )


def test_typed_gives_values_and_marks_texts_that_are_none(spark: SparkSession) -> None:
    rows = typed(read_rows(spark), ORDERS).where("_file_fault is null")
    assert_table(
        rows.select("id", "day", "amount", "double", "_fault_day", "_fault_amount", "_fault_double"),
        "id string, day date, amount int, double int, _fault_day boolean, _fault_amount boolean, _fault_double boolean",
        ("a", date(2026, 1, 2), 7, 14, False, False, False),
        ("b", None, 7, 14, True, False, False),
        ("c", None, -1, -2, False, False, False),
        ("d", None, 51, 102, False, False, False),
        ("skip", None, None, None, True, True, False),
        (None, None, None, None, False, False, False),
    )


def test_typed_keeps_the_texts_as_they_were_read(spark: SparkSession) -> None:
    rows = typed(read_rows(spark), ORDERS).where("id = 'b'")
    assert_table(rows.select("_came.*"), "id string, day string, amount string", ("b", "yesterday", "7"))


def test_judged_gives_every_row_its_verdict_and_drops_none(spark: SparkSession) -> None:
    rows = judged(typed(read_rows(spark), ORDERS), gate(ORDERS))
    assert_table(
        rows.select("id", "_file_fault", "_verdict"),
        "id string, _file_fault string, _verdict string",
        ("a", None, "kept"),
        ("b", None, "refused"),
        ("c", None, "kept"),
        ("d", None, "refused"),
        ("skip", None, "skipped"),
        (None, None, "refused"),
        (None, "is cut short", "file"),
    )


def test_written_names_every_reason_and_keeps_the_texts_of_refused_rows(spark: SparkSession) -> None:
    g = gate(ORDERS)
    rows = written(judged(typed(read_rows(spark), ORDERS), g), g, {}, "run-1").where("_verdict <> 'skipped'")
    texts = {"id": "a", "day": "2026-01-02", "amount": "7"}
    assert_table(
        rows.select("id", "_run", "_verdict", "_reasons", "_warnings", "_values"),
        "id string, _run string, _verdict string, _reasons array<string>, _warnings array<string>, "
        "_values map<string,string>",
        ("a", "run-1", "kept", None, None, None),
        ("b", "run-1", "refused", ["day: not a date"], None, {**texts, "id": "b", "day": "yesterday"}),
        ("c", "run-1", "kept", None, ["amount.between"], {"id": "c", "amount": "-1"}),
        ("d", "run-1", "refused", ["double: above 100"], None, {"id": "d", "amount": "51"}),
        (None, "run-1", "refused", ["record: 1 values for 3 columns", "id: missing"], None, {"_raw": "e"}),
        (None, "run-1", "file", ["is cut short"], None, None),
    )


def test_only_refused_rows_carry_the_hash_of_their_record(spark: SparkSession) -> None:
    g = gate(ORDERS)
    rows = written(judged(typed(read_rows(spark), ORDERS), g), g, {}, "run-1").where("id in ('a', 'b')")
    record = hashlib.sha256(b"b\x1fyesterday\x1f7\x1f").hexdigest()
    assert_table(rows.select("id", "_record"), "id string, _record string", ("a", None), ("b", record))


def test_written_hides_classified_values_in_columns_texts_and_raw_records(spark: SparkSession) -> None:
    secret = contract(
        """
- {name: id, type: string, required: true, classification: person, mask: redact}
- {name: day, type: date, formats: [yyyy-MM-dd]}
- {name: amount, type: int}
"""
    )
    g = gate(secret)
    keys = {"person": b"key"}
    rows = written(judged(typed(read_rows(spark), secret), g), g, keys, "run-1").where("_verdict = 'refused'")
    assert_table(
        rows.where("_object is not null").select("id", "_reasons", "_values"),
        "id string, _reasons array<string>, _values map<string,string>",
        ("[redacted]", ["day: not a date"], {"id": "[redacted]", "day": "[redacted]", "amount": "7"}),
        (
            "[redacted]",
            ["day: not a date", "amount: not a int"],
            {"id": "[redacted]", "day": "[redacted]", "amount": "[redacted]"},
        ),
        (None, ["record: 1 values for 3 columns", "id: missing"], {"_raw": "[redacted]"}),
    )
