"""A run as the command line and the demo start it: a job on this machine, with a log file and a progress line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from headgate import stopping
from headgate.cli.show import Progress
from headgate.errors import HeadgateError
from headgate.lake.address import lake_at
from headgate.lake.moved import require_in_place
from headgate.lake.paths import WRITABLE, Lake, log_file
from headgate.project import load_project
from headgate.report.log import FileLines, JsonLog
from headgate.request import RunRequest
from headgate.run import Result
from headgate.runtime import Job
from headgate.upkeep.backfill import Selection


def run_here(
    contracts: Path,
    source: Path,
    lake_folder: Path,
    names: Sequence[str],
    *,
    full: bool = False,
    dry: bool = False,
    again: Selection | None = None,
    progress: bool = True,
) -> tuple[Result, str | None]:
    """Run datasets and marts (all, when none is named) on this machine.

    Returns the result and the address of its report (none after a dry run, which writes nothing).
    """
    lake = lake_at(str(lake_folder))
    require_in_place(lake)
    project = load_project(contracts, lake)
    given = {"contracts": str(contracts), "source": str(source), "lake": str(lake_folder)}
    request = RunRequest(tuple(names), full, dry, again, given=given)
    if not dry:
        _require_writable(lake)
        file_lines = FileLines(Path(lake.storage.root, log_file(request.run)))
        request = replace(request, log=JsonLog(request.run, file_lines))
    with Progress(Console(stderr=True), len(names) or len(project.contracts), shown=progress) as shown:

        def log(step: str, **facts: object) -> None:
            request.log(step, **facts)
            shown(step, **facts)

        job = Job(project, lake, replace(request, log=log), given)
        result = job.run(project.chosen(names))
    with stopping.held():
        return result, None if dry else job.report(result, names)


def _require_writable(lake: Lake) -> None:
    try:
        lake.storage.write(WRITABLE, b"")
        lake.storage.delete(WRITABLE)
    except OSError as error:
        what = f"the lake cannot be written: {error.strerror or error}"
        remedy = "Choose another folder with --lake, give yourself the right to write there, or free space."
        raise UnwritableLake(what, where=lake.storage.root, remedy=remedy) from error


class UnwritableLake(HeadgateError):
    """The lake's folder cannot be written; nothing was started."""
