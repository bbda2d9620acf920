"""`headgate quarantine`: the refused rows of each object as it was last read, or of one run, or of all."""

from __future__ import annotations

import contextlib
import csv as csv_module
import io
import json
import re

import pytest
from typer.testing import CliRunner

from bench import ORDERS, Bench, csv
from headgate.cli.app import app
from headgate.cli.quarantine import Count, Wanted, counts, refused_rows
from headgate.cli.show import print_refused
from headgate.errors import UnusableArgument


def test_the_newest_run_of_each_object_is_shown_or_the_run_that_is_named(bench: Bench) -> None:
    bench.contract("orders")
    bench.put("orders/a.csv", csv("a,1", "b,-1"))
    bench.put("orders/b.csv", csv("c,1", "d,x"))
    first = bench.run().run
    bench.put("orders/b.csv", csv("c,1", "d,x", "e,-2", "f,4"), arrived=60)
    second = bench.run().run
    shown = [(row.run, row.object, row.reasons, row.values["order_id"]) for row in refused_rows(bench.lake, "orders")]
    assert sorted(shown) == [
        (first, "orders/a.csv", ["amount: below 0"], "b"),
        (second, "orders/b.csv", ["amount: below 0"], "e"),
        (second, "orders/b.csv", ["amount: not a decimal(12,2)"], "d"),
    ]
    assert {row.values["order_id"] for row in refused_rows(bench.lake, "orders", first)} == {"b", "d"}


def test_rows_of_a_file_that_was_mended_since_are_shown_only_where_they_are_asked_for(bench: Bench) -> None:
    bench.contract("orders")
    bench.put("orders/a.csv", csv("a,1", "b,-1"))
    first = bench.run().run
    bench.put("orders/a.csv", csv("a,1", "b,x", "c,x"), arrived=60)
    assert bench.one("orders").status == "closed"  # not published: its rows are the newest
    assert {row.values["order_id"] for row in refused_rows(bench.lake, "orders")} == {"b", "c"}
    bench.put("orders/a.csv", csv("a,1", "b,2"), arrived=120)
    bench.run()
    with pytest.raises(UnusableArgument, match="no refused row of `orders`") as caught:
        refused_rows(bench.lake, "orders")
    assert caught.value.remedy == "Rows that were refused in earlier runs: `headgate quarantine orders --every-run`."
    assert len(refused_rows(bench.lake, "orders", first)) == 1
    assert len(refused_rows(bench.lake, "orders", every_run=True)) == 3


def test_rows_that_a_changed_contract_takes_are_no_longer_shown(bench: Bench) -> None:
    bench.contract("orders")
    bench.put("orders/a.csv", csv("a,1", "b,-1"))
    bench.run()
    bench.contract("orders", ORDERS.replace(", minimum: 0", ""))
    bench.run(again="stale")
    with pytest.raises(UnusableArgument, match="no refused row"):
        refused_rows(bench.lake, "orders")


def test_a_dataset_without_refused_rows_is_answered_with_those_that_have_some(bench: Bench) -> None:
    with pytest.raises(UnusableArgument, match="no refused row of `orders` in run r1") as refused:
        refused_rows(bench.lake, "orders", "r1")
    assert refused.value.remedy == "This lake has no refused rows."
    bench.lake.storage.write("quarantine/visits/_run=r1/x.parquet", b"")
    with pytest.raises(UnusableArgument, match="no refused row of `orders`") as refused:
        refused_rows(bench.lake, "orders")
    assert refused.value.remedy == "Refused rows exist for: visits."


@pytest.fixture
def refused(bench: Bench) -> Bench:
    """Two runs with refused rows, of three files."""
    bench.contract("orders")
    bench.put("orders/a.csv", csv("a,1", "b,1", "c,-1", "d,x"))
    bench.put("orders/b.csv", csv("e,1", "f,-1"))
    bench.run()
    bench.put("orders/c.csv", csv("g,1", "h,-1", "i,1"), arrived=60)
    bench.run()
    return bench


def typed(bench: Bench, *words: str) -> str:
    return (
        CliRunner()
        .invoke(app, ["quarantine", "orders", "--lake", f"{bench.root}/lake", *words], catch_exceptions=False)
        .output
    )


def keys(bench: Bench, **asked: str) -> list[str]:
    return [row.values["order_id"] for row in refused_rows(bench.lake, "orders", wanted=Wanted(**asked))]


def test_the_newest_run_is_first_and_rows_are_counted_by_reason_and_file(refused: Bench) -> None:
    rows = refused_rows(refused.lake, "orders")
    assert [row.run for row in rows] == sorted((row.run for row in rows), reverse=True)
    assert counts(rows) == [
        Count("amount: below 0", "orders/a.csv", 1),
        Count("amount: below 0", "orders/b.csv", 1),
        Count("amount: below 0", "orders/c.csv", 1),
        Count("amount: not a decimal(12,2)", "orders/a.csv", 1),
    ]
    lines = typed(refused).splitlines()
    assert lines[0].split() == ["reason", "rows", "file"]
    assert lines[2].split() == ["amount:", "below", "0", "1", "orders/a.csv"]
    assert re.match(r"orders/.\.csv  run ", lines[7]) and lines[-1] == "4 refused rows"


def test_rows_are_chosen_by_reason_file_and_day_or_run(refused: Bench) -> None:
    assert keys(refused, reason="NOT A decimal") == ["d"]
    assert sorted(keys(refused, file="a.csv")) == ["c", "d"] == sorted(keys(refused, file="orders/a*"))
    assert sorted(keys(refused, file="[bc].csv", reason="below")) == ["f", "h"]
    second = refused.runs[-1].run
    day = f"{second[:4]}-{second[4:6]}-{second[6:8]}"
    assert len(keys(refused, since=day)) == 4 and len(keys(refused, since="2020-01-01")) == 4
    if refused.runs[0].run < second:  # runs of one second sort by chance
        assert keys(refused, since=second) == ["h"]


def test_a_choice_that_fits_nothing_names_the_reasons_there_are(refused: Bench) -> None:
    with pytest.raises(UnusableArgument, match="none of the 4 refused rows of `orders` matches") as caught:
        keys(refused, since="9999-01-01")
    assert "`amount: below 0`" in caught.value.remedy
    with pytest.raises(UnusableArgument, match="`--since yesterday` is neither a day nor a run"):
        keys(refused, since="yesterday")


def test_csv_has_a_column_for_each_text_and_all_rows(refused: Bench) -> None:
    rows = list(csv_module.DictReader(io.StringIO(typed(refused, "--format", "csv", "--reason", "decimal"))))
    assert [(row["_object"], row["_reasons"], row["order_id"], row["amount"]) for row in rows] == [
        ("orders/a.csv", "amount: not a decimal(12,2)", "d", "x")
    ]
    assert len(typed(refused, "--format", "csv").splitlines()) == 5
    assert len(typed(refused, "--format", "csv", "--limit", "1").splitlines()) == 2
    assert len(json.loads(typed(refused, "--json", "--limit", "2"))) == 2


@pytest.mark.parametrize("width", [60, 80, 100, 120])
def test_counts_are_whole_at_every_width(refused: Bench, monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    for name, value in {"COLUMNS": str(width), "TTY_COMPATIBLE": "1", "NO_COLOR": "1", "TERM": "xterm"}.items():
        monkeypatch.setenv(name, value)
    rows = refused_rows(refused.lake, "orders")
    many = [Count("a reason with many words " * 4, "orders/" + "folder/" * 20, 1_234_567_890)]
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        print_refused(rows, many, 1)
    lines = re.sub(r"\x1b\[[\d;]*m", "", printed.getvalue()).splitlines()
    assert max(map(len, lines[:3])) <= width and "1,234,567,890" in lines[2].split()
