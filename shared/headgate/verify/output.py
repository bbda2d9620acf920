"""What the probes came to, for a person and for a program."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table

from headgate.verify.estimate import Estimate
from headgate.verify.probed_lake import Scene
from headgate.verify.runner import Outcome

STAYS = (
    "By design these stay: the events of the runs in the log groups and former versions of removed objects, each until "
    "its retention ends; the history of the job, the pipeline and the workgroup."
)
_COLOUR = {"passed": "green", "failed": "red", "skipped": "yellow"}


def show(console: Console, outcome: Outcome, scene: Scene, usd: float) -> None:
    """Print the table, what is left, and what it cost."""
    table = Table(show_lines=True)
    for name in ("probe", "result", "sent", "seen", "seconds"):
        table.add_column(name, justify="right" if name == "seconds" else "left", overflow="fold")
    for one in outcome.results:
        result = f"[{_COLOUR[one.verdict]}]{one.verdict}[/]"
        table.add_row(one.probe, result, _plain(one.sent), _plain(one.seen), f"{one.seconds:.0f}")
    console.print(table)
    for note in scene.traces.notes:
        console.print(note, markup=False, highlight=False)
    for one in outcome.left:
        console.print(f"not removed: {one}", markup=False, highlight=False, soft_wrap=True)
    console.print(STAYS, markup=False, highlight=False)
    console.print(f"It cost about {usd:.2f} USD.", markup=False, highlight=False)


def document(outcome: Outcome, scene: Scene, cost: Estimate, usd: float) -> Mapping[str, Any]:
    """The same for a program."""
    site = scene.target.site
    return {
        "lake": site.lake,
        "account": site.account,
        "region": site.region,
        "begun": scene.traces.begun.isoformat(timespec="seconds"),
        "interrupted": outcome.interrupted,
        "probes": [vars(one) for one in outcome.results],
        "not_removed": outcome.left,
        "notes": scene.traces.notes,
        "usd": {"expected": round(cost.expected, 4), "at_most": round(cost.at_most, 4), "spent": round(usd, 4)},
    }


def _plain(text: str) -> str:
    return text.replace("[", r"\[")
