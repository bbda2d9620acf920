"""Codes for characters that would end a value or a record too early: two characters for one, and back, exactly.

A code is U+E00A and another character for private use; U+E00A itself is coded too, so no text of a file is ever taken
for a code.
"""

from __future__ import annotations

import re
from functools import reduce
from operator import or_

from pyspark.sql import Column
from pyspark.sql import functions as F

from headgate.read.dialect import Dialect

MARK = "\ue00a"
_ITSELF, _LF, _CR, _TAB, _NUL, _ESCAPE, _QUOTE, _DELIMITER, _NULL = (MARK + chr(0xE010 + i) for i in range(9))
_LETTERS = {"n": _LF, "r": _CR, "t": _TAB}  # without quotes, an escape and a letter are one of these characters


def coded_line_ends(text: str) -> str:
    """The text of a framed record on one line."""
    return text.replace(MARK, _ITSELF).replace("\r", _CR).replace("\n", _LF)


def plain_record(text: Column) -> Column:
    """The text of a framed record as it is in the file."""
    return _guarded(text, [MARK], {_LF: "\n", _CR: "\r", _ITSELF: MARK})


def coded(text: Column, dialect: Dialect, framed: bool) -> Column:
    """The record with codes instead of its escapes; `framed`: line ends and U+E00A are coded already."""
    if not dialect.coded:
        return text
    pairs = ({} if framed else {MARK: _ITSELF}) | {"\0": _NUL}
    escape = dialect.escape
    if not escape:
        return _guarded(text, ["\0"] if framed else [MARK, "\0"], pairs)
    pairs |= {escape * 2: _ESCAPE, escape + _CR: _CR, escape + _LF: _LF, escape + dialect.delimiter: _DELIMITER}
    if dialect.quote:
        pairs |= {escape + dialect.quote: _QUOTE}
    elif not dialect.any:
        pairs |= {escape + letter: code for letter, code in _LETTERS.items()}
    replaced = _replaced(text, pairs)
    if dialect.any:
        replaced = F.replace(_null_markers(replaced, dialect), F.lit(escape), F.lit(""))
    return F.when(_has(text, [MARK, "\0", escape]), replaced).otherwise(text)


def _null_markers(text: Column, dialect: Dialect) -> Column:
    """Keep the escape in a value that is nothing but the escape and `N`: databases write null so."""
    delimiter, escape = re.escape(dialect.delimiter), re.escape(dialect.escape)
    return F.regexp_replace(text, f"(^|{delimiter}){escape}N(?=\\z|{delimiter})", f"$1{_NULL}")


def decoded(value: Column, dialect: Dialect, framed: bool) -> Column:
    """A value with the characters that its codes are for."""
    if not (framed or dialect.coded):
        return value
    pairs = {_LF: "\n", _CR: "\r"}
    if dialect.coded:
        pairs |= {_NUL: "\0", _TAB: "\t", _ESCAPE: dialect.escape, _QUOTE: dialect.quote}
        pairs |= {_DELIMITER: dialect.delimiter, _NULL: dialect.escape + "N"}
    return _guarded(value, [MARK], {**pairs, _ITSELF: MARK})


def _guarded(text: Column, signs: list[str], pairs: dict[str, str]) -> Column:
    return F.when(_has(text, signs), _replaced(text, pairs)).otherwise(text)


def _has(text: Column, signs: list[str]) -> Column:
    return reduce(or_, (text.contains(sign) for sign in signs))


def _replaced(text: Column, pairs: dict[str, str]) -> Column:
    for before, after in pairs.items():
        text = F.replace(text, F.lit(before), F.lit(after))
    return text
