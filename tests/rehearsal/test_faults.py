"""Faults on purpose: what must be seen is insisted on, and what is taken away is only that."""

from __future__ import annotations

import pytest

from headgate.errors import RunFailed
from rehearsal.walk.faults import without
from rehearsal.walk.scene import insist


def test_what_is_not_as_expected_is_told_with_both_sides() -> None:
    insist("a gate", runs=(1, 1))
    with pytest.raises(RunFailed, match="rows is 7, expected 6"):
        insist("a gate", runs=(1, 1), rows=(7, 6))


def test_an_action_is_taken_out_of_every_statement_and_nothing_else() -> None:
    one = {"Effect": "Allow", "Action": ["glue:GetTable", "glue:UpdateTable"], "Resource": ["*"]}
    policy = {"Version": "2012-10-17", "Statement": [one, {**one, "Action": ["s3:GetObject"]}]}
    left = without(policy, "glue:UpdateTable")
    assert [one["Action"] for one in left["Statement"]] == [["glue:GetTable"], ["s3:GetObject"]]
    assert one["Action"] == ["glue:GetTable", "glue:UpdateTable"]
