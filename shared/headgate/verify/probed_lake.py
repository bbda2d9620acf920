"""What the probes share: each run is made once, whichever probes look at it."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from headgate.request import new_run_id
from headgate.verify.athena import Answer, answer, begin
from headgate.verify.clock import Clock
from headgate.verify.created import Traces
from headgate.verify.hints import take_hints
from headgate.verify.iceberg_metadata import TableFile, table_file
from headgate.verify.job_runs import JobRun, follow, must_have_closed, must_have_succeeded
from headgate.verify.lake_names import Aws, Target
from headgate.verify.probe import Skipped, as_not_shown, insist
from headgate.verify.probe_dataset import CHECK, DATASET, GOOD, Wave
from headgate.verify.records import Record, newest_record, outcome, record

Made = TypeVar("Made")


@dataclass(frozen=True)
class Ran:
    """A run that has ended: what Glue says, what its record says."""

    job: JobRun
    record: Record


@dataclass
class Scene:
    """The account, the clock, what was left there, and the first run."""

    aws: Aws
    target: Target
    clock: Clock
    traces: Traces
    token: str = field(default_factory=lambda: secrets.token_hex(3))
    _made: dict[str, Any] = field(default_factory=dict)

    def console_run(self) -> Ran:
        """The run that a person starts in the console: a file lies there, and nothing is typed."""
        return self._once("the run without arguments", self._console_run)

    def published(self) -> Ran:
        """The same, insisting on what it must have published."""
        return self._once("what that run publishes", self._published)

    def _published(self) -> Ran:
        ran = self.console_run()
        said = outcome(ran.record)
        counts = (said["status"], said["read"], said["published"], said["quarantined"])
        wanted = ("published", len(GOOD.rows), GOOD.kept, len(GOOD.rows) - GOOD.kept)
        insist(counts == wanted, f"status, read, published, quarantined are {counts}, expected {wanted}")
        return ran

    def closed_run(self, wave: Wave, while_running: Callable[[], object] | None = None, **further: str) -> Ran:
        """A run over a file that closes the gate at the audit, when rows are already written. The file goes again."""
        run = new_run_id(self.clock.now())
        key = self.put(wave)
        try:
            arguments = {"--run_id": run, **{f"--{name}": text for name, text in further.items()}}
            job = self._start(arguments, while_running)
        finally:
            with as_not_shown():
                self.take_away(self.target.staging.bucket, key)
        must_have_closed(job)
        ran = Ran(job, record(self.aws, self.target, run))
        reason = str(outcome(ran.record)["reason"])
        insist(CHECK in reason, f"the gate closed for another reason than the check of the sum: {reason}")
        return ran

    def put(self, wave: Wave, *, hint_stays: bool = False) -> str:
        """Put a wave's file into staging; its hint is taken out of the queue, unless the pipeline is to answer it."""
        key = self.target.staging.key(f"{DATASET}/verify-{self.token}-{wave.name}.csv")
        self.traces.put.add(key)
        self.write(self.target.staging.bucket, key, wave.content)
        if not hint_stays and take_hints(self.aws, self.target.site, self.clock, [key]):
            self.traces.notes.append(f"No hint of `{key}` came into the queue; the pipeline may run once more for it.")
        return key

    def write(self, bucket: str, key: str, content: bytes) -> None:
        """Put an object, without a word about encryption: the bucket's own rule must do it."""
        self.traces.objects.add((bucket, key))
        self.aws.s3.put_object(Bucket=bucket, Key=key, Body=content)

    def take_away(self, bucket: str, key: str) -> None:
        """Remove an object that was put."""
        self.aws.s3.delete_object(Bucket=bucket, Key=key)
        self.traces.objects.discard((bucket, key))

    def ask(self, sql: str) -> Answer:
        """Ask Athena and wait; `{table}` is the probes' table."""
        return self.answer(self.begin(sql))

    def begin(self, sql: str) -> str:
        """Ask Athena and do not wait; the query's id."""
        table = f'"{self.target.database}"."{self.target.table}"'
        query = begin(self.aws, self.target, sql.format(table=table))
        self.traces.queries.append(query)
        return query

    def answer(self, query: str) -> Answer:
        """What Athena answered."""
        return answer(self.aws, self.clock, query)

    def table(self) -> TableFile:
        """The metadata file that the catalog points at."""
        found = self.aws.glue.get_table(DatabaseName=self.target.database, Name=self.target.table)["Table"]
        at = found.get("Parameters", {}).get("metadata_location", "")
        insist(bool(at), f"the catalog's table `{self.target.table}` points at no metadata file of Iceberg")
        return table_file(at, self.read)

    def read(self, address: str) -> bytes:
        """The content behind an `s3://` address."""
        bucket, _, key = address.partition("://")[2].partition("/")
        return self.aws.s3.get_object(Bucket=bucket, Key=key)["Body"].read()

    def ended(self, started: str, while_running: Callable[[], object] | None = None) -> JobRun:
        """A run of the job when it has ended, noted."""
        run = follow(self.aws, self.target, self.clock, started, while_running)
        self.traces.runs[started] = run
        return run

    def _console_run(self) -> Ran:
        self.put(GOOD)
        before = self.clock.now()
        job = self._start(None)
        must_have_succeeded(job)
        return Ran(job, newest_record(self.aws, self.target, min(before, job.get("StartedOn", before))))

    def _start(self, arguments: Mapping[str, str] | None, while_running: Callable[[], object] | None = None) -> JobRun:
        given = {} if arguments is None else {"Arguments": dict(arguments)}
        return self.ended(self.aws.glue.start_job_run(JobName=self.target.site.job, **given)["JobRunId"], while_running)

    def _once(self, what: str, make: Callable[[], Made]) -> Made:
        """Make it the first time; where that failed, whoever asks later is told so instead of trying again."""
        if what not in self._made:
            self._made[what] = Skipped(f"it stands on {what}, which failed")
            with as_not_shown():
                self._made[what] = make()
        if isinstance(self._made[what], Skipped):
            raise self._made[what]
        return self._made[what]
