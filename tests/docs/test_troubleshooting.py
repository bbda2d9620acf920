"""docs/TROUBLESHOOTING.md lists every message that the library can raise, and no other."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/TROUBLESHOOTING.md").read_text(encoding="utf-8")
LIBRARY = [file for file in sorted((ROOT / "shared/headgate").rglob("*.py")) if "demo" not in file.parts]
OTHERS = [ROOT / "Makefile", ROOT / "tools/environment.py"]
RAISED = {
    "Absent",
    "CannotBelong",
    "CannotDeploy",
    "CannotInstall",
    "GateClosed",
    "RunFailed",
    "UnusableArgument",
    "UnwritableLake",
}
# Messages of other programs.
NOT_OURS = {"make: command not found"}


def test_the_page_lists_every_message_of_the_library() -> None:
    page = _plain(PAGE)
    every = [pieces for file in LIBRARY for pieces in _raised(file)]
    assert len(every) > 50
    assert [pieces for pieces in every if not any(_beginning(piece) in page for piece in pieces)] == []


def test_every_message_on_the_page_can_be_raised() -> None:
    code = _plain("\n".join(_texts(file) for file in [*LIBRARY, *OTHERS]))
    unknown = [piece for piece in _messages() if piece not in NOT_OURS and _plain(piece) not in code]
    assert unknown == []


def _raised(file: Path) -> Iterator[list[str]]:
    """Yield the fixed pieces of each error message in the file."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in RAISED and node.args:
            pieces = [piece for piece in _fixed(node.args[0]) if len(piece.split()) > 1]
            if pieces:
                yield pieces


def _beginning(piece: str) -> str:
    return " ".join(_plain(piece).split()[:4]).strip(".,:;(")


def _fixed(text: ast.expr) -> Iterator[str]:
    parts = text.values if isinstance(text, ast.JoinedStr) else [text]
    for part in parts:
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            yield from part.value.splitlines()


def _texts(file: Path) -> str:
    """Return all strings of the code; f-strings with a line break in place of each value."""
    source = file.read_text(encoding="utf-8")
    if file.suffix != ".py":
        return source
    nodes = list(ast.walk(ast.parse(source)))
    joined = ["".join(_fixed(n) if not isinstance(n, ast.JoinedStr) else _with_gaps(n)) for n in nodes if _is_text(n)]
    return "\n".join(joined)


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def _with_gaps(text: ast.JoinedStr) -> Iterator[str]:
    for part in text.values:
        yield str(part.value) if isinstance(part, ast.Constant) else "\n"


def _messages() -> Iterator[str]:
    """Yield the fixed pieces of the messages in the first column of the tables."""
    for row in re.findall(r"(?m)^\| (`.+?) \|", PAGE.partition("## Terraform refuses")[0]):
        for quoted in re.findall(r"`([^`]+)`", row):
            pieces = re.split(r"…|COLUMN:|TYPE|\butf-8\b", quoted)
            yield from (piece.strip(" (),;:.") for piece in pieces if len(piece.split()) > 1)


def _plain(text: str) -> str:
    return re.sub(r"[ \t`]+", " ", text).strip()
