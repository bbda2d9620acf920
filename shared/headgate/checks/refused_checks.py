"""Great Expectations' other check types: why Headgate does not offer them, and what to write instead."""

from __future__ import annotations

from functools import partial

from headgate.checks.check_type import CheckType

_NO_SPARK = "Great Expectations has no Spark implementation of it, so it would raise on every run"
_ORDER = "the rows of a table have no order, so the result depends on how Spark splits the files"
_LIKE = "Write it as a regular expression: `expect_column_values_to_match_regex` (`%` is `.*`, `_` is `.`)."
_NOT_LIKE = "Write it as a regular expression: `expect_column_values_to_not_match_regex` (`%` is `.*`, `_` is `.`)."
_LAG = "Compare two columns of a row, or write a mart with `lag(…)`."
_FORMATS = "Type the column as `date` or `timestamp` and declare its `formats`."

_refused = partial(CheckType, kind="refused")

REFUSED_CHECKS = (
    _refused("expect_column_values_to_be_increasing", why=_ORDER, remedy=_LAG),
    _refused("expect_column_values_to_be_decreasing", why=_ORDER, remedy=_LAG),
    _refused("expect_column_values_to_match_like_pattern", why=_NO_SPARK, remedy=_LIKE),
    _refused("expect_column_values_to_match_like_pattern_list", why=_NO_SPARK, remedy=_LIKE),
    _refused("expect_column_values_to_not_match_like_pattern", why=_NO_SPARK, remedy=_NOT_LIKE),
    _refused("expect_column_values_to_not_match_like_pattern_list", why=_NO_SPARK, remedy=_NOT_LIKE),
    _refused("expect_column_values_to_be_dateutil_parseable", why=_NO_SPARK, remedy=_FORMATS),
    _refused(
        "expect_column_values_to_match_strftime_format",
        why="it would call Python for every value, and Python's formats are not Spark's",
        remedy=_FORMATS,
    ),
    _refused(
        "expect_column_values_to_match_json_schema",
        why="a text that is not JSON makes it raise instead of failing the row",
        remedy="Give the column a nested type (`struct<…>`), or use `expect_column_values_to_be_json_parseable`.",
    ),
    _refused(
        "expect_column_kl_divergence_to_be_less_than",
        why="its partition object is a histogram that belongs to one delivery, not to a contract",
        remedy="Bound what you know about the distribution: mean, stdev, quantiles, most common value.",
    ),
    _refused(
        "expect_query_results_to_match_comparison",
        why="it needs a second data source with its own connection",
        remedy="Write a mart whose query joins the two, with a check on the mart.",
    ),
    _refused(
        "expect_table_row_count_to_equal_other_table",
        why="it would count a table that another run may be publishing",
        remedy="Write a mart whose query compares the two counts, with a check on the mart.",
    ),
    _refused(
        "unexpected_rows_expectation",
        why="a query hides which columns it reads, so Headgate cannot tell whether it reads masked values",
        remedy="Write a mart whose query selects the rows, with `expect_table_row_count_to_equal: 0` as its check.",
    ),
)
