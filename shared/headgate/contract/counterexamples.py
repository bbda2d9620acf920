"""Contracts that are refused, one for each rule: the docs show the loader's answers, and tests compare them."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from headgate.contract.examples import BASE, MART_BASE, with_keys
from headgate.contract.keys import keys
from headgate.contract.load import read_contract
from headgate.contract.words import word_of
from headgate.errors import Fault


@dataclass(frozen=True)
class Counterexample:
    """Top-level keys that break a rule in a contract that is good otherwise; `whole`: the text is the whole file."""

    text: str
    mart: bool = False
    whole: bool = False


def _keys(text: str, *, mart: bool = False) -> Counterexample:
    return Counterexample(text, mart)


def _check(expect: str, kwargs: str, more: str = "") -> Counterexample:
    return Counterexample(f"checks: [{{expect: {expect}, kwargs: {{{kwargs}}}{more}}}]")


_JSON = "source: {format: json}\n"
_PARQUET = "write: {mode: append, format: parquet}\n"

# By rule, in the order of the docs. Those of the column words are in `words.py`.
_COUNTEREXAMPLES: Mapping[str, Counterexample] = {
    # the file
    "not readable YAML": Counterexample("dataset: [orders\n", whole=True),
    "not a mapping": Counterexample("- orders\n", whole=True),
    "a key twice": _keys("domain: shop\ndomain: sales"),
    "a key that is not a text": _keys("? [a, b]\n: 1"),
    "two readings": _keys("columns: [{name: code, type: string, enum: [no, 010, 1e3, 12:30, 2026-01-02]}]"),
    # keys and values
    "an unknown key": _keys("source: {pfad: orders/}"),
    "a missing key": _keys("columns: [{name: amount}]"),
    "a value out of bounds": _keys("at_most: 5"),
    "a value that is not one of the known": _keys("write: {mode: upsert}"),
    # not supported yet
    "references": _keys("references: [{columns: [line], to: lines}]"),
    "deleting old rows": _keys("retention: {rows: {column: ordered_on, days: 365}}"),
    "replay": _keys("replay: true"),
    "another schema policy": _keys("schema_change: evolve"),
    # names and types
    "a dataset with another name than its file": _keys("dataset: order"),
    "an unknown type": _keys("columns: [{name: amount, type: money}]"),
    "a decimal without digits": _keys("columns: [{name: amount, type: decimal}]"),
    "a column twice": _keys("columns: [{name: amount, type: int}, {name: amount, type: double}]"),
    "a source column read twice": _keys("columns: [{name: amount, type: int}, {name: net, source: amount, type: int}]"),
    "a key that is not a column": _keys("key: [order_no]"),
    "a hint that does not name a column": _keys("serving: {time: day}"),
    "a nested key": _keys(_JSON + 'columns: [{name: tags, type: "array<string>"}]\nkey: [tags]'),
    # dates, words and expressions
    "a date without formats": _keys("columns: [{name: day, type: date}]"),
    "formats of a number": _keys("columns: [{name: day, type: int, formats: [yyyy]}]"),
    "a time without a zone": _keys('columns: [{name: at, type: timestamp, formats: ["yyyy-MM-dd HH:mm"]}]'),
    "an unknown zone": _keys(
        'columns: [{name: at, type: timestamp, formats: ["yyyy-MM-dd HH:mm"], timezone: Europe/Room}]'
    ),
    "an instant as a date": _keys("columns: [{name: day, type: date, formats: [epoch_millis]}]"),
    "a pattern that Java refuses": _keys('columns: [{name: code, type: string, pattern: "(?P<x>a)"}]'),
    "rounding a number without decimals": _keys("columns: [{name: line, type: int, round: half_up}]"),
    "untrimmed numbers": _keys("columns: [{name: line, type: int, trim: false}]"),
    "a text that means true and false": _keys('columns: [{name: paid, type: boolean, true_texts: ["FALSE"]}]'),
    "not an expression": _keys('columns: [{name: net, type: int, derived: "1 +"}]'),
    "an expression over a column below": _keys("columns: [{name: net, type: int, derived: gross * 2}]"),
    "a column that is derived and read": _keys("columns: [{name: net, source: x, type: int, derived: 1 + 1}]"),
    "rows skipped by an unknown column": _keys("skip_when: kind = 'total'"),
    # reading
    "a path that leaves staging": _keys("source: {path: ../other}"),
    "an unknown encoding": _keys("source: {read: {encoding: utf-9}}"),
    "records of a CSV file": _keys("source: {records: data}"),
    "a path into JSON that cannot be read": _keys(
        _JSON + 'columns: [{name: city, source: "address..city", type: string}]'
    ),
    "column names for a file with a header": _keys("source: {read: {columns: [a, b]}}"),
    "a nested column in a CSV file": _keys('columns: [{name: tags, type: "array<string>"}]'),
    "bytes in a text file": _keys("columns: [{name: photo, type: binary}]"),
    # checks
    "an unknown check": _check("expect_column_values_to_be_betwen", "column: line, min_value: 1"),
    "an unknown argument": _check("expect_column_values_to_be_between", "column: line, minimum: 1"),
    "an argument that belongs elsewhere": _check("expect_column_values_to_not_be_null", "column: line, mostly: 0.9"),
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
    "a derived column that reveals a classified one": _keys(
        "columns: [{name: email, type: string, classification: email}, "
        "{name: host, type: string, derived: \"split(email, '@')[1]\"}]"
    ),
    "a check that cannot judge masked values": _keys(
        "columns: [{name: age, type: int, classification: person}]\n"
        "checks: [{expect: expect_column_mean_to_be_between, kwargs: {column: age, max_value: 90}}]"
    ),
    "a key whose mask makes values equal": _keys(
        "columns: [{name: email, type: string, classification: email, mask: redact}]\nkey: [email]"
    ),
    "an order by masked values": _keys(
        "columns: [{name: id, type: int}, {name: email, type: string, classification: email}]\n"
        "key: [id]\norder: [{column: email}]"
    ),
    "a nested column that is hashed": _keys(
        _JSON + 'columns: [{name: tags, type: "array<string>", classification: person}]'
    ),
    # writing
    "merge without a key": _keys("write: {mode: merge}"),
    "append with a key": _keys("write: {mode: append}\nkey: [order_id]"),
    "a Parquet table that is merged": _keys("write: {format: parquet}\nkey: [order_id]"),
    "an order without a key": _keys("order: [{column: line}]"),
    "vanished keys without merge": _keys("write: {mode: append, on_vanish: delete}"),
    "an unknown transform": _keys("partition_by: [quarters(ordered_on)]"),
    "a partition by an unknown column": _keys("partition_by: [day]"),
    "a partition by a nested column": _keys(
        _JSON + 'columns: [{name: tags, type: "array<string>"}]\npartition_by: [tags]'
    ),
    "a transform in Parquet": _keys(_PARQUET + "partition_by: [months(ordered_on)]"),
    "only partition columns": _keys(_PARQUET + "columns: [{name: line, type: int}]\npartition_by: [line]"),
    # marts
    "joins of a dataset": _keys("source: {joins: [{to: lines, on: [line], cardinality: many_to_one}]}"),
    "a mart that reads files": _keys("source: {query: marts/orders.sql, path: orders/}", mart=True),
    "a mart without its query": _keys("source: {query: marts/order.sql}", mart=True),
    "a mart that types texts": _keys("columns: [{name: day, type: date, formats: [yyyy-MM-dd]}]", mart=True),
    "a mart that appends": _keys("write: {mode: append}", mart=True),
    "a mart that skips rows": _keys("skip_when: revenue = 0", mart=True),
    "a mart that quarantines": _keys(
        "checks: [{expect: expect_column_values_to_not_be_null, kwargs: {column: revenue}, otherwise: quarantine}]",
        mart=True,
    ),
}


def counterexamples() -> dict[str, Counterexample]:
    """Every counterexample by its rule; each column word has its own."""
    words = {path.rpartition(".")[2]: word for path, field in keys().items() if (word := word_of(field))}
    return {**_COUNTEREXAMPLES, **{f"a misused `{name}`": _keys(word.refused) for name, word in words.items()}}


def text_of(rule: str) -> str:
    """The whole contract that breaks a rule."""
    example = counterexamples()[rule]
    return example.text if example.whole else with_keys(MART_BASE if example.mart else BASE, example.text + "\n")


def faults_of(rule: str, folder: Path) -> list[Fault]:
    """The loader's answer to the contract that breaks a rule, written as `contracts/shop/orders.yaml` in `folder`."""
    contract, query = folder / "contracts/shop/orders.yaml", folder / "sql/marts/orders.sql"
    for file, text in ((contract, text_of(rule)), (query, "SELECT 1")):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return read_contract(contract, "shop/orders.yaml")[1]


def all_faults() -> dict[str, list[Fault]]:
    """The loader's answer to each of them, by rule."""
    with tempfile.TemporaryDirectory() as folder:
        return {rule: faults_of(rule, Path(folder)) for rule in counterexamples()}
