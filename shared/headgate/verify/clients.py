"""The AWS clients of the probes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class AwsClients:
    """One client per AWS service that the probes use."""

    athena: Any
    glue: Any
    iam: Any
    kms: Any
    logs: Any
    s3: Any
    sqs: Any
    states: Any


def clients(session: Any, region: str) -> AwsClients:
    """Create the clients from a session."""
    services = {"states": "stepfunctions"}
    names = ("athena", "glue", "iam", "kms", "logs", "s3", "sqs", "states")
    return AwsClients(**{name: session.client(services.get(name, name), region_name=region) for name in names})
