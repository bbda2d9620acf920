"""Check types that judge many rows together: Great Expectations itself runs them on the unpublished data."""

from __future__ import annotations

from functools import partial

from headgate.checks.check_type import CheckType

_COLUMN = {"column": "column"}
_LIST = {"column_list": "columns"}
_VALUES = {**_COLUMN, "value_set": "values"}
_TYPED = {**_COLUMN, "type_": "spark_type"}
_STRICT = {"strict_min": "flag", "strict_max": "flag"}

_gx = partial(CheckType, kind="gx")


def _bounds(kind: str) -> dict[str, str]:
    return {"min_value": kind, "max_value": kind, **_STRICT}


# Judge the values of one column, or of a list of columns.
_OF_COLUMNS = (
    _gx("expect_column_values_to_be_unique", required=_COLUMN, columns="scalar", judges_masked=True),
    _gx("expect_compound_columns_to_be_unique", required=_LIST, optional={"ignore_row_if": "ignore_row"},
        columns="scalar", judges_masked=True),
    _gx("expect_column_distinct_values_to_be_in_set", required=_VALUES, columns="scalar"),
    _gx("expect_column_distinct_values_to_contain_set", required=_VALUES, columns="scalar"),
    _gx("expect_column_distinct_values_to_equal_set", required=_VALUES, columns="scalar"),
    _gx("expect_column_most_common_value_to_be_in_set", required=_VALUES, optional={"ties_okay": "flag"},
        columns="scalar"),
    _gx("expect_column_unique_value_count_to_be_between", required=_COLUMN, optional=_bounds("count"),
        columns="scalar", judges_masked=True),
    _gx("expect_column_proportion_of_unique_values_to_be_between", required=_COLUMN, optional=_bounds("share"),
        columns="scalar", judges_masked=True),
    _gx("expect_column_proportion_of_non_null_values_to_be_between", required=_COLUMN, optional=_bounds("share"),
        judges_masked=True),
    _gx("expect_column_max_to_be_between", required=_COLUMN, optional=_bounds("bound"), columns="ordered"),
    _gx("expect_column_min_to_be_between", required=_COLUMN, optional=_bounds("bound"), columns="ordered"),
    _gx("expect_column_mean_to_be_between", required=_COLUMN, optional=_bounds("number"), columns="number"),
    _gx("expect_column_median_to_be_between", required=_COLUMN, optional=_bounds("number"), columns="number"),
    _gx("expect_column_stdev_to_be_between", required=_COLUMN, optional=_bounds("number"), columns="number"),
    _gx("expect_column_sum_to_be_between", required=_COLUMN, optional=_bounds("number"), columns="number"),
    _gx("expect_column_quantile_values_to_be_between", required={**_COLUMN, "quantile_ranges": "quantiles"},
        columns="number"),
    _gx("expect_column_value_z_scores_to_be_less_than",
        required={**_COLUMN, "threshold": "number", "double_sided": "flag"}, columns="number"),
    _gx("expect_column_values_to_not_be_outliers", required=_COLUMN,
        optional={"method": "outlier_method", "multiplier": "number"}, columns="number"),
    _gx("expect_column_values_to_be_json_parseable", required=_COLUMN, columns="text"),
)  # fmt: skip

# Judge the schema or the size of the table.
_OF_THE_TABLE = (
    _gx("expect_column_to_exist", required=_COLUMN, optional={"column_index": "count"}),
    _gx("expect_column_type_to_be", required=_TYPED),
    _gx("expect_column_values_to_be_of_type", required=_TYPED),
    _gx("expect_column_values_to_be_in_type_list", required={**_COLUMN, "type_list": "spark_types"}),
    _gx("expect_table_column_count_to_be_between", optional={"min_value": "count", "max_value": "count"}),
    _gx("expect_table_column_count_to_equal", required={"value": "count"}),
    _gx("expect_table_columns_to_match_ordered_list", required={"column_list": "names"}),
    _gx("expect_table_columns_to_match_set", required={"column_set": "names"}, optional={"exact_match": "flag"}),
    _gx("expect_table_row_count_to_be_between", optional=_bounds("count")),
    _gx("expect_table_row_count_to_equal", required={"value": "count"}),
)

TABLE_CHECKS = (*_OF_COLUMNS, *_OF_THE_TABLE)
