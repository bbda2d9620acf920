"""Numbers as other countries and programs write them: `1.234,50`, `12 %`, `-€ 5`."""

from __future__ import annotations

import re

from pyspark.sql import Column
from pyspark.sql import functions as F

from headgate.contract.model import Column as Spec

_SPACES = " \u00a0\u2009\u202f"  # a declared space is any of these, as programs put it between digits
_EXPONENT = "(?:[eE][+-]?[0-9]+)?"


def plain_number(text: Column, spec: Spec) -> Column:
    """The number as a contract without number words would want it; null where it is not written as declared.

    Groups between `thousands` must have three digits, and there are none behind the decimal sign.
    """
    if not has_number_words(spec):
        return text
    ends, between = _any_of(spec.strip), _any_of(spec.thousands or "")
    point = re.escape(spec.decimal)
    whole = f"[0-9]{{1,3}}(?:{between}[0-9]{{3}})+|[0-9]+" if spec.thousands else "[0-9]+"
    number = f"(?:(?:{whole})(?:{point}[0-9]*)?|{point}[0-9]+){_EXPONENT}"
    ends = f"{ends}*" if spec.strip else ""
    written = rf"^{ends}([+-]?){ends}({number}){ends}\z"
    bare = F.regexp_replace(text, written, "$1$2")
    return F.when(text.rlike(written), _with_point(bare, spec))


def has_number_words(spec: Spec) -> bool:
    """True when the column's numbers are not written plainly."""
    return bool(spec.decimal != "." or spec.thousands or spec.strip)


def _with_point(bare: Column, spec: Spec) -> Column:
    """Without separators of thousands, and with a point before the decimals."""
    groups = _SPACES if spec.thousands == " " else spec.thousands or ""
    point = spec.decimal if spec.decimal != "." else ""
    return F.translate(bare, point + groups, "." * len(point)) if point or groups else bare


def _any_of(characters: str) -> str:
    every = characters.replace(" ", _SPACES)
    return "[" + "".join(f"\\x{{{ord(character):x}}}" for character in every) + "]"
