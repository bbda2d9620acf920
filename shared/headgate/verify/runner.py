"""Run the probes in order, and clean up in every case."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from headgate.errors import UnusableArgument
from headgate.verify.cleanup import clean_up, clear_leftovers
from headgate.verify.probe import Probe, ProbeFailed, ProbeSkipped, aws_errors_as_failures
from headgate.verify.probed_lake import ProbedLake
from headgate.verify.probes import PROBES

Status = Literal["passed", "failed", "skipped"]


@dataclass(frozen=True)
class ProbeResult:
    """The result of one probe."""

    probe: str
    status: Status
    sent: str
    seen: str
    seconds: float


@dataclass
class VerifyResult:
    """The results of all probes, and what could not be removed."""

    probes: list[ProbeResult] = field(default_factory=list)
    not_removed: list[str] = field(default_factory=list)
    interrupted: bool = False

    @property
    def exit_code(self) -> int:
        """0 when every probe passed and everything was removed, else 1."""
        return 0 if not self.not_removed and all(probe.status == "passed" for probe in self.probes) else 1


def chosen(names: Sequence[str]) -> list[Probe]:
    """Return the probes of these names in the order in which they run; without names all of them."""
    wanted = [word.strip() for name in names for word in name.split(",") if word.strip()]
    unknown = [name for name in wanted if name not in PROBES]
    if unknown:
        raise UnusableArgument(f"there is no probe `{unknown[0]}`", remedy=f"Choose from: {', '.join(PROBES)}.")
    return [probe for name, probe in PROBES.items() if not wanted or name in wanted]


def verify(
    lake: ProbedLake, probes: Sequence[Probe], report: Callable[[str], None] = lambda line: None
) -> VerifyResult:
    """Run the probes and clean up: after the last one, after an error, and after Ctrl-C."""
    result = VerifyResult()
    try:
        result.not_removed = clear_leftovers(lake)
        if result.not_removed:
            reason = "leftovers of an earlier `make verify` could not be removed"
            result.probes = [_not_started(probe, reason) for probe in probes]
            return result
        for probe in probes:
            report(f"{probe.name}: {probe.sent}")
            result.probes.append(_run(lake, probe))
    except KeyboardInterrupt:
        result.interrupted = True
        done = {finished.probe for finished in result.probes}
        result.probes += [_not_started(probe, "interrupted") for probe in probes if probe.name not in done]
    finally:
        report("cleaning up")
        result.not_removed = list(dict.fromkeys([*result.not_removed, *clean_up(lake)]))
    return result


def _run(lake: ProbedLake, probe: Probe) -> ProbeResult:
    if probe.dataset in lake.missing:
        return _not_started(probe, lake.missing[probe.dataset])
    started = lake.clock.now()
    status: Status
    try:
        with aws_errors_as_failures():
            status, seen = "passed", probe.look(lake)
    except ProbeFailed as failure:
        status, seen = "failed", str(failure)
    except ProbeSkipped as skip:
        status, seen = "skipped", str(skip)
    except Exception as error:  # AWS may answer in another shape than its models describe; the other probes still run
        status, seen = "failed", f"unexpected answer from AWS: {type(error).__name__} {error}"
    return ProbeResult(probe.name, status, probe.sent, seen, (lake.clock.now() - started).total_seconds())


def _not_started(probe: Probe, reason: str) -> ProbeResult:
    return ProbeResult(probe.name, "skipped", probe.sent, reason, 0.0)
