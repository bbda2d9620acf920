"""The run record: everything a run knows, in JSON's own types, held against its schema."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from headgate.checks.check import CheckResult
from headgate.checks.suite import plain
from headgate.columns import RUN
from headgate.contract.model import Contract
from headgate.outcome import Outcome
from headgate.report.equations import equations
from headgate.report.facts import RunFacts
from headgate.report.record_model import (
    FORMAT,
    CheckRecord,
    ContractRecord,
    DatasetRecord,
    Effect,
    Objects,
    Options,
    Problem,
    RunRecord,
    RunVerdict,
)

_RANK: tuple[RunVerdict, ...] = ("unchanged", "planned", "published", "closed", "failed")


def record(
    run: RunFacts, outcomes: Sequence[Outcome], contracts: Mapping[str, Contract] | None = None
) -> dict[str, Any]:
    """The content of `runs/<run id>/run.json`: a `RunRecord` in JSON's own types, equal for equal input."""
    given = contracts or {}
    whole = RunRecord(
        format=FORMAT,
        run_id=run.run,
        verdict=verdict(run, outcomes),
        started=_utc(run.started),
        finished=_utc(run.finished),
        seconds=round((run.finished - run.started).total_seconds(), 3),
        host=run.host,
        command=run.command,
        options=_options(run),
        versions=dict(run.versions),
        error=_problem(run.error),
        datasets={one.dataset: _dataset(run, one, given.get(one.dataset)) for one in outcomes},
    )
    return whole.model_dump(mode="json")


def verdict(run: RunFacts, outcomes: Sequence[Outcome]) -> RunVerdict:
    """The worst that happened; a skipped dataset is no worse than an unchanged one."""
    if run.error is not None:
        return "failed"
    ranks = [_RANK.index(one.status) for one in outcomes if one.status != "skipped"]
    return _RANK[max(ranks, default=0)]


def report_path(run: str) -> str:
    """The page of a run, below the place of the run records."""
    return f"runs/{run}/report.html"


def gx_path(run: str, dataset: str) -> str:
    """Great Expectations' result document of one dataset."""
    return f"runs/{run}/{dataset}.gx.json"


def _options(run: RunFacts) -> Options:
    return Options(
        datasets=list(run.named),
        full=run.full,
        dry_run=run.dry,
        contracts=run.contracts,
        source=run.source,
        lake=run.lake,
    )


def _dataset(run: RunFacts, o: Outcome, contract: Contract | None) -> DatasetRecord:
    return DatasetRecord(
        kind=o.kind,
        status=o.status,
        reason=o.reason,
        **o.counts(),  # type: ignore[arg-type]
        vanished=o.vanished,
        files_refused=o.files_refused,
        equations=equations(o),
        checks=[_check(one, o) for one in o.checks],
        objects=_objects(o.objects),
        drift=plain(o.drift),
        seconds={step: round(spent, 3) for step, spent in o.seconds.items()},
        ledger=o.ledger,
        version=o.version,
        error=_problem(o.error),
        notes=[str(note) for note in o.notes],
        contract=_contract(contract) if contract else None,
        gx_result=gx_path(run.run, o.dataset) if o.checks else None,
        quarantine=f"quarantine/{o.dataset}/{RUN}={run.run}" if o.quarantined else None,
        report=report_path(run.run),
    )


def _check(one: CheckResult, o: Outcome) -> CheckRecord:
    check = one.check
    return CheckRecord(
        id=check.id,
        expectation=check.expect,
        kwargs=plain(check.kwargs),
        otherwise=check.otherwise,
        scope=check.scope,
        at_most=check.at_most,
        mostly=check.mostly,
        reason=check.reason,
        success=one.success,
        effect=_effect(one, o.read),
        element_count=plain(one.element_count),
        missing_count=plain(one.missing_count),
        unexpected_count=plain(one.unexpected_count),
        unexpected_percent=_percent(one),
        observed_value=plain(one.observed_value),
        samples=plain(list(one.samples)),
    )


def _effect(one: CheckResult, read: int | None) -> Effect:
    """What a check did, by the rules of the gate: beyond its `at_most` of the rows read it closes."""
    failing = one.unexpected_count or 0
    if one.check.otherwise == "stop":
        return "held" if one.success else "closed"
    if one.check.at_most is not None and read and failing / read > one.check.at_most:
        return "closed"
    if one.check.otherwise == "quarantine":
        return "quarantined" if failing or not one.success else "held"
    return "held" if one.success else "warned"


def _percent(one: CheckResult) -> float | None:
    """Of the rows that were judged, as Great Expectations says it."""
    if one.details.get("unexpected_percent") is not None:
        return float(one.details["unexpected_percent"])
    if one.unexpected_count is None or one.element_count is None:
        return None
    judged = one.element_count - (one.missing_count or 0)
    return one.unexpected_count / judged * 100 if judged else None


def _objects(noted: Mapping[str, Any]) -> Objects:
    known = {name: plain(value) for name, value in noted.items() if name in Objects.model_fields and name != "further"}
    further = {name: plain(value) for name, value in noted.items() if name not in known}
    return Objects(**known, further=further)


def _contract(contract: Contract) -> ContractRecord:
    return ContractRecord(
        file=contract.file,
        hash=contract.hash,
        owner=contract.owner,
        description=contract.description,
        mode=contract.mode,
        at_most=contract.at_most,
    )


def _problem(error: Mapping[str, str] | None) -> Problem | None:
    if error is None:
        return None
    return Problem(**{name: str(error.get(name, "")) for name in Problem.model_fields})


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)
