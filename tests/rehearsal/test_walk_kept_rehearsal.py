"""A rehearsal that is left up, and ended later."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from rehearsal_bench import listens

from rehearsal.emulator import running_emulator
from rehearsal.walk.kept_rehearsal import KeptRehearsal, kept, take_down

pytestmark = pytest.mark.needs("ministack")


def test_an_emulator_that_is_kept_runs_until_it_is_ended(tmp_path: Path) -> None:
    with running_emulator(tmp_path / "aws", keep=True) as emulator:
        KeptRehearsal(emulator.endpoint, [emulator.pid], str(tmp_path)).write(tmp_path / "kept.json")
    try:
        time.sleep(0.5)
        assert listens(emulator.endpoint)
        assert kept(tmp_path / "kept.json") is not None
    finally:
        assert take_down(tmp_path / "kept.json")
    assert not listens(emulator.endpoint)
