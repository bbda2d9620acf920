"""Whether the statements of policies would allow a need in IAM."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from permissions import ANY, Need

from rehearsal.iam.policy import matches

Statement = Mapping[str, Any]


def applied(plan: Mapping[str, Any], beginning: str) -> list[Statement]:
    """The statements of applied policies whose addresses begin so, from a plan in Terraform's JSON."""
    policies = _policies(plan["prior_state"]["values"]["root_module"])
    return [
        statement
        for address, policy in policies
        if address.startswith(beginning)
        for statement in json.loads(policy)["Statement"]
    ]


def _policies(module: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for resource in module.get("resources", ()):
        if isinstance(resource["values"].get("policy"), str):
            yield resource["address"], resource["values"]["policy"]
    for child in module.get("child_modules", ()):
        yield from _policies(child)


def allowed(need: Need, statements: Iterable[Statement]) -> bool:
    """True when some statement allows the need; statements that deny are not considered."""
    return any(
        statement["Effect"] == "Allow"
        and any(matches(pattern, need.action) for pattern in _list(statement["Action"]))
        and any(_covers(pattern, need.resource) for pattern in _list(statement["Resource"]))
        and all(
            _is_met(test, key, want, need)
            for test, keys in statement.get("Condition", {}).items()
            for key, want in keys.items()
        )
        for statement in statements
    )


def actions(statements: Iterable[Statement]) -> set[str]:
    """Every action that the statements name."""
    return {action for statement in statements for action in _list(statement["Action"])}


def _list(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def _covers(pattern: str, resource: str) -> bool:
    """True when the pattern matches; of a resource without a known name, when it matches some name."""
    known, unknown, _ = resource.partition(ANY)
    return pattern.startswith(known) if unknown else matches(pattern, resource)


def _is_met(test: str, key: str, want: Any, need: Need) -> bool:
    value = dict(need.context).get(key)
    if test == "Null":
        return (value is None) == (want == "true")
    if test not in ("StringEquals", "ArnLike"):
        raise NotImplementedError(f"the condition {test} of {key}")
    if value is None:
        return False
    return any(value == allowed or (test == "ArnLike" and matches(allowed, value)) for allowed in _list(want))
