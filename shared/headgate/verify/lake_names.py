"""The names of the lake's AWS resources, as terraform/names.tf and the modules form them from the lake's name."""

from __future__ import annotations

from dataclasses import dataclass, replace

from headgate.verify.probe_dataset import DATASET, MART


@dataclass(frozen=True)
class LakeNames:
    """The lake that is probed, and the names of its resources for one of the probes' datasets."""

    lake: str
    account: str
    region: str
    partition: str = "aws"
    dataset: str = DATASET

    def of(self, dataset: str) -> LakeNames:
        """Return the names for another of the probes' datasets."""
        return replace(self, dataset=dataset)

    @property
    def job(self) -> str:
        """The Glue job of the dataset."""
        return f"{self.lake}-{'build_mart' if self.dataset == MART else 'refine'}-{self.dataset}"

    @property
    def state_machine(self) -> str:
        """The ARN of its state machine; a mart is built by the machine of its source."""
        return f"arn:{self.partition}:states:{self.region}:{self.account}:stateMachine:{self.lake}-{self.dataset}"

    @property
    def queue(self) -> str:
        """The queue of its arrivals."""
        return f"{self.lake}-arrivals-{self.dataset}"

    @property
    def workgroup(self) -> str:
        """The Athena workgroup of engineers, which has a place for results."""
        return f"{self.lake}-engineers"

    @property
    def key_alias(self) -> str:
        """The alias of the lake's KMS key."""
        return f"alias/{self.lake}"
