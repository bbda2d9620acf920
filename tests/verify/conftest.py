"""An account that behaves as it should, and the probed lake on it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

# The helpers that judge a call as IAM does are in tests/platform, those for plans in tests/terraform.
sys.path.append(str(Path(__file__).parents[1] / "platform"))
sys.path.append(str(Path(__file__).parents[1] / "terraform"))

from verify_account import Account, session_of
from verify_names import LAKE, NUMBER, REGION
from verify_stubs import stubbed

from headgate.verify.clock import Clock
from headgate.verify.created import Created
from headgate.verify.lake_names import LakeNames
from headgate.verify.preflight import find_job, find_others
from headgate.verify.probed_lake import ProbedLake


@pytest.fixture
def account() -> Account:
    return Account()


@pytest.fixture
def lake(account: Account, monkeypatch: pytest.MonkeyPatch) -> ProbedLake:
    monkeypatch.setattr("boto3.Session", session_of(account))
    aws = stubbed(account.answer)
    clock = Clock(account.time.now, account.time.sleep)
    names = LakeNames(LAKE, NUMBER, REGION)
    others, missing = find_others(aws, names)
    return ProbedLake(
        aws, find_job(aws, names), clock, Created(clock.now()), token="abc", others=others, missing=missing
    )
