from __future__ import annotations

from datetime import UTC, datetime

from headgate.publish.maintenance import KeepRules, MaintenanceCounts

NOON = datetime(2026, 1, 10, 12, tzinfo=UTC)


def test_former_publications_are_kept_for_days_and_whatever_is_in_use_for_one() -> None:
    keep = KeepRules(NOON, 7)
    assert keep.former_since == datetime(2026, 1, 3, 12, tzinfo=UTC)
    assert keep.used_since == datetime(2026, 1, 9, 12, tzinfo=UTC)
    assert KeepRules(NOON, 0).used_since == keep.used_since


def test_every_count_goes_by_its_name() -> None:
    counts = MaintenanceCounts(files_removed=2).as_dict()
    assert counts["files_removed"] == 2
    assert sum(counts.values()) == 2
