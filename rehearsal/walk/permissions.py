"""Check least privilege: each role's calls compared with its policies, and reasons for unused permissions that stay."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import yaml

from headgate.errors import RunFailed
from rehearsal.iam.policy import matches
from rehearsal.walk.calls import RoleCalls, compared, policies_of, read_calls

REASONS = Path(__file__).with_name("permissions.yaml")


@dataclass(frozen=True)
class PermissionUse:
    """Every role of the lake with its calls and its permissions, and what was judged at all.

    `services` are the refusals of services' own calls, `assumed` the conditions that were taken as fulfilled, with how
    often.
    """

    roles: Sequence[RoleCalls]
    judged: int = 0
    services: Sequence[str] = ()
    assumed: Mapping[str, int] = field(default_factory=dict)

    @property
    def acted(self) -> int:
        """How many roles made any call."""
        return sum(bool(role.calls) for role in self.roles)

    @property
    def idle(self) -> list[str]:
        """The roles that made no call."""
        return [role.role for role in self.roles if not role.calls]

    @property
    def calls(self) -> int:
        """How many different calls there were."""
        return sum(role.calls for role in self.roles)

    @property
    def refused(self) -> list[str]:
        """The calls that were not allowed, those of services in their own name among them."""
        return [*(f"{role.role}: {call}" for role in self.roles for call in role.refused), *self.services]

    @property
    def unjudged(self) -> list[str]:
        """The calls that were answered although nothing judged them."""
        return [f"{role.role}: {call}" for role in self.roles for call in role.unjudged]

    def unexplained(self, reasons: Mapping[tuple[str, str], str]) -> list[str]:
        """The unused permissions without a reason."""
        return sorted(
            {
                f"{role.role}: {unused}"
                for role in self.roles
                for unused in role.unused
                if not any(_is_of(reason, role.role, unused) for reason in reasons)
            }
        )

    def obsolete(self, reasons: Mapping[tuple[str, str], str]) -> list[str]:
        """The reasons for permissions that no role has."""
        granted = [(role.role, permission) for role in self.roles for permission in (*role.used, *role.unused)]
        return [": ".join(reason) for reason in reasons if not any(_is_of(reason, *each) for each in granted)]

    def write(self, file: Path) -> None:
        """Write all of it as JSON: a list of roles."""
        file.write_text(json.dumps([asdict(role) for role in self.roles], indent=1), encoding="utf-8")


def permission_use(calls: Path, iam: Any, prefix: str, *, since: float = 0.0) -> PermissionUse:
    """Compare the calls of the lake's roles (their names begin with `prefix`) with the policies that they have now.

    Only calls after `since`, in seconds since 1970, count.
    """
    recorded = read_calls(calls, since)
    roles = [role for role in compared(recorded.roles, policies_of(iam)) if role.role.startswith(prefix)]
    return PermissionUse(roles, recorded.judged, recorded.refused_services, recorded.assumed)


def must_be_least(use: PermissionUse, reasons: Mapping[tuple[str, str], str] | None) -> None:
    """Raise `RunFailed` with the calls that are not allowed, and those that nothing judged.

    With reasons, also with the unused permissions that have none, and the reasons for permissions that no role has.
    """
    _none_of(use.refused, "not allowed", "calls", "See calls.jsonl.")
    _none_of(use.unjudged, "judged by no policy", "calls", "Teach rehearsal/aws/judge.py the call.")
    if reasons is not None:
        remedy = f"Remove it from the policy, or write in {REASONS.name} why it stays."
        _none_of(use.unexplained(reasons), "allowed, and never used", "policies", remedy)
        what = "no role has the permission that this reason is for"
        _none_of(use.obsolete(reasons), what, REASONS.name, "Remove the reason.")


def _none_of(lines: Sequence[str], what: str, where: str, remedy: str) -> None:
    if lines:
        raise RunFailed(f"{what}:\n" + "\n".join(lines), where=where, remedy=remedy)


def read_reasons(file: Path = REASONS) -> dict[tuple[str, str], str]:
    """The reason of each permission that no rehearsal uses, by the pattern of its role and its action."""
    return {(role, action): reason for role, action, reason in _read(file)}


def _read(file: Path) -> Iterator[tuple[str, str, str]]:
    for entry in yaml.safe_load(file.read_text(encoding="utf-8")):
        if not entry["reason"].strip():
            raise ValueError(f"{file.name}: a permission of {entry['role']} without a reason")
        for action in entry["actions"]:
            yield entry["role"], action, entry["reason"]


def _is_of(reason: tuple[str, str], role: str, permission: str) -> bool:
    """Whether a reason is that of a role's permission, which reads `Sid: action`."""
    return matches(reason[0], role) and matches(reason[1], permission.partition(": ")[2])
