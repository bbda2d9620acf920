"""Lists of deleted keys that no publication needs are forgotten, and no others."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from headgate.lake.ledger import Ledger, write_ledger
from headgate.lake.paths import deleted_keys
from headgate.lake.storage import LocalStorage
from headgate.upkeep.deleted_keys import forget_deleted_keys

SOON = datetime.now(UTC) + timedelta(hours=1)


def test_lists_stay_while_a_publication_names_them_or_they_are_young(tmp_path: Path) -> None:
    storage = LocalStorage(tmp_path)
    for run in ("r1", "r2", "r3"):
        storage.write(f"{deleted_keys('orders', run)}/part-0.parquet", b"")
    named = [
        write_ledger(storage, Ledger("orders"), run, [], whole=True, facts={}, deleted=deleted_keys("orders", of))
        for run, of in (("r3", "r3"), ("r4", "r3"), ("r2", "r2"))
    ]
    assert json.loads(storage.read(named[0]))["format"] == 2
    assert forget_deleted_keys(storage, "orders", named, SOON - timedelta(days=1)) == 0
    assert forget_deleted_keys(storage, "orders", named, SOON) == 1
    left = {file.path for file in storage.list("ledger/") if file.path.endswith(".parquet")}
    assert left == {f"{deleted_keys('orders', run)}/part-0.parquet" for run in ("r2", "r3")}
    assert forget_deleted_keys(storage, "visits", [], SOON) == 0
