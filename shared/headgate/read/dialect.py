"""The quoting dialect that a contract declares, as one grammar: Java and Python read these expressions alike.

The default is RFC 4180. All loops are possessive, so that neither engine recurses or backtracks through a long value.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from headgate.contract.source import Read

DOUBLED = '"'  # `escape` as it is written for a doubled quote


@dataclass(frozen=True)
class Dialect:
    """What separates, surrounds and escapes the values of a record; `escape` is empty where a quote is doubled."""

    delimiter: str
    quote: str
    escape: str
    doubled: bool  # a quote inside quotes is written twice
    bare_quotes: bool  # a quote inside an unquoted value is a character
    outside: bool  # the escape works outside quotes too
    any: bool  # the escape goes away before any character

    @property
    def coded(self) -> bool:
        """True where escapes are replaced before a record is split: the splitter knows them inside quotes only."""
        return self.outside or not self.quote or not (self.escape or self.doubled)

    @cached_property
    def fields(self) -> str:
        """Values that each end with a delimiter."""
        return f"(?:{self.field}{re.escape(self.delimiter)})*+"

    @cached_property
    def record(self) -> str:
        """A whole record."""
        return self.fields + self.field

    @cached_property
    def field(self) -> str:
        """One value."""
        return f"(?:{self.quoted}|{self.bare})" if self.quote else self.bare

    @cached_property
    def quoted(self) -> str:
        """A quoted value."""
        quote = re.escape(self.quote)
        return quote + self.inside + quote

    @cached_property
    def inside(self) -> str:
        """What is between two quotes."""
        quote = re.escape(self.quote)
        if self.escape:
            return f"(?:[^{quote}{re.escape(self.escape)}]++|{re.escape(self.escape)}.)*+"
        return f"(?:[^{quote}]++|{quote}{quote})*+" if self.doubled else f"[^{quote}]*+"

    @cached_property
    def bare(self) -> str:
        """A value without quotes around it."""
        allowed = self.bare_quotes or not self.quote
        escape = re.escape(self.escape) if self.outside else ""
        refused = ("" if allowed else re.escape(self.quote)) + escape
        body = self._not_ended(refused, escape)
        return f"(?!{re.escape(self.quote)}){body}" if self.quote and allowed else body

    def _not_ended(self, refused: str, escape: str) -> str:
        """Characters before a delimiter that are not `refused`; an escape is taken with the character behind it."""
        delimiter = re.escape(self.delimiter)
        one = (
            f"[^{delimiter}{refused}]"
            if len(self.delimiter) == 1
            else f"(?!{delimiter})" + (f"[^{refused}]" if refused else ".")
        )
        if escape:
            return f"(?:{one}|{escape}.)*+"
        return f"{one}*+" if len(self.delimiter) == 1 else f"(?:{one})*+"


def dialect(read: Read) -> Dialect:
    """The dialect of a contract. An escape that is the default, or the quote itself, is the doubled quote."""
    doubled = bool(read.quote) and read.escape in (read.quote, DOUBLED)
    escape = "" if doubled or read.escape == DOUBLED else read.escape
    return Dialect(
        delimiter=read.delimiter,
        quote=read.quote,
        escape=escape,
        doubled=doubled,
        bare_quotes=read.bare_quotes == "allow",
        outside=bool(escape) and (not read.quote or read.escapes == "any"),
        any=bool(escape) and read.escapes == "any",
    )


def as_split(dialect: Dialect) -> Dialect:
    """The dialect of a record whose escapes are replaced, where they are; see `codes.py`."""
    if not dialect.coded:
        return dialect
    return Dialect(dialect.delimiter, dialect.quote, "", dialect.doubled, dialect.bare_quotes, outside=False, any=False)
