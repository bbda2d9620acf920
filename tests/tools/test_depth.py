"""The short form of the deep tests is chosen by name, and a misspelt name is refused."""

from __future__ import annotations

import pytest

from depth import at_depth


@pytest.mark.parametrize(("form", "expected"), [("", 50), ("full", 50), ("short", 10)])
def test_the_loops_are_in_full_unless_the_short_form_is_named(
    monkeypatch: pytest.MonkeyPatch, form: str, expected: int
) -> None:
    monkeypatch.setenv("HEADGATE_DEEP", form)
    assert at_depth(50, 10) == expected


def test_a_misspelt_form_is_no_form(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEADGATE_DEEP", "shrot")
    with pytest.raises(ValueError, match="full, short"):
        at_depth(50, 10)
