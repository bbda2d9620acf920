"""How a table lies on Redshift's nodes: by the contract's word, or chosen from references, partitions and key.

Each choice has its reason, which the DDL shows as a comment.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from headgate.contract.model import Contract, Reference
from headgate.contract.partitions import transform_of

MOST_KEY_COLUMNS = 4  # sorting by more columns of a key costs more than it finds


@dataclass(frozen=True)
class Choice:
    """The columns, and why; no column where Redshift chooses by itself (AUTO)."""

    columns: tuple[str, ...]
    reason: str


def served(contracts: Mapping[str, Contract]) -> dict[str, Contract]:
    """The contracts that have a table in the warehouse."""
    return {name: contract for name, contract in contracts.items() if contract.serving.warehouse}


def distribution(contract: Contract, contracts: Mapping[str, Contract]) -> Choice:
    """The column by which rows are distributed: rows that are joined by it are on one node."""
    if contract.serving.distribution_key:
        return Choice((contract.serving.distribution_key,), "the contract says so (serving.distribution_key)")
    for reference in contract.references:
        if len(reference.columns) == 1 and reference.to != contract.dataset and reference.to in served(contracts):
            return Choice(reference.columns, f"joined with {reference.to} on one node")
    if len(contract.key) == 1 and (others := _referring(contract, contracts)):
        return Choice(contract.key, f"{', '.join(others)} refer to it, and are joined on one node")
    return Choice((), "no reference joins it by one column: Redshift chooses by size")


def sorting(contract: Contract) -> Choice:
    """The columns by which rows are sorted: blocks that cannot have a value are not read."""
    if contract.serving.sort_keys:
        return Choice(contract.serving.sort_keys, "the contract says so (serving.sort_keys)")
    for text in contract.partition_by:
        transform = transform_of(text)
        if transform and transform.name not in ("bucket", "truncate"):
            return Choice((transform.column,), f"the lake's table is partitioned by it ({text})")
    if 0 < len(contract.key) <= MOST_KEY_COLUMNS:
        return Choice(contract.key, "rows are found and replaced by key")
    return Choice((), "no partition, and no short key: Redshift chooses from queries")


def foreign_keys(contract: Contract, contracts: Mapping[str, Contract]) -> list[tuple[Reference, str | None]]:
    """References between warehouse tables; each with why it cannot be a foreign key, or None where it is one.

    Redshift does not check foreign keys and trusts them when it plans a query, so only those are declared that hold.
    """
    others = served(contracts)
    return [
        (reference, _not_a_key(contract, reference, others))
        for reference in contract.references
        if reference.to in others
    ]


def has_primary_key(contract: Contract) -> bool:
    """True where no two rows have the same key, and every part of it has a value: always in datasets with a key."""
    if not contract.key:
        return False
    required = {column.name for column in contract.columns if column.required and column.otherwise != "warn"}
    return not contract.is_mart or set(contract.key) <= required


def _not_a_key(contract: Contract, reference: Reference, others: Mapping[str, Contract]) -> str | None:
    target = others[reference.to]
    if contract.verdict_on_orphans(reference) == "warn":
        return "orphans only warn, so there may be some"
    if (reference.on or target.key) != target.key or not has_primary_key(target):
        return f"it is not the key of {target.dataset}"
    loses = target.mode != "merge" or target.delete_when or target.write.on_vanish == "delete"
    if loses and reference.to != contract.dataset:
        return f"{target.dataset} may lose rows that are referred to"
    return None


def _referring(contract: Contract, contracts: Mapping[str, Contract]) -> list[str]:
    return [
        name
        for name, other in served(contracts).items()
        if name != contract.dataset and any(r.to == contract.dataset and len(r.columns) == 1 for r in other.references)
    ]
