"""Whether the policies of a plan allow a call: a short way to ask `rehearsal.iam`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from rehearsal.iam.conditions import Keys, fulfilled
from rehearsal.iam.evaluate import Policies, Principal, decide, is_about_resource
from rehearsal.iam.evaluate import Request as Asked
from rehearsal.iam.policy import statements_of

Statement = Mapping[str, Any]
Values = Mapping[str, str]


@dataclass(frozen=True)
class Request:
    """An action on a resource, and the values of condition keys that AWS sends with it."""

    action: str
    resource: str
    context: Values = field(default_factory=dict)

    @property
    def asked(self) -> Asked:
        """The same, for the evaluator; what `context` lacks is absent."""
        keys = Keys({key.lower(): value for key, value in self.context.items()})
        return Asked(Principal("role", "caller"), self.action, self.resource, keys)


def allows(statements: Iterable[Statement], request: Request) -> bool:
    """Whether some statement of one policy allows the request, and none denies it, whoever asks."""
    return decide(request.asked, Policies(statements_of({"Statement": list(statements)}))).allowed


def covers(statement: Statement, request: Request) -> bool:
    """Whether a statement is about the request. Principals are the caller's business."""
    (parsed,) = statements_of({"Statement": statement})
    asked = request.asked
    about = parsed.is_about_action(request.action) and is_about_resource(parsed, asked)
    return about and fulfilled(parsed.conditions, asked.keys)[0] is True


def listed(value: Any) -> list[str]:
    """A policy's value, which may be one text or a list of texts, as a list."""
    return [value] if isinstance(value, str) else list(value)
