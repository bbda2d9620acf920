"""The result that the SQL ETL must make of raw plays."""

from __future__ import annotations

from rehearsal.walk.plays import Play, by_country


def test_plays_without_a_country_are_not_counted_and_text_that_is_no_number_adds_no_seconds() -> None:
    plays = [
        Play(0, "a", "be", "n/a"),
        Play(1, "a", "be", "30"),
        Play(2, "b", "be", "n/a"),  # no number to add up
        Play(3, "a", "", "50"),
        Play(61, "a", "be", "40"),  # a month later
    ]
    assert by_country(plays) == [["a", 3, 70, 2, "be"], ["b", 1, None, 1, "be"]]
