"""What a probe looks for, and how it says that it was not shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from headgate.verify.probed_lake import Scene


class NotShown(Exception):
    """The account did not show what a probe looks for; the message says what it showed instead."""


class Skipped(Exception):
    """A probe could not be tried, since what it stands on has failed before."""


@dataclass(frozen=True)
class Probe:
    """One claim about the account: what is sent, and `look`, which returns what was seen or raises `NotShown`."""

    name: str
    claim: str
    sent: str
    look: Callable[[Scene], str]


def insist(holds: bool, otherwise: str) -> None:
    """Raise `NotShown` with these words unless it holds."""
    if not holds:
        raise NotShown(otherwise)


@contextmanager
def as_not_shown() -> Iterator[None]:
    """Say what AWS refused as something that was not shown, with AWS's own words."""
    try:
        yield
    except ClientError as error:
        raise NotShown(refusal(error)) from error
    except BotoCoreError as error:
        raise NotShown(f"AWS could not be asked: {error}") from error


def refusal(error: ClientError) -> str:
    """What was refused, in one line."""
    said = error.response.get("Error", {})
    return f"AWS refused {error.operation_name}: {said.get('Code', '')} {said.get('Message', '')}".strip()


def code_of(error: ClientError) -> str:
    """AWS's code of an error."""
    return error.response.get("Error", {}).get("Code", "")
