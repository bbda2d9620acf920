"""EventBridge's rules deliver to a queue or topic only what its policy, and the key's, allow EventBridge.

The emulator delivers without asking. A refused event is lost, as on AWS without a dead-letter queue; the refusal is
among the recorded calls. Runs in the emulator's Python.
"""

# pyright: reportMissingImports=false

from __future__ import annotations

from typing import Any

from ministack.services import eventbridge

from rehearsal.aws.recording import Recorder

_ACTIONS = {"sqs": "sqs:SendMessage", "sns": "sns:Publish"}
_EVENTS = "events.amazonaws.com"


def install(settings: dict[str, Any]) -> None:
    """Wrap the function that calls a target, before Scheduler's adapter does."""
    invoke, recorder = eventbridge._invoke_target, settings["recorder"]

    def invoked(target: dict[str, Any], event: dict[str, Any], rule: dict[str, Any], view: Any = None) -> Any:
        return None if refused(recorder, target["Arn"], rule.get("Arn", "")) else invoke(target, event, rule, view)

    eventbridge._invoke_target = invoked


def refused(recorder: Recorder, target: str, rule: str) -> bool:
    """Whether EventBridge may not send a rule's event (both ARNs) to a queue or topic; other targets take a role."""
    action = _ACTIONS.get(target.split(":")[2])
    if action is None:
        return False
    call = recorder.as_service(_EVENTS, action, target, rule)
    call.record()
    return bool(call.why)
