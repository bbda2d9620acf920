"""The role of analysts may what Athena's console and drivers call, and may not read raw, refused or others' data."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from botocore.exceptions import ClientError

from headgate.deploy.account import error_code
from headgate.lake.paths import counts_file, ledger_folder, quarantine_folder, record_file
from headgate.verify.athena import output_location, wait_for_answer
from headgate.verify.clients import AwsClients, clients_of_role
from headgate.verify.probe import Probe, ProbeFailed, ProbeSkipped, aws_errors_as_failures, require
from headgate.verify.probe_dataset import DATASET, GOOD
from headgate.verify.probed_lake import EndedRun, ProbedLake, quoted
from headgate.verify.roles import SESSION, allowed_roles, role_arn

SQL = "SELECT count(*) FROM {table}"
CATALOG = "AwsDataCatalog"
_DENIED = {"AccessDenied", "AccessDeniedException", "403", "Forbidden"}
_STREAM = "athena:GetQueryResultsStream"
Calls = Mapping[str, Callable[[], Any]]


def _look(lake: ProbedLake) -> str:
    run = lake.published_run()
    analyst, other = (_as_analyst(lake, f"{SESSION}{lake.token}{end}") for end in ("", "-2"))
    engineers = lake.start_query(SQL)
    seen = lake.wait_for_answer(engineers).rows
    bucket, of_engineers = _place(output_location(lake.aws, engineers))
    browsed = [_call(call) for call in _browsing(lake, analyst).values()]
    result = _query(lake, analyst, bucket, seen)
    _call(lambda: _get(analyst, lake.job.reports.bucket, _counts(lake, run)))
    forbidden = {**dict(_objects(lake, run)), "the result of an engineer": (bucket, of_engineers)}
    refused = [_require_refusal(what, lambda at=at: _get(analyst, *at)) for what, at in forbidden.items()]
    refused.append(_require_refusal("the result of another analyst", lambda: _get(other, *result)))
    answer = "the answer of an engineer"
    refused.append(_require_refusal(answer, lambda: analyst.athena.get_query_results(QueryExecutionId=engineers)))
    _require_stream(lake)
    return f"{len(browsed)} calls that browse and one query answered; refused: {', '.join(refused)}"


def _as_analyst(lake: ProbedLake, session: str) -> AwsClients:
    """Take the role of analysts. Raises `ProbeSkipped` where its trust does not let this role take it."""
    names = lake.job.names
    try:
        return clients_of_role(lake.aws, role_arn(lake, "analyst"), session, names.region)
    except ClientError as error:
        if error_code(error) not in _DENIED:
            raise
        role = f"{names.lake}-analyst"
        raise ProbeSkipped(
            f"this caller may not take the role {role}: add it to `analyst` in `trusted_principals`, and apply"
        ) from None


def _browsing(lake: ProbedLake, analyst: AwsClients) -> Calls:
    """What the console and the drivers call to show catalogs, databases, tables, workgroups and past queries."""
    athena, group = analyst.athena, lake.job.names.analysts
    here = {"CatalogName": CATALOG, "DatabaseName": lake.job.database}
    return {
        "ListDataCatalogs": athena.list_data_catalogs,
        "ListWorkGroups": athena.list_work_groups,
        "ListEngineVersions": athena.list_engine_versions,
        "GetDataCatalog": lambda: athena.get_data_catalog(Name=CATALOG),
        "GetWorkGroup": lambda: athena.get_work_group(WorkGroup=group),
        "ListDatabases": lambda: athena.list_databases(CatalogName=CATALOG),
        "GetDatabase": lambda: athena.get_database(**here),
        "ListTableMetadata": lambda: athena.list_table_metadata(**here),
        "GetTableMetadata": lambda: athena.get_table_metadata(**here, TableName=lake.job.table),
        "ListNamedQueries": lambda: athena.list_named_queries(WorkGroup=group),
        "ListQueryExecutions": lambda: athena.list_query_executions(WorkGroup=group),
    }


def _query(lake: ProbedLake, analyst: AwsClients, bucket: str, expected: object) -> tuple[str, str]:
    """Query as the console does, read and download the result, and return its bucket and key."""
    user = analyst.sts.get_caller_identity()["UserId"]
    with aws_errors_as_failures():
        query = analyst.athena.start_query_execution(
            QueryString=SQL.format(table=quoted(lake.job.database, lake.job.table)),
            WorkGroup=lake.job.names.analysts,
            ResultConfiguration={"OutputLocation": f"s3://{bucket}/analysts/{user}/"},
        )["QueryExecutionId"]
        rows = wait_for_answer(analyst, lake.clock, query).rows
        require(rows == expected, f"an analyst sees {rows}, an engineer {expected}")
        analyst.athena.get_query_runtime_statistics(QueryExecutionId=query)
        analyst.athena.batch_get_query_execution(QueryExecutionIds=[query])
        result = _place(output_location(analyst, query))
        _get(analyst, *result)
    return result


def _place(address: str) -> tuple[str, str]:
    """Return bucket and key of an `s3://` address."""
    bucket, _, key = address.partition("://")[2].partition("/")
    return bucket, key


def _counts(lake: ProbedLake, run: EndedRun) -> str:
    return lake.job.reports.key(counts_file(run.record["run_id"]))


def _objects(lake: ProbedLake, run: EndedRun) -> Iterator[tuple[str, tuple[str, str]]]:
    """Yield what an analyst may not read, each with bucket and key of an object that exists."""
    job = lake.job
    yield "a raw file", (job.staging.bucket, job.staging.key(f"{DATASET}/verify-{lake.token}-{GOOD.name}.csv"))
    yield "the full record of a run", (job.reports.bucket, job.reports.key(record_file(run.record["run_id"])))
    folders = {"refused rows": quarantine_folder(DATASET), "the ledger": ledger_folder(DATASET)}
    for what, folder in folders.items():
        bucket, prefix = job.lake_root.bucket, job.lake_root.key(f"{folder}/")
        items = lake.aws.s3.list_objects_v2(Bucket=bucket, Prefix=prefix, MaxKeys=1).get("Contents", [])
        require(bool(items), f"there is no object below s3://{bucket}/{prefix}")
        yield what, (bucket, items[0]["Key"])


def _get(aws: AwsClients, bucket: str, key: str) -> Any:
    return aws.s3.get_object(Bucket=bucket, Key=key)


def _call(call: Callable[[], Any]) -> Any:
    with aws_errors_as_failures():
        return call()


def _require_refusal(what: str, call: Callable[[], Any]) -> str:
    """Raise `ProbeFailed` unless AWS denies the access; another error is not a refusal."""
    try:
        call()
    except ClientError as error:
        require(error_code(error) in _DENIED, f"requested {what}: AWS answers {error_code(error)}, not a refusal")
        return what
    raise ProbeFailed(f"an analyst may read {what}")


def _require_stream(lake: ProbedLake) -> None:
    """Drivers stream results by a call that AWS does not publish, so IAM is asked whether the role may."""
    names = lake.job.names
    group = f"arn:{names.partition}:athena:{names.region}:{names.account}:workgroup/{names.analysts}"
    may = allowed_roles(lake, ["analyst"], _STREAM, group)
    require(may == ["analyst"], f"IAM does not allow the analyst {_STREAM} in {names.analysts}")


PROBE = Probe(
    name="analyst",
    claim="analysts may what Athena's console and drivers call, and see neither raw nor refused nor others' data",
    sent="the calls of the console under the role of analysts, in two sessions; one query",
    look=_look,
)
