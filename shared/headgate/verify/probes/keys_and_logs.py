"""Logs arrive in the lake's log groups only, and everything stored is encrypted with the lake's key."""

from __future__ import annotations

from collections.abc import Iterator

from botocore.exceptions import ClientError

from headgate.deploy.account import error_code
from headgate.lake.paths import ledger_folder, quarantine_folder, record_file, report_file, table_folder
from headgate.verify.probe import Probe, require
from headgate.verify.probe_dataset import DATASET, GOOD
from headgate.verify.probed_lake import EndedRun, ProbedLake

GLUES_OWN = ("/aws-glue/jobs/output", "/aws-glue/jobs/error", "/aws-glue/jobs/logs-v2")


def _look(lake: ProbedLake) -> str:
    run = lake.published_run()
    alias = lake.job.names.key_alias
    key = lake.aws.kms.describe_key(KeyId=alias)["KeyMetadata"]["Arn"]
    streams = _wait_for_streams(lake, run.job["Id"])
    for group in lake.job.log_groups:
        _require_group_key(lake, group, key)
    for group in GLUES_OWN:
        require(not _streams(lake, group, run.job["Id"]), f"the run also logs to `{group}`, one of Glue's own groups")
    objects = list(_objects(lake, run))
    for bucket, path in objects:
        _require_object_key(lake, bucket, path, key)
    return f"{streams} log streams in our groups; {len(objects)} objects and 2 groups under {alias}"


def _wait_for_streams(lake: ProbedLake, job_run: str) -> int:
    """Wait for a stream in both groups: the job's output, and Spark's log. Return their number."""
    count = 0
    for group in lake.job.log_groups:
        what = f"a log stream of the run in `{group}`"
        count += lake.clock.wait_for(
            what, lambda group=group: _streams(lake, group, job_run) or None, every=15, timeout=180
        )
    return count


def _streams(lake: ProbedLake, group: str, job_run: str) -> int:
    try:
        answer = lake.aws.logs.describe_log_streams(logGroupName=group, logStreamNamePrefix=job_run)
    except ClientError as error:
        if error_code(error) != "ResourceNotFoundException":
            raise
        return 0
    return len(answer["logStreams"])


def _require_group_key(lake: ProbedLake, name: str, key: str) -> None:
    groups = lake.aws.logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    keys = [group.get("kmsKeyId", "no key") for group in groups if group["logGroupName"] == name]
    require(bool(keys), f"there is no log group `{name}`")
    require(keys == [key], f"the log group `{name}` is encrypted with {', '.join(keys)}, not with {key}")


def _objects(lake: ProbedLake, run: EndedRun) -> Iterator[tuple[str, str]]:
    """Yield one object of each kind: raw file, record, report, data, metadata, ledger, quarantine."""
    staging, reports, root = lake.job.staging, lake.job.reports, lake.job.lake_root
    run_id = run.record["run_id"]
    yield staging.bucket, staging.key(f"{DATASET}/verify-{lake.token}-{GOOD.name}.csv")
    yield reports.bucket, reports.key(record_file(run_id))
    yield reports.bucket, reports.key(report_file(run_id))
    table = table_folder(DATASET)
    for folder in (f"{table}/data", f"{table}/metadata", ledger_folder(DATASET), quarantine_folder(DATASET)):
        prefix = root.key(f"{folder}/")
        items = lake.aws.s3.list_objects_v2(Bucket=root.bucket, Prefix=prefix, MaxKeys=1).get("Contents", [])
        require(bool(items), f"there is no object below s3://{root.bucket}/{prefix}")
        yield root.bucket, items[0]["Key"]


def _require_object_key(lake: ProbedLake, bucket: str, path: str, key: str) -> None:
    head = lake.aws.s3.head_object(Bucket=bucket, Key=path)
    encryption = f"{head.get('ServerSideEncryption', 'nothing')} {head.get('SSEKMSKeyId', '')}".strip()
    expected = f"aws:kms {key}"
    require(encryption == expected, f"s3://{bucket}/{path} is encrypted with {encryption}, not with {expected}")


PROBE = Probe(
    name="keys-and-logs",
    claim="logs arrive in our groups, and everything is encrypted with the lake's key",
    sent="nothing more: logs and objects of the run above",
    look=_look,
)
