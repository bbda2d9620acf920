"""Facts about a lake, compared with what is expected."""

from __future__ import annotations

import pytest

from headgate.errors import RunFailed
from rehearsal.walk.scene import must_be_as_expected


def test_a_fact_that_is_not_as_expected_is_reported_with_both_sides() -> None:
    must_be_as_expected("a gate", runs=(1, 1))
    with pytest.raises(RunFailed, match="rows is 7, expected 6"):
        must_be_as_expected("a gate", runs=(1, 1), rows=(7, 6))
