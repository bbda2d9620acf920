from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from mocked_plan import OPTIONS, SETTINGS, Plan, Workspace


@pytest.fixture(scope="session")
def workspace(tmp_path_factory: pytest.TempPathFactory, terraform_env: dict[str, str]) -> Workspace:
    """A copy of terraform/ for the tests of this worker."""
    return Workspace(tmp_path_factory.mktemp("workspace"), terraform_env)


@pytest.fixture(scope="session")
def settings() -> dict[str, object]:
    """The variables of a lake, for a test that changes some of them."""
    return dict(SETTINGS)


@pytest.fixture(scope="session")
def lake(workspace: Workspace) -> Plan:
    """The plan of a new lake with the contracts of terraform/tests/lake."""
    return workspace.plan(**SETTINGS)


@pytest.fixture(scope="session")
def company(workspace: Workspace) -> Plan:
    """The plan of the same lake with every option of a large company on."""
    return workspace.plan(**{**SETTINGS, **OPTIONS})
