"""What the command line prints: for a person with rich, for a machine as one JSON document."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Mapping, Sequence
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

_SHAPES = {"published": "[green]✔ published[/]", "unchanged": "[dim]= unchanged[/]", "planned": "[cyan]… planned[/]",
           "skipped": "[yellow]» skipped[/]", "closed": "[red]✖ closed[/]", "failed": "[red]✖ failed[/]"}  # fmt: skip
_SHOWN = {
    "read": "read",
    "published": "published",
    "superseded": "superseded",
    "skipped": "skipped",
    "quarantined": "quarantined",
    "files_refused": "files refused",
    "rows_before": "before",
    "rows_after": "after",
}
_ALWAYS_SHOWN = ("read", "published", "quarantined", "rows_before", "rows_after")


class Progress:
    """A line that says what is being done, for anything over two seconds; nothing where nobody looks."""

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
        """Show the step; a dataset that is done counts."""
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
    """One document for machines: `run_id`, `exit_code`, and each dataset's status, counts, checks and report."""
    return {
        "run_id": result.run,
        "exit_code": result.exit_code,
        "report": report,
        "datasets": {name: _dataset(one, report) for name, one in result.outcomes.items()},
    }


def _dataset(one: Outcome, report: str | None) -> dict[str, Any]:
    checks = [_check(result) for result in one.checks]
    shown = {
        "status": one.status,
        **one.counts(),
        "files_refused": one.files_refused,
        "vanished": one.vanished,
        "reason": one.reason,
    }
    return {**shown, "error": one.error, "checks": checks, "objects": one.objects, "notes": one.notes, "report": report}


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


def ended(of: Result, report: str | None, *, as_json: bool) -> int:
    """Print a run for a machine or for a person, and return its exit code."""
    print(json.dumps(as_document(of, report), indent=2, default=str)) if as_json else result(of, report)
    return of.exit_code


def result(of: Result, report: str | None) -> None:
    """A table of the datasets, the reasons of those that did not go well, and where to look."""
    console = _console()
    table = Table(title=f"run {of.run}", title_justify="left", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    table.add_column("dataset", no_wrap=True)
    table.add_column("", no_wrap=True)
    shown = [name for name in _SHOWN if name in _ALWAYS_SHOWN or any(getattr(o, name) for o in of.outcomes.values())]
    for name in shown:
        table.add_column(_SHOWN[name], justify="right", no_wrap=True)
    for name, one in of.outcomes.items():
        table.add_row(name, _SHAPES[one.status], *(_number(getattr(one, count)) for count in shown))
    console.print(table)
    for name, one in of.outcomes.items():
        _told(console, name, one)
    if report:
        console.print(f"report: {report}", soft_wrap=True)


def _console() -> Console:
    """A terminal keeps its width; what is piped or kept in a file is never cut."""
    plain = Console(highlight=False)
    return plain if plain.is_terminal else Console(highlight=False, width=max(plain.width, 200))


def _told(console: Console, name: str, one: Outcome) -> None:
    if one.error:
        remedy = "".join(f"\n  {line}" for line in one.error["remedy"].splitlines())
        console.print(
            f"{one.status}: {one.error['where'] or name}: {one.error['what']}{remedy}", markup=False, soft_wrap=True
        )
    elif one.status == "skipped":
        console.print(f"skipped: {name}: {one.reason}", markup=False, soft_wrap=True)
    for path in one.objects.get("planned", ()):
        console.print(f"would read: {path}", markup=False, soft_wrap=True)
    refused = one.objects.get("refused", ())
    for file in refused[:5]:
        console.print(f"refused: {file['path']}: {file['reason']}", markup=False, soft_wrap=True)
    if len(refused) > 5:
        console.print(f"refused: {len(refused) - 5} more files of {name}, in the report", markup=False)
    for note in one.notes:
        console.print(f"note: {name}: {note}", markup=False, soft_wrap=True)


def _number(count: int | None) -> str:
    return "" if count is None else f"{count:,}"


def rows(relation: duckdb.DuckDBPyRelation, form: str) -> None:
    """The rows of a query as a table, as CSV with a header, or as a JSON list."""
    names, found = list(relation.columns), relation.fetchall()
    if form == "json":
        print(
            json.dumps([dict(zip(names, row, strict=True)) for row in found], indent=2, default=str, ensure_ascii=False)
        )
    elif form == "csv":
        writer = csv.writer(sys.stdout)
        writer.writerow(names)
        writer.writerows(found)
    else:
        _table(names, found)


def _table(names: Sequence[str], found: Sequence[Sequence[Any]]) -> None:
    table = Table(*names, box=box.SIMPLE_HEAD)
    for row in found:
        table.add_row(*("" if value is None else str(value) for value in row))
    _console().print(table)
    print(f"{len(found):,} row{'' if len(found) == 1 else 's'}")


def refused(found: Sequence[RefusedRow], limit: int) -> None:
    """Refused rows: where each came from, why it was refused, and what it said."""
    console = Console(highlight=False)
    for row in found[:limit]:
        console.print(
            f"{row.object}  run {row.run}  record {row.record[:12]}", style="bold", markup=False, soft_wrap=True
        )
        for reason in row.reasons:
            console.print(f"  ✖ {reason}", markup=False, soft_wrap=True)
        console.print(f"    {_values(row.values)}", style="dim", markup=False, soft_wrap=True)
    more = f"; {len(found) - limit:,} more with --limit" if len(found) > limit else ""
    console.print(f"{len(found):,} refused row{'' if len(found) == 1 else 's'}{more}")


def _values(values: Mapping[str, str]) -> str:
    return ", ".join(f"{name}={text!r}" for name, text in values.items())


__all__ = ["Progress", "as_document", "ended", "refused", "result", "rows"]
