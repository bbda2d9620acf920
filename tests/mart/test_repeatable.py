"""Marts that ask the clock are rebuilt, those that ask chance are refused; texts, comments and names ask nothing."""

from __future__ import annotations

import pytest
from sqlglot.errors import SqlglotError

from headgate.lake.address import lake_at
from headgate.mart.repeatable import asks_clock, query_problems
from headgate.mart.sql import base_and_joins, named_tables, over_views

LAKE = lake_at("lake")
CLOCK = [
    "SELECT current_date FROM a", "SELECT Current_Timestamp() AS x", "SELECT now ( ) FROM a", "SELECT LOCALTIMESTAMP",
    "SELECT curdate()", "SELECT unix_timestamp(x), unix_timestamp() FROM a", "SELECT date 'today'",
    "WITH x AS (SELECT localtimestamp() AS l) SELECT * FROM x", "SELECT cast('now' AS timestamp)",
    "SELECT id FROM a WHERE ends > date_sub(current_date, 3)", "SELECT id FROM a JOIN (SELECT NOW() AS n) ON n > ends",
    "SELECT id FROM a WHERE day < 'today'", "SELECT datediff(day, ' Now ') FROM a", "SELECT 'today' = day FROM a",
    "SELECT `current_date` FROM a", "SELECT try_cast(('tomorrow') AS date)",
]  # fmt: skip
NO_CLOCK = [
    "SELECT 'now()', `now`, t.current_date -- now()\nFROM t", "SELECT x AS now FROM a",
    "SELECT unix_timestamp(x) FROM a",
    "SELECT id FROM a /* current_date */", "SELECT user FROM a", 'SELECT "rand()" FROM a', "SELECT 'today' AS word",
    "SELECT r'current_date', 'now or never' = x FROM a", "SELECT /*+ REPARTITION(3), BROADCAST(b) */ id FROM a, b",
    "SELECT id FROM a WHERE x IN ('now', 'then') AND x LIKE 'today'",
]  # fmt: skip
CHANCE = [
    "SELECT rand() FROM a", "SELECT * FROM a ORDER BY UUID() LIMIT 2", "SELECT shuffle(x) FROM a", "SELECT randn(3)",
    "SELECT * FROM a TABLESAMPLE (10 PERCENT)", "SELECT row_number() OVER (ORDER BY Random()) FROM a",
    "WITH x AS (SELECT monotonically_increasing_id() FROM a) SELECT * FROM x",
]  # fmt: skip


@pytest.mark.parametrize("query", CLOCK)
def test_a_query_that_asks_the_clock_is_found(query: str) -> None:
    assert asks_clock(query)
    assert [*query_problems(query)] == []


@pytest.mark.parametrize("query", NO_CLOCK)
def test_a_text_a_comment_and_a_name_ask_nothing(query: str) -> None:
    assert not asks_clock(query)
    assert [*query_problems(query)] == []


@pytest.mark.parametrize("query", CHANCE)
def test_a_query_that_asks_chance_is_refused(query: str) -> None:
    [(problem, _)] = query_problems(query)
    assert "gives other rows each time it runs" in problem


OUTSIDE = {
    "SELECT reflect('java.lang.System', 'getenv') FROM a": "`reflect` runs Java code, not SQL",
    "SELECT transform(x, y -> `JAVA_METHOD` /* */ ('a.B', 'c')) FROM a": "`JAVA_METHOD` runs Java code, not SQL",
    "SELECT TRANSFORM (id) USING 'cat /etc/passwd' AS (id) FROM a": "`TRANSFORM … USING` runs a program, not SQL",
    "SELECT id FROM (SELECT TRANSFORM (id) USING 'sh' AS (id) FROM a) b": "`TRANSFORM … USING` runs a program, not SQL",
    "SELECT try_reflect('java.lang.System', 'getenv') FROM a": "`try_reflect` is not a function of Spark",
    "SELECT db.their_function(id) FROM a": "`db.their_function(id)` is a function of a database",
    "SELECT id FROM a WHERE system.builtin.reflect('x', 'y') = id": "is a function of a database",
}


@pytest.mark.parametrize(("query", "expected"), OUTSIDE.items())
def test_a_query_that_leaves_sql_is_refused(query: str, expected: str) -> None:
    problems = [*query_problems(query)]
    assert expected in "\n".join(problem for problem, _ in problems)


# Spark runs these, and each would leave SQL: they are refused because they cannot be read.
@pytest.mark.parametrize(
    "query",
    [
        "SELECT IDENTIFIER('ref' || 'lect')('java.lang.System', 'getenv') FROM a",
        "FROM a MAP id USING 'cat' AS id",
        "FROM a REDUCE id USING 'cat' AS id",
        "TABLE text.`/etc/passwd`",
    ],
)
def test_a_query_that_leaves_sql_in_an_odd_way_cannot_be_read(query: str) -> None:
    with pytest.raises(SqlglotError):
        list(query_problems(query))


@pytest.mark.parametrize("table", ["text.`/etc/passwd`", "`csv`.`s3://bucket/other`", "db.`a/b`"])
def test_a_file_is_not_a_table_that_a_contract_describes(table: str) -> None:
    assert named_tables(f"SELECT * FROM {table}", LAKE)[0] not in ("a", "orders")


def test_a_field_of_a_struct_is_not_a_function_of_a_database() -> None:
    assert [*query_problems("SELECT a.place.city, count(a.place.city), t.x[0].y FROM a CROSS JOIN t")] == []


def test_a_function_that_spark_does_not_have_is_refused_in_a_query() -> None:
    [(problem, remedy)] = query_problems("SELECT date_trnc('month', x) FROM a, range(3) r(n)")
    assert (problem, remedy) == ("`date_trnc` is not a function of Spark", "Did you mean `date_trunc`?")


@pytest.mark.parametrize(
    ("query", "tables"),
    [
        ("WITH a AS (SELECT * FROM a) SELECT * FROM a", ["a"]),
        ("WITH A AS (SELECT * FROM a) SELECT * FROM a", ["a"]),
        ("WITH x AS (SELECT 1) SELECT * FROM x, a", ["a"]),
        ("WITH a AS (SELECT * FROM b), b AS (SELECT * FROM a) SELECT * FROM b", ["b"]),
        ("WITH a AS (WITH b AS (SELECT * FROM b) SELECT * FROM b) SELECT * FROM a, b", ["b"]),
        ("SELECT * FROM (WITH a AS (SELECT 1) SELECT * FROM a) x JOIN a USING (id)", ["a"]),
        ("SELECT 1 FROM c WHERE EXISTS (WITH c AS (SELECT * FROM d) SELECT * FROM c)", ["c", "d"]),
        ("WITH a AS (SELECT 1) SELECT * FROM a WHERE id IN (SELECT id FROM a) UNION SELECT id FROM a", []),
        ("WITH a AS (SELECT 1) SELECT * FROM data_warehouse_db.tbl_a", ["a"]),
        ("WITH RECURSIVE r AS (SELECT 1 UNION ALL SELECT * FROM r) SELECT * FROM r", []),
    ],
)
def test_a_with_clause_hides_a_dataset_where_sql_says_so(query: str, tables: list[str]) -> None:
    assert sorted(named_tables(query, LAKE)) == tables


def test_a_hint_names_an_alias_and_reads_nothing() -> None:
    query = "SELECT /*+ BROADCAST(b) */ * FROM a JOIN b USING (id)"
    wanted = "SELECT /*+ BROADCAST(b) */ * FROM `_src_a` AS `a` JOIN `_src_b` AS `b` USING (id)"
    assert over_views(query, LAKE, ["a", "b"]) == wanted


def test_a_join_to_a_with_clause_is_no_join_to_the_dataset_of_its_name() -> None:
    query = "WITH people AS (SELECT 1 AS id) SELECT * FROM orders JOIN people USING (id)"
    assert base_and_joins(query, LAKE) == ("orders", [])
