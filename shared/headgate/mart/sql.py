"""SQL names datasets: which ones a query reads, and the same query over views pinned to published snapshots."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlglot
from sqlglot import expressions as exp
from sqlglot.errors import ParseError

from headgate.lake.paths import Lake

_VIEW = "_src_"


@dataclass(frozen=True)
class JoinedTable:
    """A joined table in a query, by dataset, and whether rows of the left side survive without a match."""

    dataset: str
    outer: bool


def parsed(query: str) -> exp.Query:
    """The query as a tree. Raises `sqlglot.errors.SqlglotError`; so is more than one statement."""
    statements = [statement for statement in sqlglot.parse(query, dialect="spark") if statement is not None]
    if len(statements) != 1 or not isinstance(statements[0], exp.Query):
        raise ParseError("a mart is one SELECT")
    return statements[0]


def named_tables(query: str, lake: Lake) -> list[str]:
    """The datasets that a query reads, in order of first mention; names of its own WITH clauses are not tables."""
    found: dict[str, None] = {}
    for table in _tables(parsed(query)):
        found.setdefault(lake.dataset_of(_dotted(table)))
    return list(found)


def base_and_joins(query: str, lake: Lake) -> tuple[str | None, list[JoinedTable]]:
    """The outermost FROM's dataset and the datasets joined to it, in order."""
    tree = parsed(query)
    select = tree.find(exp.Select)
    source = select.args.get("from_") or select.args.get("from") if select else None
    base = source.this if source is not None else None
    joins = [
        JoinedTable(lake.dataset_of(_dotted(join.this)), (join.side or "").upper() in ("LEFT", "FULL"))
        for join in (select.args.get("joins") or [] if select else [])
        if _is_dataset(join.this)
    ]
    return (lake.dataset_of(_dotted(base)) if isinstance(base, exp.Table) and _is_dataset(base) else None), joins


def over_views(query: str, lake: Lake, datasets: Sequence[str]) -> str:
    """The query, letter by letter, but for table names: each names the view that `view_name` gives.

    A table without an alias keeps its own name as alias, so that `tracks.track_id` keeps its meaning.
    """
    pieces: list[tuple[int, int, str]] = []
    for table in _tables(parsed(query)):
        dataset = lake.dataset_of(_dotted(table))
        if dataset in datasets:
            parts = table.parts
            start, end = parts[0].meta["start"], parts[-1].meta["end"]
            alias = "" if table.alias else f" AS `{parts[-1].name}`"
            pieces.append((start, end + 1, f"`{view_name(dataset)}`{alias}"))
    for start, end, text in sorted(pieces, reverse=True):
        query = query[:start] + text + query[end:]
    return query


def view_name(dataset: str) -> str:
    """The temporary view that stands for a dataset in one session."""
    return _VIEW + dataset


def _is_dataset(source: Any) -> bool:
    return isinstance(source, exp.Table) and not _is_clause(source)


def _tables(tree: exp.Query) -> list[exp.Table]:
    """The tables that are read; a hint such as `BROADCAST(orders)` names an alias."""
    return [
        table
        for table in tree.find_all(exp.Table)
        if table.name and not _is_clause(table) and not table.find_ancestor(exp.Hint)
    ]


def _is_clause(table: Any) -> bool:
    """True where a name means a WITH clause: one of its query or of a query around it, and not yet itself."""
    if not isinstance(table, exp.Table) or table.db:
        return False
    name = table.name.lower()
    inside: Any = table
    while inside.parent is not None:
        inside, below = inside.parent, inside
        clauses = inside.args.get("with_") or inside.args.get("with")
        if clauses is None and isinstance(inside, exp.With):
            clauses = inside
        if clauses is None or below is clauses:
            continue
        seen = _seen_from(below, clauses) if inside is clauses else clauses.expressions
        if any(clause.alias.lower() == name for clause in seen):
            return True
    return False


def _seen_from(clause: Any, clauses: exp.With) -> list[Any]:
    """The clauses that a clause may name: those above it, and itself where it is recursive."""
    at = next(i for i, other in enumerate(clauses.expressions) if other is clause)
    return clauses.expressions[: at + (1 if clauses.recursive else 0)]


def _dotted(table: exp.Table) -> str:
    return ".".join(part.name for part in table.parts)


def sources_first(reads: Mapping[str, Sequence[str]]) -> list[str]:
    """Sort names so that each comes after what it reads; ties by name. Raises `ValueError` that names a cycle."""
    left, done = dict(sorted(reads.items())), list[str]()
    while left:
        ready = [name for name, sources in left.items() if not any(source in left for source in sources)]
        if not ready:
            raise ValueError(" → ".join(sorted(left)))
        done += ready
        for name in ready:
            del left[name]
    return done
