"""The command line `headgate`: check contracts, run datasets, read results, maintain the lake.

Exit codes: 0 success, 1 a gate closed or a run failed, 2 an unusable contract or argument, 130 stopped with Ctrl-C.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from headgate import stopping
from headgate.cli import dead_letters_commands, flatten, installed, past, upkeep, warehouse_commands
from headgate.cli.command import new_app, run_command_line

app = new_app(
    "Check contracts, run datasets and marts, read the results and maintain the lake, on this machine.",
    "0 success, 1 a gate closed or a run failed, 2 an unusable contract or argument, 130 stopped with Ctrl-C",
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


@app.command("new")
def new_command(
    name: Annotated[str, typer.Argument(help="The dataset's name, such as `invoices`.")],
    given: Annotated[str, typer.Option("--from", metavar="FILE|FOLDER|s3://…", help="The files to look at.")],
    contracts: Contracts = Path("contracts"),
    source: Staging = Path("staging"),
    domain: Annotated[str, typer.Option("--domain", help="The business domain that owns it.")] = "",
    owner: Annotated[str, typer.Option("--owner", help="Whom to ask about it.")] = "",
    copy: Annotated[bool, typer.Option("--copy/--no-copy", help="Copy the files below staging.")] = True,
) -> None:
    """Write a contract from a sample of the files.

    It finds encoding, separators, types, formats, key and personal data, and says why in comments.
    """
    from headgate.cli.new import Place, new_contract

    new_contract(name, given, Place(contracts, source), domain=domain, owner=owner, copy=copy)


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
    watching: Annotated[
        bool, typer.Option("--watch", help="Run again when a contract, a query or a raw file changes, until Ctrl-C.")
    ] = False,
) -> None:
    """Read, judge, clean and publish datasets, then marts.

    By default only new and changed raw files are read.
    """
    from headgate.cli import show
    from headgate.cli.local import run_here

    if watching:
        from headgate.cli.watch import Watched, watch

        _require_alone("--watch", {"--json": as_json, "--full": full, "--dry-run": dry_run})
        watch(Watched(contracts, source, lake, datasets or []))
        return
    result, report = run_here(contracts, source, lake, datasets or [], full=full, dry=dry_run, progress=not as_json)
    raise typer.Exit(show.print_run(result, report, as_json=as_json, lake=lake))


def _require_alone(option: str, others: dict[str, bool]) -> None:
    given = [other for other, chosen in others.items() if chosen]
    if given:
        from headgate.errors import UnusableArgument

        raise UnusableArgument(f"`{option}` and `{given[0]}` do not go together", remedy="Leave one of the two out.")


@app.command("try")
def try_command(
    datasets: Annotated[list[str] | None, typer.Argument(help="The datasets to try; by default all of them.")] = None,
    file: Annotated[
        Path | None, typer.Option("--file", help="Judge this file, which may lie anywhere; needs one dataset.")
    ] = None,
    contracts: Contracts = Path("contracts"),
    source: Staging = Path("staging"),
    limit: Annotated[int, typer.Option("--limit", min=1, help="The most refused rows to print.")] = 5,
    as_json: Json = False,
) -> None:
    """Judge files without publishing them, and say what would take the refused rows.

    By default the newest 50 MB of each dataset's files. The lake is not touched, and nothing is kept.
    """
    from headgate.cli.documents import print_document
    from headgate.cli.trial import Asked, exit_code, print_tried, try_files

    asked = Asked(contracts, source, datasets or [], file)
    tried = try_files(asked, progress=not as_json)
    if as_json:
        print_document({one.dataset: one.as_dict() for one in tried})
    else:
        print_tried(tried, asked, limit)
    raise typer.Exit(exit_code(tried))


@app.command("plan")
def plan_command(
    datasets: Annotated[
        list[str] | None, typer.Argument(help="The datasets to look at; by default all of them.")
    ] = None,
    against: Annotated[str, typer.Option("--against", metavar="REF", help="The commit to compare with.")] = "HEAD",
    contracts: Contracts = Path("contracts"),
    source: Staging = Path("staging"),
    lake: LakeFolder = Path("lake"),
    limit: Annotated[int, typer.Option("--limit", min=1, help="The most rows to print of each kind.")] = 5,
    as_json: Json = False,
) -> None:
    """Say what changed contracts would do: rows newly refused and admitted, changes of tables, files to read again.

    The newest 50 MB of files are judged under both contracts, and nothing is published. Exit code 1 when a run stops.
    """
    from headgate.cli.documents import print_document
    from headgate.cli.plan import as_document, plan, print_plan
    from headgate.cli.trial import Asked

    asked = Asked(contracts, source, datasets or [])
    made = plan(asked, lake, against, progress=not as_json)
    print_document(as_document(made)) if as_json else print_plan(made, asked, lake, limit)
    raise typer.Exit(int(made.breaks))


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
    from headgate.cli import show
    from headgate.cli.local import run_here
    from headgate.upkeep.backfill import one_of

    again = one_of(stale="yes" if stale else "", arrived=arrived, partition=partition, path=path)
    result, report = run_here(contracts, source, lake, datasets, dry=dry_run, again=again, progress=not as_json)
    raise typer.Exit(show.print_run(result, report, as_json=as_json, lake=lake))


@app.command("query")
def query_command(
    sql: Annotated[str | None, typer.Argument(help="One SELECT in DuckDB's SQL; without it, list the tables.")] = None,
    lake: LakeFolder = Path("lake"),
    form: Annotated[
        Literal["table", "csv", "json", "parquet"], typer.Option("--format", help="The output format.")
    ] = "table",
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, help="The most rows to print; by default 50 of a table, else all.")
    ] = None,
) -> None:
    """Query published tables by dataset name, with SQL (DuckDB).

    A query reads published tables and nothing else: no files, network or settings.
    """
    from headgate.cli.query import answering, published_tables
    from headgate.cli.rows import print_answer, print_tables
    from headgate.lake.address import lake_at

    if sql is None:
        print_tables(published_tables(lake_at(str(lake))), form)
        return
    with answering(sql, lake_at(str(lake))) as answer:
        print_answer(answer, form, limit)


@app.command("quarantine")
def quarantine_command(
    dataset: Annotated[str, typer.Argument(help="The dataset whose refused rows are shown.")],
    lake: LakeFolder = Path("lake"),
    run: Annotated[str, typer.Option("--run", help="Rows of this run only; default: as each file was last read.")] = "",
    every_run: Annotated[
        bool, typer.Option("--every-run", help="Rows of every run, of files corrected since too.")
    ] = False,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Rows with a reason that contains it.")] = "",
    file: Annotated[str, typer.Option("--file", metavar="GLOB", help="Rows of files whose path or name matches.")] = "",
    since: Annotated[
        str, typer.Option("--since", metavar="DAY|RUN", help="Rows of runs since this day (UTC) or run.")
    ] = "",
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, help="The most rows; by default 50, and all with --format csv.")
    ] = None,
    form: Annotated[Literal["table", "csv"], typer.Option("--format", help="The output format.")] = "table",
    as_json: Json = False,
) -> None:
    """Count refused rows by reason and file, and show them with their texts.

    The newest run is first.
    """
    from headgate.cli import show
    from headgate.cli.documents import print_document
    from headgate.cli.quarantine import Wanted, counts, refused_rows
    from headgate.lake.address import lake_at

    wanted = Wanted(reason, file, since)
    rows = refused_rows(lake_at(str(lake)), dataset, run, every_run=every_run, wanted=wanted, given=str(lake))
    if as_json:
        print_document([row.as_dict() for row in rows[:limit]])
    elif form == "csv":
        show.print_refused_csv(rows, limit)
    else:
        show.print_refused(rows, counts(rows), limit)


@app.command("acknowledge")
def acknowledge_command(
    dataset: Annotated[str, typer.Argument(help="The dataset whose refused or emptied files were looked at.")],
    paths: Annotated[list[str] | None, typer.Argument(help="Their paths; all that wait, when none is named.")] = None,
    lake: LakeFolder = Path("lake"),
) -> None:
    """Stop naming refused or emptied files in every run.

    A file that changes, or that another contract refuses, is named again.
    """
    from headgate.cli.acknowledge import acknowledge_files
    from headgate.lake.address import lake_at

    for entry in acknowledge_files(lake_at(str(lake)), dataset, paths or []):
        print(f"acknowledged: {entry.path}: {entry.waits}")


@app.command("estimate")
def estimate_command(
    datasets: Annotated[
        list[str] | None, typer.Argument(help="The datasets and marts to estimate; by default all of them.")
    ] = None,
    contracts: Contracts = Path("contracts"),
    source: Annotated[
        str, typer.Option("--source", help="The folder or bucket of the raw files, for datasets without a run.")
    ] = "staging",
    lake: Annotated[str, typer.Option("--lake", help="The lake, or the bucket of its reports: `lake`, `s3://…`.")] = "",
    against: Annotated[
        str, typer.Option("--against", metavar="REF", help="Compare with this commit, or `last-run`; default HEAD.")
    ] = "",
    last: Annotated[int, typer.Option("--last", min=1, help="How many runs of each dataset are read.")] = 20,
    as_json: Json = False,
) -> None:
    """Estimate what runs cost on AWS, per run and month, before and after a change.

    From the contracts, the records of earlier runs, and dated list prices. It is not a bill.
    """
    from headgate.cost.answer import Asked, estimate_cost

    answer = estimate_cost(Asked(contracts, source, lake, against, last, datasets or []))
    if as_json:
        from headgate.cli.documents import print_text
        from headgate.cost.answer_document import as_document

        print_text(as_document(answer))
    else:
        from headgate.cli.estimate import print_estimate

        print_estimate(answer)


flatten.add_to(app)
upkeep.add_to(app)
past.add_to(app)
installed.add_to(app)
app.add_typer(dead_letters_commands.app, name="dead-letters")
app.add_typer(warehouse_commands.app, name="warehouse")


def main() -> None:
    """Run the command line."""
    stopping.handle_ctrl_c()
    run_command_line(app, "headgate", stopped=stopping.MESSAGE)


if __name__ == "__main__":
    main()
