"""EventBridge's rules deliver what policies allow: to a queue or topic by its own policy, to a machine by a role.

The emulator delivers without asking. A refused event is lost, as on AWS without a dead-letter queue; the refusal is
among the recorded calls. Runs in the emulator's Python.
"""

# pyright: reportMissingImports=false

from __future__ import annotations

from typing import Any

from ministack.services import eventbridge

from rehearsal.aws.judge import refusal_to_take
from rehearsal.aws.recording import Inner, Recorder, acting_as, judging

_ACTIONS = {"sqs": "sqs:SendMessage", "sns": "sns:Publish"}
_EVENTS = "events.amazonaws.com"
_SCHEDULER = "aws.scheduler"  # the source of what rehearsal.aws.scheduler judges


def install(settings: dict[str, Any]) -> None:
    """Wrap the function that calls a target, before Scheduler's adapter does."""
    invoke, recorder = eventbridge._invoke_target, settings["recorder"]

    def invoked(target: dict[str, Any], event: dict[str, Any], rule: dict[str, Any], view: Any = None) -> Any:
        of_a_rule = event.get("Source") != _SCHEDULER
        if of_a_rule and refused(recorder, target, rule.get("Arn", "")):
            return None
        return invoke(target, event, rule, view)

    eventbridge._invoke_target = invoked


def refused(recorder: Recorder, target: dict[str, Any], rule: str) -> bool:
    """Whether EventBridge may not deliver a rule's event (its ARN) to a queue, a topic or a machine."""
    arn = target["Arn"]
    service = arn.split(":")[2]
    if service == "states":
        return _may_not_start(recorder, arn, target.get("RoleArn", ""), rule)
    if service not in _ACTIONS:
        return False
    call = recorder.as_service(_EVENTS, _ACTIONS[service], arn, rule)
    call.record()
    return bool(call.why)


def _may_not_start(recorder: Recorder, machine: str, role: str, rule: str) -> bool:
    """Whether the target's role does not trust EventBridge, or may not start the machine."""
    with judging() as made:
        why = refusal_to_take(role, _EVENTS, rule)
    if why:
        Inner(recorder, "sts:AssumeRole", role or machine, why, made).record()
        return True
    with acting_as(role):
        call = recorder.as_acting("states:StartExecution", machine)
        call.record()
    return bool(call.why)
