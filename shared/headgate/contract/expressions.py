"""Spark SQL expressions of a contract: the columns that they name. sqlglot is loaded only where one is read."""

from __future__ import annotations


def expression_columns(text: str) -> set[str]:
    """The columns that a Spark SQL expression names. Raises `ValueError` for a text that is not an expression."""
    import sqlglot
    from sqlglot import expressions as exp
    from sqlglot.errors import SqlglotError

    try:
        return {column.name for column in sqlglot.parse_one(text, dialect="spark").find_all(exp.Column)}
    except SqlglotError as error:
        raise ValueError(f"`{text}` is not a Spark SQL expression: {str(error).splitlines()[0]}") from error
