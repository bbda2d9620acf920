"""What Java's regular expressions refuse, without a JVM.

Great Expectations on Spark matches with `rlike`: Java's dialect, anywhere in the text. This module reports what people
who know Python's dialect write by habit; patterns that it accepts are tried on the JVM before the first row is read.
"""

from __future__ import annotations

import re

_ESCAPES = frozenset("AbBdDsSwWhHvVRXGzZtnrfaecxupPkNQ")
_FLAGS = re.compile(r"\?[idmsuxU]*(-[idmsuxU]+)?([:)])")
_NAMED = re.compile(r"\?<([A-Za-z][A-Za-z0-9]*)>")
_COUNTED = re.compile(r"\{(\d+)(?:,(\d*))?\}")
_AROUND = ("?:", "?=", "?!", "?>", "?<=", "?<!")
_PYTHON = {
    "?P<": "Python's `(?P<name>…)` is `(?<name>…)` in Java",
    "?P=": "Python's `(?P=name)` is `\\k<name>` in Java",
    "?#": "Java has no `(?#comment)`",
    "?(": "Java has no conditional `(?(1)…|…)`",
}


def java_regex_problem(pattern: str) -> str | None:
    """Why Java cannot read the pattern, in words; None where nothing is wrong with it."""
    try:
        _Scan(pattern).run()
    except ValueError as problem:
        return str(problem)
    return None


class _Scan:
    """One pass over a pattern; raises `ValueError` at the first thing that Java refuses."""

    def __init__(self, pattern: str) -> None:
        self.text, self.at = pattern, 0
        self.open = 0
        self.repeatable = False  # whether `*` may follow

    def run(self) -> None:
        while self.at < len(self.text):
            sign = self.text[self.at]
            step = {"\\": self.escape, "[": self.bracket, "(": self.group, ")": self.close}.get(sign, self.plain)
            if step() is False:
                return  # `(?x)`: blanks and comments follow, which are left to the JVM
        if self.open:
            raise ValueError("a `(` is not closed")

    def escape(self) -> None:
        quoted = self.text.startswith("\\Q", self.at)
        self.at = _after_quote(self.text, self.at) if quoted else _after_escape(self.text, self.at)
        self.repeatable = True

    def bracket(self) -> None:
        self.at = _after_class(self.text, self.at)
        self.repeatable = True

    def group(self) -> bool:
        rest = self.text[self.at + 1 :]
        for start, problem in _PYTHON.items():
            if rest.startswith(start):
                raise ValueError(problem)
        flags, named = _FLAGS.match(rest), _NAMED.match(rest)
        self.repeatable = False
        if flags and flags[2] == ")":
            self.at += 1 + flags.end()
            return "x" not in flags[0]
        if rest.startswith("?") and not (flags or named or rest.startswith(_AROUND)):
            raise ValueError(f"Java does not know `({rest[:3]}`")
        marked = named or flags or next((s for s in reversed(_AROUND) if rest.startswith(s)), "")
        self.at += 1 + (len(marked) if isinstance(marked, str) else marked.end())
        self.open += 1
        return not (flags and "x" in flags[0])

    def close(self) -> None:
        self.open, self.at, self.repeatable = self.open - 1, self.at + 1, True
        if self.open < 0:
            raise ValueError("a `)` closes nothing")

    def plain(self) -> None:
        sign = self.text[self.at]
        if sign in "*+?" or (sign == "{" and self.repeatable):
            self.repeat(sign)
            return
        self.at += 1
        self.repeatable = sign != "|"

    def repeat(self, sign: str) -> None:
        if not self.repeatable:
            raise ValueError(f"`{sign}` repeats nothing")
        counted = _COUNTED.match(self.text, self.at)
        if sign == "{" and (counted is None or (counted[2] and int(counted[2]) < int(counted[1]))):
            raise ValueError("`{` begins no count such as `{2}`, `{2,}` or `{2,5}`; a brace itself is `\\{`")
        self.at = counted.end() if counted else self.at + 1
        if self.text[self.at : self.at + 1] in ("?", "+"):
            self.at += 1
        self.repeatable = self.text[self.at : self.at + 1] == "{"  # Java lets a count follow a repetition


def _after_quote(text: str, at: int) -> int:
    end = text.find("\\E", at)
    return len(text) if end < 0 else end + 2


def _after_escape(text: str, at: int) -> int:
    sign = text[at + 1 : at + 2]
    if not sign:
        raise ValueError("it ends in a single `\\`")
    if sign.isascii() and sign.isalpha() and sign not in _ESCAPES:
        raise ValueError(f"Java does not know `\\{sign}`")
    braced = sign in "pPxN" and text[at + 2 : at + 3] == "{"
    end = text.find("}", at) if braced else at + 1
    if end < 0:
        raise ValueError(f"`\\{sign}{{` is not closed")
    return end + 1


def _after_class(text: str, at: int) -> int:
    at += 2 if text.startswith("[^", at) else 1
    first = True
    while at < len(text):
        if text[at] == "]" and not first:
            return at + 1
        if text[at] == "\\":
            at = _after_quote(text, at) if text.startswith("\\Q", at) else _after_escape(text, at)
        else:
            at = _after_class(text, at) if text[at] == "[" else at + 1
        first = False
    raise ValueError("a `[` is not closed")
