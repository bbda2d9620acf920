"""The marts after a dataset, and what the first mart reads."""

from __future__ import annotations

import pytest

from rehearsal.walk.marts import Marts

READS = {"a": [], "b": [], "both": ["a", "b"], "far": ["both"], "other": ["b"]}
MARTS = Marts(READS, ["a", "b", "both", "far", "other"])


@pytest.mark.parametrize(
    ("dataset", "after"), [("a", ["both", "far"]), ("b", ["both", "far", "other"]), ("far", []), ("other", [])]
)
def test_the_marts_after_a_dataset_are_all_that_read_it_in_their_order(dataset: str, after: list[str]) -> None:
    assert MARTS.after(dataset) == after


def test_the_first_datasets_are_those_that_the_first_mart_reads() -> None:
    assert MARTS.first() == {"a", "b"}
    assert Marts({"a": []}, ["a"]).first() == set()
