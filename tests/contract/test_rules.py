"""Every rule reports file, key, value and remedy; the counterexamples are those that the docs show."""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

import pytest

from headgate.contract import (
    rules,
    rules_checks,
    rules_columns,
    rules_events,
    rules_expressions,
    rules_formats,
    rules_published,
    rules_references,
    rules_slips,
    rules_sources,
    rules_values,
)  # fmt: skip
from headgate.contract.counterexamples import counterexamples, faults_of

# Rule: the key, a part of the problem, a part of the remedy.
EXPECTED: dict[str, tuple[str, str, str]] = {
    "not readable YAML": ("", "is not readable YAML", "Fix the YAML"),
    "not a mapping": ("", "is not a mapping", "begins with `dataset: <name>`"),
    "a key twice": ("line 11", "the key `domain` occurs twice", "Keep one"),
    "a key that is not a text": ("line 11", "a key is not a text", "plain name"),
    "two readings": ("line 5", "`no` has two readings", 'Quote it if it is a text ("no")'),
    "an unknown key": ("source.pfad", "is not a key of a contract", "Known here: arrive, explode, format"),
    "a missing key": ("columns[0].type", "is missing", "docs/CONTRACTS.md"),
    "a value out of bounds": ("at_most", "must be at most 1 (found `5`)", "docs/CONTRACTS.md"),
    "a value that is not one of the known": ("write.mode", "`overwrite` (found `upsert`)", "docs/CONTRACTS.md"),
    "deleting old rows": ("retention.rows", "not supported yet", "Remove it"),
    "replay": ("replay", "not supported yet", "Remove it"),
    "another schema policy": ("schema_change", "`evolve` is not supported yet", "Use `strict`"),
    "a dataset with another name than its file": ("dataset", "differs from the file's name `orders`", "Rename"),
    "an unknown type": ("columns[0].type", "`money` is not a type", "Spark DDL type"),
    "a decimal without digits": ("columns[0].type", "`decimal` needs its precision", "Spark DDL type"),
    "a column twice": ("columns[1].name", "`amount` occurs twice", "its own name"),
    "a source column read twice": ("columns[1].source", "`amount` is read into `amount` and into `net`", "derive"),
    "a key that is not a column": ("key[0]", "`order_no` is not a column", "Columns are order_id, line"),
    "a hint that does not name a column": ("serving.time", "`day` is not a column", "Columns are order_id, line"),
    "a nested key": ("key[0]", "`tags` is nested", "scalar columns"),
    "a date without formats": ("columns[0].formats", "`day` is a date without formats", 'formats: ["yyyy-MM-dd"]'),
    "formats of a number": ("columns[0].formats", "`day` is a int", "belongs to dates"),
    "a time without a zone": ("columns[0].formats", "`yyyy-MM-dd HH:mm` of `at` has no zone", "`timezone:`"),
    "an unknown zone": ("columns[0].formats", "timezone `Europe/Room` of `at`", "`Europe/Rome`"),
    "an instant as a date": ("columns[0].formats", "`epoch_millis` of `day` is an instant", "derive the date"),
    "minutes for months": ("columns[0].formats", "`yyyy-mm-dd` of `day`: `mm` is minutes", "Write `yyyy-MM-dd`"),
    "a pattern with quotes that are not closed": ("columns[0].formats", "`at`: a quote is not closed", "Close quotes"),
    "a day without its year": ("columns[0].formats", "`dd-MM` of `day`: has no year", "Add the year (`yyyy`)"),
    "a zone that is read as a text": ("columns[0].formats", "reads `Z` as a text", "Write `X`"),
    "a year of two digits": ("columns[0].formats", "`day` has years of two digits", "`century_from: 1930`"),
    "a century for years of four digits": ("columns[0].century_from", "no format of `day` has", "write `yy`"),
    "an hour that exists twice where there is no zone": ("columns[0].ambiguous", "`at` has no local times", "timezone"),
    "a time of day inside a nested column": ("columns[0].type", "`hours` has a `time` inside", "Write `string`"),
    "a pattern that Java refuses": ("columns[0]", "`(?P<x>a)` is not a regular expression of Java", "Fix `regex`"),
    "a sentinel of another type": ("columns[0].sentinels[0]", "`none` is not a value of `line`", "`null_texts`"),
    "rounding a number without decimals": ("columns[0].round", "`line` is a int", "belongs to decimals"),
    "point zero of a number with decimals": ("columns[0].allow_point_zero", "`rate` is a double", "to integers"),
    "a thousands sign of a text": ("columns[0].thousands", "`code` is a string", "belongs to numbers"),
    "a thousands sign that is the decimal sign": ("columns[0].thousands", "`.` is the decimal sign", 'decimal: ","'),
    "a decimal sign that is a part of numbers": ("columns[0].decimal", "`e` is a part of numbers", "other characters"),
    "stripping a sign inside the numbers": ("columns[0].strip", "`.` is a sign inside", "other characters"),
    "a decimal sign of a derived column": ("columns[1].decimal", "`net` is derived", "on the column that is read"),
    "untrimmed numbers": ("columns[0].trim", "`line` is a int", "Only strings"),
    "a text that means true and false": ("columns[0].true_texts", "`paid` means both true and false", "one of the two"),
    "not an expression": ("columns[0].derived", "`1 +` is not a Spark SQL expression", "Fix the expression"),
    "an expression over a column below": ("columns[0].derived", "`gross` is not a column above", "are _object"),
    "an unknown function": ("columns[0].derived", "`no_such_function` is not a function of Spark", "built-in"),
    "a function over many rows": ("columns[1].derived", "`sum` is computed over many rows", "in a mart"),
    "a function that makes several rows": ("columns[0].derived", "`explode` makes several rows", "`source.explode`"),
    "a window over other rows": ("columns[0].derived", "`OVER` looks at other rows", "in a mart"),
    "a query in an expression": ("columns[0].derived", "cannot read a table", "a mart"),
    "the clock in an expression": ("columns[0].derived", "`current_date` depends on when", "rebuilt in each run"),
    "chance in an expression": ("columns[0].derived", "`rand` gives another value each time", "remove it"),
    "the place of a run in an expression": ("columns[0].derived", "`input_file_name` depends on where", "`_object`"),
    "Java code in an expression": ("columns[0].derived", "`reflect` runs Java code, not SQL", "functions of Spark"),
    "a pattern in an expression that Java refuses": ("skip_when", "`(` is not a regular expression of Java", "Fix"),
    "equal to null": ("skip_when", "`amount = NULL` is never true", "`IS NULL`"),
    "a condition without a column": ("skip_when", "names no column", "by their values"),
    "a condition that is a value": ("skip_when", "`amount` is not a condition", "`amount = 0`"),
    "a column that is derived and read": ("columns[0].derived", "`net` is derived and has a source", "Keep one"),
    "rows skipped by an unknown column": ("skip_when", "`kind` is not a column above", "are _object, amount"),
    "rows that delete by an unknown column": ("delete_when", "`op` is not a column above", "are _object, amount"),
    "an unpublished column that a file of records must have": (
        "columns[1].required_in_file", "`b` is not published", "Publish it"
    ),
    "a derived column that its file must have": ("columns[0].derived", "`net` is derived and has a source", "Keep one"),
    "a path that leaves staging": ("source.path", "`../other` leaves staging", "below staging"),
    "events of another format": ("source.arrive", "`events` belongs to `format: json`", "Set the format"),
    "events into files of a glob": ("source.path", "`orders/*.parquet` is not a folder", "such as `orders/`"),
    "events into the folder where they arrive": ("source.path", "is where documents arrive", "`orders/`"),
    "words about files for documents": ("source.read", "does not go with `arrive: events`", "Remove it"),
    "a rest of files": ("source.rest", "belongs to `arrive: events`", "arrive as events"),
    "an unknown encoding": ("source.read.encoding", "`utf-9` is not an encoding", "`utf-8`"),
    "a pattern of lines that Python refuses": ("source.read.skip_from", "`(` is not a regular expression of Python",
                                               "Correct the pattern"),
    "escapes without an escape": ("source.read.escapes", "`any` needs an escape of its own", "Set `escape`"),
    "words about lines of text for Parquet files": ("source.read.skip_last", "belongs to `format: csv`", "Remove it"),
    "an encoding that is not one of text": ("source.read.encoding", "`base64` is not an encoding of text", "`utf-8`"),
    "a pattern of a path that cannot be read": ("source.from_path", "has nothing between two values", "`year={year}"),
    "a value of the path for a column that is not read": ("source.from_path", "`shop` is not a column", "`derived`"),
    "a classified value in the path": ("source.from_path", "`email` is classified", "remove `classification`"),
    "a nested value in the path": ("source.from_path", "`tags` is nested", "a plain type"),
    "members without zip files": ("source.members", "Parquet is not read from them", "Remove it"),
    "a delimiter that ends a line": ("source.read.delimiter", "contains a line end", "ends the record"),
    "a delimiter that is the quote": ("source.read.quote", "`|` is in the delimiter `|`", "another sign"),
    "a column that is declared and ignored": ("source.ignore[0]", "`amount` is ignored", "`publish: false`"),
    "records of a CSV file": ("source", "`records` and `explode` belong to `format: json`", "Remove them"),
    "a path into JSON that cannot be read": ("columns[0].source", "`address..city` cannot be read at", "`list[0]`"),
    "column names for a file with a header": ("source.read.columns", "files that have a header", "`header: false`"),
    "a nested column in a CSV file": ("columns[0].type", "`tags` is nested", "use JSON or Parquet"),
    "bytes in a text file": ("columns[0].type", "`photo` is binary", "Only Parquet holds bytes"),
    "an unknown check": ("checks[0].expect", "`expect_column_values_to_be_betwen` is not known",
                         "Did you mean `expect_column_values_to_be_between`?"),
    "an unknown argument": ("checks[0].kwargs.minimum", "argument `minimum` is not known", "It takes `column`"),
    "an argument that belongs elsewhere": ("checks[0].kwargs.mostly", "`mostly` cannot be set", "beside `expect`"),
    "a check of an unknown column": ("checks[0].kwargs", "column `lines` is not known", "Did you mean `line`?"),
    "a check that is not offered": ("checks[0].expect", "the rows of a table have no order", "Compare two columns"),
    "a table-level check that quarantines": ("checks (table.table_row_count_to_be_between)", "cannot quarantine",
                                             "`otherwise: warn` or `stop`"),
    "mostly with quarantine": ("checks (line.column_values_to_not_be_null)", "`mostly` needs", "Use `at_most`"),
    "at_most with a warning": ("checks (line.column_values_to_not_be_null)", "`at_most` needs", "Use `mostly`"),
    "a derived column that reveals a classified one": ("columns[1].derived", "`host` is derived from `email`",
                                         "a classification as well"),
    "a check that cannot judge masked values": ("checks (age.column_mean_to_be_between)", "`age`, which is masked",
                                                "nulls, counts and uniqueness"),
    "a key whose mask makes values equal": ("key[0]", "`email` is masked by `redact`", "`hmac`"),
    "an order by masked values": ("order[0]", "`email` is masked", "published unmasked"),
    "a nested column that is hashed": ("columns[0].mask", "`tags` is nested", "`redact`"),
    "merge without a key": ("write.mode", "`merge` needs a key", "Declare `key:`"),
    "append with a key": ("write.mode", "would publish a key twice", "Use `merge`"),
    "a Parquet table that is merged": ("write.mode", "cannot be merged into", "`format: iceberg`"),
    "an order without a key": ("order", "needs a key", "the newest row of a key"),
    "an order by lines before columns": ("order[0]", "`_line` decides between rows of one file", "as the last step"),
    "conflicts without a key": ("on_conflict", "needs a key", "declare `key:`"),
    "deletes without merge": ("delete_when", "needs `mode: merge`", "declare `key:`, and merge"),
    "distinct rows with a key": ("distinct", "does not go with a key", "remove one of the two"),
    "distinct rows whose mask makes values equal": ("distinct", "`email` is masked by `redact`", "Mask it with `hmac`"),
    "partitions by bytes in Hive's folders": ("partition_by[0]", "`photo` is binary", "texts or numbers"),
    "vanished keys without merge": ("write.on_vanish", "`delete` needs `mode: merge`", "Remove it"),
    "merge on read without merge": ("write.merge_on_read", "needs `mode: merge`", "Remove it, or declare `key:`"),
    "an unknown transform": ("partition_by[0]", "`quarters(ordered_on)` is not a transform", "years/months"),
    "a partition by an unknown column": ("partition_by[0]", "`day` is not a column", "Columns are order_id"),
    "a partition by a nested column": ("partition_by[0]", "`tags` is nested", "scalar column"),
    "a transform of another type": ("partition_by[0]", "`months` cannot divide `amount`", "fits its type"),
    "a transform with a slip": ("partition_by[0]", "`month(ordered_on)` is not a", "mean `months(ordered_on)`"),
    "two partitions of one time": ("partition_by[1]", "divides `ordered_on` a second time", "the finer one"),
    "a transform in Parquet": ("partition_by[0]", "`months(ordered_on)` needs Iceberg", "plain columns"),
    "only partition columns": ("partition_by", "leaves no column in the files", "Leave at least one"),
    "no published column": ("columns", "no column is published", "at least one"),
    "a key that is not published": ("key[0]", "`note` is not published", "Publish it"),
    "a table-level check of a column that is not published": ("checks (note.unique)", "`note` is not", "each row"),
    "a reference of an unknown column": ("references[0].columns[0]", "`parcel` is not a column", "Columns are"),
    "a reference of a column that is not published": ("references[0].columns[0]", "`note` is not", "Publish"),
    "a reference twice": ("references[1]", "`line → lines` occurs twice", "Keep one"),
    "a reference to fewer columns": ("references[0].on", "1 columns for 2 in `columns`", "in the same order"),
    "a reference by a nested column": ("references[0].columns[0]", "`tags` is nested", "scalar columns"),
    "a reference whose mask makes values equal": ("references[0].columns[0]", "masked by `redact`", "`hmac`"),
    "a reference to the same dataset that quarantines": ("references[0].otherwise", "refer to each other", "`warn`"),
    "a reference of a mart that quarantines": ("references[0].otherwise", "a mart quarantines nothing", "`warn`"),
    "flexible execution of a large worker": ("job.execution", "`flex` goes with `G.1X`", "`standard`"),
    "joins of a dataset": ("source.joins", "belongs to a mart", "`source.query`"),
    "a mart that reads files": ("source.path", "does not go with `query`", "published tables only"),
    "a mart without its query": ("source.query", "there is no `sql/marts/order.sql`", "below `sql/`"),
    "a mart that types texts": ("columns[0].formats", "not belong to a mart (column `day`)", "into the query"),
    "a mart that appends": ("write.mode", "`append` does not fit a mart", "Use `overwrite`"),
    "a mart that skips rows": ("order", "`order` and `skip_when` do not belong", "into the query"),
    "a mart that is crawled": ("schedule.crawler", "a mart has no raw files to crawl", "Leave it out"),
    "a mart that deletes rows": ("delete_when", "does not belong to a mart", "put it into the query"),
    "a mart that quarantines": ("checks[0].otherwise", "a mart has no quarantine", "Use `otherwise: warn` or `stop`"),
    "a misused `required`": ("columns[0].required", "must be `true` or `false`", "docs/CONTRACTS.md"),
    "a misused `unique`": ("columns[0]", "cannot judge `tags`, which is a `array<string>`", "another column"),
    "a misused `minimum`": ("columns[0]", "cannot judge `paid`, which is a `boolean`", "another column"),
    "a misused `maximum`": ("columns[0]", "`2026-01-31` cannot bound a `int`", "Fix `max_value`"),
    "a misused `pattern`": ("columns[0].pattern", "`line` is a int", "belongs to strings"),
    "a misused `enum`": ("columns[0]", "`true` cannot be compared with a `boolean`", "Fix `value_set`"),
    "a misused `min_length`": ("columns[0].min_length", "`line` is a int", "belongs to strings"),
    "a misused `max_length`": ("columns[0]", "`3` is greater than `max_value`, which is `2`", "Swap the two"),
}  # fmt: skip

RULES = (
    rules, rules_columns, rules_events, rules_expressions, rules_formats, rules_values, rules_slips, rules_published,
    rules_sources, rules_checks, rules_references,
)  # fmt: skip


@pytest.mark.parametrize("rule", counterexamples())
def test_a_contract_that_breaks_a_rule_is_refused_with_file_key_value_and_remedy(rule: str, tmp_path: Path) -> None:
    key, problem, remedy = EXPECTED[rule]
    first, *_ = faults_of(rule, tmp_path)
    assert (first.file, first.key) == ("shop/orders.yaml", key)
    assert problem in first.problem
    assert remedy in first.remedy


@pytest.mark.parametrize("rule", [rule for rule in counterexamples() if rule != "a missing key"])
def test_one_broken_rule_is_one_fault(rule: str, tmp_path: Path) -> None:
    assert len(faults_of(rule, tmp_path)) == (5 if rule == "two readings" else 1)  # that one has five such texts


def test_every_counterexample_has_its_expected_fault_here_and_no_other() -> None:
    assert list(EXPECTED) == list(counterexamples())


def test_every_rule_in_the_code_has_a_counterexample(tmp_path: Path) -> None:
    with _lines_run(*RULES) as run:
        for rule in counterexamples():
            faults_of(rule, tmp_path)
    unproven = [
        f"{module.__name__}:{first}"
        for module in RULES
        for first, last in _yields(module)
        if not any((module.__file__, line) in run for line in range(first, last + 1))
    ]
    assert unproven == []


def _yields(module: ModuleType) -> Iterator[tuple[int, int]]:
    """The lines of every `yield` of a fault."""
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        if isinstance(node, ast.Yield):
            yield node.lineno, node.end_lineno or node.lineno


@contextmanager
def _lines_run(*modules: ModuleType) -> Iterator[set[tuple[str | None, int]]]:
    files, run, before = {module.__file__ for module in modules}, set[tuple[str | None, int]](), sys.gettrace()

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        if frame.f_code.co_filename not in files:
            return None
        if event == "line":
            run.add((frame.f_code.co_filename, frame.f_lineno))
        return trace

    sys.settrace(trace)
    try:
        yield run
    finally:
        sys.settrace(before)
