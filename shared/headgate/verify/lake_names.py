"""The names of the lake's AWS resources, as terraform/names.tf and the modules form them from the lake's name."""

from __future__ import annotations

from dataclasses import dataclass

from headgate.verify.probe_dataset import DATASET


@dataclass(frozen=True)
class LakeNames:
    """The lake that is probed, and the names of its resources for the probes' dataset."""

    lake: str
    account: str
    region: str
    partition: str = "aws"

    @property
    def job(self) -> str:
        """The Glue job of the probes' dataset."""
        return f"{self.lake}-refine-{DATASET}"

    @property
    def state_machine(self) -> str:
        """The ARN of its state machine."""
        return f"arn:{self.partition}:states:{self.region}:{self.account}:stateMachine:{self.lake}-{DATASET}"

    @property
    def queue(self) -> str:
        """The queue of its arrivals."""
        return f"{self.lake}-arrivals-{DATASET}"

    @property
    def workgroup(self) -> str:
        """The Athena workgroup of engineers, which has a place for results."""
        return f"{self.lake}-engineers"

    @property
    def key_alias(self) -> str:
        """The alias of the lake's KMS key."""
        return f"alias/{self.lake}"
