"""A repeated call gets the answer of the first one, as AWS answers a call with the same client token.

An SDK repeats a call when the answer is lost on its way. AWS then finds the client token and answers as before; the
emulator knows no tokens, and answers that the schedule, role or workgroup exists already. Every SDK sends the same
`amz-sdk-invocation-id` with each attempt of one call, which is what counts here.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Any

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

_KEPT = 500  # calls whose answers are remembered
_CHANGES = {"POST", "PUT", "PATCH", "DELETE"}


def answered_once(app: App) -> App:
    """The app, which sees each call that may change something once, and not its later attempts.

    An answer of 500 or above is not remembered: that call is worth another attempt.
    """
    calls: OrderedDict[bytes, _Call] = OrderedDict()

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        call_id = dict(scope.get("headers", ())).get(b"amz-sdk-invocation-id", b"")
        if not call_id or scope.get("method") not in _CHANGES:
            await app(scope, receive, send)
            return
        earlier = calls.get(call_id)
        if earlier is not None:
            await _read_all(receive)
            await earlier.ended.wait()
            if earlier.final:
                for message in earlier.answer:
                    await send(message)
                return
            raise ConnectionError("the first attempt of this call failed while the second one waited")
        call = calls[call_id] = _Call()
        while len(calls) > _KEPT:
            calls.popitem(last=False)
        try:
            await app(scope, receive, call.keeping(send))
        finally:
            call.ended.set()
            if not call.final:
                calls.pop(call_id, None)

    return wrapped


class _Call:
    """One call, with its answer once it has ended."""

    def __init__(self) -> None:
        self.answer: list[dict[str, Any]] = []
        self.ended = asyncio.Event()

    @property
    def final(self) -> bool:
        """True for a whole answer that another attempt would get too."""
        if len(self.answer) < 2:  # the start, and at least one part of the body
            return False
        return self.answer[0]["status"] < 500 and not self.answer[-1].get("more_body", False)

    def keeping(self, send: Send) -> Send:
        async def kept(message: dict[str, Any]) -> None:
            self.answer.append(message)
            await send(message)

        return kept


async def _read_all(receive: Receive) -> None:
    more = True
    while more:
        message = await receive()
        more = message["type"] == "http.request" and message.get("more_body", False)
