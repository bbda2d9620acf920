"""The Java process of a local Spark: Ctrl-C ends it, with its temporary files and its messages."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from pyspark import java_gateway

from headgate import stopping

_SECONDS_TO_END = 5  # Java removes its temporary files, which hold rows


@contextmanager
def java_ends_on_ctrl_c() -> Iterator[None]:
    """Watch the Java that PySpark starts in this block, and keep PySpark's own handler of Ctrl-C out."""
    plain, handler = java_gateway.Popen, signal.getsignal(signal.SIGINT)  # type: ignore[attr-defined]

    def start(*command: Any, **how: Any) -> subprocess.Popen[bytes]:
        mine, its = os.pipe()
        try:
            java = plain(*command, **how, stderr=its)
        finally:
            os.close(its)
        threading.Thread(target=_pass_on, args=(mine,), daemon=True, name="java's messages").start()
        stopping.end_with(lambda: _end(java))
        return java

    java_gateway.Popen = start  # type: ignore[attr-defined]
    try:
        yield
    finally:
        java_gateway.Popen = plain  # type: ignore[attr-defined]
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, handler)


def _pass_on(messages: int) -> None:
    while text := os.read(messages, 1 << 16):
        if not stopping.requested():
            with suppress(OSError):  # nobody reads ours any more, and Java must not wait for them
                os.write(2, text)
    os.close(messages)


def _end(java: subprocess.Popen[bytes]) -> None:
    java.terminate()
    try:
        java.wait(_SECONDS_TO_END)
    except subprocess.TimeoutExpired:
        java.kill()
        java.wait()
