"""What the demo says: what it made, whether all is as planted, and what to try next."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from headgate.demo.generate import Generated
from headgate.run import Result


def what_was_made(console: Console, made: Generated) -> None:
    """The raw files, and those among them that are not the demo's."""
    size = sum(file.stat().st_size for file in made.files)
    state = "as before" if not made.written else f"{len(made.written)} of them written just now"
    what = f"A made-up music catalogue: {len(made.files)} raw files, {size / 1e6:.1f} MB"
    console.print(f"{what}, in {shown(made.staging)}, {state}.", soft_wrap=True)
    for file in made.strangers:
        console.print(f"Not the demo's, and run all the same: {shown(file)}", soft_wrap=True)


def nothing_changed(result: Result) -> bool:
    """True when no dataset and no mart had anything to do."""
    return all(one.status == "unchanged" for one in result.outcomes.values())


def verdict(console: Console, made: Generated, found: Sequence[str]) -> int:
    """Say whether the lake is as planted; returns the exit code."""
    if made.strangers:
        console.print("The truth is not compared: other files than the demo's were run.")
        return 0
    truth = shown(made.staging.parent / "truth.json")
    if not found:
        console.print(f"[green]✔[/] All counts and answers are as planted ({truth}).", soft_wrap=True)
        return 0
    console.print(f"[red]✖ The lake is not as planted ({truth}):[/]", soft_wrap=True)
    for line in found[:20]:
        console.print(f"  {line}", markup=False, soft_wrap=True)
    console.print(f"If other files were run into this lake, remove it ({shown(made.staging.parent)}) and run again.")
    return 1


def where_to_go(console: Console, staging: Path, lake: Path, contracts: Path, report: str | None) -> None:
    """Where report and lake lie, and three things to try."""
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
    ]
    for line in lines:
        console.print(line, markup=False, soft_wrap=True)


def shown(path: Path) -> str:
    """The path as short as it can be written from here."""
    absolute = path.absolute()
    return os.path.relpath(absolute) if absolute.is_relative_to(Path.cwd()) else str(absolute)


def _command() -> str:
    """How `headgate` is called from this shell."""
    beside = Path(sys.executable).with_name("headgate")
    return shown(beside) if beside.is_file() else "python -m headgate.cli.app"
