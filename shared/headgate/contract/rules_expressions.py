"""Rules about expressions: derived columns and `skip_when` name columns above, for one row, and reveal nothing."""

from __future__ import annotations

from collections.abc import Iterator

from headgate.checks.families import family
from headgate.columns import OBJECT
from headgate.contract.expressions import expression_columns, expression_problems, never_true
from headgate.contract.file_formats import FORMAT_FACTS
from headgate.contract.model import Column, Contract

Broken = tuple[str, str, str]


def derived(contract: Contract) -> Iterator[Broken]:
    """Derived columns and conditions can be computed for one row, and a value from a classified one is classified."""
    above: dict[str, Column] = {}
    for at, column in enumerate(contract.columns):
        if column.derived is not None:
            key = f"columns[{at}].derived"
            yield from expression(key, column.derived, above)
            yield from _leaks(key, column, above)
            if column.source or column.aliases or column.required_in_file:
                yield key, f"`{column.name}` is derived and has a source", "Keep one of the two."
        above[column.name] = column
    if contract.skip_when is not None:
        yield from condition("skip_when", contract.skip_when, contract)
    if contract.delete_when is not None:
        yield from condition("delete_when", contract.delete_when, contract)


def expression(key: str, text: str, above: dict[str, Column]) -> Iterator[Broken]:
    """What keeps an expression from being computed for one row."""
    times = [name for name, column in above.items() if family(column.data_type) == "time"]
    for problem, remedy in expression_problems(text, [*above, OBJECT], times):
        yield key, problem, remedy


def condition(key: str, text: str, contract: Contract) -> Iterator[Broken]:
    """What keeps a condition over all columns from being computed, or from ever being true."""
    columns = {column.name: column for column in contract.columns}
    problems = [*expression(key, text, columns)]
    yield from problems
    if text.strip() in columns and contract.types[text.strip()].kind != "boolean":
        yield key, f"`{text.strip()}` is not a condition", "Compare it with something: `amount = 0`."
    if not problems:
        typed = FORMAT_FACTS[contract.source.format].typed
        numbers = [c.name for c in contract.columns if family(c.data_type) == "number" and (typed or c.derived)]
        yield from ((key, *problem) for problem in never_true(text, numbers))


def _leaks(key: str, column: Column, above: dict[str, Column]) -> Iterator[Broken]:
    if column.classification:
        return
    try:
        named = expression_columns(column.derived or "")
    except ValueError:
        return  # `expression` reports it
    for name in sorted(named & set(above)):
        if above[name].classification:
            problem = f"`{column.name}` is derived from `{name}`, which is classified `{above[name].classification}`"
            yield key, problem, "Give the derived column a classification as well."
