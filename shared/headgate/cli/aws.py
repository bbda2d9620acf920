"""AWS as commands meet it: a session with a region, and its refusals as messages for people."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from headgate.errors import HeadgateError, RunFailed, UnusableArgument

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

Known = Callable[[str], HeadgateError | None]
"""The error for a code of AWS's that a command knows; None for any other code."""


def clients(*services: str, region: str = "") -> list[Any]:
    """A client of each service, in the region that is named or that the environment sets.

    Raises `UnusableArgument` without a region.
    """
    import boto3

    session = boto3.Session()
    chosen = region or os.environ.get("AWS_REGION") or session.region_name
    if not chosen:
        raise UnusableArgument("no AWS region is set", remedy="Set it with --region eu-west-1, or in AWS_REGION.")
    return [session.client(service, region_name=chosen) for service in services]


@contextmanager
def told(where: str, refused: str, known: Known = lambda code: None) -> Iterator[None]:
    """Raise what AWS refuses (with the remedy `refused`), and what keeps it from answering, as `RunFailed`.

    Raises `UnusableArgument` for a name that AWS cannot have.
    """
    from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

    try:
        yield
    except ClientError as error:
        other = RunFailed(f"AWS refused: {error}", where=where, remedy=refused)
        raise known(_code(error)) or other from None
    except ParamValidationError as error:
        what = str(error).replace("\n", " ")
        raise UnusableArgument(f"AWS takes no such name: {what}", where=where, remedy="Check the name.") from None
    except BotoCoreError as error:
        remedy = "Check the network, and sign in to AWS."
        raise RunFailed(f"AWS cannot be reached: {error}", where=where, remedy=remedy) from None


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))
