"""Expressions of a contract: the columns that they name, and what no run can carry out, without Spark."""

from __future__ import annotations

import pytest

from headgate.contract.expressions import expression_columns, expression_problems, never_true
from headgate.contract.functions import functions_called

COLUMNS = ["a", "b", "day", "list", "_object"]
TIMES = ["day"]
GOOD = [
    "a + 1", "coalesce(a, b)", "`a`", "a::int", "int(a)", "a IN (1, 2)", "NOT (a)", "list[0]", "list.field",
    "transform(list, x -> x + 1)", "aggregate(list, 0, (x, y) -> x + y)", "CASE WHEN (a > 1) THEN (b) END",
    "cast(a AS decimal(10,2))", "try_cast(a AS int)", "extract(year FROM a)", "position('x' IN a)",
    "trim(BOTH 'x' FROM a)", "if(a, 1, 2)", "'rand()' || a -- now()", "unix_timestamp(a)", "a BETWEEN 1 AND (2)",
    "regexp_extract(_object, '([0-9-]{10})', 1)", "exists(list, x -> x > 1)", "named_struct('x', a).x",
    "date'2026-01-01'", "map('a', 1)['a']", "filter(list, (x, i) -> i > 0)", "interval (1) day", "a <=> NULL",
    "a = 'today'", "day IN ('today')", "day < '2026-01-01' AND a IN ('now')", "if(a = 1, 'now', 'then')",
]  # fmt: skip
REFUSED = {
    "SUM(a)": "`SUM` is computed over many rows",
    "count(*)": "`count` is computed over many rows",
    "any(a)": "`any` is computed over many rows",
    "lag(a)": "`lag` is computed over many rows",
    "max(a) OVER (PARTITION BY b)": "`OVER` looks at other rows",
    "posexplode(list)": "`posexplode` makes several rows of one",
    "Rand ( )": "`Rand` gives another value each time",
    "concat(a, uuid())": "`uuid` gives another value each time",
    "CURRENT_TIMESTAMP": "`CURRENT_TIMESTAMP` depends on when",
    "now()": "`now` depends on when",
    "unix_timestamp()": "`unix_timestamp` depends on when",
    "date 'today'": "`'today'` depends on when",
    "cast('now' AS timestamp)": "`'now'` depends on when",
    "datediff(day, 'today')": "`'today'` depends on when",
    "try_cast((' Now UTC') AS timestamp)": "`'now utc'` depends on when",
    "day < 'yesterday'": "`'yesterday'` depends on when",
    "CASE day WHEN ('today') THEN 1 END": "`'today'` depends on when",
    "'today' BETWEEN day AND a": "`'today'` depends on when",
    "input_file_name()": "`input_file_name` depends on where",
    "substrng(a, 1)": "`substrng` is not a function of Spark",
    "db.f(a)": "`f` is not a function of Spark",
    "(SELECT 1)": "cannot read a table",
    "a IN (SELECT b FROM t)": "cannot read a table",
    "a AS b": "is not one value",
    "*": "is not one value",
    "a; b": "it is 2 statements",
    "a +": "it cannot be read at line 1, column 3",
    "c": "`c` is not a column above",
    "user": "`user` is not a column above",
    "`rand`": "`rand` is not a column above",
    "a <> NULL": "nothing equals null",
    "a RLIKE '['": "`[` is not a regular expression of Java",
    "regexp_replace(a, '(?P<x>a)', '')": "is not a regular expression of Java",
}


@pytest.mark.parametrize("text", GOOD)
def test_an_expression_over_one_row_is_good(text: str) -> None:
    assert [*expression_problems(text, COLUMNS, TIMES)] == []


@pytest.mark.parametrize("text", REFUSED)
def test_an_expression_that_no_run_can_compute_is_refused_once(text: str) -> None:
    [(problem, remedy)] = expression_problems(text, COLUMNS, TIMES)
    assert REFUSED[text] in problem
    assert remedy.endswith((".", "?"))


def test_a_misspelt_function_is_told_with_the_known_one() -> None:
    [(_, remedy)] = expression_problems("substrng(a, 1)", COLUMNS)
    assert remedy == "Did you mean `substring`?"


def test_all_problems_of_an_expression_are_told() -> None:
    assert len([*expression_problems("sum(a) + rand() + nosuch(c)", COLUMNS)]) == 4


def test_a_column_is_named_by_the_first_part_of_its_path() -> None:
    assert expression_columns("address.city || list[0].share || transform(list, x -> x.y)") == {"address", "list"}


@pytest.mark.parametrize("text", ["true", "1 = 0", "amount + 1", "'x'", "amount = 'TOTAL'", "'TOTAL' = amount"])
def test_a_condition_that_is_never_true_is_told(text: str) -> None:
    assert len([*never_true(text, ["amount"])]) == 1


@pytest.mark.parametrize("text", ["id = 'TOTAL'", "amount = '7'", "amount", "id LIKE 'T%' AND amount > 1"])
def test_a_condition_that_may_be_true_is_good(text: str) -> None:
    assert [*never_true(text, ["amount"])] == []


def test_a_column_named_like_a_clock_is_a_column() -> None:
    assert [*functions_called("current_date", ["current_date"])] == []
    assert [*expression_problems("current_date + 1", ["current_date"])] == []
