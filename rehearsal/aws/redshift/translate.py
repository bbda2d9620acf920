"""Redshift's SQL → PostgreSQL's. What PostgreSQL does not have is checked by the documented grammar, and then left out.

Left out are distribution and sort keys, and the constraints that Redshift does not check (PRIMARY KEY, FOREIGN KEY,
UNIQUE): their columns and tables must exist. SUPER is stored as JSONB. Grammar:
docs.aws.amazon.com/redshift/latest/dg/r_CREATE_TABLE_NEW.html.
"""

# pyright: reportMissingImports=false

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from rehearsal.aws.redshift.refusal import Refused

_ATTRIBUTES = re.compile(
    r"""^\s*
    (?:DISTSTYLE\s+(?P<style>AUTO|EVEN|ALL|KEY)\s*)?
    (?:DISTKEY\s*\(\s*(?P<distkey>"[^"]+"|\w+)\s*\)\s*)?
    (?:(?:(?:COMPOUND|INTERLEAVED)\s+)?SORTKEY\s*\((?P<sortkey>[^)]*)\)\s*|SORTKEY\s+AUTO\s*)?
    (?:ENCODE\s+AUTO\s*)?$""",
    re.X | re.I,
)
_AS_WRITTEN = (exp.Grant, exp.Comment, exp.Alter, exp.Drop, exp.Use)
_COMMANDS = re.compile(
    r"^\s*(CREATE\s+(GROUP|USER|SCHEMA)|ALTER\s+(GROUP|USER|TABLE|SCHEMA)|DROP\s+(GROUP|USER)|GRANT|REVOKE|COMMENT)\b",
    re.I,
)
_EXTERNAL = re.compile(
    r"^CREATE\s+EXTERNAL\s+SCHEMA\s+(IF\s+NOT\s+EXISTS\s+)?\S+\s+FROM\s+DATA\s+CATALOG\s+DATABASE\s+'[^']+'\s+"
    r"IAM_ROLE\s+(default|'[^']+')\s*(CREATE\s+EXTERNAL\s+DATABASE\s+IF\s+NOT\s+EXISTS\s*)?$",
    re.I,
)
DATABASE = "postgres"  # the one that stands for every database
_CREATES_TABLE = re.compile(r"^\s*CREATE\s+((TEMP|TEMPORARY)\s+)?TABLE\b", re.I)
_RETYPED = re.compile(r"^\s*ALTER\s+TABLE\b.*\bALTER\s+COLUMN\b.*\bTYPE\b", re.I | re.S)


@dataclass(frozen=True)
class Declared:
    """A table that a statement makes: its key constraints, which Redshift records and does not check."""

    table: str
    unique: tuple[tuple[str, ...], ...]
    refers_to: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class Translated:
    """A statement for PostgreSQL; empty where nothing of it is run here."""

    sql: str
    declared: Declared | None = None


def translated(statement: str, *, in_block: bool) -> Translated:
    """The statement as PostgreSQL takes it. Raises `Refused` for what Redshift's grammar does not have."""
    without = _without_comments(statement)
    if _EXTERNAL.match(without):
        return Translated("")
    if in_block and _RETYPED.match(without):
        raise Refused("ERROR: ALTER TABLE ALTER COLUMN cannot run inside a transaction block")
    # sqlglot reads no `SORTKEY AUTO`: what is behind a table's columns is read here.
    attributes = _after_columns(without) if _CREATES_TABLE.match(without) else ""
    try:
        tree = sqlglot.parse_one(without.removesuffix(attributes), dialect="redshift")
    except SqlglotError as error:
        raise Refused(f"ERROR: syntax error: {str(error).splitlines()[0]}") from error
    if isinstance(tree, exp.Create) and tree.kind == "TABLE":
        return _table(without, tree, attributes)
    if isinstance(tree, _AS_WRITTEN) or _COMMANDS.match(without):
        return Translated(_as_written(without))
    if isinstance(tree, exp.Command | exp.TruncateTable):
        raise Refused(f"ERROR: the rehearsal's Redshift does not run this statement: {without.split()[0].upper()}")
    return Translated(tree.transform(_functions).sql("postgres"))


def _table(statement: str, tree: exp.Create, attributes: str) -> Translated:
    schema = tree.this
    if not isinstance(schema, exp.Schema):
        raise Refused("ERROR: the rehearsal's Redshift makes tables by their columns only")
    columns = {c.name: c for c in schema.expressions if isinstance(c, exp.ColumnDef)}
    constraints = [c for c in schema.expressions if not isinstance(c, exp.ColumnDef)]
    temporary = re.match(r"^\s*CREATE\s+(TEMP|TEMPORARY)\b", statement, re.I)
    _check_attributes(attributes, columns)
    unique, refers = list[tuple[str, ...]](), list[tuple[str, tuple[str, ...]]]()
    for constraint in constraints:
        for key in constraint.find_all(exp.PrimaryKey, exp.UniqueColumnConstraint):
            unique.append(_checked_key(key, columns))
        for key in constraint.find_all(exp.ForeignKey):
            _require(_names(key.expressions), columns)
            refers.append(_target(key))
    lines = [_column(column) for column in columns.values()]
    exists = "IF NOT EXISTS " if tree.args.get("exists") else ""
    name = _dotted(schema.this)
    body = ", ".join(lines)
    sql = f"CREATE {'TEMP ' if temporary else ''}TABLE {exists}{_quoted(name)} ({body})"
    return Translated(sql, None if temporary else Declared(name, tuple(unique), tuple(refers)))


def _checked_key(key: Any, columns: dict[str, exp.ColumnDef]) -> tuple[str, ...]:
    names = _names(key.expressions or key.this.expressions)
    _require(names, columns)
    if isinstance(key, exp.PrimaryKey):
        _require_not_null(names, columns)
    return names


def _target(key: exp.ForeignKey) -> tuple[str, tuple[str, ...]]:
    """The table that a foreign key refers to, and its columns."""
    schema = key.args["reference"].this
    if not isinstance(schema, exp.Schema):
        raise Refused("ERROR: the rehearsal's Redshift takes foreign keys that name the columns they refer to")
    return _dotted(schema.this), _names(schema.expressions)


def _names(expressions: list[Any]) -> tuple[str, ...]:
    return tuple(expression.name for expression in expressions)


def _column(column: exp.ColumnDef) -> str:
    kind = column.args["kind"].sql("redshift").upper()
    not_null = any(isinstance(c.kind, exp.NotNullColumnConstraint) for c in column.constraints)
    same = {"SUPER": "JSONB"}.get(kind, kind)
    return f'"{column.name}" {same}{" NOT NULL" if not_null else ""}'


def _check_attributes(text: str, columns: dict[str, exp.ColumnDef]) -> None:
    found = _ATTRIBUTES.match(text)
    if found is None:
        raise Refused(f'ERROR: syntax error at or near "{text.split()[0]}"')
    by = [found["distkey"].strip('"')] if found["distkey"] else []
    if by and (found["style"] or "KEY").upper() != "KEY":
        raise Refused("ERROR: cannot specify DISTKEY for a table with this DISTSTYLE")
    if (found["style"] or "").upper() == "KEY" and not by:
        raise Refused("ERROR: DISTSTYLE KEY requires a DISTKEY column")
    sorted_by = [name.strip().strip('"') for name in (found["sortkey"] or "").split(",") if name.strip()]
    _require((*by, *sorted_by), columns)
    for name in (*by, *sorted_by):
        if columns[name].args["kind"].sql("redshift").upper() == "SUPER":
            raise Refused(f'ERROR: column "{name}" of type super cannot be a distribution or sort key')


def _require(names: tuple[str, ...], columns: dict[str, exp.ColumnDef]) -> None:
    for name in names:
        if name not in columns:
            raise Refused(f'ERROR: column "{name}" named in key does not exist')


def _require_not_null(names: tuple[str, ...], columns: dict[str, exp.ColumnDef]) -> None:
    for name in names:
        if not any(isinstance(c.kind, exp.NotNullColumnConstraint) for c in columns[name].constraints):
            raise Refused(f'ERROR: column "{name}" of a primary key must be NOT NULL')


def _functions(node: Any) -> Any:
    if isinstance(node, exp.ParseJSON) or (isinstance(node, exp.Anonymous) and node.name.upper() == "JSON_PARSE"):
        value = node.this if isinstance(node, exp.ParseJSON) else node.expressions[0]
        return exp.cast(value.transform(_functions), "JSONB")
    return node


def _as_written(statement: str) -> str:
    sql = re.sub(r"\bPASSWORD\s+DISABLE\b", "", statement, flags=re.I)
    sql = re.sub(r"\bON\s+DATABASE\s+(\"[^\"]+\"|\w+)", f"ON DATABASE {DATABASE}", sql, flags=re.I)
    return re.sub(r"\bSUPER\b(?=\s*(,|$))", "JSONB", sql, flags=re.I)


def _without_comments(statement: str) -> str:
    return re.sub(r"(?m)^\s*--.*\n?", "", statement).strip().rstrip(";").strip()


def _after_columns(statement: str) -> str:
    """What is written behind the parenthesis that closes the list of columns."""
    depth, quote = 0, ""
    for at, sign in enumerate(statement):
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "'\"":
            quote = sign
        elif sign == "(":
            depth += 1
        elif sign == ")":
            depth -= 1
            if depth == 0:
                return statement[at + 1 :]
    return ""


def _dotted(table: Any | None) -> str:
    return ".".join(part.name for part in table.parts) if isinstance(table, exp.Table) else ""


def _quoted(name: str) -> str:
    return ".".join(f'"{part}"' for part in name.split("."))
