"""Faults on purpose, one function each: it brings the fault about, yields the dataset whose pipeline then runs by
itself, gets back that execution when it has ended, holds what came of it against what must, and returns it in words.
"""

from __future__ import annotations

import json
import os
import re
import signal
from collections.abc import Callable, Generator, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from headgate.errors import RunFailed
from rehearsal.walk.deliveries import delivery
from rehearsal.walk.permissions import found
from rehearsal.walk.progress import Progress
from rehearsal.walk.scene import Scene, insist

Fault = Generator[str, Mapping[str, Any], str]
_TAKEN_AWAY = "glue:UpdateTable"


def bad_rows_and_two_at_once(scene: Scene) -> Fault:
    """Two files at the same moment: 100 new rows, one of them bad, and 40 of the same keys again."""
    rows = scene.rows("plays")
    files = {"one": _plays(range(100), bad=50), "two": _plays(range(40))}
    with ThreadPoolExecutor(2) as both:
        list(both.map(lambda name: scene.put(f"plays/month=2026-03/at-once-{name}.csv", files[name]), files))
    execution = yield "plays"
    runs, said = scene.runs("plays", execution["startDate"]), scene.last("plays")
    insist(
        "bad rows, two at once",
        status=(execution["status"], "SUCCEEDED"), runs=(len(runs), 1), read=(said["read"], 140),
        quarantined=(said["quarantined"], 1), superseded=(said["superseded"], 40),
        rows=(scene.rows("plays"), rows + 99),
    )  # fmt: skip
    return "one run read 140 rows, quarantined 1, set 40 aside as doubled; readers see 99 more"


def a_file_of_a_wrong_kind(scene: Scene) -> Fault:
    """A picture where a CSV is due."""
    scene.put("plays/month=2026-03/scan.csv", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8)
    yield "plays"
    said = scene.last("plays")
    insist("wrong kind", refused=(said["files_refused"], 1), named=("scan.csv" in json.dumps(said["objects"]), True))
    return "the file was refused by name, the others were published"


def the_same_event_twice(scene: Scene) -> Fault:
    """The hint of an arrival comes three times more, as SQS may deliver it, and one of an older file after it."""
    known, url = scene.known("plays"), scene.queue("plays")
    for name in (*["month=2026-03/at-once-one"] * 3, "month=2026-01/plays"):
        said = {"detail-type": "Object Created", "detail": {"object": {"key": f"staging/plays/{name}.csv"}}}
        scene.sqs.send_message(QueueUrl=url, MessageBody=json.dumps(said))
    yield "plays"
    insist("the same event twice", executions=(len(scene.new("plays", known)), 1))
    return "one execution for all of them"


def a_gate_that_closes(scene: Scene) -> Fault:
    """Half of a file's rows are bad, and at most 5 % may be."""
    before = scene.rows("artists")
    whole = delivery("artists", range(10))
    scene.put("artists/half-bad.csv", re.sub(r"^Artist\d*[02468],", "not-an-id,", whole, flags=re.MULTILINE))
    execution = yield "artists"
    runs = scene.runs("artists", execution["startDate"])
    report = f"runs/{runs[0]['Arguments']['--run_id']}/report.html"
    told = [one for one in scene.heard() if "artists closed its gate" in one.get("Subject", "")]
    insist(
        "a gate that closes",
        status=(execution["status"], "FAILED"), runs=(len(runs), 1), notices=(len(told), 1),
        report_linked=(bool(told) and report in told[0]["Message"], True), rows=(scene.rows("artists"), before),
    )  # fmt: skip
    scene.s3.head_object(Bucket=scene.outputs["buckets"]["reports"], Key=report)
    return "not published, not tried again; the notice links the report; readers see the same rows as before"


def a_job_that_is_killed(scene: Scene) -> Fault:
    """The processes of the first job of a dataset are killed while Spark works."""
    job = scene.outputs["jobs"]["plays"]
    killed = scene.until("a job to kill", lambda: _kill_new(scene, job))
    execution = yield "plays"
    runs = scene.runs("plays", execution["startDate"])
    insist(
        "a job that is killed",
        status=(execution["status"], "SUCCEEDED"), runs=([one["JobRunState"] for one in runs], ["FAILED", "SUCCEEDED"]),
        first=(runs[0]["Id"], killed), names=(len({one["Arguments"]["--run_id"] for one in runs}), 2),
        rows=(scene.rows("plays"), scene.last("plays")["published"]),
    )  # fmt: skip
    return f"{runs[0]['ErrorMessage']}; tried once more under a new run; readers see each row once"


def a_missing_permission(scene: Scene) -> Fault:
    """The job may no longer change its table."""
    role, before = f"{scene.outputs['lake']['name']}-job-albums", scene.rows("albums")
    name = scene.iam.list_role_policies(RoleName=role)["PolicyNames"][0]
    whole = scene.iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
    _put_policy(scene, role, name, without(whole, _TAKEN_AWAY))
    try:
        scene.put("albums/late.csv", delivery("albums", range(1)))
        execution = yield "albums"
        seen = found(scene.service.calls, scene.iam, f"{role}").refused
    finally:
        _put_policy(scene, role, name, whole)
    insist(
        "a missing permission",
        status=(execution["status"], "FAILED"), rows=(scene.rows("albums"), before),
        named=(any(_TAKEN_AWAY in one for one in seen), True),
    )  # fmt: skip
    return f"nothing published; found by its name: {next(one for one in seen if _TAKEN_AWAY in one)}"


FIRST: dict[str, Callable[[Scene], Fault]] = {"a job killed in the middle": a_job_that_is_killed}
THEN: dict[str, Callable[[Scene], Fault]] = {
    "1 % bad rows, and two arrivals at once": bad_rows_and_two_at_once,
    "a file of a wrong kind": a_file_of_a_wrong_kind,
    "the same event several times, and one that is late": the_same_event_twice,
    "a gate that closes": a_gate_that_closes,
    "a missing permission": a_missing_permission,
}
PLAYS = "plays"
DATASETS = ("albums", "artists", PLAYS)  # in which faults are brought about once they have been loaded


@contextmanager
def brought_about(
    faults: Mapping[str, Callable[[Scene], Fault]], scene: Scene, progress: Progress, *, new: bool = False
) -> Iterator[Callable[[], None]]:
    """Bring faults about, all at once; yields what waits for each one's pipeline and says its line.

    The pipeline is the first execution after this; in a `new` lake the first one at all.
    """
    known = {dataset: set[str]() if new else scene.known(dataset) for dataset in scene.outputs["pipelines"]}
    begun = list[tuple[str, Fault, str]]()
    scene.listen()

    def settle() -> None:
        for name, under_way, dataset in begun:
            with progress.step(f"fault on purpose: {name}", system=f"The pipeline of {dataset}", sent=name) as step:
                step.seen.append(_settled(under_way, _ended(scene, dataset, known[dataset])))
            progress.say(f"  {step.seen[0]}")

    try:
        for name, fault in faults.items():
            under_way = fault(scene)
            begun.append((name, under_way, next(under_way)))
        yield settle
    finally:
        for _, under_way, _ in begun:
            under_way.close()
        scene.stop_listening()


def _ended(scene: Scene, dataset: str, known: set[str]) -> Mapping[str, Any]:
    """The first execution since then, when it has ended."""

    def look() -> Mapping[str, Any] | None:
        new = scene.new(dataset, known)
        return new[0] if new and new[0]["status"] != "RUNNING" else None

    return scene.until(f"the end of the pipeline of {dataset}", look)


def _settled(fault: Fault, execution: Mapping[str, Any]) -> str:
    try:
        fault.send(execution)
    except StopIteration as end:
        return str(end.value)
    raise RunFailed("a fault yields once", where="rehearsal.walk.faults")


def _plays(numbers: range, bad: int = -1) -> str:
    """Plays that no month has; the bad one is from no country."""
    rows = [f"{100_000 + at},track-1,{'' if at == bad else 'be'},60" for at in numbers]
    return "\n".join(["play_id,track_id,country,seconds", *rows]) + "\n"


def _kill_new(scene: Scene, job: str) -> str:
    """Kill the job's run once its Spark has begun; its name, or nothing while there is none."""
    for run in scene.glue.get_job_runs(JobName=job)["JobRuns"]:
        folder = scene.folder / "jobs" / run["Id"]
        if run["JobRunState"] != "RUNNING" or not any((folder / "events").glob("*")):
            continue
        for pid in _working_in(folder):
            os.kill(pid, signal.SIGKILL)
            return run["Id"]
    return ""


def _working_in(folder: Path) -> list[int]:
    """The processes whose folder it is, the one that started the others first."""
    found = list[int]()
    for one in Path("/proc").glob("[0-9]*"):
        try:
            if (one / "cwd").resolve() == folder.resolve():
                found.append(int(one.name))
        except OSError:
            continue
    return sorted(found)


def _put_policy(scene: Scene, role: str, name: str, document: Any) -> None:
    text = document if isinstance(document, str) else json.dumps(document)
    scene.iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=text)


def without(document: Any, action: str) -> Any:
    """The policy with the action in none of its statements."""
    said = json.loads(document) if isinstance(document, str) else json.loads(json.dumps(document))
    for one in said["Statement"]:
        one["Action"] = [kept for kept in one["Action"] if kept != action]
    return said
