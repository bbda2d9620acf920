"""The words that would take refused texts, by column type."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from headgate.checks.check import Check
from headgate.contract.load import load_contracts
from headgate.propose.accepting import accepting

HEAD = "dataset: things\ndomain: test\nowner: a@b.c\ndescription: One row per thing.\ncolumns:\n"


def words(tmp_path: Path, column: str, *texts: str) -> list[Mapping[str, Any]]:
    (tmp_path / "things.yaml").write_text(f"{HEAD}  - {{name: x, {column}}}\n")
    (contract,) = load_contracts(tmp_path).values()
    check = Check("x.type", "type", {"column": "x"}, "quarantine", "row", reason="x: not one")
    refused = [(["x: not one"], {"x": text}) for text in texts] + [(["y: other"], {"x": "1,5"})]
    return [line.words for line in accepting(contract, [check], refused)]


@pytest.mark.parametrize(
    ("column", "texts", "wanted"),
    [
        ("type: int", ["1.5", "2.25"], [{"type": "decimal(11,2)"}]),
        ("type: int", ["5.0", "7.0"], [{"allow_point_zero": True}]),
        ("type: int", ["3000000000", "12345678901"], [{"type": "bigint"}]),
        ("type: 'decimal(5,2)'", ["1.2345", "2.1"], [{"type": "decimal(13,4)"}]),
        ("type: 'decimal(5,2)'", ["1e5", "2.1"], [{"type": "double"}]),
        ("type: double", ["1.234,5", "0,25"], [{"decimal": ",", "thousands": "."}]),
        ("type: 'decimal(12,2)'", ["12 €", "13 €"], [{"strip": " €"}]),
        ("type: boolean", ["ja", "NEIN"], [{"true_texts": ["true", "ja"], "false_texts": ["false", "nein"]}]),
        ("type: boolean", ["maybe"], []),
        ("type: date, formats: [yyyy-MM-dd]", ["31/12/2025"], [{"formats": ["yyyy-MM-dd", "dd/MM/yyyy"]}]),
        ("type: date, formats: [yyyy-MM-dd]", ["2025-12-31 10:00:01"],
         [{"formats": ["yyyy-MM-dd", "yyyy-MM-dd HH:mm:ss"], "round": "truncate"}]),
        ("type: date, formats: [yyyy-MM-dd]", ["soon", "never"], []),
        ("type: date, formats: [yyyy-MM-dd]", ["n/a", "31.12.99"],
         [{"null_texts": ["", "n/a"]}, {"formats": ["yyyy-MM-dd", "dd.MM.yy"], "century_from": 1950}]),
        ("type: int", ["007", "abc"], []),
    ],
)  # fmt: skip
def test_texts_of_one_kind_give_its_words(tmp_path: Path, column: str, texts: list[str], wanted: list[Any]) -> None:
    assert words(tmp_path, column, *texts) == wanted


def test_hidden_texts_are_not_guessed_from(tmp_path: Path) -> None:
    assert words(tmp_path, "type: int, classification: salary", "1.5") == []
