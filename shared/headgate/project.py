"""A project: all contracts with their queries, in an order in which each comes after what it reads."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlglot.errors import SqlglotError

from headgate.contract.across import referred, wrong_references
from headgate.contract.expressions import where_unread
from headgate.contract.load import load_contracts, sql_root
from headgate.contract.model import Contract
from headgate.errors import Fault, UnusableArgument, UnusableContract
from headgate.lake.paths import Lake
from headgate.mart.repeatable import query_problems
from headgate.mart.sql import base_and_joins, named_tables, sources_first
from headgate.warehouse.refusals import refused_by_redshift


@dataclass(frozen=True)
class Project:
    """Contracts, their queries, what each mart reads, and the names in the order in which they run."""

    contracts: Mapping[str, Contract]
    queries: Mapping[str, str]
    reads: Mapping[str, Sequence[str]]
    run_order: Sequence[str]

    def chosen(self, names: Sequence[str]) -> list[str]:
        """These names, or all, in the order in which they run. Raises `UnusableArgument` for an unknown name."""
        unknown = [name for name in names if name not in self.contracts]
        if unknown:
            close = difflib.get_close_matches(unknown[0], list(self.contracts), n=1)
            remedy = f"Did you mean `{close[0]}`?" if close else f"Known are {', '.join(self.contracts)}."
            raise UnusableArgument(f"there is no dataset `{unknown[0]}`", remedy=remedy)
        return [name for name in self.run_order if not names or name in names]

    def named(self, names: Sequence[str]) -> list[Contract]:
        """The contracts of these names, or all, in order. Raises `UnusableArgument` for an unknown name."""
        return [self.contracts[name] for name in self.chosen(names)]


def load_project(folder: Path, lake: Lake) -> Project:
    """Load all contracts below a folder, with their queries.

    Raises `UnusableContract` with every fault of every contract, cycles and unknown tables included.
    """
    contracts = load_contracts(folder)
    queries, reads, faults = dict[str, str](), dict[str, list[str]](), list[Fault]()
    for name, contract in contracts.items():
        reads[name] = []
        if name.startswith(lake.prefix):
            problem = f"`{name}` begins as table names do, and SQL could not name it"
            faults.append(Fault(contract.file, "dataset", problem, f"Leave `{lake.prefix}` out of the name."))
        if contract.is_mart:
            queries[name] = (sql_root(folder) / str(contract.source.query)).read_text(encoding="utf-8")
            reads[name], of_query = _read_query(contract, queries[name], lake, contracts)
            faults += of_query
        faults += wrong_references(contract, contracts)
        faults += refused_by_redshift(contract)
    if faults:
        raise UnusableContract(faults)
    return Project(contracts, queries, reads, _run_order(folder, contracts, reads))


def _run_order(folder: Path, contracts: Mapping[str, Contract], reads: Mapping[str, Sequence[str]]) -> list[str]:
    """All names, each after what it reads and what it refers to."""
    try:
        sources_first(reads)
    except ValueError as cycle:
        problem = f"these marts read each other: {cycle}"
        raise UnusableContract([Fault(str(folder), "source.query", problem, "Break the cycle.")]) from None
    try:
        return sources_first({name: [*reads[name], *referred(contract)] for name, contract in contracts.items()})
    except ValueError as cycle:
        problem, remedy = f"these refer to each other: {cycle}", "Remove one of the references."
        raise UnusableContract([Fault(str(folder), "references", problem, remedy)]) from None


def _read_query(
    contract: Contract, query: str, lake: Lake, contracts: Mapping[str, Contract]
) -> tuple[list[str], list[Fault]]:
    """The datasets that a mart's query reads, and what is wrong with the query."""
    try:
        tables, wrong = named_tables(query, lake), list(_wrong_joins(contract, query, lake))
        wrong += [_wrong_query(contract, *problem) for problem in query_problems(query)]
    except SqlglotError as error:
        problem = f"sql/{contract.source.query}: {where_unread(error)}"
        return [], [Fault(contract.file, "source.query", problem, "Fix the SQL.")]
    return tables, [*wrong, *(_unknown_table(contract, table, contracts) for table in tables if table not in contracts)]


def _wrong_query(contract: Contract, problem: str, remedy: str) -> Fault:
    return Fault(contract.file, "source.query", f"sql/{contract.source.query}: {problem}", remedy)


def _wrong_joins(contract: Contract, query: str, lake: Lake) -> Iterator[Fault]:
    """A declared join must be a join to the query's first table; otherwise its guard would guard nothing."""
    if not contract.source.joins:
        return
    base, joined = base_and_joins(query, lake)
    for at, join in enumerate(contract.source.joins):
        if base is None or join.to not in {table.dataset for table in joined}:
            problem = f"sql/{contract.source.query} does not join `{join.to}` to its first table"
            yield Fault(contract.file, f"source.joins[{at}].to", problem, "Write the JOIN, or remove the line.")


def _unknown_table(contract: Contract, table: str, contracts: Mapping[str, Contract]) -> Fault:
    problem = f"sql/{contract.source.query} reads `{table}`, which no contract describes"
    return Fault(contract.file, "source.query", problem, f"Known are {', '.join(sorted(contracts))}.")
