"""The lake that is probed: send it files, run its job and query it. Runs that several probes need are made once."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from headgate.request import new_run_id
from headgate.verify.athena import Answer, start_query, wait_for_answer
from headgate.verify.clients import AwsClients
from headgate.verify.clock import Clock
from headgate.verify.created import Created
from headgate.verify.hints import take_hints
from headgate.verify.iceberg_metadata import IcebergMetadata, read_metadata
from headgate.verify.job_runs import JobRun, require_closed_gate, require_success, wait_for_end
from headgate.verify.probe import ProbeSkipped, aws_errors_as_failures, require
from headgate.verify.probe_dataset import CHECK, DATASET, GOOD, MASKED, Wave
from headgate.verify.probe_job import ProbeJob
from headgate.verify.records import Record, dataset_part, newest_record, read_record

Made = TypeVar("Made")


@dataclass(frozen=True)
class EndedRun:
    """A run that has ended: Glue's description of it, and its record."""

    job: JobRun
    record: Record


def quoted(database: str, table: str) -> str:
    """Return a table as SQL names it."""
    return f'"{database}"."{table}"'


@dataclass
class ProbedLake:
    """A lake on an account, with everything that the probes have created on it."""

    aws: AwsClients
    job: ProbeJob
    clock: Clock
    created: Created
    token: str = field(default_factory=lambda: secrets.token_hex(3))
    others: Mapping[str, ProbeJob] = field(default_factory=dict)  # the jobs of the probes' other datasets
    missing: Mapping[str, str] = field(default_factory=dict)  # why a dataset of the probes cannot be probed
    _made: dict[str, Any] = field(default_factory=dict)

    @property
    def jobs(self) -> Mapping[str, ProbeJob]:
        """The job of each of the probes' datasets that is deployed."""
        return {DATASET: self.job, **self.others}

    def console_run(self) -> EndedRun:
        """The run that a person starts in the console: over one file, with no arguments typed. Made once."""
        return self.once("the run without arguments", self._console_run)

    def published_run(self) -> EndedRun:
        """The same run, after its counts of published and refused rows have been checked."""
        return self.once("the publication of that run", self._published_run)

    def _published_run(self) -> EndedRun:
        run = self.console_run()
        dataset = dataset_part(run.record)
        counts = (dataset["status"], dataset["read"], dataset["published"], dataset["quarantined"])
        expected = ("published", len(GOOD.rows), GOOD.kept, len(GOOD.rows) - GOOD.kept)
        require(counts == expected, f"status, read, published, quarantined are {counts}, expected {expected}")
        return run

    def closed_run(self, wave: Wave, while_running: Callable[[], object] | None = None, **further: str) -> EndedRun:
        """Run over a file that closes the gate at the audit, after its rows are written. The file is removed again."""
        run = new_run_id(self.clock.now())
        key = self.put(wave)
        try:
            arguments = {"--run_id": run, **{f"--{name}": text for name, text in further.items()}}
            job = self._run_job(self.job, arguments, while_running)
        finally:
            with aws_errors_as_failures():
                self.remove(self.job.staging.bucket, key)
        require_closed_gate(job)
        ended = EndedRun(job, read_record(self.aws, self.job, run))
        reason = str(dataset_part(ended.record)["reason"])
        require(CHECK in reason, f"the gate closed for another reason than the check of the sum: {reason}")
        return ended

    def put(self, wave: Wave, *, keep_hint: bool = False) -> str:
        """Put a wave's file into staging, and take its hint out of the queue unless the pipeline shall run for it."""
        key = self.job.staging.key(f"{wave.dataset}/verify-{self.token}-{wave.name}.csv")
        self.created.staged_keys[key] = wave.dataset
        self.write(self.job.staging.bucket, key, wave.content)
        if not keep_hint:
            self.take_hint(key, wave.dataset)
        return key

    def take_hint(self, key: str, dataset: str) -> None:
        """Take the hint of a file out of its dataset's queue, so that the pipeline does not run for it."""
        self.created.staged_keys[key] = dataset
        if take_hints(self.aws, self.job.names.of(dataset), self.clock, [key]):
            self.created.notes.append(
                f"No hint of `{key}` reached the queue; the pipeline may run again because of it."
            )

    def write(self, bucket: str, key: str, content: bytes) -> None:
        """Put an object without encryption headers, so that the bucket's default encryption applies."""
        self.created.objects.add((bucket, key))
        self.aws.s3.put_object(Bucket=bucket, Key=key, Body=content)

    def remove(self, bucket: str, key: str) -> None:
        """Remove an object that `write` has put."""
        self.aws.s3.delete_object(Bucket=bucket, Key=key)
        self.created.objects.discard((bucket, key))

    def ask(self, sql: str, table: str = "") -> Answer:
        """Query Athena and wait for the answer; `{table}` stands for `table`, by default that of `verify_probe`."""
        return self.wait_for_answer(self.start_query(sql, table))

    def start_query(self, sql: str, table: str = "") -> str:
        """Start an Athena query without waiting, and return its id."""
        table = table or quoted(self.job.database, self.job.table)
        query = start_query(self.aws, self.job, sql.format(table=table))
        self.created.queries.append(query)
        return query

    def wait_for_answer(self, query: str) -> Answer:
        """Wait for the answer of a query."""
        return wait_for_answer(self.aws, self.clock, query)

    def table_metadata(self) -> IcebergMetadata:
        """Read the metadata file that the catalog points at."""
        table = self.aws.glue.get_table(DatabaseName=self.job.database, Name=self.job.table)["Table"]
        address = table.get("Parameters", {}).get("metadata_location", "")
        require(bool(address), f"the catalog's table `{self.job.table}` points at no metadata file of Iceberg")
        return read_metadata(address, self.read)

    def read(self, address: str) -> bytes:
        """Read the object at an `s3://` address."""
        bucket, _, key = address.partition("://")[2].partition("/")
        return self.aws.s3.get_object(Bucket=bucket, Key=key)["Body"].read()

    def masked_run(self) -> EndedRun:
        """The run over a file with classified values, which is published as a Parquet table. Made once."""
        return self.once("the run over classified values", lambda: self._run_over(MASKED))

    def _console_run(self) -> EndedRun:
        return self._run_over(GOOD)

    def _run_over(self, wave: Wave) -> EndedRun:
        """Put a file, start its dataset's job without arguments, and return the run after it has succeeded."""
        job = self.jobs[wave.dataset]
        self.put(wave)
        before = self.clock.now()
        run = self._run_job(job, None)
        require_success(run)
        return EndedRun(run, newest_record(self.aws, job, min(before, run.get("StartedOn", before))))

    def _run_job(
        self, job: ProbeJob, arguments: Mapping[str, str] | None, while_running: Callable[[], object] | None = None
    ) -> JobRun:
        """Start a job, wait for its end and record the run."""
        given = {} if arguments is None else {"Arguments": dict(arguments)}
        run_id = self.aws.glue.start_job_run(JobName=job.names.job, **given)["JobRunId"]
        run = wait_for_end(self.aws, job, self.clock, run_id, while_running)
        self.created.runs[run_id] = run
        return run

    def once(self, what: str, make: Callable[[], Made]) -> Made:
        """Make it at the first call only. If that failed, later calls raise `ProbeSkipped` instead of trying again."""
        if what not in self._made:
            self._made[what] = ProbeSkipped(f"it depends on {what}, which failed")
            with aws_errors_as_failures():
                self._made[what] = make()
        if isinstance(self._made[what], ProbeSkipped):
            raise self._made[what]
        return self._made[what]
