"""Who works in the account: an administrator who is not root, and the deployer as GitHub's workflows take its role.

The emulator's root, whom nothing refuses, only makes the administrator's role, as IAM Identity Center does on AWS, and
looks on.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from rehearsal.account import ACCOUNT, EmulatedAccount

ADMINISTRATOR = "AWSReservedSSO_AdministratorAccess_0123456789abcdef"
_ISSUER = "https://token.actions.githubusercontent.com"
_POLICY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
_TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "sts:AssumeRole"}
    ],
}


def administrator(account: EmulatedAccount) -> dict[str, str]:
    """The environment of an administrator who signed in: may do everything in IAM, and is not root."""
    iam = account.client("iam")
    with suppress(iam.exceptions.EntityAlreadyExistsException):
        iam.create_role(RoleName=ADMINISTRATOR, AssumeRolePolicyDocument=json.dumps(_TRUST))
    iam.put_role_policy(RoleName=ADMINISTRATOR, PolicyName="everything", PolicyDocument=json.dumps(_POLICY))
    role = f"arn:aws:iam::{ACCOUNT}:role/{ADMINISTRATOR}"
    return _environment(account.client("sts").assume_role(RoleArn=role, RoleSessionName="you@example.org"))


def remove_administrator(account: EmulatedAccount) -> None:
    """Delete the administrator's role, which nobody but the rehearsal made."""
    iam = account.client("iam")
    iam.delete_role_policy(RoleName=ADMINISTRATOR, PolicyName="everything")
    iam.delete_role(RoleName=ADMINISTRATOR)


def deployer(account: EmulatedAccount, role: str, repository: str, environment: str) -> dict[str, str]:
    """The environment of a workflow that took the deployer's role (its ARN) with GitHub's token."""
    token = _token({"iss": _ISSUER, "aud": "sts.amazonaws.com", "sub": f"repo:{repository}:environment:{environment}"})
    sts = account.client("sts")
    return _environment(
        sts.assume_role_with_web_identity(RoleArn=role, RoleSessionName="GitHubActions", WebIdentityToken=token)
    )


def _token(claims: Mapping[str, Any]) -> str:
    """A token as GitHub issues it. Its signature is empty: the emulator reads the claims and checks no signature."""
    parts = ({"alg": "RS256", "typ": "JWT"}, claims)
    return ".".join(
        [*(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts), "x"]
    )


def _environment(taken: Mapping[str, Any]) -> dict[str, str]:
    keys = taken["Credentials"]
    return {
        "AWS_ACCESS_KEY_ID": keys["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"],
        "AWS_SESSION_TOKEN": keys["SessionToken"],
    }
