"""The rehearsal from end to end: deploy, upload, wait, crawl, query, cause faults, check, destroy; a line per step."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from headgate.contract.load import load_contracts
from headgate.errors import RunFailed
from rehearsal.emulator import Emulator
from rehearsal.walk.commands import Command
from rehearsal.walk.crawls import crawl, not_as_expected
from rehearsal.walk.deployed_lake import DeployedLake, Planned
from rehearsal.walk.executions import ended, machine_arn, must_succeed, start
from rehearsal.walk.faults import DATASETS, FIRST, PLAYS, THEN, caused
from rehearsal.walk.marts import Marts, marts_of
from rehearsal.walk.page import Report, Stop, copy_reports, path_of
from rehearsal.walk.permissions import must_be_least, permission_use, read_reasons
from rehearsal.walk.pipelines import after_a_tick, await_pipelines, await_rest
from rehearsal.walk.plays import Play, by_country, upload_plays
from rehearsal.walk.progress import Progress
from rehearsal.walk.queries import Queries, clients_of
from rehearsal.walk.read_back import read_back, saved_queries
from rehearsal.walk.records import recorded_rows
from rehearsal.walk.scene import Scene
from rehearsal.walk.staged_files import StagedFiles, demo_files, own_files, read_questions, upload

WAIT_SCALE = 0.05  # waiting states, and pauses before a retry, take a twentieth of their time
CLOCK = 6  # a minute of Scheduler's takes ten seconds, twice as long as an upload
_PIPELINES_WITHIN = 900.0
_PREFIX = "tbl_"
_PATH = "S3 → EventBridge → SQS → Scheduler → Step Functions → Glue"


@dataclass(frozen=True)
class InputFiles:
    """The files to rehearse with: the demo's, or a folder of your own with a file of known results."""

    source: Path | None = None
    answers: Path | None = None


@dataclass(frozen=True)
class Walk:
    """A rehearsal under way."""

    emulator: Emulator
    engine_ready: Callable[[], None]  # returns when Trino accepts queries
    lake: DeployedLake
    progress: Progress
    files: InputFiles = field(default_factory=InputFiles)
    reports: list[Report] = field(default_factory=list)
    path: list[Stop] = field(default_factory=list)

    def all(self, *, keep: bool, faults: bool) -> None:
        """Do every step in order; the lake is destroyed at the end unless it is kept. Raises what a step raises.

        To save time, files arrive while the provider still checks what it has created, and raw files are crawled and
        faults are caused while marts are built.
        """
        own = self.own_files(faults=faults)
        with self.lake.bootstrap() as bootstrap:
            planned = self.plan(bootstrap)
            with self.lake.applying() as apply:
                staged = own or demo_files(self.emulator.folder / "music")
                self.await_created(planned, apply)
                plays = self.upload(planned.outputs, staged)
                outputs = self.await_apply(bootstrap, apply)
        scene = self.scene(outputs)
        self.look_at_raw_files(outputs, plays)
        with caused(FIRST if faults else {}, scene, self.progress, new=True) as settle:
            if faults:
                self.await_loaded(outputs, DATASETS)
            settle()
        with caused(THEN if faults else {}, scene, self.progress) as settle:
            settle()
        self.await_marts(outputs, staged)
        self.crawl(outputs, "warehouse")
        self.query(outputs, staged)
        self.check_permissions(outputs["lake"]["name"], whole=faults)
        self.reports.extend(copy_reports(self.emulator, outputs["buckets"]["reports"]))
        self.path.extend(path_of(self.emulator, outputs))
        if not keep:
            self.take_down()

    def own_files(self, *, faults: bool) -> StagedFiles | None:
        """Your own files; None where the demo's are used. Raises `UnusableArgument`, before anything has begun."""
        if self.files.source is None:
            return None
        known = load_contracts(self.lake.source.contracts)
        files = own_files(self.files.source, known, set(DATASETS) - {PLAYS} if faults else ())
        return StagedFiles(files, None, read_questions(self.files.answers) if self.files.answers else ())

    def plan(self, bootstrap: Command) -> Planned:
        """Release and plan, as soon as bootstrap has created what they need; returns the plan."""
        step = self.progress.step
        with step("bootstrap: the buckets of state and releases exist", system="Terraform", sent="bootstrap"):
            self.lake.await_buckets(bootstrap)
        version = self.lake.source.version
        with step(f"release {version}: built and uploaded", system="S3", sent="wheels, scripts, contracts"):
            self.lake.release()
        with step("plan: saved", system="Terraform", sent="environments/rehearsal.tfvars"):
            self.lake.await_bootstrap(bootstrap)
            self.lake.plan()
            return self.lake.planned()

    def await_created(self, planned: Planned, apply: Command) -> None:
        """Wait until the apply has created everything."""
        with self.progress.step("apply: everything is created", system="Terraform", sent="the saved plan"):
            self.lake.await_created(planned, apply)

    def await_apply(self, *under_way: Command) -> dict[str, Any]:
        """Wait for the end of the commands under way; returns Terraform's outputs."""
        with self.progress.step("bootstrap and apply: both succeeded", system="Terraform", sent="outputs"):
            for command in under_way:
                command.wait()
            return self.lake.outputs()

    def scene(self, outputs: dict[str, Any]) -> Scene:
        """The lake from outside."""
        return Scene(self.emulator, outputs, self._analyst(outputs, "warehouse"), _PREFIX, self.emulator.folder)

    def upload(self, outputs: Mapping[str, Any], staged: StagedFiles) -> list[Play]:
        """Upload raw files, those of the first mart a tick before the rest; returns the plays."""
        s3, staging = self.emulator.client("s3"), outputs["buckets"]["staging"]
        sent = f"{self.files.source or 'the music demo'}, and three months of plays"
        first = self.marts().first()
        with self.progress.step("raw files: uploaded to staging", system="S3", sent=sent):
            after_a_tick(self.emulator.calls)
            upload(s3, staging, staged.of(first))
            after_a_tick(self.emulator.calls)
            upload(s3, staging, staged.of(set(staged.datasets) - first))
            return upload_plays(s3, staging)

    def marts(self) -> Marts:
        """The marts of the lake, from its contracts."""
        return marts_of(self.lake.source.contracts, self.emulator.folder)

    def await_loaded(self, outputs: dict[str, Any], datasets: Iterable[str]) -> None:
        """Wait until the pipelines of datasets have started without us and succeeded."""
        lines, names = list[str](), sorted(datasets)

        def report(line: str) -> None:
            self.progress.print(f"  {line}")
            lines.append(line)

        with self.progress.step(f"{_PATH}: {', '.join(names)}", system=_PATH, sent="nothing: events alone") as step:
            await_pipelines(self.emulator.client("stepfunctions"), _machines(outputs), names, _PIPELINES_WITHIN, report)
            step.seen.extend(lines)

    def await_marts(self, outputs: dict[str, Any], staged: StagedFiles) -> None:
        """Wait for the other datasets, and for the marts."""
        self.await_loaded(outputs, set(staged.datasets) - set(DATASETS))
        with self.progress.step("marts: all are built", system="Step Functions, Glue", sent="nothing"):
            await_rest(self.emulator.client("stepfunctions"), _machines(outputs).values(), _PIPELINES_WITHIN)

    def look_at_raw_files(self, outputs: dict[str, Any], plays: list[Play]) -> None:
        """Crawl the raw files and run the SQL ETL over them."""
        self.crawl(outputs, "staging")
        self.engine_ready()
        self.sql_etl(outputs, plays)

    def crawl(self, outputs: dict[str, Any], role: str) -> None:
        """Run the crawlers of a database and compare the catalog with what is expected."""
        what = f"crawlers of the {role} database: tables, columns and partitions as expected"
        with self.progress.step(what, system="Glue crawlers", sent="StartCrawler"):
            glue, databases = self.emulator.client("glue"), outputs["databases"]
            crawlers = glue.get_crawlers()["Crawlers"]
            crawl(glue, [crawler["Name"] for crawler in crawlers if crawler["DatabaseName"] == databases[role]])
            if wrong := not_as_expected(glue, databases, role, demo=self.files.source is None):
                raise RunFailed("the crawlers registered other tables:\n" + "\n".join(wrong), where="catalog")

    def query(self, outputs: dict[str, Any], staged: StagedFiles) -> None:
        """Count every table and run every saved query through Athena."""
        what = "Athena, as an analyst: every table and saved query as expected"
        recorded = recorded_rows(self.emulator.client("s3"), outputs["buckets"]["reports"])
        with self.progress.step(what, system="Athena", sent="a count of each table, every saved query"):
            analyst = self._analyst(outputs, "warehouse")
            saved = saved_queries(analyst.clients("athena"), outputs["workgroup"])
            answers = read_back(analyst, _PREFIX, staged, recorded, saved)
            if answers.wrong:
                raise RunFailed("the tables differ from what is known:\n" + "\n".join(answers.wrong), where="tables")
        add = self.progress.add
        add("rows: " + ", ".join(f"{name} {count:,}" for name, count in answers.rows.items()))
        for what in answers.confirmed:
            add(f"as expected: {what}")
        add("saved queries: " + ", ".join(f"{name} {count}" for name, count in answers.saved.items()))

    def sql_etl(self, outputs: dict[str, Any], plays: list[Play]) -> None:
        """Run the SQL ETL's machine, and read the view that it switched."""
        what = "SQL ETL: CREATE TABLE AS, checks, view switched and read"
        with self.progress.step(what, system="Step Functions, Athena", sent="StartExecution, then a SELECT"):
            sfn, name = self.emulator.client("stepfunctions"), f"{outputs['lake']['name']}-etl-plays_by_country"
            execution = start(sfn, machine_arn(name))
            ended(sfn, execution)
            must_succeed(sfn, execution, f"state machine {name}")
            view = "SELECT track_id, plays, seconds, months, country FROM plays_by_country ORDER BY country, track_id"
            rows = self._analyst(outputs, "etl").ask(view)
            if rows != by_country(plays):
                raise RunFailed(f"the view has {rows}, expected {by_country(plays)}", where="plays_by_country")

    def _analyst(self, outputs: dict[str, Any], database: str) -> Queries:
        clients = clients_of(self.emulator, outputs["roles"]["analyst"])
        return Queries(clients, outputs["workgroup"], outputs["databases"][database])

    def check_permissions(self, lake: str, *, whole: bool, since: float = 0.0) -> None:
        """Compare every call (since a time) with the policies of its role. Raises `RunFailed` for one not allowed.

        After a `whole` rehearsal, faults included, it also raises for an unused permission without a reason, and for
        a reason whose permission no role has.
        """
        with self.progress.step("IAM: each role did only what its policies allow", system="IAM", sent="recorded calls"):
            use = permission_use(self.emulator.calls, self.emulator.client("iam"), f"{lake}-", since=since)
            if not since:
                use.write(self.emulator.folder / "permissions.json")
            must_be_least(use, read_reasons() if whole else None)
        add = self.progress.add
        add(f"{use.acted} roles made {use.calls} different calls; roles without a call: {', '.join(use.idle)}")
        if whole:
            add("every unused permission has its reason in permissions.yaml")

    def take_down(self) -> None:
        """Destroy the lake and bootstrap. Raises `RunFailed` when anything is left."""
        with self.progress.step("destroy: nothing is left", system="Terraform", sent="destroy"):
            self.lake.destroy()
            if left := self.lake.left():
                raise RunFailed("destroyed, but still there: " + ", ".join(left), where="destroy")


def _machines(outputs: dict[str, Any]) -> dict[str, str]:
    return {dataset: machine_arn(name) for dataset, name in outputs["pipelines"].items()}
