"""The AWS emulator for tests: the account that it serves, and patience until AWS's API shows something."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from botocore.exceptions import ClientError

from aws_emulator import emulator
from rehearsal.account import ACCOUNT, REGION, EmulatedAccount

__all__ = ["ACCOUNT", "REGION", "EmulatedAccount", "patiently", "running"]


@contextmanager
def running(folder: Path) -> Iterator[EmulatedAccount]:
    """Start the emulator with its files in `folder`; it ends with the block."""
    with emulator(folder) as address:
        yield EmulatedAccount(address)


def patiently(look: Callable[[], object], seconds: float = 60) -> None:
    """Call `look` until it returns something true; an error of AWS's API counts as not yet."""
    until, last = time.monotonic() + seconds, "none"
    while time.monotonic() < until:
        try:
            if look():
                return
            last = "no"
        except ClientError as refused:
            last = str(refused)
        time.sleep(0.1)
    raise AssertionError(f"gave up after {seconds} seconds; the last answer was: {last}")
