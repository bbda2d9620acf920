"""Terraform and Python read the same contract: each key and value of every contract in the repository, and odd texts.

One known exception is made equal before comparing: the key `on:` (in `source.joins`) is a text for Headgate, and `true`
for Terraform's yamldecode, which does not use it.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from headgate.contract.examples import CUSTOMERS, ORDERS, REVENUE, examples, in_contract
from headgate.contract.load import read_yaml
from headgate.errors import UnusableContract

ROOT = Path(__file__).resolve().parents[2]
CONTRACTS = sorted(
    file for top in ("contracts", "tests") for file in (ROOT / top).rglob("*.yaml") if "contracts" in file.parts
)

# Plain texts that some YAML reader takes for something else.
_ODD = """~ null Null true True TRUE false False yes Yes YES no No NO on On ON off Off OFF y n Y N 1 -1 +1 0 00 01 010
-010 08 0o10 0o8 0x1F 0xG 0b11 1_000 -1_0 1__0 0_8 1.5 1. .5 -.5 +.5 00.5 01.5 -0 -0.0 0.10 1.00 1e3 1.5e3
1.5E-3 1e+3 .5e3 1.e3 1e 1e400 .inf -.inf +.inf .Inf .nan .NaN inf nan 12:30 12:30:00 1:2 2026-01-02 2026-1-2
2026-01-02T10:00:00Z 2026-01 1,000 1.2.3 0.0.0.0 12345678901234567890 0.1234567890123456789012 G.1X a#b
yyyy-MM-dd"""
ODD = _ODD.split()
_PLAIN = "null true false 1 -1 0 1.5 .5 0.10 2026-01 1.2.3 G.1X yyyy-MM-dd 12345678901234567890"


def by_terraform(files: Sequence[Path], folder: Path, environment: Mapping[str, str]) -> list[Any]:
    """What `yamldecode(file(…))` makes of each file; "error" where it refuses it."""
    names = json.dumps([str(file) for file in files])
    ask = f'jsonencode([for f in {names} : try(jsonencode(yamldecode(file(f))), "\\"error\\"")])'
    answer = subprocess.run(
        ["terraform", "console"],
        input=ask,
        cwd=folder,
        env=dict(environment),
        capture_output=True,
        text=True,
        check=True,
    )
    return [_with_on(json.loads(text)) for text in json.loads(json.loads(answer.stdout))]


def _with_on(value: Any) -> Any:
    if isinstance(value, list):
        return [_with_on(each) for each in value]
    if isinstance(value, dict):
        return {"on" if key == "true" else key: _with_on(each) for key, each in value.items()}
    return value


def typed(value: Any) -> Any:
    """The value with its kind at every leaf: 1 is not true, and not "1"; 1 and 1.0 are one number to Terraform."""
    if isinstance(value, list):
        return [typed(each) for each in value]
    if isinstance(value, dict):
        return {key: typed(each) for key, each in value.items()}
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return ("number", value) if number else (type(value).__name__, value)


@pytest.mark.needs("terraform")
def test_every_contract_is_read_alike(terraform_env: dict[str, str], tmp_path: Path) -> None:
    assert len(CONTRACTS) > 20
    read = by_terraform(CONTRACTS, tmp_path, terraform_env)
    for file, theirs in zip(CONTRACTS, read, strict=True):
        assert typed(theirs) == typed(read_yaml(file)), file.relative_to(ROOT)


@pytest.mark.needs("terraform")
def test_every_example_of_the_docs_is_read_alike(terraform_env: dict[str, str], tmp_path: Path) -> None:
    texts = {path: in_contract(path) for path in examples()} | {"1": ORDERS, "2": CUSTOMERS, "3": REVENUE}
    files = [tmp_path / f"{at}.yaml" for at in range(len(texts))]
    for file, text in zip(files, texts.values(), strict=True):
        file.write_text(text, encoding="utf-8")
    read = by_terraform(files, tmp_path, terraform_env)
    for path, file, theirs in zip(texts, files, read, strict=True):
        assert typed(theirs) == typed(read_yaml(file)), path


@pytest.mark.needs("terraform")
def test_an_odd_text_is_refused_or_read_alike(terraform_env: dict[str, str], tmp_path: Path) -> None:
    files = [tmp_path / f"{at}.yaml" for at in range(len(ODD))]
    for file, text in zip(files, ODD, strict=True):
        file.write_text(f"v: {text}\n", encoding="utf-8")
    read = dict(zip(ODD, by_terraform(files, tmp_path, terraform_env), strict=True))
    ours = {text: _read(file) for text, file in zip(ODD, files, strict=True)}
    differing = {t: (read[t], ours[t]) for t in ODD if ours[t] != "refused" and typed(ours[t]) != typed(read[t])}
    assert differing == {}


def test_plain_words_and_numbers_are_not_refused(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    for text in _PLAIN.split():
        file.write_text(f"v: {text}\n", encoding="utf-8")
        assert _read(file) != "refused", text


def test_what_is_quoted_is_never_refused(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    for text in ODD:
        file.write_text(f'v: "{text}"\n', encoding="utf-8")
        assert _read(file) == {"v": text}


def _read(file: Path) -> Any:
    try:
        return read_yaml(file)
    except UnusableContract:
        return "refused"
