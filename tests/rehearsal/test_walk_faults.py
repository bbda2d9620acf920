"""Faults on purpose: a permission is taken away, and nothing else."""

from __future__ import annotations

from rehearsal.walk.faults import without


def test_an_action_is_taken_out_of_every_statement_and_nothing_else() -> None:
    statement = {"Effect": "Allow", "Action": ["glue:GetTable", "glue:UpdateTable"], "Resource": ["*"]}
    policy = {"Version": "2012-10-17", "Statement": [statement, {**statement, "Action": ["s3:GetObject"]}]}
    left = without(policy, "glue:UpdateTable")
    assert [kept["Action"] for kept in left["Statement"]] == [["glue:GetTable"], ["s3:GetObject"]]
    assert statement["Action"] == ["glue:GetTable", "glue:UpdateTable"]
