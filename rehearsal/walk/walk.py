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
from rehearsal.walk.deployed_lake import ENVIRONMENT, REPOSITORY, DeployedLake, Planned
from rehearsal.walk.events import BURST, FAULTS, STEPS, EventPath
from rehearsal.walk.executions import ended, machine_arn, must_succeed, start
from rehearsal.walk.faults import DATASETS, FIRST, STREAMS, THEN, caused
from rehearsal.walk.forbidden import (
    attempts,
    attempts_of_deployer,
    clients_with,
    code_by_run_job,
    must_be_refused,
)
from rehearsal.walk.marts import Marts, marts_of
from rehearsal.walk.page import Report, Stop, copy_reports, path_of
from rehearsal.walk.people import must_be_allowed, role_arn, tasks
from rehearsal.walk.permissions import must_be_least, permission_use, read_reasons
from rehearsal.walk.pipelines import after_a_tick, await_pipelines, await_rest
from rehearsal.walk.progress import Progress
from rehearsal.walk.queries import Queries, clients_of, own_results
from rehearsal.walk.read_back import read_back, saved_queries
from rehearsal.walk.records import recorded_rows
from rehearsal.walk.scene import Scene
from rehearsal.walk.sign_in import deployer, remove_administrator
from rehearsal.walk.staged_files import StagedFiles, demo_files, own_files, read_questions, upload
from rehearsal.walk.streams import Stream, by_country, upload_streams

WAIT_SCALE = 0.05  # waiting states, and pauses before a retry, take a twentieth of their time
CLOCK = 6  # a minute of Scheduler's takes ten seconds, twice as long as an upload
_PIPELINES_WITHIN = 900.0
_PREFIX = "tbl_"
_EVENTS = "S3 → EventBridge → SQS → Lambda → Glue crawler → Athena"
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
        faults are caused while marts are built. Plays arrive when somebody watches for their first job, to kill it.
        """
        own = self.own_files(faults=faults)
        with self.lake.bootstrap() as bootstrap:
            planned = self.plan(bootstrap)
            with self.lake.applying() as apply:
                staged = own or demo_files(self.emulator.folder / "music")
                self.await_created(planned, apply)
                self.upload(planned.outputs, staged)
                outputs = self.await_apply(bootstrap, apply)
        scene = self.scene(outputs)
        streams = self.upload_streams(outputs)
        with caused(FIRST if faults else {}, scene, self.progress, new=True) as settle:
            self.look_at_raw_files(outputs, streams)
            documents = self.send_documents(scene, faults=faults)
            if faults:
                self.await_loaded(outputs, DATASETS)
            settle()
        with caused(THEN if faults else {}, scene, self.progress) as settle:
            settle()
        self.await_marts(outputs, staged)
        if faults:
            self.settle_burst(documents)
        documents.begin_refine()
        self.look_at_parquet_tables(outputs)
        self.query(outputs, staged)
        self.settle_refine(documents)
        self.apply_as_deployer(outputs)
        self.do_what_people_do(outputs, sorted(staged.datasets)[0])
        self.check_permissions(outputs["lake"]["name"], whole=faults)
        self.try_what_is_forbidden(outputs)
        self.reports.extend(copy_reports(self.emulator, outputs["buckets"]["reports"]))
        self.path.extend(path_of(self.emulator, outputs))
        if not keep:
            self.take_down()

    def own_files(self, *, faults: bool) -> StagedFiles | None:
        """Your own files; None where the demo's are used. Raises `UnusableArgument`, before anything has begun."""
        if self.files.source is None:
            return None
        known = load_contracts(self.lake.source.contracts)
        files = own_files(self.files.source, known, set(DATASETS) - {STREAMS} if faults else ())
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

    def upload(self, outputs: Mapping[str, Any], staged: StagedFiles) -> None:
        """Upload raw files, those of the first mart a tick before the rest."""
        engineer = clients_of(self.emulator, role_arn(outputs["lake"]["name"], "engineer"))
        s3, staging = engineer("s3"), outputs["buckets"]["staging"]
        sent = str(self.files.source or "the music demo")
        first = self.marts().first()
        with self.progress.step("raw files: uploaded to staging, as an engineer", system="S3", sent=sent):
            after_a_tick(self.emulator.calls)
            upload(s3, staging, staged.of(first))
            after_a_tick(self.emulator.calls)
            upload(s3, staging, staged.of(set(staged.datasets) - first))

    def upload_streams(self, outputs: Mapping[str, Any]) -> list[Stream]:
        """Upload the raw files of streams, and return every stream."""
        with self.progress.step("streams: uploaded to staging", system="S3", sent="three months of streams"):
            return upload_streams(self.emulator.client("s3"), outputs["buckets"]["staging"])

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

    def look_at_raw_files(self, outputs: dict[str, Any], streams: list[Stream]) -> None:
        """Crawl the raw files and run the SQL ETL over them."""
        self.crawl(outputs)
        self.engine_ready()
        self.sql_etl(outputs, streams)

    def send_documents(self, scene: Scene, *, faults: bool) -> EventPath:
        """Let documents arrive as events, faults on purpose among them, and a burst at the end; jobs run meanwhile."""
        path = EventPath(scene)
        for what, do in {**STEPS, **(FAULTS if faults else {})}.items():
            with self.progress.step(f"event path: {what}", system=_EVENTS, sent="documents alone") as step:
                step.seen.append(do(path))
            self.progress.print(f"  {step.seen[-1]}")
        if faults:
            path.begin_burst()
        return path

    def settle_refine(self, path: EventPath) -> None:
        """Wait for the run over the flattened documents, and compare what it published."""
        system = "Step Functions, Glue, Athena"
        with self.progress.step("event path: refine publishes the documents' rows", system=system, sent="") as step:
            step.seen.append(path.settle_refine())
        self.progress.print(f"  {step.seen[-1]}")

    def settle_burst(self, path: EventPath) -> None:
        """Wait for the rows of the burst, and count its crawls."""
        what = f"event path: a burst of {BURST} documents, begun before"
        with self.progress.step(what, system=_EVENTS, sent="documents alone") as step:
            step.seen.append(path.settle_burst())
        self.progress.print(f"  {step.seen[-1]}")

    def crawl(self, outputs: dict[str, Any]) -> None:
        """Run the crawlers, and compare the catalog of raw files with what is expected."""
        what = "crawlers of the staging database: tables, columns and partitions as expected"
        with self.progress.step(what, system="Glue crawlers", sent="StartCrawler"):
            glue, databases = self.emulator.client("glue"), outputs["databases"]
            contracts = load_contracts(self.lake.source.contracts).values()
            others = [f"{_PREFIX}{each.dataset}" for each in contracts if each.source.arrive == "events"]
            by_event = (outputs.get("events") or {}).get("crawler")  # its own machine starts it
            crawl(glue, [c["Name"] for c in glue.get_crawlers()["Crawlers"] if c["Name"] != by_event])
            if wrong := not_as_expected(glue, databases, "staging", demo=self.files.source is None, others=others):
                raise RunFailed("the crawlers registered other tables:\n" + "\n".join(wrong), where="catalog")

    def look_at_parquet_tables(self, outputs: dict[str, Any]) -> None:
        """Compare what jobs wrote into the catalog about plain Parquet tables with what is expected."""
        what = "plain Parquet tables in the catalog: columns and partitions as their jobs publish them"
        with self.progress.step(what, system="Glue catalog", sent="GetTables"):
            glue = self.emulator.client("glue")
            if wrong := not_as_expected(glue, outputs["databases"], "warehouse", demo=self.files.source is None):
                raise RunFailed("the catalog has other tables:\n" + "\n".join(wrong), where="catalog")

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

    def sql_etl(self, outputs: dict[str, Any], streams: list[Stream]) -> None:
        """Run the SQL ETL's machine, and read the view that it switched."""
        what = "SQL ETL: CREATE TABLE AS, checks, view switched and read"
        with self.progress.step(what, system="Step Functions, Athena", sent="StartExecution, then a SELECT"):
            sfn, name = self.emulator.client("stepfunctions"), f"{outputs['lake']['name']}-etl-streams_by_country"
            execution = start(sfn, machine_arn(name))
            ended(sfn, execution)
            must_succeed(sfn, execution, f"state machine {name}")
            view = (
                "SELECT track_id, streams, seconds, months, country FROM streams_by_country ORDER BY country, track_id"
            )
            rows = self._analyst(outputs, "etl").ask(view)
            if rows != by_country(streams):
                raise RunFailed(f"the view has {rows}, expected {by_country(streams)}", where="streams_by_country")

    def _analyst(self, outputs: dict[str, Any], database: str) -> Queries:
        clients = clients_of(self.emulator, outputs["roles"]["analyst"])
        results = own_results(clients, outputs["buckets"]["athena_results"])
        return Queries(clients, outputs["workgroup"], outputs["databases"][database], results)

    def apply_as_deployer(self, outputs: dict[str, Any]) -> None:
        """Plan and apply again with the role of GitHub's workflows. Raises `RunFailed` when it lacks a right."""
        with self.progress.step("apply again, as the deployer's role", system="Terraform", sent="plan, apply") as step:
            keys = deployer(self.emulator, outputs["github_role"], REPOSITORY, ENVIRONMENT)
            deploying = self.lake.signed_in(keys)
            deploying.apply()
            step.seen.append(deploying.applied())
        self.progress.print(f"  {step.seen[-1]}")

    def do_what_people_do(self, outputs: dict[str, Any], dataset: str) -> None:
        """Do in their names what the guide says of engineers and operators. Raises `RunFailed` for what is refused."""
        what = "IAM: engineer and operator may do what the guide says of them"
        with self.progress.step(what, system="IAM", sent="reads, runs, a schedule on hold") as step:
            for task in tasks(self.emulator, outputs, dataset):
                must_be_allowed(task)
                step.seen.append(f"allowed: {task.role}, {task.what}")

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
        add(f"{use.judged} judgements; taken as fulfilled: {_counted(use.assumed)}")
        if whole:
            add("every unused permission has its reason in permissions.yaml")

    def try_what_is_forbidden(self, outputs: dict[str, Any]) -> None:
        """Try in each person's name what that person must not do. Raises `RunFailed` for what is not refused."""
        what = "IAM: what people must not do is refused"
        with self.progress.step(what, system="IAM", sent="reads, writes, starts and queries") as step:
            for attempt in attempts(self.emulator, outputs):
                must_be_refused(attempt)
                step.seen.append(f"refused: {attempt.role}, {attempt.what}")
            keys = deployer(self.emulator, outputs["github_role"], REPOSITORY, ENVIRONMENT)
            for attempt in attempts_of_deployer(clients_with(self.emulator, keys), outputs):
                must_be_refused(attempt)
                step.seen.append(f"refused: {attempt.role}, {attempt.what}")
            step.seen.append(code_by_run_job(self.emulator, outputs))

    def take_down(self) -> None:
        """Destroy the lake and bootstrap. Raises `RunFailed` when anything is left."""
        with self.progress.step("destroy: nothing is left", system="Terraform", sent="destroy"):
            self.lake.destroy()
            remove_administrator(self.emulator)
            if left := self.lake.left():
                raise RunFailed("destroyed, but still there: " + ", ".join(left), where="destroy")


def _counted(conditions: Mapping[str, int]) -> str:
    """Conditions with how often each was taken as fulfilled."""
    return ", ".join(f"{condition} ({count} times)" for condition, count in conditions.items()) or "nothing"


def _machines(outputs: dict[str, Any]) -> dict[str, str]:
    return {dataset: machine_arn(name) for dataset, name in outputs["pipelines"].items()}
