from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "terraform"))
sys.path.insert(0, str(Path(__file__).parent))

from applied import SETTINGS
from emulator import EmulatedAccount, running
from mocked_plan import OPTIONS, Plan, Workspace

import needs


@pytest.fixture(scope="session")
def workspace(tmp_path_factory: pytest.TempPathFactory, terraform_env: dict[str, str]) -> Workspace:
    """A copy of terraform/ for the tests of this worker."""
    return Workspace(tmp_path_factory.mktemp("workspace"), terraform_env)


@pytest.fixture(scope="session")
def lake(workspace: Workspace) -> Plan:
    """The plan of a new lake with the contracts of terraform/tests/lake, and with every optional part."""
    return workspace.plan(**{**SETTINGS, "protected": True})


@pytest.fixture(scope="session")
def company(workspace: Workspace) -> Plan:
    """The same with every option of a large company on."""
    return workspace.plan(**{**SETTINGS, "protected": True, **OPTIONS})


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmulatedAccount]:
    """An emulator for the tests of one file."""
    needs.insist("ministack")
    with running(tmp_path_factory.mktemp("aws")) as account:
        yield account
