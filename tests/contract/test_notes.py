"""`headgate check` names the keys that are accepted and have no effect yet; they are not faults."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from headgate.cli.app import app
from headgate.contract.examples import in_contract
from headgate.contract.load import read_contract
from headgate.contract.notes import NOT_USED_YET, notes

NOTE = "contracts/orders.yaml: note: `serving.time` is checked and not used yet; dashboards will read it."
GOOD = "1 contracts are good: 1 datasets, 0 marts, 2 checks."


def put(folder: Path, path: str) -> Path:
    file = folder / "contracts/orders.yaml"
    file.parent.mkdir()
    file.write_text(in_contract(path), encoding="utf-8")
    return file


@pytest.mark.parametrize("key", NOT_USED_YET)
def test_a_contract_with_a_key_that_is_not_used_yet_has_a_note(tmp_path: Path, key: str) -> None:
    contract, faults = read_contract(put(tmp_path, key), "contracts/orders.yaml")
    assert faults == []
    assert contract is not None
    assert [note.partition(" is checked")[0] for note in notes(contract)] == [f"contracts/orders.yaml: note: `{key}`"]


@pytest.mark.parametrize(
    ("path", "lines"), [("serving.time", [NOTE, GOOD]), ("at_most", [GOOD])], ids=["with", "without"]
)
def test_check_prints_the_note_and_succeeds(tmp_path: Path, path: str, lines: list[str]) -> None:
    folder = put(tmp_path, path).parent
    result = CliRunner().invoke(app, ["check", "--contracts", str(folder)])
    assert (result.exit_code, result.stdout.splitlines()) == (0, lines)
