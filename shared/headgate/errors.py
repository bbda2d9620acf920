"""Errors a person can act on: what is wrong, where, and what to do next.

Every error of Headgate is one of four kinds, and each kind has its exit code. `NothingArrived` is none of them:
a run takes it for a dataset that is skipped.

* `UnusableContract`, `UnusableArgument` (2): nothing was started.
* `GateClosed` (1): the data did not pass; the published table is unchanged. Never retried.
* `RunFailed` (1): the machinery did not work (disk, lake, Spark); the published table is unchanged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self


class HeadgateError(Exception):
    """What is wrong, where, and what to do next; the facts stay readable as attributes."""

    exit_code = 1
    prefix = ""

    def __init__(self, what: str, *, where: str = "", remedy: str = "") -> None:
        self.what = what
        self.where = where
        self.remedy = remedy
        super().__init__(str(self))

    def with_kind(self) -> Self:
        """The same error, whose text begins with its kind, for a service that passes on the text alone."""
        self.prefix = f"{type(self).__name__}: "
        self.args = (str(self),)
        return self

    def __str__(self) -> str:
        head = f"{self.where}: {self.what}" if self.where else self.what
        return self.prefix + (f"{head}\n{self.remedy}" if self.remedy else head)


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with a contract: the file, the key, the value found, and the remedy."""

    file: str
    key: str
    problem: str
    remedy: str = ""

    def __str__(self) -> str:
        head = f"{self.file}: {self.key}: {self.problem}" if self.key else f"{self.file}: {self.problem}"
        return f"{head}\n  {self.remedy}" if self.remedy else head


class UnusableContract(HeadgateError):
    """One or more contracts cannot be used; `faults` lists every fault of every contract."""

    exit_code = 2

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


class UnusableArgument(HeadgateError):
    """A command or a job was called with something it cannot use."""

    exit_code = 2


class GateClosed(HeadgateError):
    """The data did not pass: nothing was published, readers keep the previous data."""

    prefix = "GateClosed: "


class RunFailed(HeadgateError):
    """The run could not be carried out; nothing was published, readers keep the previous data."""


class NothingArrived(HeadgateError):
    """A dataset whose documents arrive as events has none yet: it is skipped, and nothing is wrong."""
