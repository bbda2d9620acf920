"""What the probes meet on the account: its clients, and every name.

Names follow terraform/names.tf and the modules, from the environment's `name`; whatever the job of the probes knows
(buckets, database, release), its own arguments say. Neither Terraform nor its state is asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlparse

from headgate.verify.probe_dataset import DATASET


@dataclass(frozen=True)
class Aws:
    """A client for each service that the probes ask."""

    athena: Any
    glue: Any
    kms: Any
    logs: Any
    s3: Any
    sqs: Any
    states: Any


def clients(session: Any, region: str) -> Aws:
    """The clients of a session."""
    services = {"states": "stepfunctions"}
    names = ("athena", "glue", "kms", "logs", "s3", "sqs", "states")
    return Aws(**{name: session.client(services.get(name, name), region_name=region) for name in names})


@dataclass(frozen=True)
class Site:
    """The lake whose account is probed."""

    lake: str
    account: str
    region: str
    partition: str = "aws"

    @property
    def job(self) -> str:
        """The Glue job of the probes' dataset."""
        return f"{self.lake}-refine-{DATASET}"

    @property
    def machine(self) -> str:
        """The ARN of its state machine."""
        return f"arn:{self.partition}:states:{self.region}:{self.account}:stateMachine:{self.lake}-{DATASET}"

    @property
    def queue(self) -> str:
        """The queue of its arrivals."""
        return f"{self.lake}-arrivals-{DATASET}"

    @property
    def workgroup(self) -> str:
        """The Athena workgroup."""
        return self.lake

    @property
    def key(self) -> str:
        """The alias of the lake's key."""
        return f"alias/{self.lake}"


@dataclass(frozen=True)
class Place:
    """A bucket and what its keys begin with."""

    bucket: str
    prefix: str

    def key(self, path: str) -> str:
        """The key of a path below this place."""
        return f"{self.prefix}/{path}" if self.prefix else path

    def uri(self, path: str) -> str:
        """The address of a path below this place."""
        return f"s3://{self.bucket}/{self.key(path)}"


def place(address: str) -> Place:
    """The place behind `s3://bucket/prefix`."""
    parts = urlparse(address)
    return Place(parts.netloc, parts.path.strip("/"))


@dataclass(frozen=True)
class Target:
    """The job of the probes as the account has it."""

    site: Site
    arguments: Mapping[str, str]
    worker: str
    workers: int
    flex: bool
    timeout_min: int

    @property
    def staging(self) -> Place:
        """Where raw files go."""
        return place(self.arguments["--source"])

    @property
    def lake(self) -> Place:
        """Where tables, ledger and quarantine lie."""
        return place(self.arguments["--lake"])

    @property
    def reports(self) -> Place:
        """Where run records go."""
        return place(self.arguments["--reports"])

    @property
    def release(self) -> Place:
        """What the job runs."""
        return place(self.arguments["--project"])

    @property
    def database(self) -> str:
        """The database of the published tables."""
        return self.arguments["--database"]

    @property
    def table(self) -> str:
        """The table of the probes' dataset."""
        return f"{self.arguments['--prefix']}{DATASET}"

    @property
    def log_groups(self) -> tuple[str, str]:
        """The groups that the jobs log into."""
        prefix = self.arguments["--custom-logGroup-prefix"]
        return f"{prefix}/output", f"{prefix}/error"
