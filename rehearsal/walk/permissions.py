"""Least privilege, measured: each role's calls of a rehearsal against its policies, and the reasons for what stays."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import yaml

from headgate.errors import RunFailed
from rehearsal.walk.calls import Judged, judged, matches, policies_of, read_calls

REASONS = Path(__file__).with_name("permissions.yaml")


@dataclass(frozen=True)
class Found:
    """Every role of the lake with what it asked and what it may."""

    roles: Sequence[Judged]

    @property
    def acted(self) -> int:
        """How many roles asked for anything."""
        return sum(bool(one.calls) for one in self.roles)

    @property
    def idle(self) -> list[str]:
        """The roles that asked for nothing."""
        return [one.role for one in self.roles if not one.calls]

    @property
    def calls(self) -> int:
        """How many different calls there were."""
        return sum(one.calls for one in self.roles)

    @property
    def refused(self) -> list[str]:
        """What was asked for without being allowed."""
        return [f"{one.role}: {call}" for one in self.roles for call in one.refused]

    def unexplained(self, reasons: Mapping[tuple[str, str], str]) -> list[str]:
        """What was allowed and not asked for, without a reason."""
        return sorted(
            {
                f"{one.role}: {unused}"
                for one in self.roles
                for unused in one.unused
                if not any(_is_of(reason, one.role, unused) for reason in reasons)
            }
        )

    def outlived(self, reasons: Mapping[tuple[str, str], str]) -> list[str]:
        """The reasons for what no role may."""
        may = [(one.role, permission) for one in self.roles for permission in (*one.used, *one.unused)]
        return [": ".join(reason) for reason in reasons if not any(_is_of(reason, *one) for one in may)]

    def write(self, file: Path) -> None:
        """All of it as JSON: a list of roles."""
        file.write_text(json.dumps([asdict(one) for one in self.roles], indent=1), encoding="utf-8")


def found(calls: Path, iam: Any, prefix: str, *, since: float = 0.0) -> Found:
    """Hold the calls of the lake's roles (their names begin with `prefix`) against the policies that they have now.

    Only calls of a time (in seconds since 1970) after `since` count.
    """
    return Found([one for one in judged(read_calls(calls, since), policies_of(iam)) if one.role.startswith(prefix)])


def must_be_least(seen: Found, reasons: Mapping[tuple[str, str], str] | None) -> None:
    """Raise `RunFailed` with what was not allowed; given reasons, also with what stays without one, and the reverse."""
    _none_of(seen.refused, "not allowed", "calls", "See calls.jsonl.")
    if reasons is not None:
        remedy = f"Take it out of the policy, or say in {REASONS.name} why it stays."
        _none_of(seen.unexplained(reasons), "allowed, and never used", "policies", remedy)
        what = "no role may do what a reason is given for"
        _none_of(seen.outlived(reasons), what, REASONS.name, "Take the reason out.")


def _none_of(lines: Sequence[str], what: str, where: str, remedy: str) -> None:
    if lines:
        raise RunFailed(f"{what}:\n" + "\n".join(lines), where=where, remedy=remedy)


def explained_by(file: Path = REASONS) -> dict[tuple[str, str], str]:
    """The reason of each permission that no rehearsal uses, by a pattern of the role and the action."""
    return {(role, action): reason for role, action, reason in _read(file)}


def _read(file: Path) -> Iterator[tuple[str, str, str]]:
    for one in yaml.safe_load(file.read_text(encoding="utf-8")):
        if not one["reason"].strip():
            raise ValueError(f"{file.name}: a permission of {one['role']} without a reason")
        for action in one["actions"]:
            yield one["role"], action, one["reason"]


def _is_of(reason: tuple[str, str], role: str, permission: str) -> bool:
    """Whether a reason is that of a role's permission, which reads `Sid: action`."""
    return matches(reason[0], role) and matches(reason[1], permission.partition(": ")[2])
