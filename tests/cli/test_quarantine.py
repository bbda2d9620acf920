"""`headgate quarantine`: the refused rows of each object's newest run, or of one run."""

from __future__ import annotations

import pytest

from bench import Bench, csv
from headgate.cli.quarantine import refused_rows
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


def test_a_dataset_without_refused_rows_is_answered_with_those_that_have_some(bench: Bench) -> None:
    with pytest.raises(UnusableArgument, match="no refused row of `orders` in run r1") as refused:
        refused_rows(bench.lake, "orders", "r1")
    assert refused.value.remedy == "This lake has no refused rows."
    bench.lake.storage.write("quarantine/visits/_run=r1/x.parquet", b"")
    with pytest.raises(UnusableArgument, match="no refused row of `orders`") as refused:
        refused_rows(bench.lake, "orders")
    assert refused.value.remedy == "Refused rows exist for: visits."
