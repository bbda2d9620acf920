"""Frame a CSV file: which lines are one record, line by line, by a state machine that knows the declared dialect.

The splitter of values is another program: what this one counts is what the other one must account for.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from headgate.columns import COMMENT, REPEATED_HEADER, SKIP_FROM, SKIP_LAST
from headgate.read.dialect import Dialect

MOST_OPEN = 1 << 27  # characters of a value over several lines; a quote that is open for longer never closes

BLANK = " \t\ufeff"
_LINE_END = re.compile(r"\r\n|\r|\n")  # alone: with the text before it, a long line would be searched again and again
_WHERE_OPEN = "`multi_line: true` reads values with line breaks"


class Line(NamedTuple):
    """A line of a file, its number from 1, and the characters that end it."""

    number: int
    text: str
    end: str


class Framed(NamedTuple):
    """A record: its text with its own line breaks, why it is refused, or why it is skipped."""

    text: str
    fault: str | None = None
    skip: str | None = None


@dataclass(frozen=True)
class Framing:
    """What a contract says about the lines of a file."""

    dialect: Dialect
    multi_line: bool
    header: bool
    skip_lines: int = 0
    skip_last: int = 0
    skip_from: str = ""
    comment: str = ""


def blank_characters(delimiter: str) -> str:
    """The characters that make a blank line; a delimiter among them makes a record of empty values."""
    return "".join(sign for sign in BLANK if sign not in delimiter)


def lines(chunks: Iterable[str]) -> Iterator[Line]:
    """The lines of a text that arrives in chunks; CR, LF and CRLF each end one."""
    number, parts, held = 0, list[str](), ""
    for given in chunks:
        chunk, held = held + given, ""
        if chunk.endswith("\r"):  # perhaps half of a CRLF
            chunk, held = chunk[:-1], "\r"
        at = 0
        for end in _LINE_END.finditer(chunk):
            text, number, at = chunk[at : end.start()], number + 1, end.end()
            yield Line(number, "".join([*parts, text]) if parts else text, end[0])
            parts = []
        if at < len(chunk):
            parts.append(chunk[at:])
    if parts or held:
        yield Line(number + 1, "".join(parts), held)


class Framer:
    """Frames the lines of one file; use it once."""

    def __init__(self, framing: Framing) -> None:
        self._framing, self._header, self._begun = framing, "", not framing.header
        self._blank = blank_characters(framing.dialect.delimiter)
        self._ends = re.compile(framing.skip_from) if framing.skip_from else None
        self._patterns = Patterns(framing.dialect)
        self._again = deque[Line]()
        self._source: Iterator[Line] = iter(())
        self._trailer: list[Line] = []

    def records(self, source: Iterator[Line]) -> Iterator[Framed]:
        """Every record of the file but its header, in order; each counts as one row read."""
        self._source = islice(source, self._framing.skip_lines, None)
        if self._framing.header:
            yield from self._until_header()
        if self._framing.skip_last:
            self._source = self._before_trailer(self._source, self._framing.skip_last)
        yield from self._framed()
        yield from (Framed(line.text, skip=SKIP_LAST) for line in self._trailer)

    def _until_header(self) -> Iterator[Framed]:
        for record in self._framed():
            if record.skip is None:
                self._header, self._begun = record.text.lstrip("\ufeff"), True
                return
            yield record

    def _before_trailer(self, source: Iterator[Line], count: int) -> Iterator[Line]:
        held = deque[Line]()
        for line in source:
            held.append(line)
            if not line.text.strip(self._blank):
                continue
            while sum(bool(one.text.strip(self._blank)) for one in held) > count:
                yield held.popleft()
        self._trailer = [line for line in held if line.text.strip(self._blank)]

    def _framed(self) -> Iterator[Framed]:
        while (line := self._next()) is not None:
            if not line.text.strip(self._blank):
                continue
            if self._ends and self._begun and self._ends.search(line.text):
                yield from self._rest(line)
            elif self._framing.comment and line.text.startswith(self._framing.comment):
                yield Framed(line.text, skip=COMMENT)
            elif (state := self._patterns.begin(line.text)) is None:
                yield self._record(line.text)
            else:
                yield from self._open(line, state)

    def _next(self) -> Line | None:
        return self._again.popleft() if self._again else next(self._source, None)

    def _record(self, text: str) -> Framed:
        same = bool(self._header) and text.lstrip("\ufeff") == self._header
        return Framed(text, skip=REPEATED_HEADER) if same else Framed(text)

    def _rest(self, line: Line | None) -> Iterator[Framed]:
        while line is not None:
            if line.text.strip(self._blank):
                yield Framed(line.text, skip=SKIP_FROM)
            line = self._next()

    def _open(self, line: Line, state: str) -> Iterator[Framed]:
        """A record whose first line does not end it: read on until it ends, or until it cannot."""
        joined, quoted, size = [line], state == QUOTED, len(line.text)
        while size < MOST_OPEN and (line_after := self._next()) is not None:
            joined.append(line_after)
            size += len(line_after.text)
            result = self._patterns.go_on(line_after.text, state)
            if result is None:
                yield from self._closed(joined, quoted)
                return
            if result == FAULTY:
                yield from self._faulty(joined, quoted)
                return
            state, quoted = result, quoted or result == QUOTED
        yield from self._never_closed(joined, quoted)

    def _closed(self, joined: list[Line], quoted: bool) -> Iterator[Framed]:
        if self._framing.multi_line or not quoted:
            yield self._record(_text(joined))
            return
        first, last = joined[0].number, joined[-1].number
        yield Framed(joined[0].text, f"record: a quote left open, which closes on line {last}; {_WHERE_OPEN}")
        yield from self._refused(joined[1:], f"{_rest_of(first)}; {_WHERE_OPEN}")

    def _faulty(self, joined: list[Line], quoted: bool) -> Iterator[Framed]:
        """A fault behind the open quote: a stray quote, where each further line is a record by itself."""
        if not quoted:
            yield self._record(_text(joined))
            return
        first, last = joined[0].number, joined[-1].number
        if all(self._patterns.is_record(line.text) for line in joined[1:]):
            yield Framed(joined[0].text, f"record: a quote left open on line {first}; the lines behind it are records")
            self._again.extendleft(reversed(joined[1:]))
            return
        why = f"a quote left open on line {first}, and a fault on line {last}; set `quote` and `escape` as the file has"
        yield Framed(joined[0].text, f"record: {why} them")
        yield from self._refused(joined[1:], _rest_of(first))

    def _never_closed(self, joined: list[Line], quoted: bool) -> Iterator[Framed]:
        first = joined[0].number
        if not quoted:
            yield self._record(_text(joined))
        elif not self._framing.multi_line:
            yield Framed(joined[0].text, f"record: a quote left open on line {first} never closes")
            self._again.extendleft(reversed(joined[1:]))
        else:
            reason = f"record: a quote left open on line {first} never closes; where the records behind it end is lost"
            yield from self._refused([*joined, *iter(self._next, None)], reason)

    def _refused(self, joined: Iterable[Line], reason: str) -> Iterator[Framed]:
        yield from (Framed(line.text, reason) for line in joined if line.text.strip(self._blank))


def _rest_of(first: int) -> str:
    return f"record: the rest of a record whose quote was left open on line {first}"


def _text(joined: list[Line]) -> str:
    """The text of a record over several lines, with the line breaks as they are in the file."""
    return "".join([*(line.text + line.end for line in joined[:-1]), joined[-1].text])


QUOTED, ESCAPED, FAULTY = "quoted", "escaped", "faulty"  # states of a record at the end of a line


class Patterns:
    """The dialect's grammar for one line, from the beginning of a record or from the middle of one."""

    def __init__(self, dialect: Dialect) -> None:
        quote, delimiter = re.escape(dialect.quote), re.escape(dialect.delimiter)
        escape = re.escape(dialect.escape) if dialect.escape else ""
        still_open = f"{quote}{dialect.inside}(?:{escape})?" if quote else ""
        escaped = f"{dialect.bare}{escape}" if dialect.outside else ""
        self._signs = [sign for sign in (dialect.quote, dialect.escape if dialect.outside else "") if sign]
        self._whole = _compiled(dialect.record)
        self._ends = {QUOTED: still_open, ESCAPED: escaped}
        self._begin = {state: _compiled(dialect.fields + end) for state, end in self._ends.items() if end}
        before = {QUOTED: dialect.inside + quote, ESCAPED: dialect.bare}
        self._done, self._open = {}, {}
        for state in self._begin:
            self._done[state] = _compiled(f"{before[state]}(?:{delimiter}{dialect.record})?")
            self._open[state] = {
                after: _compiled(f"{before[state]}{delimiter}{dialect.fields}{self._ends[after]}")
                for after in self._begin
            }
            self._open[state][state + "!"] = _compiled(
                f"{dialect.inside}(?:{escape})?" if state == QUOTED else f"{dialect.bare}{escape}"
            )

    def begin(self, text: str) -> str | None:
        """The state after a first line, None where it ends a record, with or without faults."""
        if any(sign in text for sign in self._signs):
            for state, pattern in self._begin.items():
                if pattern.fullmatch(text):
                    return state
        return None

    def go_on(self, text: str, state: str) -> str | None:
        """The state after a further line: None where the record ends, `FAULTY` where it breaks the dialect."""
        if self._done[state].fullmatch(text):
            return None
        for after, pattern in self._open[state].items():
            if pattern.fullmatch(text):
                return after.removesuffix("!")
        return FAULTY

    def is_record(self, text: str) -> bool:
        """True for a line that is a record by itself."""
        return self._whole.fullmatch(text) is not None


def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.DOTALL)
