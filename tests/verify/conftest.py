"""An account that does as it should, and the scene of the probes upon it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

# The rules by which IAM judges a call stand with the tests of the platform, and those of plans with Terraform's.
sys.path.append(str(Path(__file__).parents[1] / "platform"))
sys.path.append(str(Path(__file__).parents[1] / "terraform"))

from verify_account import LAKE, NUMBER, REGION, Account
from verify_stubs import stubbed

from headgate.verify.clock import Clock
from headgate.verify.created import Traces
from headgate.verify.lake_names import Site
from headgate.verify.preflight import target
from headgate.verify.probed_lake import Scene


@pytest.fixture
def account() -> Account:
    return Account()


@pytest.fixture
def scene(account: Account) -> Scene:
    aws = stubbed(account.answer)
    clock = Clock(account.time.now, account.time.sleep)
    return Scene(aws, target(aws, Site(LAKE, NUMBER, REGION)), clock, Traces(clock.now()), token="abc")
