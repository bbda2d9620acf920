"""Personal data: masked before anything is written, joinable within a domain, and nowhere else in the lake."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

import duckdb
import pytest

from bench import Bench, counted, csv
from headgate.gate.gate import gate
from headgate.gate.judge import judged, typed
from headgate.gate.written_rows import written
from headgate.lake.storage import LocalStorage
from headgate.project import load_project
from headgate.read import frame, objects, plan

PEOPLE = """\
columns:
  - {name: email, type: string, required: true, classification: email, pattern: "@"}
  - {name: phone, type: string, classification: phone, mask: partial, keep_last: 3}
  - {name: note, type: string, classification: person, mask: redact}
  - {name: age, type: int, minimum: 0}
key: [email]
at_most: 0.9
checks:
  - {expect: expect_column_values_to_be_unique, kwargs: {column: email}, otherwise: stop}
"""
HEADER = "email,phone,note,age"
SECRETS = ("ann@example.org", "bob@example.org", "5551234", "likes boats", "not-an-address")


@pytest.fixture
def people(bench: Bench) -> Bench:
    bench.contract("people", PEOPLE)
    lines = ("ann@example.org,5551234,likes boats,30", "bob@example.org,12,,-4", "not-an-address,5551234,likes boats,x")
    bench.put("people/a.csv", csv(*lines, header=HEADER))
    bench.one("people")
    return bench


def test_masked_columns_are_published_as_strings(people: Bench) -> None:
    key = bytes.fromhex((people.root / "lake/_keys/email.key").read_text())
    wanted = hmac.new(key, b"ann@example.org", hashlib.sha256).hexdigest()
    assert people.rows("SELECT email, phone, note, age FROM people") == [(wanted, "****234", "[redacted]", 30)]


def test_no_file_of_the_lake_holds_what_was_masked(people: Bench) -> None:
    texts = [(people.root / "lake" / file).read_bytes() for file in people.files()]
    quarantined = _quarantined(people, "CAST(_values AS VARCHAR)")
    whole = b"\n".join([*texts, str(quarantined).encode(), str(people.rows("SELECT * FROM people")).encode()])
    assert len(quarantined) == 2
    assert [secret for secret in SECRETS if secret.encode() in whole] == []


def test_a_quarantined_value_that_failed_is_hidden_and_one_that_passed_is_masked(people: Bench) -> None:
    rows = _quarantined(people, "_reasons, _values['email'], _values['age']")
    assert rows[0] == (["age: below 0"], rows[0][1], "[redacted]")
    assert len(rows[0][1]) == 64
    assert rows[1][1:] == ("[redacted]", "[redacted]")


def _quarantined(people: Bench, columns: str) -> list[tuple[Any, ...]]:
    """These columns of the refused rows, sorted."""
    files = f"{people.root}/lake/quarantine/*/*/*.parquet"
    with duckdb.connect() as connection:
        return connection.execute(f"SELECT {columns} FROM '{files}' ORDER BY ALL").fetchall()


def test_masked_columns_of_one_domain_still_join(people: Bench) -> None:
    people.contract("visits", "columns:\n  - {name: visitor, type: string, classification: email}\n")
    people.put("visits/a.csv", csv("ann@example.org", "ann@example.org", header="visitor"))
    people.one("visits")
    assert people.rows("SELECT count(*) FROM visits v JOIN people p ON v.visitor = p.email") == [(2,)]


def test_a_lost_key_stops_the_run_and_nothing_is_published(people: Bench) -> None:
    for domain in ("email", "person", "phone"):
        (people.root / f"lake/_keys/{domain}.key").unlink()
    people.put("people/b.csv", csv("eve@example.org,1,,1", header=HEADER), arrived=60)
    outcome = people.one("people")
    assert outcome.status == "failed"
    assert "no masking key for `email`, `person`, `phone`" in str(outcome.reason)
    assert people.rows("SELECT count(*) FROM people") == [(1,)]


def test_merging_by_a_masked_key_updates_its_row(people: Bench) -> None:
    people.put("people/b.csv", csv("ann@example.org,,,31", header=HEADER), arrived=60)
    outcome = people.one("people")
    assert counted(outcome, "updated", "inserted", "rows_after") == (1, 0, 1)


def test_no_plan_shows_the_key(people: Bench) -> None:
    contract = load_project(people.root / "contracts", people.lake).contracts["people"]
    store = LocalStorage(people.root / "staging")
    spark = people.lake.session(people.spark)
    key = b"k" * 32
    keys = dict.fromkeys(("email", "phone", "person"), key)
    raw = frame(spark, contract, plan(contract, store, objects(store, "people/")))
    ready = gate(contract)
    rows = raw.transform(typed, contract).transform(judged, ready).transform(written, ready, keys, "run")
    shown = rows._jdf.queryExecution().toString()  # type: ignore[operator]
    assert "email" in shown
    assert key.decode() not in shown
    assert key.hex() not in shown.lower()


def test_a_derived_column_may_not_carry_a_classified_one_out() -> None:
    from headgate.contract.model import Contract
    from headgate.contract.rules import rules

    columns = [
        {"name": "email", "type": "string", "classification": "email"},
        {"name": "host", "type": "string", "derived": "split(email, '@')[1]"},
    ]
    contract = Contract(dataset="d", domain="d", owner="o", description="x", columns=columns)  # type: ignore[arg-type]
    assert [problem for _, problem, _ in rules(contract, "d", None)] == [
        "`host` is derived from `email`, which is classified `email`"
    ]
