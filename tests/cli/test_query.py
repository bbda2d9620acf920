"""`headgate query`: published tables by any of their names, and an answer that helps when there is none."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator

import duckdb
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner, Result

from bench import Bench, csv
from headgate.cli.app import app
from headgate.cli.confined import confine, connect
from headgate.cli.query import answering, query
from headgate.errors import UnusableArgument
from needs import ROOT

PARQUET = """\
columns:
  - {name: day, type: date, formats: ["yyyy-MM-dd"]}
  - {name: visits, type: int}
write: {format: parquet}
partition_by: [day]
"""


@pytest.fixture
def lake(bench: Bench) -> Bench:
    """One table in each format."""
    bench.contract("orders")
    bench.contract("visits", PARQUET)
    bench.put("orders/a.csv", csv("a,1"))
    bench.put("visits/a.csv", csv("2026-01-01,7", "2026-01-02,8", header="day,visits"))
    bench.run()
    return bench


def test_a_table_goes_by_its_dataset_or_its_name_with_or_without_the_database(lake: Bench) -> None:
    for orders, visits in (
        ("orders", "visits"),
        ("tbl_orders", "tbl_visits"),
        ("data_warehouse_db.tbl_orders", "data_warehouse_db.tbl_visits"),
        ("data_warehouse_db.orders", "data_warehouse_db.visits"),
    ):
        joined = f"SELECT order_id, day::VARCHAR, visits FROM {orders}, {visits} WHERE day > '2026-01-01'"
        assert lake.rows(joined) == [("a", "2026-01-02", 8)]


def test_a_query_that_cannot_be_answered_names_the_published_tables(lake: Bench) -> None:
    with pytest.raises(UnusableArgument, match=r"cannot be answered: .*orderz") as refused:
        query("SELECT * FROM orderz", lake.lake)
    assert refused.value.remedy == "Published tables: orders, visits."


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("SELECT * FROM orderz", "Table with name orderz does not exist!\nDid you mean `orders`?"),
        ("SELECT * FROM nothing_like_it", "Table with name nothing_like_it does not exist!"),
        (
            "SELECT amout FROM orders",
            'Referenced column "amout" not found in FROM clause!\nCandidate bindings: "amount", "_object"',
        ),
        (
            "SELECT * FORM orders",
            'syntax error at or near "orders"\nLINE 1: SELECT * FORM orders\n                      ^^^^^^',
        ),
        ("SELECT order_id::INT FROM orders", "Could not convert string 'a' to INT32"),
    ],
)
def test_a_query_that_cannot_be_answered_says_why_where_and_what_was_meant(lake: Bench, sql: str, told: str) -> None:
    with pytest.raises(UnusableArgument) as refused:
        query(sql, lake.lake)
    assert refused.value.what.startswith(f"the query cannot be answered: {told}"), refused.value.what


def test_of_a_long_message_the_beginning_and_the_place_are_shown(lake: Bench) -> None:
    with pytest.raises(UnusableArgument) as refused:
        query("SELECT sum(order_id) FROM orders", lake.lake)
    lines = refused.value.what.splitlines()
    assert len(lines) <= 9
    assert "No function matches the given name" in lines[0]
    assert lines[6] == "…"


def test_an_empty_query_is_refused(lake: Bench) -> None:
    with pytest.raises(UnusableArgument, match="the query is empty"):
        query(" ", lake.lake)


def test_a_folder_that_is_no_lake_is_refused(bench: Bench) -> None:
    with pytest.raises(UnusableArgument, match="there is no lake here") as refused:
        query("SELECT 1", bench.lake)
    assert refused.value.where == f"{bench.root}/lake"


FORBIDDEN = {
    "SELECT 1; SELECT 2": "a query is one statement, and these are 2",
    "COPY orders TO '{folder}/out.csv'": "`COPY` is not a SELECT",
    "COPY (SELECT 1) TO '/dev/stdout'": "`COPY` is not a SELECT",
    "ATTACH '{folder}/other.duckdb'": "`ATTACH` is not a SELECT",
    "INSTALL httpfs": "`LOAD` is not a SELECT",
    "LOAD httpfs": "`LOAD` is not a SELECT",
    "SET memory_limit = '64GB'": "`SET` is not a SELECT",
    "RESET memory_limit": "`SET` is not a SELECT",
    "PRAGMA database_list": "`PRAGMA` is not a SELECT",
    "CALL pragma_version()": "`CALL` is not a SELECT",
    "CREATE TABLE mine AS SELECT 1": "`CREATE` is not a SELECT",
    "WITH a AS (SELECT 1) INSERT INTO orders SELECT * FROM a": "`INSERT` is not a SELECT",
    "DROP VIEW orders": "`DROP` is not a SELECT",
    "EXPORT DATABASE '{folder}/all'": "`EXPORT` is not a SELECT",
    "EXPLAIN ANALYZE SELECT 1": "`EXPLAIN` is not a SELECT",
    "SELECT * FROM read_csv('{folder}/secret.csv')": "`read_csv` cannot be used",
    "SELECT * FROM READ_CSV_AUTO('{folder}/secret.csv')": "`read_csv_auto` cannot be used",
    "SELECT * FROM read_parquet('{published}')": "`read_parquet` cannot be used",
    "SELECT * FROM parquet_metadata('{published}')": "`parquet_metadata` cannot be used",
    "SELECT * FROM read_text('{folder}/secret.csv')": "`read_text` cannot be used",
    "SELECT * FROM read_blob('{folder}/secret.csv')": "`read_blob` cannot be used",
    "SELECT * FROM read_json('https://example.org/a.json')": "`read_json` cannot be used",
    "SELECT * FROM glob('{folder}/*')": "`glob` cannot be used",
    "SELECT * FROM sniff_csv('{folder}/secret.csv')": "`sniff_csv` cannot be used",
    "SELECT * FROM query('SELECT 1')": "`query` cannot be used",
    "SELECT * FROM query_table('orders')": "`query_table` cannot be used",
    "SELECT * FROM duckdb_settings()": "`duckdb_settings` cannot be used",
    "SELECT * FROM pragma_database_list()": "`pragma_database_list` cannot be used",
    "SELECT * FROM duckdb_settings": "`duckdb_settings` cannot be used",
    "SELECT * FROM information_schema.tables": "`information_schema.tables` cannot be used",
    "SELECT * FROM pg_catalog.pg_tables": "`pg_catalog.pg_tables` cannot be used",
    "SELECT * FROM sqlite_master": "`sqlite_master` cannot be used",
    "SELECT * FROM '{folder}/secret.csv'": "secret.csv` cannot be used",
    "SELECT * FROM '{published}'": ".parquet` cannot be used",
    "SELECT * FROM 'https://example.org/a.csv'": "`https://example.org/a.csv` cannot be used",
    "SELECT * FROM 's3://bucket/a.parquet'": "`s3://bucket/a.parquet` cannot be used",
    "SELECT getenv('HOME')": "`getenv` cannot be used",
    "SELECT current_setting('memory_limit')": "`current_setting` cannot be used",
    "SELECT (SELECT max(content) FROM read_text('{folder}/secret.csv')) FROM orders": "`read_text` cannot be used",
    "WITH a AS (SELECT * FROM read_text('{folder}/secret.csv')) SELECT * FROM a": "`read_text` cannot be used",
    "SELECT * FROM orders WHERE order_id IN (FROM read_text('{folder}/secret.csv'))": "`read_text` cannot be used",
    "SELECT 1 UNION ALL (SELECT 2 FROM glob('*'))": "`glob` cannot be used",
}


@pytest.fixture
def places(lake: Bench) -> dict[str, str]:
    (lake.root / "secret.csv").write_text("a\nb\n")
    published = next(lake.root.glob("lake/data-warehouse/**/*.parquet"))
    return {"folder": str(lake.root), "published": str(published)}


def test_nothing_but_a_select_over_published_tables_is_answered(lake: Bench, places: dict[str, str]) -> None:
    before = lake.files("")
    told = {}
    for sql in FORBIDDEN:
        with pytest.raises(UnusableArgument) as refused:
            query(sql.format(**places), lake.lake)
        told[sql] = refused.value.what
    assert {sql: what for sql, what in told.items() if FORBIDDEN[sql] not in what} == {}
    assert lake.files("") == before


def test_duckdb_itself_opens_published_files_only_and_keeps_its_settings(places: dict[str, str]) -> None:
    """The second wall: what the check of the parsed query might let through."""
    for sql in (
        "SELECT * FROM read_text('{folder}/secret.csv')",
        "SELECT * FROM glob('{folder}/*')",
        "COPY (SELECT 1) TO '{folder}/out.csv'",
        "ATTACH '{folder}/other.duckdb'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET enable_external_access = true",
        "SET memory_limit = '64GB'",
    ):
        with connect() as connection:
            confine(connection, [places["published"]])
            assert connection.execute("SELECT current_setting('memory_limit')").fetchall() == [("953.6 MiB",)]
            with pytest.raises(duckdb.Error, match=r"disabled|locked"):
                connection.execute(sql.format(**places)).fetchall()


@pytest.mark.parametrize(
    "sql",
    [
        "WITH a AS (SELECT * FROM orders) SELECT order_id FROM a",
        "FROM orders SELECT order_id; -- the only one",
        "SELECT order_id FROM orders, range(1), unnest([1])",
        "SELECT order_id FROM (SELECT * FROM DATA_WAREHOUSE_DB.TBL_ORDERS) UNION SELECT order_id FROM orders",
        "WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 3) SELECT 'a' FROM n WHERE i = 3",
        "SELECT column_name[1] FROM (DESCRIBE orders) WHERE column_name = 'amount'",
    ],
)
def test_what_reads_published_tables_is_answered(lake: Bench, sql: str) -> None:
    assert lake.rows(sql) == [("a",)]


@pytest.fixture
def headgate(lake: Bench, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    monkeypatch.chdir(lake.root)
    return lambda *words: CliRunner().invoke(app, list(words), catch_exceptions=False)


def test_without_sql_the_tables_are_listed(lake: Bench, headgate: Callable[..., Result]) -> None:
    run = lake.runs[-1].run
    day = f"{run[:4]}-{run[4:6]}-{run[6:8]}"
    lines = [line.split() for line in headgate("query").output.splitlines()]
    assert [(words[0], words[1], words[3], words[-1]) for words in lines[2:4]] == [
        ("orders", "1", day, run),
        ("visits", "2", day, run),
    ]
    listed = json.loads(headgate("query", "--format", "json").output)
    assert listed[1] == {"table": "visits", "rows": 2, "columns": 5, "run": run}
    with pytest.raises(UnusableArgument, match="the list of tables is not made as csv"):
        headgate("query", "--format", "csv")


def test_a_table_shows_fifty_rows_and_the_count(headgate: Callable[..., Result]) -> None:
    output = headgate("query", "SELECT * FROM range(1234)").output
    assert len(output.splitlines()) == 2 + 50 + 2
    assert output.endswith("1,234 rows; 50 are shown, more with --limit\n")
    assert headgate("query", "SELECT * FROM range(51)", "--limit", "51").output.endswith("\n51 rows\n")
    assert headgate("query", "SELECT * FROM range(0)").output.endswith("\n0 rows\n")
    assert headgate("query", "SELECT * FROM range(9)", "--limit", "1").output.splitlines()[2:] == [
        "    0",
        "",
        "9 rows; 1 are shown, more with --limit",
    ]


def test_every_form_has_the_same_rows_and_takes_a_limit(headgate: Callable[..., Result]) -> None:
    sql = "SELECT range AS n, 'é' || range AS t FROM range(25000)"
    assert headgate("query", sql, "--format", "csv").output.splitlines()[-1] == "24999,é24999"
    rows = json.loads(headgate("query", sql, "--format", "json").output)
    assert (len(rows), rows[-1]) == (25000, {"n": 24999, "t": "é24999"})
    assert pq.read_table(io.BytesIO(headgate("query", sql, "--format", "parquet").stdout_bytes)).to_pylist() == rows
    assert headgate("query", sql, "--format", "csv", "--limit", "1").output == "n,t\n0,é0\n"
    assert json.loads(headgate("query", sql, "--format", "json", "--limit", "1").output) == rows[:1]
    first = headgate("query", sql, "--format", "parquet", "--limit", "1").stdout_bytes
    assert pq.read_table(io.BytesIO(first)).to_pylist() == rows[:1]
    assert headgate("query", "SELECT 1 WHERE false", "--format", "json").output == "[]\n"


def test_rows_are_streamed(lake: Bench) -> None:
    """The first rows of a result that would not fit into memory or on the disk."""
    with answering("SELECT range, repeat('x', 1000) FROM range(10000000000)", lake.lake) as answer:
        rows: Iterator[tuple[object, ...]] = answer.rows()
        assert [next(rows)[0] for _ in range(3)] == [0, 1, 2]
        rows.close()  # type: ignore[attr-defined]
    with answering("SELECT range, repeat('x', 1000) FROM range(10000000000)", lake.lake) as answer:
        _, batches = answer.batches()
        assert next(batches).num_rows > 0


def test_a_fault_in_a_later_row_is_explained_in_every_form(headgate: Callable[..., Result]) -> None:
    sql = "SELECT CASE WHEN range = 20000 THEN 'x' ELSE '1' END::INT FROM range(25000)"
    for form in ("csv", "json", "parquet"):
        with pytest.raises(UnusableArgument, match="cannot be answered: Could not convert string 'x'"):
            headgate("query", sql, "--format", form)


def test_a_reader_that_ends_early_ends_the_query(lake: Bench) -> None:
    command = f"{sys.executable} -m headgate.cli query 'SELECT * FROM range(1000000000)' --format csv | head -n 2"
    env = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(ROOT / "shared"), *sys.path]),
    }
    answer = subprocess.run(command, shell=True, capture_output=True, text=True, cwd=lake.root, env=env, timeout=120)
    assert (answer.stdout, answer.stderr) == ("range\n0\n", "")
