"""What earlier runs took: read from the records of the lake (`runs/<run>/run.json`), the newest first."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from pydantic import BaseModel, ConfigDict, ValidationError

from headgate.contract.model import Job
from headgate.errors import RunFailed
from headgate.lake.paths import RUNS, record_file, run_of_record
from headgate.lake.storage import Storage
from headgate.report.facts import Host
from headgate.report.record_model import FORMAT

MOST_RECORDS = 2000  # read at most: a lake keeps those of 400 days
WORKED = ("published", "closed")  # such a run has read, judged and counted its rows


class _Seen(BaseModel):
    """The part of a record that an estimate needs; keys that later versions add are passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class _Objects(_Seen):
    bytes: int | None = None


class _Estimate(_Seen):
    worker: str
    workers: int
    execution: str


class _Dataset(_Seen):
    status: str
    seconds: dict[str, float]
    read: int | None = None
    objects: _Objects = _Objects()
    estimate: _Estimate | None = None


class _Record(_Seen):
    format: int
    started: datetime
    seconds: float
    host: Host
    datasets: dict[str, _Dataset]


@dataclass(frozen=True)
class PastRun:
    """One run of one dataset: how long it took, where, what it read, and its job's size where that was recorded."""

    run: str
    started: datetime
    host: Host
    seconds: float
    rows: int | None = None
    bytes: int | None = None
    job: Job | None = None


def read_history(runs: Storage, names: Collection[str], last: int) -> dict[str, list[PastRun]]:
    """The last runs of each dataset that published or closed the gate, at most `last` of each, the newest first.

    Raises `RunFailed` for a record that cannot be read.
    """
    history: dict[str, list[PastRun]] = {name: [] for name in names}
    for run in _newest_first(runs)[:MOST_RECORDS]:
        if all(len(past) >= last for past in history.values()):
            break
        for name, past in _past_runs(run, _read(runs, run)):
            if name in history and len(history[name]) < last:
                history[name].append(past)
    return history


def _newest_first(runs: Storage) -> list[str]:
    """The runs that have a record; the name of a run begins with its start."""
    found = (run_of_record(stored.path) for stored in runs.list(f"{RUNS}/"))
    return sorted((run for run in found if run), reverse=True)


def _read(runs: Storage, run: str) -> _Record:
    at = record_file(run)
    remedy = "Restore the file, or move its folder out of `runs/`: the estimate then rests on the other runs."
    try:
        record = _Record.model_validate_json(runs.read(at))
    except (OSError, ValidationError) as error:
        what = f"the run record cannot be read: {_first_problem(error)}"
        raise RunFailed(what, where=runs.uri(at), remedy=remedy) from error
    if record.format > FORMAT:
        what = f"the run record has format {record.format}, this version reads {FORMAT}"
        raise RunFailed(what, where=runs.uri(at), remedy="Update Headgate.")
    return record


def _first_problem(error: Exception) -> str:
    if isinstance(error, ValidationError):
        problem = error.errors()[0]
        place = ".".join(map(str, problem["loc"]))
        return f"{place}: {problem['msg']}" if place else problem["msg"]
    return str(error)


def _past_runs(run: str, record: _Record) -> Iterator[tuple[str, PastRun]]:
    for name, dataset in record.datasets.items():
        if dataset.status in WORKED and dataset.seconds:
            seconds = run_seconds(record.host, record.seconds, dataset.seconds, len(record.datasets))
            job = _job(dataset.estimate)
            yield name, PastRun(run, record.started, record.host, seconds, dataset.read, dataset.objects.bytes, job)


def run_seconds(host: Host, whole: float, steps: Mapping[str, float], datasets: int) -> float:
    """The seconds of one dataset's run: on Glue the whole run, where it was alone in it; else the sum of its steps."""
    return whole if host == "glue" and datasets == 1 else round(sum(steps.values()), 3)


def _job(seen: _Estimate | None) -> Job | None:
    if seen is None:
        return None
    try:
        return Job.model_validate(seen.model_dump())
    except ValidationError:
        return None  # a size that this version's contracts cannot have
