"""An acknowledgement holds for one version of a file under one contract."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from headgate.errors import RunFailed
from headgate.lake.acknowledged import acknowledge, unacknowledged
from headgate.lake.ledger import Entry, Ledger, entry
from headgate.lake.storage import LocalStorage, StoredObject

THEN = datetime(2026, 1, 2, tzinfo=UTC)


def refused(path: str, etag: str = "e", contract: str = "contract") -> Entry:
    return entry(StoredObject(path, f"file:///{path}", 1, etag, THEN), contract, "r1", "has no header")


def test_what_is_acknowledged_stays_so_until_the_file_or_the_contract_changes(tmp_path: Path) -> None:
    storage = LocalStorage(tmp_path)
    waiting = [refused("a.csv"), refused("b.csv")]
    assert unacknowledged(storage, "orders", waiting) == waiting
    acknowledge(storage, Ledger("orders", entries={file.path: file for file in waiting}), ["a.csv"])
    assert unacknowledged(storage, "orders", waiting) == [refused("b.csv")]
    changed = [refused("a.csv", etag="new"), refused("a.csv", contract="another")]
    assert unacknowledged(storage, "orders", changed) == changed
    acknowledge(storage, Ledger("orders", entries={file.path: file for file in waiting}), ["b.csv"])
    assert unacknowledged(storage, "orders", waiting) == []  # the earlier one is not forgotten


def test_acknowledgements_of_another_format_stop_the_run(tmp_path: Path) -> None:
    storage = LocalStorage(tmp_path)
    storage.write("ledger/orders/.acknowledged.json", b'{"format": 2, "files": []}')
    with pytest.raises(RunFailed, match="the acknowledged files have format 2, this version reads 1"):
        unacknowledged(storage, "orders", [refused("a.csv")])
