"""Decide a request by every policy that applies to it, as "Policy evaluation logic" in AWS's IAM user guide says.

1. A deny in any policy refuses.
2. Within an account, identity policies or the resource's policy must allow. Limits (a permissions boundary, a session's
   policies) must allow too, unless the resource's policy names the session or user itself. A resource's policy that
   names the account leaves the choice to identity policies.
3. Keys and roles (their trust) need their own policy's consent: what it does not allow is refused, even if others
   allow it.
4. From another account, identity policies and the resource's policy must both allow.

Not covered: service and resource control policies of an organisation, access points, grants of a key.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from rehearsal.iam.conditions import Keys, filled, fulfilled
from rehearsal.iam.policy import Statement, matches

Kind = Literal["user", "role", "service", "federated", "root"]
Reason = Literal["allowed", "deny", "identity", "limit", "resource"]
_Match = Literal["itself", "role", "account"]


@dataclass(frozen=True)
class Principal:
    """Who calls. `arn` is a role's, user's or the account's ARN, a service's name or a provider's ARN."""

    kind: Kind
    arn: str
    account: str = ""
    session: str = ""  # of a role: the ARN of the session, `arn:aws:sts::…:assumed-role/<role>/<name>`


@dataclass(frozen=True)
class Request:
    """One action on one resource, and what is known of the call's condition keys."""

    principal: Principal
    action: str
    resource: str
    keys: Keys = field(default_factory=Keys)


@dataclass(frozen=True)
class ResourcePolicy:
    """The policy of a resource; a `consent` is one without which nobody may (a key's policy, a role's trust)."""

    statements: Sequence[Statement]
    owner: str  # the account's ID
    consent: bool = False


@dataclass(frozen=True)
class Policies:
    """Every policy that applies to a request; each of `limits` must allow what identity policies allow."""

    identity: Sequence[Statement] = ()
    limits: Sequence[Sequence[Statement]] = ()
    resource: ResourcePolicy | None = None


@dataclass(frozen=True)
class Decision:
    """What decided a request, the statement of a deny, and the conditions that were taken as fulfilled."""

    reason: Reason
    sid: str = ""
    assumed: tuple[str, ...] = ()

    @property
    def allowed(self) -> bool:
        """True when the request is allowed."""
        return self.reason == "allowed"


def decide(request: Request, policies: Policies) -> Decision:
    """Decide a request. Raises `NotImplementedError` for a condition operator that is not supported."""
    assumed = list[str]()
    resource = policies.resource
    named: list[tuple[Statement, _Match]] = [
        (s, match) for s in (resource.statements if resource else ()) if (match := names(s, request.principal))
    ]
    for statement in (*policies.identity, *(s for limit in policies.limits for s in limit), *(s for s, _ in named)):
        if not statement.allows and _covers(statement, request, assumed):
            return Decision("deny", statement.sid)

    granted: set[_Match] = {match for s, match in named if s.allows and _covers(s, request, assumed)}
    identity = _allows(policies.identity, request, assumed)
    within = all(_allows(limit, request, assumed) for limit in policies.limits)
    reason = _reason(request.principal, resource, granted, identity=identity, within=within)
    return Decision(reason, assumed=tuple(sorted(set(assumed))))


def _reason(
    principal: Principal, resource: ResourcePolicy | None, granted: set[_Match], *, identity: bool, within: bool
) -> Reason:
    """What decides once nothing denies: `granted` is how the resource's policy names the caller where it allows."""
    by_identity: Reason = "allowed" if identity and within else "limit" if identity else "identity"
    if resource is None:
        return by_identity
    if principal.account != resource.owner and principal.kind in ("user", "role", "root"):
        return by_identity if granted else "resource"
    if "itself" in granted or ("role" in granted and within):
        return "allowed"
    if resource.consent and not granted:
        return "resource"
    return by_identity if principal.kind in ("user", "role", "root") else "resource"


def names(statement: Statement, principal: Principal) -> _Match | None:
    """How a resource policy's statement names the caller; None where it does not."""
    if principal.kind in ("service", "federated"):
        kind = "Service" if principal.kind == "service" else "Federated"
        everybody = "*" in statement.principals.get("AWS", ())
        return "itself" if everybody or principal.arn in statement.principals.get(kind, ()) else None
    named = statement.principals.get("AWS", ())
    root = principal.arn.split(":role/")[0].split(":user/")[0].removesuffix(":root") + ":root"
    if principal.session in named or (principal.kind in ("user", "root") and principal.arn in named):
        return "itself" if principal.kind != "root" else "account"
    if principal.arn in named or "*" in named:
        return "role"
    return "account" if principal.account in named or root in named else None


def _allows(statements: Sequence[Statement], request: Request, assumed: list[str]) -> bool:
    return any(s.allows and _covers(s, request, assumed) for s in statements)


def _covers(statement: Statement, request: Request, assumed: list[str]) -> bool:
    """Whether a statement is about the request. What nobody can tell counts as it helps the caller, and is noted."""
    if not statement.is_about_action(request.action) or not is_about_resource(statement, request):
        return False
    holds, unknown = fulfilled(statement.conditions, request.keys)
    assumed.extend(unknown)
    return statement.allows if holds is None else holds


def is_about_resource(statement: Statement, request: Request) -> bool:
    """Whether `Resource` or `NotResource` covers the request's resource; a trust policy has neither."""
    patterns = statement.resources or statement.not_resources
    texts = (filled(pattern, request.keys) for pattern in patterns)
    found = any(text is not None and matches(text, request.resource) for text in texts)
    return not found if statement.not_resources else found or not patterns
