"""Rules about columns that are read and not published: what works on the table cannot name them."""

from __future__ import annotations

from collections.abc import Iterator

from headgate.contract.file_formats import FORMAT_FACTS
from headgate.contract.model import Contract
from headgate.contract.partitions import partition_column

Broken = tuple[str, str, str]


def unpublished(contract: Contract) -> Iterator[Broken]:
    """Keys, orders, partitions, hints and checks of the table name published columns."""
    hidden = {column.name for column in contract.columns if not column.publish}
    if hidden and not contract.published:
        yield "columns", "no column is published", "Publish at least one: remove a `publish: false`."
    for at, column in enumerate(contract.columns):
        if column.required_in_file and not column.publish and FORMAT_FACTS[contract.source.format].by_path:
            problem = f"`{column.name}` is not published, and only its values show that a file of records has it"
            yield f"columns[{at}].required_in_file", problem, "Publish it, or remove the word."
    for key, name in _named(contract):
        if name in hidden:
            yield key, f"`{name}` is not published", "Publish it, or name another column; a derived column may use it."


def _named(contract: Contract) -> Iterator[tuple[str, str]]:
    yield from ((f"key[{at}]", name) for at, name in enumerate(contract.key))
    yield from ((f"order[{at}].column", step.column) for at, step in enumerate(contract.order))
    for at, transform in enumerate(contract.partition_by):
        yield f"partition_by[{at}]", partition_column(transform) or ""
    for at, reference in enumerate(contract.references):
        yield from ((f"references[{at}].columns[{k}]", name) for k, name in enumerate(reference.columns))
    serving = contract.serving
    yield from ((f"serving.{key}", getattr(serving, key) or "") for key in ("time", "distribution_key"))
    for key in ("dimensions", "measures", "sort_keys"):
        yield from ((f"serving.{key}[{at}]", name) for at, name in enumerate(getattr(serving, key)))
