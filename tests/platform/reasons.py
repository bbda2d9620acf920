"""Findings of a linter that are accepted, each by its name and place with a reason; what is not there, fails."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

import yaml


@dataclass(frozen=True)
class Finding:
    """What a linter found, and where."""

    name: str
    where: str
    says: str

    def __str__(self) -> str:
        return f"{self.name} {self.where}: {self.says}"


@dataclass(frozen=True)
class Accepted:
    """A finding that may stand: its name, the places as patterns of a shell, a part of what it says, and why."""

    name: str
    where: tuple[str, ...]
    says: str
    reason: str

    def covers(self, finding: Finding) -> bool:
        """True when the finding is one of these."""
        # An address's brackets are not a pattern's.
        place = finding.where.replace("[", "(").replace("]", ")")
        return (
            finding.name == self.name
            and any(fnmatchcase(place, one.replace("[", "(").replace("]", ")")) for one in self.where)
            and self.says in finding.says
        )


def accepted(file: Path) -> list[Accepted]:
    """The list of a file; every line needs a reason."""
    found = []
    for one in yaml.safe_load(file.read_text()):
        unknown = set(one) - {"finding", "where", "says", "reason"}
        assert not unknown and one.get("reason"), f"{file.name}: {one}"
        found.append(Accepted(one["finding"], tuple(one["where"]), one.get("says", ""), one["reason"]))
    return found


def judged(findings: Iterable[Finding], allowed: Iterable[Accepted]) -> tuple[list[str], list[str]]:
    """What has no reason, and the reasons (name and place) for what is not found any more."""
    findings, allowed = list(findings), list(allowed)
    without = sorted(str(one) for one in findings if not any(a.covers(one) for a in allowed))
    places = [(a, place) for a in allowed for place in a.where]
    stale = [
        f"{a.name} {place}" + (f" ({a.says})" if a.says else "")
        for a, place in places
        if not any(Accepted(a.name, (place,), a.says, a.reason).covers(one) for one in findings)
    ]
    return without, stale
