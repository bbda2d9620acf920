"""Commands about this installation: `headgate completion`, `headgate doctor`; and `headgate --version`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Literal

import typer

PROGRAM = "headgate"
Version = Annotated[
    bool,
    typer.Option(
        "--version", is_eager=True, callback=lambda on: _print_version(on), help="Print the version and exit."
    ),
]
_COMPLETE = "_HEADGATE_COMPLETE"  # the shell's script sets it to get the words that fit


def add_to(app: typer.Typer) -> None:
    """Add these commands and `--version` to the command line."""
    if _COMPLETE in os.environ:
        from typer.completion import completion_init  # type: ignore[attr-defined]

        completion_init()
    app.callback()(_root)
    app.command("completion")(completion_command)
    app.command("doctor")(doctor_command)


def _root(version: Version = False) -> None: ...


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import PackageNotFoundError, version

        try:
            print(f"headgate {version('headgate')}")
        except PackageNotFoundError:
            print("headgate, from a folder of sources that is not installed")
        raise typer.Exit


def completion_command(
    shell: Annotated[Literal["bash", "zsh", "fish"], typer.Argument(help="The shell that completes.")],
) -> None:
    """Print the script by which a shell completes commands and options.

    bash: `headgate completion bash > ~/.local/share/bash-completion/completions/headgate`
    zsh: `headgate completion zsh > ~/.zfunc/_headgate`, where ~/.zfunc is in `fpath`
    fish: `headgate completion fish > ~/.config/fish/completions/headgate.fish`
    """
    from typer.completion import get_completion_script  # type: ignore[attr-defined]

    print(get_completion_script(prog_name=PROGRAM, complete_var=_COMPLETE, shell=shell))


def doctor_command(
    lake: Annotated[Path, typer.Option("--lake", help="The folder of the lake.")] = Path("lake"),
) -> None:
    """Say what this machine has of what runs need, and what to do where something is missing."""
    from rich.console import Console

    from headgate.cli.doctor import examine

    out, missing = Console(highlight=False), 0
    for finding in examine(lake):
        mark, style = ("✖", "red") if finding.remedy else ("✔", "green")
        out.print(f"[{style}]{mark}[/] {finding.name:<18} ", end="")
        out.print(finding.found + (f": {finding.remedy}" if finding.remedy else ""), markup=False, soft_wrap=True)
        missing += bool(finding.remedy)
    raise typer.Exit(1 if missing else 0)
