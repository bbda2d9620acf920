"""EventBridge Scheduler fills in its own words: `<aws.scheduler.scheduled-time>` and the like, in a target's input.

The emulator hands the input on as it stands. The time is that of the occurrence: a schedule is exact to the minute;
where the emulator looks every ten seconds, it is made to look every second. Its clock can be made to go faster: states
that wait do not wait as long as on AWS either.
"""

# pyright: reportMissingImports=false

from __future__ import annotations

import time
import uuid
from datetime import UTC, datetime
from typing import Any

from ministack.services import eventbridge, scheduler

from rehearsal.aws.recording import Recorder, acting_as

_LOOK_EVERY = 1  # seconds
_WORD = "<aws.scheduler."


def install(settings: dict[str, Any]) -> None:
    """Wrap what calls a target, which rules and schedules share."""
    invoke = eventbridge._invoke_target
    recorder: Recorder = settings["recorder"]

    def invoked(target: dict[str, Any], event: dict[str, Any], rule: dict[str, Any], view: Any = None) -> Any:
        if event.get("Source") != "aws.scheduler":
            return invoke(target, event, rule, view)
        with acting_as(target.get("RoleArn", "")):
            if ":stateMachine:" in target["Arn"]:
                recorder.write_as_acting(
                    action="states:StartExecution", resource=target["Arn"], status=200, via="inner"
                )
            return invoke(
                {**target, "Input": filled_in(target.get("Input", ""), rule, event["Time"])}, event, rule, view
            )

    eventbridge._invoke_target = invoked
    scheduler._SCHEDULE_TICK_INTERVAL = _LOOK_EVERY
    scheduler.time = Clock(settings.get("clock", 1))


class Clock:
    """What the emulator's scheduler takes for `time`: minutes that last a part of a minute, sleep as long as ever."""

    def __init__(self, times: float) -> None:
        self._start, self._times = time.time(), times

    def time(self) -> float:
        """Seconds since 1970; since this clock was made they have gone by so many times as fast."""
        return self._start + (time.time() - self._start) * self._times

    def sleep(self, seconds: float) -> None:
        """Real seconds."""
        time.sleep(seconds)


def filled_in(text: str, schedule: dict[str, Any], now: float) -> str:
    """The input with Scheduler's words replaced."""
    if _WORD not in text:
        return text
    at = datetime.fromtimestamp(now, UTC).replace(second=0, microsecond=0)
    words = {
        "schedule-arn": schedule.get("Arn", ""),
        "scheduled-time": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "execution-id": str(uuid.uuid4()),
        "attempt-number": "1",
    }
    for word, value in words.items():
        text = text.replace(f"{_WORD}{word}>", value)
    return text
