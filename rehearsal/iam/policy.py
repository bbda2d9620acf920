"""The statements of a policy, as data, and the wildcards of IAM."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any

Conditions = Mapping[str, Mapping[str, tuple[str, ...]]]  # operator → key → values


@dataclass(frozen=True)
class Statement:
    """A statement, each part as a tuple. `principals` by kind (`AWS`, `Service`, `Federated`); `*` is kind `AWS`."""

    sid: str
    allows: bool
    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    not_resources: tuple[str, ...] = ()
    principals: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    conditions: Conditions = field(default_factory=dict)

    def is_about_action(self, action: str) -> bool:
        """Whether `Action` or `NotAction` covers the action; its case does not count."""
        if self.actions:
            return any(matches(pattern, action, case=False) for pattern in self.actions)
        return not any(matches(pattern, action, case=False) for pattern in self.not_actions)


def statements_of(document: Any) -> tuple[Statement, ...]:
    """The statements of a policy, a JSON text or its data. Raises `ValueError` for what is not supported."""
    return _parsed(document if isinstance(document, str) else json.dumps(document))


@lru_cache(maxsize=4096)
def _parsed(text: str) -> tuple[Statement, ...]:
    policy = json.loads(text)
    return tuple(_statement(entry, number) for number, entry in enumerate(listed_objects(policy["Statement"])))


def _statement(entry: Mapping[str, Any], number: int) -> Statement:
    if "NotPrincipal" in entry:
        raise ValueError(f"NotPrincipal is not supported: {entry}")
    if "Action" not in entry and "NotAction" not in entry:
        raise ValueError(f"a statement without Action or NotAction: {entry}")
    named = entry.get("Principal", {})
    return Statement(
        sid=entry.get("Sid", str(number)),
        allows=entry["Effect"] == "Allow",
        actions=listed(entry.get("Action")),
        not_actions=listed(entry.get("NotAction")),
        resources=listed(entry.get("Resource")),
        not_resources=listed(entry.get("NotResource")),
        principals={"AWS": ("*",)} if named == "*" else {kind: listed(value) for kind, value in named.items()},
        conditions={
            operator: {key: listed(values) for key, values in keys.items()}
            for operator, keys in entry.get("Condition", {}).items()
        },
    )


def listed(value: Any) -> tuple[str, ...]:
    """A policy's value, which may be nothing, one value or a list, as texts; truth values as JSON writes them."""
    if value is None:
        return ()
    values = value if isinstance(value, list) else [value]
    return tuple(str(each).lower() if isinstance(each, bool) else str(each) for each in values)


def listed_objects(value: Any) -> list[Any]:
    """One object or a list of objects, as a list."""
    return value if isinstance(value, list) else [value]


def matches(pattern: str, text: str, *, case: bool = True) -> bool:
    """IAM's wildcards: `*` for any number of characters, `?` for one."""
    return bool(_compiled(pattern, case).fullmatch(text))


@cache
def _compiled(pattern: str, case: bool) -> re.Pattern[str]:
    text = "".join({"*": ".*", "?": "."}.get(letter, re.escape(letter)) for letter in pattern)
    return re.compile(text, re.DOTALL if case else re.DOTALL | re.IGNORECASE)
