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
from headgate.verify.probe_dataset import write_contract

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
        bool, typer.Option("--write-contract", help="Write the probes' contract; do not contact AWS.")
    ] = False,
    folder: Annotated[Path, typer.Option("--checkout", help="The folder of the checkout.")] = Path("."),
) -> None:
    """Probe on a real account what no emulator shows, and clean up afterwards (docs/VERIFY.md)."""
    if contract:
        print(f"{write_contract(folder / 'contracts')}\nNext: `make written`, then release, plan and apply.")
        raise typer.Exit(0)
    if not env:
        raise UnusableArgument("no environment is named", remedy="Name it: `make verify ENV=dev`.")
    raise typer.Exit(_verify(env, only or [], name, folder, as_json=as_json, accepted=accepted))


def _verify(env: str, only: list[str], name: str, folder: Path, *, as_json: bool, accepted: bool) -> int:
    from headgate.cost.prices import read_prices
    from headgate.verify.estimate import estimate, refuse_costly, spent
    from headgate.verify.output import as_document, print_result
    from headgate.verify.runner import chosen, verify
    from headgate.verify.start import find_lake

    probes, prices = chosen(only), read_prices()
    lake = find_lake(env, name, folder)
    cost = estimate(lake.job, [probe.name for probe in probes], prices)
    refuse_costly(cost, accepted=accepted)
    names = lake.job.names
    _print_progress(f"{names.lake} in account {names.account}: {len(probes)} probes, {cost}.")
    result = verify(lake, probes, _print_progress)
    usd = spent(lake.job, lake.created.runs.values(), len(lake.created.queries), prices)
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
