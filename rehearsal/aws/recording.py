"""Every call that reaches the emulator, as a line of JSON: when, who, which action on what, and how it was answered."""

# pyright: reportMissingImports=false

from __future__ import annotations

import json
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from ministack import app as gateway
from ministack.core import iam_actions, iam_evaluator, router
from ministack.core.responses import get_account_id, get_region
from ministack.services import sts

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

_KEPT = 1 << 18  # bytes of a body that are looked at; what names an action or a resource stands in them
_REFUSED = 403
_TOLD = 400  # characters of what a refusal says
# What the emulator answers with success although it does nothing, and the adapter that makes it true.
_FALSE = {
    "glue:StartJobRun": "rehearsal.aws.jobs.service",
    "glue:StartCrawler": "rehearsal.aws.crawlers.service",
    "glue:StartTrigger": "",
    "glue:StartWorkflowRun": "",
    "athena:StartQueryExecution": "rehearsal.aws.athena.service",
}

# Why the gateway refused the request, HEAD included; a list, since threads of the request have a copy of its context.
_why: ContextVar[list[str] | None] = ContextVar("why", default=None)
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
    """Writes the calls down, and refuses those that would be answered with an empty success."""

    def __init__(self, file: Path, adapters: list[str]) -> None:
        self._file, self._lock = file.open("a", encoding="utf-8", buffering=1), threading.Lock()
        self._false = {action for action, adapter in _FALSE.items() if adapter not in adapters}

    def write(self, *, role: str, action: str, resource: str, status: int, error: str = "", via: str = "http") -> None:
        """Write one call down."""
        said = {"time": round(time.time(), 3), "role": role, "action": action, "resource": resource, "status": status}
        line = json.dumps({**said, "error": error, "via": via})
        with self._lock:
            self._file.write(line + "\n")

    def write_as_acting(self, *, action: str, resource: str, status: int, error: str = "", via: str = "inner") -> None:
        """Write one call down as the acting role's."""
        self.write(role=acting.get(), action=action, resource=resource, status=status, error=error, via=via)

    def refused(self, action: str) -> str:
        """Why a call is not let through; empty for one that the emulator or an adapter serves."""
        if action not in self._false:
            return ""
        return f"{action}: neither the emulator nor an adapter of this rehearsal does it"


def take_for_tls() -> None:
    """Policies deny what comes without TLS; the loopback address has none, so each request counts as secured."""
    pin = gateway.pin_request_origin
    gateway.pin_request_origin = lambda address, secure: pin(address, True)


def keep_reasons() -> None:
    """Keep why a request was refused, for a wrong signature too: an answer to HEAD has no text."""
    for name in ("enforce", "authenticate"):
        setattr(iam_evaluator, name, _keeping(getattr(iam_evaluator, name)))


def _keeping(decide: Callable[..., Any]) -> Callable[..., Any]:
    def kept(*given: Any, **named: Any) -> Any:
        said = decide(*given, **named)
        refused = isinstance(said, (iam_evaluator.AuthError, iam_evaluator.EvalResult))
        if refused and (why := _why.get()) is not None and str(said) not in why:
            why.append(str(said))
        return said

    return kept


def recorded(app: App, recorder: Recorder) -> App:
    """The gateway with every HTTP request written down after it was answered."""

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith("/_ministack"):
            await app(scope, receive, send)
            return
        call = _Call(scope)
        action = call.target_action()
        if why := recorder.refused(action):
            recorder.write(role=call.role, action=action, resource="*", status=400, error=why)
            await _refuse(send, why)
            return
        why_not: list[str] = []
        _why.set(why_not)
        await app(scope, call.receiving(receive), call.sending(send))
        for one, resource in call.asked():
            recorder.write(
                role=call.role,
                action=one,
                resource=resource,
                status=call.status,
                error=call.error or "; ".join(why_not) or call.heading,
            )

    return wrapped


def record_inner_calls(recorder: Recorder) -> None:
    """Write down what the emulator's services ask of each other, in the name of the role that acts."""
    inner = gateway.call_service_handler_sync

    def called(
        handler: Any, method: str, path: str, headers: dict[str, str], body: Any, query: Any, timeout: Any = None
    ) -> Any:
        asked = _asked(method, path, headers, body if isinstance(body, bytes) else str(body or "").encode(), query)
        iam_evaluator.pin_request_origin("127.0.0.1", True)
        for action, _ in asked:
            if why := recorder.refused(action):
                recorder.write(role=acting.get(), action=action, resource="*", status=400, error=why, via="inner")
                return 400, {}, json.dumps({"__type": "NotServedByRehearsal", "message": why}).encode()
        answer = inner(handler, method, path, headers, body, query, timeout)
        for action, resource in asked:
            error = _text(answer[2])[:_TOLD] if answer[0] >= 400 else ""
            recorder.write_as_acting(action=action, resource=resource, status=answer[0], error=error)
        return answer

    gateway.call_service_handler_sync = called


class _Call:
    """One HTTP request as it passes."""

    def __init__(self, scope: Scope) -> None:
        self._method, self._path = scope["method"], scope["path"]
        self._query = parse_qs(scope.get("query_string", b"").decode(), keep_blank_values=True)
        self._headers = {name.decode("latin-1").lower(): text.decode("latin-1") for name, text in scope["headers"]}
        self._body, self._answer, self._told, self.status = b"", b"", b"", 0
        self.role = role_of(router.extract_access_key_id(self._headers, self._query))

    def target_action(self) -> str:
        """`service:Action` of a call that names it in a header; empty for others."""
        target = self._headers.get("x-amz-target", "")
        service = {"AWSGlue": "glue", "AmazonAthena": "athena"}.get(target.partition(".")[0], "")
        return f"{service}:{target.rpartition('.')[2]}" if service else ""

    def receiving(self, receive: Receive) -> Receive:
        async def received() -> dict[str, Any]:
            message = await receive()
            if len(self._body) < _KEPT:
                self._body += message.get("body", b"")
            return message

        return received

    def sending(self, send: Send) -> Send:
        async def sent(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                self.status = message["status"]
                self._told = b" ".join(b": ".join(one) for one in message.get("headers", ()))
            elif self.status >= 400 and len(self._answer) < _TOLD:
                self._answer += message.get("body", b"")
            await send(message)

        return sent

    @property
    def error(self) -> str:
        """What a refusal said, cut short."""
        return self._answer[:_TOLD].decode(errors="replace")

    @property
    def heading(self) -> str:
        """The head of a refusal, for one whose reason stands nowhere else."""
        return self._told[:_TOLD].decode(errors="replace") if self.status == _REFUSED else ""

    def asked(self) -> list[tuple[str, str]]:
        return _asked(self._method, self._path, self._headers, self._body, self._query)


def role_of(access_key: str) -> str:
    """The name of the role whose session the key belongs to; empty for the account's own key."""
    arn = (sts._sessions.get(access_key) or {}).get("Arn", "")
    return arn.split("/")[1] if ":assumed-role/" in arn else ""


def _asked(
    method: str, path: str, headers: Mapping[str, str], body: bytes, query: Mapping[str, Any]
) -> list[tuple[str, str]]:
    """The permissions that AWS would look for: action and resource."""
    at = dict(headers)
    params = gateway._routing_params(method, path, at, body, dict(query))
    service = router.detect_service(method, path, at, params)
    action = iam_actions.extract_iam_action(service, method, path, at, body, params)
    if action is None:
        return [(f"{service}:?{method} {path}", "*")]
    place = get_region(), get_account_id()
    resource = iam_actions.extract_resource_arn(service, method, path, at, body, params, *place)
    more = iam_actions.s3_additional_checks(method, path, at, body, params) if service == "s3" else []
    return [(action, resource), *((one, arn) for one, arn in more)]


def _text(said: Any) -> str:
    return said.decode(errors="replace") if isinstance(said, bytes) else str(said)


async def _refuse(send: Send, why: str) -> None:
    body = json.dumps({"__type": "NotServedByRehearsal", "message": why}).encode()
    kind = [(b"content-type", b"application/x-amz-json-1.1"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 400, "headers": kind})
    await send({"type": "http.response.body", "body": body})
