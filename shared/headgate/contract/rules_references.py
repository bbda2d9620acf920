"""Rules about references, as far as one contract shows them; `project.py` compares them with what they refer to."""

from __future__ import annotations

from collections.abc import Iterator

from headgate.contract.model import Contract, Reference

Broken = tuple[str, str, str]


def references(contract: Contract) -> Iterator[Broken]:
    """A reference compares scalar values that masking keeps apart, and its verdict is one that can be carried out."""
    seen: set[str] = set()
    for at, reference in enumerate(contract.references):
        key = f"references[{at}]"
        if reference.name in seen:
            yield key, f"`{reference.name}` occurs twice", "Keep one of the two."
        seen.add(reference.name)
        for name, problem, remedy in _one(contract, reference):
            yield f"{key}.{name}", problem, remedy


def _one(contract: Contract, reference: Reference) -> Iterator[Broken]:
    if reference.on and len(reference.on) != len(reference.columns):
        problem = f"{len(reference.on)} columns for {len(reference.columns)} in `columns`"
        yield "on", problem, "Name one column of `to` for each of `columns`, in the same order."
    for at, name in enumerate(reference.columns):
        column = next((column for column in contract.columns if column.name == name), None)
        if column and column.nested:
            yield f"columns[{at}]", f"`{name}` is nested", "Refer by scalar columns."
        if column and column.classification and column.mask != "hmac":
            problem = f"`{name}` is masked by `{column.mask}`, which makes different values equal"
            yield f"columns[{at}]", problem, "Mask it with `hmac`."
    if reference.otherwise != "quarantine":
        return
    if reference.to == contract.dataset:
        problem = "rows of one dataset refer to each other, and only the table as it would be published shows orphans"
        yield "otherwise", problem, "Use `warn` or `stop`."
    elif contract.is_mart:
        yield "otherwise", "a mart quarantines nothing", "Use `warn` or `stop`."
