"""What references need of the contracts that they refer to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from headgate.contract.model import Contract, Reference
from headgate.errors import Fault


def referred(contract: Contract) -> list[str]:
    """The other datasets that a contract refers to: they run first."""
    return [reference.to for reference in contract.references if reference.to != contract.dataset]


def wrong_references(contract: Contract, contracts: Mapping[str, Contract]) -> Iterator[Fault]:
    """A reference finds its values in published columns of the same type, masked alike."""
    for at, reference in enumerate(contract.references):
        for key, problem, remedy in _wrong(contract, reference, contracts):
            yield Fault(contract.file, f"references[{at}].{key}", problem, remedy)


def _wrong(
    contract: Contract, reference: Reference, contracts: Mapping[str, Contract]
) -> Iterator[tuple[str, str, str]]:
    target = contracts.get(reference.to)
    if target is None:
        yield "to", f"no contract describes `{reference.to}`", f"Known are {', '.join(sorted(contracts))}."
        return
    on = reference.on or target.key
    if len(on) != len(reference.columns):
        key = f"the key of `{target.dataset}` is {', '.join(target.key)}" if target.key else "it has no key"
        problem = f"`{target.dataset}` is referred to by {len(reference.columns)} columns, and {key}"
        yield "on", problem, "Name its columns with `on`, one for each of `columns`."
        return
    published = {column.name: column for column in target.published}
    for ours, theirs in zip(reference.columns, on, strict=True):
        if theirs not in published:
            remedy = f"Its columns are {', '.join(published)}."
            yield "on", f"`{target.dataset}` publishes no column `{theirs}`", remedy
            continue
        column, other = contract.column(ours), published[theirs]
        if column.classification != other.classification or (column.classification and column.mask != other.mask):
            problem = f"`{ours}` and `{target.dataset}.{theirs}` are not masked alike, and never equal"
            yield "columns", problem, "Give both the same `classification` and `mask`, or neither."
        elif column.published_type != other.published_type:
            problem = f"`{ours}` is {column.published_type}, `{target.dataset}.{theirs}` is {other.published_type}"
            yield "columns", problem, "Give both the same type."
