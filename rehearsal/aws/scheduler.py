"""EventBridge Scheduler replaces its keywords, such as `<aws.scheduler.scheduled-time>`, in the input of a target.

It takes the target's role, which must trust it and allow the start. The emulator passes the input on unchanged. A
schedule is exact to the minute, so the time is that of its occurrence. The emulator checks its schedules every ten
seconds; here it does so every second. Its clock can be sped up, since waiting states are shortened too.
"""

# pyright: reportMissingImports=false

from __future__ import annotations

import time
import uuid
from datetime import UTC, datetime
from typing import Any

from ministack.services import eventbridge, scheduler

from rehearsal.aws.judge import refusal_to_take
from rehearsal.aws.recording import Recorder, acting_as

_TICK_SECONDS = 1
_KEYWORD = "<aws.scheduler."


def install(settings: dict[str, Any]) -> None:
    """Wrap the function that calls a target, which rules and schedules share."""
    invoke = eventbridge._invoke_target
    recorder: Recorder = settings["recorder"]

    def invoked(target: dict[str, Any], event: dict[str, Any], rule: dict[str, Any], view: Any = None) -> Any:
        if event.get("Source") != "aws.scheduler":
            return invoke(target, event, rule, view)
        role = target.get("RoleArn", "")
        if refusal_to_take(role, "scheduler.amazonaws.com", rule.get("Arn", "")):
            return None
        with acting_as(role):
            if ":stateMachine:" in target["Arn"]:
                call = recorder.as_acting("states:StartExecution", target["Arn"])
                call.record()
                if call.why:
                    return None
            filled = {**target, "Input": filled_in(target.get("Input", ""), rule, event["Time"])}
            return invoke(filled, event, rule, view)

    eventbridge._invoke_target = invoked
    scheduler._SCHEDULE_TICK_INTERVAL = _TICK_SECONDS
    scheduler.time = Clock(settings.get("clock", 1))


class Clock:
    """Replaces the module `time` in the emulator's scheduler: its time runs faster, its sleep does not."""

    def __init__(self, times: float) -> None:
        self._start, self._times = time.time(), times

    def time(self) -> float:
        """Seconds since 1970; since this clock was made they pass `times` as fast."""
        return self._start + (time.time() - self._start) * self._times

    def sleep(self, seconds: float) -> None:
        """Sleep for real seconds."""
        time.sleep(seconds)


def filled_in(text: str, schedule: dict[str, Any], now: float) -> str:
    """The input with Scheduler's keywords replaced."""
    if _KEYWORD not in text:
        return text
    occurrence = datetime.fromtimestamp(now, UTC).replace(second=0, microsecond=0)
    values = {
        "schedule-arn": schedule.get("Arn", ""),
        "scheduled-time": occurrence.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "execution-id": str(uuid.uuid4()),
        "attempt-number": "1",
    }
    for keyword, value in values.items():
        text = text.replace(f"{_KEYWORD}{keyword}>", value)
    return text
