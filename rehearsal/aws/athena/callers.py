"""The caller in whose name the engine reads and writes: Athena acts with the rights of the query's submitter.

Trino has one key for everything. So queries of different roles take turns, and a call signed with the engine's key
counts as a call of the role whose turn it is: it is checked against that role's policies and recorded as that role's.
Runs in the emulator's Python.
"""

# pyright: reportMissingImports=false

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from ministack import app as gateway
from ministack.core import iam_evaluator, router

from rehearsal.aws.athena.trino_client import ENGINE_KEY
from rehearsal.aws.credentials import Credentials

_STATISTICS = "ColumnStatistics"


class Turns:
    """Queries of one role run together; those of another role wait."""

    def __init__(self, account: str) -> None:
        self._account = account
        self._changed = threading.Condition()
        self._role, self._running = "", 0
        self._key = account

    @property
    def key(self) -> str:
        """The key of the role whose turn it is; between turns the account's own."""
        return self._key

    @contextmanager
    def taken(self, role: str, credentials: Credentials, stopped: Callable[[], bool]) -> Iterator[None]:
        """Wait for the role's turn, or until the query is stopped, and keep the turn for the block."""
        with self._changed:
            while self._running and self._role != role and not stopped():
                self._changed.wait(0.2)
            if not stopped():
                self._role, self._key = role, credentials.access_key
            self._running += 1
        try:
            yield
        finally:
            with self._changed:
                self._running -= 1
                if not self._running:
                    self._role, self._key = "", self._account
                self._changed.notify_all()


def use_callers_keys(turns: Turns, account: str) -> None:
    """Make the emulator replace the engine's key by the key of the role whose turn it is.

    Calls for column statistics, which Athena does not make, count as the account's.
    """
    inner: Callable[..., str] = router.extract_access_key_id
    pin: Callable[..., None] = gateway.pin_signed_request

    def key_of(headers: Any, query: Any = None) -> str:
        key = inner(headers, query)
        if key != ENGINE_KEY:
            return key
        return account if _STATISTICS in (headers or {}).get("x-amz-target", "") else turns.key

    def pin_signed(method: str, path: str, query: Any, headers: Any, handshake: bool = False) -> None:
        pin(method, path, query, headers, handshake)
        if any(name.lower() == b"authorization" and ENGINE_KEY.encode() in value for name, value in headers):
            iam_evaluator._signed_request.set(None)  # the engine signed it: there is no signature of the role to check
            iam_evaluator._verified_key.set(turns.key)

    gateway.pin_signed_request = pin_signed
    for name, module in list(sys.modules.items()):
        if name.startswith("ministack.") and getattr(module, "extract_access_key_id", None) is inner:
            vars(module)["extract_access_key_id"] = key_of
