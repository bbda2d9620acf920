"""Logs arrive in our groups and nowhere else, and everything that is stored is encrypted with the lake's key."""

from __future__ import annotations

from collections.abc import Iterator

from botocore.exceptions import ClientError

from headgate.lake.paths import ledger_folder, quarantine_folder, record_file, report_file, table_folder
from headgate.verify.probe import Probe, code_of, insist
from headgate.verify.probe_dataset import DATASET, GOOD
from headgate.verify.probed_lake import Ran, Scene

GLUES_OWN = ("/aws-glue/jobs/output", "/aws-glue/jobs/error", "/aws-glue/jobs/logs-v2")


def _look(scene: Scene) -> str:
    ran = scene.published()
    key = scene.aws.kms.describe_key(KeyId=scene.target.site.key)["KeyMetadata"]["Arn"]
    streams = _streams_arrive(scene, ran.job["Id"])
    for group in scene.target.log_groups:
        _group_has_the_key(scene, group, key)
    for group in GLUES_OWN:
        insist(not _streams(scene, group, ran.job["Id"]), f"the run also logs into `{group}`, a group that is not ours")
    objects = list(_objects(scene, ran))
    for bucket, path in objects:
        _object_has_the_key(scene, bucket, path, key)
    return f"{streams} log streams in our groups; {len(objects)} objects and 2 groups under {scene.target.site.key}"


def _streams_arrive(scene: Scene, job_run: str) -> int:
    """Both groups get a stream: what the job prints, and what Spark logs."""
    counted = 0
    for group in scene.target.log_groups:
        what = f"a log stream of the run in `{group}`"
        counted += scene.clock.until(what, lambda at=group: _streams(scene, at, job_run) or None, every=15, at_most=180)
    return counted


def _streams(scene: Scene, group: str, job_run: str) -> int:
    try:
        said = scene.aws.logs.describe_log_streams(logGroupName=group, logStreamNamePrefix=job_run)
    except ClientError as error:
        if code_of(error) != "ResourceNotFoundException":
            raise
        return 0
    return len(said["logStreams"])


def _group_has_the_key(scene: Scene, name: str, key: str) -> None:
    said = scene.aws.logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    found = [group.get("kmsKeyId", "no key") for group in said if group["logGroupName"] == name]
    insist(
        found == [key], f"the log group `{name}` is under {', '.join(found) or 'nothing: it is not there'}, not {key}"
    )


def _objects(scene: Scene, ran: Ran) -> Iterator[tuple[str, str]]:
    """One object of each kind: the raw file, data and metadata, ledger, quarantine, record, page."""
    t, run = scene.target, ran.record["run_id"]
    yield t.staging.bucket, t.staging.key(f"{DATASET}/verify-{scene.token}-{GOOD.name}.csv")
    yield t.reports.bucket, t.reports.key(record_file(run))
    yield t.reports.bucket, t.reports.key(report_file(run))
    table = table_folder(DATASET)
    for folder in (f"{table}/data", f"{table}/metadata", ledger_folder(DATASET), quarantine_folder(DATASET)):
        prefix = t.lake.key(f"{folder}/")
        found = scene.aws.s3.list_objects_v2(Bucket=t.lake.bucket, Prefix=prefix, MaxKeys=1).get("Contents", [])
        insist(bool(found), f"nothing lies below s3://{t.lake.bucket}/{prefix}")
        yield t.lake.bucket, found[0]["Key"]


def _object_has_the_key(scene: Scene, bucket: str, path: str, key: str) -> None:
    head = scene.aws.s3.head_object(Bucket=bucket, Key=path)
    found = f"{head.get('ServerSideEncryption', 'nothing')} {head.get('SSEKMSKeyId', '')}".strip()
    insist(found == f"aws:kms {key}", f"s3://{bucket}/{path} is encrypted by {found}, not by aws:kms {key}")


PROBE = Probe(
    name="keys-and-logs",
    claim="logs arrive in our groups, and everything is encrypted with the lake's key",
    sent="nothing more: logs and objects of the run above",
    look=_look,
)
