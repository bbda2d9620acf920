"""Everything that the probes have created or started on the account, so that the cleanup can remove it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass
class Created:
    """What exists on the account because of the probes.

    It is recorded before it is created, so that nothing is forgotten after an interruption.
    """

    started: datetime
    objects: set[tuple[str, str]] = field(default_factory=set)  # bucket and key of objects that still exist
    staged_keys: dict[str, str] = field(default_factory=dict)  # keys whose hint may wait in a queue: of which dataset
    landed_keys: set[str] = field(default_factory=set)  # keys of flattened documents that may wait for a crawl
    runs: dict[str, Any] = field(default_factory=dict)  # Glue's description of each ended run of a job, by id
    queries: list[str] = field(default_factory=list)  # ids of Athena queries
    crawler: str = ""  # the crawler that the probes have started
    alarms: dict[str, str] = field(default_factory=dict)  # alarms that the probes have set off: the state before
    crawls: int = 0  # crawls that began because of the probes
    notes: list[str] = field(default_factory=list)  # lines for the output
