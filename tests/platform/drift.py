"""What a second plan would change, attribute by attribute, and which of it the emulator is known to cause."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

KNOWN = Path(__file__).with_name("emulator_drift.yaml")


@dataclass(frozen=True)
class Drift:
    """An attribute that a plan would change although nothing changed."""

    address: str
    kind: str
    attribute: str
    answered: Any
    wanted: Any

    def __str__(self) -> str:
        answered, wanted = json.dumps(self.answered), json.dumps(self.wanted)
        return f"{self.address}: {self.attribute} is {answered}, was applied as {wanted}"


def drifts(plan: Mapping[str, Any]) -> list[Drift]:
    """Every attribute that the plan would change; a resource that it creates or destroys counts as one."""
    managed = [resource for resource in plan.get("resource_changes", ()) if resource["mode"] == "managed"]
    changed = [resource for resource in managed if resource["change"]["actions"] != ["no-op"]]
    return [drift for resource in changed for drift in _of(resource)]


def _of(resource: Mapping[str, Any]) -> Iterator[Drift]:
    change, names = resource["change"], (resource["address"], resource["type"])
    if change["actions"] != ["update"]:
        yield Drift(*names, "/".join(change["actions"]), change["before"], change["after"])
        return
    for attribute, before, after in _differing(change["before"], change["after"], ""):
        yield Drift(*names, attribute, before, after)
    for attribute in change.get("after_unknown", {}):
        yield Drift(*names, attribute, change["before"].get(attribute), "known after apply")


def _differing(before: Any, after: Any, path: str) -> Iterator[tuple[str, Any, Any]]:
    """The paths that differ, through blocks; a map, such as tags, is one value."""
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for old, new in zip(before, after, strict=True):
            yield from _differing(old, new, path)
    elif isinstance(before, dict) and isinstance(after, dict) and (not path or before.keys() == after.keys()):
        for name in sorted(before.keys() | after.keys()):
            yield from _differing(before.get(name), after.get(name), f"{path}.{name}".removeprefix("."))
    elif before != after:
        yield path, before, after


def known(file: Path = KNOWN) -> dict[tuple[str, str], Any]:
    """The answers that the emulator is known to give, by type of resource and attribute; each with a reason."""
    answers = {}
    for kind, attributes in yaml.safe_load(file.read_text()).items():
        for attribute, entry in attributes.items():
            assert set(entry) == {"answers", "reason"} and entry["reason"], f"{file.name}: {kind}.{attribute}: {entry}"
            answers[kind, attribute] = entry["answers"]
    return answers


def judged(differences: Iterable[Drift], accepted: Mapping[tuple[str, str], Any]) -> tuple[list[str], list[str]]:
    """What is not accepted, and what is accepted but no longer occurs."""
    left, unknown = dict(accepted), list[str]()
    for drift in differences:
        name = (drift.kind, drift.attribute)
        if name in accepted and accepted[name] == drift.answered:
            left.pop(name, None)
        else:
            unknown.append(str(drift))
    return unknown, [".".join(name) for name in left]
