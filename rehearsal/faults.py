"""Faults on purpose, one function each: it brings the fault about, yields the dataset whose pipeline then runs by
itself, gets back that execution when it has ended, holds what came of it against what must, and returns it in words.
"""

from __future__ import annotations

import json
import os
import re
import signal
from collections.abc import Callable, Generator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from headgate.errors import RunFailed
from rehearsal.deliveries import delivery, named
from rehearsal.permissions import found
from rehearsal.progress import Progress
from rehearsal.scene import Scene, insist

Fault = Generator[str, Mapping[str, Any], str]
_TAKEN_AWAY = "glue:UpdateTable"


def bad_rows_and_two_at_once(scene: Scene) -> Fault:
    """Two files at the same moment: 100 new rows, one of them bad, and 40 of the same keys again."""
    before, rows = scene.last("playlist_tracks"), scene.rows("playlist_tracks")
    whole = delivery("playlist_tracks", range(100))
    files = {"one": whole.replace(named("Playlist", 50), "none"), "two": delivery("playlist_tracks", range(40))}
    with ThreadPoolExecutor(2) as both:
        list(both.map(lambda name: scene.put(f"playlist_tracks/at-once-{name}.csv", files[name]), files))
    execution = yield "playlist_tracks"
    runs, said = scene.runs("playlist_tracks", execution["startDate"]), scene.last("playlist_tracks")
    insist(
        "bad rows, two at once",
        status=(execution["status"], "SUCCEEDED"), runs=(len(runs), 1), read=(said["read"] - before["read"], 140),
        quarantined=(said["quarantined"] - before["quarantined"], 1),
        superseded=(said["superseded"] - before["superseded"], 40), rows=(scene.rows("playlist_tracks"), rows + 99),
    )  # fmt: skip
    return "one run read 140 rows more, quarantined 1, set 40 aside as doubled; readers see 99 more"


def a_file_of_a_wrong_kind(scene: Scene) -> Fault:
    """A picture where a CSV is due."""
    before = scene.last("playlist_tracks")["files_refused"]
    scene.put("playlist_tracks/scan.csv", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8)
    yield "playlist_tracks"
    said = scene.last("playlist_tracks")
    named_too = "playlist_tracks/scan.csv" in json.dumps(said["objects"])
    insist("wrong kind", refused=(said["files_refused"] - before, 1), named=(named_too, True))
    return "the file was refused by name, the others were published"


def the_same_event_twice(scene: Scene) -> Fault:
    """The hint of an arrival comes three times more, as SQS may deliver it, and one of an older file after it."""
    known, url = scene.known("playlist_tracks"), scene.queue("playlist_tracks")
    for name in ("at-once-one", "at-once-one", "at-once-one", "older"):
        key = f"staging/playlist_tracks/{name}.csv"
        said = {"detail-type": "Object Created", "detail": {"object": {"key": key}}}
        scene.sqs.send_message(QueueUrl=url, MessageBody=json.dumps(said))
    yield "playlist_tracks"
    insist("the same event twice", executions=(len(scene.new("playlist_tracks", known)), 1))
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
    """The job's processes are killed while Spark works."""
    before, job = scene.rows("plays"), scene.outputs["jobs"]["plays"]
    known = {one["Id"] for one in scene.glue.get_job_runs(JobName=job)["JobRuns"]}
    scene.put("plays/month=2026-04/plays.csv", "play_id,track_id,country,seconds\n100000,track-1,be,60\n")
    killed = scene.until("a job to kill", lambda: _kill_new(scene, job, known))
    execution = yield "plays"
    runs = scene.runs("plays", execution["startDate"])
    insist(
        "a job that is killed",
        status=(execution["status"], "SUCCEEDED"), runs=([one["JobRunState"] for one in runs], ["FAILED", "SUCCEEDED"]),
        first=(runs[0]["Id"], killed), names=(len({one["Arguments"]["--run_id"] for one in runs}), 2),
        rows=(scene.rows("plays"), before + 1),
    )  # fmt: skip
    return f"{runs[0]['ErrorMessage']}; tried once more under a new run; readers see one row more, none twice"


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


ALL: dict[str, Callable[[Scene], Fault]] = {
    "1 % bad rows, and two arrivals at once": bad_rows_and_two_at_once,
    "a file of a wrong kind": a_file_of_a_wrong_kind,
    "the same event several times, and one that is late": the_same_event_twice,
    "a gate that closes": a_gate_that_closes,
    "a missing permission": a_missing_permission,
    "a job killed in the middle": a_job_that_is_killed,
}


def bring_about(scene: Scene, progress: Progress) -> None:
    """All faults at once, each with its line when its pipeline has ended."""
    scene.listen()
    known = {dataset: scene.known(dataset) for dataset in scene.outputs["pipelines"]}
    begun = list[tuple[str, Fault, str]]()
    try:
        for name, fault in ALL.items():
            under_way = fault(scene)
            begun.append((name, under_way, next(under_way)))
        for name, under_way, dataset in begun:
            with progress.step(f"fault on purpose: {name}", system=f"The pipeline of {dataset}", sent=name) as step:
                step.seen.append(_settled(under_way, _ended(scene, dataset, known[dataset])))
            progress.say(f"  {step.seen[0]}")
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
    raise RunFailed("a fault yields once", where="rehearsal.faults")


def _kill_new(scene: Scene, job: str, known: set[str]) -> str:
    """Kill the newest run once its Spark has begun; its name, or nothing while there is none."""
    for run in scene.glue.get_job_runs(JobName=job)["JobRuns"]:
        folder = scene.folder / "jobs" / run["Id"]
        if run["Id"] in known or run["JobRunState"] != "RUNNING" or not any((folder / "events").glob("*")):
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
