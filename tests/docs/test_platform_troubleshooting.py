"""docs/TROUBLESHOOTING.md lists every message with which our Terraform refuses a plan, and no other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TERRAFORM = ROOT / "terraform"
PAGE = (ROOT / "docs/TROUBLESHOOTING.md").read_text(encoding="utf-8")
OURS, _, TERRAFORMS = PAGE.partition("## Terraform refuses")[2].partition("Terraform's own messages:")
CODE = [file for file in sorted(TERRAFORM.rglob("*.tf")) if not {".terraform", "tests"} & set(file.parts)]
# Files in which a list of texts is joined into a message.
LISTS = {
    "faults.tf": "faults = concat(",
    "names.tf": "_too_long = [",
    "etl.tf": "_etl_faults = concat(",
    "retired.tf": "_retire_faults = concat(",
}


def test_the_page_lists_every_refusal_of_terraform() -> None:
    page = plain(OURS)
    every = [pieces for file in CODE for pieces in refusals(file)]
    assert len(every) > 50
    missing = [pieces for pieces in every if not any(words(piece) in page for piece in pieces)]
    assert missing == []


def test_every_refusal_on_the_page_exists_in_terraform() -> None:
    code = plain("\n".join(" \n ".join(fixed(text)) for file in CODE for text in texts(_code(file))))
    rows = re.findall(r"(?m)^\| (`.+?) \|", OURS)
    assert len(rows) > 25
    pieces = [
        piece.strip(" .") for row in rows for quoted in re.findall(r"`(.+?)`", row) for piece in quoted.split("…")
    ]
    assert [piece for piece in pieces if len(piece.split()) > 1 and plain(piece) not in code] == []


def test_terraforms_own_messages_are_listed_separately() -> None:
    assert "Error acquiring the state lock" in TERRAFORMS and "AccessDenied" in TERRAFORMS


def refusals(file: Path) -> Iterator[list[str]]:
    """Yield the fixed pieces of each message with which the file can refuse."""
    for line in _lines(file):
        for text in texts(line):
            pieces = [piece for piece in fixed(text) if len(piece.split()) > 2]
            if pieces:
                yield pieces


def _code(file: Path) -> str:
    """The file's text, with each message that is joined from several lines on one line."""
    text = file.read_text(encoding="utf-8")
    pieces = re.compile(r'join\(" ", \[\n\s*(".*?"),?\n\s*\]\)', re.DOTALL)
    return pieces.sub(lambda joined: re.sub(r'",\n\s*"', " ", joined[1]), text)


def _lines(file: Path) -> Iterator[str]:
    """Yield the lines with messages: those of `error_message`, and those of lists that are joined into a message."""
    listing = False
    for line in _code(file).splitlines():
        begins = LISTS.get(file.name, "\0") in line or re.search(r"error_message = join\(.*\[$", line)
        listing = bool(listing or begins) and not re.match(r"  [\])]$|    \]+\)+$|resource ", line)
        if listing or "error_message =" in line:
            yield line.split(" if ")[0] if listing else line


def texts(code: str) -> Iterator[str]:
    """Yield the quoted texts of HCL, with their interpolations, which may contain quoted texts themselves."""
    at = 0
    while (at := code.find('"', at)) >= 0:
        end = _end(code, at + 1)
        yield code[at + 1 : end]
        at = end + 1


def _end(code: str, at: int) -> int:
    depth = 0
    while at < len(code):
        if code.startswith("${", at) or (code[at] == "{" and depth and not code.startswith("${", at - 1)):
            depth += 1
        elif code[at] == "}" and depth:
            depth -= 1
        elif code[at] == "\\":
            at += 1
        elif code[at] == '"':
            if not depth:
                return at
            at = _end(code, at + 1)
        at += 1
    return at


def fixed(text: str) -> list[str]:
    """Return a template's pieces between its interpolations."""
    pieces, depth, begin = list[str](), 0, 0
    for i, letter in enumerate(text):
        if letter == "{" and (depth or text[i - 1 : i] == "$"):
            if not depth:
                pieces.append(text[begin : i - 1])
            depth += 1
        elif letter == "}" and depth:
            depth -= 1
            begin = i + 1
    return [*pieces, text[begin:]] if not depth else pieces


def words(piece: str) -> str:
    return " ".join(plain(piece).split()[:3]).strip(".,:;() ")


def plain(text: str) -> str:
    return re.sub(r"[ \t`]+", " ", text.replace('\\"', '"')).strip()
