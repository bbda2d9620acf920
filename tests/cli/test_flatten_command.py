"""`headgate flatten`: each document with its rows or its reason, exit codes, and one JSON document."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer

from headgate.cli.flatten import flatten_command
from headgate.errors import UnusableArgument

CONTRACT = """\
dataset: plays
domain: music
owner: music@example.org
description: One row per play.
source: {format: json, arrive: events}
columns: [{name: play_id, source: id, type: bigint}]
"""


@pytest.fixture
def staging(tmp_path: Path) -> Path:
    (tmp_path / "contracts").mkdir()
    (tmp_path / "contracts/plays.yaml").write_text(CONTRACT)
    (tmp_path / "contracts/orders.yaml").write_text(
        CONTRACT.replace("dataset: plays", "dataset: orders").replace(", arrive: events", "")
    )
    (tmp_path / "staging/incoming/plays/2026").mkdir(parents=True)
    return tmp_path / "staging"


def flatten(staging: Path, dataset: str = "plays", *, as_json: bool = False) -> int:
    with pytest.raises(typer.Exit) as ended:
        flatten_command(dataset, staging.parent / "contracts", staging, as_json)
    return ended.value.exit_code


def test_each_document_has_a_line_and_a_file(staging: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (staging / "incoming/plays/a.json").write_text('{"id": 1}\n{"id": 2}\n')
    (staging / "incoming/plays/2026/b.json").write_text('{"id": [3]}')
    (staging / "incoming/plays/_SUCCESS").write_text("")
    assert flatten(staging) == 0
    files = sorted(path.name for path in (staging / "plays").iterdir())
    assert capsys.readouterr().out.splitlines() == [
        f"incoming/plays/2026/b.json → plays/{files[0]}: 1 row, 1 of them with a fault that the gate will refuse",
        f"incoming/plays/a.json → plays/{files[1]}: 2 rows",
    ]


def test_a_refused_document_is_named_with_what_to_do_and_the_others_are_flattened(
    staging: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (staging / "incoming/plays/a.json").write_text('[{"id": 1')
    (staging / "incoming/plays/b.json").write_text('[{"id": 1}]')
    assert flatten(staging) == 1
    said = capsys.readouterr().out
    assert f"{staging}/incoming/plays/a.json: refused: is cut short or not valid JSON" in said
    assert "Correct it and write it again under the same name, then `headgate flatten plays`." in said
    assert "incoming/plays/b.json → plays/b-" in said


def test_the_same_as_one_json_document(staging: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (staging / "incoming/plays/a.json").write_text("rubbish")
    assert flatten(staging, as_json=True) == 1
    (document,) = json.loads(capsys.readouterr().out)["documents"]
    assert (document["document"], document["state"]) == ("incoming/plays/a.json", "refused")
    assert document["reason"].startswith("does not look like JSON")


@pytest.mark.parametrize(
    ("dataset", "what"),
    [
        ("plays", "no document lies below `incoming/plays/`"),
        ("orders", "the documents of `orders` do not arrive as events"),
        ("nothing", "the documents of `nothing` do not arrive as events"),
    ],
)
def test_where_there_is_nothing_to_do_the_command_says_so(staging: Path, dataset: str, what: str) -> None:
    with pytest.raises(UnusableArgument) as refused:
        flatten_command(dataset, staging.parent / "contracts", staging, False)
    assert what in str(refused.value)
