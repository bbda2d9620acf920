"""The command line in the folder of a bench, with the Spark of the tests."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from typer.testing import CliRunner, Result

from bench import Bench
from headgate import runtime
from headgate.cli.app import app


@pytest.fixture
def headgate(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Type a command in the project's folder."""
    monkeypatch.setattr(runtime, "local_session", lambda app, **how: bench.spark)
    monkeypatch.chdir(bench.root)
    return lambda *words: CliRunner().invoke(app, list(words))
