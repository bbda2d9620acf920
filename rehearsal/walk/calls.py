"""What each role was seen to ask, held against what its policies allow.

Only `Allow` and `Deny` of identity policies are looked at, with the wildcards of actions and resources; a statement's
`Condition` counts as fulfilled, which the report says. What the emulator cannot see (keys, metrics, a service that acts
inside AWS) shows as never used: `permissions.yaml` says why such a permission stays.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Call:
    """One permission that was needed: by whom, which, on what, and whether it was given."""

    role: str
    action: str
    resource: str
    status: int


@dataclass(frozen=True)
class Statement:
    """A statement of a policy, each part as a tuple."""

    sid: str
    allows: bool
    actions: tuple[str, ...]
    resources: tuple[str, ...]

    def covers(self, call: Call) -> bool:
        """True when action and resource are among those named."""
        return any(matches(one, call.action, case=False) for one in self.actions) and any(
            matches(one, call.resource) for one in self.resources
        )


@dataclass(frozen=True)
class Judged:
    """What came of holding a role's calls against its policies."""

    role: str
    calls: int
    refused: tuple[str, ...]  # asked for, and not allowed
    unused: tuple[str, ...]  # allowed, and never asked for: `Sid: action`
    used: tuple[str, ...] = field(default=())


def read_calls(file: Path, since: float = 0.0) -> list[Call]:
    """Every call after a time that was made in a role's name; what the account itself did is left out."""
    said = (json.loads(line) for line in file.read_text(encoding="utf-8").splitlines())
    return [
        Call(one["role"], one["action"], resource, one["status"])
        for one in said
        if one["role"] and one["time"] >= since
        for resource in resources_of(one["action"], one["resource"])
    ]


def resources_of(action: str, resource: str) -> tuple[str, ...]:
    """Every resource that AWS asks about: for a table of Glue's also its database and its catalog."""
    table = re.fullmatch(r"(arn:[^:]+:glue:[^:]*:[^:]*):table/([^/]+)/.+", resource)
    if action.startswith("glue:") and table:
        return resource, f"{table[1]}:database/{table[2]}", f"{table[1]}:catalog"
    return (resource,)


def judged(calls: Iterable[Call], policies: Mapping[str, Sequence[Statement]]) -> list[Judged]:
    """Each role's calls against its own policies; a role that did nothing has everything unused."""
    by_role: dict[str, set[Call]] = {role: set() for role in policies}
    for call in calls:
        by_role.setdefault(call.role, set()).add(call)
    return [_of(role, made, policies.get(role, ())) for role, made in sorted(by_role.items())]


def _of(role: str, made: set[Call], statements: Sequence[Statement]) -> Judged:
    refused = {f"{call.action} on {call.resource}" for call in made if not allowed(call, statements)}
    allows = [(one, action) for one in statements if one.allows for action in one.actions]
    used = {(id(one), action) for one, action in allows if any(_uses(one, action, call) for call in made)}
    named = {(id(one), action): f"{one.sid}: {action}" for one, action in allows}
    return Judged(
        role,
        len(made),
        tuple(sorted(refused)),
        tuple(sorted({name for key, name in named.items() if key not in used})),
        tuple(sorted({name for key, name in named.items() if key in used})),
    )


def _uses(statement: Statement, action: str, call: Call) -> bool:
    return matches(action, call.action, case=False) and statement.covers(call)


def allowed(call: Call, statements: Sequence[Statement]) -> bool:
    """As IAM decides: some statement allows it, and none denies it."""
    covering = [one for one in statements if one.covers(call)]
    return bool(covering) and all(one.allows for one in covering)


def matches(pattern: str, text: str, *, case: bool = True) -> bool:
    """IAM's wildcards: `*` for any number of characters, `?` for one."""
    return bool(_compiled(pattern, case).fullmatch(text))


@cache
def _compiled(pattern: str, case: bool) -> re.Pattern[str]:
    text = "".join({"*": ".*", "?": "."}.get(one, re.escape(one)) for one in pattern)
    return re.compile(text, re.DOTALL if case else re.DOTALL | re.IGNORECASE)


def policies_of(iam: Any) -> dict[str, list[Statement]]:
    """The statements of every role's policies, inline and attached."""
    found: dict[str, list[Statement]] = {}
    for role in (one["RoleName"] for one in iam.list_roles()["Roles"]):
        documents = [
            iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
            for name in iam.list_role_policies(RoleName=role)["PolicyNames"]
        ]
        for one in iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]:
            version = iam.get_policy(PolicyArn=one["PolicyArn"])["Policy"]["DefaultVersionId"]
            said = iam.get_policy_version(PolicyArn=one["PolicyArn"], VersionId=version)
            documents.append(said["PolicyVersion"]["Document"])
        found[role] = [one for document in documents for one in statements_of(document)]
    return found


def statements_of(document: Any) -> list[Statement]:
    """The statements of a policy's document. `NotAction` and `NotResource` are not known here, and are refused."""
    said = json.loads(document) if isinstance(document, str) else document
    found = list[Statement]()
    for number, one in enumerate(_several(said["Statement"])):
        if "Action" not in one or "Resource" not in one:
            raise ValueError(f"a statement without Action or Resource: {one}")
        parts = tuple(_several(one["Action"])), tuple(_several(one["Resource"]))
        found.append(Statement(one.get("Sid", str(number)), one["Effect"] == "Allow", *parts))
    return found


def _several(said: Any) -> list[Any]:
    return said if isinstance(said, list) else [said]
