"""Rules about one column at a time: words that fit the type, and how numbers are written."""

from __future__ import annotations

from collections.abc import Iterator

from headgate.contract.model import Column, Contract
from headgate.contract.types import FLOATS, INTEGERS, leaves
from headgate.contract.words import words_of

Broken = tuple[str, str, str]

_NUMBER_WORDS = ("decimal", "thousands", "strip")
_ROUNDS = {"decimal": ("half_up",), "date": ("truncate",),
           **dict.fromkeys(("timestamp", "timestamp_ntz", "time"), ("half_up", "truncate"))}  # fmt: skip


def words(contract: Contract) -> Iterator[Broken]:
    """A word belongs to a column of a type that it can judge, and `true_texts` and `false_texts` differ."""
    for at, column in enumerate(contract.columns):
        kind, problem = column.data_type.kind, f"column `{column.name}` is a {column.type}"
        for name, word in words_of(type(column)).items():
            if word.strings_only and kind != "string" and word.asks(getattr(column, name)):
                yield f"columns[{at}].{name}", problem, f"`{name}` belongs to strings."
        if column.allow_point_zero and not {leaf.kind for leaf in leaves(column.data_type)} & set(INTEGERS):
            yield f"columns[{at}].allow_point_zero", problem, "`allow_point_zero` belongs to integers."
        if column.round and column.round not in _ROUNDS.get(kind, ()):
            remedy = "`round: half_up` belongs to decimals and to times with fractions, `truncate` to dates and times."
            yield f"columns[{at}].round", problem, remedy
        if column.trim is False and kind != "string":
            yield f"columns[{at}].trim", problem, "Only strings may keep their spaces."
        if set(map(str.lower, column.true_texts)) & set(map(str.lower, column.false_texts)):
            problem = f"a text of `{column.name}` means both true and false"
            yield f"columns[{at}].true_texts", problem, "Remove it from one of the two lists."


def texts(contract: Contract) -> Iterator[Broken]:
    """Words about how texts are written belong to columns that are read, and to the types that they can mean."""
    for at, column in enumerate(() if contract.is_mart else contract.columns):
        given = [name for name in _NUMBER_WORDS if name in column.model_fields_set]
        numbers = all(leaf.kind in (*INTEGERS, *FLOATS, "decimal") for leaf in leaves(column.data_type))
        for name in given if not numbers else ():
            yield f"columns[{at}].{name}", f"column `{column.name}` is a {column.type}", f"`{name}` belongs to numbers."
        for name in (*given, *(["map"] if column.map else [])):
            if column.derived is not None:
                problem = f"`{column.name}` is derived, and has no text of its own"
                yield f"columns[{at}].{name}", problem, "Set it on the column that is read, or write it into `derived`."
        if numbers and given and column.derived is None:
            yield from ((f"columns[{at}].{name}", what, remedy) for name, what, remedy in _signs(column))


def _signs(column: Column) -> Iterator[Broken]:
    """Signs that cannot be mistaken for each other, for a digit, a sign or an exponent."""
    for name in _NUMBER_WORDS:
        used = set(getattr(column, name) or "") & set("0123456789+-eE")
        if used:
            problem = f"`{min(used)}` is a part of numbers themselves"
            yield name, problem, "Use other characters, such as `,`, `.`, `'` or a space."
    if column.thousands == column.decimal:
        problem = f"`{column.thousands}` is the decimal sign as well"
        yield (
            "thousands",
            problem,
            f"""Say the decimal sign too: `decimal: "{"." if column.thousands == "," else ","}"`.""",
        )
    clash = set(column.strip) & {column.decimal, column.thousands} - {" "}
    if clash:
        yield "strip", f"`{min(clash, key=str)}` is a sign inside the numbers", "Strip other characters only."
