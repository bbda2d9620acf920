"""A file of which too many rows are refused is refused whole, and named until somebody deals with it."""

from __future__ import annotations

import json

import pytest

from bench import ORDERS, Bench, counted, csv
from headgate.cli.acknowledge import acknowledge_files
from headgate.cli.quarantine import refused_rows
from headgate.errors import UnusableArgument

DAYS = ORDERS.replace("at_most: 0.5", "at_most: 0.4")
APPEND = DAYS.replace("key: [order_id]\n", "")


def paths(bench: Bench, state: str = "refused") -> list[str]:
    """The files that the newest run names."""
    return [file["path"] for file in bench.runs[-1].outcomes["orders"].objects[state]]


def test_a_file_over_its_share_is_refused_whole_and_the_others_go_on(bench: Bench) -> None:
    bench.contract("orders", DAYS)
    bench.put("orders/1.csv", csv("a,1", "b,2", "c,3", "d,4"))
    bench.put("orders/2.csv", csv("e,x", "f,-1", "g,3"))  # two of three
    outcome = bench.one("orders")
    assert counted(outcome, "read", "published", "quarantined", "files_refused") == (7, 4, 3, 1)
    assert paths(bench) == ["orders/2.csv"]
    assert "2 of 3 rows refused (66.7%), at most 50.0% of a file may be" in outcome.objects["refused"][0]["reason"]
    rows = {row.values["order_id"]: row.reasons for row in refused_rows(bench.lake, "orders")}
    assert rows == {
        "e": ["amount: not a decimal(12,2)"],
        "f": ["amount: below 0"],
        "g": ["the whole file is refused"],
    }


def test_half_of_a_file_passes_and_its_share_is_the_contracts_to_say(bench: Bench) -> None:
    bench.contract("orders", DAYS)
    bench.put("orders/1.csv", csv("a,1", "b,2", "c,3", "d,4"))
    bench.put("orders/2.csv", csv("e,x", "f,6"))
    assert counted(bench.one("orders"), "published", "files_refused") == (5, 0)
    bench.contract("orders", DAYS + "at_most_per_file: 0.3\n")
    assert counted(bench.one("orders", full=True), "published", "quarantined", "files_refused") == (4, 2, 1)


def test_the_dataset_share_counts_the_other_files_only(bench: Bench) -> None:
    bench.contract("orders", DAYS.replace("0.4", "0.05"))
    bench.put("orders/1.csv", csv(*(f"a{i},x" for i in range(10))))
    bench.put("orders/2.csv", csv(*(f"b{i},1" for i in range(20))))
    assert counted(bench.one("orders"), "read", "published", "quarantined") == (30, 20, 10)
    bench.put("orders/3.csv", csv("c1,1", "c2,2", "c3,x"), arrived=60)
    outcome = bench.one("orders")
    assert outcome.status == "closed"
    assert "1 of 3 rows refused (33.3%), at most 5.0% may be (amount: not a decimal(12,2): 1 row)" in str(
        outcome.reason
    )
    assert paths(bench) == ["orders/1.csv"]  # it still waits


def test_a_checks_own_bound_counts_the_other_files_only(bench: Bench) -> None:
    strict = DAYS.replace("minimum: 0", "minimum: 0, at_most: 0.0")
    bench.contract("orders", strict)
    bench.put("orders/1.csv", csv("a,-1", "b,-2"))
    bench.put("orders/2.csv", csv("c,1", "d,2"))
    assert counted(bench.one("orders"), "published", "files_refused") == (2, 1)


def test_where_no_file_would_be_left_the_rows_are_judged_and_a_named_bound_closes_the_gate(bench: Bench) -> None:
    bench.contract("orders", ORDERS.replace("0.5", "0.9"))
    bench.put("orders/1.csv", csv("a,x", "b,x", "c,1"))
    assert counted(bench.one("orders"), "published", "quarantined", "files_refused") == (1, 2, 0)
    bench.contract("orders", DAYS + "at_most_per_file: 0.5\n")
    bench.put("orders/1.csv", csv("a,x"), arrived=60)
    outcome = bench.one("orders")
    assert outcome.status == "closed"
    assert "1 of 1 rows refused (100.0%), at most 40.0% may be" in str(outcome.reason)
    assert "no file is left: `orders/1.csv` is refused" in str(outcome.reason)
    assert paths(bench) == ["orders/1.csv"]
    assert len(refused_rows(bench.lake, "orders")) == 1


def test_with_at_most_off_files_are_judged_by_their_own_word_only_and_an_emptied_one_is_named(bench: Bench) -> None:
    bench.contract("orders", ORDERS.replace("0.5", "1.0"))
    bench.put("orders/1.csv", csv("a,x", "b,x"))
    bench.put("orders/2.csv", csv("c,1", "d,x", "e,x"))
    assert counted(bench.one("orders"), "read", "published", "quarantined", "files_refused") == (5, 1, 4, 0)
    assert (paths(bench), paths(bench, "emptied")) == ([], ["orders/1.csv"])
    assert bench.one("orders").status == "unchanged"
    assert paths(bench, "emptied") == ["orders/1.csv"]
    bench.contract("orders", ORDERS.replace("0.5", "1.0") + "at_most_per_file: 0.7\n")
    assert counted(bench.one("orders", full=True), "published", "quarantined", "files_refused") == (1, 4, 1)


def test_a_file_that_waits_is_named_by_every_run_until_it_is_mended_gone_or_acknowledged(bench: Bench) -> None:
    bench.contract("orders", DAYS)
    bench.put("orders/1.csv", csv("a,1", "b,2"))
    bench.put("orders/2.csv", csv("c,x"))
    gone = bench.put("orders/3.csv", csv("d,x"))
    bench.put("orders/4.csv", csv("e,x"))
    first = bench.run("orders").run
    assert bench.one("orders").status == "unchanged"
    assert {file["since"] for file in bench.runs[-1].outcomes["orders"].objects["refused"]} == {first}
    bench.put("orders/5.csv", csv("f,6"), arrived=60)
    assert bench.one("orders").status == "published"  # also beside the success of others
    assert paths(bench) == ["orders/2.csv", "orders/3.csv", "orders/4.csv"]
    gone.unlink()
    assert [entry.path for entry in acknowledge_files(bench.lake, "orders", ["orders/4.csv"])] == ["orders/4.csv"]
    bench.put("orders/2.csv", csv("c,3"), arrived=60)
    assert counted(bench.one("orders"), "inserted", "files_refused") == (1, 0)
    bench.put("orders/4.csv", csv("e,y"), arrived=60)  # another version, and bad again
    bench.put("orders/6.csv", csv("g,7"), arrived=60)
    bench.one("orders")
    assert paths(bench) == ["orders/4.csv"]


def test_only_files_that_wait_can_be_acknowledged(bench: Bench) -> None:
    bench.contract("orders", DAYS)
    bench.put("orders/1.csv", csv("a,1", "b,2"))
    bench.put("orders/2.csv", csv("c,x"))
    with pytest.raises(UnusableArgument, match="there is no lake here"):
        acknowledge_files(bench.lake, "orders", [])
    bench.one("orders")
    with pytest.raises(UnusableArgument, match="is not a refused or emptied file") as caught:
        acknowledge_files(bench.lake, "orders", ["orders/1.csv"])
    assert caught.value.remedy == "Refused or emptied are `orders/2.csv`."
    with pytest.raises(UnusableArgument, match="`visits` was never published"):
        acknowledge_files(bench.lake, "visits", [])
    assert len(acknowledge_files(bench.lake, "orders", [])) == 1


def test_the_former_version_of_a_refused_file_stays_until_a_good_one_comes(bench: Bench) -> None:
    bench.contract("orders", APPEND)
    bench.put("orders/1.csv", csv("a,1", "b,2"))
    bench.put("orders/2.csv", csv("c,3"))
    bench.one("orders")
    bench.put("orders/1.csv", csv("a,x", "b,x"), arrived=60)
    bench.put("orders/3.csv", csv("d,4"), arrived=60)
    outcome = bench.one("orders")
    assert counted(outcome, "removed", "rows_after", "files_refused") == (0, 4, 1)
    ledger = json.loads(bench.lake.storage.read(str(outcome.ledger)))
    assert ledger["format"] == 2
    bench.put("orders/1.csv", csv("a,9"), arrived=120)
    assert counted(bench.one("orders"), "removed", "inserted", "rows_after") == (2, 1, 3)
    assert bench.rows("SELECT order_id FROM orders ORDER BY 1") == [("a",), ("c",), ("d",)]
