from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))
sys.path.insert(0, str(Path(__file__).parent))

from rehearsal_bench import AccountBench

import needs
from rehearsal.emulator import running_emulator


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AccountBench]:
    """An emulator with our adapters for the tests of a file."""
    needs.insist("ministack")
    with running_emulator(tmp_path_factory.mktemp("aws")) as emulator:
        yield AccountBench(emulator)
