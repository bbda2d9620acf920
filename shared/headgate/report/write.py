"""Write a run's record, its Great Expectations documents and its page."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from headgate.contract.model import Contract
from headgate.errors import RunFailed
from headgate.lake.paths import counts_file, gx_file, record_file, report_file
from headgate.lake.storage import LocalStorage, Storage
from headgate.outcome import Outcome
from headgate.report.counts_only import counts_only
from headgate.report.facts import RunFacts
from headgate.report.gx_document import gx_document
from headgate.report.html import page
from headgate.report.record import record


def write_run(storage: Storage, facts: RunFacts, outcomes: Sequence[Outcome], contracts: Mapping[str, Contract]) -> str:
    """Write `runs/<run id>/` and return the page's address: a path on this machine, or a URI.

    In a bucket there is a second page, with counts only. The record is written first, the page last, and nothing
    of another run is overwritten. Raises `RunFailed`
    when a file cannot be written; this does not affect what the run published.
    """
    content = record(facts, outcomes, contracts)
    _write(storage, record_file(facts.run), _json(content))
    for outcome in outcomes:
        if outcome.checks:
            _write(storage, gx_file(facts.run, outcome.dataset), _json(gx_document(facts, outcome)))
    if not isinstance(storage, LocalStorage):
        _write(storage, counts_file(facts.run), page(counts_only(content)).encode())
    at = report_file(facts.run)
    _write(storage, at, page(content).encode())
    return str(Path(storage.root, at)) if isinstance(storage, LocalStorage) else storage.uri(at)


def _json(content: Mapping[str, Any]) -> bytes:
    return (json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode()


def _write(storage: Storage, path: str, content: bytes) -> None:
    try:
        storage.create(path, content)
    except Exception as error:  # any error of a disk or bucket: the run's own result must still be reported
        raise RunFailed(
            f"the run's report cannot be written: {error}",
            where=storage.uri(path),
            remedy="What the run published stays published. Free some space there or allow writing, and run again.",
        ) from error
