"""The rehearsal from end to end: start, release, apply, upload, wait, crawl, ask, go wrong, destroy; a line each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from headgate.contract.load import load_contracts
from headgate.errors import RunFailed
from rehearsal.emulator import Service
from rehearsal.walk.commands import Command
from rehearsal.walk.crawls import crawl, not_as_expected
from rehearsal.walk.deployed_lake import Lake, Planned
from rehearsal.walk.executions import ended, machine_arn, must_be_fine, start
from rehearsal.walk.faults import DATASETS, FIRST, PLAYS, THEN, brought_about
from rehearsal.walk.marts import Marts, marts_of
from rehearsal.walk.page import Report, Stop, kept_reports, path_of
from rehearsal.walk.permissions import explained_by, found, must_be_least
from rehearsal.walk.pipelines import after_a_tick, await_pipelines, await_rest
from rehearsal.walk.plays import Play, by_country, upload_plays
from rehearsal.walk.progress import Progress
from rehearsal.walk.queries import Queries, acting
from rehearsal.walk.read_back import read_back, saved_queries
from rehearsal.walk.records import rows_told
from rehearsal.walk.scene import Scene
from rehearsal.walk.staged_files import Arrived, demo, own_files, put, read_questions

WAIT_SCALE = 0.05  # states that wait, and pauses before a retry, take a twentieth of their time
CLOCK = 6  # a minute of Scheduler's takes ten seconds, twice as long as an upload
_PIPELINES_WITHIN = 900.0
_PREFIX = "tbl_"
_PATH = "S3 → EventBridge → SQS → Scheduler → Step Functions → Glue"


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
        """Every step in order. What fails raises; the lake is destroyed at the end unless it is kept.

        Files arrive while the provider still looks at what it has made; while marts are built, raw files are looked at
        and faults are brought about. So nothing waits but for what it needs.
        """
        own = self.own(faults=faults)
        with self.lake.bootstrap() as bootstrap:
            planned = self.planned(bootstrap)
            with self.lake.applying() as apply:
                arrived = own or demo(self.service.folder / "music")
                self.made(planned, apply)
                plays = self.arrive(planned.outputs, arrived)
                outputs = self.stands(bootstrap, apply)
        scene = self.scene(outputs)
        self.look_at_raw_files(outputs, plays)
        with brought_about(FIRST if faults else {}, scene, self.progress, new=True) as settle:
            if faults:
                self.loaded(outputs, DATASETS)
            settle()
        with brought_about(THEN if faults else {}, scene, self.progress) as settle:
            settle()
        self.built(outputs, arrived)
        self.crawl(outputs, "warehouse")
        self.ask(outputs, arrived)
        self.judge(outputs["lake"]["name"], whole=faults)
        self.reports.extend(kept_reports(self.service, outputs["buckets"]["reports"]))
        self.path.extend(path_of(self.service, outputs))
        if not keep:
            self.take_down()

    def own(self, *, faults: bool) -> Arrived | None:
        """One's own files; none where the demo's are taken. Raises `UnusableArgument` before anything is begun."""
        if self.files.source is None:
            return None
        known = load_contracts(self.lake.source.contracts)
        files = own_files(self.files.source, known, set(DATASETS) - {PLAYS} if faults else ())
        return Arrived(files, None, read_questions(self.files.answers) if self.files.answers else ())

    def planned(self, bootstrap: Command) -> Planned:
        """Release and plan, as soon as bootstrap has made what they need; what is planned."""
        step = self.progress.step
        with step("bootstrap: the buckets of state and releases stand", system="Terraform", sent="bootstrap"):
            self.lake.standing(bootstrap)
        version = self.lake.source.version
        with step(f"release {version}: built and uploaded", system="S3", sent="wheels, scripts, contracts"):
            self.lake.release()
        with step("plan: what it makes is known", system="Terraform", sent="environments/rehearsal.tfvars"):
            self.lake.bootstrapped(bootstrap)
            self.lake.plan()
            return self.lake.planned()

    def made(self, planned: Planned, apply: Command) -> None:
        """Wait until the apply has made everything."""
        with self.progress.step("apply: everything is made", system="Terraform", sent="the saved plan"):
            self.lake.made(planned, apply)

    def stands(self, *under_way: Command) -> dict[str, Any]:
        """Wait for the end of what is under way; what Terraform says of the lake."""
        with self.progress.step("bootstrap and apply ended well: the lake stands", system="Terraform", sent="outputs"):
            for command in under_way:
                command.wait()
            return self.lake.outputs()

    def scene(self, outputs: dict[str, Any]) -> Scene:
        """The lake as one looks at it from outside."""
        return Scene(self.service, outputs, self._analyst(outputs, "warehouse"), _PREFIX, self.service.folder)

    def arrive(self, outputs: Mapping[str, Any], arrived: Arrived) -> list[Play]:
        """Upload raw files, what the first mart reads a tick before the rest; returns the plays."""
        s3, staging = self.service.client("s3"), outputs["buckets"]["staging"]
        sent = f"{self.files.source or 'the music demo'}, and three months of plays"
        first = self.marts().first()
        with self.progress.step("raw files in staging: uploaded", system="S3", sent=sent):
            after_a_tick(self.service.calls)
            put(s3, staging, arrived.of(first))
            after_a_tick(self.service.calls)
            put(s3, staging, arrived.of(set(arrived.datasets) - first))
            return upload_plays(s3, staging)

    def marts(self) -> Marts:
        """The marts of the lake, as its contracts say."""
        return marts_of(self.lake.source.contracts, self.service.folder)

    def loaded(self, outputs: dict[str, Any], datasets: Iterable[str]) -> None:
        """Wait until the pipelines of datasets were started by themselves and went well."""
        said, names = list[str](), sorted(datasets)

        def told(line: str) -> None:
            self.progress.say(f"  {line}")
            said.append(line)

        with self.progress.step(f"{_PATH}: {', '.join(names)}", system=_PATH, sent="nothing: the events alone"):
            await_pipelines(self.service.client("stepfunctions"), _machines(outputs), names, _PIPELINES_WITHIN, told)
        self.progress.steps[-1].seen.extend(said)

    def built(self, outputs: dict[str, Any], arrived: Arrived) -> None:
        """Wait for the other datasets, and for the marts."""
        self.loaded(outputs, set(arrived.datasets) - set(DATASETS))
        with self.progress.step("every mart is built", system="Step Functions, Glue", sent="nothing"):
            await_rest(self.service.client("stepfunctions"), _machines(outputs).values(), _PIPELINES_WITHIN)

    def look_at_raw_files(self, outputs: dict[str, Any], plays: list[Play]) -> None:
        """Crawl them and run the SQL ETL over them."""
        self.crawl(outputs, "staging")
        self.engine_ready()
        self.sql_etl(outputs, plays)

    def crawl(self, outputs: dict[str, Any], role: str) -> None:
        """Run the crawlers of a database and hold the catalog against what it must hold."""
        what = f"crawlers of the {role} database: tables, columns and partitions as expected"
        with self.progress.step(what, system="Glue crawlers", sent="StartCrawler"):
            glue, databases = self.service.client("glue"), outputs["databases"]
            of_it = [one for one in glue.get_crawlers()["Crawlers"] if one["DatabaseName"] == databases[role]]
            crawl(glue, [one["Name"] for one in of_it])
            if wrong := not_as_expected(glue, databases, role, demo=self.files.source is None):
                raise RunFailed("the crawlers registered other things:\n" + "\n".join(wrong), where="catalog")

    def ask(self, outputs: dict[str, Any], arrived: Arrived) -> None:
        """Ask every table and every saved query through Athena."""
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
            execution = start(sfn, machine_arn(name))
            ended(sfn, execution)
            must_be_fine(sfn, execution, f"state machine {name}")
            view = "SELECT track_id, plays, seconds, months, country FROM plays_by_country ORDER BY country, track_id"
            said = self._analyst(outputs, "etl").ask(view)
            if said != by_country(plays):
                raise RunFailed(f"the view says {said}, expected {by_country(plays)}", where="plays_by_country")

    def _analyst(self, outputs: dict[str, Any], database: str) -> Queries:
        clients = acting(self.service, outputs["roles"]["analyst"])
        return Queries(clients, outputs["workgroup"], outputs["databases"][database])

    def judge(self, lake: str, *, whole: bool, since: float = 0.0) -> None:
        """Hold every call (since a time) against the role that made it; raises when one was not allowed.

        After a `whole` rehearsal, faults and all, it raises too for what was allowed and not used without a reason, and
        for a reason that has outlived its permission.
        """
        with self.progress.step("each role did only what its policies allow", system="IAM", sent="every recorded call"):
            seen = found(self.service.calls, self.service.client("iam"), f"{lake}-", since=since)
            if not since:
                seen.write(self.service.folder / "permissions.json")
            must_be_least(seen, explained_by() if whole else None)
        saw = self.progress.saw
        saw(f"{seen.acted} roles made {seen.calls} different calls; these took no part: {', '.join(seen.idle)}")
        if whole:
            saw("what was allowed and not used has its reason in permissions.yaml")

    def take_down(self) -> None:
        """Destroy the lake and bootstrap; raises when anything is left."""
        with self.progress.step("destroy: nothing is left", system="Terraform", sent="destroy"):
            self.lake.destroy()
            if left := self.lake.left():
                raise RunFailed("destroyed, but still there: " + ", ".join(left), where="destroy")


def _machines(outputs: dict[str, Any]) -> dict[str, str]:
    return {dataset: machine_arn(name) for dataset, name in outputs["pipelines"].items()}
