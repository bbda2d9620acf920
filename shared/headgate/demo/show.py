"""What the demo prints: the files it made, whether the result is the expected one, and what to try next."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from headgate.demo.generate import Generated
from headgate.run import Result


def show_files(console: Console, made: Generated) -> None:
    """Print how many raw files there are and where, and name those that the demo did not make."""
    size = sum(file.stat().st_size for file in made.files)
    state = f"{len(made.written)} of them just written" if made.written else "unchanged since the last run"
    what = f"A made-up music catalogue: {len(made.files)} raw files, {size / 1e6:.1f} MB"
    console.print(f"{what}, in {shown(made.staging)}, {state}.", soft_wrap=True)
    for file in made.strangers:
        console.print(f"In the run, but not made by the demo: {shown(file)}", soft_wrap=True)


def nothing_changed(result: Result) -> bool:
    """True when no dataset and no mart had anything to do."""
    return all(outcome.status in ("unchanged", "skipped") for outcome in result.outcomes.values())


def show_comparison(console: Console, made: Generated, differences: Sequence[str]) -> int:
    """Print whether the lake is as expected, and return the exit code."""
    if made.strangers:
        console.print("The result was not checked: the run included files that the demo did not make.")
        return 0
    truth = shown(made.staging.parent / "truth.json")
    if not differences:
        console.print(f"[green]✔[/] All counts and answers are as expected ({truth}).", soft_wrap=True)
        return 0
    console.print(f"[red]✖ The lake is not as expected ({truth}):[/]", soft_wrap=True)
    for difference in differences[:20]:
        console.print(f"  {difference}", markup=False, soft_wrap=True)
    console.print(f"If other files were run into this lake before, remove {shown(made.staging.parent)} and run again.")
    return 1


def show_next_steps(console: Console, staging: Path, lake: Path, contracts: Path, report: str | None) -> None:
    """Print where the report and the lake are, and four things to try."""
    headgate, at = _command(), f"--lake {shown(lake)}"
    run = f"{headgate} run --contracts {shown(contracts)} --source {shown(staging)} {at}"
    bad = shown(staging / "tracks" / "broken.csv")
    header = r"track_id,name,artist_id,album_id,popularity,duration_ms\nx,?,a,b,loud,1\n"
    lines = [
        f"report      {report or 'none was written'}",
        f"lake        {shown(lake)}",
        f"break it    printf '{header}' > {bad}; {run}; rm {bad}",
        f'query it    {headgate} query "SELECT genre, release_year, tracks FROM genre_by_year ORDER BY 1, 2" {at}',
        f"look at it  {headgate} quarantine tracks --limit 5 {at}",
        f"price it    {headgate} estimate --contracts {shown(contracts)} --source {shown(staging)} {at}",
    ]
    for line in lines:
        console.print(line, markup=False, soft_wrap=True)


def shown(path: Path) -> str:
    """The path, relative to the current folder where it is below it."""
    absolute = path.absolute()
    return os.path.relpath(absolute) if absolute.is_relative_to(Path.cwd()) else str(absolute)


def _command() -> str:
    """How to call `headgate` from this shell."""
    beside = Path(sys.executable).with_name("headgate")
    return shown(beside) if beside.is_file() else "python -m headgate.cli.app"
