"""A classified column is masked in the table, hidden where it is refused, and only its own job reads the key."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb

from headgate.lake.paths import counts_folder, quarantine_folder, run_folder
from headgate.verify.probe import Probe, require
from headgate.verify.probe_dataset import CONTACTS, DATASET, MART, MASKED, PARQUET
from headgate.verify.probe_job import ProbeJob
from headgate.verify.probed_lake import ProbedLake, quoted
from headgate.verify.roles import allowed_roles

SQL = "SELECT contact FROM {table} ORDER BY probe_id"
DOMAIN = "verify_probe"
OWN = f"job-{PARQUET}"
ROLES = (OWN, f"job-{DATASET}", f"job-{MART}", "analyst", "engineer", "operator", "crawler", "verify")
_HASH = re.compile(r"[0-9a-f]{64}")


def _look(lake: ProbedLake) -> str:
    run, job = lake.masked_run(), lake.jobs[PARQUET]
    masks = [row[0] or "" for row in lake.ask(SQL, quoted(job.database, job.table)).rows]
    unmasked = sorted(value for value in masks if not _HASH.fullmatch(value))
    require(not unmasked, f"Athena shows values of `contact` that are not masked: {unmasked}")
    require(len(masks) == MASKED.kept, f"Athena shows {len(masks)} rows, expected {MASKED.kept}")
    equal = (masks[0] == masks[1], masks[1] == masks[2])
    require(equal == (True, False), "equal contacts have different masks, or different contacts the same one")
    refused = _quarantined(lake, job)
    expected = len(MASKED.rows) - MASKED.kept
    require(len(refused) == expected, f"the quarantine has {len(refused)} rows, expected {expected}")
    _require_hidden(f"the quarantine of `{PARQUET}`", str(refused))
    told = list(_told(lake, job, run.record["run_id"]))
    for address, text in told:
        _require_hidden(address, text)
    _require_own_key(lake, job)
    return (
        f"{len(masks)} keyed hashes in Athena; no contact in {len(refused)} refused rows and {len(told)} reports; "
        f"of {len(ROLES)} roles IAM allows only `{OWN}` to read the key"
    )


def _quarantined(lake: ProbedLake, job: ProbeJob) -> list[tuple[Any, ...]]:
    """Return the refused rows, with their reasons and texts."""
    bucket, prefix = job.lake_root.bucket, job.lake_root.key(f"{quarantine_folder(PARQUET)}/")
    rows: list[tuple[Any, ...]] = []
    with tempfile.TemporaryDirectory(prefix="headgate-verify-") as folder, duckdb.connect() as connection:
        for key in (key for key in _keys(lake, bucket, prefix) if key.endswith(".parquet")):
            file = Path(folder, "rows.parquet")
            file.write_bytes(lake.read(f"s3://{bucket}/{key}"))
            rows += connection.execute("SELECT * FROM read_parquet(?)", [str(file)]).fetchall()
    return rows


def _told(lake: ProbedLake, job: ProbeJob, run: str) -> Iterator[tuple[str, str]]:
    """Yield address and text of everything that the run reports."""
    for folder in (run_folder(run), counts_folder(run)):
        bucket, prefix = job.reports.bucket, job.reports.key(f"{folder}/")
        for key in _keys(lake, bucket, prefix):
            address = f"s3://{bucket}/{key}"
            yield address, lake.read(address).decode("utf-8", "replace")


def _keys(lake: ProbedLake, bucket: str, prefix: str) -> list[str]:
    pages = lake.aws.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    return [item["Key"] for page in pages for item in page.get("Contents", [])]


def _require_hidden(where: str, text: str) -> None:
    shown = [contact for contact in CONTACTS if contact in text]
    require(not shown, f"{where} shows {shown}")


def _require_own_key(lake: ProbedLake, job: ProbeJob) -> None:
    names = job.names
    secret = job.arguments.get("--masking_secret") or f"{job.arguments['--masking_keys']}{DOMAIN}"
    # The six characters that Secrets Manager adds to a name do not matter to the policies.
    arn = f"arn:{names.partition}:secretsmanager:{names.region}:{names.account}:secret:{secret}-verify"
    readers = allowed_roles(lake, ROLES, "secretsmanager:GetSecretValue", arn)
    require(readers == [OWN], f"IAM allows {readers} to read the key `{secret}`, expected only `{OWN}`")


PROBE = Probe(
    name="masking",
    claim="a classified column is masked, hidden where it is refused, and its key read by its own job alone",
    sent="nothing more: table, quarantine, reports and key of the run above",
    look=_look,
    dataset=PARQUET,
)
