"""The AWS account that the credentials at hand are for, and what of Headgate's stands in it."""

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
_NOT_FOR_LONG = {"ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "UnrecognizedClientException",
                 "SignatureDoesNotMatch", "RequestExpired", "AuthFailure"}  # fmt: skip


@dataclass(frozen=True)
class Account:
    """An account in a region, and who is signed in to it."""

    id: str
    region: str
    who: str
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
        """A client of S3 in the region."""
        return self.session.client("s3", region_name=self.region)

    def has_bucket(self, bucket: str) -> bool:
        """True when the bucket is there. Raises `CannotDeploy` when it may not be looked at."""
        try:
            with aws(bucket):
                self.s3.head_bucket(Bucket=bucket)
        except Absent:
            return False
        return True

    def must_have(self, bucket: str) -> None:
        """Raise `CannotDeploy` when one of bootstrap's buckets is not there."""
        if not self.has_bucket(bucket):
            raise CannotDeploy(
                f"there is no bucket {bucket}",
                where=f"account {self.id}",
                remedy=f"Make it once per account and region: `make bootstrap REGION={self.region}`.",
            )


class Absent(CannotDeploy):
    """What was asked for is not there."""


def signed_in(region: str | None, allowed: Sequence[str] = ()) -> Account:
    """The account that the credentials are for. Raises `CannotDeploy` when there are none, or for another account."""
    with aws("AWS"):
        session = boto3.Session()
        here = region or os.environ.get("AWS_REGION") or session.region_name  # boto3 passes AWS_REGION over
        if not here:
            raise UnusableArgument(
                "no region is known", remedy="Name it: --region eu-west-1, or an environment: --env."
            )
        said = session.client("sts", region_name=here).get_caller_identity()
    if allowed and said["Account"] not in allowed:
        raise CannotDeploy(
            f"these credentials are for account {said['Account']} ({said['Arn']}), allowed is {', '.join(allowed)}",
            where="allowed_account_ids",
            remedy="Sign in to that account (AWS_PROFILE), or name another environment.",
        )
    return Account(said["Account"], here, said["Arn"], session)


@contextmanager
def aws(where: str) -> Iterator[None]:
    """Say what AWS refused in words a person can act on. Raises `Absent` for what is not there, else `CannotDeploy`."""
    try:
        yield
    except (NoCredentialsError, PartialCredentialsError, ProfileNotFound) as error:
        raise CannotDeploy(f"there are no credentials for AWS: {error}", remedy=_SIGN_IN) from None
    except ClientError as error:
        raise _as_said(error, where) from None
    except BotoCoreError as error:
        raise CannotDeploy(
            f"AWS cannot be asked: {error}", where=where, remedy=f"Check the network. {_SIGN_IN}"
        ) from None


def _as_said(error: ClientError, where: str) -> CannotDeploy:
    code = error.response.get("Error", {}).get("Code", "")
    if code in ("404", "NoSuchKey", "NoSuchBucket", "NotFoundException", "NotFound"):
        return Absent(f"there is no such thing ({code})", where=where)
    if code in _NOT_FOR_LONG:
        return CannotDeploy(f"the credentials for AWS are not valid any more, or not at all ({code})", remedy=_SIGN_IN)
    if code in ("403", "AccessDenied", "AccessDeniedException"):
        return CannotDeploy(
            f"these credentials may not use it ({code}), or it belongs to another account",
            where=where,
            remedy="Sign in as a deployer (the policies that `terraform output deploy_policies` names).",
        )
    return CannotDeploy(f"AWS refused: {error}", where=where, remedy="AWS's own words say why.")
