"""mart: a query over published tables → checks → audit → publish, rebuilt whole."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from headgate import columns
from headgate.columns import KEPT
from headgate.contract.model import Contract, Join
from headgate.contract.types import parse_type
from headgate.errors import Fault, RunFailed, UnusableContract
from headgate.gate.decision import closed, require_open_gate, require_passed_audit
from headgate.gate.judge import gate
from headgate.gate.judged import JudgedRows, clear_leftovers, write_judged
from headgate.gate.samples import with_samples
from headgate.lake.ledger import read_ledger, write_ledger
from headgate.lake.lock import writing
from headgate.lake.paths import Lake
from headgate.mart.sql import base_and_joins, named_tables, over_views, view_name
from headgate.outcome import Outcome
from headgate.publish import Table, table_of
from headgate.publish.audit import audited
from headgate.publish.change import Change
from headgate.publish.step import Steps, publish_change
from headgate.request import RunRequest, timed
from headgate.spark.errors import explained
from headgate.upkeep.rollback import on_hold

WORST = 10  # keys that a refused fan-out names


@dataclass
class Build:
    """One mart in one run: what its steps share."""

    session: SparkSession
    lake: Lake
    contract: Contract
    query: str
    sources: Mapping[str, Contract]
    request: RunRequest
    outcome: Outcome
    table: Table


def build_mart(
    spark: SparkSession,
    lake: Lake,
    contract: Contract,
    query: str,
    contracts: Mapping[str, Contract],
    request: RunRequest,
    outcome: Outcome,
) -> None:
    """Rebuild a mart from what its sources have published, or leave it as it was.

    Raises `GateClosed` when a check or a join's cardinality does not hold, `RunFailed` when a source was never
    published, `UnusableContract` when the query's columns are not the contract's.
    """
    session = lake.session(spark)
    sources = {name: contracts[name] for name in named_tables(query, lake)}
    table = table_of(session, lake, contract, request.run)
    b = Build(session, lake, contract, query, sources, request, outcome, table)
    if request.dry:
        if not on_hold(table, outcome):
            _planned(b)
        return
    with (
        explained(contract, lake),
        writing(lake, contract.dataset, lambda: request.log("waiting", dataset=contract.dataset)),
    ):
        request.log("tidy", dataset=contract.dataset)
        table.clear_leftovers()
        clear_leftovers(lake, contract.dataset)
        if on_hold(table, outcome):
            return
        try:
            _build(b)
        finally:
            request.log("clear", dataset=contract.dataset)
            lake.storage.delete(lake.work(request.run, contract.dataset))


def query_file(contract: Contract, root: Path) -> Path:
    """The mart's SQL file below the `sql/` folder."""
    return root / str(contract.source.query)


def _build(b: Build) -> None:
    publications = _publications(
        b
    )  # before the rows: data that is newer than its name is rebuilt once more, never less
    versions = _pinned(b)
    before = read_ledger(b.lake.storage, b.contract.dataset, b.table.pointer())
    made_of = _made_of(b, publications)
    b.outcome.objects = {"sources": versions}
    if before.facts.get("made_of") == made_of and not b.request.full:
        _unchanged(b)
        return
    stored = b.table.stored()
    b.outcome.rows_before = stored.count() if stored is not None else 0
    with timed(b, "joins"):
        _hold_joins(b)
    with timed(b, "read"):
        place = b.lake.place(f"{b.lake.work(b.request.run, b.contract.dataset)}/staged")
        staged = write_judged(_as_raw(_query(b)), gate(b.contract), {}, b.request.run, place)
    with timed(b, "gate"):
        _gate(b, staged)
    _publish(b, staged, made_of)
    b.outcome.status = "published"


def _planned(b: Build) -> None:
    """Whether a run would rebuild the mart, as far as that can be known before its sources have run."""
    before = read_ledger(b.lake.storage, b.contract.dataset, b.table.pointer())
    publications = _publications(b)
    same = before.facts.get("made_of") == _made_of(b, publications) and not b.request.full
    b.outcome.status = "unchanged" if same else "planned"
    b.outcome.objects = {"sources": publications}


def _made_of(b: Build, publications: Mapping[str, str]) -> dict[str, object]:
    """What a rebuild would be made of: it is unchanged while this is."""
    query = hashlib.sha256(b.query.encode()).hexdigest()
    return {"sources": dict(publications), "query": query, "contract": b.contract.hash}


def _publications(b: Build) -> dict[str, str]:
    """What each source has published last. Its ledger says so: compaction makes snapshots without a new row."""
    tables = {name: table_of(b.session, b.lake, source, b.request.run) for name, source in b.sources.items()}
    return {name: str(table.pointer()) for name, table in tables.items()}


def _pinned(b: Build) -> dict[str, str]:
    """Make a view per source over its snapshot of now, and say which snapshots these are."""
    versions: dict[str, str] = {}
    for name, source in b.sources.items():
        table = table_of(b.session, b.lake, source, b.request.run)
        stored = table.stored()
        if stored is None:
            remedy = f"Publish it first: `headgate run {name}`."
            raise RunFailed(f"its source `{name}` was never published", where=b.contract.file, remedy=remedy)
        stored.createOrReplaceTempView(view_name(name))
        versions[name] = str(table.version())
    return versions


def _unchanged(b: Build) -> None:
    stored = b.table.stored()
    rows = stored.count() if stored is not None else 0
    o = b.outcome
    o.status, o.reason = "unchanged", "no source, query or contract changed"
    o.read = o.published = o.superseded = o.skipped = o.quarantined = 0
    o.inserted = o.updated = o.unchanged = o.removed = 0
    o.rows_before = o.rows_after = rows
    o.ledger, o.version = b.table.pointer(), b.table.version()


def _query(b: Build) -> DataFrame:
    """The query's rows. Its names and types must be the contract's, in any order."""
    rows = b.session.sql(over_views(b.query, b.lake, list(b.sources)))
    found = {field.name: field.dataType.simpleString() for field in rows.schema.fields}
    wanted = {column.name: parse_type(column.published_type).simpleString() for column in b.contract.columns}
    faults = [_column_fault(b, name, found.get(name), wanted.get(name)) for name in dict.fromkeys([*wanted, *found])]
    wrong = [fault for fault in faults if fault]
    if wrong:
        raise UnusableContract(wrong)
    return rows.select(*wanted)


def _column_fault(b: Build, name: str, found: str | None, wanted: str | None) -> Fault | None:
    if found == wanted:
        return None
    file, key = b.contract.file, f"columns ({name})"
    if found is None:
        return Fault(
            file,
            key,
            f"sql/{b.contract.source.query} has no column `{name}`",
            "Select it, or remove it from the contract.",
        )
    if wanted is None:
        return Fault(
            file,
            key,
            f"sql/{b.contract.source.query} selects `{name}` ({found}), which is not declared",
            "Declare it, or drop it.",
        )
    return Fault(
        file, key, f"the query gives {found}, the contract says {wanted}", f"CAST it in the query, or declare {found}."
    )


def _as_raw(rows: DataFrame) -> DataFrame:
    """A mart's rows in the shape that the gate takes: no object, no arrival, no fault of a reader."""
    none = F.lit(None)
    return rows.select(
        "*",
        none.cast("string").alias(columns.OBJECT),
        none.cast("timestamp").alias(columns.ARRIVAL),
        F.array().cast("array<string>").alias(columns.FAULTS),
        none.cast("string").alias(columns.RAW),
        none.cast("string").alias(columns.FILE_FAULT),
    )


def _gate(b: Build, staged: JudgedRows) -> None:
    o = b.outcome
    o.read = staged.observed["read"]
    o.superseded = o.skipped = o.quarantined = o.updated = o.unchanged = 0
    o.checks = [*o.checks, *with_samples(b.session, staged, b.contract, gate(b.contract).results(staged.observed))]
    kept = staged.rows(b.session, KEPT).count()
    b.request.log("staged", dataset=b.contract.dataset, read=o.read, kept=kept)
    require_open_gate(b.contract, read=o.read, kept=kept, refused=0, results=o.checks)
    o.published = o.inserted = kept


def _publish(b: Build, staged: JudgedRows, made_of: Mapping[str, object]) -> None:
    stored = b.table.stored()
    o = b.outcome
    o.rows_before = o.removed = stored.count() if stored is not None else 0
    names = [column.name for column in b.contract.columns]
    rows = staged.rows(b.session, KEPT).select(*names).withColumn(columns.ACTION, F.lit(columns.INSERT))
    change = Change(rows, True, (), None, o.inserted or 0, True)
    row_results = list(o.checks)

    def audit(table: DataFrame) -> None:
        o.checks = [*row_results, *audited(b.contract, table, table)]
        require_passed_audit(b.contract, o.checks)

    def count(found: int) -> None:
        o.rows_after = found
        o.balance()

    def log(step: str) -> None:
        b.request.log(step, dataset=b.contract.dataset)

    def write() -> str:
        ledger = read_ledger(b.lake.storage, b.contract.dataset, b.table.pointer())
        return write_ledger(
            b.lake.storage, ledger, b.request.run, [], whole=True, facts={**o.counts(), "made_of": dict(made_of)}
        )

    with timed(b, "publish"):
        o.ledger = publish_change(b.table, change, stored, b.contract, Steps(audit, count, write, log))
        o.version = b.table.version()


def _hold_joins(b: Build) -> None:
    """Close the gate when a declared cardinality does not hold, naming the keys that would multiply rows."""
    if not b.contract.source.joins:
        return
    base, joined = base_and_joins(b.query, b.lake)
    outer = {join.dataset for join in joined if join.outer}
    for join in b.contract.source.joins:
        left, right = b.session.table(view_name(str(base))), b.session.table(view_name(join.to))
        _hold_side(b, join, right, left, join.to)
        if join.cardinality == "one_to_one":
            _hold_side(b, join, left, right, str(base))
        if join.to in outer:
            _note_misses(b, join, left, right)


def _hold_side(b: Build, join: Join, side: DataFrame, other: DataFrame, name: str) -> None:
    """One side's keys must be unique among those that meet the other side; a merged key is so by construction."""
    source = b.sources[name]
    if source.key and set(source.key) <= set(join.on):
        return
    on = list(join.on)
    several = side.groupBy(*on).count().where("count > 1").join(other.select(*on), on, "left_semi")
    worst = several.orderBy(F.desc("count"), *on).limit(WORST).collect()
    if worst:
        shown = "; ".join(f"{', '.join(str(row[c]) for c in on)}: {row['count']} rows" for row in worst)
        declared = f"join to `{join.to}` on {', '.join(on)} is declared {join.cardinality}"
        reason = f"{declared}, but `{name}` has keys with several rows ({shown})"
        raise closed(b.contract, [reason])


def _note_misses(b: Build, join: Join, left: DataFrame, right: DataFrame) -> None:
    on = list(join.on)
    misses = left.join(right.select(*on), on, "left_anti").count()
    if misses:
        b.outcome.notes.append(f"warn: {misses:,} rows have no match in `{join.to}` on {', '.join(on)} (LEFT JOIN)")


__all__: Sequence[str] = ("build_mart", "query_file")
