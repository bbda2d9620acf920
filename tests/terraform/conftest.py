from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from mocked_plan import Plan, Workspace

SETTINGS = {
    "name": "test",
    "environment": "test",
    "region": "eu-west-1",
    "allowed_regions": ["eu-west-1"],
    "release": "0.1.0",
    "masking_secret": "test/masking",
    "protected": True,
    "monthly_budget_usd": 10,
    "athena_scan_limit_gb": 1,
    "athena_daily_limit_gb": 10,
    "notify_emails": ["ops@example.org"],
    "github_repository": "example/lake",
    "verify": True,
}


@pytest.fixture(scope="session")
def workspace(tmp_path_factory: pytest.TempPathFactory, terraform_env: dict[str, str]) -> Workspace:
    """A copy of terraform/ for the tests of this worker."""
    return Workspace(tmp_path_factory.mktemp("workspace"), terraform_env)


@pytest.fixture(scope="session")
def settings() -> dict[str, object]:
    """What a lake needs to be told, for plans that are about something else."""
    return dict(SETTINGS)


@pytest.fixture(scope="session")
def lake(workspace: Workspace) -> Plan:
    """The plan of a new lake on the contracts of terraform/tests/lake."""
    return workspace.plan(**SETTINGS)
