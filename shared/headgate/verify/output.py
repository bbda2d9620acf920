"""Print the results of the probes: a table for people, one JSON document for programs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table

from headgate.verify.estimate import Estimate
from headgate.verify.probed_lake import ProbedLake
from headgate.verify.runner import VerifyResult

STAYS = (
    "By design these stay: the log events of the runs and former versions of removed objects, each until its "
    "retention ends; the history of the job, the pipeline and the workgroup."
)
_COLOUR = {"passed": "green", "failed": "red", "skipped": "yellow"}


def print_result(console: Console, result: VerifyResult, lake: ProbedLake, usd: float) -> None:
    """Print the table, what could not be removed, and what it cost."""
    table = Table(show_lines=True)
    for name in ("probe", "status", "sent", "seen", "seconds"):
        table.add_column(name, justify="right" if name == "seconds" else "left", overflow="fold")
    for probe in result.probes:
        status = f"[{_COLOUR[probe.status]}]{probe.status}[/]"
        table.add_row(probe.probe, status, _plain(probe.sent), _plain(probe.seen), f"{probe.seconds:.0f}")
    console.print(table)
    for note in lake.created.notes:
        console.print(note, markup=False, highlight=False)
    for line in result.not_removed:
        console.print(f"not removed: {line}", markup=False, highlight=False, soft_wrap=True)
    console.print(STAYS, markup=False, highlight=False)
    console.print(f"It cost about {usd:.2f} USD.", markup=False, highlight=False)


def as_document(result: VerifyResult, lake: ProbedLake, cost: Estimate, usd: float) -> Mapping[str, Any]:
    """Return the same as one JSON document."""
    names = lake.job.names
    return {
        "lake": names.lake,
        "account": names.account,
        "region": names.region,
        "begun": lake.created.started.isoformat(timespec="seconds"),
        "interrupted": result.interrupted,
        "probes": [vars(probe) for probe in result.probes],
        "not_removed": result.not_removed,
        "notes": lake.created.notes,
        "usd": {"expected": round(cost.expected, 4), "at_most": round(cost.at_most, 4), "spent": round(usd, 4)},
    }


def _plain(text: str) -> str:
    return text.replace("[", r"\[")
