"""Athena's API on Trino: what runs, what it writes, and what is refused, through boto3 as a caller sees it."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator

import pytest
from athena_bench import GLUE, AthenaBench, running_athena, texts
from botocore.exceptions import ClientError
from rehearsal_bench import allow

pytestmark = pytest.mark.needs("ministack", "trino")


@pytest.fixture(scope="module")
def athena(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AthenaBench]:
    with running_athena(
        tmp_path_factory.mktemp("athena"), "rehearsal.aws.crawlers.service", "rehearsal.aws.step_functions"
    ) as bench:
        bench.done(
            "CREATE TABLE db.visits WITH (format = 'PARQUET', write_compression = 'ZSTD', "
            "partitioned_by = ARRAY['month'], external_location = 's3://lake/visits/') AS SELECT * FROM (VALUES "
            "('a', 3, '2026-01'), ('b', 1, '2026-01'), ('a', 2, '2026-02')) AS t (page, times, month)"
        )
        yield bench


def refusal(athena: AthenaBench, sql: str, workgroup: str = "open", **more: object) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        athena.start(sql, workgroup, **more)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def test_a_query_answers_with_its_header_first_and_nulls_as_nothing(athena: AthenaBench) -> None:
    assert athena.rows("SELECT page, times, nullif(times, 2) AS other FROM visits WHERE page = 'a' ORDER BY times") == [
        ["page", "times", "other"],
        ["a", "2", None],
        ["a", "3", "3"],
    ]


def test_the_result_is_a_csv_in_quotes_where_the_api_says(athena: AthenaBench) -> None:
    query = athena.done("SELECT 'x \"y\"' AS a, NULL AS b, 1.5e10 AS c")
    location = query["ResultConfiguration"]["OutputLocation"]
    assert location == f"s3://results/open/{query['QueryExecutionId']}.csv"
    assert athena.file(location) == '"a","b","c"\n"x ""y""",,"1.5E10"\n'


def test_a_new_table_is_partitioned_parquet_in_the_folder_it_names(athena: AthenaBench) -> None:
    table = athena.glue.get_table(DatabaseName="db", Name="visits")["Table"]
    assert [key["Name"] for key in table["PartitionKeys"]] == ["month"]
    assert "Parquet" in table["StorageDescriptor"]["SerdeInfo"]["SerializationLibrary"]
    keys = athena.keys("visits/")
    assert {key.split("/")[1] for key in keys} == {"month=2026-01", "month=2026-02"}
    content = athena.s3.get_object(Bucket="lake", Key=keys[0])["Body"].read()
    assert content[:4] == b"PAR1"


def test_insert_adds_to_a_table_and_reports_how_many(athena: AthenaBench) -> None:
    athena.done("CREATE TABLE db.grows WITH (external_location = 's3://lake/grows/') AS SELECT 1 AS n")
    query = athena.done("INSERT INTO db.grows SELECT 2 UNION ALL SELECT 3")
    answer = athena.athena.get_query_results(QueryExecutionId=query["QueryExecutionId"])
    assert (answer["UpdateCount"], texts(answer)) == (2, [])
    assert athena.rows("SELECT sum(n) FROM grows") == [["_col0"], ["6"]]


def test_a_view_is_switched_from_one_table_to_the_next(athena: AthenaBench) -> None:
    for run in (1, 2):
        athena.done(f"CREATE TABLE db.v_{run} WITH (external_location = 's3://lake/v/run={run}/') AS SELECT {run} AS n")
        athena.done(f"CREATE OR REPLACE VIEW db.v AS SELECT * FROM db.v_{run}")
        assert athena.rows("SELECT n FROM db.v") == [["n"], [str(run)]]


def test_iceberg_tables_are_read_merged_and_joined_under_the_one_catalog(athena: AthenaBench) -> None:
    athena.done(
        "CREATE TABLE db.pages WITH (table_type = 'ICEBERG', is_external = false, location = 's3://lake/pages/', "
        "partitioning = ARRAY['bucket(page, 2)']) AS SELECT 'a' AS page, 'Home' AS title"
    )
    athena.done(
        "MERGE INTO db.pages t USING (VALUES ('a', 'Start'), ('b', 'Shop')) AS s (page, title) ON t.page = s.page "
        "WHEN MATCHED THEN UPDATE SET title = s.title "
        "WHEN NOT MATCHED THEN INSERT (page, title) VALUES (s.page, s.title)"
    )
    table = athena.glue.get_table(DatabaseName="db", Name="pages")["Table"]
    assert table["Parameters"]["table_type"].upper() == "ICEBERG"
    assert athena.rows(
        'SELECT title, sum(times) FROM "awsdatacatalog"."db"."pages" JOIN visits USING (page) GROUP BY 1 ORDER BY 1'
    ) == [["title", "_col1"], ["Shop", "1"], ["Start", "5"]]


def test_more_than_100_partitions_in_one_statement_are_refused(athena: AthenaBench) -> None:
    numbers = "SELECT n, cast(n AS varchar) AS part FROM UNNEST(sequence(1, {})) AS t (n)"
    table = "CREATE TABLE db.{0} WITH (partitioned_by = ARRAY['part'], external_location = 's3://lake/{0}/') AS "
    state, reason = athena.reason(table.format("many") + numbers.format(101))
    assert state == "FAILED"
    assert reason.startswith("HIVE_TOO_MANY_OPEN_PARTITIONS: Exceeded limit of 100 open writers for partitions")
    athena.done(table.format("enough") + numbers.format(100))
    assert athena.reason("INSERT INTO db.enough " + numbers.format(101))[1].startswith("HIVE_TOO_MANY_OPEN_PARTITIONS")


def test_a_folder_that_is_not_empty_takes_no_new_table(athena: AthenaBench) -> None:
    state, reason = athena.reason(
        "CREATE TABLE db.again WITH (external_location = 's3://lake/visits/') AS SELECT 1 AS n"
    )
    assert state == "FAILED"
    assert reason.startswith("HIVE_PATH_ALREADY_EXISTS: Target directory for table 'db.again' already exists")


def test_a_workgroup_that_enforces_its_location_accepts_no_other_for_a_new_table(athena: AthenaBench) -> None:
    code, message = refusal(
        athena, "CREATE TABLE db.x WITH (external_location = 's3://lake/x/') AS SELECT 1 AS n", "enforced"
    )
    assert code == "InvalidRequestException"
    assert "enforces a centralized output location" in message
    query = athena.done("CREATE TABLE db.x AS SELECT 1 AS n", "enforced")
    place = athena.glue.get_table(DatabaseName="db", Name="x")["Table"]["StorageDescriptor"]["Location"]
    assert place.rstrip("/") == f"s3://results/enforced/tables/{query['QueryExecutionId']}"


def test_the_callers_location_counts_only_where_the_workgroup_allows_it(athena: AthenaBench) -> None:
    asked = {"ResultConfiguration": {"OutputLocation": "s3://results/mine/"}}
    for workgroup, place in (("open", "mine"), ("enforced", "enforced")):
        query = athena.run("SELECT 1", workgroup, **asked)
        assert query["ResultConfiguration"]["OutputLocation"].startswith(f"s3://results/{place}/")
        assert athena.file(query["ResultConfiguration"]["OutputLocation"]) == '"_col0"\n"1"\n'


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("SELECT 1; SELECT 2", "Only one sql statement is allowed."),
        ("TRUNCATE TABLE db.visits", "Queries of this type are not supported"),
        ("CALL system.sync_partition_metadata('db', 'visits', 'ADD')", "Queries of this type are not supported"),
        ("SELECT * FROM", "line 1:14: mismatched input '<EOF>'"),
        ("SELECT *\nFROM `visits`", "line 2:6: backquoted identifiers are not supported"),
        ("CREATE TABLE db.y (n int)", "External keyword required for table type HIVE"),
        ("UNLOAD (SELECT 1) TO 's3://lake/u/'", "The rehearsal does not serve this statement of Athena's: UNLOAD"),
    ],
)
def test_what_athena_does_not_accept_is_refused_at_submission(athena: AthenaBench, sql: str, message: str) -> None:
    code, text = refusal(athena, sql)
    assert code == "InvalidRequestException"
    assert text.startswith(message)


def test_a_missing_location_for_results_and_a_missing_bucket_are_refused(athena: AthenaBench) -> None:
    assert refusal(athena, "SELECT 1", "primary")[1].startswith("No output location provided.")
    nowhere = {"ResultConfiguration": {"OutputLocation": "s3://nowhere/"}}
    assert refusal(athena, "SELECT 1", "primary", **nowhere)[1].startswith(
        "Unable to verify/create output bucket nowhere"
    )
    assert refusal(athena, "SELECT 1", "none")[1] == "WorkGroup none is not found."


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("SELECT nothing FROM visits", "COLUMN_NOT_FOUND: line 1:8: Column 'nothing' cannot be resolved"),
        ("SELECT * FROM nobody", "TABLE_NOT_FOUND: line 1:15: Table 'awsdatacatalog.db.nobody' does not exist"),
        ("SELECT 1 / (times - times) FROM visits", "DIVISION_BY_ZERO: Division by zero"),
        ("DELETE FROM visits WHERE times = 1", "NOT_SUPPORTED: Modifying Hive table rows is only supported for"),
    ],
)
def test_a_query_that_fails_gives_athenas_reason(athena: AthenaBench, sql: str, reason: str) -> None:
    query = athena.run(sql)
    assert query["Status"]["State"] == "FAILED"
    assert query["Status"]["StateChangeReason"].startswith(reason)
    assert query["Status"]["AthenaError"]["ErrorCategory"] == 2
    with pytest.raises(ClientError, match=r"Query did not finish successfully. Final query state: FAILED"):
        athena.athena.get_query_results(QueryExecutionId=query["QueryExecutionId"])


def test_numbers_divide_as_in_athena(athena: AthenaBench) -> None:
    assert athena.rows("SELECT 7 / 2, 7.0 / 2") == [["_col0", "_col1"], ["3", "3.5"]]


def test_a_query_that_would_read_more_than_the_workgroup_allows_is_cancelled(athena: AthenaBench) -> None:
    athena.workgroup("small", EnforceWorkGroupConfiguration=True, BytesScannedCutoffPerQuery=10_000_000)
    athena.put("large/a.txt", ("x" * 99 + "\n") * 110_000)
    athena.done("CREATE EXTERNAL TABLE db.large (line string) LOCATION 's3://lake/large/'")
    sql = "SELECT count(*) FROM db.large WHERE line LIKE '%x'"
    assert athena.reason(sql, "small") == ("CANCELLED", "Bytes scanned limit was exceeded")
    assert athena.done(sql)["Statistics"]["DataScannedInBytes"] == 11_000_000
    assert athena.reason("SELECT sum(times) FROM db.visits", "small") == ("SUCCEEDED", "")


def test_a_running_query_can_be_stopped(athena: AthenaBench) -> None:
    query = athena.start("SELECT count(*) FROM UNNEST(sequence(1, 10000)) a (x), UNNEST(sequence(1, 10000)) b (y), "
                         "UNNEST(sequence(1, 10000)) c (z) WHERE x * y * z % 7 = 1")  # fmt: skip
    with pytest.raises(ClientError, match=r"Query has not yet finished. Current state: (QUEUED|RUNNING)"):
        athena.athena.get_query_results(QueryExecutionId=query)
    athena.athena.stop_query_execution(QueryExecutionId=query)
    status = athena.ended(query)["Status"]
    assert (status["State"], status["StateChangeReason"]) == ("CANCELLED", "Query cancelled by user")


def test_results_come_in_pages_and_the_header_counts(athena: AthenaBench) -> None:
    query = athena.done("SELECT n FROM UNNEST(sequence(1, 1500)) AS t (n)")["QueryExecutionId"]
    first = athena.athena.get_query_results(QueryExecutionId=query)
    assert (len(texts(first)), texts(first)[0], texts(first)[-1]) == (1000, ["n"], ["999"])
    rest = athena.athena.get_query_results(QueryExecutionId=query, NextToken=first["NextToken"])
    assert (len(texts(rest)), texts(rest)[0], "NextToken" in rest) == (501, ["1000"], False)
    assert athena.page(QueryExecutionId=query, MaxResults=2) == [["n"], ["1"]]


def test_the_same_token_starts_a_query_once(athena: AthenaBench) -> None:
    token = uuid.uuid4().hex
    first = athena.start("SELECT 1", ClientRequestToken=token)
    assert athena.start("SELECT 1", ClientRequestToken=token) == first
    assert refusal(athena, "SELECT 2", ClientRequestToken=token)[1] == "Idempotent parameters do not match"


def test_executions_are_listed_and_fetched_together(athena: AthenaBench) -> None:
    query = athena.done("SELECT 42")["QueryExecutionId"]
    assert query in athena.athena.list_query_executions(WorkGroup="open")["QueryExecutionIds"]
    executions = athena.athena.batch_get_query_execution(QueryExecutionIds=[query])["QueryExecutions"]
    assert [(execution["Status"]["State"], execution["Query"]) for execution in executions] == [
        ("SUCCEEDED", "SELECT 42")
    ]


def test_hives_grammar_works_where_athena_accepts_it(athena: AthenaBench) -> None:
    athena.put("raw/a.txt", "x,1\ny,2\n")
    athena.done(
        "CREATE EXTERNAL TABLE `db`.`raw` (`name` string, `n` bigint) ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' "
        "LOCATION 's3://lake/raw/'"
    )
    assert athena.rows("SELECT sum(n) FROM raw") == [["_col0"], ["3"]]
    assert ["raw"] in athena.rows("SHOW TABLES IN `db`")
    assert athena.rows("SHOW COLUMNS IN db.raw") == [["name"], ["n"]]
    query = athena.done("DROP TABLE `db`.`raw`")
    assert query["ResultConfiguration"]["OutputLocation"].endswith(".txt")
    assert athena.keys("raw/") == ["raw/a.txt"]


def etl_role(athena: AthenaBench, name: str, *, may_write: bool) -> str:
    read = ["glue:GetDatabase", "glue:GetTable", "glue:GetPartition", "glue:GetPartitions", "glue:BatchGetPartition"]
    write = ["glue:CreateTable", "glue:UpdateTable", "glue:BatchCreatePartition"]
    granted = [
        allow(["athena:*"], ["*"]),
        allow(["s3:GetBucketLocation", "s3:ListBucket"], ["arn:aws:s3:::lake", "arn:aws:s3:::results"]),
        allow(["s3:GetObject"], ["arn:aws:s3:::lake/*"]),
        allow(["s3:PutObject"], ["arn:aws:s3:::results/*", *(["arn:aws:s3:::lake/etl/*"] if may_write else [])]),
        allow(read + write, [f"{GLUE}:catalog", f"{GLUE}:database/db", f"{GLUE}:table/db/*"]),
    ]
    return athena.role(name, granted)


def test_a_query_has_the_rights_of_its_caller_and_is_recorded_as_the_callers(athena: AthenaBench) -> None:
    caller = athena.athena_as(etl_role(athena, "writer", may_write=True))
    sql = "CREATE TABLE db.mine WITH (external_location = 's3://lake/etl/1/') AS SELECT page, times FROM db.visits"
    query = caller.start_query_execution(QueryString=sql, WorkGroup="open")["QueryExecutionId"]
    assert athena.ended(query)["Status"]["State"] == "SUCCEEDED"
    wanted = {"athena:StartQueryExecution", "glue:GetTable", "glue:CreateTable", "s3:GetObject", "s3:PutObject"}
    assert wanted <= athena.called("writer")


def test_a_missing_permission_fails_the_query_and_is_named(athena: AthenaBench) -> None:
    caller = athena.athena_as(etl_role(athena, "reader", may_write=False))
    sql = "CREATE TABLE db.theirs WITH (external_location = 's3://lake/etl/2/') AS SELECT page FROM db.visits"
    query = caller.start_query_execution(QueryString=sql, WorkGroup="open")["QueryExecutionId"]
    status = athena.ended(query)["Status"]
    assert status["State"] == "FAILED"
    assert status["StateChangeReason"].startswith("Insufficient permissions to execute the query.")
    assert "assumed-role/reader/" in status["StateChangeReason"]
    assert "s3:PutObject" in status["StateChangeReason"]


def test_a_state_machine_builds_a_table_in_the_name_of_its_role(athena: AthenaBench) -> None:
    machines = athena.emulator.client("stepfunctions")
    sql = "CREATE TABLE db.built WITH (external_location = 's3://lake/etl/3/') AS SELECT page FROM db.visits"
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::athena:startQueryExecution.sync",
        "Arguments": {"QueryString": sql, "WorkGroup": "open"},
        "End": True,
    }
    made = machines.create_state_machine(
        name="etl",
        roleArn=etl_role(athena, "machine", may_write=True),
        definition=json.dumps({"QueryLanguage": "JSONata", "StartAt": "Build", "States": {"Build": task}}),
    )
    run = machines.start_execution(stateMachineArn=made["stateMachineArn"])["executionArn"]
    while (execution := machines.describe_execution(executionArn=run))["status"] == "RUNNING":
        time.sleep(0.1)
    assert execution["status"] == "SUCCEEDED", execution.get("cause")
    assert athena.rows("SELECT count(*) FROM db.built") == [["_col0"], ["3"]]
    assert {"glue:CreateTable", "s3:PutObject"} <= athena.called("machine")


def test_what_a_crawler_found_is_read_through_athena(athena: AthenaBench) -> None:
    athena.put("staging/sales/day=1/a.csv", "id,price,what\n1,2.5,x\n2,3,y\n")
    athena.put("staging/sales/day=2/a.csv", "id,price,what\n3,1,z\n")
    athena.put("staging/seen/2026/a.json", '{"id": 7, "tags": ["a", "b"], "who": {"name": "n"}}\n')
    everything = [allow(["s3:*", "glue:*", "logs:*"], ["*"])]
    athena.glue.create_crawler(
        Name="raw",
        Role=athena.role("crawls", everything, "glue.amazonaws.com"),
        DatabaseName="db",
        TablePrefix="raw_",
        Targets={"S3Targets": [{"Path": f"s3://lake/staging/{name}/"} for name in ("sales", "seen")]},
        SchemaChangePolicy={"UpdateBehavior": "UPDATE_IN_DATABASE", "DeleteBehavior": "LOG"},
    )
    athena.glue.start_crawler(Name="raw")
    while (crawler := athena.glue.get_crawler(Name="raw")["Crawler"])["State"] != "READY":
        time.sleep(0.1)
    assert crawler["LastCrawl"]["Status"] == "SUCCEEDED", crawler["LastCrawl"]
    assert athena.rows("SELECT day, sum(price) FROM raw_sales GROUP BY day ORDER BY day") == [
        ["day", "_col1"],
        ["1", "5.5"],
        ["2", "1.0"],
    ]
    assert athena.rows("SELECT id, tags, who, partition_0 FROM raw_seen") == [
        ["id", "tags", "who", "partition_0"],
        ["7", "[a, b]", "{name=n}", "2026"],
    ]
