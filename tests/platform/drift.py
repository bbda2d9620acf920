"""What a second plan would change, attribute by attribute, and what is known to be the emulator's doing."""

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
        said = json.dumps(self.answered)
        return f"{self.address}: {self.attribute} is {said}, was applied as {json.dumps(self.wanted)}"


def drifts(plan: Mapping[str, Any]) -> list[Drift]:
    """Every attribute that the plan would change; a resource that comes or goes counts as one, named by its action."""
    changes = [one for one in plan.get("resource_changes", ()) if one["mode"] == "managed"]
    return [drift for one in changes if one["change"]["actions"] != ["no-op"] for drift in _of(one)]


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
        for one, other in zip(before, after, strict=True):
            yield from _differing(one, other, path)
    elif isinstance(before, dict) and isinstance(after, dict) and (not path or before.keys() == after.keys()):
        for name in sorted(before.keys() | after.keys()):
            yield from _differing(before.get(name), after.get(name), f"{path}.{name}".removeprefix("."))
    elif before != after:
        yield path, before, after


def known(file: Path = KNOWN) -> dict[tuple[str, str], Any]:
    """What the emulator is known to answer, by type of resource and attribute; each with a reason."""
    found = {}
    for kind, attributes in yaml.safe_load(file.read_text()).items():
        for attribute, said in attributes.items():
            assert set(said) == {"answers", "reason"} and said["reason"], f"{file.name}: {kind}.{attribute}: {said}"
            found[kind, attribute] = said["answers"]
    return found


def judged(found: Iterable[Drift], accepted: Mapping[tuple[str, str], Any]) -> tuple[list[str], list[str]]:
    """What is not accepted, and what is accepted without occurring any more."""
    left, unknown = dict(accepted), list[str]()
    for drift in found:
        name = (drift.kind, drift.attribute)
        if name in accepted and accepted[name] == drift.answered:
            left.pop(name, None)
        else:
            unknown.append(str(drift))
    return unknown, [".".join(name) for name in left]
