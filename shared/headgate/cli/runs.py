"""`headgate runs`: the last runs of a lake, from their records; Spark does not start."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any

from headgate.cli.rows import when
from headgate.cli.show import STATUSES
from headgate.cli.table import Column, console, print_table
from headgate.errors import UnusableArgument
from headgate.lake.paths import RUNS, Lake, record_file
from headgate.lake.storage import Storage

_UNKNOWN = {
    "no record": ("? no record", "yellow"),  # it still runs, or was killed
    "unreadable": ("? unreadable", "yellow"),
}


@dataclass(frozen=True)
class PastRun:
    """One run, or one dataset of it: how it ended and its rows; a count is None where it was not counted."""

    run: str
    status: str
    command: str = ""
    seconds: float | None = None
    read: int | None = None
    published: int | None = None
    quarantined: int | None = None

    def as_dict(self) -> dict[str, Any]:
        """As JSON wants it."""
        return {**asdict(self), "when": when(self.run)}


def past_runs(lake: Lake, dataset: str, last: int) -> list[PastRun]:
    """The last runs, the newest first; with a dataset those that had it. Raises `UnusableArgument` without any."""
    names = sorted({stored.path.split("/")[1] for stored in lake.runs.list(f"{RUNS}/")}, reverse=True)
    runs = list(islice(filter(None, (_past_run(lake.runs, name, dataset) for name in names)), last))
    if not runs:
        of = f" of `{dataset}`" if dataset else ""
        remedy = "Name the lake with --lake, or make a run: `headgate run`."
        raise UnusableArgument(f"there is no run{of} here", where=lake.runs.uri(RUNS), remedy=remedy)
    return runs


def _past_run(runs: Storage, name: str, dataset: str) -> PastRun | None:
    if not runs.exists(record_file(name)):
        return None if dataset else PastRun(name, "no record")
    try:
        record = json.loads(runs.read(record_file(name)))
        datasets: Mapping[str, Any] = record["datasets"]
        if dataset and dataset not in datasets:
            return None
        counted = [datasets[dataset]] if dataset else list(datasets.values())
        status = datasets[dataset]["status"] if dataset else record["status"]
        sums = {count: _sum(each[count] for each in counted) for count in ("read", "published", "quarantined")}
        return PastRun(name, str(status), str(record["command"]), float(record["seconds"]), **sums)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None if dataset else PastRun(name, "unreadable")


def _sum(counts: Iterator[int | None]) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if known else None


def print_runs(runs: Sequence[PastRun], next_command: str) -> None:
    """Print a table of the runs, the newest first, and the command that shows more of the newest one."""
    shown = [STATUSES.get(run.status) or _UNKNOWN.get(run.status, (run.status, "")) for run in runs]
    out = console()
    print_table(
        out,
        [
            Column("run", [run.run for run in runs], whole=True),
            Column("when", [when(run.run) for run in runs], whole=True),
            Column("", [text for text, _ in shown], whole=True, styles=[style for _, style in shown]),
            *(
                Column(name, [_number(getattr(run, name)) for run in runs], number=True)
                for name in ("read", "published", "quarantined")
            ),
            Column("seconds", ["" if run.seconds is None else f"{run.seconds:,.1f}" for run in runs], number=True),
            Column("command", [run.command for run in runs]),
        ],
    )
    if next_command:
        out.print(f"The refused rows of the newest: {next_command}", markup=False, soft_wrap=True)


def _number(count: int | None) -> str:
    return "" if count is None else f"{count:,}"
