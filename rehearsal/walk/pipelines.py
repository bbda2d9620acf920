"""Wait for the lake to work by itself: its state machines run after files have arrived."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from headgate.errors import RunFailed
from rehearsal.walk.executions import executions, must_succeed

_LOOK_EVERY = 0.5


def await_pipelines(
    sfn: Any, machines: Mapping[str, str], wanted: Iterable[str], seconds: float, report: Callable[[str], None]
) -> None:
    """Wait until each wanted dataset's machine has started without us and succeeded; `report` gets a line for each.

    Raises `RunFailed` with the execution's error when one fails, or when none ends in time.
    """
    pending, until = set(wanted), time.monotonic() + seconds
    for machine in machines.values():
        sfn.describe_state_machine(stateMachineArn=machine)  # for a missing machine the emulator lists no executions
    while pending:
        for dataset in sorted(pending):
            execution = _first_ended(sfn, machines[dataset])
            if execution:
                must_succeed(sfn, execution["executionArn"], f"state machine of {dataset}")
                took = (execution["stopDate"] - execution["startDate"]).total_seconds()
                report(f"{dataset}: {execution['name']} succeeded in {took:.1f} s")
                pending.discard(dataset)
        _wait(until, f"no execution of {', '.join(sorted(pending))} has ended")


def _first_ended(sfn: Any, machine: str) -> dict[str, Any] | None:
    return next((execution for execution in executions(sfn, machine) if execution["status"] != "RUNNING"), None)


def await_rest(sfn: Any, machines: Iterable[str], seconds: float) -> None:
    """Wait until none of the machines runs. Raises `RunFailed` when that takes longer."""
    until, every = time.monotonic() + seconds, list(machines)
    while any(execution["status"] == "RUNNING" for machine in every for execution in executions(sfn, machine)):
        _wait(until, "not every execution has ended")


def after_a_tick(calls: Path, seconds: float = 120.0) -> None:
    """Return when Scheduler has just ticked, so that the next tick admits all files that arrive now together.

    Raises `RunFailed` when it does not tick.
    """
    begun, until = calls.stat().st_size, time.monotonic() + seconds
    while True:
        with calls.open("rb") as file:
            file.seek(begun)
            if any(b'"states:StartExecution"' in line and b"-tick" in line for line in file):
                return
        _wait(until, "Scheduler has not ticked")


def _wait(until: float, what: str) -> None:
    if time.monotonic() > until:
        raise RunFailed(f"{what} in time", remedy="Read `emulator.log` and `calls.jsonl`.")
    time.sleep(_LOOK_EVERY)
