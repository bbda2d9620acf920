"""The lines that a rehearsal prints, and the steps that it keeps."""

from __future__ import annotations

import pytest

from rehearsal.walk.progress import Progress


def test_a_step_that_fails_is_printed_and_not_kept(capsys: pytest.CaptureFixture[str]) -> None:
    progress = Progress()
    with pytest.raises(RuntimeError), progress.step("apply"):
        raise RuntimeError
    assert "FAILED: apply" in capsys.readouterr().out
    assert progress.steps == []
