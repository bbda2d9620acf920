"""JSON documents on standard output: exactly one for a command with `--json`, also where it cannot be carried out."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from headgate.errors import HeadgateError, UnusableContract


class _Printed:
    once = False


def print_document(content: Mapping[str, Any] | Sequence[Any]) -> None:
    """Print one JSON document."""
    print_text(json.dumps(content, indent=2, default=str))


def print_text(document: str) -> None:
    """Print a JSON document that is written already."""
    print(document)
    _Printed.once = True


def begin() -> None:
    """Nothing is printed yet."""
    _Printed.once = False


def is_wanted() -> bool:
    """True where the command line asks for JSON and nothing is printed yet."""
    words = sys.argv[1:]
    options = words[: words.index("--")] if "--" in words else words
    return "--json" in options and not _Printed.once


def error_document(error: BaseException | None, what: str, exit_code: int) -> dict[str, Any]:
    """Why the command was not carried out; of contracts every fault."""
    content = {
        "kind": type(error).__name__
        if isinstance(error, HeadgateError)
        else "UnusableArgument"
        if error
        else "Stopped",
        "what": getattr(error, "what", "") or what,
        "where": getattr(error, "where", ""),
        "remedy": getattr(error, "remedy", ""),
    }
    if isinstance(error, UnusableContract):
        content["faults"] = [vars(fault) for fault in error.faults]
    return {"exit_code": exit_code, "error": content}
