"""The result that the SQL ETL must make of raw streams."""

from __future__ import annotations

from rehearsal.walk.streams import Stream, by_country


def test_streams_without_a_country_are_not_counted_and_text_that_is_no_number_adds_no_seconds() -> None:
    streams = [
        Stream(0, "a", "be", "n/a"),
        Stream(1, "a", "be", "30"),
        Stream(2, "b", "be", "n/a"),  # no number to add up
        Stream(3, "a", "", "50"),
        Stream(61, "a", "be", "40"),  # a month later
    ]
    assert by_country(streams) == [["a", 3, 70, 2, "be"], ["b", 1, None, 1, "be"]]
