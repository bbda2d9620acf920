"""Accepted findings of a linter, each by name and place with a reason; any other finding fails a test."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

import yaml


@dataclass(frozen=True)
class Finding:
    """A linter's finding and its place."""

    name: str
    where: str
    text: str

    def __str__(self) -> str:
        return f"{self.name} {self.where}: {self.text}"


@dataclass(frozen=True)
class Accepted:
    """An accepted finding: its name, its places as shell patterns, a part of its text, and the reason."""

    name: str
    where: tuple[str, ...]
    text: str
    reason: str

    def covers(self, finding: Finding) -> bool:
        """True when the finding is one of these."""
        return (
            finding.name == self.name
            and any(fnmatchcase(_escaped(finding.where), _escaped(place)) for place in self.where)
            and self.text in finding.text
        )


def _escaped(address: str) -> str:
    """An address without brackets, which a shell pattern would read as a set of characters."""
    return address.replace("[", "(").replace("]", ")")


def accepted(file: Path) -> list[Accepted]:
    """The accepted findings in a file; each needs a reason."""
    findings = []
    for entry in yaml.safe_load(file.read_text()):
        unknown = set(entry) - {"finding", "where", "text", "reason"}
        assert not unknown and entry.get("reason"), f"{file.name}: {entry}"
        findings.append(Accepted(entry["finding"], tuple(entry["where"]), entry.get("text", ""), entry["reason"]))
    return findings


def judged(findings: Iterable[Finding], allowed: Iterable[Accepted]) -> tuple[list[str], list[str]]:
    """The findings without a reason, and the reasons (name and place) that no finding needs any more."""
    findings, allowed = list(findings), list(allowed)
    without = sorted(str(finding) for finding in findings if not any(a.covers(finding) for a in allowed))
    places = [(a, place) for a in allowed for place in a.where]
    stale = [
        f"{a.name} {place}" + (f" ({a.text})" if a.text else "")
        for a, place in places
        if not any(Accepted(a.name, (place,), a.text, a.reason).covers(finding) for finding in findings)
    ]
    return without, stale
