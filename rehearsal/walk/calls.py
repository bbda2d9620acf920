"""Compare the calls that each role made with what its policies allow.

The emulator judged every call when it came (`rehearsal.aws.judge`), by every policy that applied. Read here is what
became of that: what was refused and what was taken as fulfilled; a refusal for want of a permission that the role has
by now is none, since a fault on purpose took it away for a while. Which permissions were used is counted by action and
resource; for that count alone conditions do not matter, and a variable such as `${aws:userid}` is any text.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rehearsal.iam.conditions import Keys
from rehearsal.iam.evaluate import Policies, Principal, Request, decide
from rehearsal.iam.policy import Statement, matches, statements_of
from rehearsal.iam.services import is_known

_VARIABLE = re.compile(r"\$\{[^}]+\}")
_FREE = {"sts:GetCallerIdentity"}  # calls for which AWS requires no permission
_SERVICE = ".amazonaws.com"


@dataclass(frozen=True)
class Call:
    """One permission that was needed: the role, the action, the resource, the status of the answer.

    `judged` is what decided (`allowed`, or what refused it); empty for a call that nothing judged. Of a refusal `keys`
    are the request's condition keys.
    """

    role: str
    action: str
    resource: str
    status: int
    judged: str = "allowed"
    keys: tuple[tuple[str, str | tuple[str, ...]], ...] = ()


@dataclass(frozen=True)
class RoleCalls:
    """A role's calls, compared with its policies."""

    role: str
    calls: int
    refused: tuple[str, ...]  # called, and not allowed
    unused: tuple[str, ...]  # allowed, and never called: `Sid: action`
    used: tuple[str, ...] = field(default=())
    unjudged: tuple[str, ...] = field(default=())  # answered, and judged by nothing


@dataclass(frozen=True)
class RecordedCalls:
    """The calls of roles, the refusals of services' own calls, and how often a condition was taken as fulfilled."""

    roles: Sequence[Call]
    judged: int
    refused_services: Sequence[str]
    assumed: Mapping[str, int]


def read_calls(file: Path, since: float = 0.0) -> RecordedCalls:
    """Every call after a time; those of the account's own key are left out."""
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    entries = [entry for entry in lines if entry["time"] >= since]
    services = (entry for entry in entries if entry["via"].endswith(_SERVICE) and entry.get("judged") != "allowed")
    assumed = Counter(condition for entry in entries for condition in entry.get("assumed", ()))
    return RecordedCalls(
        [_call(entry) for entry in entries if entry["role"] and entry["action"] not in _FREE],
        sum("judged" in entry for entry in entries),
        sorted({f"{entry['via']}: {entry['action']} on {entry['resource']}" for entry in services}),
        dict(sorted(assumed.items())),
    )


def _call(entry: Mapping[str, Any]) -> Call:
    keys = tuple(
        (key, tuple(value) if isinstance(value, list) else value) for key, value in entry.get("keys", {}).items()
    )
    return Call(entry["role"], entry["action"], entry["resource"], entry["status"], entry.get("judged", ""), keys)


def compared(calls: Iterable[Call], policies: Mapping[str, Sequence[Statement]]) -> list[RoleCalls]:
    """Each role's calls compared with its own policies; a role that made no call has every permission unused."""
    by_role: dict[str, set[Call]] = {role: set() for role in policies}
    for call in calls:
        by_role.setdefault(call.role, set()).add(call)
    return [_compare(role, made, policies.get(role, ())) for role, made in sorted(by_role.items())]


def _compare(role: str, made: set[Call], statements: Sequence[Statement]) -> RoleCalls:
    permissions = [(statement, action) for statement in statements if statement.allows for action in statement.actions]
    used = {
        (id(statement), action)
        for statement, action in permissions
        if any(_uses(statement, action, call) for call in made)
    }
    names = {(id(statement), action): f"{statement.sid}: {action}" for statement, action in permissions}
    refused = (call for call in made if call.judged not in ("", "allowed") and not _allowed_by_now(call, statements))
    return RoleCalls(
        role,
        len(made),
        _told(refused),
        tuple(sorted({name for key, name in names.items() if key not in used})),
        tuple(sorted({name for key, name in names.items() if key in used})),
        _told(call for call in made if not call.judged and call.status < 400),
    )


def _told(calls: Iterable[Call]) -> tuple[str, ...]:
    return tuple(sorted({f"{call.action} on {call.resource}" for call in calls}))


def _uses(statement: Statement, action: str, call: Call) -> bool:
    return matches(action, call.action, case=False) and any(
        matches(_VARIABLE.sub("*", resource), call.resource) for resource in statement.resources
    )


def _allowed_by_now(call: Call, statements: Sequence[Statement]) -> bool:
    """Whether a call that lacked a permission would be allowed with the role's present policies."""
    keys = Keys(dict(call.keys), is_known)
    request = Request(Principal("role", call.role), call.action, call.resource, keys)
    return call.judged == "identity" and decide(request, Policies(statements)).allowed


def policies_of(iam: Any) -> dict[str, list[Statement]]:
    """The statements of every role's policies, inline and attached."""
    roles = [entry["RoleName"] for entry in iam.list_roles()["Roles"]]
    return {
        role: [statement for document in _documents(iam, role) for statement in statements_of(document)]
        for role in roles
    }


def _documents(iam: Any, role: str) -> Iterator[Any]:
    for name in iam.list_role_policies(RoleName=role)["PolicyNames"]:
        yield iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
    for policy in iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]:
        version = iam.get_policy(PolicyArn=policy["PolicyArn"])["Policy"]["DefaultVersionId"]
        answer = iam.get_policy_version(PolicyArn=policy["PolicyArn"], VersionId=version)
        yield answer["PolicyVersion"]["Document"]
