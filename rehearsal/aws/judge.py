"""Every call is judged by `rehearsal.iam`, in the place of the emulator's own evaluator, and a refusal is the answer.

- Calls over HTTP with a role's or user's credentials: identity policies, boundary, session policies, the resource's own
  policy, the trust of a role that is taken, each role that is passed on, and the key of what is encrypted.
- Calls that the emulator's services make in a role's name, and those of services in their own name: `judge_role` and
  `judge_service`, which the recorder and the adapters ask.

The account's own key (root) is judged by nothing. What a judgement rests on is kept with the recorded call.
Runs in the emulator's Python.
"""

# pyright: reportMissingImports=false

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from ministack.core import iam_actions, iam_evaluator
from ministack.core.responses import get_account_id, get_region
from ministack.services import cloudwatch_logs, iam, kms, s3, secretsmanager, sns, sqs

from rehearsal.aws.judged import Asked, asked_by, passed_roles
from rehearsal.iam.conditions import Keys
from rehearsal.iam.encryption import key_uses
from rehearsal.iam.evaluate import Decision, Policies, Principal, Request, ResourcePolicy, decide
from rehearsal.iam.policy import Statement, listed_objects, statements_of
from rehearsal.iam.services import is_known, sent_with_call, sent_with_role

_CONSENT = ("kms", "sts")  # services whose resources nobody uses without their own policy's consent
_SESSION = re.compile(r"arn:([^:]+):sts::(\d+):assumed-role/([^/]+)/.+")

_service: ContextVar[str] = ContextVar("service", default="")  # of the call that the emulator is enforcing
judgements: ContextVar[list[Judgement] | None] = ContextVar("judgements", default=None)  # of the request that is served
asked: ContextVar[Asked | None] = ContextVar("asked", default=None)  # the request that is served


@dataclass(frozen=True)
class Judgement:
    """What was judged of a call: who, what on which resource, and the decision."""

    request: Request
    decision: Decision

    @property
    def line(self) -> dict[str, Any]:
        """What the record of the call says about it."""
        line: dict[str, Any] = {"judged": self.decision.reason}
        if self.decision.assumed:
            line["assumed"] = list(self.decision.assumed)
        if not self.decision.allowed:
            line |= {"sid": self.decision.sid, "keys": dict(self.request.keys.values)}
        return line

    @property
    def why(self) -> str:
        """The refusal in words; empty where it is allowed."""
        request, reason = self.request, self.decision.reason
        who = request.principal.session or request.principal.arn
        what = f"{who} is not authorized to perform: {request.action} on resource: {request.resource}"
        return "" if self.decision.allowed else f"{what} ({_WORDS[reason]}{f' {self.decision.sid}'.rstrip()})"


_WORDS = {
    "deny": "a statement denies it:",
    "identity": "no identity-based policy allows it",
    "limit": "the permissions boundary or the session's policy does not allow it",
    "resource": "the resource's policy does not allow it",
}


def install(_: dict[str, Any]) -> None:
    """Put this evaluator in the place of the emulator's."""
    enforce, evaluate, policy = iam_evaluator.enforce, iam_evaluator.evaluate, iam_evaluator._resource_policy

    def enforced(access_key: str, action: str, service: str, *given: Any, **named: Any) -> Any:
        token = _service.set(service)
        try:
            return enforce(access_key, action, service, *given, **named)
        finally:
            _service.reset(token)

    def evaluated(ctx: Any, policies: Any, *limits: Any) -> Any:
        if not _service.get():
            return evaluate(ctx, policies, *limits)
        own, *others = (tuple(_converted(layer)) for layer in (policies, *limits))
        refused = next((each for each in _judged(ctx, own, others) if not each.decision.allowed), None)
        return _answer(ctx, refused)

    iam_evaluator.enforce, iam_evaluator.evaluate = enforced, evaluated
    iam_evaluator._resource_policy = lambda service, arn: None if _service.get() else policy(service, arn)
    iam_actions.access_denied_response = _in_our_words(iam_actions.access_denied_response)
    iam_evaluator.evaluate_resource_policy = _resource_policy_alone
    iam_evaluator.evaluate_trust_policy = _trust_alone


def _in_our_words(respond: Any) -> Any:
    """The answer to a refused call, which says what refused it, such as the key of an encrypted bucket."""

    def responded(*given: Any, message: str = "", **named: Any) -> Any:
        refused = [each.why for each in judgements.get() or () if not each.decision.allowed]
        return respond(*given, message=message or (f"User: {refused[-1]}" if refused else ""), **named)

    return responded


def _answer(ctx: Any, refused: Judgement | None) -> Any:
    if refused is None:
        return iam_evaluator.EvalResult("Allow", ctx.principal_arn)
    decision = "Deny" if refused.decision.reason == "deny" else "ImplicitDeny"
    return iam_evaluator.EvalResult(decision, ctx.principal_arn, refused.decision.sid, refused.why)


def _judged(ctx: Any, own: Sequence[Statement], limits: Sequence[Sequence[Statement]]) -> Iterator[Judgement]:
    """Judge all that one call needs; each judgement is kept with the request."""
    values = {key.lower(): _value(value) for key, value in ctx.service_context.items() if value is not None}
    values |= {key.lower(): _value(value) for key, value in ctx.principal_keys.items() if value is not None}
    values["aws:requestedregion"] = ctx.region or get_region()
    values |= {f"aws:requesttag/{key}".lower(): value for key, value in ctx.request_tags.items()}
    call = asked.get()
    values |= _asked(call, ctx.action)
    yield from judge(_principal(ctx.principal_arn), ctx.action, ctx.resource_arn, values, own, limits, call)


def judge(
    principal: Principal, action: str, resource: str, values: Mapping[str, Any],
    own: Sequence[Statement], limits: Sequence[Sequence[Statement]], call: Asked | None = None,
) -> Iterator[Judgement]:  # fmt: skip
    """Judge a call, what it needs beside (catalog of a table, roles passed on), and the use of its key."""
    account = principal.account
    about = {"aws:principalarn": principal.arn, "aws:principalaccount": account, **values}
    needed = [(action, each, about) for each in resources_of(action, resource)]
    for role, service in passed_roles(call, action) if call else ():
        needed.append(("iam:PassRole", role, {**about, "iam:passedtoservice": service}))
    if action.startswith("iam:") and (boundary := _boundary_of(resource)):
        about.setdefault("iam:permissionsboundary", boundary)
    for what, on, keys in needed:
        request = Request(principal, what, on, Keys(keys, is_known))
        yield _kept(Judgement(request, decide(request, Policies(own, limits, _own_policy(what, on)))))
    key, bucket_key = _key_of(action, resource)
    if not key or (call is not None and call.method == "HEAD"):
        return
    in_parts = call is not None and bool({"uploadId", "uploads"} & set(call.query))
    for use in key_uses(action, resource, get_region(), account, bucket_key=bucket_key, in_parts=in_parts):
        who = Principal("service", use.service) if use.service else principal
        keys = use.keys if use.service else {**about, **use.keys}
        request = Request(who, use.action, key, Keys(keys, is_known))
        statements = ((), ()) if use.service else (own, limits)
        yield _kept(Judgement(request, decide(request, Policies(*statements, _own_policy(use.action, key)))))


def judge_role(role: str, action: str, resource: str, call: Asked | None = None) -> str:
    """Judge a call that a service makes with a role's rights; returns why it is refused, empty where it is allowed."""
    account, name = get_account_id(), role.rpartition("/")[2]
    known = iam._roles.get(name)
    if known is None:
        return f"there is no role {role}"
    session = f"arn:aws:sts::{account}:assumed-role/{name}/service"
    own = tuple(_converted(iam_evaluator._gather_role_policies(name, account)))
    limits = [tuple(_converted(each)) for each in iam_evaluator._permissions_boundary(iam._roles, name, account)]
    principal = Principal("role", known["Arn"], account, session)
    values = {"aws:requestedregion": get_region(), **_asked(call, action)}
    made = list(judge(principal, action, resource, values, own, limits, call))
    return next((each.why for each in made if not each.decision.allowed), "")


def judge_service(service: str, action: str, resource: str, source: str) -> str:
    """Judge what a service does in its own name for a resource (`source`); returns why it is refused."""
    account, target = get_account_id(), action.partition(":")[0]
    values = sent_with_call(service, target, account, source)
    principal = Principal("service", service)
    made = [_of_service(principal, action, resource, values)]
    key, bucket_key = _key_of(action, resource)
    for use in key_uses(action, resource, get_region(), account, bucket_key=bucket_key) if key else ():
        made.append(_of_service(principal, use.action, key, {**use.keys, **values}))
    return next((each.why for each in made if not each.decision.allowed), "")


def _of_service(principal: Principal, action: str, resource: str, values: Mapping[str, Any]) -> Judgement:
    request = Request(principal, action, resource, Keys(values, is_known))
    policy = _own_policy(action, resource) or ResourcePolicy((), get_account_id())
    return _kept(Judgement(request, decide(request, Policies(resource=policy))))


def refusal_to_take(role: str, service: str, source: str) -> str:
    """Why a role does not let a service take it, for a resource (its ARN); empty where it does."""
    known = iam._roles.get(role.rpartition("/")[2])
    if known is None:
        return f"there is no role {role}"
    values = sent_with_role(service, get_account_id(), source)
    judged = _of_service(Principal("service", service), "sts:AssumeRole", known["Arn"], values)
    return judged.why


def resources_of(action: str, resource: str) -> tuple[str, ...]:
    """Every resource that AWS judges a call on: for a Glue table also its database and its catalog."""
    found = re.fullmatch(r"(arn:[^:]+:glue:[^:]*:[^:]*):(?:table/([^/]+)/.+|database/.+)", resource)
    if not action.startswith("glue:") or action.endswith(("Tags", "Resource")) or not found:
        return (resource,)
    database = (f"{found[1]}:database/{found[2]}",) if found[2] else ()
    return resource, *database, f"{found[1]}:catalog"


def _asked(call: Asked | None, action: str) -> dict[str, str]:
    values = asked_by(call, action) if call else {}
    function = values.get("lambda:functionarn", "arn:")
    if not function.startswith("arn:"):
        values["lambda:functionarn"] = f"arn:aws:lambda:{get_region()}:{get_account_id()}:function:{function}"
    return values


def _kept(judgement: Judgement) -> Judgement:
    if (kept := judgements.get()) is not None:
        kept.append(judgement)
    return judgement


def _converted(policies: Any) -> Iterator[Statement]:
    """The emulator's statements as ours. Its boundary is a layer of policies too."""
    for policy in policies:
        for each in policy if isinstance(policy, list) else [policy]:
            yield Statement(
                each.sid, each.effect == "Allow", tuple(each.actions), tuple(each.not_actions), tuple(each.resources),
                tuple(each.not_resources), {}, _conditions(each.conditions),
            )  # fmt: skip


def _conditions(conditions: Any) -> Any:
    document = {"Statement": {"Effect": "Deny", "Action": "*", "Condition": conditions or {}}}
    return statements_of(document)[0].conditions if conditions else {}


def _value(value: Any) -> str | tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, list) else str(value)


def _principal(arn: str) -> Principal:
    """The principal of an ARN, of a session or a user."""
    session = _SESSION.fullmatch(arn)
    if session is None:
        kind = "user" if ":user/" in arn else "root"
        return Principal(kind, arn, arn.split(":")[4] if arn.count(":") > 4 else "")
    partition, account, role = session.groups()
    known = iam._roles.get(role) or {}
    return Principal("role", known.get("Arn", f"arn:{partition}:iam::{account}:role/{role}"), account, arn)


def _own_policy(action: str, resource: str) -> ResourcePolicy | None:
    """The policy of a resource itself: of a bucket, queue, topic, secret, function or key, and the trust of a role."""
    service, account = action.partition(":")[0], get_account_id()
    if service == "sts":
        role = iam._roles.get(resource.rpartition("/")[2]) if ":role/" in resource else None
        document = (role or {}).get("AssumeRolePolicyDocument")
    else:
        found = _emulators(service, resource)
        document, account = found if found else (None, account)
    if not document:
        return None
    return ResourcePolicy(statements_of(document), account or get_account_id(), consent=service in _CONSENT)


def _emulators(service: str, resource: str) -> Any:
    token = _service.set("")
    try:
        return iam_evaluator._resource_policy(service, resource)
    finally:
        _service.reset(token)


def _boundary_of(resource: str) -> str:
    """The boundary of the role that a call of IAM is about; empty where it has none, or is not made yet."""
    role = iam._roles.get(resource.rpartition("/")[2]) if ":role/" in resource else None
    return (role or {}).get("PermissionsBoundary") or ""


def _key_of(action: str, resource: str) -> tuple[str, bool]:
    """The ARN of the key that encrypts what a call is about, and whether a bucket key does; empty where none does."""
    service, name = action.partition(":")[0], resource.rpartition(":")[2]
    if service == "s3":
        text = s3._bucket_encryption.get(name.partition("/")[0]) or ""
        found = re.search(r"<(?:\w+:)?KMSMasterKeyID>([^<]+)<", text)
        return _arn_of_key(found[1] if found else ""), "BucketKeyEnabled>true<" in text
    if service == "sqs":
        queue = sqs._queue_by_arn(resource) if resource.startswith("arn:") else None
        return _arn_of_key((queue or {}).get("attributes", {}).get("KmsMasterKeyId", "")), False
    if service == "sns":
        topic = sns._topics.get(resource) or {}
        return _arn_of_key(topic.get("attributes", {}).get("KmsMasterKeyId", "")), False
    if service == "logs":
        group = re.search(r":log-group:([^:]+)", resource)
        known = cloudwatch_logs._log_groups.get(group[1]) if group else None
        return _arn_of_key((known or {}).get("kmsKeyId") or ""), False
    if service == "secretsmanager":
        found = next((each for each in secretsmanager._secrets.values() if each.get("ARN") == resource), {})
        return _arn_of_key(found.get("KmsKeyId") or ""), False
    return "", False


def _arn_of_key(key: str) -> str:
    """The ARN of a key; empty without one, and for a key of AWS's own, which every caller of the service may use."""
    if not key or key.startswith("alias/aws/"):
        return ""
    return (kms._resolve_key(key) or {}).get("Arn", key)


def _resource_policy_alone(
    doc: Any, ctx: Any, service: str | None = None, named_only: bool = False, direct_only: bool = False
) -> Any:
    """What a resource's policy alone says, for the emulator's services that ask for that."""
    principal = Principal("service", service) if service else _principal(ctx.principal_arn)
    keys = Keys({key: _value(value) for key, value in ctx.service_context.items()}, is_known)
    return _alone(doc, Request(principal, ctx.action, ctx.resource_arn, keys), ctx)


def _trust_alone(trust_doc: Any, caller_arn: str, ctx: Any = None) -> bool:
    """What a role's trust alone says; the emulator's root counts as the account."""
    action, role = (ctx.action, ctx.resource_arn) if ctx else ("sts:AssumeRole", "*")
    federated = action == "sts:AssumeRoleWithWebIdentity"
    principal = Principal("federated", caller_arn) if federated else _principal(caller_arn)
    context = {**ctx.service_context, **ctx.principal_keys} if ctx else {}
    values = {key.lower(): _value(value) for key, value in context.items() if value is not None}
    request = Request(principal, action, role, Keys({"aws:principalarn": principal.arn, **values}, is_known))
    return _alone(trust_doc, request, ctx).decision == "Allow"


def _alone(document: Any, request: Request, ctx: Any) -> Any:
    policy = json.loads(document) if isinstance(document, str) and document else document or {}
    statements = statements_of(policy) if listed_objects(policy.get("Statement", [])) else ()
    # The account delegates to identity policies; here only the resource's own word is asked.
    everybody = Statement("everybody", allows=True, actions=("*",), resources=("*",))
    own = (everybody,) if request.principal.kind in ("user", "role", "root") else ()
    resource = ResourcePolicy(statements, request.principal.account, consent=True)
    decision = decide(request, Policies(own, resource=resource))
    answer = "Allow" if decision.allowed else "Deny" if decision.reason == "deny" else "ImplicitDeny"
    return iam_evaluator.EvalResult(answer, ctx.principal_arn if ctx else request.principal.arn, decision.sid)
