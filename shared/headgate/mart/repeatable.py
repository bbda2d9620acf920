"""Whether a mart's SQL can run, and gives the same rows from the same sources: it may ask the clock, and not chance.

Nor may it run anything but SQL: Java methods, programs, and functions that somebody else has put into the catalog.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import expressions as exp

from headgate.contract.expressions import unknown_function
from headgate.contract.functions import function_kinds, functions_called
from headgate.mart.sql import parsed

Problem = tuple[str, str]
"""What is wrong with a query, and what to write instead."""

_TABLE_FUNCTIONS = frozenset(("range", "sql_keywords"))
_BY_CHANCE = "gives other rows each time it runs"
_SQL_ONLY = "Compute the value by functions of Spark."
_SAME_ROWS = "A mart that runs again must give the same rows: choose them by their values, such as a hash of the key."


def asks_clock(query: str) -> bool:
    """True when the rows depend on when the query runs, so that it must run each time."""
    return any(function.kind in ("clock", "perhaps clock") for function in functions_called(query))


def query_problems(query: str) -> Iterator[Problem]:
    """What in a query gives other rows each time, leaves SQL, or is not a function of Spark. Raises `SqlglotError`."""
    tree = parsed(query)
    for function in dict.fromkeys(functions_called(query)):
        if function.kind == "chance":
            yield f"`{function.name}` {_BY_CHANCE}", _SAME_ROWS
        elif function.kind == "place":
            yield f"`{function.name}` depends on where the mart runs", "Remove it."
        elif function.kind == "outside":
            yield f"`{function.name}` runs Java code, not SQL", _SQL_ONLY
    if any(tree.find_all(exp.QueryTransform)):
        yield "`TRANSFORM … USING` runs a program, not SQL", _SQL_ONLY
    for dotted in tree.find_all(exp.Dot):
        if isinstance(dotted.expression, exp.Func):
            yield f"`{dotted.sql('spark')}` is a function of a database", _SQL_ONLY
    for function in tree.find_all(exp.Anonymous):
        if function.find_ancestor(exp.Hint):
            continue
        if function.name.lower() not in function_kinds() and function.name.lower() not in _TABLE_FUNCTIONS:
            yield unknown_function(function.name)
    for sample in tree.find_all(exp.TableSample):
        if not sample.args.get("seed"):
            yield f"`TABLESAMPLE` {_BY_CHANCE}", _SAME_ROWS
