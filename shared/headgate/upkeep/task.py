"""What the job `maintain` is asked to do: maintain, or put a publication back, hold a dataset, let it go on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from pyspark.sql import SparkSession

from headgate.contract.model import Contract
from headgate.errors import UnusableArgument
from headgate.lake.paths import Lake
from headgate.upkeep.maintain import maintain
from headgate.upkeep.rollback import put_on_hold, resume, roll_back

TASKS = ("maintain", "rollback", "hold", "resume")


@dataclass(frozen=True)
class Task:
    """A task with its words as a job receives them; `named` says that datasets were named."""

    name: str
    to: str
    keep_days: str
    named: bool

    def require_usable(self) -> None:
        """Refuse what cannot be carried out. Raises `UnusableArgument`."""
        if self.name not in TASKS:
            raise UnusableArgument(f"`--task {self.name}` is not known", remedy=f"Known are {', '.join(TASKS)}.")
        if self.name != "maintain" and not self.named:
            raise UnusableArgument(f"`--task {self.name}` names no dataset", remedy="Add `--dataset NAME`.")
        if self.to and self.name != "rollback":
            raise UnusableArgument("`--to` goes with `--task rollback` only", remedy="Leave it out.")
        days(self.keep_days)

    def carry_out(
        self, spark: SparkSession, lake: Lake, contracts: Sequence[Contract], log: Callable[..., None]
    ) -> dict[str, Any]:
        """Do it, for each contract, and say what was done. Raises the first error of a maintenance that failed."""
        if self.name == "maintain":
            kept = maintain(spark, lake, contracts, days(self.keep_days), log)
            for one in kept:
                if one.error is not None:
                    raise one.error
            return {one.dataset: {"status": one.status, **one.care.counts()} for one in kept}
        return {contract.dataset: self._one(spark, lake, contract) for contract in contracts}

    def _one(self, spark: SparkSession, lake: Lake, contract: Contract) -> dict[str, Any]:
        if self.name == "rollback":
            return {"published": roll_back(spark, lake, contract, self.to).run, "held": True}
        if self.name == "hold":
            put_on_hold(spark, lake, contract)
            return {"held": True}
        return {"held": False, "was": resume(spark, lake, contract)}


def days(text: str) -> int:
    """A number of days, one at least. Raises `UnusableArgument`."""
    if not text.isdecimal() or int(text) < 1:
        raise UnusableArgument(f"`--keep_days {text}` is no number of days", remedy="Write 1 or more.")
    return int(text)
