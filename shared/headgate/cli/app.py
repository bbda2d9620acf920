"""The command line `headgate`: check contracts, run datasets, read results, maintain the lake.

Exit codes: 0 success, 1 a gate closed or a run failed, 2 an unusable contract or argument.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Literal

import typer

from headgate.cli import show, upkeep
from headgate.cli.command import new_app, run_command_line

app = new_app(
    "Check contracts, run datasets and marts, read the results and maintain the lake, on this machine.",
    "0 success, 1 a gate closed or a run failed, 2 an unusable contract or argument",
)

Contracts = Annotated[Path, typer.Option("--contracts", help="The folder of the contracts.")]
Staging = Annotated[Path, typer.Option("--source", help="The folder of the raw files.")]
LakeFolder = Annotated[Path, typer.Option("--lake", help="The folder of the lake.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="List the objects that a run would read; write nothing.")]


@app.command("init")
def init_command(
    folder: Annotated[Path, typer.Argument(help="The folder of the new project.")] = Path("."),
    empty: Annotated[bool, typer.Option("--empty", help="Leave out the example dataset.")] = False,
) -> None:
    """Start a project with one small example dataset.

    Create the folders, the JSON Schema of contracts and the example; keep existing files.
    """
    from headgate.cli.init import start_project

    for line in start_project(folder, empty=empty):
        print(line)


@app.command("check")
def check_command(contracts: Contracts = Path("contracts")) -> None:
    """Report every fault of every contract.

    Also name the keys that are not used yet.
    """
    from headgate.contract.notes import notes
    from headgate.lake.address import lake_at
    from headgate.project import load_project

    project = load_project(contracts, lake_at("lake"))
    for contract in project.contracts.values():
        for note in notes(contract):
            print(note)
    marts = sum(contract.is_mart for contract in project.contracts.values())
    checks = sum(len(contract.all_checks) for contract in project.contracts.values())
    print(
        f"{len(project.contracts)} contracts are good: "
        f"{len(project.contracts) - marts} datasets, {marts} marts, {checks} checks."
    )


@app.command("run")
def run_command(
    datasets: Annotated[
        list[str] | None, typer.Argument(help="The datasets and marts to run; by default all of them.")
    ] = None,
    contracts: Contracts = Path("contracts"),
    source: Staging = Path("staging"),
    lake: LakeFolder = Path("lake"),
    as_json: Json = False,
    full: Annotated[bool, typer.Option("--full", help="Rebuild the tables from all raw files.")] = False,
    dry_run: DryRun = False,
) -> None:
    """Read, judge, clean and publish datasets, then marts.

    By default only new and changed raw files are read.
    """
    from headgate.cli.local import run_here

    result, report = run_here(contracts, source, lake, datasets or [], full=full, dry=dry_run, progress=not as_json)
    raise typer.Exit(show.print_run(result, report, as_json=as_json))


@app.command("backfill")
def backfill_command(
    datasets: Annotated[list[str], typer.Argument(help="The datasets whose objects are read again.")],
    stale: Annotated[bool, typer.Option("--stale", help="Objects that were read under an older contract.")] = False,
    arrived: Annotated[
        str, typer.Option("--arrived", metavar="FROM..TO", help="Objects that arrived from FROM until before TO.")
    ] = "",
    partition: Annotated[
        str,
        typer.Option("--partition", metavar="COLUMN=VALUE", help="Objects that the rows of this partition came from."),
    ] = "",
    path: Annotated[
        str, typer.Option("--path", metavar="GLOB", help="Objects whose path below the dataset's folder matches.")
    ] = "",
    contracts: Contracts = Path("contracts"),
    source: Staging = Path("staging"),
    lake: LakeFolder = Path("lake"),
    as_json: Json = False,
    dry_run: DryRun = False,
) -> None:
    """Read objects again that were read before.

    Choose them with one of --stale, --arrived, --partition and --path. An older row never overwrites a newer one.
    """
    from headgate.cli.local import run_here
    from headgate.upkeep.backfill import one_of

    again = one_of(stale="yes" if stale else "", arrived=arrived, partition=partition, path=path)
    result, report = run_here(contracts, source, lake, datasets, dry=dry_run, again=again, progress=not as_json)
    raise typer.Exit(show.print_run(result, report, as_json=as_json))


@app.command("query")
def query_command(
    sql: Annotated[str, typer.Argument(help="A SELECT statement in DuckDB's SQL.")],
    lake: LakeFolder = Path("lake"),
    form: Annotated[Literal["table", "csv", "json"], typer.Option("--format", help="The output format.")] = "table",
) -> None:
    """Query published tables by dataset name, with SQL (DuckDB)."""
    from headgate.cli.query import query
    from headgate.lake.address import lake_at

    show.print_rows(query(sql, lake_at(str(lake))), form)


@app.command("quarantine")
def quarantine_command(
    dataset: Annotated[str, typer.Argument(help="The dataset whose refused rows are shown.")],
    lake: LakeFolder = Path("lake"),
    run: Annotated[str, typer.Option("--run", help="Rows of this run only; default: each object's newest run.")] = "",
    limit: Annotated[int, typer.Option("--limit", min=1, help="The most rows to show (not with --json).")] = 50,
    as_json: Json = False,
) -> None:
    """Show refused rows with their reasons and their texts."""
    from headgate.cli.quarantine import refused_rows
    from headgate.lake.address import lake_at

    rows = refused_rows(lake_at(str(lake)), dataset, run)
    if as_json:
        print(json.dumps([row.as_dict() for row in rows], indent=2, default=str))
    else:
        show.print_refused(rows, limit)


upkeep.add_to(app)


def main() -> None:
    """Run the command line."""
    run_command_line(app, "headgate", stopped="Stopped. Nothing is half published; the next run continues from here.")


if __name__ == "__main__":
    main()
