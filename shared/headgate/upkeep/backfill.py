"""Backfill: which objects to re-read although the ledger has them, in one text for command line and jobs.

stale                    objects read under an older contract
arrived=2026-01-01..     objects that arrived from then on; one end or both, the second is not included
partition=day=2026-01-31 objects with published rows in that partition
path=2026/01/*.csv       objects whose path below the source's folder matches
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import Literal, cast, get_args

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from headgate.columns import OBJECT
from headgate.contract.model import Contract
from headgate.errors import UnusableArgument
from headgate.lake.ledger import Ledger
from headgate.lake.storage import StoredObject

Kind = Literal["stale", "arrived", "partition", "path"]
FORMS = "Write `stale`, `arrived=2026-01-01..2026-02-01`, `partition=column=value` or `path=2026/*.csv`."

# The name of a partition by a transform is the start of its time: `partition=ts=2026-01` for months(ts).
_PART_OF_TIME = {"years": "yyyy", "months": "yyyy-MM", "days": "yyyy-MM-dd", "hours": "yyyy-MM-dd'T'HH"}


@dataclass(frozen=True)
class Selection:
    """What to re-read: a kind, and the text that it is compared with."""

    kind: Kind
    text: str = ""

    def __str__(self) -> str:
        return f"{self.kind}={self.text}" if self.text else self.kind


def selection(text: str) -> Selection | None:
    """Read a selection from its text; None for an empty one. Raises `UnusableArgument`."""
    if not text:
        return None
    kind, _, rest = text.partition("=")
    if kind not in get_args(Kind) or (kind == "stale") != (not rest):
        raise UnusableArgument(f"`{text}` is not a selection of objects", remedy=FORMS)
    chosen = Selection(cast(Kind, kind), rest)
    if kind == "arrived":
        _ends(chosen)
    if kind == "partition" and not all(rest.partition("=")[::2]):
        raise UnusableArgument(f"`{text}` must name a column and a value", remedy="Write `partition=column=value`.")
    return chosen


def one_of(**texts: str) -> Selection:
    """The one selection among these texts by kind. Raises `UnusableArgument` when there is none or more than one."""
    given = [(kind, text) for kind, text in texts.items() if text]
    if len(given) != 1:
        what = "choose what to re-read" if not given else "more than one choice of what to re-read"
        raise UnusableArgument(what, remedy=f"Give one of {', '.join(f'--{kind}' for kind in texts)}.")
    kind, text = given[0]
    chosen = selection(kind if kind == "stale" else f"{kind}={text}")
    assert chosen is not None
    return chosen


def require_usable(chosen: Selection, contract: Contract) -> None:
    """Refuse a selection that does not fit the contract, before anything starts. Raises `UnusableArgument`."""
    if contract.is_mart:
        remedy = f"Rebuild it: `headgate run {contract.dataset} --full`."
        raise UnusableArgument("a mart reads no objects", where=contract.file, remedy=remedy)
    if chosen.kind == "partition":
        _transform(chosen.text.partition("=")[0], contract)


def selected(
    chosen: Selection,
    contract: Contract,
    ledger: Ledger,
    found: Sequence[StoredObject],
    stored: Callable[[], DataFrame | None],
) -> list[StoredObject]:
    """The objects in `found` that the selection covers. `stored` gives the published table."""
    if chosen.kind == "arrived":
        since, until = _ends(chosen)
        return [file for file in found if since <= file.arrival < until]
    if chosen.kind == "path":
        folder = re.split(r"[*?\[]", contract.path)[0].rpartition("/")[0]
        return [file for file in found if fnmatchcase(file.path.removeprefix(f"{folder}/"), chosen.text)]
    paths = ledger.stale(contract.hash) if chosen.kind == "stale" else _in_partition(chosen, contract, stored())
    return [file for file in found if file.path in paths]


def _ends(chosen: Selection) -> tuple[datetime, datetime]:
    first, dots, last = chosen.text.partition("..")
    if not dots or not (first or last):
        remedy = "Write `arrived=2026-01-01..2026-02-01`; one of the two may be left out, the second is not included."
        raise UnusableArgument(f"`{chosen}` is not a span of time", remedy=remedy)
    return _moment(first, datetime.min.replace(tzinfo=UTC)), _moment(last, datetime.max.replace(tzinfo=UTC))


def _moment(text: str, default: datetime) -> datetime:
    if not text:
        return default
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        remedy = "Write it as 2026-01-31 or 2026-01-31T12:00:00Z."
        raise UnusableArgument(f"`{text}` is not a date", remedy=remedy) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _in_partition(chosen: Selection, contract: Contract, stored: DataFrame | None) -> Collection[str]:
    """The objects from which the published rows of a partition come."""
    if stored is None:
        return ()
    name, _, wanted = chosen.text.partition("=")
    rows = stored.where(_partition_text(name, contract) == wanted)
    return {row[OBJECT] for row in rows.select(OBJECT).distinct().collect()}


def _partition_text(name: str, contract: Contract) -> Column:
    """The text that names a partition of that column."""
    transform = _transform(name, contract)
    return F.date_format(F.col(name), _PART_OF_TIME[transform]) if transform else F.col(name).cast("string")


def _transform(name: str, contract: Contract) -> str:
    """The transform of time that partitions this column; an empty text for a partition by the column's values."""
    for spelled in contract.partition_by:
        transform, _, column = spelled.rpartition("(")
        if column.rstrip(")").strip(" `") == name and transform in ("", *_PART_OF_TIME):
            return transform
    parts = ", ".join(f"`{partition}`" for partition in contract.partition_by) or "nothing"
    remedy = "Select by arrival or path: `arrived=2026-01-01..`, `path=2026/*.csv`."
    what = f"`{name}` selects no partition; the table is partitioned by {parts}"
    raise UnusableArgument(what, where=contract.file, remedy=remedy)
