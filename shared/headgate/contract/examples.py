"""Examples of contracts: three whole ones, and one of every key. The docs show them, tests prove them valid."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from headgate.contract.keys import keys
from headgate.contract.words import word_of

_TOP_LEVEL = re.compile(r"(?m)^(\w+):")

ORDERS = """\
# yaml-language-server: $schema=../contract.schema.json
dataset: orders
domain: shop
owner: shop-data@example.org
description: One row per order line; the newest delivery of a line wins.
source:
  path: orders/                       # below staging; a folder means everything in it
  format: csv
  read: {delimiter: ";", encoding: cp1252}
  null_texts: ["", "n/a"]
  ignore: [export_id]                 # known, and not wanted
columns:
  - {name: order_id, type: string, required: true, pattern: "^[A-Z][0-9]{4}$"}
  - {name: line, type: int, required: true, minimum: 1}
  - {name: ordered_on, source: date, aliases: [order_date], type: date, formats: ["yyyy-MM-dd", "dd/MM/yyyy"]}
  - {name: customer_id, type: bigint, required: true}
  - {name: quantity, type: int, required: true, minimum: 1, otherwise: warn}
  - {name: price, type: "decimal(10,2)", required: true, minimum: 0}
  - {name: amount, type: "decimal(12,2)", derived: quantity * price, round: half_up}
key: [order_id, line]
order: [{column: ordered_on}]         # the newest date wins; then arrival, path, line
checks:
  - {expect: expect_table_row_count_to_be_between, kwargs: {min_value: 1}, scope: table}
at_most: 0.02
partition_by: [months(ordered_on)]
"""

CUSTOMERS = """\
# yaml-language-server: $schema=../contract.schema.json
dataset: customers
domain: shop
owner: shop-data@example.org
description: One row per customer.
source: {format: json, path: "customers/*.json"}
columns:
  - {name: customer_id, source: id, type: bigint, required: true}
  - {name: city, source: address.city, type: string}
  - {name: email, type: string, classification: email}     # published as a keyed hash
key: [customer_id]
"""

REVENUE = """\
# yaml-language-server: $schema=../contract.schema.json
dataset: revenue_by_city
domain: shop
owner: shop-data@example.org
description: One row per city and month, with the revenue.
source:
  query: marts/revenue_by_city.sql
  joins:
    - {to: customers, on: [customer_id], cardinality: many_to_one}
columns:
  - {name: city, type: string}
  - {name: month, type: date, required: true}
  - {name: revenue, type: "decimal(22,2)", required: true, minimum: 0}
key: [city, month]
serving: {time: month, dimensions: [city], measures: [revenue]}
"""

REVENUE_SQL = """\
SELECT c.city, CAST(date_trunc('month', o.ordered_on) AS DATE) AS month, SUM(o.amount) AS revenue
FROM orders o
LEFT JOIN customers c ON o.customer_id = c.customer_id
GROUP BY ALL
"""

# The contract around a key's example, whose own top-level keys replace these.
_BASE = """\
dataset: orders
domain: shop
owner: shop-data@example.org
description: One row per order line.
"""
BASE = (
    _BASE
    + """\
columns:
  - {name: order_id, type: string, required: true}
  - {name: line, type: int, required: true}
  - {name: ordered_on, type: date, formats: ["yyyy-MM-dd"]}
  - {name: ordered_at, type: timestamp_ntz, formats: ["yyyy-MM-dd HH:mm:ss"]}
  - {name: amount, type: "decimal(12,2)"}
"""
)
MART_BASE = (
    _BASE
    + """\
source: {query: marts/orders.sql}
columns:
  - {name: customer_id, type: bigint}
  - {name: revenue, type: "decimal(22,2)"}
"""
)


_ABOVE = '{name: gross, type: "decimal(12,2)"}'  # a column above the one in the example


@dataclass(frozen=True)
class Example:
    """A key in use: `text` goes where the key belongs, `beside` goes to the top level of the same contract."""

    text: str
    beside: str = ""
    mart: bool = False


def _example(text: str, beside: str = "", *, mart: bool = False) -> Example:
    return Example(text, beside, mart)


# By path; `[]` is an element of a list. The examples of column words are in `words.py`.
_EXAMPLES: Mapping[str, Example] = {
    "dataset": _example("dataset: orders"),
    "domain": _example("domain: shop"),
    "owner": _example("owner: shop-data@example.org"),
    "description": _example("description: One row per order line; the newest delivery of a line wins."),
    "source": _example("source: {format: csv, path: orders/}"),
    "columns": _example("columns: [{name: order_id, type: string}, {name: amount, type: double}]"),
    "key": _example("key: [order_id, line]"),
    "order": _example("order: [{column: ordered_on}, {column: line, direction: asc}]", "key: [order_id]"),
    "skip_when": _example("skip_when: order_id = 'TOTAL'"),
    "checks": _example("checks: [{expect: expect_table_row_count_to_be_between, kwargs: {min_value: 1}}]"),
    "at_most": _example("at_most: 0.02"),
    "at_most_per_file": _example("at_most_per_file: 0.1"),
    "on_conflict": _example("on_conflict: quarantine", "key: [order_id]"),
    "distinct": _example("distinct: true"),
    "delete_when": _example("delete_when: order_id LIKE 'X%'", "key: [order_id]"),
    "allow_empty": _example("allow_empty: true"),
    "write": _example("write: {mode: append}"),
    "partition_by": _example('partition_by: [months(ordered_on), "bucket(8, order_id)"]'),
    "schema_change": _example("schema_change: strict"),
    "retention": _example("retention: {quarantine_days: 30}"),
    "schedule": _example("schedule: {refine: daily 04:30 UTC, freshness_hours: 26}"),
    "job": _example("job: {worker: G.2X, workers: 4}"),
    "references": _example("references: [{columns: [order_id], to: parcels, otherwise: warn}]"),
    "serving": _example("serving: {warehouse: true, sort_keys: [ordered_on]}"),
    "source.path": _example('path: "orders/*/orders_*.csv.gz"'),
    "source.format": _example("format: parquet"),
    "source.read": _example('read: {delimiter: ";", encoding: cp1252}'),
    "source.null_texts": _example('null_texts: ["", "NA", "n/a"]'),
    "source.from_path": _example('from_path: "line={line}/{order_id}.csv"'),
    "source.members": _example('members: "orders_*.csv"'),
    "source.sentinels": _example('sentinels: [-999, "9999-12-31"]'),
    "source.records": _example("{format: json, records: data.orders}"),
    "source.explode": _example("{format: json, explode: [lines]}"),
    "source.arrive": _example("{format: json, arrive: events}"),
    "source.rest": _example("{format: json, arrive: events, rest: drop}"),
    "source.ignore": _example("ignore: [export_id, checksum]"),
    "source.unreadable": _example("unreadable: stop"),
    "source.query": _example("query: marts/orders.sql", mart=True),
    "source.joins": _example(
        "{query: marts/orders.sql, joins: [{to: customers, on: [customer_id], cardinality: many_to_one}]}", mart=True
    ),
    "source.read.delimiter": _example('delimiter: "\\t"'),
    "source.read.quote": _example('quote: "\'"'),
    "source.read.escape": _example('escape: "\\\\"'),
    "source.read.encoding": _example("encoding: utf-16"),
    "source.read.header": _example("header: false"),
    "source.read.columns": _example("{header: false, columns: [order_id, line, ordered_on]}"),
    "source.read.multi_line": _example("multi_line: true"),
    "source.read.skip_lines": _example("skip_lines: 2"),
    "source.read.bare_quotes": _example("bare_quotes: allow"),
    "source.read.escapes": _example('{escape: "\\\\", escapes: any}'),
    "source.read.comment": _example('comment: "#"'),
    "source.read.skip_last": _example("skip_last: 1"),
    "source.read.skip_from": _example('skip_from: "^(TOTAL|,+$)"'),
    "source.read.missing_last": _example("missing_last: null"),
    "source.read.trailing_delimiter": _example("trailing_delimiter: true"),
    "source.read.inner_headers": _example("inner_headers: data"),
    "source.joins[].to": _example("{to: customers, on: [customer_id], cardinality: many_to_one}", mart=True),
    "source.joins[].on": _example("{to: prices, on: [product_id, month], cardinality: many_to_one}", mart=True),
    "source.joins[].cardinality": _example("{to: invoices, on: [order_id], cardinality: one_to_one}", mart=True),
    "columns[].name": _example("{name: order_id, type: string}"),
    "columns[].type": _example('{name: tags, type: "array<string>"}', "source: {format: json}"),
    "columns[].source": _example('{name: ordered_on, source: "Order Date", type: date, formats: ["dd/MM/yyyy"]}'),
    "columns[].required_in_file": _example("{name: city, type: string, required_in_file: true}"),
    "columns[].aliases": _example("{name: amount, aliases: [total, sum], type: double}"),
    "columns[].description": _example("{name: amount, type: double, description: Net amount in euro}"),
    "columns[].otherwise": _example("{name: quantity, type: int, minimum: 1, otherwise: warn}"),
    "columns[].at_most": _example("{name: amount, type: double, required: true, at_most: 0.01}"),
    "columns[].trim": _example("{name: city, type: string, trim: true}"),
    "columns[].formats": _example(
        "{name: paid_at, type: timestamp, formats: [\"yyyy-MM-dd'T'HH:mm:ssXXX\", epoch_millis]}"
    ),
    "columns[].timezone": _example(
        '{name: paid_at, type: timestamp, formats: ["yyyy-MM-dd HH:mm:ss"], timezone: Europe/Rome}'
    ),
    "columns[].nonexistent": _example(
        '{name: paid_at, type: timestamp, formats: ["yyyy-MM-dd HH:mm"], timezone: Europe/Rome, nonexistent: shift}'
    ),
    "columns[].ambiguous": _example(
        '{name: paid_at, type: timestamp, formats: ["yyyy-MM-dd HH:mm"], timezone: Europe/Rome, ambiguous: earlier}'
    ),
    "columns[].century_from": _example("{name: born_on, type: date, formats: [dd-MMM-yy], century_from: 1930}"),
    "columns[].map": _example("{name: country, type: string, map: {Mainland China: China, UK: United Kingdom}}"),
    "columns[].null_texts": _example('{name: city, type: string, null_texts: ["", "-", "unknown"]}'),
    "columns[].sentinels": _example('{name: ended_on, type: date, formats: [yyyy-MM-dd], sentinels: ["9999-12-31"]}'),
    "columns[].decimal": _example('{name: price, type: "decimal(10,2)", decimal: ",", thousands: "."}'),
    "columns[].thousands": _example('{name: visitors, type: int, thousands: ","}'),
    "columns[].strip": _example('{name: share, type: double, strip: " %€"}'),
    "columns[].true_texts": _example('{name: paid, type: boolean, true_texts: ["yes", "1"], false_texts: ["no", "0"]}'),
    "columns[].false_texts": _example('{name: paid, type: boolean, true_texts: ["t"], false_texts: ["f"]}'),
    "columns[].round": _example('{name: price, type: "decimal(10,2)", round: half_up}'),
    "columns[].allow_point_zero": _example("{name: pieces, type: int, allow_point_zero: true}"),
    "columns[].allow_nan": _example("{name: reading, type: double, allow_nan: true}"),
    "columns[].derived": _example('{name: net, type: "decimal(12,2)", derived: gross / 1.22, round: half_up}'),
    "columns[].publish": _example("{name: share_text, type: string, publish: false}"),
    "columns[].classification": _example("{name: email, type: string, classification: email}"),
    "columns[].mask": _example("{name: notes, type: string, classification: person, mask: redact}"),
    "columns[].keep_last": _example("{name: iban, type: string, classification: account, mask: partial, keep_last: 4}"),
    "order[].column": _example("{column: ordered_at}", "key: [order_id]"),
    "order[].direction": _example("{column: line, direction: asc}", "key: [order_id]"),
    "checks[].expect": _example("{expect: expect_table_row_count_to_be_between, kwargs: {min_value: 1}}"),
    "checks[].kwargs": _example("{expect: expect_column_mean_to_be_between, kwargs: {column: amount, max_value: 500}}"),
    "checks[].scope": _example("{expect: expect_column_values_to_be_unique, kwargs: {column: order_id}, scope: table}"),
    "checks[].otherwise": _example(
        "{expect: expect_column_sum_to_be_between, kwargs: {column: amount, min_value: 1}, otherwise: warn}"
    ),
    "checks[].at_most": _example(
        "{expect: expect_column_values_to_not_be_null, kwargs: {column: amount}, at_most: 0.1}"
    ),
    "checks[].mostly": _example(
        "{expect: expect_column_values_to_not_be_null, kwargs: {column: amount}, otherwise: warn, mostly: 0.99}"
    ),
    "references[].columns": _example("{columns: [order_id, line], to: parcels}"),
    "references[].to": _example("{columns: [order_id], to: parcels}"),
    "references[].on": _example("{columns: [order_id], to: parcels, on: [parcel_order]}"),
    "references[].otherwise": _example("{columns: [order_id], to: parcels, otherwise: stop}"),
    "write.mode": _example("mode: overwrite"),
    "write.format": _example("{mode: append, format: parquet}"),
    "write.on_vanish": _example("{mode: merge, on_vanish: delete}", "key: [order_id]"),
    "write.merge_on_read": _example("{merge_on_read: true}", "key: [order_id]"),
    "retention.quarantine_days": _example("quarantine_days: 30"),
    "retention.runs_days": _example("runs_days: 730"),
    "schedule.refine": _example("refine: daily 04:30 UTC"),
    "schedule.crawler": _example("crawler: weekly"),
    "schedule.freshness_hours": _example("freshness_hours: 26"),
    "job.worker": _example("worker: G.2X"),
    "job.workers": _example("workers: 10"),
    "job.execution": _example("execution: flex"),
    "job.timeout_min": _example("timeout_min: 120"),
    "serving.warehouse": _example("warehouse: true"),
    "serving.time": _example("time: ordered_on"),
    "serving.dimensions": _example("dimensions: [order_id]"),
    "serving.measures": _example("measures: [amount]"),
    "serving.distribution_key": _example("distribution_key: order_id"),
    "serving.sort_keys": _example("sort_keys: [ordered_on, line]"),
}


def examples() -> dict[str, Example]:
    """The example of every key by its path; a column word has its own."""
    words = {path: word for path, field in keys().items() if (word := word_of(field))}
    return {**_EXAMPLES, **{path: Example(word.example) for path, word in words.items()}}


def in_contract(path: str) -> str:
    """The whole contract (YAML) around the example of a key."""
    example = examples()[path]
    text = example.text
    for part in reversed(path.split(".")[:-1]):
        inner = text if text.startswith("{") else "{" + text + "}"
        text = f"{part.removesuffix('[]')}: [{inner}]" if part.endswith("[]") else f"{part}: {inner}"
        if part == "joins[]":
            text = f"query: marts/orders.sql, {text}"
        if part == "columns[]":
            text = text.replace("[", f"[{_ABOVE}, ", 1)
    return with_keys(MART_BASE if example.mart else BASE, f"{text}\n{example.beside}\n")


def with_keys(base: str, text: str) -> str:
    """The contract `base` with its own top-level keys replaced by those of `text`."""
    theirs = set(_TOP_LEVEL.findall(text))
    blocks = re.split(r"(?m)^(?=\w)", base)
    return "".join(block for block in blocks if block.partition(":")[0] not in theirs) + text
