"""What the probes may leave of their datasets: raw files, tables, the objects that belong to them, reports."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlparse

from botocore.exceptions import ClientError

from headgate.deploy.account import error_code
from headgate.lake.paths import LATEST, LEDGER, QUARANTINE, SPARK_UI, STATES, TEMPORARY, WAREHOUSE, incoming_folder
from headgate.verify.crawls import describe_crawler, raw_table
from headgate.verify.probe_dataset import DOCUMENTS, MART, PARQUET
from headgate.verify.probe_job import ProbeJob
from headgate.verify.probed_lake import ProbedLake
from headgate.verify.roles import SESSION, role_arn

Step = tuple[str, Callable[[], list[str]]]  # what is removed; the function returns what could not be
_FOLDERS = (WAREHOUSE, LEDGER, QUARANTINE, TEMPORARY)
_POINTER = "headgate."  # parameters of a table by which a publication shows its ledger begin so


def leftovers(lake: ProbedLake) -> Iterator[Step]:
    """The table of each dataset, the objects that belong to it, and the reports that are stored by dataset."""
    for job in lake.jobs.values():
        yield f"table `{job.table}`", _table_step(lake, job)
        folders = [(job.lake_root, folder) for folder in _folders(job)]
        for location, path in [*folders, (job.reports, LATEST), (job.reports, SPARK_UI)]:
            yield _below(lake, location.bucket, location.key(f"{path}/{job.dataset}/"))

    crawlers = {PARQUET: lake.job.names.crawler, DOCUMENTS: lake.job.names.events_crawler}
    for dataset, crawler in crawlers.items():
        if dataset in lake.jobs:
            yield f"the raw table of `{dataset}`", lambda at=(crawler, dataset): _drop_raw_table(lake, *at)
    yield "results of analysts' queries", lambda: _remove_results(lake)


def _drop_raw_table(lake: ProbedLake, crawler: str, dataset: str) -> list[str]:
    return drop_table(lake, *raw_table(describe_crawler(lake, crawler), dataset))


def _remove_results(lake: ProbedLake) -> list[str]:
    """Remove the results of the probes' sessions under the role of analysts."""
    group = lake.aws.athena.get_work_group(WorkGroup=lake.job.names.workgroup)["WorkGroup"]
    bucket = urlparse(group["Configuration"]["ResultConfiguration"]["OutputLocation"]).netloc
    role = lake.aws.iam.get_role(RoleName=role_arn(lake, "analyst").rpartition("/")[2])["Role"]
    return remove_below(lake, bucket, f"analysts/{role['RoleId']}:{SESSION}")


def raw_leftovers(lake: ProbedLake) -> Iterator[Step]:
    """The raw files that an earlier, killed `make verify` has put."""
    for job in lake.jobs.values():
        if job.dataset != MART:
            yield _below(lake, job.staging.bucket, job.staging.key(f"{job.dataset}/verify-"))
    if DOCUMENTS in lake.jobs:
        yield _below(lake, lake.job.staging.bucket, f"{incoming_folder(DOCUMENTS)}/verify-")


def remove_below(lake: ProbedLake, bucket: str, prefix: str) -> list[str]:
    """Remove every object with this key prefix; return the addresses that S3 kept, with its reason."""
    pages = lake.aws.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    kept: list[str] = []
    for page in pages:
        keys = [{"Key": item["Key"]} for item in page.get("Contents", [])]
        if keys:
            answer = lake.aws.s3.delete_objects(Bucket=bucket, Delete={"Objects": keys, "Quiet": True})
            kept += [f"s3://{bucket}/{error['Key']}: {error.get('Code', '')}" for error in answer.get("Errors", [])]
    return kept


def drop_table(lake: ProbedLake, database: str, table: str) -> list[str]:
    """Drop a table of the catalog, if it is there."""
    try:
        lake.aws.glue.delete_table(DatabaseName=database, Name=table)
    except ClientError as error:
        if error_code(error) != "EntityNotFoundException":
            raise
    return []


def _folders(job: ProbeJob) -> tuple[str, ...]:
    return (*_FOLDERS, STATES) if job.dataset == PARQUET else _FOLDERS


def _below(lake: ProbedLake, bucket: str, prefix: str) -> Step:
    return f"s3://{bucket}/{prefix}*", lambda: remove_below(lake, bucket, prefix)


def _table_step(lake: ProbedLake, job: ProbeJob) -> Callable[[], list[str]]:
    if job.dataset == PARQUET:
        return lambda: _empty_table(lake, job)
    return lambda: drop_table(lake, job.database, job.table)


def _empty_table(lake: ProbedLake, job: ProbeJob) -> list[str]:
    """Show no publication any more in the plain Parquet table: Terraform has created it, so it stays in the catalog."""
    table = lake.aws.glue.get_table(DatabaseName=job.database, Name=job.table)["Table"]
    parameters = table.get("Parameters", {})
    if any(name.startswith(_POINTER) for name in parameters):
        location = job.lake_root.uri(f"{WAREHOUSE}/{job.dataset}/")
        empty: dict[str, Any] = {
            "Name": job.table,
            "TableType": table["TableType"],
            "PartitionKeys": table.get("PartitionKeys", []),
            "StorageDescriptor": {**table["StorageDescriptor"], "Location": location},
            "Parameters": {name: text for name, text in parameters.items() if not name.startswith(_POINTER)},
        }
        lake.aws.glue.update_table(DatabaseName=job.database, TableInput=empty)
    return []
