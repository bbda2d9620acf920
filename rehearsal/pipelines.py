"""The lake at work by itself: what its state machines do after files arrived, told as it happens."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from headgate.errors import RunFailed
from rehearsal.executions import executions, must_be_fine

_LOOK_EVERY = 0.5


def await_pipelines(
    sfn: Any, machines: Mapping[str, str], wanted: Iterable[str], seconds: float, say: Callable[[str], None]
) -> None:
    """Wait until each dataset's machine was started by itself and went well, and none runs any more.

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
    while any(one["status"] == "RUNNING" for name in machines for one in executions(sfn, machines[name])):
        _in_time(until, "an execution still runs")


def _in_time(until: float, what: str) -> None:
    if time.monotonic() > until:
        raise RunFailed(f"{what} in time", remedy="Look at the emulator's own words (`said`) and at `calls.jsonl`.")
    time.sleep(_LOOK_EVERY)
