"""What the command line prints: tables and lines for people, one JSON document for programs."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich import box
from rich.console import Console
from rich.status import Status
from rich.table import Table

from headgate.checks.check import CheckResult
from headgate.outcome import Outcome

if TYPE_CHECKING:
    import duckdb

    from headgate.cli.quarantine import RefusedRow
    from headgate.run import Result

_STATUS = {"published": "[green]✔ published[/]", "unchanged": "[dim]= unchanged[/]", "planned": "[cyan]… planned[/]",
           "skipped": "[yellow]» skipped[/]", "closed": "[red]✖ closed[/]", "failed": "[red]✖ failed[/]"}  # fmt: skip
_COUNTS = {
    "read": "read",
    "published": "published",
    "superseded": "superseded",
    "skipped": "skipped",
    "quarantined": "quarantined",
    "files_refused": "files refused",
    "rows_before": "before",
    "rows_after": "after",
}
_FILES_SHOWN = 5
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
            self._status.update(f"[{self._done + 1}/{self._total}] {name}: {step}")


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


def print_run(result: Result, report: str | None, *, as_json: bool) -> int:
    """Print a run for a program or for a person, and return its exit code."""
    if as_json:
        print(json.dumps(as_document(result, report), indent=2, default=str))
    else:
        print_result(result, report)
    return result.exit_code


def print_result(result: Result, report: str | None) -> None:
    """Print a table of the datasets, then errors, refused files and notes, and the path of the report."""
    console = _console()
    outcomes = result.outcomes
    table = Table(title=f"run {result.run}", title_justify="left", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    table.add_column("dataset", no_wrap=True)
    table.add_column("", no_wrap=True)
    counts = [name for name in _COUNTS if name in _ALWAYS_SHOWN or any(getattr(o, name) for o in outcomes.values())]
    for name in counts:
        table.add_column(_COUNTS[name], justify="right", no_wrap=True)
    for dataset, outcome in outcomes.items():
        table.add_row(dataset, _STATUS[outcome.status], *(_number(getattr(outcome, name)) for name in counts))
    console.print(table)
    for dataset, outcome in outcomes.items():
        _print_details(console, dataset, outcome)
    if report:
        console.print(f"report: {report}", soft_wrap=True)


def _console() -> Console:
    """A console that uses the terminal's width, and at least 200 columns when the output goes to a pipe or a file."""
    plain = Console(highlight=False)
    return plain if plain.is_terminal else Console(highlight=False, width=max(plain.width, 200))


def _print_details(console: Console, dataset: str, outcome: Outcome) -> None:
    for line in _details(dataset, outcome):
        console.print(line, markup=False, soft_wrap=True)


def _details(dataset: str, outcome: Outcome) -> Iterator[str]:
    if outcome.error:
        remedy = "".join(f"\n  {line}" for line in outcome.error["remedy"].splitlines())
        yield f"{outcome.status}: {outcome.error['where'] or dataset}: {outcome.error['what']}{remedy}"
    elif outcome.status == "skipped":
        yield f"skipped: {dataset}: {outcome.reason}"
    yield from (f"would read: {path}" for path in outcome.objects.get("planned", ()))
    refused = outcome.objects.get("refused", ())
    yield from (f"refused: {file['path']}: {file['reason']}" for file in refused[:_FILES_SHOWN])
    if len(refused) > _FILES_SHOWN:
        yield f"refused: {len(refused) - _FILES_SHOWN} more files of {dataset}, in the report"
    yield from (f"note: {dataset}: {note}" for note in outcome.notes)


def _number(count: int | None) -> str:
    return "" if count is None else f"{count:,}"


def print_rows(relation: duckdb.DuckDBPyRelation, form: str) -> None:
    """Print the rows of a query as a table, as CSV with a header, or as a JSON list."""
    names, rows = list(relation.columns), relation.fetchall()
    if form == "json":
        records = [dict(zip(names, row, strict=True)) for row in rows]
        print(json.dumps(records, indent=2, default=str, ensure_ascii=False))
    elif form == "csv":
        writer = csv.writer(sys.stdout)
        writer.writerow(names)
        writer.writerows(rows)
    else:
        _print_table(names, rows)


def _print_table(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    table = Table(*names, box=box.SIMPLE_HEAD)
    for row in rows:
        table.add_row(*("" if value is None else str(value) for value in row))
    _console().print(table)
    print(f"{len(rows):,} row{'' if len(rows) == 1 else 's'}")


def print_refused(rows: Sequence[RefusedRow], limit: int) -> None:
    """Print refused rows: the object and record of each, the reasons, and the texts as read."""
    console = Console(highlight=False)
    for row in rows[:limit]:
        console.print(
            f"{row.object}  run {row.run}  record {row.record[:12]}", style="bold", markup=False, soft_wrap=True
        )
        for reason in row.reasons:
            console.print(f"  ✖ {reason}", markup=False, soft_wrap=True)
        console.print(f"    {_values(row.values)}", style="dim", markup=False, soft_wrap=True)
    more = f"; {len(rows) - limit:,} more with --limit" if len(rows) > limit else ""
    console.print(f"{len(rows):,} refused row{'' if len(rows) == 1 else 's'}{more}")


def _values(values: Mapping[str, str]) -> str:
    return ", ".join(f"{name}={text!r}" for name, text in values.items())
