"""What Headgate's command lines share: a user's mistake gives a message, never a stack trace."""

from __future__ import annotations

import atexit
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import NoReturn

import typer

from headgate import stopping
from headgate.cli import documents
from headgate.errors import HeadgateError, RunFailed, UnusableArgument
from headgate.stopping import STOPPED


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
    try:
        documents.begin()
        _require_text(sys.argv[1:])
        code = app(prog_name=program, standalone_mode=False) or 0
    except (typer.Abort, KeyboardInterrupt):
        code = STOPPED
    except Exception as error:  # after Ctrl-C it is a consequence
        code = STOPPED if stopping.requested() else _report(error, program, refused_code)
    if code == STOPPED or stopping.requested():
        _print_error(stopped)
        code = stopped_code
        if documents.is_wanted():
            documents.print_document(documents.error_document(None, stopped, code))
        _exit_stopped(code)
    sys.exit(code)


def _exit_stopped(code: int) -> NoReturn:
    """Exit as `sys.exit` does, with this code in all cases.

    Where Ctrl-C met code that Python runs from a text (`exec`, which makes dataclasses), Python would end itself by the
    signal although the exception was caught: it remembers that there was one (`Py_RunMain`).
    """
    with suppress(Exception):
        atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


def _require_text(words: Sequence[str]) -> None:
    """Raise `UnusableArgument` for an argument that is not UTF-8: no file of a project has such a name."""
    for word in words:
        try:
            word.encode()
        except UnicodeEncodeError:
            shown = word.encode(errors="backslashreplace").decode()
            raise UnusableArgument(f"the argument `{shown}` is not UTF-8", remedy="Write it in UTF-8.") from None


def _report(error: Exception, program: str, refused_code: int | None) -> int:
    """Print the message of a mistake or of the machine, and return the exit code; anything else is a fault: raised."""
    if isinstance(error, OSError) and error.strerror:
        where = str(error.filename or "")
        remedy = "Check the path, your rights there and the space on the disk."
        error = RunFailed(f"the machine refused: {error.strerror}", where=where, remedy=remedy)
    if isinstance(error, HeadgateError):
        message, code = str(error), error.exit_code if refused_code is None else refused_code
    elif hasattr(error, "format_message"):  # click's own usage errors bring their message
        message = f"{error.format_message()}\nSee `{program} --help`."  # type: ignore[attr-defined]
        code = UnusableArgument.exit_code
    else:
        raise error
    _print_error(message)
    if documents.is_wanted():
        documents.print_document(documents.error_document(error, message, code))
    return code


def _print_error(message: str) -> None:
    from rich.console import Console

    Console(stderr=True, highlight=False, soft_wrap=True).print(message, markup=False)
