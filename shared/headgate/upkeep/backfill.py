"""Backfill: which objects are read again although the ledger knows them, in one text for command line and jobs.

stale                    those read under an older contract
arrived=2026-01-01..     those that arrived from then on; `..` with two ends, or with one; the second is not included
partition=day=2026-01-31 those whose published rows lie in that partition
path=2026/01/*.csv       those whose path below the source's folder fits
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
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

# A partition by a transform is named by the beginning of its time: `partition=ts=2026-01` for months(ts).
_PART_OF_TIME = {"years": "yyyy", "months": "yyyy-MM", "days": "yyyy-MM-dd", "hours": "yyyy-MM-dd'T'HH"}


@dataclass(frozen=True)
class Selection:
    """What to read again: a kind, and what it is compared with."""

    kind: Kind
    text: str = ""

    def __str__(self) -> str:
        return f"{self.kind}={self.text}" if self.text else self.kind


def selection(text: str) -> Selection | None:
    """The selection that a text spells; None for an empty one. Raises `UnusableArgument`."""
    if not text:
        return None
    kind, _, rest = text.partition("=")
    if kind not in get_args(Kind) or (kind == "stale") != (not rest):
        raise UnusableArgument(f"`{text}` selects nothing to read again", remedy=FORMS)
    chosen = Selection(cast(Kind, kind), rest)
    if kind == "arrived":
        _ends(chosen)
    if kind == "partition" and not all(rest.partition("=")[::2]):
        raise UnusableArgument(f"`{text}` names no column and value", remedy="Write `partition=column=value`.")
    return chosen


def one_of(**words: str) -> Selection:
    """The one selection among these words by kind. Raises `UnusableArgument` where there is none or several."""
    given = [(kind, text) for kind, text in words.items() if text]
    if len(given) != 1:
        what = "nothing says what is read again" if not given else "more than one thing says what is read again"
        raise UnusableArgument(what, remedy=f"Give one of {', '.join(f'--{kind}' for kind in words)}.")
    kind, text = given[0]
    chosen = selection(kind if kind == "stale" else f"{kind}={text}")
    assert chosen is not None
    return chosen


def require_usable(chosen: Selection, contract: Contract) -> None:
    """Refuse a selection that this contract can never answer, before anything starts. Raises `UnusableArgument`."""
    if contract.is_mart:
        remedy = f"Rebuild it: `headgate run {contract.dataset} --full`."
        raise UnusableArgument("a mart reads no objects", where=contract.file, remedy=remedy)
    if chosen.kind == "partition":
        _transform(chosen.text.partition("=")[0], contract)


def selected(
    chosen: Selection, contract: Contract, ledger: Ledger, found: Sequence[StoredObject], stored: DataFrame | None
) -> list[StoredObject]:
    """The objects among `found` that the selection means. `stored` is the published table."""
    if chosen.kind == "arrived":
        since, until = _ends(chosen)
        return [one for one in found if since <= one.arrival < until]
    if chosen.kind == "path":
        folder = re.split(r"[*?\[]", contract.path)[0].rpartition("/")[0]
        return [one for one in found if fnmatchcase(one.path.removeprefix(f"{folder}/"), chosen.text)]
    paths = ledger.stale(contract.hash) if chosen.kind == "stale" else _in_partition(chosen, contract, stored)
    return [one for one in found if one.path in paths]


def _ends(chosen: Selection) -> tuple[datetime, datetime]:
    first, dots, last = chosen.text.partition("..")
    if not dots or not (first or last):
        remedy = "Write `arrived=2026-01-01..2026-02-01`; one of the two may be left out, the second is not included."
        raise UnusableArgument(f"`{chosen}` is not a span of time", remedy=remedy)
    return _moment(first, datetime.min.replace(tzinfo=UTC)), _moment(last, datetime.max.replace(tzinfo=UTC))


def _moment(text: str, otherwise: datetime) -> datetime:
    if not text:
        return otherwise
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        remedy = "Write it as 2026-01-31 or 2026-01-31T12:00:00Z."
        raise UnusableArgument(f"`{text}` is no date", remedy=remedy) from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _in_partition(chosen: Selection, contract: Contract, stored: DataFrame | None) -> Collection[str]:
    """Objects that the published rows of a partition came from."""
    if stored is None:
        return ()
    name, _, wanted = chosen.text.partition("=")
    rows = stored.where(_partition_text(name, contract) == wanted)
    return {row[OBJECT] for row in rows.select(OBJECT).distinct().collect()}


def _partition_text(name: str, contract: Contract) -> Column:
    """The text by which a partition of that column is named."""
    transform = _transform(name, contract)
    return F.date_format(F.col(name), _PART_OF_TIME[transform]) if transform else F.col(name).cast("string")


def _transform(name: str, contract: Contract) -> str:
    """The transform of time by which the table is partitioned on this column; none for the column's own values."""
    for spelled in contract.partition_by:
        transform, _, column = spelled.rpartition("(")
        if column.rstrip(")").strip(" `") == name and transform in ("", *_PART_OF_TIME):
            return transform
    parts = ", ".join(f"`{one}`" for one in contract.partition_by) or "no partition"
    remedy = "Select by arrival or path: `arrived=2026-01-01..`, `path=2026/*.csv`."
    raise UnusableArgument(f"`{name}` names no partition; the table has {parts}", where=contract.file, remedy=remedy)
