"""The command line: `headgate run`, `backfill`, `query`, `check`, `quarantine`, `init`, and the upkeep commands.

Exit codes: 0 done, 1 a gate closed or a run failed, 2 an unusable contract or argument.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Literal

import typer

from headgate.cli import show, upkeep
from headgate.cli.command import carry_out

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode=None)

Contracts = Annotated[Path, typer.Option("--contracts", help="The folder of the contracts.")]
LakeFolder = Annotated[Path, typer.Option("--lake", help="The folder of the lake.")]


@app.command("run")
def run_command(
    datasets: Annotated[list[str] | None, typer.Argument(help="Datasets and marts; all, when none is named.")] = None,
    contracts: Contracts = Path("contracts"),
    source: Annotated[Path, typer.Option("--source", help="The folder of the raw files (staging).")] = Path("staging"),
    lake: LakeFolder = Path("lake"),
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    full: Annotated[bool, typer.Option("--full", help="Rebuild the tables from staging.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="List the objects that would be read; write nothing.")
    ] = False,
) -> None:
    """Read, judge, clean and publish: datasets, then the marts over them."""
    from headgate.cli.local import run_here

    result, report = run_here(contracts, source, lake, datasets or [], full=full, dry=dry_run, progress=not as_json)
    raise typer.Exit(show.ended(result, report, as_json=as_json))


@app.command("backfill")
def backfill_command(
    datasets: Annotated[list[str], typer.Argument(help="The datasets whose objects are read again.")],
    stale: Annotated[bool, typer.Option("--stale", help="Those read under an older contract.")] = False,
    arrived: Annotated[str, typer.Option("--arrived", metavar="FROM..TO", help="By arrival; TO is not included.")] = "",
    partition: Annotated[
        str, typer.Option("--partition", metavar="COLUMN=VALUE", help="Those that a partition's rows came from.")
    ] = "",
    path: Annotated[str, typer.Option("--path", metavar="GLOB", help="By path below the dataset's folder.")] = "",
    contracts: Contracts = Path("contracts"),
    source: Annotated[Path, typer.Option("--source", help="The folder of the raw files (staging).")] = Path("staging"),
    lake: LakeFolder = Path("lake"),
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="List the objects that would be read; write nothing.")
    ] = False,
) -> None:
    """Read objects again that were read before. A newer row is never overwritten by an older one."""
    from headgate.cli.local import run_here
    from headgate.upkeep.backfill import one_of

    again = one_of(stale="yes" if stale else "", arrived=arrived, partition=partition, path=path)
    done = run_here(contracts, source, lake, datasets, dry=dry_run, again=again, progress=not as_json)
    raise typer.Exit(show.ended(*done, as_json=as_json))


@app.command("query")
def query_command(
    sql: Annotated[str, typer.Argument(help="A SELECT over published tables.")],
    lake: LakeFolder = Path("lake"),
    form: Annotated[Literal["table", "csv", "json"], typer.Option("--format", help="How rows are printed.")] = "table",
) -> None:
    """Ask the published tables with SQL (DuckDB), by dataset name."""
    from headgate.cli.query import query
    from headgate.lake.address import lake_at

    show.rows(query(sql, lake_at(str(lake))), form)


@app.command("check")
def check_command(contracts: Contracts = Path("contracts")) -> None:
    """Report every fault of every contract, and keys that are not used yet."""
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


@app.command("quarantine")
def quarantine_command(
    dataset: Annotated[str, typer.Argument(help="The dataset whose refused rows are asked for.")],
    lake: LakeFolder = Path("lake"),
    run: Annotated[str, typer.Option("--run", help="Only this run's; by default each object's newest.")] = "",
    limit: Annotated[int, typer.Option("--limit", min=1, help="As many rows at most.")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Show refused rows with their reasons and their texts."""
    from headgate.cli.quarantine import refused_rows
    from headgate.lake.address import lake_at

    found = refused_rows(lake_at(str(lake)), dataset, run)
    print(json.dumps([row.as_dict() for row in found], indent=2, default=str)) if as_json else show.refused(
        found, limit
    )


@app.command("init")
def init_command(
    folder: Annotated[Path, typer.Argument(help="Where to begin; default here.")] = Path("."),
    empty: Annotated[bool, typer.Option("--empty", help="Without an example dataset.")] = False,
) -> None:
    """Start contracts of your own: folders, the JSON Schema, and one small example unless --empty."""
    from headgate.cli.init import begin

    for line in begin(folder, empty=empty):
        print(line)


upkeep.add_to(app)


def main() -> None:
    """Run the command line."""
    carry_out(app, "headgate", stopped="Stopped. Nothing half published; the next run goes on.")


if __name__ == "__main__":
    main()
