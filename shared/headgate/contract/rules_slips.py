"""Rules about slips that only a run or AWS would meet: signs of a dialect, columns that are ignored, job sizes."""

from __future__ import annotations

from collections.abc import Iterator

from headgate.contract.model import Contract
from headgate.contract.platform import FLEX_WORKERS

Broken = tuple[str, str, str]

_LINE_ENDS = "\r\n"


def dialect(contract: Contract) -> Iterator[Broken]:
    """The signs of a CSV dialect are different signs, and none ends a line; only quote and escape may be one."""
    read = contract.source.read
    signs = (("delimiter", read.delimiter), ("quote", read.quote), ("escape", read.escape))
    for name, sign in signs:
        if set(sign) & set(_LINE_ENDS):
            yield (
                f"source.read.{name}",
                f"`{name}` contains a line end",
                "A line end ends the record.",
            )
    for name, sign in dict((sign, (name, sign)) for name, sign in reversed(signs[1:])).values():
        if sign and sign in read.delimiter:
            problem = f"`{sign}` is in the delimiter `{read.delimiter}` and is the {name}"
            yield f"source.read.{name}", problem, f'Use another sign; `{name}: ""` is for files that have none.'


def ignored(contract: Contract) -> Iterator[Broken]:
    """A column that is declared is not ignored."""
    unwanted = {name.strip().casefold(): at for at, name in enumerate(contract.source.ignore)}
    for column in contract.read_columns:
        for name in (column.source_name, *column.aliases):
            at = unwanted.get(name.strip().casefold())
            if at is not None:
                problem = f"`{name}` is ignored, and the column `{column.name}` is read from it"
                remedy = "Keep one of the two; a column that is read and not published has `publish: false`."
                yield f"source.ignore[{at}]", problem, remedy


def job(contract: Contract) -> Iterator[Broken]:
    """Glue runs flexible jobs on its two smallest workers only."""
    size = contract.job
    if size.execution == "flex" and size.worker not in FLEX_WORKERS:
        problem = f"`flex` goes with `G.1X` or `G.2X`, and the worker is `{size.worker}`"
        yield "job.execution", problem, "Use `standard`, or a smaller worker."
