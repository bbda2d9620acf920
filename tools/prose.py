"""Refuse words that make prose hard to read, and name the better word.

    python tools/prose.py                        everything in this repository that a person reads
    python tools/prose.py shared/headgate/gate   one room; also single files

The linter reads comments, docstrings and texts of Python (in tests no texts, since they quote), and the whole of the
other kinds of files in `READERS`. It skips what is quoted in backticks, and fenced blocks of Markdown.
"""

from __future__ import annotations

import io
import re
import sys
import tokenize
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

# What to read where no path is given: folders and files at the top of the repository.
ROOMS = (
    *(
        "shared",
        "rehearsal",
        "glue_jobs",
        "lambdas",
        "tools",
        "tests",
        "benchmarks",
        "contracts",
        "sql",
        "terraform",
        "docs",
    ),
    *(".ci", ".github", "README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "AGENTS.md"),
    *("Makefile", "pyproject.toml", ".pre-commit-config.yaml"),
)

# A refused phrase as a regular expression (a space in it matches a line's end too), and what to write instead.
REFUSED = {
    r"stands?(?! for\b)|stood": '"is", "exists" or "is written"',
    r"tells? of": '"reports" or "shows"',
    r"(is|are|was|were|be|been|not) told": '"is reported" or "is notified"; for "told apart" write "distinguished"',
    r"says? nothing|nothing says": "what is missing, or what to choose",
    r"(?<!there )(?<!where )(is|are|was|were) no (?!(longer|more|less|worse|better|matter)\b)\w+": '"is not a …"',
    r"no number of": '"must be a whole number"',
    r"com(e|es|ing) to": '"results in", "adds up to" or "reaches"',
    r"as (it|they) came|came of it": '"as read" or "the result"',
    r"mend(s|ed|ing)?": '"fix" or "correct"',
    r"(the|a) way out": '"the remedy" or "what to do next"',
    r"go(es|ing)? on|went on": '"continues" or "resumes"',
    r"(hold|holds|held)( [^\s.;]+){0,6} against": '"compares … with" or "checks … against"',
    r"whatever(?! happens\b)": '"any", "all" or "regardless of"',
    r"made of": '"built from" or "consists of"',
    r"asked for": '"requested"',
    r"so many (?!\w+ that\b)\w+": '"this many", or give the number',
    r"one after the other": '"in sequence" or "one at a time"',
    r"by and by": '"gradually" or "later"',
    r"without a word": '"silently" or "without a warning"',
    r"all the same": '"anyway" or "still"',
    r"once more": '"again"',
    r"anew": '"again" or "from scratch"',
    r"staged rows?|(written|writes?|lies?) aside": '"judged rows": staging is where raw files lie',
    r"(make|makes|making) way": '"is replaced"',
    r"of (ours|yours|theirs|one's own)": '"our", "your" or "their"',
    r"(speaks?|spoke) of": '"describes" or "mentions"',
    r"what is more|betimes|lest|whence|upon|befalls?|likewise|in vain": "the everyday word",
}

# Phrases that stay, by file, and why.
EXCEPTIONS = {
    ("terraform/modules/jobs/maintain.tf", "go on"): "the description of deployed jobs: every plan would show a change",
}
_RULES = [(re.compile(rf"\b(?:{phrase})(?!\w)", re.IGNORECASE), better) for phrase, better in REFUSED.items()]

_CODE, _GAP = "\0", "\1"  # what replaces code; a value or a quotation in the middle of prose
_QUOTATION = re.compile(r"`[^`\0]*?`")
_FENCE = re.compile(r"(?ms)^ *(```|~~~).*?^ *\1")
_JINJA = re.compile(r"(?s)\{\{.*?\}\}|\{%.*?%\}|<[^>]*>")
_STRING = re.compile(r"(?s)([A-Za-z]*)('''|\"\"\"|'|\")(.*)\2")
_NEW_STATEMENT = (tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENCODING)


def main(arguments: Sequence[str]) -> int:
    """Print a line per refused phrase below the paths. 0: there is none; 1: there are some; 2: a path is missing."""
    paths = [Path(argument) for argument in arguments] or [ROOT / room for room in ROOMS if (ROOT / room).exists()]
    missing = [path for path in paths if not path.exists()]
    for path in missing:
        print(f"{path}: there is no such file or folder", file=sys.stderr)
    found = [line for file in files(paths) for line in refused(file)]
    for line in found:
        print(line)
    return 2 if missing else 1 if found else 0


def files(paths: Sequence[Path]) -> Iterator[Path]:
    """The readable files among the paths and below them, without hidden folders and without this file's table."""
    for path in paths:
        below = sorted(path.rglob("*")) if path.is_dir() else [path]
        visible = (file for file in below if not any(part.startswith(".") for part in file.relative_to(path).parts))
        yield from (file for file in visible if _reader(file) and file.is_file() and file.resolve() != SELF)


def refused(file: Path) -> Iterator[str]:
    """`file:line: "phrase": write …`, per refused phrase in the file, by line."""
    reader = _reader(file)
    assert reader is not None, f"{file} has no reader"
    text = reader(file, file.read_text(encoding="utf-8"))
    words = list(re.finditer(r"\S+", _QUOTATION.sub(_gap, text)))
    lines = [text.count("\n", 0, word.start()) + 1 for word in words]
    starts = list(accumulate((len(word[0]) + 1 for word in words), initial=0))
    prose = " ".join(word[0] for word in words)
    found = [(match.start(), match[0], better) for rule, better in _RULES for match in rule.finditer(prose)]
    for start, phrase, better in sorted(found):
        if (_shown(file), phrase) in EXCEPTIONS:
            continue
        yield f'{_shown(file)}:{lines[bisect_right(starts, start) - 1]}: "{phrase}": write {better}'


def python(file: Path, text: str) -> str:
    """Comments, docstrings and texts that have a space; of tests no texts."""
    lines = list(accumulate((len(line) for line in text.splitlines(keepends=True)), initial=0))
    shape, end, before = "", 0, tokenize.ENCODING
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        is_text = token.type == tokenize.STRING and (before in _NEW_STATEMENT or "tests" not in file.parts)
        if is_text or token.type == tokenize.COMMENT:
            start = lines[token.start[0] - 1] + token.start[1]
            shape += _blank(text[end:start]) + (_text(token.string) if is_text else token.string.replace("#", " "))
            end = start + len(token.string)
        if token.type not in (tokenize.COMMENT, tokenize.NL):
            before = token.type
    return shape + _blank(text[end:])


def markdown(file: Path, text: str) -> str:
    """All but fenced blocks."""
    return _FENCE.sub(lambda fence: _blank(fence[0]), text)


def jinja(file: Path, text: str) -> str:
    """All but tags and expressions."""
    return _JINJA.sub(_gap, text)


def whole(file: Path, text: str) -> str:
    """Everything; of a comment's signs only the space between words."""
    return re.sub(r"(?m)^\s*(#+|--|//)", lambda signs: " " * len(signs[0]), text)


READERS: dict[str, Callable[[Path, str], str]] = {
    ".py": python,
    ".md": markdown,
    ".j2": jinja,
    **dict.fromkeys((".tf", ".hcl", ".tfvars", ".sql", ".sh", ".yaml", ".yml", ".toml", ".properties"), whole),
    **dict.fromkeys(("Makefile", "run"), whole),
}
SELF = Path(__file__).resolve()


def _reader(file: Path) -> Callable[[Path, str], str] | None:
    return READERS.get(file.suffix or file.name)


def _text(literal: str) -> str:
    """A string literal without its quotes, escapes and values; blank where it has no space, as keys and names."""
    parts = _STRING.fullmatch(literal)
    if parts is None or " " not in parts[3]:
        return _blank(literal)
    inner = re.sub(r"\\[nrt]", "  ", parts[3])
    if "f" in parts[1].lower():
        inner = re.sub(r"\{[^{}]*\}", _gap, inner)
    return " " * (len(parts[1]) + len(parts[2])) + inner + " " * len(parts[2])


def _blank(code: str) -> str:
    return re.sub(r"\S", _CODE, code)


def _gap(match: re.Match[str]) -> str:
    return re.sub(r"[^\n]", _GAP, match[0])


def _shown(file: Path) -> str:
    return str(file.relative_to(ROOT) if file.is_relative_to(ROOT) else file)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
