"""Contracts that are refused, one for each rule: the docs show what the loader says of them, tests hold it to that."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from headgate.contract.examples import BASE, MART_BASE, with_keys
from headgate.contract.load import read_contract
from headgate.errors import Fault


@dataclass(frozen=True)
class Counterexample:
    """Top-level keys that make a good contract a bad one; `whole` where the text is the whole file."""

    text: str
    mart: bool = False
    whole: bool = False


def _one(text: str, *, mart: bool = False) -> Counterexample:
    return Counterexample(text, mart)


def _check(expect: str, kwargs: str, more: str = "") -> Counterexample:
    return Counterexample(f"checks: [{{expect: {expect}, kwargs: {{{kwargs}}}{more}}}]")


_JSON = "source: {format: json}\n"
_PARQUET = "write: {mode: append, format: parquet}\n"

# By rule, in the order of the docs.
COUNTEREXAMPLES: Mapping[str, Counterexample] = {
    # the file
    "not readable YAML": Counterexample("dataset: [orders\n", whole=True),
    "no mapping": Counterexample("- orders\n", whole=True),
    "a key twice": _one("domain: shop\ndomain: sales"),
    "a key that is no text": _one("? [a, b]\n: 1"),
    "two readings": _one("columns: [{name: code, type: string, enum: [no, 010, 1e3, 12:30, 2026-01-02]}]"),
    # keys and values
    "an unknown key": _one("source: {pfad: orders/}"),
    "a missing key": _one("columns: [{name: amount}]"),
    "a value out of bounds": _one("at_most: 5"),
    "a word that is none of the known": _one("write: {mode: upsert}"),
    # not honoured yet
    "references": _one("references: [{columns: [line], to: lines}]"),
    "deleting old rows": _one("retention: {rows: {column: ordered_on, days: 365}}"),
    "replay": _one("replay: true"),
    "another schema policy": _one("schema_change: evolve"),
    # names and types
    "the dataset is not the file's name": _one("dataset: order"),
    "no such type": _one("columns: [{name: amount, type: money}]"),
    "a decimal without digits": _one("columns: [{name: amount, type: decimal}]"),
    "a column twice": _one("columns: [{name: amount, type: int}, {name: amount, type: double}]"),
    "a source column read twice": _one("columns: [{name: amount, type: int}, {name: net, source: amount, type: int}]"),
    "a key that is no column": _one("key: [order_no]"),
    "a hint that names no column": _one("serving: {time: day}"),
    "a nested key": _one(_JSON + 'columns: [{name: tags, type: "array<string>"}]\nkey: [tags]'),
    # dates, words and expressions
    "a date without formats": _one("columns: [{name: day, type: date}]"),
    "formats of a number": _one("columns: [{name: day, type: int, formats: [yyyy]}]"),
    "a time without a zone": _one('columns: [{name: at, type: timestamp, formats: ["yyyy-MM-dd HH:mm"]}]'),
    "an unknown zone": _one(
        'columns: [{name: at, type: timestamp, formats: ["yyyy-MM-dd HH:mm"], timezone: Europe/Room}]'
    ),
    "an instant as a date": _one("columns: [{name: day, type: date, formats: [epoch_millis]}]"),
    "a pattern for a number": _one('columns: [{name: line, type: int, pattern: "^[0-9]$"}]'),
    "a pattern that Java refuses": _one('columns: [{name: code, type: string, pattern: "(?P<x>a)"}]'),
    "rounding a number without decimals": _one("columns: [{name: line, type: int, round: half_up}]"),
    "untrimmed numbers": _one("columns: [{name: line, type: int, trim: false}]"),
    "a word that is true and false": _one('columns: [{name: paid, type: boolean, true_texts: ["FALSE"]}]'),
    "no expression": _one('columns: [{name: net, type: int, derived: "1 +"}]'),
    "an expression over a column below": _one("columns: [{name: net, type: int, derived: gross * 2}]"),
    "derived and read": _one("columns: [{name: net, source: x, type: int, derived: 1 + 1}]"),
    "rows skipped by an unknown column": _one("skip_when: kind = 'total'"),
    # reading
    "a path that leaves staging": _one("source: {path: ../other}"),
    "no such encoding": _one("source: {read: {encoding: utf-9}}"),
    "records of a CSV": _one("source: {records: data}"),
    "a path into JSON that cannot be read": _one(
        _JSON + 'columns: [{name: city, source: "address..city", type: string}]'
    ),
    "names for a file with a header": _one("source: {read: {columns: [a, b]}}"),
    "a nested column in a CSV": _one('columns: [{name: tags, type: "array<string>"}]'),
    "bytes in a text file": _one("columns: [{name: photo, type: binary}]"),
    # checks
    "an unknown check": _check("expect_column_values_to_be_betwen", "column: line, min_value: 1"),
    "an unknown argument": _check("expect_column_values_to_be_between", "column: line, minimum: 1"),
    "an argument that stands elsewhere": _check("expect_column_values_to_not_be_null", "column: line, mostly: 0.9"),
    "a check of an unknown column": _check("expect_column_values_to_not_be_null", "column: lines"),
    "a check that is not offered": _check("expect_column_values_to_be_increasing", "column: line"),
    "a table-level check that quarantines": _check(
        "expect_table_row_count_to_be_between", "min_value: 1", ", otherwise: quarantine"
    ),
    "mostly with quarantine": _check(
        "expect_column_values_to_not_be_null", "column: line", ", otherwise: quarantine, mostly: 0.9"
    ),
    "at_most with a warning": _check(
        "expect_column_values_to_not_be_null", "column: line", ", otherwise: warn, at_most: 0.1"
    ),
    # personal data
    "a derived column that would tell": _one(
        "columns: [{name: email, type: string, classification: email}, "
        "{name: host, type: string, derived: \"split(email, '@')[1]\"}]"
    ),
    "a check that cannot judge masked values": _one(
        "columns: [{name: age, type: int, classification: person}]\n"
        "checks: [{expect: expect_column_mean_to_be_between, kwargs: {column: age, max_value: 90}}]"
    ),
    "a key whose mask makes values equal": _one(
        "columns: [{name: email, type: string, classification: email, mask: redact}]\nkey: [email]"
    ),
    "an order by masked values": _one(
        "columns: [{name: id, type: int}, {name: email, type: string, classification: email}]\n"
        "key: [id]\norder: [{column: email}]"
    ),
    "a nested column that is hashed": _one(
        _JSON + 'columns: [{name: tags, type: "array<string>", classification: person}]'
    ),
    # writing
    "merge without a key": _one("write: {mode: merge}"),
    "append with a key": _one("write: {mode: append}\nkey: [order_id]"),
    "a Parquet table that is merged": _one("write: {format: parquet}\nkey: [order_id]"),
    "an order without a key": _one("order: [{column: line}]"),
    "vanished keys without merge": _one("write: {mode: append, on_vanish: delete}"),
    "no transform": _one("partition_by: [quarters(ordered_on)]"),
    "a partition by no column": _one("partition_by: [day]"),
    "a partition by a nested column": _one(
        _JSON + 'columns: [{name: tags, type: "array<string>"}]\npartition_by: [tags]'
    ),
    "a transform in Parquet": _one(_PARQUET + "partition_by: [months(ordered_on)]"),
    "nothing but partitions": _one(_PARQUET + "columns: [{name: line, type: int}]\npartition_by: [line]"),
    # marts
    "joins of a dataset": _one("source: {joins: [{to: lines, on: [line], cardinality: many_to_one}]}"),
    "a mart that reads files": _one("source: {query: marts/orders.sql, path: orders/}", mart=True),
    "a mart without its query": _one("source: {query: marts/order.sql}", mart=True),
    "a mart that types texts": _one("columns: [{name: day, type: date, formats: [yyyy-MM-dd]}]", mart=True),
    "a mart that appends": _one("write: {mode: append}", mart=True),
    "a mart that skips rows": _one("skip_when: revenue = 0", mart=True),
    "a mart that quarantines": _one(
        "checks: [{expect: expect_column_values_to_not_be_null, kwargs: {column: revenue}, otherwise: quarantine}]",
        mart=True,
    ),
}


def text_of(rule: str) -> str:
    """The whole contract that breaks a rule."""
    one = COUNTEREXAMPLES[rule]
    return one.text if one.whole else with_keys(MART_BASE if one.mart else BASE, one.text + "\n")


def said_of(rule: str, folder: Path) -> list[Fault]:
    """What the loader says of it, written as `contracts/shop/orders.yaml` below `folder`."""
    file, query = folder / "contracts/shop/orders.yaml", folder / "sql/marts/orders.sql"
    for one, text in ((file, text_of(rule)), (query, "SELECT 1")):
        one.parent.mkdir(parents=True, exist_ok=True)
        one.write_text(text, encoding="utf-8")
    return read_contract(file, "shop/orders.yaml")[1]


def all_said() -> dict[str, list[Fault]]:
    """What the loader says of each of them."""
    with tempfile.TemporaryDirectory() as folder:
        return {rule: said_of(rule, Path(folder)) for rule in COUNTEREXAMPLES}
