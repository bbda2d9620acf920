"""CSV as a state machine that knows nothing of the library: character by character, every rule spelled out."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Machine:
    """One dialect. `escape` is "" where nothing escapes, and the quote itself where it is doubled."""

    delimiter: str = ","
    quote: str = '"'
    escape: str = '"'
    multi_line: bool = False
    bare_quotes: bool = False
    any: bool = False

    @property
    def outside(self) -> bool:
        return self.escape not in ("", self.quote) and (not self.quote or self.any)

    def read(self, text: str, width: int) -> list[tuple[str, ...] | str]:
        """Each record of the text: its values, or the text of a line that is refused."""
        found: list[tuple[str, ...] | str] = []
        lines = self.lines(text)
        at = 0
        while at < len(lines):
            if self.blank(lines[at][0]):
                at += 1
                continue
            records, at = self.record(lines, at)
            for record, refused in records:
                values = None if refused else self.values(record)
                found.append(tuple(values) if values is not None and len(values) == width else record)
        return found

    def lines(self, text: str) -> list[tuple[str, str]]:
        """The lines, each with what ends it."""
        lines, line, at = [], "", 0
        while at < len(text):
            if text[at] in "\r\n":
                end = "\r\n" if text[at : at + 2] == "\r\n" else text[at]
                lines.append((line, end))
                line, at = "", at + len(end)
            else:
                line, at = line + text[at], at + 1
        return [*lines, (line, "")] if line else lines

    def blank(self, line: str) -> bool:
        return all(sign in " \t\ufeff" and sign not in self.delimiter for sign in line)

    def record(self, lines: list[tuple[str, str]], at: int) -> tuple[list[tuple[str, bool]], int]:
        """The records that begin on the line `at`, each with whether it is refused, and the line after them."""
        text, state = lines[at][0], self.state(lines[at][0])
        if state in ("whole", "fault"):
            return [(text, False)], at + 1
        quoted, last = state == "quoted", at
        while state in ("quoted", "escaped") and last + 1 < len(lines):
            text += lines[last][1] + lines[last + 1][0]
            last += 1
            state = self.state(text)
            quoted = quoted or state == "quoted"
        each = [line for line, _ in lines[at : last + 1] if not self.blank(line)]
        if not quoted or (state == "whole" and self.multi_line):
            return [(text, False)], last + 1
        if state == "whole" or (state == "quoted" and self.multi_line):
            return [(line, True) for line in each], last + 1
        alone = [self.state(line) == "whole" for line, _ in lines[at + 1 : last + 1]]
        if state == "quoted" or all(alone):
            return [(lines[at][0], True)], at + 1
        return [(line, True) for line in each], last + 1

    def state(self, text: str) -> str:
        """How a record's text ends: `whole`, `fault`, `quoted` (a quote is open), `escaped` (its end is escaped)."""
        return self._walk(text)[0]

    def values(self, text: str) -> list[str] | None:
        """The values of a record; None where it breaks the dialect."""
        state, values = self._walk(text)
        if state == "escaped":  # at the end of the file: there is nothing to escape
            values[-1] += "" if self.any else self.escape
        return values if state in ("whole", "escaped") else None

    def _walk(self, text: str) -> tuple[str, list[str]]:
        values, value, raw, place, at = [], "", "", "start", 0
        while at < len(text):
            sign = text[at]
            if place in ("start", "bare"):
                if text.startswith(self.delimiter, at):
                    values.append(self._ended(value, raw))
                    value, raw, place, at = "", "", "start", at + len(self.delimiter)
                elif place == "start" and self.quote and sign == self.quote:
                    place, at = "quoted", at + 1
                elif self.outside and sign == self.escape:
                    if at + 1 == len(text):
                        return "escaped", [*values, value]
                    more, step = self._escaped(text, at + 1, bare=True)
                    raw, value, place, at = raw + text[at : at + 1 + step], value + more, "bare", at + 1 + step
                elif self.quote and sign == self.quote and not self.bare_quotes:
                    return "fault", []
                else:
                    raw, value, place, at = raw + sign, value + sign, "bare", at + 1
            elif place == "quoted":
                if self.escape == self.quote and text.startswith(self.quote * 2, at):
                    value, at = value + self.quote, at + 2
                elif sign == self.quote:
                    place, at = "after", at + 1
                elif self.escape not in ("", self.quote) and sign == self.escape and at + 1 < len(text):
                    more, step = self._escaped(text, at + 1, bare=False)
                    value, at = value + more, at + 1 + step
                else:
                    value, at = value + sign, at + 1
            elif text.startswith(self.delimiter, at):
                values.append(value)
                value, raw, place, at = "", "", "start", at + len(self.delimiter)
            else:
                return "fault", []
        if place == "quoted":
            return "quoted", []
        return "whole", [*values, self._ended(value, raw)]

    def _escaped(self, text: str, at: int, *, bare: bool) -> tuple[str, int]:
        """What an escape and the text at `at` mean, and how many characters that is."""
        sign = text[at]
        if sign == self.escape or (self.quote and sign == self.quote):
            return sign, 1
        if bare and text.startswith(self.delimiter, at):
            return self.delimiter, len(self.delimiter)
        if bare and sign in "\r\n":
            return sign, 1
        if not self.quote and not self.any and sign in "nrt":
            return {"n": "\n", "r": "\r", "t": "\t"}[sign], 1
        return (sign if self.any else self.escape + sign), 1

    def _ended(self, value: str, raw: str) -> str:
        """A value of nothing but the escape and `N` is how databases write null."""
        return raw if self.any and raw == self.escape + "N" else value
