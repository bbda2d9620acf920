"""The page at the end: every step with what was seen, the path of the files with numbers, and the runs' reports."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from headgate.lake.paths import report_file
from rehearsal.account import ACCOUNT, REGION
from rehearsal.emulator import Emulator
from rehearsal.walk.executions import executions
from rehearsal.walk.progress import Step
from rehearsal.walk.records import records

_REPORTS = "reports"


@dataclass(frozen=True)
class Report:
    """A run's own report, copied into a folder beside the page."""

    run: str
    file: str
    status: str
    datasets: str


@dataclass(frozen=True)
class Stop:
    """A stop on the path of the files, and how many things passed it."""

    name: str
    number: int
    unit: str


def copy_reports(emulator: Emulator, bucket: str) -> list[Report]:
    """Copy every run's report out of its bucket, which `destroy` empties."""
    s3, folder = emulator.client("s3"), emulator.folder / _REPORTS
    folder.mkdir(exist_ok=True)
    return [_copy(s3, bucket, folder, record) for record in records(s3, bucket)]


def _copy(s3: Any, bucket: str, folder: Path, record: dict[str, Any]) -> Report:
    run = record["run_id"]
    (folder / f"{run}.html").write_bytes(s3.get_object(Bucket=bucket, Key=report_file(run))["Body"].read())
    return Report(run, f"{_REPORTS}/{run}.html", record["status"], ", ".join(record["datasets"]))


def path_of(emulator: Emulator, outputs: dict[str, Any]) -> list[Stop]:
    """How many things passed each stop, counted in the account itself and in the recorded calls."""
    s3, sfn, glue = map(emulator.client, ("s3", "stepfunctions", "glue"))
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=outputs["buckets"]["staging"], Prefix="staging/")
    machines = [machine["stateMachineArn"] for machine in sfn.list_state_machines()["stateMachines"]]
    done = {machine.rpartition(":")[2]: len(executions(sfn, machine)) for machine in machines}
    admitted = sum(count for name, count in done.items() if name in outputs["pipelines"].values())
    calls = Counter(json.loads(line)["action"] for line in emulator.calls.read_text().splitlines())
    databases = outputs["databases"].values()
    return [
        Stop("S3 staging", sum(page["KeyCount"] for page in pages), "files"),
        Stop("Step Functions", admitted, "pipelines"),
        Stop("Glue", sum(len(glue.get_job_runs(JobName=job)["JobRuns"]) for job in outputs["jobs"].values()), "runs"),
        Stop("Catalog", sum(len(glue.get_tables(DatabaseName=name)["TableList"]) for name in databases), "tables"),
        Stop("Athena", calls["athena:StartQueryExecution"], "queries"),
    ]


def write_page(
    folder: Path, steps: Sequence[Step], path: Sequence[Stop], reports: Sequence[Report], *, seconds: float, memory: int
) -> Path:
    """Write `rehearsal.html` into the folder; it refers to nothing but the files beside it."""
    templates = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined)
    html = templates.get_template("page.html.j2").render(
        steps=steps, path=path, reports=reports, seconds=seconds, memory=memory, account=ACCOUNT, region=REGION
    )
    file = folder / "rehearsal.html"
    file.write_text(html, encoding="utf-8")
    return file
