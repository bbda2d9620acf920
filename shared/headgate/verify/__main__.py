"""`python -m headgate.verify --env dev [--only PROBE] [--json] [--yes]`, or `--write-contract`.

Exit codes: 0 every probe passed, 1 one did not or something could not be removed, 2 nothing was started.
"""

from __future__ import annotations

import json
import signal
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from headgate.cli.command import carry_out
from headgate.errors import UnusableArgument
from headgate.verify.probe_dataset import write_contract

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)


@app.command()
def verify_command(
    env: Annotated[str, typer.Option("--env", help="The environment: a file of terraform/environments.")] = "",
    only: Annotated[list[str] | None, typer.Option("--only", help="This probe only; may be said again.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    agreed: Annotated[bool, typer.Option("--yes", help="Start even if it may cost more than a dollar.")] = False,
    name: Annotated[str, typer.Option("--name", help="The lake's name, where it is another.")] = "",
    contract: Annotated[
        bool, typer.Option("--write-contract", help="Write the probes' contract, ask nothing.")
    ] = False,
    folder: Annotated[Path, typer.Option("--checkout", help="The folder of the checkout.")] = Path("."),
) -> None:
    """Probe on the real account what no emulator shows, and take everything away again."""
    if contract:
        print(f"{write_contract(folder / 'contracts')}\nNext: `make written`, then release, plan and apply.")
        raise typer.Exit(0)
    if not env:
        raise UnusableArgument("no environment is named", remedy="Name it: `make verify ENV=dev`.")
    raise typer.Exit(_verify(env, only or [], name, folder, as_json=as_json, agreed=agreed))


def _verify(env: str, only: list[str], name: str, folder: Path, *, as_json: bool, agreed: bool) -> int:
    from headgate.deploy.cost import PRICES, read_prices
    from headgate.verify.estimate import estimate, refuse_costly, spent
    from headgate.verify.output import document, show
    from headgate.verify.runner import chosen, verify
    from headgate.verify.start import scene_at

    probes, prices = chosen(only), read_prices(folder / PRICES)
    scene = scene_at(env, name, folder)
    cost = estimate(scene.target, [one.name for one in probes], prices)
    refuse_costly(cost, agreed=agreed)
    say(f"{scene.target.site.lake} in account {scene.target.site.account}: {len(probes)} probes, {cost}.")
    outcome = verify(scene, probes, say)
    usd = spent(scene.target, scene.traces.runs.values(), len(scene.traces.queries), prices)
    if as_json:
        print(json.dumps(document(outcome, scene, cost, usd), indent=1))
    else:
        show(Console(), outcome, scene, usd)
    return outcome.exit_code


def say(line: str) -> None:
    """What is being done, beside the result."""
    print(line, file=sys.stderr, flush=True)


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def main() -> None:
    """Run the command line. Whatever ends it, it cleans up. Probes do not raise: errors are the preflight's."""
    signal.signal(signal.SIGTERM, _interrupt)
    unusable = UnusableArgument.exit_code
    carry_out(
        app,
        "python -m headgate.verify",
        stopped="Stopped before anything was sent.",
        stopped_code=unusable,
        refused_code=unusable,
    )


if __name__ == "__main__":
    main()
