"""Everything that the probes have put or started, so that it can be taken away again."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass
class Traces:
    """What is on the account because of us. Noted before it is made, so that an interruption forgets nothing."""

    begun: datetime
    objects: set[tuple[str, str]] = field(default_factory=set)  # bucket and key, still there
    put: set[str] = field(default_factory=set)  # keys in staging whose hint may wait in the queue
    runs: dict[str, Any] = field(default_factory=dict)  # what Glue says of the job's runs that ended, by id
    queries: list[str] = field(default_factory=list)  # of Athena, by id
    notes: list[str] = field(default_factory=list)
