"""Whether IAM would allow something, by the statements of policies."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from permissions import ANY, Need

from rehearsal.walk.calls import matches

Statement = Mapping[str, Any]


def applied(plan: Mapping[str, Any], beginning: str) -> list[Statement]:
    """The statements of the policies whose addresses begin so, as a plan (in Terraform's JSON) found them applied."""
    found = _policies(plan["prior_state"]["values"]["root_module"])
    return [
        one for address, policy in found if address.startswith(beginning) for one in json.loads(policy)["Statement"]
    ]


def _policies(module: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for one in module.get("resources", ()):
        if isinstance(one["values"].get("policy"), str):
            yield one["address"], one["values"]["policy"]
    for child in module.get("child_modules", ()):
        yield from _policies(child)


def allowed(need: Need, statements: Iterable[Statement]) -> bool:
    """True when some statement allows it; an action that a statement denies is not asked about here."""
    return any(
        one["Effect"] == "Allow"
        and any(matches(pattern, need.action) for pattern in _list(one["Action"]))
        and any(_reaches(pattern, need.resource) for pattern in _list(one["Resource"]))
        and all(
            _holds(test, key, want, need)
            for test, keys in one.get("Condition", {}).items()
            for key, want in keys.items()
        )
        for one in statements
    )


def actions(statements: Iterable[Statement]) -> set[str]:
    """Every action that is named."""
    return {action for one in statements for action in _list(one["Action"])}


def _list(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def _reaches(pattern: str, resource: str) -> bool:
    """True when the pattern fits; a resource whose name is not known must be allowed at least under some name."""
    known, unknown, _ = resource.partition(ANY)
    return pattern.startswith(known) if unknown else matches(pattern, resource)


def _holds(test: str, key: str, want: Any, need: Need) -> bool:
    said = dict(need.context).get(key)
    if test == "Null":
        return (said is None) == (want == "true")
    if test not in ("StringEquals", "ArnLike"):
        raise NotImplementedError(f"the condition {test} of {key}")
    return said is not None and any(said == one or (test == "ArnLike" and matches(one, said)) for one in _list(want))
