"""The Glue job of one of the probes' datasets, as it is deployed.

The probes read the buckets, database and release from the job's own arguments, not from Terraform or its state.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlparse

from headgate.verify.lake_names import LakeNames


@dataclass(frozen=True)
class S3Location:
    """A bucket and a prefix."""

    bucket: str
    prefix: str

    def key(self, path: str) -> str:
        """Return the key of a path below this location."""
        return f"{self.prefix}/{path}" if self.prefix else path

    def uri(self, path: str) -> str:
        """Return the `s3://` address of a path below this location."""
        return f"s3://{self.bucket}/{self.key(path)}"


def s3_location(address: str) -> S3Location:
    """Parse `s3://bucket/prefix`."""
    parts = urlparse(address)
    return S3Location(parts.netloc, parts.path.strip("/"))


@dataclass(frozen=True)
class ProbeJob:
    """The deployed job: its arguments, its size and the names of the lake's resources."""

    names: LakeNames
    arguments: Mapping[str, str]
    worker: str
    workers: int
    flex: bool
    timeout_min: int
    role: str = ""  # the ARN of its role

    @property
    def dataset(self) -> str:
        """The dataset that the job refines or builds."""
        return self.names.dataset

    @property
    def staging(self) -> S3Location:
        """The location of raw files."""
        return s3_location(self.arguments["--source"])

    @property
    def lake_root(self) -> S3Location:
        """The location of tables, ledger and quarantine."""
        return s3_location(self.arguments["--lake"])

    @property
    def reports(self) -> S3Location:
        """The location of run records."""
        return s3_location(self.arguments["--reports"])

    @property
    def release(self) -> S3Location:
        """The location of the release that the job runs."""
        return s3_location(self.arguments["--project"])

    @property
    def database(self) -> str:
        """The database of the published tables."""
        return self.arguments["--database"]

    @property
    def table(self) -> str:
        """The table of the dataset."""
        return f"{self.arguments['--prefix']}{self.dataset}"

    @property
    def log_groups(self) -> tuple[str, str]:
        """The log groups of the jobs."""
        prefix = self.arguments["--custom-logGroup-prefix"]
        return f"{prefix}/output", f"{prefix}/error"
