from __future__ import annotations

from typing import Any

import pytest

from headgate.checks.check import REFERENCE, Check, CheckResult
from headgate.demo.compare import differences
from headgate.outcome import Outcome

COUNTS = {"read": 10, "published": 7, "superseded": 2, "skipped": 0, "quarantined": 1, "files_refused": 1}
TRUTH: dict[str, Any] = {
    "datasets": {"tracks": {**COUNTS, "failing": {"popularity.type": 1}}},
    "marts": {"track_catalogue": 7},
    "top_artists": [["Nina", 61.5, 2]],
    "popularity_by_danceability_and_energy": [[0.2, 0.4, 50.0, 7]],
    "tracks_by_genre": {"pop": 7},
}
ANSWERS = {
    "top_artists": [("Nina", 61.50000000000001, 2)],
    "popularity_by_danceability_and_energy": [(0.2, 0.4, 50.0, 7)],
    "tracks_by_genre": [("pop", 7)],
}


def outcomes(**changed: Any) -> dict[str, Outcome]:
    check = Check("popularity.type", "type", {"column": "popularity"}, "quarantine", "row", None, None, "not a int")
    failed = CheckResult(check, success=False, element_count=10, unexpected_count=1)
    counts = {"status": "published", "rows_before": 0, "rows_after": 7, "checks": [failed], **COUNTS, **changed}
    catalogue = Outcome("track_catalogue", "mart", "published", rows_after=7)
    return {"tracks": Outcome("tracks", "dataset", **counts), "track_catalogue": catalogue}


def test_nothing_differs_when_all_is_as_planted():
    assert differences(TRUTH, outcomes(), ANSWERS) == []


@pytest.mark.parametrize("count", [*COUNTS, "rows_after"])
def test_a_count_that_is_not_as_planted_is_named_with_both_numbers(count: str):
    expected = {**COUNTS, "rows_after": 7}[count]
    assert differences(TRUTH, outcomes(**{count: 99}), ANSWERS) == [f"tracks: {count} is 99, expected {expected}"]


def test_a_check_that_nobody_failed_is_named():
    assert differences(TRUTH, outcomes(checks=[]), ANSWERS) == [
        "tracks: rows by failed check is {}, expected {'popularity.type': 1}"
    ]


def test_rows_without_a_match_are_planted_by_nobody_and_not_compared():
    [planted] = outcomes()["tracks"].checks
    orphans = Check("references.a → b", REFERENCE, {}, "warn", "row", None, None, "a: not found in b")
    found = CheckResult(orphans, success=False, element_count=10, unexpected_count=3)
    assert differences(TRUTH, outcomes(checks=[planted, found]), ANSWERS) == []


def test_an_average_may_differ_in_its_last_digits_and_no_further():
    wrong = {**ANSWERS, "top_artists": [("Nina", 61.51, 2)]}
    assert differences(TRUTH, outcomes(), wrong) == ["top_artists: ['Nina', 61.51, 2], expected ['Nina', 61.5, 2]"]


def test_an_answer_with_a_row_too_few_is_named():
    wrong = {**ANSWERS, "tracks_by_genre": []}
    assert differences(TRUTH, outcomes(), wrong) == ["tracks_by_genre: 0 rows, expected 1"]


def test_a_run_that_read_nothing_is_held_to_its_tables_alone():
    nothing = dict.fromkeys(("read", "published", "superseded", "quarantined", "files_refused"), 0)
    assert differences(TRUTH, outcomes(status="unchanged", rows_before=7, **nothing), ANSWERS) == []
    lost = outcomes(status="unchanged", rows_before=6, **{**nothing, "rows_after": 6})
    assert differences(TRUTH, lost, ANSWERS) == ["tracks: rows_after is 6, expected 7"]
