"""Checks before anything is sent: the probes' jobs exist, their contracts are the expected ones, none is running."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from botocore.exceptions import ClientError

from headgate.deploy.account import error_code
from headgate.errors import UnusableArgument
from headgate.verify.clients import AwsClients
from headgate.verify.lake_names import LakeNames
from headgate.verify.probe_dataset import DATASET, DATASETS, is_ours
from headgate.verify.probe_job import ProbeJob

NEEDED = (
    "--source", "--lake", "--reports", "--project", "--database", "--prefix", "--custom-logGroup-prefix",
    "--additional-python-modules",
)  # fmt: skip
ACTIVE = ("STARTING", "RUNNING", "STOPPING", "WAITING")
DEPLOY_IT = (
    "Deploy it to the environment: `python -m headgate.verify --write-contract`, `make written`, "
    "`make release VERSION=…`, `make plan ENV=…`, `make apply ENV=…`."
)


def find_job(aws: AwsClients, names: LakeNames) -> ProbeJob:
    """Return the probes' job. Raises `UnusableArgument` when it is missing, running, or has another contract."""
    definition = _get_job(aws, names)
    arguments = definition.get("DefaultArguments", {}) | definition.get("NonOverridableArguments", {})
    missing = [name for name in NEEDED if not arguments.get(name)]
    if missing:
        raise UnusableArgument(
            f"the job `{names.job}` lacks the argument `{missing[0]}`", remedy="Apply this version's Terraform."
        )
    job = ProbeJob(
        names,
        arguments,
        definition["WorkerType"],
        definition["NumberOfWorkers"],
        definition.get("ExecutionClass") == "FLEX",
        definition.get("Timeout", 2880),
        definition["Role"],
    )
    _require_contract(aws, job)
    _require_idle(aws, names)
    return job


def find_others(aws: AwsClients, names: LakeNames) -> tuple[Mapping[str, ProbeJob], Mapping[str, str]]:
    """Return the jobs of the probes' other datasets, and of each dataset that cannot be probed the reason."""
    jobs: dict[str, ProbeJob] = {}
    missing: dict[str, str] = {}
    for dataset in DATASETS:
        if dataset != DATASET:
            try:
                jobs[dataset] = find_job(aws, names.of(dataset))
            except UnusableArgument as error:
                missing[dataset] = f"{error.what}. {error.remedy}"
    return jobs, missing


def active_runs(aws: AwsClients, names: LakeNames) -> Sequence[str]:
    """Return the ids of the job's runs that have not ended."""
    runs = aws.glue.get_job_runs(JobName=names.job, MaxResults=50)["JobRuns"]
    return [run["Id"] for run in runs if run["JobRunState"] in ACTIVE]


def _get_job(aws: AwsClients, names: LakeNames) -> dict:
    try:
        return aws.glue.get_job(JobName=names.job)["Job"]
    except ClientError as error:
        if error_code(error) != "EntityNotFoundException":
            raise
        where = f"account {names.account}, {names.region}"
        raise UnusableArgument(f"there is no job `{names.job}`", where=where, remedy=DEPLOY_IT) from None


def _require_contract(aws: AwsClients, job: ProbeJob) -> None:
    bucket, prefix = job.release.bucket, job.release.key("contracts/")
    pages = aws.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    keys = [item["Key"] for page in pages for item in page.get("Contents", [])]
    contracts = [key for key in keys if key.endswith(f"/{job.dataset}.yaml")]
    texts = [aws.s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode() for key in contracts]
    if not any(is_ours(text, job.dataset) for text in texts):
        raise UnusableArgument(
            f"the release lacks the contract of `{job.dataset}` that this version needs",
            where=f"s3://{bucket}/{prefix}",
            remedy=DEPLOY_IT,
        )


def _require_idle(aws: AwsClients, names: LakeNames) -> None:
    if active_runs(aws, names):
        raise UnusableArgument(
            f"the job `{names.job}` is running",
            remedy="Another `make verify` uses this lake: wait for its end, or stop it.",
        )
