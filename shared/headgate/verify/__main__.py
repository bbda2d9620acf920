"""`python -m headgate.verify --env dev [--only PROBE] [--json] [--yes]`, or `--write-contract`.

Exit codes: 0 every probe passed, 1 a probe failed or something could not be removed, 2 nothing was started.
"""

from __future__ import annotations

import json
import signal
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from headgate.cli.command import run_command_line
from headgate.errors import UnusableArgument
from headgate.verify.probe_dataset import write_contracts

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)


@app.command(
    epilog="Exit codes: 0 every probe passed, 1 a probe failed or something could not be removed, "
    "2 nothing was started."
)
def verify_command(
    env: Annotated[str, typer.Option("--env", help="The environment: terraform/environments/<env>.tfvars.")] = "",
    only: Annotated[list[str] | None, typer.Option("--only", help="Run only this probe; may be repeated.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    accepted: Annotated[bool, typer.Option("--yes", help="Start even if the probes may cost over 1 USD.")] = False,
    name: Annotated[str, typer.Option("--name", help="The lake's name, if not the environment's.")] = "",
    contract: Annotated[
        bool, typer.Option("--write-contract", help="Write the probes' contracts; do not contact AWS.")
    ] = False,
    folder: Annotated[Path, typer.Option("--checkout", help="The folder of the checkout.")] = Path("."),
) -> None:
    """Probe on a real account what no emulator shows, and clean up afterwards (docs/VERIFY.md)."""
    if contract:
        for file in write_contracts(folder):
            print(file)
        print("Next: `make written`, then release, plan and apply.")
        raise typer.Exit(0)
    if not env:
        raise UnusableArgument("no environment is named", remedy="Name it: `make verify ENV=dev`.")
    raise typer.Exit(_verify(env, only or [], name, folder, as_json=as_json, accepted=accepted))


def _verify(env: str, only: list[str], name: str, folder: Path, *, as_json: bool, accepted: bool) -> int:
    from headgate.cost.prices import read_prices
    from headgate.verify.estimate import estimate, further_costs, refuse_costly, spent
    from headgate.verify.output import as_document, print_result
    from headgate.verify.runner import chosen, verify
    from headgate.verify.start import find_lake

    probes, prices = chosen(only), read_prices()
    lake = find_lake(env, name, folder)
    planned = [probe.name for probe in probes if probe.dataset not in lake.missing]
    cost = estimate(lake.jobs, planned, prices)
    refuse_costly(cost, accepted=accepted)
    names = lake.job.names
    _print_progress(f"{names.lake} in account {names.account}: {len(probes)} probes, {cost}.")
    for probe, further in further_costs(lake.jobs, planned, prices):
        _print_progress(f"  {probe}: {further:.2f} USD")
    result = verify(lake, probes, _print_progress)
    created = lake.created
    usd = spent(lake.jobs, created.runs.values(), len(created.queries), created.crawls, prices)
    if as_json:
        print(json.dumps(as_document(result, lake, cost, usd), indent=1))
    else:
        print_result(Console(), result, lake, usd)
    return result.exit_code


def _print_progress(line: str) -> None:
    """Print to stderr, so that stdout has the result only."""
    print(line, file=sys.stderr, flush=True)


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def main() -> None:
    """Run the command line. SIGTERM cleans up like Ctrl-C; an error here means that nothing was started."""
    signal.signal(signal.SIGTERM, _interrupt)
    unusable = UnusableArgument.exit_code
    run_command_line(
        app,
        "python -m headgate.verify",
        stopped="Stopped before anything was sent.",
        stopped_code=unusable,
        refused_code=unusable,
    )


if __name__ == "__main__":
    main()
