"""The command line's other half: `headgate rollback`, `hold`, `resume`, `maintain`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from headgate.contract.model import Contract
from headgate.lake.paths import Lake

Dataset = Annotated[str, typer.Argument(help="A dataset or mart.")]
Contracts = Annotated[Path, typer.Option("--contracts", help="The folder of the contracts.")]
LakeFolder = Annotated[Path, typer.Option("--lake", help="The folder of the lake.")]


def add_to(app: typer.Typer) -> None:
    """Give the command line these commands."""
    app.command("rollback")(rollback_command)
    app.command("hold")(hold_command)
    app.command("resume")(resume_command)
    app.command("maintain")(maintain_command)


def rollback_command(
    dataset: Dataset,
    to: Annotated[str, typer.Option("--to", metavar="RUN", help="The run to go back to; by default one back.")] = "",
    listed: Annotated[bool, typer.Option("--list", help="List what can be put back; change nothing.")] = False,
    contracts: Contracts = Path("contracts"),
    lake: LakeFolder = Path("lake"),
) -> None:
    """Show a former publication again, and put the dataset on hold."""
    from headgate.spark.session import local_session
    from headgate.upkeep.rollback import publications, roll_back

    at, (one,) = _named(contracts, lake, [dataset])
    if listed:
        now, former = publications(local_session("headgate"), at, one)
        print(f"now: {Path(now or 'never published').stem}")
        for earlier in former:
            print(f"     {earlier.run}")
        return
    back = roll_back(local_session("headgate"), at, one, to)
    print(f"{dataset} is again as {back.run} published it, and on hold.")
    print(f"Mend what was wrong, then let it go on: headgate resume {dataset}")


def hold_command(
    dataset: Dataset,
    reason: Annotated[str, typer.Option("--reason", help="Why; runs say it.")] = "",
    contracts: Contracts = Path("contracts"),
    lake: LakeFolder = Path("lake"),
) -> None:
    """Let no run publish into a dataset, until resume."""
    from headgate.spark.session import local_session
    from headgate.upkeep.rollback import put_on_hold

    at, (one,) = _named(contracts, lake, [dataset])
    put_on_hold(local_session("headgate"), at, one, reason)
    print(f"{dataset} is on hold. Let it go on: headgate resume {dataset}")


def resume_command(dataset: Dataset, contracts: Contracts = Path("contracts"), lake: LakeFolder = Path("lake")) -> None:
    """Let a dataset on hold go on."""
    from headgate.spark.session import local_session
    from headgate.upkeep.rollback import resume

    at, (one,) = _named(contracts, lake, [dataset])
    held = resume(local_session("headgate"), at, one)
    print(f"{dataset} was not on hold." if held is None else f"{dataset} goes on; it was on hold: {held}")


def maintain_command(
    datasets: Annotated[list[str] | None, typer.Argument(help="Datasets and marts; all, when none is named.")] = None,
    keep_days: Annotated[
        int, typer.Option("--keep-days", min=1, help="Former publications can be put back for so many days.")
    ] = 7,
    contracts: Contracts = Path("contracts"),
    lake: LakeFolder = Path("lake"),
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Compact small files, expire old publications, clear what broken runs have left. No row changes."""
    from headgate.spark.session import local_session
    from headgate.upkeep.maintain import maintain

    at, described = _named(contracts, lake, datasets or [])
    kept = maintain(local_session("headgate"), at, described, keep_days)
    found = {one.dataset: {"status": one.status, **one.care.counts()} for one in kept}
    errors = Console(stderr=True, highlight=False, soft_wrap=True)
    if as_json:
        print(json.dumps(found, indent=2))
    for one in kept:
        if not as_json:
            done = ", ".join(
                f"{name.replace('_', ' ')} {count:,}" for name, count in one.care.counts().items() if count
            )
            print(f"{one.status}: {one.dataset}: {done or 'nothing to do'}")
        if one.error is not None:
            errors.print(str(one.error), markup=False)
    raise typer.Exit(1 if any(one.error for one in kept) else 0)


def _named(folder: Path, lake: Path, names: list[str]) -> tuple[Lake, list[Contract]]:
    from headgate.cli.query import must_be_there
    from headgate.lake.address import lake_at
    from headgate.project import load_project

    at = lake_at(str(lake))
    described = load_project(folder, at).named(names)
    must_be_there(at)
    return at, described
