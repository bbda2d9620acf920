"""Build the run record: everything a run knows, in JSON's own types, validated against its model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from headgate.checks.check import CheckResult
from headgate.checks.suite import plain
from headgate.contract.model import Contract
from headgate.lake.paths import gx_file, quarantine_of_run, report_file
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
    RunStatus,
)

_RANK: tuple[RunStatus, ...] = ("unchanged", "planned", "published", "closed", "failed", "stopped")


def record(
    run: RunFacts, outcomes: Sequence[Outcome], contracts: Mapping[str, Contract] | None = None
) -> dict[str, Any]:
    """The content of `runs/<run id>/run.json`: a `RunRecord` in JSON's own types, equal for equal input."""
    given = contracts or {}
    whole = RunRecord(
        format=FORMAT,
        run_id=run.run,
        status=run_status(run, outcomes),
        started=_utc(run.started),
        finished=_utc(run.finished),
        seconds=round((run.finished - run.started).total_seconds(), 3),
        host=run.host,
        command=run.command,
        options=_options(run),
        versions=dict(run.versions),
        error=_problem(run.error),
        datasets={outcome.dataset: _dataset(run, outcome, given.get(outcome.dataset)) for outcome in outcomes},
    )
    return whole.model_dump(mode="json")


def run_status(run: RunFacts, outcomes: Sequence[Outcome]) -> RunStatus:
    """The status of the dataset that ended worst; a skipped dataset counts as an unchanged one."""
    if run.error is not None:
        return "failed"
    ranks = [_RANK.index(outcome.status) for outcome in outcomes if outcome.status != "skipped"]
    return _RANK[max(ranks, default=0)]


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
        skipped_by=dict(o.skipped_by),
        vanished=o.vanished,
        files_refused=o.files_refused,
        equations=equations(o),
        checks=[_check(result, o) for result in o.checks],
        objects=_objects(o.objects),
        drift=plain(o.drift),
        seconds={step: round(spent, 3) for step, spent in o.seconds.items()},
        estimate=run.estimates.get(o.dataset),
        key_versions=dict(o.key_versions),
        ledger=o.ledger,
        version=o.version,
        error=_problem(o.error),
        notes=[str(note) for note in o.notes],
        contract=_contract(contract) if contract else None,
        gx_result=gx_file(run.run, o.dataset) if o.checks else None,
        quarantine=quarantine_of_run(o.dataset, run.run) if o.quarantined else None,
        report=report_file(run.run),
    )


def _check(result: CheckResult, o: Outcome) -> CheckRecord:
    check = result.check
    return CheckRecord(
        id=check.id,
        expectation=check.expect,
        kwargs=plain(check.kwargs),
        otherwise=check.otherwise,
        scope=check.scope,
        at_most=check.at_most,
        mostly=check.mostly,
        reason=check.reason,
        success=result.success,
        effect=_effect(result, o),
        element_count=plain(result.element_count),
        missing_count=plain(result.missing_count),
        unexpected_count=plain(result.unexpected_count),
        unexpected_percent=_percent(result),
        observed_value=plain(result.observed_value),
        samples=plain(list(result.samples)),
    )


def _effect(result: CheckResult, o: Outcome) -> Effect:
    """What a check did, by the rules of the gate: more failing rows than its `at_most` allows close it.

    Rows of files that are refused whole do not count for its bound: a run that published has passed it.
    """
    check, failing = result.check, result.unexpected_count or 0
    if check.otherwise == "stop":
        return "passed" if result.success else "closed"
    passed = o.status == "published" and o.objects.get("refused")
    bounded = check.at_most is not None and o.read and not passed
    if bounded and failing / (o.read or 1) > (check.at_most or 0):
        return "closed"
    if check.otherwise == "quarantine":
        return "quarantined" if failing or not result.success else "passed"
    return "passed" if result.success else "warned"


def _percent(result: CheckResult) -> float | None:
    """Failed rows per hundred judged rows, as Great Expectations counts them."""
    if result.details.get("unexpected_percent") is not None:
        return float(result.details["unexpected_percent"])
    if result.unexpected_count is None or result.element_count is None:
        return None
    judged = result.element_count - (result.missing_count or 0)
    return result.unexpected_count / judged * 100 if judged else None


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
