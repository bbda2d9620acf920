"""What a request says that policies ask for: condition keys of its parameters, and the roles that it passes on."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

_STATES, _GLUE = "states.amazonaws.com", "glue.amazonaws.com"
# The parameter (a path of names, through lists) of an action that passes on a role, and the service that gets it.
_PASSES = {
    "events:PutTargets": ("Targets.RoleArn", "events.amazonaws.com"),
    "glue:CreateJob": ("Role", _GLUE),
    "glue:UpdateJob": ("JobUpdate.Role", _GLUE),
    "glue:CreateCrawler": ("Role", _GLUE),
    "glue:UpdateCrawler": ("Role", _GLUE),
    "states:CreateStateMachine": ("roleArn", _STATES),
    "states:UpdateStateMachine": ("roleArn", _STATES),
    "lambda:CreateFunction": ("Role", "lambda.amazonaws.com"),
    "lambda:UpdateFunctionConfiguration": ("Role", "lambda.amazonaws.com"),
    "scheduler:CreateSchedule": ("Target.RoleArn", "scheduler.amazonaws.com"),
    "scheduler:UpdateSchedule": ("Target.RoleArn", "scheduler.amazonaws.com"),
}
# The parameter or header that an action's condition key comes from.
_KEYS = {
    "cloudwatch:PutMetricData": {"cloudwatch:namespace": "Namespace"},
    "iam:CreateRole": {"iam:permissionsboundary": "PermissionsBoundary"},
    "iam:PutRolePermissionsBoundary": {"iam:permissionsboundary": "PermissionsBoundary"},
    "iam:AttachRolePolicy": {"iam:policyarn": "PolicyArn"},
    "iam:DetachRolePolicy": {"iam:policyarn": "PolicyArn"},
    "lambda:CreateEventSourceMapping": {"lambda:functionarn": "FunctionName"},
    "s3:PutObject": {"s3:if-none-match": "if-none-match"},
}


@dataclass
class Asked:
    """A request as it arrived; of a long body only the beginning."""

    method: str
    headers: Mapping[str, str]
    query: Mapping[str, Any]
    body: bytes

    def parameters(self) -> dict[str, Any]:
        """The parameters of its body or query, of JSON or of a form."""
        try:
            data = json.loads(self.body) if self.body[:1] == b"{" else {}
        except ValueError:
            data = {}
        form = parse_qs(self.body.decode("latin-1")) if self.body and not data else {}
        return {
            name: value[0] if isinstance(value, list) else value for name, value in {**self.query, **form}.items()
        } | data


def asked_by(call: Asked, action: str) -> dict[str, str]:
    """The condition keys that an action's request sets, in lower case."""
    wanted = _KEYS.get(action, {})
    if not wanted:
        return {}
    given = {**call.headers} if action.startswith("s3:") else call.parameters()
    return {key: str(given[name]) for key, name in wanted.items() if given.get(name)}


def passed_roles(call: Asked, action: str) -> Iterator[tuple[str, str]]:
    """The ARNs of the roles that a request passes on, each with the service that gets it."""
    if action in _PASSES:
        path, service = _PASSES[action]
        yield from ((role, service) for role in _texts_at(call.parameters(), path.split(".")))


def _texts_at(value: Any, path: Sequence[str]) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _texts_at(item, path)
    elif not path:
        yield from (str(text) for text in [value] if text)
    elif isinstance(value, dict):
        yield from _texts_at(value.get(path[0]), path[1:])
