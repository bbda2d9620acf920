"""Least privilege, measured: each role's calls of a rehearsal against its policies, as a page of JSON and two lists."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import yaml

from rehearsal.calls import Judged, judged, matches, policies_of, read_calls

REASONS = Path(__file__).with_name("permissions.yaml")


@dataclass(frozen=True)
class Found:
    """What was asked for without being allowed, and what roles may without having asked and without a reason."""

    acted: int
    idle: list[str]
    calls: int
    refused: list[str]
    unexplained: list[str]


def found(calls: Path, iam: Any, prefix: str, reasons: Path = REASONS, *, since: float = 0.0) -> Found:
    """Hold the calls of the lake's roles (their names begin with `prefix`) against the policies that they have now.

    Only calls of a time (in seconds since 1970) after `since` count.
    """
    every = [one for one in judged(read_calls(calls, since), policies_of(iam)) if one.role.startswith(prefix)]
    acted = [one for one in every if one.calls]
    told = [asdict(one) for one in every]
    (calls.parent / "permissions.json").write_text(json.dumps(told, indent=1), encoding="utf-8")
    explained = explained_by(reasons)
    return Found(
        acted=len(acted),
        idle=[one.role for one in every if not one.calls],
        calls=sum(one.calls for one in every),
        refused=[f"{one.role}: {call}" for one in every for call in one.refused],
        unexplained=sorted(_unexplained(every, explained)),
    )


def explained_by(file: Path) -> Mapping[tuple[str, str], str]:
    """The reason of each permission that no rehearsal uses, by patterns of role and action."""
    said = yaml.safe_load(file.read_text(encoding="utf-8"))
    known = {(one["role"], one["action"]): one["reason"] for one in said}
    if not all(reason.strip() for reason in known.values()):
        raise ValueError(f"{file.name}: a permission without a reason")
    return known


def _unexplained(every: Iterable[Judged], explained: Mapping[tuple[str, str], str]) -> set[str]:
    return {
        f"{one.role}: {unused}"
        for one in every
        for unused in one.unused
        if not any(matches(role, one.role) and matches(action, unused.partition(": ")[2]) for role, action in explained)
    }
