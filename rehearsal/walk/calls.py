"""Compare the calls that each role made with what its policies allow.

Only `Allow` and `Deny` of identity policies are read, with the wildcards of actions and resources; a statement's
`Condition` counts as fulfilled, as the README says. Permissions that the emulator never asks for (keys, metrics, a
service that acts inside AWS) show as never used: `permissions.yaml` says why such a permission stays.
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
    """One permission that was needed: the role, the action, the resource, and the status of the answer."""

    role: str
    action: str
    resource: str
    status: int


@dataclass(frozen=True)
class PolicyStatement:
    """A statement of a policy, each part as a tuple."""

    sid: str
    allows: bool
    actions: tuple[str, ...]
    resources: tuple[str, ...]

    def covers(self, call: Call) -> bool:
        """True when the statement names both the action and the resource."""
        return any(matches(action, call.action, case=False) for action in self.actions) and any(
            matches(resource, call.resource) for resource in self.resources
        )


@dataclass(frozen=True)
class RoleCalls:
    """A role's calls, compared with its policies."""

    role: str
    calls: int
    refused: tuple[str, ...]  # called, and not allowed
    unused: tuple[str, ...]  # allowed, and never called: `Sid: action`
    used: tuple[str, ...] = field(default=())


def read_calls(file: Path, since: float = 0.0) -> list[Call]:
    """Every call after a time that a role made; the account's own calls are left out."""
    entries = (json.loads(line) for line in file.read_text(encoding="utf-8").splitlines())
    return [
        Call(entry["role"], entry["action"], resource, entry["status"])
        for entry in entries
        if entry["role"] and entry["time"] >= since
        for resource in resources_of(entry["action"], entry["resource"])
    ]


def resources_of(action: str, resource: str) -> tuple[str, ...]:
    """Every resource that AWS judges a call on: for a Glue table also its database and its catalog."""
    table = re.fullmatch(r"(arn:[^:]+:glue:[^:]*:[^:]*):table/([^/]+)/.+", resource)
    if action.startswith("glue:") and table:
        return resource, f"{table[1]}:database/{table[2]}", f"{table[1]}:catalog"
    return (resource,)


def compared(calls: Iterable[Call], policies: Mapping[str, Sequence[PolicyStatement]]) -> list[RoleCalls]:
    """Each role's calls compared with its own policies; a role that made no call has every permission unused."""
    by_role: dict[str, set[Call]] = {role: set() for role in policies}
    for call in calls:
        by_role.setdefault(call.role, set()).add(call)
    return [_compare(role, made, policies.get(role, ())) for role, made in sorted(by_role.items())]


def _compare(role: str, made: set[Call], statements: Sequence[PolicyStatement]) -> RoleCalls:
    refused = {f"{call.action} on {call.resource}" for call in made if not allowed(call, statements)}
    permissions = [(statement, action) for statement in statements if statement.allows for action in statement.actions]
    used = {
        (id(statement), action)
        for statement, action in permissions
        if any(_uses(statement, action, call) for call in made)
    }
    names = {(id(statement), action): f"{statement.sid}: {action}" for statement, action in permissions}
    return RoleCalls(
        role,
        len(made),
        tuple(sorted(refused)),
        tuple(sorted({name for key, name in names.items() if key not in used})),
        tuple(sorted({name for key, name in names.items() if key in used})),
    )


def _uses(statement: PolicyStatement, action: str, call: Call) -> bool:
    return matches(action, call.action, case=False) and statement.covers(call)


def allowed(call: Call, statements: Sequence[PolicyStatement]) -> bool:
    """True when, as in IAM, some statement allows the call and none denies it."""
    covering = [statement for statement in statements if statement.covers(call)]
    return bool(covering) and all(statement.allows for statement in covering)


def matches(pattern: str, text: str, *, case: bool = True) -> bool:
    """IAM's wildcards: `*` for any number of characters, `?` for one."""
    return bool(_compiled(pattern, case).fullmatch(text))


@cache
def _compiled(pattern: str, case: bool) -> re.Pattern[str]:
    text = "".join({"*": ".*", "?": "."}.get(letter, re.escape(letter)) for letter in pattern)
    return re.compile(text, re.DOTALL if case else re.DOTALL | re.IGNORECASE)


def policies_of(iam: Any) -> dict[str, list[PolicyStatement]]:
    """The statements of every role's policies, inline and attached."""
    roles = [entry["RoleName"] for entry in iam.list_roles()["Roles"]]
    return {
        role: [statement for document in _documents(iam, role) for statement in statements_of(document)]
        for role in roles
    }


def _documents(iam: Any, role: str) -> list[Any]:
    documents = [
        iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
        for name in iam.list_role_policies(RoleName=role)["PolicyNames"]
    ]
    for policy in iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]:
        version = iam.get_policy(PolicyArn=policy["PolicyArn"])["Policy"]["DefaultVersionId"]
        answer = iam.get_policy_version(PolicyArn=policy["PolicyArn"], VersionId=version)
        documents.append(answer["PolicyVersion"]["Document"])
    return documents


def statements_of(document: Any) -> list[PolicyStatement]:
    """The statements of a policy. Raises `ValueError` for `NotAction` and `NotResource`, which are not supported."""
    policy = json.loads(document) if isinstance(document, str) else document
    statements = list[PolicyStatement]()
    for number, entry in enumerate(_as_list(policy["Statement"])):
        if "Action" not in entry or "Resource" not in entry:
            raise ValueError(f"a statement without Action or Resource: {entry}")
        parts = tuple(_as_list(entry["Action"])), tuple(_as_list(entry["Resource"]))
        statements.append(PolicyStatement(entry.get("Sid", str(number)), entry["Effect"] == "Allow", *parts))
    return statements


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
