"""The key under which an adapter calls the emulator: the caller's own, or a session of the role that acts.

A service of AWS reads and writes with the rights of its caller, or of the role it was given; the adapters do the same,
so that the recorded calls show who did what. Runs in the emulator's Python.
"""

# pyright: reportMissingImports=false

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import botocore.config
import botocore.session
from ministack.core import iam_evaluator, router
from ministack.core.responses import get_account_id
from ministack.services import iam, sts

from rehearsal.aws.judge import refusal_to_take

_SESSION_SECONDS = 12 * 3600
_MAKING_CLIENT = threading.Lock()  # botocore's session is not safe for several threads; its clients are
_BOTOCORE = botocore.session.Session()


@dataclass(frozen=True)
class Credentials:
    """A key that the emulator knows."""

    access_key: str
    secret_key: str
    token: str | None = None

    def client(self, service: str, endpoint: str, region: str) -> Any:
        """A client of one service of the emulator, acting under this key."""
        config = botocore.config.Config(
            s3={"addressing_style": "path"}, inject_host_prefix=False, retries={"total_max_attempts": 2}
        )
        with _MAKING_CLIENT:
            return _BOTOCORE.create_client(
                service, region_name=region, endpoint_url=endpoint, aws_access_key_id=self.access_key,
                aws_secret_access_key=self.secret_key, aws_session_token=self.token, config=config,
            )  # fmt: skip

    def environment(self) -> dict[str, str]:
        """The environment variables that give this key to another process."""
        token = {"AWS_SESSION_TOKEN": self.token} if self.token else {}
        return {"AWS_ACCESS_KEY_ID": self.access_key, "AWS_SECRET_ACCESS_KEY": self.secret_key, **token}


def of_account(account: str) -> Credentials:
    """The account's own key, as the emulator reads it."""
    return Credentials(account, "test")


def of_request(headers: Mapping[str, str], account: str) -> Credentials | None:
    """The key that signed a request; None where the request is not signed, or the emulator does not know the key."""
    key = router.extract_access_key_id(dict(headers))
    resolved: Any = iam_evaluator.resolve_credential(key, account) if key else None
    if not isinstance(resolved, iam_evaluator.ResolvedCredential):
        return None
    return Credentials(resolved.access_key_id, resolved.secret_access_key, resolved.session_token)


def of_role(name: str, session: str) -> Credentials:
    """A session of a role (its ARN or name), such as a state machine's. Raises `PermissionError` without that role."""
    role = name.rpartition("/")[2]
    account, key = get_account_id(), sts._gen_session_access_key()
    known = iam._roles.get(role)
    if known is None:
        raise PermissionError(f"There is no role {role}.")
    made = Credentials(key, sts._gen_secret(), sts._gen_session_token())
    record = {
        "Arn": f"arn:aws:sts::{account}:assumed-role/{role}/{session}",
        "UserId": f"{known.get('RoleId', '')}:{session}",
        "AccessKeyId": key, "SecretAccessKey": made.secret_key, "SessionToken": made.token,
        "Expiration": time.time() + _SESSION_SECONDS, "AccountId": account, "PrincipalType": "AssumedRole",
        "SourceAccessKeyId": account, "SourcePrincipalArn": f"arn:aws:iam::{account}:root",
        "SessionTags": [], "SessionPolicies": None,
    }  # fmt: skip
    sts.register_session(key, record)
    return made


def of_service(role: str, service: str, source: str, session: str) -> Credentials:
    """A session of a role for a service that works on a resource (`source`, an ARN).

    Raises `PermissionError` when the role's trust does not let the service take it.
    """
    if why := refusal_to_take(role, service, source):
        raise PermissionError(f"The role {role} does not trust {service}: {why}.")
    return of_role(role, session)


def role_of(credentials: Credentials) -> str:
    """The name of the role whose session it is; empty for the account's own key."""
    resolved = iam_evaluator.resolve_credential(credentials.access_key)
    return role_in(resolved.principal_arn) if isinstance(resolved, iam_evaluator.ResolvedCredential) else ""


def role_in(arn: str) -> str:
    """The name of the role in the ARN of a session; empty in any other ARN."""
    return arn.split("/")[1] if ":assumed-role/" in arn else ""


def error_code(problem: Exception) -> str:
    """The code of an AWS error, such as `NoSuchBucket`; empty for any other error."""
    answer = getattr(problem, "response", None)
    return str(answer.get("Error", {}).get("Code", "")) if isinstance(answer, dict) else ""
