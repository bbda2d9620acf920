"""Every Great Expectations core expectation, and what Headgate does with it.

Each is one of three kinds: `compiled` (row level: judged as Spark columns in the pass that writes the rows), `gx`
(table level: Great Expectations itself runs it on the unpublished data) or `refused`, with the reason and a way out.
The words on the right of an argument name its kind; `arguments.py` says what each kind accepts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

GX_VERSION = "1.24.1"
"""The release of Great Expectations whose expectations stand here; a test holds it against the installed one."""

Kind = Literal["compiled", "gx", "refused"]


@dataclass(frozen=True)
class Entry:
    """One expectation: its kind, its arguments, and the kinds of columns it can judge."""

    expect: str
    kind: Kind
    required: Mapping[str, str] = field(default_factory=dict)  # argument -> kind of argument
    optional: Mapping[str, str] = field(default_factory=dict)
    columns: str = "any"  # kinds of columns it takes: any, scalar, ordered, bounded, number
    reason: str = ""  # why it is refused
    remedy: str = ""  # what to write instead

    @property
    def arguments(self) -> dict[str, str]:
        """Every argument it takes, with its kind."""
        return {**self.required, **self.optional}


_COLUMN = {"column": "column"}
_PAIR = {"column_A": "column", "column_B": "column"}
_LIST = {"column_list": "columns"}
_STRICT = {"strict_min": "flag", "strict_max": "flag"}
_IGNORE_PAIR = {"ignore_row_if": "ignore_pair"}
_IGNORE_ROW = {"ignore_row_if": "ignore_row"}
_MATCH_ON = {"match_on": "any_or_all"}


def _bounds(kind: str, *, strict: bool = True) -> dict[str, str]:
    return {"min_value": kind, "max_value": kind, **(_STRICT if strict else {})}


def _compiled() -> list[Entry]:
    pair, row = _IGNORE_PAIR, _IGNORE_ROW
    return [
        Entry("expect_column_values_to_be_between", "compiled", _COLUMN, _bounds("bound"), "bounded"),
        Entry("expect_column_values_to_be_in_set", "compiled", {**_COLUMN, "value_set": "members"}, {}, "scalar"),
        Entry("expect_column_values_to_not_be_in_set", "compiled", {**_COLUMN, "value_set": "others"}, {}, "scalar"),
        Entry("expect_column_values_to_not_be_null", "compiled", _COLUMN),
        Entry("expect_column_values_to_be_null", "compiled", _COLUMN),
        Entry("expect_column_values_to_match_regex", "compiled", {**_COLUMN, "regex": "regex"}, {}, "scalar"),
        Entry("expect_column_values_to_not_match_regex", "compiled", {**_COLUMN, "regex": "regex"}, {}, "scalar"),
        Entry("expect_column_values_to_match_regex_list", "compiled",
              {**_COLUMN, "regex_list": "regexes"}, _MATCH_ON, "scalar"),
        Entry("expect_column_values_to_not_match_regex_list", "compiled",
              {**_COLUMN, "regex_list": "regexes"}, {}, "scalar"),
        Entry("expect_column_value_lengths_to_be_between", "compiled", _COLUMN, _bounds("count"), "scalar"),
        Entry("expect_column_value_lengths_to_equal", "compiled", {**_COLUMN, "value": "count"}, {}, "scalar"),
        Entry("expect_column_pair_values_a_to_be_greater_than_b", "compiled",
              _PAIR, {"or_equal": "flag", **pair}, "bounded"),
        Entry("expect_column_pair_values_to_be_equal", "compiled", _PAIR, pair, "scalar"),
        Entry("expect_column_pair_values_to_be_in_set", "compiled",
              {**_PAIR, "value_pairs_set": "pairs"}, pair, "scalar"),
        Entry("expect_multicolumn_sum_to_equal", "compiled", {**_LIST, "sum_total": "number"}, row, "number"),
        Entry("expect_select_column_values_to_be_unique_within_record", "compiled", _LIST, row, "scalar"),
        Entry("expect_multicolumn_values_to_be_equal", "compiled", _LIST, row, "scalar"),
    ]  # fmt: skip


def _of_columns() -> list[Entry]:
    """Run by Great Expectations on one column (or a list of columns) of the unpublished data."""
    values = {**_COLUMN, "value_set": "values"}
    return [
        Entry("expect_column_values_to_be_unique", "gx", _COLUMN, {}, "scalar"),
        Entry("expect_compound_columns_to_be_unique", "gx", _LIST, _IGNORE_ROW, "scalar"),
        Entry("expect_column_distinct_values_to_be_in_set", "gx", values, {}, "scalar"),
        Entry("expect_column_distinct_values_to_contain_set", "gx", values, {}, "scalar"),
        Entry("expect_column_distinct_values_to_equal_set", "gx", values, {}, "scalar"),
        Entry("expect_column_most_common_value_to_be_in_set", "gx", values, {"ties_okay": "flag"}, "scalar"),
        Entry("expect_column_unique_value_count_to_be_between", "gx", _COLUMN, _bounds("count"), "scalar"),
        Entry("expect_column_proportion_of_unique_values_to_be_between", "gx", _COLUMN, _bounds("share"), "scalar"),
        Entry("expect_column_proportion_of_non_null_values_to_be_between", "gx", _COLUMN, _bounds("share")),
        Entry("expect_column_max_to_be_between", "gx", _COLUMN, _bounds("bound"), "ordered"),
        Entry("expect_column_min_to_be_between", "gx", _COLUMN, _bounds("bound"), "ordered"),
        Entry("expect_column_mean_to_be_between", "gx", _COLUMN, _bounds("number"), "number"),
        Entry("expect_column_median_to_be_between", "gx", _COLUMN, _bounds("number"), "number"),
        Entry("expect_column_stdev_to_be_between", "gx", _COLUMN, _bounds("number"), "number"),
        Entry("expect_column_sum_to_be_between", "gx", _COLUMN, _bounds("number"), "number"),
        Entry("expect_column_quantile_values_to_be_between", "gx",
              {**_COLUMN, "quantile_ranges": "quantiles"}, {}, "number"),
        Entry("expect_column_value_z_scores_to_be_less_than", "gx",
              {**_COLUMN, "threshold": "number", "double_sided": "flag"}, {}, "number"),
        Entry("expect_column_values_to_not_be_outliers", "gx",
              _COLUMN, {"method": "outlier_method", "multiplier": "number"}, "number"),
        Entry("expect_column_values_to_be_json_parseable", "gx", _COLUMN, {}, "text"),
    ]  # fmt: skip


def _of_the_table() -> list[Entry]:
    """Run by Great Expectations on the schema or the size of the unpublished data."""
    typed = {**_COLUMN, "type_": "spark_type"}
    return [
        Entry("expect_column_to_exist", "gx", _COLUMN, {"column_index": "count"}),
        Entry("expect_column_type_to_be", "gx", typed),
        Entry("expect_column_values_to_be_of_type", "gx", typed),
        Entry("expect_column_values_to_be_in_type_list", "gx", {**_COLUMN, "type_list": "spark_types"}),
        Entry("expect_table_column_count_to_be_between", "gx", {}, _bounds("count", strict=False)),
        Entry("expect_table_column_count_to_equal", "gx", {"value": "count"}),
        Entry("expect_table_columns_to_match_ordered_list", "gx", {"column_list": "names"}),
        Entry("expect_table_columns_to_match_set", "gx", {"column_set": "names"}, {"exact_match": "flag"}),
        Entry("expect_table_row_count_to_be_between", "gx", {}, _bounds("count")),
        Entry("expect_table_row_count_to_equal", "gx", {"value": "count"}),
    ]


_NO_SPARK = "Great Expectations has no Spark implementation of it, it would raise on every run"
_LIKE = "Say it as a regular expression: `expect_column_values_to_match_regex` (`%` is `.*`, `_` is `.`)."
_NOT_LIKE = "Say it as a regular expression: `expect_column_values_to_not_match_regex` (`%` is `.*`, `_` is `.`)."
_ORDER = "the rows of a table have no order, so what it finds depends on how Spark splits the files"
_MART = "Write a mart whose query selects the rows, with `expect_table_row_count_to_equal: 0` as its check."

_REFUSED: dict[str, tuple[str, str]] = {
    "expect_column_values_to_be_increasing": (_ORDER, "Compare two columns of a row, or write a mart with `lag(…)`."),
    "expect_column_values_to_be_decreasing": (_ORDER, "Compare two columns of a row, or write a mart with `lag(…)`."),
    "expect_column_values_to_match_like_pattern": (_NO_SPARK, _LIKE),
    "expect_column_values_to_match_like_pattern_list": (_NO_SPARK, _LIKE),
    "expect_column_values_to_not_match_like_pattern": (_NO_SPARK, _NOT_LIKE),
    "expect_column_values_to_not_match_like_pattern_list": (_NO_SPARK, _NOT_LIKE),
    "expect_column_values_to_be_dateutil_parseable": (
        _NO_SPARK,
        "Type the column as `date` or `timestamp` and declare its `formats`.",
    ),
    "expect_column_values_to_match_strftime_format": (
        "it would call Python for every value, and Python's formats are not Spark's",
        "Type the column as `date` or `timestamp` and declare its `formats`.",
    ),
    "expect_column_values_to_match_json_schema": (
        "a text that is no JSON makes it raise instead of failing the row",
        "Give the column a nested type (`struct<…>`), or use `expect_column_values_to_be_json_parseable`.",
    ),
    "expect_column_kl_divergence_to_be_less_than": (
        "its partition object is a histogram that belongs to one delivery, not to a contract",
        "Bound what you know of the distribution: mean, stdev, quantiles, most common value.",
    ),
    "expect_query_results_to_match_comparison": (
        "it needs a second data source with its own connection",
        "Write a mart whose query joins the two, with a check on the mart.",
    ),
    "expect_table_row_count_to_equal_other_table": (
        "it would count a table that another run may be publishing",
        "Write a mart whose query compares the two counts, with a check on the mart.",
    ),
    "unexpected_rows_expectation": ("a query hides which columns it reads, so masking cannot be held to it", _MART),
}


def _catalogue() -> dict[str, Entry]:
    entries = [*_compiled(), *_of_columns(), *_of_the_table()]
    entries += [Entry(expect, "refused", reason=why, remedy=instead) for expect, (why, instead) in _REFUSED.items()]
    return {entry.expect: entry for entry in sorted(entries, key=lambda entry: entry.expect)}


CATALOGUE: Mapping[str, Entry] = MappingProxyType(_catalogue())
"""Expectation type -> what Headgate does with it; every core expectation of `GX_VERSION` stands here."""
