"""The rehearsal from end to end: start, release, apply, upload, wait, crawl, ask, go wrong, destroy; a line each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from headgate.errors import RunFailed
from rehearsal.arrived import Arrived, demo, own
from rehearsal.crawls import crawl, not_as_expected
from rehearsal.executions import ended, must_be_fine, start
from rehearsal.faults import bring_about
from rehearsal.lake import Lake
from rehearsal.page import Report, Stop, kept_reports, path_of
from rehearsal.permissions import found
from rehearsal.pipelines import await_pipelines
from rehearsal.plays import Play, by_country, upload_plays
from rehearsal.progress import Progress
from rehearsal.queries import Queries, acting
from rehearsal.read_back import read_back, saved_queries
from rehearsal.records import rows_told
from rehearsal.scene import Scene
from rehearsal.service import ACCOUNT, REGION, Service

WAIT_SCALE = 0.1  # states that wait, and pauses before a retry, take a tenth of their time
_PIPELINES_WITHIN = 900.0
_MACHINE = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine"
_PREFIX = "tbl_"


@dataclass(frozen=True)
class Files:
    """What is put into staging: the demo's, or a folder of one's own with a file of answers that are known."""

    source: Path | None = None
    answers: Path | None = None


@dataclass(frozen=True)
class Walk:
    """A rehearsal under way."""

    service: Service
    engine_ready: Callable[[], None]  # returns when Trino takes queries
    lake: Lake
    progress: Progress
    files: Files = field(default_factory=Files)
    reports: list[Report] = field(default_factory=list)
    path: list[Stop] = field(default_factory=list)

    def all(self, *, keep: bool, faults: bool) -> None:
        """Every step in order. What fails raises; the lake is destroyed at the end unless it is kept."""
        outputs = self.stand_up()
        arrived, plays = self.arrive(outputs)
        self.crawl(outputs)
        self.ask(outputs, arrived)
        self.sql_etl(outputs, plays)
        if faults:
            self.go_wrong(outputs)
        self.judge(outputs["lake"]["name"], whole=faults)
        self.reports.extend(kept_reports(self.service, outputs["buckets"]["reports"]))
        self.path.extend(path_of(self.service, outputs))
        if not keep:
            self.take_down()

    def stand_up(self) -> dict[str, Any]:
        """Bootstrap, release, apply; what Terraform says of the lake."""
        step = self.progress.step
        bootstrap = self.lake.bootstrap()
        try:
            with step("bootstrap: the buckets of state and releases stand", system="Terraform", sent="bootstrap"):
                self.lake.bootstrapped(bootstrap)
            version = self.lake.source.version
            with step(f"release {version}: built and uploaded", system="S3", sent="wheels, scripts, contracts"):
                self.lake.release()
            with step("plan and apply: the lake stands", system="Terraform", sent="environments/rehearsal.tfvars"):
                self.lake.apply()
            bootstrap.wait()
        finally:
            bootstrap.kill()
        return self.lake.outputs()

    def scene(self, outputs: dict[str, Any]) -> Scene:
        """The lake as one looks at it from outside."""
        return Scene(self.service, outputs, self._analyst(outputs, "warehouse"), _PREFIX, self.service.folder)

    def arrive(self, outputs: dict[str, Any]) -> tuple[Arrived, list[Play]]:
        """Upload raw files, and wait for the lake to work by itself; what is known of them, and the plays."""
        step, s3, staging = self.progress.step, self.service.client("s3"), outputs["buckets"]["staging"]
        source, answers = self.files.source, self.files.answers
        sent = f"{source or 'the music demo'}, and three months of plays"
        with step("raw files in staging: uploaded", system="S3", sent=sent):
            arrived = (
                own(s3, staging, source, answers, outputs["queues"])
                if source
                else demo(s3, staging, self.service.folder / "music")
            )
            plays = upload_plays(s3, staging)
        ends = list[str]()

        def told(line: str) -> None:
            self.progress.say(f"  {line}")
            ends.append(line)

        path = "S3 → EventBridge → SQS → Scheduler → Step Functions → Glue"
        with step(f"{path}: every dataset and mart", system=path, sent="nothing: the events alone"):
            machines = {dataset: f"{_MACHINE}:{name}" for dataset, name in outputs["pipelines"].items()}
            sfn = self.service.client("stepfunctions")
            await_pipelines(sfn, machines, arrived.datasets, _PIPELINES_WITHIN, told)
        self.progress.steps[-1].seen.extend(ends)
        return arrived, plays

    def crawl(self, outputs: dict[str, Any]) -> None:
        """Run every crawler and hold the catalog against what it must hold."""
        what = "crawlers: tables, columns and partitions as expected"
        with self.progress.step(what, system="Glue crawlers", sent="StartCrawler"):
            glue = self.service.client("glue")
            crawl(glue, [one["Name"] for one in glue.get_crawlers()["Crawlers"]])
            if wrong := not_as_expected(glue, outputs["databases"], demo=self.files.source is None):
                raise RunFailed("the crawlers registered other things:\n" + "\n".join(wrong), where="catalog")

    def ask(self, outputs: dict[str, Any], arrived: Arrived) -> None:
        """Ask every table and every saved query through Athena."""
        self.engine_ready()
        what = "Athena, as an analyst: every table and saved query, as known"
        told = rows_told(self.service.client("s3"), outputs["buckets"]["reports"])
        with self.progress.step(what, system="Athena", sent="a count of each table, every saved query"):
            analyst = self._analyst(outputs, "warehouse")
            saved = saved_queries(analyst.clients("athena"), outputs["workgroup"])
            said = read_back(analyst, _PREFIX, arrived, told, saved)
            if said.wrong:
                raise RunFailed("the lake does not say what is known:\n" + "\n".join(said.wrong), where="tables")
        self.progress.saw("rows: " + ", ".join(f"{name} {count:,}" for name, count in said.rows.items()))
        for what in said.right:
            self.progress.saw(f"as known: {what}")
        self.progress.saw("saved queries: " + ", ".join(f"{name} {count}" for name, count in said.saved.items()))

    def sql_etl(self, outputs: dict[str, Any], plays: list[Play]) -> None:
        """Run the SQL ETL's machine, and read the view that it switched."""
        what = "SQL ETL: CREATE TABLE AS, checks, view switched and read"
        with self.progress.step(what, system="Step Functions, Athena", sent="StartExecution, then a SELECT"):
            sfn, name = self.service.client("stepfunctions"), f"{outputs['lake']['name']}-etl-plays_by_country"
            execution = start(sfn, f"{_MACHINE}:{name}")
            ended(sfn, execution)
            must_be_fine(sfn, execution, f"state machine {name}")
            view = "SELECT track_id, plays, seconds, months, country FROM plays_by_country ORDER BY country, track_id"
            said = self._analyst(outputs, "etl").ask(view)
            if said != by_country(plays):
                raise RunFailed(f"the view says {said}, expected {by_country(plays)}", where="plays_by_country")

    def go_wrong(self, outputs: dict[str, Any]) -> None:
        """Faults on purpose, each held against what must come of it."""
        bring_about(self.scene(outputs), self.progress)

    def _analyst(self, outputs: dict[str, Any], database: str) -> Queries:
        clients = acting(self.service, outputs["roles"]["analyst"])
        return Queries(clients, outputs["workgroup"], outputs["databases"][database])

    def judge(self, lake: str, *, whole: bool) -> None:
        """Hold every call against the role that made it; raises when one was not allowed.

        After a `whole` rehearsal, faults and all, it raises too for what was allowed and not used without a reason.
        """
        with self.progress.step("each role did only what its policies allow", system="IAM", sent="every recorded call"):
            seen = found(self.service.calls, self.service.client("iam"), f"{lake}-")
            if seen.refused:
                raise RunFailed("not allowed:\n" + "\n".join(seen.refused), where="calls", remedy="See calls.jsonl.")
            if whole and seen.unexplained:
                raise RunFailed(
                    "allowed, and never used:\n" + "\n".join(seen.unexplained), where="policies",
                    remedy="Take it out of the policy, or say in rehearsal/permissions.yaml why it stays.",
                )  # fmt: skip
        saw = self.progress.saw
        saw(f"{seen.acted} roles made {seen.calls} different calls; these took no part: {', '.join(seen.idle)}")
        saw("what was allowed and not used has its reason in permissions.yaml")

    def take_down(self) -> None:
        """Destroy the lake and bootstrap; raises when anything is left."""
        with self.progress.step("destroy: nothing is left", system="Terraform", sent="destroy"):
            self.lake.destroy()
            if left := self.lake.left():
                raise RunFailed("destroyed, but still there: " + ", ".join(left), where="destroy")
