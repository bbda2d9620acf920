"""Every text of a partition column comes back as it was, or its row alone is refused; in both formats."""

from __future__ import annotations

import json

import pytest

from bench import Bench, counted

ODD = ["007", "7", "2024-05-01", "1e3", "a/b=c%d e", "0x1F", "null", "NULL", "%41", " lead", "trail ", "tab\t", "é"]
ODD += [
    "Ω🎵",
    "a,b",
    "*?[x]",
    "{y}",
    "..",
    ".",
    "_x",
    "a\\b",
    "x\ny",
    "a:b",
    "true",
    "-0",
    "+7",
    "a" * 200,
    "#!'\"",
    "/",
]
BODY = """\
source: {format: json, null_texts: []}
columns:
  - {name: id, type: int, required: true}
  - {name: code, type: string}
write: {mode: append, format: FORMAT}
partition_by: [code]
at_most: 0.0
at_most_per_file: 1.0
"""
LOST = {"parquet": ["", "__HIVE_DEFAULT_PARTITION__", "n\x00l"], "iceberg": []}


def lines(*texts: str | None) -> str:
    return "".join(json.dumps({"id": i, "code": text}) + "\n" for i, text in enumerate(texts))


@pytest.mark.parametrize("form", ["iceberg", "parquet"])
def test_texts_come_back_exactly_or_their_row_is_refused_alone(bench: Bench, form: str) -> None:
    bench.contract("codes", BODY.replace("FORMAT", form))
    long = ["é" * 130, "%" * 100] if form == "iceberg" else ["é" * 130, "a" * 251, "%" * 90]
    wanted = [*ODD, None, *([] if LOST[form] else ["", "__HIVE_DEFAULT_PARTITION__"])]
    bench.put("codes/a.json", lines(*wanted, *LOST[form], *long))
    outcome = bench.one("codes")
    assert outcome.error is None
    assert counted(outcome, "published", "quarantined") == (len(wanted), len(LOST[form]) + len(long))
    assert [code for (code,) in bench.rows("SELECT code FROM codes ORDER BY id")] == wanted
    bench.put("codes/b.json", lines(*wanted), arrived=60)  # the same partitions are written again
    assert bench.one("codes").rows_after == 2 * len(wanted)
    assert bench.rows("SELECT count(DISTINCT code) FROM codes") == [(len(wanted) - 1,)]


def test_more_than_half_of_the_rows_close_the_gate(bench: Bench) -> None:
    bench.contract("codes", BODY.replace("FORMAT", "parquet"))
    bench.put("codes/a.json", lines("a", "", ""))
    outcome = bench.one("codes")
    assert outcome.status == "closed"
    assert "2 of 3 rows (66.7%), at most 50.0% may be" in str(outcome.reason)


def test_a_mart_with_such_a_text_closes_its_gate(bench: Bench) -> None:
    bench.contract("codes", BODY.replace("FORMAT", "iceberg").replace("partition_by: [code]\n", ""))
    bench.put("codes/a.json", lines("a", "__HIVE_DEFAULT_PARTITION__", ""))
    bench.sql("by_code.sql", "SELECT id, code FROM codes")
    bench.contract(
        "same", "source: {query: by_code.sql}\ncolumns: [{name: id, type: int}, {name: code, type: string}]\n"
    )
    mart = "source: {query: by_code.sql}\ncolumns: [{name: id, type: int}, {name: code, type: string}]\n"
    bench.contract("by_code", mart + "write: {format: parquet}\npartition_by: [code]\n")
    outcome = bench.run().outcomes["by_code"]
    assert bench.rows("SELECT code FROM same ORDER BY id") == [("a",), ("__HIVE_DEFAULT_PARTITION__",), ("",)]
    assert outcome.status == "closed"
    assert "code: a text that cannot name a partition" in str(outcome.reason)
