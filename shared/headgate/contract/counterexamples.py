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
_EVENTS = "source: {format: json, arrive: events}"
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
    "minutes for months": _keys("columns: [{name: day, type: date, formats: [yyyy-mm-dd]}]"),
    "a pattern with quotes that are not closed": _keys(
        'columns: [{name: at, type: timestamp_ntz, formats: ["yyyy-MM-dd\'T HH:mm"]}]'
    ),
    "a day without its year": _keys("columns: [{name: day, type: date, formats: [dd-MM]}]"),
    "a zone that is read as a text": _keys(
        "columns: [{name: at, type: timestamp, formats: [\"yyyy-MM-dd HH:mm'Z'\"], timezone: Europe/Rome}]"
    ),
    "a year of two digits": _keys("columns: [{name: day, type: date, formats: [dd.MM.yy]}]"),
    "a century for years of four digits": _keys(
        "columns: [{name: day, type: date, formats: [yyyy-MM-dd], century_from: 1930}]"
    ),
    "an hour that exists twice where there is no zone": _keys(
        'columns: [{name: at, type: timestamp_ntz, formats: ["yyyy-MM-dd HH:mm"], ambiguous: later}]'
    ),
    "a time of day inside a nested column": _keys(
        _JSON + 'columns: [{name: hours, type: "array<time>", formats: ["HH:mm"]}]'
    ),
    "a pattern that Java refuses": _keys('columns: [{name: code, type: string, pattern: "(?P<x>a)"}]'),
    "a sentinel of another type": _keys("columns: [{name: line, type: int, sentinels: [none]}]"),
    "rounding a number without decimals": _keys("columns: [{name: line, type: int, round: half_up}]"),
    "point zero of a number with decimals": _keys("columns: [{name: rate, type: double, allow_point_zero: true}]"),
    "a thousands sign of a text": _keys('columns: [{name: code, type: string, thousands: "."}]'),
    "a thousands sign that is the decimal sign": _keys('columns: [{name: price, type: double, thousands: "."}]'),
    "a decimal sign that is a part of numbers": _keys('columns: [{name: price, type: double, decimal: "e"}]'),
    "stripping a sign inside the numbers": _keys('columns: [{name: price, type: double, strip: "%."}]'),
    "a decimal sign of a derived column": _keys(
        'columns: [{name: line, type: int}, {name: net, type: double, derived: line / 2, decimal: ","}]'
    ),
    "untrimmed numbers": _keys("columns: [{name: line, type: int, trim: false}]"),
    "a text that means true and false": _keys('columns: [{name: paid, type: boolean, true_texts: ["FALSE"]}]'),
    "not an expression": _keys('columns: [{name: net, type: int, derived: "1 +"}]'),
    "an expression over a column below": _keys("columns: [{name: net, type: int, derived: gross * 2}]"),
    "an unknown function": _keys("columns: [{name: net, type: int, derived: no_such_function(1)}]"),
    "a function over many rows": _keys("columns: [{name: line, type: int}, {name: x, type: int, derived: sum(line)}]"),
    "a function that makes several rows": _keys("columns: [{name: x, type: int, derived: 'explode(array(1, 2))'}]"),
    "a window over other rows": _keys("columns: [{name: x, type: int, derived: row_number() over (order by 1)}]"),
    "a query in an expression": _keys("columns: [{name: x, type: int, derived: (SELECT 1)}]"),
    "the clock in an expression": _keys("columns: [{name: read_on, type: date, derived: current_date}]"),
    "chance in an expression": _keys("columns: [{name: x, type: double, derived: rand()}]"),
    "the place of a run in an expression": _keys("columns: [{name: file, type: string, derived: input_file_name()}]"),
    "Java code in an expression": _keys(
        "columns: [{name: x, type: string, derived: \"reflect('java.lang.System', 'getenv')\"}]"
    ),
    "a pattern in an expression that Java refuses": _keys("skip_when: order_id RLIKE '('"),
    "equal to null": _keys("skip_when: amount = NULL"),
    "a condition without a column": _keys("skip_when: 1 = 0"),
    "a condition that is a value": _keys("skip_when: amount"),
    "a column that is derived and read": _keys("columns: [{name: net, source: x, type: int, derived: 1 + 1}]"),
    "rows skipped by an unknown column": _keys("skip_when: kind = 'total'"),
    "rows that delete by an unknown column": _keys("key: [order_id]\ndelete_when: op = 'D'"),
    "an unpublished column that a file of records must have": _keys(
        _JSON + "columns: [{name: a, type: int}, {name: b, type: int, publish: false, required_in_file: true}]"
    ),
    "a derived column that its file must have": _keys(
        "columns: [{name: net, type: int, derived: 1 + 1, required_in_file: true}]"
    ),
    # reading
    "a path that leaves staging": _keys("source: {path: ../other}"),
    "events of another format": _keys("source: {arrive: events}"),
    "events into files of a glob": _keys(_EVENTS.replace("}", ', path: "orders/*.parquet"}')),
    "events into the folder where they arrive": _keys(_EVENTS.replace("}", ", path: incoming/orders/}")),
    "words about files for documents": _keys(_EVENTS.replace("}", ", read: {encoding: cp1252}}")),
    "a rest of files": _keys("source: {format: json, rest: drop}"),
    "an unknown encoding": _keys("source: {read: {encoding: utf-9}}"),
    "a pattern of lines that Python refuses": _keys('source: {read: {skip_from: "("}}'),
    "escapes without an escape": _keys("source: {read: {escapes: any}}"),
    "words about lines of text for Parquet files": _keys("source: {format: parquet, read: {skip_last: 1}}"),
    "an encoding that is not one of text": _keys("source: {read: {encoding: base64}}"),
    "a pattern of a path that cannot be read": _keys("source: {from_path: '{line}{order_id}.csv'}"),
    "a value of the path for a column that is not read": _keys("source: {from_path: '{shop}.csv'}"),
    "a classified value in the path": _keys(
        "source: {from_path: '{email}.csv'}\n"
        "columns: [{name: order_id, type: string}, {name: email, type: string, classification: email}]"
    ),
    "a nested value in the path": _keys(
        "source: {format: json, from_path: '{tags}.json'}\n"
        'columns: [{name: order_id, type: string}, {name: tags, type: "array<string>"}]'
    ),
    "members without zip files": _keys("source: {format: parquet, members: 'orders_*'}"),
    "a delimiter that ends a line": _keys('source: {read: {delimiter: "\\n"}}'),
    "a delimiter that is the quote": _keys("source: {read: {delimiter: '|', quote: '|'}}"),
    "a column that is declared and ignored": _keys("source: {ignore: [Amount]}"),
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
    "an order by lines before columns": _keys("key: [order_id]\norder: [{column: _line}, {column: line}]"),
    "conflicts without a key": _keys("on_conflict: stop"),
    "deletes without merge": _keys("delete_when: line = 0"),
    "distinct rows with a key": _keys("key: [order_id]\ndistinct: true"),
    "distinct rows whose mask makes values equal": _keys(
        "columns: [{name: email, type: string, classification: email, mask: redact}]\ndistinct: true"
    ),
    "partitions by bytes in Hive's folders": _keys(
        _PARQUET + "source: {format: parquet}\n"
        "columns: [{name: id, type: int}, {name: photo, type: binary}]\npartition_by: [photo]"
    ),
    "vanished keys without merge": _keys("write: {mode: append, on_vanish: delete}"),
    "merge on read without merge": _keys("write: {mode: append, merge_on_read: true}"),
    "an unknown transform": _keys("partition_by: [quarters(ordered_on)]"),
    "a partition by an unknown column": _keys("partition_by: [day]"),
    "a partition by a nested column": _keys(
        _JSON + 'columns: [{name: tags, type: "array<string>"}]\npartition_by: [tags]'
    ),
    "a transform of another type": _keys("partition_by: [months(amount)]"),
    "a transform with a slip": _keys("partition_by: [month(ordered_on)]"),
    "two partitions of one time": _keys("partition_by: [months(ordered_on), days(ordered_on)]"),
    "a transform in Parquet": _keys(_PARQUET + "partition_by: [months(ordered_on)]"),
    "only partition columns": _keys(_PARQUET + "columns: [{name: line, type: int}]\npartition_by: [line]"),
    "no published column": _keys("columns: [{name: line, type: int, publish: false}]"),
    "a key that is not published": _keys(
        "columns: [{name: line, type: int}, {name: note, type: string, publish: false}]\nkey: [note]"
    ),
    "a table-level check of a column that is not published": _keys(
        "columns: [{name: line, type: int}, {name: note, type: string, publish: false, unique: true}]"
    ),
    # references
    "a reference of an unknown column": _keys("references: [{columns: [parcel], to: parcels}]"),
    "a reference of a column that is not published": _keys(
        "columns: [{name: line, type: int}, {name: note, type: string, publish: false}]\n"
        "references: [{columns: [note], to: notes}]"
    ),
    "a reference twice": _keys("references: [{columns: [line], to: lines}, {columns: [line], to: lines, on: [id]}]"),
    "a reference to fewer columns": _keys("references: [{columns: [order_id, line], to: parcels, on: [order_id]}]"),
    "a reference by a nested column": _keys(
        _JSON + 'columns: [{name: tags, type: "array<string>"}]\nreferences: [{columns: [tags], to: tags}]'
    ),
    "a reference whose mask makes values equal": _keys(
        "columns: [{name: email, type: string, classification: email, mask: redact}]\n"
        "references: [{columns: [email], to: customers}]"
    ),
    "a reference to the same dataset that quarantines": _keys(
        "references: [{columns: [line], to: orders, otherwise: quarantine}]"
    ),
    "a reference of a mart that quarantines": _keys(
        "references: [{columns: [revenue], to: lines, otherwise: quarantine}]", mart=True
    ),
    # jobs
    "flexible execution of a large worker": _keys("job: {worker: G.8X, execution: flex}"),
    # marts
    "joins of a dataset": _keys("source: {joins: [{to: lines, on: [line], cardinality: many_to_one}]}"),
    "a mart that reads files": _keys("source: {query: marts/orders.sql, path: orders/}", mart=True),
    "a mart without its query": _keys("source: {query: marts/order.sql}", mart=True),
    "a mart that types texts": _keys("columns: [{name: day, type: date, formats: [yyyy-MM-dd]}]", mart=True),
    "a mart that appends": _keys("write: {mode: append}", mart=True),
    "a mart that skips rows": _keys("skip_when: revenue = 0", mart=True),
    "a mart that is crawled": _keys("schedule: {crawler: daily}", mart=True),
    "a mart that deletes rows": _keys("delete_when: revenue = 0", mart=True),
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
