"""Ctrl-C on the command line: what runs is ended, and none of it prints any more.

Python's own handler raises `KeyboardInterrupt` and leaves Java running; PySpark's sends Java a command in the middle of
an answer, which breaks the connection and prints pages about it.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import ClassVar

STOPPED = 130  # the exit code of a shell's command after Ctrl-C
_EVERY = 0.05  # seconds between two looks
MESSAGE = "Stopped. Nothing is half published; the next run continues from here."


class _State:
    requested = False
    held = False
    to_end: ClassVar[list[Callable[[], None]]] = []


def handle_ctrl_c() -> None:
    """From now on Ctrl-C ends Spark, silences what notices it, and raises `KeyboardInterrupt`; a second one exits."""
    with suppress(ValueError):  # not the main thread: nobody's terminal
        signal.signal(signal.SIGINT, _stop)


def requested() -> bool:
    """True once Ctrl-C was pressed: an error that follows is a consequence, not a fault."""
    return _State.requested


def end_with(end: Callable[[], None]) -> None:
    """Call `end` when Ctrl-C is pressed, before `KeyboardInterrupt` is raised."""
    _State.to_end.append(end)


@contextmanager
def held() -> Iterator[None]:
    """Let a short block finish: a Ctrl-C during it raises `KeyboardInterrupt` at its end."""
    before = _State.requested
    _State.held = True
    try:
        yield
    finally:
        _State.held = False
    if _State.requested and not before:
        raise KeyboardInterrupt


@contextmanager
def interrupting(interrupt: Callable[[], object]) -> Iterator[None]:
    """While the block runs, let Ctrl-C call `interrupt` from a thread, until the block ends.

    For work in a library that never asks Python whether a signal came, so that no handler of Python's is called. Only
    in the main thread; a block in another one runs as it is.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    woken, wake = os.pipe()
    for end in (woken, wake):
        os.set_blocking(end, False)
    ended = threading.Event()

    def again_and_again() -> None:
        pressed = False
        while not ended.wait(_EVERY):
            with suppress(BlockingIOError):  # no signal since the last look
                pressed = pressed or signal.SIGINT in os.read(woken, 1 << 16)  # Python writes each signal's number
            if pressed or _State.requested:
                interrupt()

    thread = threading.Thread(target=again_and_again, daemon=True)
    before = signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
        signal.set_wakeup_fd(before)
        os.close(wake)
        os.close(woken)


def _stop(number: int, frame: FrameType | None) -> None:
    if _State.requested:
        os._exit(STOPPED)
    _State.requested = True
    _be_silent()
    if _State.held:
        return
    for end in _State.to_end:
        end()
    raise KeyboardInterrupt


def _be_silent() -> None:
    """Hide what threads, finalizers and py4j would print because Spark has ended."""
    logging.disable(logging.CRITICAL)
    sys.unraisablehook = lambda _: None
    threading.excepthook = lambda _: None
