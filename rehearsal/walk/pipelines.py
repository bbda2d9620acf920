"""The lake at work by itself: what its state machines do after files arrived, told as it happens."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from headgate.errors import RunFailed
from rehearsal.walk.executions import executions, must_be_fine

_LOOK_EVERY = 0.5


def await_pipelines(
    sfn: Any, machines: Mapping[str, str], wanted: Iterable[str], seconds: float, say: Callable[[str], None]
) -> None:
    """Wait until each wanted dataset's machine was started by itself and went well.

    Raises `RunFailed` with the execution's own words when one fails, or when nothing starts in time.
    """
    open_ones, until = set(wanted), time.monotonic() + seconds
    for machine in machines.values():
        sfn.describe_state_machine(stateMachineArn=machine)  # the emulator knows no executions of what is not there
    while open_ones:
        for dataset in sorted(open_ones):
            for one in executions(sfn, machines[dataset]):
                if one["status"] != "RUNNING":
                    must_be_fine(sfn, one["executionArn"], f"state machine of {dataset}")
                    took = (one["stopDate"] - one["startDate"]).total_seconds()
                    say(f"{dataset}: {one['name']} went well in {took:.1f} s")
                    open_ones.discard(dataset)
                    break
        _in_time(until, f"no execution of {', '.join(sorted(open_ones))} has ended")


def await_rest(sfn: Any, machines: Iterable[str], seconds: float) -> None:
    """Wait until none of the machines runs any more. Raises `RunFailed` when that does not come in time."""
    until, every = time.monotonic() + seconds, list(machines)
    while any(one["status"] == "RUNNING" for machine in every for one in executions(sfn, machine)):
        _in_time(until, "an execution still runs")


def after_a_tick(calls: Path, seconds: float = 120.0) -> None:
    """Return when Scheduler has just ticked, so that what arrives now is seen at once by the next tick.

    Raises `RunFailed` when it does not tick.
    """
    begun, until = calls.stat().st_size, time.monotonic() + seconds
    while True:
        with calls.open("rb") as file:
            file.seek(begun)
            if any(b'"states:StartExecution"' in line and b"-tick" in line for line in file):
                return
        _in_time(until, "Scheduler has not ticked")


def _in_time(until: float, what: str) -> None:
    if time.monotonic() > until:
        raise RunFailed(f"{what} in time", remedy="Look at the emulator's own words (`said`) and at `calls.jsonl`.")
    time.sleep(_LOOK_EVERY)
