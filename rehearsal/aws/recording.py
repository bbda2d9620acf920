"""Record every call that reaches the emulator as a line of JSON: when, who, which action on what, and the answer.

What was judged of a call (`rehearsal.aws.judge`) is a line each: `judged` says what decided, `assumed` the conditions
that were taken as fulfilled; of a refusal also the statement (`sid`) and the condition keys (`keys`). A call of the
account's own key has no such words.
"""

# pyright: reportMissingImports=false

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from ministack import app as gateway
from ministack.core import iam_actions, iam_evaluator, router
from ministack.core.responses import get_account_id, get_region
from ministack.services import sts

from rehearsal.aws.credentials import role_in
from rehearsal.aws.judge import Judgement, asked, judge_role, judge_service, judgements
from rehearsal.aws.judged import Asked
from rehearsal.aws.retries import App, Receive, Scope, Send

_BODY_READ = 1 << 18  # bytes of a body that are read; what names an action or a resource is among them
_REFUSED = 403
_REASON_LENGTH = 400  # characters of a refusal that are recorded
# Actions that the emulator answers with success although it does nothing, and the adapter that really does them.
_EMPTY_SUCCESS = {
    "glue:StartJobRun": "rehearsal.aws.jobs.service",
    "glue:StartCrawler": "rehearsal.aws.crawlers.service",
    "glue:StartTrigger": "",
    "glue:StartWorkflowRun": "",
    "athena:StartQueryExecution": "rehearsal.aws.athena.service",
}

# Why the gateway refused the request, HEAD included; a list, since threads of the request have a copy of its context.
_reasons: ContextVar[list[str] | None] = ContextVar("reasons", default=None)
acting: ContextVar[str] = ContextVar("acting", default="")  # the role in whose name a service calls another one


@contextmanager
def acting_as(role: str) -> Iterator[None]:
    """Within the block the emulator's own calls count as the role's."""
    token = acting.set(role.rpartition("/")[2])
    try:
        yield
    finally:
        acting.reset(token)


class Recorder:
    """Records the calls, and refuses those that would be answered with an empty success."""

    def __init__(self, file: Path, adapters: list[str]) -> None:
        self._file, self._lock = file.open("a", encoding="utf-8", buffering=1), threading.Lock()
        self._not_served = {action for action, adapter in _EMPTY_SUCCESS.items() if adapter not in adapters}

    def record(self, *, role: str, action: str, resource: str, status: int, error: str = "", via: str = "http",
               judged: Mapping[str, Any] | None = None) -> None:  # fmt: skip
        """Record one call."""
        call = {"time": round(time.time(), 3), "role": role, "action": action, "resource": resource, "status": status}
        line = json.dumps({**call, "error": error, "via": via, **(judged or {})})
        with self._lock:
            self._file.write(line + "\n")

    def record_judged(self, made: Iterable[Judgement], *, status: int, error: str = "", via: str = "http") -> None:
        """Record all that was judged of one call. A refused one is recorded as such, however it was answered."""
        for judgement in made:
            request = judgement.request
            self.record(
                role=role_in(request.principal.session), action=request.action, resource=request.resource,
                status=status if judgement.decision.allowed else _REFUSED, error=judgement.why or error,
                via=request.principal.arn if request.principal.kind == "service" else via, judged=judgement.line,
            )  # fmt: skip

    def as_acting(self, action: str, resource: str, call: Asked | None = None) -> Inner:
        """Judge a call inside the emulator as the acting role's; one of nobody's is allowed."""
        with judging() as made:
            why = judge_role(role, action, resource, call) if (role := acting.get()) else ""
        return Inner(self, action, resource, why, made)

    def as_service(self, service: str, action: str, resource: str, source: str) -> Inner:
        """Judge what a service does in its own name for a resource (`source`, an ARN)."""
        with judging() as made:
            why = judge_service(service, action, resource, source)
        return Inner(self, action, resource, why, made)

    def why_not_served(self, action: str) -> str:
        """Why a call is refused; empty for one that the emulator or an adapter serves."""
        if action not in self._not_served:
            return ""
        return f"{action}: neither the emulator nor an adapter of this rehearsal does it"


@contextmanager
def judging() -> Iterator[list[Judgement]]:
    """Within the block, what is judged is added to the list that it yields."""
    made = list[Judgement]()
    token = judgements.set(made)
    try:
        yield made
    finally:
        judgements.reset(token)


@dataclass(frozen=True)
class Inner:
    """A call inside the emulator that was judged: why it is refused (empty: it is not), and how it is recorded."""

    recorder: Recorder
    action: str
    resource: str
    why: str
    made: list[Judgement]

    def record(self, status: int = 200, error: str = "") -> None:
        """Record it with its answer; a refusal is recorded as one."""
        if self.made:
            self.recorder.record_judged(self.made, status=status, error=error, via="inner")
        else:
            role = acting.get()
            self.recorder.record(
                role=role, action=self.action, resource=self.resource, status=_REFUSED if self.why else status,
                error=self.why or error, via="inner",
            )  # fmt: skip


def keep_reasons() -> None:
    """Keep why a request was refused, also for a wrong signature: an answer to HEAD has no text."""
    for name in ("enforce", "authenticate"):
        setattr(iam_evaluator, name, _keeping(getattr(iam_evaluator, name)))


def _keeping(decide: Callable[..., Any]) -> Callable[..., Any]:
    def decided(*given: Any, **named: Any) -> Any:
        answer = decide(*given, **named)
        refused = isinstance(answer, (iam_evaluator.AuthError, iam_evaluator.EvalResult))
        if refused and (reasons := _reasons.get()) is not None and str(answer) not in reasons:
            reasons.append(str(answer))
        return answer

    return decided


def recorded(app: App, recorder: Recorder) -> App:
    """The gateway, with every HTTP request recorded after it was answered."""

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith("/_ministack"):
            await app(scope, receive, send)
            return
        call = _HttpCall(scope)
        action = call.target_action()
        if why := recorder.why_not_served(action):
            recorder.record(role=call.role, action=action, resource="*", status=400, error=why)
            await _send_not_served(send, why)
            return
        reasons: list[str] = []
        _reasons.set(reasons)
        asked.set(call)
        with judging() as made:
            await app(scope, call.receiving(receive), call.sending(send))
        error = call.error or "; ".join(reasons) or call.headers_of_refusal
        recorder.record_judged(made, status=call.status, error=error)
        judged = {judgement.request.action for judgement in made}
        for needed, resource in call.permissions():
            if needed not in judged:
                recorder.record(role=call.role, action=needed, resource=resource, status=call.status, error=error)

    return wrapped


def record_inner_calls(recorder: Recorder) -> None:
    """Record the calls between the emulator's services, in the name of the role that acts."""
    inner = gateway.call_service_handler_sync

    def called(
        handler: Any, method: str, path: str, headers: dict[str, str], body: Any, query: Any, timeout: Any = None
    ) -> Any:
        raw = body if isinstance(body, bytes) else str(body or "").encode()
        needed = _permissions(method, path, headers, raw, query)
        for action, _ in needed:
            if why := recorder.why_not_served(action):
                recorder.record(role=acting.get(), action=action, resource="*", status=400, error=why, via="inner")
                return 400, {}, _not_served(why)
        call = Asked(method, headers, query or {}, raw)
        judged = [recorder.as_acting(action, resource, call) for action, resource in needed]
        refused = next((each for each in judged if each.why), None)
        answer = _denied(refused, headers) if refused else inner(handler, method, path, headers, body, query, timeout)
        error = _text(answer[2])[:_REASON_LENGTH] if answer[0] >= 400 else ""
        for each in judged:
            each.record(answer[0], error)
        return answer

    gateway.call_service_handler_sync = called


class _HttpCall(Asked):
    """One HTTP request on its way through the gateway."""

    def __init__(self, scope: Scope) -> None:
        self.method, self._path = scope["method"], scope["path"]
        self.query = parse_qs(scope.get("query_string", b"").decode(), keep_blank_values=True)
        self.headers = {name.decode("latin-1").lower(): text.decode("latin-1") for name, text in scope["headers"]}
        self.body, self._answer, self._answer_headers, self.status = b"", b"", b"", 0
        self.role = _role_of_key(router.extract_access_key_id(self.headers, self.query))

    def target_action(self) -> str:
        """`service:Action` of a call that names it in a header; empty for others."""
        target = self.headers.get("x-amz-target", "")
        service = {"AWSGlue": "glue", "AmazonAthena": "athena"}.get(target.partition(".")[0], "")
        return f"{service}:{target.rpartition('.')[2]}" if service else ""

    def receiving(self, receive: Receive) -> Receive:
        async def received() -> dict[str, Any]:
            message = await receive()
            if len(self.body) < _BODY_READ:
                self.body += message.get("body", b"")
            return message

        return received

    def sending(self, send: Send) -> Send:
        async def sent(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                self.status = message["status"]
                self._answer_headers = b" ".join(b": ".join(header) for header in message.get("headers", ()))
            elif self.status >= 400 and len(self._answer) < _REASON_LENGTH:
                self._answer += message.get("body", b"")
            await send(message)

        return sent

    @property
    def error(self) -> str:
        """The beginning of a refusal's text."""
        return self._answer[:_REASON_LENGTH].decode(errors="replace")

    @property
    def headers_of_refusal(self) -> str:
        """The beginning of a refusal's headers, for one that gives its reason nowhere else."""
        return self._answer_headers[:_REASON_LENGTH].decode(errors="replace") if self.status == _REFUSED else ""

    def permissions(self) -> list[tuple[str, str]]:
        return _permissions(self.method, self._path, self.headers, self.body, self.query)


def _role_of_key(access_key: str) -> str:
    """The name of the role whose session the key belongs to; empty for the account's own key."""
    return role_in((sts._sessions.get(access_key) or {}).get("Arn", ""))


def _permissions(
    method: str, path: str, headers: Mapping[str, str], body: bytes, query: Mapping[str, Any]
) -> list[tuple[str, str]]:
    """The permissions that AWS would require: action and resource."""
    own_headers = dict(headers)
    params = gateway._routing_params(method, path, own_headers, body, dict(query))
    service = router.detect_service(method, path, own_headers, params)
    action = iam_actions.extract_iam_action(service, method, path, own_headers, body, params)
    if action is None:
        return [(f"{service}:?{method} {path}", "*")]
    place = get_region(), get_account_id()
    resource = iam_actions.extract_resource_arn(service, method, path, own_headers, body, params, *place)
    more = iam_actions.s3_additional_checks(method, path, own_headers, body, params) if service == "s3" else []
    return [(action, resource), *((extra, arn) for extra, arn in more)]


def _denied(refused: Inner, headers: Mapping[str, str]) -> Any:
    """The answer to a refused call, in the form of its service."""
    service = refused.action.partition(":")[0]
    return iam_actions.access_denied_response(
        service, refused.action, "", "", message=refused.why, headers=dict(headers)
    )


def _text(body: Any) -> str:
    return body.decode(errors="replace") if isinstance(body, bytes) else str(body)


def _not_served(why: str) -> bytes:
    return json.dumps({"__type": "NotServedByRehearsal", "message": why}).encode()


async def _send_not_served(send: Send, why: str) -> None:
    body = _not_served(why)
    headers = [(b"content-type", b"application/x-amz-json-1.1"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 400, "headers": headers})
    await send({"type": "http.response.body", "body": body})
