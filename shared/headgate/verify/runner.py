"""Running the probes in order, each to its end, and cleaning up whatever happens."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from headgate.errors import UnusableArgument
from headgate.verify.cleanup import clean_up, clear_before
from headgate.verify.probe import NotShown, Probe, Skipped, as_not_shown
from headgate.verify.probed_lake import Scene
from headgate.verify.probes import PROBES

Verdict = Literal["passed", "failed", "skipped"]


@dataclass(frozen=True)
class Result:
    """What became of one probe."""

    probe: str
    verdict: Verdict
    sent: str
    seen: str
    seconds: float


@dataclass
class Outcome:
    """What became of all of them, and what could not be removed."""

    results: list[Result] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    interrupted: bool = False

    @property
    def exit_code(self) -> int:
        """0 when every probe passed and nothing is left behind, else 1."""
        return 0 if not self.left and all(one.verdict == "passed" for one in self.results) else 1


def chosen(names: Sequence[str]) -> list[Probe]:
    """The probes of these names, in their order; all, when none is named."""
    wanted = [word.strip() for name in names for word in name.split(",") if word.strip()]
    unknown = [name for name in wanted if name not in PROBES]
    if unknown:
        raise UnusableArgument(f"there is no probe `{unknown[0]}`", remedy=f"There are {', '.join(PROBES)}.")
    return [one for name, one in PROBES.items() if not wanted or name in wanted]


def verify(scene: Scene, probes: Sequence[Probe], tell: Callable[[str], None] = lambda line: None) -> Outcome:
    """Run the probes and take everything away again: after the last one, after a failure, and after Ctrl-C."""
    outcome = Outcome()
    try:
        outcome.left = clear_before(scene)
        if outcome.left:
            outcome.results = [_unstarted(one, "what an earlier one has left cannot be removed") for one in probes]
            return outcome
        for one in probes:
            tell(f"{one.name}: {one.sent}")
            outcome.results.append(_one(scene, one))
    except KeyboardInterrupt:
        outcome.interrupted = True
        done = {result.probe for result in outcome.results}
        outcome.results += [_unstarted(one, "interrupted") for one in probes if one.name not in done]
    finally:
        tell("cleaning up")
        outcome.left = list(dict.fromkeys([*outcome.left, *clean_up(scene)]))
    return outcome


def _one(scene: Scene, probe: Probe) -> Result:
    begun = scene.clock.now()
    verdict: Verdict
    try:
        with as_not_shown():
            verdict, seen = "passed", probe.look(scene)
    except NotShown as reason:
        verdict, seen = "failed", str(reason)
    except Skipped as reason:
        verdict, seen = "skipped", str(reason)
    except Exception as error:  # what AWS answers may be of another shape than its models say: the others still run
        verdict, seen = "failed", f"an answer that was not understood: {type(error).__name__} {error}"
    return Result(probe.name, verdict, probe.sent, seen, (scene.clock.now() - begun).total_seconds())


def _unstarted(probe: Probe, why: str) -> Result:
    return Result(probe.name, "skipped", probe.sent, why, 0.0)
