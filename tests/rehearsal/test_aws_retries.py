"""A call that is sent again gets the answer of the first attempt."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from rehearsal.aws.retries import App, answered_once


class Creating:
    """An app in which the second creation of a thing is a conflict, and whose first answers may be faults."""

    def __init__(self, *, faults: int = 0) -> None:
        self.calls, self._faults = 0, faults

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        message = await receive()
        assert message["body"] == b"create"
        self.calls += 1
        await asyncio.sleep(0)
        status = 500 if self.calls <= self._faults else 200 if self.calls == self._faults + 1 else 409
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b"answer"})


async def asked(app: App, call_id: bytes, method: str = "POST") -> tuple[int, bytes]:
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"create", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    headers = [(b"amz-sdk-invocation-id", call_id)] if call_id else []
    await app({"type": "http", "method": method, "headers": headers}, receive, send)
    return sent[0]["status"], sent[1]["body"]


def test_the_second_attempt_gets_the_first_answer() -> None:
    async def run() -> list[int]:
        app = answered_once(Creating())
        return [(await asked(app, call))[0] for call in (b"a", b"a", b"b")]

    assert asyncio.run(run()) == [200, 200, 409]


def test_an_attempt_while_the_first_one_runs_waits_for_its_answer() -> None:
    creating = Creating()

    async def run() -> list[tuple[int, bytes]]:
        app = answered_once(creating)
        return await asyncio.gather(*(asked(app, b"a") for _ in range(3)))

    assert asyncio.run(run()) == [(200, b"answer")] * 3
    assert creating.calls == 1


def test_a_fault_is_worth_another_attempt() -> None:
    async def run() -> list[int]:
        app = answered_once(Creating(faults=1))
        return [(await asked(app, b"a"))[0] for _ in range(3)]

    assert asyncio.run(run()) == [500, 200, 200]


@pytest.mark.parametrize(("call_id", "method"), [(b"", "POST"), (b"a", "GET")])
def test_other_calls_pass(call_id: bytes, method: str) -> None:
    async def run() -> list[int]:
        app = answered_once(Creating())
        return [(await asked(app, call_id, method))[0] for _ in range(2)]

    assert asyncio.run(run()) == [200, 409]
