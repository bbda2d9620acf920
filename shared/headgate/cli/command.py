"""What Headgate's command lines share: a user's mistake gives a message, never a stack trace."""

from __future__ import annotations

import sys
from typing import NoReturn

import typer
from rich.console import Console

from headgate.errors import HeadgateError, UnusableArgument

STOPPED = 130  # the exit code of a shell's command after Ctrl-C


def new_app(about: str, exit_codes: str) -> typer.Typer:
    """Create an app of several commands; its help shows what it is about and the meaning of the exit codes."""
    return typer.Typer(
        add_completion=False,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        help=about,
        epilog=f"Exit codes: {exit_codes}.",
    )


def run_command_line(
    app: typer.Typer, program: str, *, stopped: str, stopped_code: int = STOPPED, refused_code: int | None = None
) -> NoReturn:
    """Run `app` and exit: with 0 or the command's own code, or with 2 if the arguments cannot be used.

    After an error of Headgate the code is `refused_code`, by default that of the error; after Ctrl-C `stopped_code`.
    """
    errors = Console(stderr=True, highlight=False, soft_wrap=True)
    try:
        sys.exit(app(standalone_mode=False) or 0)
    except HeadgateError as error:
        errors.print(str(error), markup=False)
        sys.exit(error.exit_code if refused_code is None else refused_code)
    except (typer.Abort, KeyboardInterrupt):
        errors.print(stopped)
        sys.exit(stopped_code)
    except Exception as error:  # click's own usage errors bring their message
        if hasattr(error, "format_message"):
            errors.print(f"{error.format_message()}\nSee `{program} --help`.", markup=False)  # type: ignore[attr-defined]
            sys.exit(UnusableArgument.exit_code)
        raise
