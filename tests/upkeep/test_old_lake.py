"""A lake that an older Headgate made still works: it is read, run, rolled back and maintained by the code of today.

tests/old_lake/README.md says how it was made and what is in it.
"""

from __future__ import annotations

import fcntl
import shutil
import tarfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from bench import Bench, counted, csv
from headgate.cli.quarantine import refused_rows
from headgate.contract.model import Contract
from headgate.lake.ledger import read_ledger
from headgate.lake.paths import masking_key
from headgate.project import load_project
from headgate.upkeep.maintain import maintain
from headgate.upkeep.rollback import publications, put_on_hold, resume, roll_back
from needs import ROOT

# Iceberg's metadata names every file by its absolute path, so the lake works in this folder only.
PLACE = Path("/tmp/headgate-lake-0.1")
FIRST, SECOND = "20261130T060014Z-9ce517", "20261130T060038Z-064da6"
ANN, BOB, DEE = "cb047c", "7f30b7", "b67412"  # how the masked buyers begin
ORDERS = [
    ("1", date(2026, 1, 1), "10.00", ANN),
    ("2", date(2026, 1, 2), "25.00", BOB),
    ("4", date(2026, 1, 3), "41.00", DEE),
]
BUYERS = [(BOB, 1, "25.00"), (DEE, 1, "41.00"), (ANN, 1, "10.00")]
COUNTRIES = [("de", "Germany", "Europe"), ("in", "India", "Asia"), ("jp", "Japan", "Asia")]


@pytest.fixture
def old(spark: SparkSession) -> Iterator[Bench]:
    """The old project, freshly unpacked; a lock keeps out other tests that want the same folder."""
    with PLACE.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        shutil.rmtree(PLACE, ignore_errors=True)
        with tarfile.open(ROOT / "tests/old_lake/lake.tar.gz") as archive:
            archive.extractall(PLACE.parent, **({"filter": "data"} if hasattr(tarfile, "data_filter") else {}))  # type: ignore
        try:
            yield Bench(spark, PLACE)
        finally:
            shutil.rmtree(PLACE)


def _orders(bench: Bench) -> list[tuple[object, ...]]:
    return bench.rows("SELECT order_id, ordered_on, amount::VARCHAR, left(buyer, 6) FROM orders ORDER BY ALL")


def _buyers(bench: Bench) -> list[tuple[object, ...]]:
    return bench.rows("SELECT left(buyer, 6), orders, amount::VARCHAR FROM buyers ORDER BY ALL")


def _countries(bench: Bench) -> list[tuple[object, ...]]:
    return bench.rows("SELECT code, country, continent FROM countries ORDER BY ALL")


def _visits(bench: Bench) -> list[tuple[object, ...]]:
    return bench.rows("SELECT page, seconds FROM visits ORDER BY ALL")


def _contract(bench: Bench, name: str) -> Contract:
    return load_project(bench.root / "contracts", bench.lake).contracts[name]


def test_readers_see_its_rows_and_its_refused_rows(old: Bench) -> None:
    assert (_orders(old), _buyers(old), _countries(old)) == (ORDERS, BUYERS, COUNTRIES)
    assert _visits(old) == [("home", 3), ("home", 5)]
    assert old.rows("SELECT DISTINCT _run FROM orders ORDER BY 1") == [(FIRST,), (SECOND,)]
    (order,), (visit,) = (refused_rows(old.lake, name) for name in ("orders", "visits"))
    assert (order.run, order.reasons, order.values["order_id"]) == (FIRST, ["ordered_on: not a date"], "3")
    assert order.values["ordered_on"] == "[redacted]"
    assert (visit.object, visit.values) == ("visits/a.csv", {"page": "shop", "seconds": "x"})


def test_a_run_finds_everything_unchanged(old: Bench) -> None:
    result = old.run()
    assert {name: outcome.status for name, outcome in result.outcomes.items()} == dict.fromkeys(
        ("countries", "orders", "visits", "buyers"), "unchanged"
    )
    assert [outcome.notes for outcome in result.outcomes.values()] == [[], [], [], []]  # the contracts' hashes too
    assert result.outcomes["orders"].ledger == f"ledger/orders/{SECOND}.json"


def test_a_new_file_merges_and_maintenance_changes_no_row(old: Bench) -> None:
    header = "order_id,ordered_on,amount,buyer"
    old.put("orders/c.csv", csv("1,2026-01-04,11.00,ann", "5,2026-01-05,50.00,bob", header=header), arrived=120)
    outcomes = old.run().outcomes
    assert counted(outcomes["orders"], "inserted", "updated", "rows_before", "rows_after") == (1, 1, 3, 4)
    merged = [("1", date(2026, 1, 4), "11.00", ANN), *ORDERS[1:], ("5", date(2026, 1, 5), "50.00", BOB)]
    assert _orders(old) == merged  # masked with the key of the lake: ann is ann
    assert _buyers(old) == [(BOB, 2, "75.00"), (DEE, 1, "41.00"), (ANN, 1, "11.00")]
    ledger = read_ledger(old.lake.storage, "orders", outcomes["orders"].ledger)
    assert set(ledger.entries) == {"orders/a.csv", "orders/b.csv", "orders/c.csv"}

    contracts = load_project(old.root / "contracts", old.lake).contracts
    results = maintain(old.spark, old.lake, list(contracts.values()))
    assert {(result.status, result.error) for result in results} == {("maintained", None)}
    assert (_orders(old), _countries(old), _visits(old)) == (merged, COUNTRIES, [("home", 3), ("home", 5)])
    assert old.run().outcomes["orders"].status == "unchanged"


def test_it_is_rolled_back_to_its_first_run_and_held_until_resume(old: Bench) -> None:
    for name in ("orders", "countries"):
        contract = _contract(old, name)
        assert [former.run for former in publications(old.spark, old.lake, contract)[1]] == [FIRST]
        assert roll_back(old.spark, old.lake, contract).run == FIRST
    assert _orders(old) == [ORDERS[0], ("2", date(2026, 1, 1), "20.00", BOB)]
    assert _countries(old) == [COUNTRIES[0], COUNTRIES[2]]
    outcomes = old.run("orders", "countries").outcomes
    assert [(outcome.status, outcome.reason) for outcome in outcomes.values()] == [("skipped", "hold")] * 2

    for name in ("orders", "countries"):
        assert f"rolled back from {SECOND} to {FIRST}" in str(resume(old.spark, old.lake, _contract(old, name)))
    old.run()
    assert (_orders(old), _countries(old), _buyers(old)) == (ORDERS, COUNTRIES, BUYERS)


def test_it_is_put_on_hold_and_resumed(old: Bench) -> None:
    contract = _contract(old, "visits")
    put_on_hold(old.spark, old.lake, contract, "an audit")
    old.put("visits/c.csv", csv("cart,9", header="page,seconds"), 120)
    assert (old.one("visits").reason, len(_visits(old))) == ("hold", 2)
    resume(old.spark, old.lake, contract)
    assert counted(old.one("visits"), "inserted", "rows_after") == (1, 3)


def test_its_one_file_of_masking_keys_is_read_and_the_next_run_notes_the_version(old: Bench) -> None:
    assert [file.name for file in (old.root / "lake/_keys").iterdir() if file.suffix] == ["masking.json"]
    header = "order_id,ordered_on,amount,buyer"
    old.put("orders/c.csv", csv("5,2026-01-05,50.00,bob", header=header), arrived=120)
    outcome = old.one("orders")
    [domain] = outcome.key_versions
    ledger = read_ledger(old.lake.storage, "orders", outcome.ledger)
    assert ledger.facts["key_versions"] == outcome.key_versions

    (old.root / "lake" / masking_key(domain)).write_text("ab" * 32)  # rotated: the domain has its own file from now on
    old.put("orders/d.csv", csv("6,2026-01-06,60.00,ann", header=header), arrived=180)
    assert "the masking key has changed since the table was published" in str(old.one("orders").error)
    assert old.one("orders", full=True).status == "published"
    assert old.one("buyers").status == "published"
    assert [name[:6] for (name,) in old.rows("SELECT buyer FROM buyers") if name[:6] in (ANN, BOB, DEE)] == []
