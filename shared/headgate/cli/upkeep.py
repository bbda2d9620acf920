"""The commands of upkeep: `headgate rollback`, `hold`, `resume`, `maintain`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from headgate.contract.model import Contract
    from headgate.lake.paths import Lake
    from headgate.upkeep.maintain import Maintained

Dataset = Annotated[str, typer.Argument(help="A dataset or mart.")]
Contracts = Annotated[Path, typer.Option("--contracts", help="The folder of the contracts.")]
LakeFolder = Annotated[Path, typer.Option("--lake", help="The folder of the lake.")]


def add_to(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    app.command("rollback")(rollback_command)
    app.command("hold")(hold_command)
    app.command("resume")(resume_command)
    app.command("maintain")(maintain_command)


def rollback_command(
    dataset: Dataset,
    to: Annotated[
        str, typer.Option("--to", metavar="RUN", help="The run to go back to; by default the one before.")
    ] = "",
    listed: Annotated[bool, typer.Option("--list", help="List what can be put back; change nothing.")] = False,
    contracts: Contracts = Path("contracts"),
    lake: LakeFolder = Path("lake"),
) -> None:
    """Show a former publication again, and put the dataset on hold."""
    from headgate.spark.session import local_session
    from headgate.upkeep.rollback import publications, roll_back

    at, (contract,) = _named(contracts, lake, [dataset])
    if listed:
        now, former = publications(local_session("headgate"), at, contract)
        print(f"now: {Path(now or 'never published').stem}")
        for publication in former:
            print(f"     {publication.run}")
        return
    shown = roll_back(local_session("headgate"), at, contract, to)
    print(f"{dataset} shows what {shown.run} published, and is on hold.")
    print(f"Fix what was wrong, then end the hold: {_resume(dataset, contracts, lake)}")


def hold_command(
    dataset: Dataset,
    reason: Annotated[str, typer.Option("--reason", help="Why; runs report it.")] = "",
    contracts: Contracts = Path("contracts"),
    lake: LakeFolder = Path("lake"),
) -> None:
    """Let no run publish into a dataset until `resume`."""
    from headgate.spark.session import local_session
    from headgate.upkeep.rollback import put_on_hold

    at, (contract,) = _named(contracts, lake, [dataset])
    put_on_hold(local_session("headgate"), at, contract, reason)
    print(f"{dataset} is on hold. To end the hold: {_resume(dataset, contracts, lake)}")


def resume_command(dataset: Dataset, contracts: Contracts = Path("contracts"), lake: LakeFolder = Path("lake")) -> None:
    """End the hold of a dataset."""
    from headgate.spark.session import local_session
    from headgate.upkeep.rollback import resume

    at, (contract,) = _named(contracts, lake, [dataset])
    held = resume(local_session("headgate"), at, contract)
    print(f"{dataset} was not on hold." if held is None else f"{dataset} is no longer on hold. The hold was: {held}")


def maintain_command(
    datasets: Annotated[list[str] | None, typer.Argument(help="Datasets and marts; all, when none is named.")] = None,
    keep_days: Annotated[
        int, typer.Option("--keep-days", min=1, help="For how many days former publications can be put back.")
    ] = 7,
    contracts: Contracts = Path("contracts"),
    lake: LakeFolder = Path("lake"),
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Compact files, expire old publications, clear leftovers.

    Leftovers are what killed runs left behind. No row changes.
    """
    from rich.console import Console

    from headgate.cli.documents import print_document
    from headgate.spark.session import local_session
    from headgate.upkeep.maintain import maintain

    at, described = _named(contracts, lake, datasets or [])
    results = maintain(local_session("headgate"), at, described, keep_days)
    if as_json:
        print_document({result.dataset: result.as_dict() for result in results})
    else:
        for result in results:
            print(_in_words(result))
    errors = Console(stderr=True, highlight=False, soft_wrap=True)
    for error in (result.error for result in results if result.error):
        errors.print(str(error), markup=False)
    raise typer.Exit(1 if any(result.error for result in results) else 0)


def _resume(dataset: str, contracts: Path, lake: Path) -> str:
    from headgate.request import command_line

    return command_line("resume", dataset, given={"contracts": str(contracts), "lake": str(lake)})


def _in_words(result: Maintained) -> str:
    done = [f"{name.replace('_', ' ')} {count:,}" for name, count in result.counts.as_dict().items() if count]
    return f"{result.status}: {result.dataset}: {', '.join(done) or 'nothing to do'}"


def _named(folder: Path, lake: Path, names: list[str]) -> tuple[Lake, list[Contract]]:
    from headgate.cli.query import require_lake
    from headgate.lake.address import lake_at
    from headgate.project import load_project

    at = lake_at(str(lake))
    described = load_project(folder, at).named(names)
    require_lake(at)
    return at, described
