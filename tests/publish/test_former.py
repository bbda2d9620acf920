from __future__ import annotations

from headgate.publish.former import Former


def test_a_former_publication_knows_its_run_by_its_ledger() -> None:
    assert Former("ledger/orders/20260102T030405Z-1a2b3c.json", "123").run == "20260102T030405Z-1a2b3c"
