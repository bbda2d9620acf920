"""Trace a row: where the files have it, what the gate said, which row won, and where it is published."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from operator import and_

from pyspark.sql import Column, DataFrame, Row, Window
from pyspark.sql import functions as F

from headgate.clean import latest_per_key
from headgate.columns import ARRIVAL, KEPT, LINE, OBJECT, REASONS, REFUSED, VALUES, VERDICT
from headgate.contract.model import Column as Spec
from headgate.contract.model import Contract
from headgate.errors import GateClosed, UnusableArgument
from headgate.frame import DatasetRun
from headgate.gate.keys import masking_keys
from headgate.gate.mask import Keys, masked
from headgate.lake.ledger import Ledger, read_ledger
from headgate.lake.storage import Storage, StoredObject
from headgate.publish.formats import table_of
from headgate.read import objects
from headgate.refine.choose import Choice
from headgate.refine.intake import Batch, read_batch
from headgate.spark.errors import explained

MOST = 100  # rows of the files that are shown
_AT, _WINS = "_at", "_wins"


@dataclass(frozen=True)
class Seen:
    """One row of a file: `row` counts those of its file that were judged, from 1 (None without a key).

    `read_by` is the run that read the file as it is now; None where no run has. `wins` is None for a refused row.
    """

    object: str
    arrival: str
    row: int | None
    values: Mapping[str, str]
    reasons: Sequence[str]
    read_by: str | None
    wins: bool | None


@dataclass(frozen=True)
class Trace:
    """What is known of rows with these values. `marts`: rows of each mart over the dataset; None without the column.

    `files` were searched; `gone` were read once and no longer exist, `refused` are refused whole: nothing is known of
    their rows. `unread` counts refused rows that have no texts to search in.
    """

    dataset: str
    wanted: Mapping[str, str]
    published: Sequence[Mapping[str, str | None]]
    seen: Sequence[Seen]
    marts: Mapping[str, int | None]
    files: int
    gone: Sequence[str] = ()
    refused: Mapping[str, str] = field(default_factory=dict)
    unread: int = 0


def trace(run: DatasetRun, source: Storage, wanted: Mapping[str, str], marts: Sequence[Contract]) -> Trace:
    """Read all files of the dataset again, and look for rows with these values: column to text. Nothing is published.

    Raises `UnusableArgument` for a column that cannot be searched and for a dataset that was never published, and what
    `read_batch` raises.
    """
    with explained(run.contract, run.lake):
        specs = _specs(run.contract, wanted)
        stored = run.table.stored()
        if stored is None:
            remedy = f"`headgate try {run.contract.dataset}` judges its files."
            raise UnusableArgument(f"`{run.contract.dataset}` was never published", remedy=remedy)
        keys = masking_keys(run.lake, run.contract, first=False)
        condition, refused = _has(specs, wanted, keys), _was_refused(specs, wanted, keys)
        found = objects(source, run.contract.path)
        ledger = read_ledger(run.lake.storage, run.contract.dataset, run.table.pointer())
        traced = Trace(
            run.contract.dataset,
            wanted,
            published=[_texts(row, stored.columns) for row in stored.where(condition).limit(MOST).collect()],
            seen=(),
            marts={mart.dataset: _rows_of(run, mart, specs, condition) for mart in marts},
            files=len(found),
            gone=ledger.gone(found),
        )
        try:
            batch = read_batch(run, source, Choice(tuple(found), (), whole=True)) if found else None
            return traced if batch is None else _in_files(traced, run, batch, condition, refused, ledger)
        except GateClosed:  # no file is left to search
            return replace(traced, refused=_refused_files(run))
        finally:
            run.lake.storage.delete(run.work)


def _specs(contract: Contract, wanted: Mapping[str, str]) -> list[Spec]:
    columns = {spec.name: spec for spec in contract.published}
    for name in wanted:
        if name not in columns:
            raise UnusableArgument(
                f"`{contract.dataset}` has no column `{name}`", remedy=f"It has {', '.join(columns)}."
            )
        if columns[name].nested or columns[name].mask == "redact":
            what = "is nested" if columns[name].nested else "is published as nothing (`mask: redact`)"
            raise UnusableArgument(f"`{name}` {what}: no row is found by it", remedy="Name another column.")
    return [columns[name] for name in wanted]


def _has(specs: Sequence[Spec], wanted: Mapping[str, str], keys: Keys) -> Column:
    """True for rows with these values, as the gate writes them."""
    return reduce(and_, (_is(spec, wanted[spec.name], keys) for spec in specs))


def _is(spec: Spec, text: str, keys: Keys) -> Column:
    if spec.classification is not None:
        return F.col(spec.name) == masked(F.lit(text), _as_text(spec), keys)
    literal = text.replace("\\", "\\\\").replace("'", "\\'")
    typed = F.expr(f"try_cast('{literal}' AS {spec.published_type})")
    return F.coalesce(F.col(spec.name) == typed, F.col(spec.name).cast("string") == text, F.lit(False))


def _was_refused(specs: Sequence[Spec], wanted: Mapping[str, str], keys: Keys) -> Column:
    """True for refused rows with these texts: by them alone, since such a row may have no values."""
    return reduce(and_, (_was(spec, wanted[spec.name], keys) for spec in specs))


def _was(spec: Spec, text: str, keys: Keys) -> Column:
    there = F.btrim(F.element_at(VALUES, spec.source_name))
    hidden = masked(F.lit(text), _as_text(spec), keys) if spec.classification else F.lit(text)
    return F.coalesce(there == hidden, F.lit(False))


def _as_text(spec: Spec) -> Spec:
    return spec.model_copy(update={"type": "string"})


def _rows_of(run: DatasetRun, mart: Contract, specs: Sequence[Spec], condition: Column) -> int | None:
    """How many rows of a mart have these values; None where it has not all of the columns, or was never built."""
    if not {spec.name for spec in specs} <= {column.name for column in mart.published}:
        return None
    stored = table_of(lambda: run.session, run.lake, mart, run.request.run).stored()
    return None if stored is None else stored.where(condition).count()


def _in_files(
    traced: Trace, run: DatasetRun, batch: Batch, condition: Column, refused: Column, ledger: Ledger
) -> Trace:
    """Add what was found in the files."""
    rows = batch.judged.held
    kept, others = rows.where(F.col(VERDICT) == KEPT).where(condition), rows.where(F.col(VERDICT) == REFUSED)
    seen = [*_kept(kept, run.contract), *others.where(refused).limit(MOST).collect()]
    at = _places(rows, seen, run.contract)
    read = {stored.path: stored for stored in batch.objects}
    found = [_seen(row, at, run.contract, read, ledger) for row in seen]
    no_text = F.size(F.coalesce(VALUES, F.create_map())) <= 1
    return replace(
        traced,
        seen=sorted(found, key=lambda one: (one.arrival, one.object, one.row or 0)),
        refused=_refused_files(run),
        unread=others.where(no_text).count(),
    )


def _refused_files(run: DatasetRun) -> dict[str, str]:
    return {file["path"]: file["reason"] for file in run.outcome.objects.get("refused", ())}


def _kept(rows: DataFrame, contract: Contract) -> list[Row]:
    """The rows that passed the gate; `_wins` marks the one of each key that a run would publish."""
    if not contract.key:
        return rows.withColumn(_WINS, F.lit(True)).limit(MOST).collect()
    winners = latest_per_key(rows.withColumn(_AT, F.col(LINE)), contract)
    winning = {row[_AT] for row in winners.select(_AT).collect()}
    return rows.withColumn(_WINS, F.col(LINE).isin(*winning) if winning else F.lit(False)).limit(MOST).collect()


def _places(rows: DataFrame, seen: Sequence[Row], contract: Contract) -> Mapping[int, int]:
    """By its number among all rows that were read: which of the judged rows of its file a row is, from 1."""
    if not contract.key or not seen:
        return {}
    of_files = rows.where(F.col(OBJECT).isin(*{row[OBJECT] for row in seen})).select(OBJECT, LINE)
    counted = of_files.withColumn(_AT, F.row_number().over(Window.partitionBy(OBJECT).orderBy(LINE)))
    wanted = counted.where(F.col(LINE).isin(*(row[LINE] for row in seen)))
    return {row[LINE]: row[_AT] for row in wanted.collect()}


def _seen(
    row: Row, at: Mapping[int, int], contract: Contract, read: Mapping[str, StoredObject], ledger: Ledger
) -> Seen:
    stored, entry = read[row[OBJECT]], ledger.entries.get(row[OBJECT])
    as_it_is = entry is not None and (entry.size, entry.etag) == (stored.size, stored.etag)
    is_refused = row[VERDICT] == REFUSED
    values = dict(row[VALUES] or {}) if is_refused else _texts(row, [spec.name for spec in contract.published])
    return Seen(
        object=row[OBJECT],
        arrival=f"{row[ARRIVAL]:%Y-%m-%d %H:%M:%S} UTC",
        row=at.get(row[LINE]) if contract.key else None,
        values={name: text for name, text in values.items() if text is not None},
        reasons=list(row[REASONS] or ()),
        read_by=entry.run if entry is not None and as_it_is else None,
        wins=None if is_refused else bool(row[_WINS]),
    )


def _texts(row: Row, names: Sequence[str]) -> dict[str, str | None]:
    return {name: None if row[name] is None else str(row[name]) for name in names}
