"""The AWS account that the current credentials belong to, and Headgate's buckets in it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, PartialCredentialsError, ProfileNotFound

from headgate.deploy.errors import CannotDeploy
from headgate.errors import UnusableArgument

_SIGN_IN = "Sign in (`aws sso login`, `aws configure`), or set AWS_PROFILE, and try again."
_MISSING = {"404", "NoSuchKey", "NoSuchBucket", "NotFoundException", "NotFound"}
_DENIED = {"403", "AccessDenied", "AccessDeniedException"}
_INVALID_CREDENTIALS = {"ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "UnrecognizedClientException",
                        "SignatureDoesNotMatch", "RequestExpired", "AuthFailure"}  # fmt: skip


@dataclass(frozen=True)
class Account:
    """An account in a region, and the ARN of the caller who is signed in to it."""

    id: str
    region: str
    caller_arn: str
    session: Any

    @property
    def artifacts_bucket(self) -> str:
        """The bucket of the releases, as terraform/bootstrap names it."""
        return f"headgate-artifacts-{self.id}-{self.region}"

    @property
    def state_bucket(self) -> str:
        """The bucket of Terraform's state, as terraform/bootstrap names it."""
        return f"headgate-state-{self.id}-{self.region}"

    @property
    def s3(self) -> Any:
        """An S3 client for the region."""
        return self.session.client("s3", region_name=self.region)

    def has_bucket(self, bucket: str) -> bool:
        """Return whether the bucket exists. Raises `CannotDeploy` when access to it is denied."""
        try:
            with aws(bucket):
                self.s3.head_bucket(Bucket=bucket)
        except Absent:
            return False
        return True

    def require_bucket(self, bucket: str) -> None:
        """Raise `CannotDeploy` when one of bootstrap's buckets does not exist."""
        if not self.has_bucket(bucket):
            raise CannotDeploy(
                f"there is no bucket {bucket}",
                where=f"account {self.id}",
                remedy=f"Create it once per account and region: `make bootstrap REGION={self.region}`.",
            )


class Absent(CannotDeploy):
    """The requested AWS resource does not exist."""


def signed_in(region: str | None, allowed: Sequence[str] = ()) -> Account:
    """Return the account of the current credentials.

    Raises `CannotDeploy` when there are no credentials, or when their account is not in a non-empty `allowed`.
    """
    with aws("AWS"):
        session = boto3.Session()
        chosen_region = region or os.environ.get("AWS_REGION") or session.region_name  # boto3 ignores AWS_REGION
        if not chosen_region:
            raise UnusableArgument(
                "no AWS region is set", remedy="Set it with --region eu-west-1, or name an environment with --env."
            )
        caller = session.client("sts", region_name=chosen_region).get_caller_identity()
    if allowed and caller["Account"] not in allowed:
        raise CannotDeploy(
            f"these credentials are for account {caller['Account']} ({caller['Arn']}); "
            f"allowed accounts: {', '.join(allowed)}",
            where="allowed_account_ids",
            remedy="Sign in to an allowed account (AWS_PROFILE), or choose another environment.",
        )
    return Account(caller["Account"], chosen_region, caller["Arn"], session)


@contextmanager
def aws(where: str) -> Iterator[None]:
    """Turn AWS errors into `CannotDeploy` with a remedy, and a missing resource into `Absent`."""
    try:
        yield
    except (NoCredentialsError, PartialCredentialsError, ProfileNotFound) as error:
        raise CannotDeploy(f"no AWS credentials were found: {error}", remedy=_SIGN_IN) from None
    except ClientError as error:
        raise _explained(error, where) from None
    except BotoCoreError as error:
        raise CannotDeploy(
            f"AWS cannot be reached: {error}", where=where, remedy=f"Check the network. {_SIGN_IN}"
        ) from None


def error_code(error: ClientError) -> str:
    """Return AWS's code of an error, such as `AccessDenied`."""
    return error.response.get("Error", {}).get("Code", "")


def _explained(error: ClientError, where: str) -> CannotDeploy:
    code = error_code(error)
    if code in _MISSING:
        return Absent(f"AWS has no such resource ({code})", where=where)
    if code in _INVALID_CREDENTIALS:
        return CannotDeploy(f"the AWS credentials have expired or are not valid ({code})", remedy=_SIGN_IN)
    if code in _DENIED:
        return CannotDeploy(
            f"these credentials have no access ({code}), or the resource belongs to another account",
            where=where,
            remedy="Sign in as a deployer (the policies that `make output ONLY=deploy_policies ENV=…` lists).",
        )
    return CannotDeploy(f"AWS refused: {error}", where=where, remedy="Follow AWS's message above, then try again.")
