"""What Redshift cannot hold: `headgate check` refuses it, with the remedy.

Limits: docs.aws.amazon.com/redshift/latest/dg/r_CREATE_TABLE_usage.html and r_names.html.
"""

from __future__ import annotations

from collections.abc import Iterator

from headgate.contract.model import Contract
from headgate.contract.types import leaves, parse_type
from headgate.errors import Fault
from headgate.warehouse.names import LOADS, LONGEST

MOST_COLUMNS = 1_600
MOST_SORT_KEYS = 400
SYSTEM_COLUMNS = ("oid", "tableoid", "xmin", "cmin", "xmax", "cmax", "ctid", "insertxid", "deletexid")


def refused_by_redshift(contract: Contract) -> Iterator[Fault]:
    """Every fault of a contract that asks for a warehouse table; none where it does not."""
    if not contract.serving.warehouse:
        return
    for key, problem, remedy in _wrong(contract):
        yield Fault(contract.file, key, f"Redshift {problem}", remedy)


def _wrong(contract: Contract) -> Iterator[tuple[str, str, str]]:
    if contract.dataset == LOADS:
        yield "dataset", f"has a table `{LOADS}` already, in which loads are recorded", "Choose another name."
    if len(contract.published) >= MOST_COLUMNS:
        problem = (
            f"tables have at most {MOST_COLUMNS:,} columns, and this one has {len(contract.published):,} and `_run`"
        )
        yield "columns", problem, "Split the dataset, or publish fewer columns."
    for at, column in enumerate(contract.columns):
        if column.publish:
            for key, problem, remedy in _wrong_column(column.name, column.published_type):
                yield f"columns[{at}].{key}", problem, remedy
    yield from _wrong_hints(contract)


def _wrong_column(name: str, published: str) -> Iterator[tuple[str, str, str]]:
    if len(name.encode()) > LONGEST:
        yield (
            "name",
            f"names have at most {LONGEST} bytes, `{name[:20]}…` has {len(name.encode())}",
            "Shorten the name.",
        )
    if name in SYSTEM_COLUMNS:
        yield "name", f"has a column `{name}` of its own in every table", "Rename it: `name` the new, `source` the old."
    kind = parse_type(published)
    if any(leaf.kind == "binary" for leaf in leaves(kind)):
        yield "type", f"is not loaded with bytes (`{name}`)", "Leave the column unpublished, or set `warehouse: false`."
    for leaf in leaves(kind):
        if leaf.kind == "decimal" and getattr(leaf, "scale", 0) > 37:
            yield "type", f"decimals have at most 37 digits after the point (`{name}`)", "Declare fewer decimals."


def _wrong_hints(contract: Contract) -> Iterator[tuple[str, str, str]]:
    serving = contract.serving
    named = [("distribution_key", serving.distribution_key)] if serving.distribution_key else []
    named += [(f"sort_keys[{at}]", name) for at, name in enumerate(serving.sort_keys)]
    for key, name in named:
        if name in contract.types and contract.column(str(name)).nested:
            yield f"serving.{key}", f"cannot sort or distribute by a nested column (`{name}`)", "Name a scalar column."
    if len(serving.sort_keys) > MOST_SORT_KEYS:
        yield "serving.sort_keys", f"sorts by at most {MOST_SORT_KEYS} columns", "Name fewer."
