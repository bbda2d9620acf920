"""Every rule of a contract says file, key, value and the way out; the counterexamples are those that the docs show."""

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

from headgate.contract import rules, rules_checks, rules_columns, rules_sources
from headgate.contract.counterexamples import COUNTEREXAMPLES, said_of

# Rule: the key that is named, what is said of the value, the way out.
SAID: dict[str, tuple[str, str, str]] = {
    "not readable YAML": ("", "is not readable YAML", "Mend the YAML"),
    "no mapping": ("", "holds no mapping", "begins with `dataset: <name>`"),
    "a key twice": ("line 11", "the key `domain` stands twice", "Keep one"),
    "a key that is no text": ("line 11", "a key is not a text", "Name the key plainly"),
    "two readings": ("line 5", "`no` has two readings", 'Quote it if it is a text ("no")'),
    "an unknown key": ("source.pfad", "is not a key of a contract", "Known here: explode, format"),
    "a missing key": ("columns[0].type", "field required", "docs/CONTRACTS.md"),
    "a value out of bounds": ("at_most", "less than or equal to 1 (found `5`)", "docs/CONTRACTS.md"),
    "a word that is none of the known": ("write.mode", "(found `'upsert'`)", "docs/CONTRACTS.md"),
    "references": ("references", "not honoured yet", "Remove it until it is"),
    "deleting old rows": ("retention.rows", "not honoured yet", "Remove it until it is"),
    "replay": ("replay", "not honoured yet", "Remove it until it is"),
    "another schema policy": ("schema_change", "`evolve` is not honoured yet", "Use `strict`"),
    "the dataset is not the file's name": ("dataset", "`order` is not the file's name `orders`", "Rename"),
    "no such type": ("columns[0].type", "`money` is not a type", "Spark DDL words"),
    "a decimal without digits": ("columns[0].type", "`decimal` needs its precision", "Spark DDL words"),
    "a column twice": ("columns[1].name", "`amount` stands twice", "stands once"),
    "a source column read twice": ("columns[1].source", "`amount` is read into `amount` and into `net`", "derive"),
    "a key that is no column": ("key[0]", "`order_no` is not a column", "Columns are order_id, line"),
    "a hint that names no column": ("serving.time", "`day` is not a column", "Columns are order_id, line"),
    "a nested key": ("key[0]", "`tags` is nested", "scalar columns"),
    "a date without formats": ("columns[0].formats", "`day` is a date without formats", 'formats: ["yyyy-MM-dd"]'),
    "formats of a number": ("columns[0].formats", "`day` is a int", "belongs to dates"),
    "a time without a zone": ("columns[0].formats", "`yyyy-MM-dd HH:mm` of `at` carries no zone", "`timezone:`"),
    "an unknown zone": ("columns[0].formats", "timezone `Europe/Room` of `at`", "`Europe/Rome`"),
    "an instant as a date": ("columns[0].formats", "`epoch_millis` of `day` is an instant", "derive the date"),
    "a pattern for a number": ("columns[0].pattern", "`line` is a int", "belongs to strings"),
    "a pattern that Java refuses": ("columns[0]", "`(?P<x>a)` is not a regular expression of Java", "Mend `regex`"),
    "rounding a number without decimals": ("columns[0].round", "`line` is a int", "belongs to decimals"),
    "untrimmed numbers": ("columns[0].trim", "`line` is a int", "Only strings"),
    "a word that is true and false": ("columns[0].true_texts", "a word of `paid` is true and false", "means one"),
    "no expression": ("columns[0].derived", "`1 +` is not a Spark SQL expression", "Mend the expression"),
    "an expression over a column below": ("columns[0].derived", "`gross` is not a column above", "are none"),
    "derived and read": ("columns[0].derived", "`net` is derived and has a source", "Keep one"),
    "rows skipped by an unknown column": ("skip_when", "`kind` is not a column above", "Columns above are amount"),
    "a path that leaves staging": ("source.path", "`../other` leaves staging", "below staging"),
    "no such encoding": ("source.read.encoding", "`utf-9` is not an encoding", "`utf-8`"),
    "records of a CSV": ("source", "`records` and `explode` belong to `format: json`", "Remove them"),
    "a path into JSON that cannot be read": ("columns[0].source", "`address..city` cannot be read at", "`list[0]`"),
    "names for a file with a header": ("source.read.columns", "files that have a header", "`header: false`"),
    "a nested column in a CSV": ("columns[0].type", "`tags` is nested", "use JSON or Parquet"),
    "bytes in a text file": ("columns[0].type", "`photo` is binary", "Only Parquet holds bytes"),
    "an unknown check": ("checks[0].expect", "`expect_column_values_to_be_betwen` is not known",
                         "Did you mean `expect_column_values_to_be_between`?"),
    "an unknown argument": ("checks[0].kwargs.minimum", "argument `minimum` is not known", "It takes `column`"),
    "an argument that stands elsewhere": ("checks[0].kwargs.mostly", "`mostly` is not taken", "beside `expect`"),
    "a check of an unknown column": ("checks[0].kwargs", "column `lines` is not known", "Did you mean `line`?"),
    "a check that is not offered": ("checks[0].expect", "the rows of a table have no order", "Compare two columns"),
    "a table-level check that quarantines": ("checks (table.table_row_count_to_be_between)", "cannot quarantine",
                                             "`otherwise: warn` or `stop`"),
    "mostly with quarantine": ("checks (line.column_values_to_not_be_null)", "`mostly` goes with", "Use `at_most`"),
    "at_most with a warning": ("checks (line.column_values_to_not_be_null)", "`at_most` goes with", "Use `mostly`"),
    "a derived column that would tell": ("columns[1].derived", "`host` is derived from `email`",
                                         "a classification as well"),
    "a check that cannot judge masked values": ("checks (age.column_mean_to_be_between)", "`age`, which is masked",
                                                "null, count and uniqueness"),
    "a key whose mask makes values equal": ("key[0]", "`email` is masked by `redact`", "`hmac`"),
    "an order by masked values": ("order[0]", "`email` is masked", "published unmasked"),
    "a nested column that is hashed": ("columns[0].mask", "`tags` is nested", "`redact`"),
    "merge without a key": ("write.mode", "`merge` needs a key", "Declare `key:`"),
    "append with a key": ("write.mode", "would publish a key twice", "Use `merge`"),
    "a Parquet table that is merged": ("write.mode", "cannot be merged into", "`format: iceberg`"),
    "an order without a key": ("order", "needs a key", "which row of a key is newest"),
    "vanished keys without merge": ("write.on_vanish", "`delete` goes with `mode: merge`", "Remove it"),
    "no transform": ("partition_by[0]", "`quarters(ordered_on)` is no transform", "years/months/days/hours(c)"),
    "a partition by no column": ("partition_by[0]", "`day` is not a column", "Columns are order_id"),
    "a partition by a nested column": ("partition_by[0]", "`tags` is nested", "scalar column"),
    "a transform in Parquet": ("partition_by[0]", "`months(ordered_on)` needs Iceberg", "plain columns"),
    "nothing but partitions": ("partition_by", "leaves no column in the files", "Leave at least one"),
    "joins of a dataset": ("source.joins", "belongs to a mart", "`source.query`"),
    "a mart that reads files": ("source.path", "does not go with `query`", "published tables only"),
    "a mart without its query": ("source.query", "there is no `sql/marts/order.sql`", "under `sql/`"),
    "a mart that types texts": ("columns[0].formats", "not belong to a mart (column `day`)", "Say it in the query"),
    "a mart that appends": ("write.mode", "`append`: a mart is rebuilt whole", "Use `overwrite`"),
    "a mart that skips rows": ("order", "`order` and `skip_when` do not belong", "Say it in the query"),
    "a mart that quarantines": ("checks (revenue.column_values_to_not_be_null)", "a mart has no quarantine",
                                "Use `otherwise: warn` or `stop`"),
}  # fmt: skip

RULES = (rules, rules_columns, rules_sources, rules_checks)


@pytest.mark.parametrize("rule", COUNTEREXAMPLES)
def test_a_contract_that_breaks_a_rule_is_refused_with_file_key_value_and_remedy(rule: str, tmp_path: Path) -> None:
    key, problem, remedy = SAID[rule]
    first, *_ = said_of(rule, tmp_path)
    assert (first.file, first.key) == ("shop/orders.yaml", key)
    assert problem in first.problem
    assert remedy in first.remedy


@pytest.mark.parametrize("rule", [rule for rule in COUNTEREXAMPLES if rule != "a missing key"])
def test_one_broken_rule_is_one_fault(rule: str, tmp_path: Path) -> None:
    assert len(said_of(rule, tmp_path)) == (5 if rule == "two readings" else 1)  # that one has five such texts


def test_what_is_said_is_expected_of_every_counterexample_and_of_no_other() -> None:
    assert list(SAID) == list(COUNTEREXAMPLES)


def test_every_rule_in_the_code_has_a_counterexample(tmp_path: Path) -> None:
    with _lines_run(*RULES) as run:
        for rule in COUNTEREXAMPLES:
            said_of(rule, tmp_path)
    unproven = [
        f"{module.__name__}:{first}"
        for module in RULES
        for first, last in _told(module)
        if not any((module.__file__, line) in run for line in range(first, last + 1))
    ]
    assert unproven == []


def _told(module: ModuleType) -> Iterator[tuple[int, int]]:
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
