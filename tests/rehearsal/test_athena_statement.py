"""How one statement is read: what Athena accepts, and its translation for Trino."""

from __future__ import annotations

import pytest

from rehearsal.aws.athena.statement import NotAccepted, read


def test_a_new_table_gets_trinos_properties_and_its_codec_goes_to_the_session() -> None:
    statement = read(
        "CREATE TABLE etl.x_1 WITH (format = 'PARQUET', write_compression = 'ZSTD', partitioned_by = ARRAY['a', 'b'], "
        "external_location = 's3://lake/x/run=1/') AS\nWITH t AS (SELECT 1) SELECT * FROM t"
    )
    assert statement.sql == (
        "CREATE TABLE etl.x_1 WITH (format = 'PARQUET', partitioned_by = ARRAY['a', 'b'], "
        "external_location = 's3://lake/x/run=1/') AS\nWITH t AS (SELECT 1) SELECT * FROM t"
    )
    assert statement.session == {"awsdatacatalog.compression_codec": "ZSTD"}
    assert (statement.new_table, statement.must_be_empty) == ("etl.x_1", "s3://lake/x/run=1/")
    assert (statement.type, statement.substatement, statement.is_query) == ("DDL", "CREATE_TABLE_AS_SELECT", False)


def test_a_new_table_without_a_location_is_put_beside_the_results() -> None:
    statement = read("create table if not exists x as select 1 as n", tables_go_to="s3://results/tables/7/")
    assert (
        statement.sql
        == "create table if not exists x WITH (external_location = 's3://results/tables/7/') as select 1 as n"
    )


def test_an_iceberg_table_is_made_in_the_catalog_of_iceberg() -> None:
    statement = read(
        "CREATE TABLE awsdatacatalog.db.x WITH (table_type = 'ICEBERG', is_external = false, "
        "location = 's3://lake/x/', "
        "partitioning = ARRAY['bucket(id, 4)', 'month(at)']) AS SELECT 1 AS id"
    )
    assert statement.sql == (
        "CREATE TABLE iceberg.db.x WITH (location = 's3://lake/x/', "
        "partitioning = ARRAY['bucket(id, 4)', 'month(at)']) AS SELECT 1 AS id"
    )


def test_comments_and_semicolons_in_texts_do_not_end_a_statement() -> None:
    sql = "-- what; it is\nSELECT ';' AS a /* ; */, \"b;\" FROM t; "
    assert read(sql).sql == "SELECT ';' AS a /* ; */, \"b;\" FROM t"


@pytest.mark.parametrize(
    ("sql", "trino"),
    [
        ("SHOW TABLES IN `db`", 'SHOW TABLES FROM "db"'),
        ("show databases", "SHOW SCHEMAS"),
        ("SHOW COLUMNS FROM t IN db", "SHOW COLUMNS FROM db.t"),
        ("DROP TABLE IF EXISTS `db`.`t`;", 'DROP TABLE IF EXISTS "db"."t"'),
        ("MSCK REPAIR TABLE db.t", "CALL awsdatacatalog.system.sync_partition_metadata('db', 't', 'ADD')"),
        ("CREATE OR REPLACE VIEW db.v AS SELECT 1 AS n", "CREATE OR REPLACE VIEW db.v AS SELECT 1 AS n"),
    ],
)
def test_hives_grammar_becomes_trinos(sql: str, trino: str) -> None:
    assert read(sql).sql == trino


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("", "Query is empty."),
        ("SELECT 1;; SELECT 2", "Only one sql statement is allowed. Got: SELECT 1;; SELECT 2"),
        ("GRANT SELECT ON t TO x", "Queries of this type are not supported"),
        ("CREATE OR REPLACE TABLE t AS SELECT 1 AS n", "Queries of this type are not supported"),
        ("CREATE TABLE t (n int)", "External keyword required for table type HIVE"),
        ("VACUUM db.t", "The rehearsal does not serve this statement of Athena's: VACUUM db.t …"),
        ("SHOW TABLES IN db 'x*'", "The rehearsal serves SHOW TABLES only without a pattern."),
        ("CREATE TABLE t WITH (write_compression = 'BZIP2') AS SELECT 1 AS n", "The rehearsal does not serve the"),
    ],
)
def test_what_is_not_accepted_is_refused_with_its_reason(sql: str, message: str) -> None:
    with pytest.raises(NotAccepted) as caught:
        read(sql)
    assert str(caught.value).startswith(message)


def test_a_workgroup_that_enforces_its_location_accepts_no_external_location() -> None:
    sql = "CREATE TABLE t WITH (external_location = 's3://lake/t/') AS SELECT 1 AS n"
    with pytest.raises(NotAccepted, match="enforces a centralized output location"):
        read(sql, may_name_location=False)
    assert read(sql).must_be_empty == "s3://lake/t/"
