"""The AWS clients of the probes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import boto3


@dataclass(frozen=True)
class AwsClients:
    """One client per AWS service that the probes use."""

    athena: Any
    cloudwatch: Any
    glue: Any
    iam: Any
    kms: Any
    logs: Any
    s3: Any
    sns: Any
    sqs: Any
    states: Any
    sts: Any


def clients(session: Any, region: str) -> AwsClients:
    """Create the clients from a session."""
    names = {name: name for name in AwsClients.__dataclass_fields__} | {"states": "stepfunctions"}
    return AwsClients(**{name: session.client(service, region_name=region) for name, service in names.items()})


def clients_of_role(aws: AwsClients, role: str, session_name: str, region: str) -> AwsClients:
    """Take a role, under a name for the session, and create its clients."""
    keys = aws.sts.assume_role(RoleArn=role, RoleSessionName=session_name)["Credentials"]
    session = boto3.Session(
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
    )
    return clients(session, region)
