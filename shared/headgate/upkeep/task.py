"""The task of the job `maintain`: maintain tables, roll one back, put it on hold, resume it, acknowledge its files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from pyspark.sql import SparkSession

from headgate.contract.model import Contract
from headgate.errors import UnusableArgument
from headgate.lake.paths import Lake
from headgate.upkeep.acknowledge import acknowledge_waiting
from headgate.upkeep.maintain import maintain
from headgate.upkeep.rollback import put_on_hold, resume, roll_back

TASKS = ("maintain", "rollback", "hold", "resume", "acknowledge")


@dataclass(frozen=True)
class Task:
    """A task with its arguments as a job receives them; `named` is true when the job was given datasets.

    `path` is the file to acknowledge; all that wait, when it is empty.
    """

    name: str
    to: str
    keep_days: str
    named: bool
    path: str = ""

    def require_usable(self) -> None:
        """Refuse what cannot be carried out. Raises `UnusableArgument`."""
        if self.name not in TASKS:
            raise UnusableArgument(f"`--task {self.name}` is not known", remedy=f"Known are {', '.join(TASKS)}.")
        if self.name != "maintain" and not self.named:
            raise UnusableArgument(f"`--task {self.name}` needs a dataset", remedy="Add `--dataset NAME`.")
        if self.to and self.name != "rollback":
            raise UnusableArgument("`--to` goes with `--task rollback` only", remedy="Leave it out.")
        if self.path and self.name != "acknowledge":
            raise UnusableArgument("`--path` goes with `--task acknowledge` only", remedy="Leave it out.")
        days(self.keep_days)

    def carry_out(
        self, spark: SparkSession, lake: Lake, contracts: Sequence[Contract], log: Callable[..., None]
    ) -> dict[str, Any]:
        """Carry the task out for each contract and return what was done. Raises the first error of a maintenance."""
        if self.name != "maintain":
            return {contract.dataset: self._carry_out_one(spark, lake, contract) for contract in contracts}
        results = maintain(spark, lake, contracts, days(self.keep_days), log)
        for result in results:
            if result.error is not None:
                raise result.error
        return {result.dataset: result.as_dict() for result in results}

    def _carry_out_one(self, spark: SparkSession, lake: Lake, contract: Contract) -> dict[str, Any]:
        if self.name == "rollback":
            return {"published": roll_back(spark, lake, contract, self.to).run, "held": True}
        if self.name == "hold":
            put_on_hold(spark, lake, contract)
            return {"held": True}
        if self.name == "acknowledge":
            seen = acknowledge_waiting(spark, lake, contract, [self.path] if self.path else [])
            return {"acknowledged": {entry.path: entry.waits for entry in seen}}
        return {"held": False, "was": resume(spark, lake, contract)}


def days(text: str) -> int:
    """A number of days, one at least. Raises `UnusableArgument`."""
    if not text.isdecimal() or int(text) < 1:
        what = f"`--keep_days {text}` must be a whole number, at least 1"
        raise UnusableArgument(what, remedy="Write the number of days, such as `--keep_days 7`.")
    return int(text)
