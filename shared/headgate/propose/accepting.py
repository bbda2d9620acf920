"""Which words of a contract would take texts that it refuses: what `headgate try` proposes."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from headgate.checks.check import Check
from headgate.contract.model import Column, Contract
from headgate.contract.types import FLOATS, INTEGERS, TIMES, DecimalType
from headgate.propose.kind import Kind
from headgate.propose.kinds import booleans, counted, kind_of

_NUMBERS = (*INTEGERS, *FLOATS, "decimal")
_MOST_VALUES = 10  # of an `enum`

Refused = tuple[Sequence[str], Mapping[str, str]]
"""A refused row: its reasons, and its texts by the names of the file."""


@dataclass(frozen=True)
class Accepting:
    """Words for a column of the contract, and how many of its refused texts they are about."""

    column: str
    words: Mapping[str, Any]
    takes: int

    def __str__(self) -> str:
        """As a line of YAML: `amount: decimal: ",", thousands: "."`, with JSON's quotes."""
        return ", ".join(f"{word}: {json.dumps(value, ensure_ascii=False)}" for word, value in self.words.items())


def accepting(contract: Contract, checks: Iterable[Check], refused: Sequence[Refused]) -> list[Accepting]:
    """What to write at a column so that the gate takes texts that it refused, the columns in the contract's order.

    Only texts that are not of their column's type, or not one of its `enum`, give a proposal; whether they are meant so
    is for people to say. Hidden texts (`classification`) give none.
    """
    by_column: dict[str, Counter[str]] = {}
    specs = {spec.name: spec for spec in contract.read_columns if not spec.nested}
    asked = [check for check in checks if check.columns and check.columns[0] in specs]
    found = []
    for check in asked:
        spec = specs[check.columns[0]]
        texts = by_column.setdefault(check.id, Counter(_texts(spec, check, refused)))
        if texts and spec.classification is None:
            found += _of_type(spec, contract, texts) if check.expect == "type" else _of_enum(spec, check, texts)
    return found


def _texts(spec: Column, check: Check, refused: Sequence[Refused]) -> Iterator[str]:
    for reasons, values in refused:
        if check.reason in reasons and spec.source_name in values:
            yield values[spec.source_name]


def _of_type(spec: Column, contract: Contract, texts: Counter[str]) -> Iterator[Accepting]:
    values = counted(texts, of_type=True)
    if values.nothing:
        taken = sum(times for text, times in texts.items() if text.strip() in values.nothing)
        known = list(contract.null_texts(spec))
        yield Accepting(spec.name, {"null_texts": [*known, *values.nothing]}, taken)
    if not values.total:
        return
    words = (
        _boolean(spec, values.texts) if spec.data_type.kind == "boolean" else _typed(spec, kind_of(spec.name, texts))
    )
    if words:
        yield Accepting(spec.name, words, values.total)


def _boolean(spec: Column, texts: Counter[str]) -> dict[str, Any]:
    pair = booleans({text.casefold() for text in texts})
    if pair is None:
        return {}
    yes, no = pair
    return {"true_texts": [*spec.true_texts, yes], "false_texts": [*spec.false_texts, no]}


def _typed(spec: Column, kind: Kind) -> dict[str, Any]:
    """The words of the kind that the texts have, where it is of the column's family."""
    declared, found = spec.data_type, kind.type.partition("(")[0]
    if declared.kind in TIMES and found in TIMES:
        formats = [form for form in kind.words.get("formats", ()) if form not in spec.formats]
        words: dict[str, Any] = {"formats": [*spec.formats, *formats]} if formats else {}
        if declared.kind == "date" and found != "date":
            words["round"] = "truncate"
        return {**words, **{word: kind.words[word] for word in ("century_from",) if word in kind.words}}
    if declared.kind not in _NUMBERS or found not in _NUMBERS:
        return {}
    words = {word: value for word, value in kind.words.items() if getattr(spec, word) != value}
    if found == "double" and declared.kind not in FLOATS:
        return {"type": "double", **words}
    if found == "decimal" and _is_wider(kind.type, declared):
        return {"type": kind.type, **words}
    return {"type": "bigint", **words} if found == "bigint" and declared.kind == "int" else words


def _is_wider(found: str, declared: Any) -> bool:
    precision, scale = map(int, found.removeprefix("decimal(").removesuffix(")").split(","))
    if isinstance(declared, DecimalType):
        return scale > declared.scale or precision - scale > declared.precision - declared.scale + 3
    return declared.kind in INTEGERS


def _of_enum(spec: Column, check: Check, texts: Counter[str]) -> Iterator[Accepting]:
    of_texts = check.expect == "expect_column_values_to_be_in_set" and spec.data_type.kind == "string"
    if of_texts and spec.enum and len(texts) <= _MOST_VALUES:
        values = dict.fromkeys([*spec.enum, *(text.strip() for text in sorted(texts))])
        yield Accepting(spec.name, {"enum": list(values)}, texts.total())
