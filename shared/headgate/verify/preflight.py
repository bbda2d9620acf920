"""Before anything is sent: is the job of the probes there, is its contract ours, and is nobody else at it?"""

from __future__ import annotations

from collections.abc import Sequence

from botocore.exceptions import ClientError

from headgate.errors import UnusableArgument
from headgate.verify.lake_names import Aws, Site, Target
from headgate.verify.probe import code_of
from headgate.verify.probe_dataset import DATASET, is_ours

NEEDED = (
    "--source", "--lake", "--reports", "--project", "--database", "--prefix", "--custom-logGroup-prefix",
    "--additional-python-modules",
)  # fmt: skip
RUNNING = ("STARTING", "RUNNING", "STOPPING", "WAITING")
BRING_IT = (
    "Bring it into the environment: `python -m headgate.verify --write-contract`, `make written`, "
    "`make release VERSION=…`, `make plan ENV=…`, `make apply ENV=…`."
)


def target(aws: Aws, site: Site) -> Target:
    """The job of the probes. Raises `UnusableArgument` with the way to bring it when it is not there, or not ours."""
    job = _job(aws, site)
    arguments = job.get("DefaultArguments", {})
    missing = [name for name in NEEDED if not arguments.get(name)]
    if missing:
        raise UnusableArgument(
            f"the job `{site.job}` does not say `{missing[0]}`", remedy="Apply this version's Terraform to it."
        )
    found = Target(
        site,
        arguments,
        job["WorkerType"],
        job["NumberOfWorkers"],
        job.get("ExecutionClass") == "FLEX",
        job.get("Timeout", 2880),
    )
    _must_be_ours(aws, found)
    _must_rest(aws, site)
    return found


def running(aws: Aws, site: Site) -> Sequence[str]:
    """The runs of the probes' job that have not ended."""
    runs = aws.glue.get_job_runs(JobName=site.job, MaxResults=50)["JobRuns"]
    return [run["Id"] for run in runs if run["JobRunState"] in RUNNING]


def _job(aws: Aws, site: Site) -> dict:
    try:
        return aws.glue.get_job(JobName=site.job)["Job"]
    except ClientError as error:
        if code_of(error) != "EntityNotFoundException":
            raise
        where = f"account {site.account}, {site.region}"
        raise UnusableArgument(f"there is no job `{site.job}`", where=where, remedy=BRING_IT) from None


def _must_be_ours(aws: Aws, found: Target) -> None:
    release = found.release
    below = release.key("contracts/")
    pages = aws.s3.get_paginator("list_objects_v2").paginate(Bucket=release.bucket, Prefix=below)
    keys = [one["Key"] for page in pages for one in page.get("Contents", []) if one["Key"].endswith(f"/{DATASET}.yaml")]
    texts = [aws.s3.get_object(Bucket=release.bucket, Key=key)["Body"].read().decode() for key in keys]
    if not any(is_ours(text) for text in texts):
        raise UnusableArgument(
            f"the release does not hold the contract of `{DATASET}` that this version needs",
            where=f"s3://{release.bucket}/{below}",
            remedy=BRING_IT,
        )


def _must_rest(aws: Aws, site: Site) -> None:
    if running(aws, site):
        raise UnusableArgument(
            f"the job `{site.job}` is running", remedy="Another `make verify` is at work here: let it end, or stop it."
        )
