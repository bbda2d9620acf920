"""Examples of contracts: three whole ones, and one of every key. The docs show them, tests hold them to be valid."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

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
order: [{column: ordered_on}]         # the newest date wins; then arrival, path, hash
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
description: One row per city and month, with what was sold.
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

# What a key's example is put into: its own top-level keys take the place of these.
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


_ABOVE = '{name: gross, type: "decimal(12,2)"}'  # a column above the one that is shown


@dataclass(frozen=True)
class Example:
    """A key in use: `text` stands at its own place in the contract, `beside` at the top level next to it."""

    text: str
    beside: str = ""
    mart: bool = False


def _one(text: str, beside: str = "", *, mart: bool = False) -> Example:
    return Example(text, beside, mart)


# By path; `[]` is an element of a list.
EXAMPLES: Mapping[str, Example] = {
    "dataset": _one("dataset: orders"),
    "domain": _one("domain: shop"),
    "owner": _one("owner: shop-data@example.org"),
    "description": _one("description: One row per order line; the newest delivery of a line wins."),
    "source": _one("source: {format: csv, path: orders/}"),
    "columns": _one("columns: [{name: order_id, type: string}, {name: amount, type: double}]"),
    "key": _one("key: [order_id, line]"),
    "order": _one("order: [{column: ordered_on}, {column: line, direction: asc}]", "key: [order_id]"),
    "skip_when": _one("skip_when: order_id = 'TOTAL'"),
    "checks": _one("checks: [{expect: expect_table_row_count_to_be_between, kwargs: {min_value: 1}}]"),
    "at_most": _one("at_most: 0.02"),
    "allow_empty": _one("allow_empty: true"),
    "write": _one("write: {mode: append}"),
    "partition_by": _one('partition_by: [months(ordered_on), "bucket(8, order_id)"]'),
    "schema_change": _one("schema_change: strict"),
    "retention": _one("retention: {quarantine_days: 30}"),
    "schedule": _one("schedule: {refine: daily 04:30 UTC, freshness_hours: 26}"),
    "job": _one("job: {worker: G.2X, workers: 4}"),
    "serving": _one("serving: {time: ordered_on, measures: [amount]}"),
    "source.path": _one('path: "orders/*/orders_*.csv.gz"'),
    "source.format": _one("format: parquet"),
    "source.read": _one('read: {delimiter: ";", encoding: cp1252}'),
    "source.null_texts": _one('null_texts: ["", "NA", "n/a"]'),
    "source.records": _one("{format: json, records: data.orders}"),
    "source.explode": _one("{format: json, explode: [lines]}"),
    "source.ignore": _one("ignore: [export_id, checksum]"),
    "source.unreadable": _one("unreadable: stop"),
    "source.query": _one("query: marts/orders.sql", mart=True),
    "source.joins": _one(
        "{query: marts/orders.sql, joins: [{to: customers, on: [customer_id], cardinality: many_to_one}]}", mart=True
    ),
    "source.read.delimiter": _one('delimiter: "\\t"'),
    "source.read.quote": _one('quote: "\'"'),
    "source.read.escape": _one('escape: "\\\\"'),
    "source.read.encoding": _one("encoding: utf-16"),
    "source.read.header": _one("header: false"),
    "source.read.columns": _one("{header: false, columns: [order_id, line, ordered_on]}"),
    "source.read.multi_line": _one("multi_line: true"),
    "source.read.skip_lines": _one("skip_lines: 2"),
    "source.joins[].to": _one("{to: customers, on: [customer_id], cardinality: many_to_one}", mart=True),
    "source.joins[].on": _one("{to: prices, on: [product_id, month], cardinality: many_to_one}", mart=True),
    "source.joins[].cardinality": _one("{to: invoices, on: [order_id], cardinality: one_to_one}", mart=True),
    "columns[].name": _one("{name: order_id, type: string}"),
    "columns[].type": _one('{name: tags, type: "array<string>"}', "source: {format: json}"),
    "columns[].source": _one('{name: ordered_on, source: "Order Date", type: date, formats: ["dd/MM/yyyy"]}'),
    "columns[].aliases": _one("{name: amount, aliases: [total, sum], type: double}"),
    "columns[].description": _one("{name: amount, type: double, description: Net amount in euro}"),
    "columns[].required": _one("{name: order_id, type: string, required: true}"),
    "columns[].unique": _one("{name: email, type: string, unique: true, otherwise: stop}"),
    "columns[].minimum": _one('{name: ordered_on, type: date, formats: [yyyy-MM-dd], minimum: "2020-01-01"}'),
    "columns[].maximum": _one("{name: share, type: double, minimum: 0, maximum: 1}"),
    "columns[].pattern": _one('{name: iban, type: string, pattern: "^[A-Z]{2}[0-9]{2}"}'),
    "columns[].enum": _one("{name: status, type: string, enum: [open, paid, void]}"),
    "columns[].min_length": _one("{name: country, type: string, min_length: 2}"),
    "columns[].max_length": _one("{name: country, type: string, max_length: 2}"),
    "columns[].otherwise": _one("{name: quantity, type: int, minimum: 1, otherwise: warn}"),
    "columns[].at_most": _one("{name: amount, type: double, required: true, at_most: 0.01}"),
    "columns[].trim": _one("{name: city, type: string, trim: true}"),
    "columns[].formats": _one(
        "{name: paid_at, type: timestamp, formats: [\"yyyy-MM-dd'T'HH:mm:ssXXX\", epoch_millis]}"
    ),
    "columns[].timezone": _one(
        '{name: paid_at, type: timestamp, formats: ["yyyy-MM-dd HH:mm:ss"], timezone: Europe/Rome}'
    ),
    "columns[].null_texts": _one('{name: city, type: string, null_texts: ["", "-", "unknown"]}'),
    "columns[].sentinels": _one('{name: ended_on, type: date, formats: [yyyy-MM-dd], sentinels: ["9999-12-31"]}'),
    "columns[].true_texts": _one('{name: paid, type: boolean, true_texts: ["yes", "1"], false_texts: ["no", "0"]}'),
    "columns[].false_texts": _one('{name: paid, type: boolean, true_texts: ["t"], false_texts: ["f"]}'),
    "columns[].round": _one('{name: price, type: "decimal(10,2)", round: half_up}'),
    "columns[].allow_nan": _one("{name: reading, type: double, allow_nan: true}"),
    "columns[].derived": _one('{name: net, type: "decimal(12,2)", derived: gross / 1.22, round: half_up}'),
    "columns[].classification": _one("{name: email, type: string, classification: email}"),
    "columns[].mask": _one("{name: notes, type: string, classification: person, mask: redact}"),
    "columns[].keep_last": _one("{name: iban, type: string, classification: account, mask: partial, keep_last: 4}"),
    "order[].column": _one("{column: ordered_at}", "key: [order_id]"),
    "order[].direction": _one("{column: line, direction: asc}", "key: [order_id]"),
    "checks[].expect": _one("{expect: expect_table_row_count_to_be_between, kwargs: {min_value: 1}}"),
    "checks[].kwargs": _one("{expect: expect_column_mean_to_be_between, kwargs: {column: amount, max_value: 500}}"),
    "checks[].scope": _one("{expect: expect_column_values_to_be_unique, kwargs: {column: order_id}, scope: table}"),
    "checks[].otherwise": _one(
        "{expect: expect_column_sum_to_be_between, kwargs: {column: amount, min_value: 1}, otherwise: warn}"
    ),
    "checks[].at_most": _one("{expect: expect_column_values_to_not_be_null, kwargs: {column: amount}, at_most: 0.1}"),
    "checks[].mostly": _one(
        "{expect: expect_column_values_to_not_be_null, kwargs: {column: amount}, otherwise: warn, mostly: 0.99}"
    ),
    "write.mode": _one("mode: overwrite"),
    "write.format": _one("{mode: append, format: parquet}"),
    "write.on_vanish": _one("{mode: merge, on_vanish: delete}", "key: [order_id]"),
    "retention.quarantine_days": _one("quarantine_days: 30"),
    "retention.runs_days": _one("runs_days: 730"),
    "schedule.refine": _one("refine: daily 04:30 UTC"),
    "schedule.crawler": _one("crawler: weekly"),
    "schedule.freshness_hours": _one("freshness_hours: 26"),
    "job.worker": _one("worker: G.2X"),
    "job.workers": _one("workers: 10"),
    "job.execution": _one("execution: flex"),
    "job.timeout_min": _one("timeout_min: 120"),
    "serving.time": _one("time: ordered_on"),
    "serving.dimensions": _one("dimensions: [order_id]"),
    "serving.measures": _one("measures: [amount]"),
    "serving.distribution_key": _one("distribution_key: order_id"),
    "serving.sort_keys": _one("sort_keys: [ordered_on, line]"),
}


def in_contract(path: str) -> str:
    """The whole contract (YAML) in which the example of a key stands."""
    example = EXAMPLES[path]
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
    """The contract `base` with the top-level keys of `text` in the place of its own."""
    theirs = set(_TOP_LEVEL.findall(text))
    blocks = re.split(r"(?m)^(?=\w)", base)
    return "".join(block for block in blocks if block.partition(":")[0] not in theirs) + text
