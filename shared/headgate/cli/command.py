"""How a command line ends: a user's mistake is a message, never a stack trace."""

from __future__ import annotations

import sys
from typing import NoReturn

import typer
from rich.console import Console

from headgate.errors import HeadgateError, UnusableArgument

STOPPED = 130  # as a shell says of what Ctrl-C ended


def carry_out(
    app: typer.Typer, program: str, *, stopped: str, stopped_code: int = STOPPED, refused_code: int | None = None
) -> NoReturn:
    """Run `app` and end the process: with 0 or what the command returned, with an error's own code (or `refused_code`),
    with `stopped_code` after Ctrl-C, with 2 where the arguments cannot be used."""
    errors = Console(stderr=True, highlight=False, soft_wrap=True)
    try:
        sys.exit(app(standalone_mode=False) or 0)
    except HeadgateError as error:
        errors.print(str(error), markup=False)
        sys.exit(error.exit_code if refused_code is None else refused_code)
    except (typer.Abort, KeyboardInterrupt):
        errors.print(stopped)
        sys.exit(stopped_code)
    except Exception as error:  # click's own usage errors carry their message
        if hasattr(error, "format_message"):
            errors.print(f"{error.format_message()}\nSee `{program} --help`.", markup=False)  # type: ignore[attr-defined]
            sys.exit(UnusableArgument.exit_code)
        raise
