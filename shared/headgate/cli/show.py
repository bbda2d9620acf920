"""What the command line prints: tables and lines for people, one JSON document for programs."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.status import Status

from headgate import columns
from headgate.checks.check import CheckResult
from headgate.cli.documents import print_document
from headgate.cli.table import Column, console, one_line, print_table
from headgate.columns import SKIP_WHEN
from headgate.outcome import Outcome
from headgate.request import DEFAULT_FOLDERS, command_line

if TYPE_CHECKING:
    from headgate.cli.quarantine import Count, RefusedRow
    from headgate.run import Result

# How a dataset's status is shown, and in which of Rich's styles.
STATUSES = {
    "published": ("✔ published", "green"),
    "unchanged": ("= unchanged", "dim"),
    "planned": ("… planned", "cyan"),
    "skipped": ("» skipped", "yellow"),
    "closed": ("✖ closed", "red"),
    "failed": ("✖ failed", "red"),
    "stopped": ("■ stopped", "yellow"),
}
_COUNTS = {
    "read": "read",
    "published": "published",
    "superseded": "superseded",
    "conflicting": "conflicting",
    "deleted": "deleted",
    "skipped": "skipped",
    "quarantined": "quarantined",
    "files_refused": "files refused",
    "rows_before": "before",
    "rows_after": "after",
}
_FILES_SHOWN = 5
_ROWS_SHOWN = 50  # refused rows, without --limit
_COUNTS_SHOWN = 20
DEFAULT_LAKE = Path(DEFAULT_FOLDERS["lake"])
_ALWAYS_SHOWN = ("read", "published", "quarantined", "rows_before", "rows_after")


class Progress:
    """Show the current step of a run: as a moving line on a terminal, else as one line per finished dataset."""

    def __init__(self, console: Console, total: int, *, shown: bool) -> None:
        self._console, self._total, self._done = console, total, 0
        self._status: Status | None = console.status("starting Spark…") if shown and console.is_terminal else None
        self._plain = shown and not console.is_terminal

    def __enter__(self) -> Progress:
        if self._status:
            self._status.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._status:
            self._status.stop()

    def __call__(self, step: str, **facts: object) -> None:
        """Show a step; the step `done` counts a dataset as finished."""
        name = facts.get("dataset", "")
        if step == "done":
            self._done += 1
            if self._plain:
                self._console.print(
                    f"[{self._done}/{self._total}] {name}: {facts.get('status')}", markup=False, highlight=False
                )
        if self._status:
            at = min(self._done + 1, self._total)
            self._status.update(f"[{at}/{self._total}] {name}: {step}")


def as_document(result: Result, report: str | None) -> dict[str, Any]:
    """Return a run as one JSON document: `run_id`, `exit_code`, and each dataset's status, counts and checks."""
    return {
        "run_id": result.run,
        "exit_code": result.exit_code,
        "report": report,
        "datasets": {name: _dataset(outcome, report) for name, outcome in result.outcomes.items()},
    }


def _dataset(outcome: Outcome, report: str | None) -> dict[str, Any]:
    return {
        "status": outcome.status,
        **outcome.counts(),
        "skipped_by": dict(outcome.skipped_by),
        "files_refused": outcome.files_refused,
        "vanished": outcome.vanished,
        "reason": outcome.reason,
        "error": outcome.error,
        "checks": [_check(result) for result in outcome.checks],
        "objects": outcome.objects,
        "notes": outcome.notes,
        "report": report,
    }


def _check(result: CheckResult) -> dict[str, Any]:
    check = result.check
    return {
        "id": check.id,
        "expectation": check.expect,
        "otherwise": check.otherwise,
        "scope": check.scope,
        "success": result.success,
        "unexpected_count": result.unexpected_count,
        "observed_value": result.observed_value,
    }


def print_run(result: Result, report: str | None, *, as_json: bool, lake: Path = DEFAULT_LAKE) -> int:
    """Print a run for a program or for a person, and return its exit code."""
    if as_json:
        print_document(as_document(result, report))
    else:
        print_result(result, report, lake)
    return result.exit_code


def print_result(result: Result, report: str | None, lake: Path = DEFAULT_LAKE) -> None:
    """Print a table of the datasets, then errors, refused files and notes, and the path of the report."""
    out = console()
    out.print(f"run {result.run}", style="italic", soft_wrap=True)
    outcomes = result.outcomes
    if outcomes:
        print_table(out, list(_summary(outcomes)))
    for dataset, outcome in outcomes.items():
        for line in _details(dataset, outcome, result.run, lake):
            out.print(line, markup=False, soft_wrap=True)
    if report:
        out.print(f"report: {report}", markup=False, soft_wrap=True)


def _summary(outcomes: Mapping[str, Outcome]) -> Iterator[Column]:
    yield Column("dataset", list(outcomes))
    shown = [STATUSES[outcome.status] for outcome in outcomes.values()]
    yield Column("", [text for text, _ in shown], whole=True, styles=[style for _, style in shown])
    for name, heading in _COUNTS.items():
        counts = [getattr(outcome, name) for outcome in outcomes.values()]
        if name in _ALWAYS_SHOWN or any(counts):
            yield Column(heading, [_number(count) for count in counts], number=True)


def _details(dataset: str, outcome: Outcome, run: str, lake: Path) -> Iterator[str]:
    if outcome.error:
        remedy = "".join(f"\n  {line}" for line in outcome.error["remedy"].splitlines())
        yield f"{outcome.status}: {outcome.error['where'] or dataset}: {outcome.error['what']}{remedy}"
    elif outcome.status in ("skipped", "stopped"):
        yield f"{outcome.status}: {dataset}: {outcome.reason}"
    if set(outcome.skipped_by) - {SKIP_WHEN}:
        reasons = ", ".join(f"{count:,} by `{reason}`" for reason, count in outcome.skipped_by.items())
        yield f"skipped rows: {dataset}: {reasons}"
    yield from (f"would read: {path}" for path in outcome.objects.get("planned", ()))
    for state in ("refused", "emptied"):
        yield from _files(dataset, state, outcome.objects.get(state, ()), run, lake)
    yield from (f"note: {dataset}: {note}" for note in outcome.notes)


def _files(dataset: str, state: str, files: Sequence[Mapping[str, Any]], run: str, lake: Path) -> Iterator[str]:
    """Files without a published row; those of earlier runs with what ends that they are named."""
    for file in files[:_FILES_SHOWN]:
        since = f" (since run {file['since']})" if file["since"] != run else ""
        yield f"{state}: {file['path']}: {file['reason']}{since}"
    if len(files) > _FILES_SHOWN:
        yield f"{state}: {len(files) - _FILES_SHOWN} more files of {dataset}, in the report"
    if any(file["since"] != run for file in files):
        command = command_line("acknowledge", dataset, "PATH", given={"lake": str(lake)})
        yield f"  named until they or the contract change, or until `{command}`"


def _number(count: int | None) -> str:
    return "" if count is None else f"{count:,}"


def print_refused(rows: Sequence[RefusedRow], counted: Sequence[Count], limit: int | None) -> None:
    """Print the counts per reason and file, then refused rows: object, record, reasons, and the texts as read."""
    out, most = console(), limit or _ROWS_SHOWN
    shown = counted[:_COUNTS_SHOWN]
    print_table(
        out,
        [
            Column("reason", [count.reason for count in shown]),
            Column("rows", [f"{count.rows:,}" for count in shown], number=True),
            Column("file", [count.file for count in shown]),
        ],
    )
    if len(counted) > len(shown):
        out.print(f"{len(counted) - len(shown):,} more reasons and files, all with --format csv\n")
    for row in rows[:most]:
        of_run = f"  run {row.run}" if row.run else ""
        out.print(f"{row.object}{of_run}  record {row.record[:12]}", style="bold", markup=False, soft_wrap=True)
        for reason in row.reasons:
            out.print(f"  ✖ {one_line(reason)}", markup=False, soft_wrap=True)
        out.print(f"    {_values(row.values)}", style="dim", markup=False, soft_wrap=True)
    more = f"; {len(rows) - most:,} more with --limit" if len(rows) > most else ""
    out.print(f"{len(rows):,} refused row{'' if len(rows) == 1 else 's'}{more}")


def print_refused_csv(rows: Sequence[RefusedRow], limit: int | None) -> None:
    """Print refused rows as CSV: where each came from, its reasons, and a column for each text."""
    names = list(dict.fromkeys(name for row in rows for name in row.values))
    writer = csv.writer(sys.stdout)
    writer.writerow([columns.RUN, columns.OBJECT, columns.RECORD, columns.REASONS, *names])
    for row in rows[:limit]:
        reasons = "; ".join(row.reasons)
        writer.writerow([row.run, row.object, row.record, reasons, *(row.values.get(name) for name in names)])


def _values(values: Mapping[str, str]) -> str:
    return ", ".join(f"{name}={text!r}" for name, text in values.items())
