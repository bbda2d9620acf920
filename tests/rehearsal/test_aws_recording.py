"""Recorded calls: which role made them, and how they were answered."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from rehearsal_bench import AccountBench, allow, await_true, make_role

from rehearsal.account import REGION, EmulatedAccount

pytestmark = pytest.mark.needs("ministack")


def test_a_role_may_only_what_its_policy_allows_and_both_answers_are_recorded(account: AccountBench) -> None:
    role = make_role(account.iam, "reader", {"AWS": "*"}, [allow(["s3:GetObject"], ["arn:aws:s3:::code/own/*"])])
    account.s3.put_object(Bucket="code", Key="own/a", Body=b"-")
    as_reader = _s3_as(account.emulator, role)
    assert as_reader.get_object(Bucket="code", Key="own/a")["Body"].read() == b"-"
    with pytest.raises(ClientError, match="AccessDenied"):
        as_reader.get_object(Bucket="code", Key="other/a")
    await_true(lambda: len(_calls_of(account, "reader")) == 2)  # a call is recorded after it was answered
    assert _calls_of(account, "reader") == [
        ("s3:GetObject", "arn:aws:s3:::code/own/a", 200),
        ("s3:GetObject", "arn:aws:s3:::code/other/a", 403),
    ]


def _calls_of(account: AccountBench, role: str) -> list[tuple[str, str, int]]:
    return [(call["action"], call["resource"], call["status"]) for call in account.calls() if call["role"] == role]


def _s3_as(emulator: EmulatedAccount, role: str) -> Any:
    taken = emulator.client("sts").assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
    return boto3.client(
        "s3", endpoint_url=emulator.endpoint, region_name=REGION, aws_access_key_id=taken["AccessKeyId"],
        aws_secret_access_key=taken["SecretAccessKey"], aws_session_token=taken["SessionToken"],
        config=Config(s3={"addressing_style": "path"}),
    )  # fmt: skip
