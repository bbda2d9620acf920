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
    def analysts(self) -> str:
        """The Athena workgroup of analysts."""
        return self.lake

    @property
    def crawler(self) -> str:
        """The weekly crawler of raw files."""
        return f"{self.lake}-staging-weekly"

    @property
    def events_crawler(self) -> str:
        """The crawler of flattened documents."""
        return f"{self.lake}-events"

    @property
    def landed(self) -> str:
        """The queue of flattened documents that wait for a crawl."""
        return f"{self.lake}-landed"

    @property
    def alarm(self) -> str:
        """An alarm that every lake has."""
        return f"{self.lake}-refine-gate-closed"

    @property
    def alerts(self) -> str:
        """The name of the topic of alarms."""
        return f"{self.lake}-alerts"

    @property
    def alerts_arn(self) -> str:
        """The ARN of the topic of alarms."""
        return f"arn:{self.partition}:sns:{self.region}:{self.account}:{self.alerts}"

    @property
    def key_alias(self) -> str:
        """The alias of the lake's KMS key."""
        return f"alias/{self.lake}"
