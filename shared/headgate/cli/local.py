"""A run on this machine, as the command line and the demo start it: lake, log, progress, record."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from headgate.cli.show import Progress
from headgate.errors import HeadgateError
from headgate.lake.paths import Lake
from headgate.lake.storage import LocalStorage
from headgate.report.finish import finish_run
from headgate.report.log import FileLines, JsonLog, log_path
from headgate.run import Result, load_project, new_run_id, run
from headgate.runtime import lake_at, local_session
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
    """Run datasets and marts on this machine; returns the result and where its report lies (none after a dry run)."""
    lake = lake_at(str(lake_folder))
    project = load_project(contracts, lake)
    run_id = new_run_id()
    _must_be_writable(lake, dry)
    written = (
        JsonLog(run_id, FileLines(Path(lake.storage.root, log_path(run_id))))
        if not dry
        else (lambda step, **facts: None)
    )
    with Progress(Console(stderr=True), len(names) or len(project.contracts), shown=progress) as shown:

        def log(step: str, **facts: object) -> None:
            written(step, **facts)
            shown(step, **facts)

        result = run(
            lambda: local_session("headgate"),
            project,
            lake,
            LocalStorage(source),
            names,
            run_id=run_id,
            full=full,
            dry=dry,
            again=again,
            log=log,
        )
    return result, None if dry else finish_run(
        lake.runs,
        result,
        project.contracts,
        host="laptop",
        named=tuple(names),
        full=full,
        contracts=str(contracts),
        source=str(source),
        lake=str(lake_folder),
    )


def _must_be_writable(lake: Lake, dry: bool) -> None:
    if dry:
        return
    try:
        lake.storage.write("_work/.writable", b"")
        lake.storage.delete("_work/.writable")
    except OSError as error:
        remedy = "Choose another folder with --lake, give yourself the right to write there, or free space."
        raise UnwritableLake(
            f"the lake cannot be written: {error.strerror or error}", where=lake.storage.root, remedy=remedy
        ) from error


class UnwritableLake(HeadgateError):
    """The lake's folder cannot be written; nothing was started."""
