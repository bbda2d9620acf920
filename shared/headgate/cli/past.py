"""Commands that look back: `headgate runs` and `headgate trace`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def add_to(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.command("runs")(runs_command)
    app.command("trace")(trace_command)


def runs_command(
    dataset: Annotated[str, typer.Argument(help="Only runs that had this dataset or mart, and its rows.")] = "",
    lake: Annotated[str, typer.Option("--lake", help="The lake, or the bucket of its reports.")] = "lake",
    last: Annotated[int, typer.Option("--last", min=1, help="How many runs are shown.")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """List the last runs: when, how they ended, rows and the command that was typed.

    It reads their records and starts no Spark.
    """
    from headgate.cli.documents import print_document
    from headgate.cli.runs import past_runs, print_runs
    from headgate.lake.address import lake_at
    from headgate.request import command_line

    runs = past_runs(lake_at(lake), dataset, last)
    if as_json:
        print_document([run.as_dict() for run in runs])
        return
    refused = dataset and runs[0].quarantined
    words = ("quarantine", dataset, "--run", runs[0].run)
    print_runs(runs, command_line(*words, given={"lake": lake}) if refused else "")


def trace_command(
    dataset: Annotated[str, typer.Argument(help="The dataset that should have the row.")],
    columns: Annotated[list[str], typer.Argument(metavar="COLUMN=VALUE…", help="What is known of the row: `id=17`.")],
    contracts: Annotated[Path, typer.Option("--contracts", help="The folder of the contracts.")] = Path("contracts"),
    source: Annotated[Path, typer.Option("--source", help="The folder of the raw files.")] = Path("staging"),
    lake: Annotated[Path, typer.Option("--lake", help="The folder of the lake.")] = Path("lake"),
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Follow a row: the files that have it, why it was refused or lost, where it is published.

    All files of the dataset are read again; nothing is published.
    """
    from headgate.cli.documents import print_document
    from headgate.cli.trace import Folders, as_document, print_trace, traced

    found = traced(dataset, columns, Folders(contracts, source, lake), progress=not as_json)
    print_document(as_document(found)) if as_json else print_trace(found)
