"""build_mart: a query over published tables → checks → audit → publish, rebuilt whole."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from headgate import columns
from headgate.contract.model import Contract
from headgate.frame import (
    DatasetRun,
    count_stored,
    framed,
    judge_rows,
    mark_unchanged,
    pass_gate,
    publish_audited,
    refuse_orphans,
    require_published_targets,
)
from headgate.gate.judged import JudgedRows
from headgate.gate.key_versions import keys_of_sources, with_versions
from headgate.lake.ledger import Ledger, read_ledger, write_ledger
from headgate.mart.joins import require_joins
from headgate.mart.query import pinned_views, publications, query_rows, unread, versions
from headgate.mart.repeatable import asks_clock
from headgate.mart.sql import named_tables
from headgate.publish.change import Change
from headgate.warehouse.export import export_publication, export_unexported

FINGERPRINT = "made_of"  # the fact of a mart's ledger that holds the fingerprint of its inputs


def build_mart(run: DatasetRun, query: str, contracts: Mapping[str, Contract]) -> None:
    """Rebuild a mart from what its sources have published, or leave it as it was.

    Raises `GateClosed` when a check or a join's cardinality does not hold, `RunFailed` when a source was never
    published, `UnusableContract` when the query's columns are not the contract's.
    """
    sources = {name: contracts[name] for name in named_tables(query, run.lake)}
    with framed(run) as may_run:
        if not may_run:
            return
        # Before the rows: when a source publishes in between, the mart is rebuilt once too often, never too rarely.
        published = publications(run, sources)
        fingerprint = _fingerprint(run, query, published)
        changed = run.request.full or asks_clock(query) or _built_from(run) != fingerprint
        if run.request.dry:
            run.outcome.status = "planned" if changed else "unchanged"
            run.outcome.objects = {"sources": published}
            return
        if changed:
            run.outcome.objects = {"sources": pinned_views(run, sources)}
            run.outcome.key_versions = keys_of_sources(run.contract, _ledgers(run, sources))
            _build(run, query, sources, contracts, fingerprint)
        else:
            run.outcome.objects = {"sources": versions(run, sources)}
            mark_unchanged(run, "no source, query or contract changed")
            export_unexported(run)


def _build(
    run: DatasetRun,
    query: str,
    sources: Mapping[str, Contract],
    contracts: Mapping[str, Contract],
    fingerprint: Mapping[str, object],
) -> None:
    require_published_targets(run, contracts)
    count_stored(run)
    with run.timed("joins"):
        require_joins(run, query, sources)
    with run.timed("read"):
        judged = judge_rows(run, unread(query_rows(run, query, sources)), {})
    with run.timed("gate"):
        judged = refuse_orphans(run, judged, contracts)
        _count_rows(run, pass_gate(run, judged))
    with run.timed("publish"):
        _publish(run, judged, fingerprint, contracts)


def _fingerprint(run: DatasetRun, query: str, published: Mapping[str, str]) -> dict[str, object]:
    """Fingerprint of the inputs; if equal, skip the rebuild."""
    digest = hashlib.sha256(query.encode()).hexdigest()
    return {"sources": dict(published), "query": digest, "contract": run.contract.hash}


def _built_from(run: DatasetRun) -> object:
    """The fingerprint of the inputs of the published table; None when there is none."""
    return read_ledger(run.lake.storage, run.contract.dataset, run.table.pointer()).facts.get(FINGERPRINT)


def _ledgers(run: DatasetRun, sources: Mapping[str, Contract]) -> dict[str, Ledger]:
    pointers = publications(run, sources)
    return {name: read_ledger(run.lake.storage, name, pointer) for name, pointer in pointers.items()}


def _count_rows(run: DatasetRun, kept: int) -> None:
    """A mart is rebuilt whole: every row of the query is inserted, every stored row is removed."""
    outcome = run.outcome
    outcome.published = outcome.inserted = kept
    outcome.conflicting = outcome.deleted = 0
    outcome.superseded = outcome.updated = outcome.unchanged = 0


def _publish(
    run: DatasetRun, judged: JudgedRows, fingerprint: Mapping[str, object], contracts: Mapping[str, Contract]
) -> None:
    stored = count_stored(run)
    outcome = run.outcome
    outcome.removed = outcome.rows_before

    def write() -> str:
        ledger = read_ledger(run.lake.storage, run.contract.dataset, run.table.pointer())
        facts = with_versions({**outcome.counts(), FINGERPRINT: dict(fingerprint)}, outcome.key_versions)
        return write_ledger(run.lake.storage, ledger, run.request.run, [], whole=True, facts=facts)

    change = Change(_rows(run, judged), True, (), None, True)
    publish_audited(run, change, stored=stored, balance=outcome.balance, ledger=write, contracts=contracts)
    export_publication(run, change, None)


def _rows(run: DatasetRun, judged: JudgedRows) -> DataFrame:
    names = [column.name for column in run.contract.columns]
    kept = judged.rows(columns.KEPT).select(*names)
    return kept.withColumn(columns.ACTION, F.lit(columns.INSERT))
