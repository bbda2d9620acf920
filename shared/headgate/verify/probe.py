"""A probe, and how it fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from headgate.deploy.account import error_code
from headgate.verify.probe_dataset import DATASET

if TYPE_CHECKING:
    from headgate.verify.probed_lake import ProbedLake


class ProbeFailed(Exception):
    """The account does not behave as a probe claims; the message says what was seen instead."""


class ProbeSkipped(Exception):
    """A probe could not run, because something that it depends on has failed before."""


@dataclass(frozen=True)
class Probe:
    """One claim about the account: what is sent, and `look`, which returns what was seen or raises `ProbeFailed`."""

    name: str
    claim: str
    sent: str
    look: Callable[[ProbedLake], str]
    dataset: str = DATASET  # without it the probe is skipped


def require(condition: bool, otherwise: str) -> None:
    """Raise `ProbeFailed` with this text unless the condition is true."""
    if not condition:
        raise ProbeFailed(otherwise)


@contextmanager
def aws_errors_as_failures() -> Iterator[None]:
    """Turn an error from AWS into `ProbeFailed`, with AWS's message."""
    try:
        yield
    except ClientError as error:
        raise ProbeFailed(refusal(error)) from error
    except BotoCoreError as error:
        raise ProbeFailed(f"AWS cannot be reached: {error}") from error


def refusal(error: ClientError) -> str:
    """Return AWS's refusal in one line."""
    message = error.response.get("Error", {}).get("Message", "")
    return f"AWS refused {error.operation_name}: {error_code(error)} {message}".strip()
