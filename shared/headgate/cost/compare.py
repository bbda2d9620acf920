"""Before and after: the same runs under two versions of the contracts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from headgate.contract.model import Contract
from headgate.cost.bill import size
from headgate.cost.estimate import Estimate
from headgate.cost.work import Work
from headgate.project import Project


@dataclass(frozen=True)
class Change:
    """A dataset whose cost may differ: `what` differs, in words; None where it did not exist, or no longer exists."""

    dataset: str
    before: Estimate | None
    after: Estimate | None
    what: tuple[str, ...]

    @property
    def month(self) -> float:
        """By how much a month costs more (or, below 0, less)."""
        return (self.after.month if self.after else 0.0) - (self.before.month if self.before else 0.0)


def changes(before: Sequence[Estimate], after: Sequence[Estimate]) -> list[Change]:
    """Every dataset that is new, gone, or has another job, schedule, number of runs, or partitioning."""
    was, now = {each.dataset: each for each in before}, {each.dataset: each for each in after}
    compared = [_change(name, was.get(name), now.get(name)) for name in {**now, **was}]
    return [change for change in compared if change.what]


def _change(name: str, before: Estimate | None, after: Estimate | None) -> Change:
    if before is None or after is None:
        return Change(name, before, after, ("new" if before is None else "gone",))
    return Change(name, before, after, tuple(_differences(before, after)))


def _differences(before: Estimate, after: Estimate) -> Iterator[str]:
    old, new = before.contract, after.contract
    if size(old.job) != size(new.job):
        yield f"job: {size(old.job)} → {size(new.job)}"
    if old.schedule.refine != new.schedule.refine:
        yield f"schedule: {old.schedule.refine} → {new.schedule.refine}"
    elif before.runs != after.runs:
        yield f"runs a month: {before.runs:g} → {after.runs:g}, by what it reads"
    if old.partition_by != new.partition_by:
        yield f"partition_by: {_listed(old)} → {_listed(new)}"


def _listed(contract: Contract) -> str:
    return f"[{', '.join(contract.partition_by)}]"


def as_last_run(project: Project, work: Mapping[str, Work]) -> Project:
    """The project with the sizes of jobs that the newest run of each dataset recorded."""
    recorded = {name: next((run.job for run in known.runs if run.job), None) for name, known in work.items()}
    contracts = {name: _with_job(contract, recorded.get(name)) for name, contract in project.contracts.items()}
    return replace(project, contracts=contracts)


def _with_job(contract: Contract, job: object) -> Contract:
    return contract.model_copy(update={"job": job}) if job else contract
