"""Spark SQL expressions of a contract: the columns that they name, and what no run can carry out.

sqlglot is loaded only where an expression is read.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from headgate.checks.regex import java_regex_problem
from headgate.contract.functions import function_kinds, functions_called, is_moment

Problem = tuple[str, str]
"""What is wrong with an expression, and what to write instead."""

_ONE_ROW = "is computed over many rows, and an expression sees one row"
_NOT_OF_A_ROW: dict[str, Problem] = {
    "aggregate": (_ONE_ROW, "Use it in a mart."),
    "window": (_ONE_ROW, "Use it in a mart."),
    "generator": ("makes several rows of one", "Use `source.explode` for JSON, or a mart."),
    "clock": ("depends on when the run is", "Use it in a mart, which is then rebuilt in each run."),
    "chance": ("gives another value each time", "A file that is read again must give the same rows: remove it."),
    "outside": ("runs Java code, not SQL", "Compute the value by functions of Spark."),
    "place": ("depends on where the run is", "Name columns only; `_object` is the row's file."),
}


def expression_columns(text: str) -> set[str]:
    """The columns that a Spark SQL expression names. Raises `ValueError` for a text that is not an expression."""
    from sqlglot import expressions as exp

    return {column.parts[0].name for column in _parsed(text).find_all(exp.Column) if not _is_star(column)}


def expression_problems(text: str, columns: Sequence[str], times: Collection[str] = ()) -> Iterator[Problem]:
    """What keeps a Spark SQL expression from being computed for one row that has these columns.

    `times` are those of them that are dates or timestamps.
    """
    try:
        tree = _parsed(text)
        called = [*functions_called(text, columns)]
    except ValueError as error:
        yield str(error), "Fix the expression."
        return
    shape = _shape_problem(tree, text)
    if shape:
        yield shape
        return
    for function in dict.fromkeys(called):
        if function.kind == "unknown":
            yield unknown_function(function.name)
        elif function.kind in _NOT_OF_A_ROW:
            problem, remedy = _NOT_OF_A_ROW[function.kind]
            yield f"`{function.name}` {problem}", remedy
    bare = {function.name.lower() for function in called}
    for name in sorted({*expression_columns(text)} - {*columns} - bare):
        yield f"`{name}` is not a column above", f"Columns above are {', '.join(sorted(columns))}."
    yield from _never(tree)
    yield from _moments(tree, times)
    yield from _regexes(tree)


def never_true(text: str, numbers: Sequence[str]) -> Iterator[Problem]:
    """Why a condition can never be true, or is none; `numbers` are columns whose values are never texts."""
    from sqlglot import expressions as exp

    tree = _parsed(text).unnest()
    if not any(tree.find_all(exp.Column)):
        yield "names no column: it is true of every row, or of none", "Name the rows by their values."
    elif isinstance(tree, exp.Add | exp.Sub | exp.Mul | exp.Div | exp.Literal):
        yield f"`{text}` is not a condition", "Compare it with something: `amount = 0`."
    for equal in tree.find_all(exp.EQ):
        for column, other in ((equal.left, equal.right), (equal.right, equal.left)):
            if isinstance(column, exp.Column) and column.name in numbers and _is_word(other):
                yield f"`{column.name}` is a number, and never `{other.name}`", "Compare it with a number."


def _parsed(text: str) -> Any:
    import sqlglot
    from sqlglot.errors import SqlglotError

    try:
        statements = [statement for statement in sqlglot.parse(text, dialect="spark") if statement is not None]
    except SqlglotError as error:
        raise ValueError(f"`{text}` is not a Spark SQL expression: {where_unread(error)}") from error
    if len(statements) != 1:
        raise ValueError(f"`{text}` is not a Spark SQL expression: it is {len(statements)} statements")
    return statements[0]


def where_unread(error: Any) -> str:
    """The place where sqlglot could not read a text; its own sentence is about its classes."""
    place = error.errors[0] if getattr(error, "errors", None) else {}
    if "line" not in place:
        return str(error).splitlines()[0].rstrip(" .")
    near = f", near `{place['highlight']}`" if place.get("highlight") else ""
    return f"it cannot be read at line {place['line']}, column {place['col']}{near}"


def _shape_problem(tree: Any, text: str) -> Problem | None:
    from sqlglot import expressions as exp

    if any(tree.find_all(exp.Query)):
        return "an expression cannot read a table (`SELECT`)", "Use a mart for it."
    if isinstance(tree, exp.Alias | exp.Star | exp.Command) or any(map(_is_star, tree.find_all(exp.Column))):
        return f"`{text}` is not one value", "Write an expression without `AS` and `*`."
    if any(tree.find_all(exp.Window)):
        return "`OVER` looks at other rows, and an expression sees one row", "Use it in a mart."
    return None


def _is_star(column: Any) -> bool:
    from sqlglot import expressions as exp

    return isinstance(column.this, exp.Star)


def _is_word(other: Any) -> bool:
    from sqlglot import expressions as exp

    if not (isinstance(other, exp.Literal) and other.is_string):
        return False
    try:
        float(other.name)
    except ValueError:
        return True
    return False


def unknown_function(name: str) -> Problem:
    """What is wrong with a call of a function that Spark does not have."""
    near = difflib.get_close_matches(name.lower(), function_kinds(), n=1)
    remedy = f"Did you mean `{near[0]}`?" if near else "Use a built-in function of Spark 3.5."
    return f"`{name}` is not a function of Spark", remedy


def _never(tree: Any) -> Iterator[Problem]:
    from sqlglot import expressions as exp

    for compared in tree.find_all(exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE):
        if exp.Null in (type(compared.left), type(compared.right)):
            yield f"`{compared.sql('spark')}` is never true: nothing equals null", "Write `IS NULL` or `IS NOT NULL`."


def _moments(tree: Any, times: Collection[str]) -> Iterator[Problem]:
    """Texts such as `'today'` that are compared with a time, and so are the time of the run."""
    from sqlglot import expressions as exp

    for compared in tree.find_all(exp.Binary, exp.Between, exp.Nullif, exp.Case):
        whens = compared.args.get("ifs") or []
        operands = [node.unnest() for node in (*compared.iter_expressions(), *(when.this for when in whens))]
        if any(isinstance(node, exp.Column) and node.name in times for node in operands):
            texts = [node.name for node in operands if isinstance(node, exp.Literal) and is_moment(node.name)]
            yield from ((f"`'{text}'` {_NOT_OF_A_ROW['clock'][0]}", _NOT_OF_A_ROW["clock"][1]) for text in texts)


def _regexes(tree: Any) -> Iterator[Problem]:
    """Patterns that are written out; Java reads others only in the run."""
    from sqlglot import expressions as exp

    for node in tree.find_all(exp.Func, exp.Binary):
        pattern = node.args.get("expression")
        if "Regexp" not in type(node).__name__ or not isinstance(pattern, exp.Literal):
            continue
        problem = java_regex_problem(pattern.name)
        if problem:
            yield f"`{pattern.name}` is not a regular expression of Java: {problem}", "Fix the pattern."
