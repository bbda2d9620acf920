"""Faults on purpose, one function each.

The function causes the fault and yields the dataset whose pipeline then runs without us. When that execution has ended,
it gets the execution back, compares the result with what is expected, and returns the result in words.
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
from headgate.lake.paths import counts_file
from rehearsal.walk.deliveries import delivery
from rehearsal.walk.permissions import permission_use
from rehearsal.walk.progress import Progress
from rehearsal.walk.scene import Scene, must_be_as_expected

Fault = Generator[str, Mapping[str, Any], str]
_TAKEN_AWAY = "glue:UpdateTable"


def bad_rows_and_two_at_once(scene: Scene) -> Fault:
    """Two files at the same moment: 100 new rows, of which one is bad, and 40 of the same keys again."""
    before = scene.rows("streams")
    files = {"one": _streams(range(100), bad=50), "two": _streams(range(40))}
    with ThreadPoolExecutor(2) as both:
        list(both.map(lambda name: scene.put(f"streams/month=2026-03/at-once-{name}.csv", files[name]), files))
    execution = yield "streams"
    runs, outcome = scene.runs("streams", execution["startDate"]), scene.last("streams")
    must_be_as_expected(
        "bad rows, two at once",
        status=(execution["status"], "SUCCEEDED"), runs=(len(runs), 1), read=(outcome["read"], 140),
        quarantined=(outcome["quarantined"], 1), superseded=(outcome["superseded"], 40),
        rows=(scene.rows("streams"), before + 99),
    )  # fmt: skip
    return "one run read 140 rows: 1 quarantined, 40 superseded, 99 new to readers"


def a_file_of_a_wrong_kind(scene: Scene) -> Fault:
    """A picture where a CSV is expected."""
    scene.put("streams/month=2026-03/scan.csv", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8)
    yield "streams"
    outcome = scene.last("streams")
    named = "scan.csv" in json.dumps(outcome["objects"])
    must_be_as_expected("wrong kind", refused=(outcome["files_refused"], 1), named=(named, True))
    return "the file was refused by name, the others were published"


def the_same_event_twice(scene: Scene) -> Fault:
    """The hint of an arrival comes three more times, as SQS may deliver it, followed by the hint of an older file."""
    known, url = scene.known("streams"), scene.queue("streams")
    for name in (*["month=2026-03/at-once-one"] * 3, "month=2026-01/streams"):
        event = {"detail-type": "Object Created", "detail": {"object": {"key": f"staging/streams/{name}.csv"}}}
        scene.sqs.send_message(QueueUrl=url, MessageBody=json.dumps(event))
    yield "streams"
    must_be_as_expected("the same event twice", executions=(len(scene.new("streams", known)), 1))
    return "one execution for all of them"


def a_gate_that_closes(scene: Scene) -> Fault:
    """Half of a file's rows are bad, where at most 5 % may be."""
    before = scene.rows("artists")
    good = delivery("artists", range(10))
    scene.put("artists/half-bad.csv", re.sub(r"^Artist\d*[02468],", "not-an-id,", good, flags=re.MULTILINE))
    execution = yield "artists"
    runs = scene.runs("artists", execution["startDate"])
    report = counts_file(runs[0]["Arguments"]["--run_id"])
    notices = [notice for notice in scene.received_notices() if "artists closed its gate" in notice.get("Subject", "")]
    must_be_as_expected(
        "a gate that closes",
        status=(execution["status"], "FAILED"), runs=(len(runs), 1), notices=(len(notices), 1),
        report_linked=(bool(notices) and report in notices[0]["Message"], True),
        rows=(scene.rows("artists"), before),
    )  # fmt: skip
    scene.s3.head_object(Bucket=scene.outputs["buckets"]["reports"], Key=report)
    return "not published, not retried; the notice links the report; readers see the same rows as before"


def a_job_that_is_killed(scene: Scene) -> Fault:
    """The processes of a dataset's first job are killed while Spark works."""
    job = scene.outputs["jobs"]["streams"]
    killed = scene.until("a job to kill", lambda: _kill_new(scene, job))
    execution = yield "streams"
    runs = scene.runs("streams", execution["startDate"])
    must_be_as_expected(
        "a job that is killed",
        status=(execution["status"], "SUCCEEDED"), runs=([run["JobRunState"] for run in runs], ["FAILED", "SUCCEEDED"]),
        first=(runs[0]["Id"], killed), names=(len({run["Arguments"]["--run_id"] for run in runs}), 2),
        rows=(scene.rows("streams"), scene.last("streams")["published"]),
    )  # fmt: skip
    return f"{runs[0]['ErrorMessage']}; retried as a new run; readers see each row once"


def a_missing_permission(scene: Scene) -> Fault:
    """The job may no longer change its table."""
    role, before = f"{scene.outputs['lake']['name']}-job-albums", scene.rows("albums")
    name = scene.iam.list_role_policies(RoleName=role)["PolicyNames"][0]
    whole = scene.iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
    _put_policy(scene, role, name, without(whole, _TAKEN_AWAY))
    try:
        scene.put("albums/late.csv", delivery("albums", range(1)))
        execution = yield "albums"
        refused = permission_use(scene.emulator.calls, scene.iam, role).refused
    finally:
        _put_policy(scene, role, name, whole)
    named = [line for line in refused if _TAKEN_AWAY in line]
    must_be_as_expected(
        "a missing permission",
        status=(execution["status"], "FAILED"), rows=(scene.rows("albums"), before), named=(bool(named), True),
    )  # fmt: skip
    return f"nothing published; the refused call is named: {named[0]}"


FIRST: dict[str, Callable[[Scene], Fault]] = {"a job killed in the middle": a_job_that_is_killed}
THEN: dict[str, Callable[[Scene], Fault]] = {
    "1 % bad rows, and two arrivals at once": bad_rows_and_two_at_once,
    "a file of a wrong kind": a_file_of_a_wrong_kind,
    "the same event several times, and a late one": the_same_event_twice,
    "a gate that closes": a_gate_that_closes,
    "a missing permission": a_missing_permission,
}
STREAMS = "streams"
DATASETS = ("albums", "artists", STREAMS)  # the datasets of the faults, which are caused once these have been loaded


@contextmanager
def caused(
    faults: Mapping[str, Callable[[Scene], Fault]], scene: Scene, progress: Progress, *, new: bool = False
) -> Iterator[Callable[[], None]]:
    """Cause faults, all at once; yields a function that waits for each one's pipeline and prints its line.

    The pipeline is the first execution after this; in a `new` lake the first one at all.
    """
    known = {dataset: set[str]() if new else scene.known(dataset) for dataset in scene.outputs["pipelines"]}
    begun = list[tuple[str, Fault, str]]()
    scene.listen()

    def settle() -> None:
        for name, under_way, dataset in begun:
            with progress.step(f"fault on purpose: {name}", system=f"The pipeline of {dataset}", sent=name) as step:
                step.seen.append(_result(under_way, scene.ended_execution(dataset, known[dataset])))
            progress.print(f"  {step.seen[0]}")

    try:
        for name, fault in faults.items():
            under_way = fault(scene)
            begun.append((name, under_way, next(under_way)))
        yield settle
    finally:
        for _, under_way, _ in begun:
            under_way.close()
        scene.stop_listening()


def _result(fault: Fault, execution: Mapping[str, Any]) -> str:
    try:
        fault.send(execution)
    except StopIteration as end:
        return str(end.value)
    raise RunFailed("a fault must yield exactly once", where="rehearsal.walk.faults")


def _streams(numbers: range, bad: int = -1) -> str:
    """Plays that no month has; the bad one has no country."""
    rows = [f"{100_000 + number},track-1,{'' if number == bad else 'be'},60" for number in numbers]
    return "\n".join(["stream_id,track_id,country,seconds", *rows]) + "\n"


def _kill_new(scene: Scene, job: str) -> str:
    """Kill the job's run once its Spark has begun, and return its ID; empty while there is none."""
    for run in scene.glue.get_job_runs(JobName=job)["JobRuns"]:
        folder = scene.folder / "jobs" / run["Id"]
        if run["JobRunState"] != "RUNNING" or not any((folder / "events").glob("*")):
            continue
        for pid in _working_in(folder):
            os.kill(pid, signal.SIGKILL)
            return run["Id"]
    return ""


def _working_in(folder: Path) -> list[int]:
    """The processes that work in a folder, the one that started the others first."""
    pids = list[int]()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "cwd").resolve() == folder.resolve():
                pids.append(int(process.name))
        except OSError:
            continue
    return sorted(pids)


def _put_policy(scene: Scene, role: str, name: str, document: Any) -> None:
    text = document if isinstance(document, str) else json.dumps(document)
    scene.iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=text)


def without(document: Any, action: str) -> Any:
    """A copy of the policy without the action."""
    policy = json.loads(document if isinstance(document, str) else json.dumps(document))
    for statement in policy["Statement"]:
        statement["Action"] = [kept for kept in statement["Action"] if kept != action]
    return policy
