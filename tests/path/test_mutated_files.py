"""No content of one file keeps the others from being published, and a contract of any text is good or refused.

Broken files of one format lie in one folder with a good one, so that one run proves many of them. `mutations.py` makes
the same files from the same seeds again.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest
from mutations import GOOD, mutated, mutated_contract, seeds

from bench import HEAD, Bench
from depth import at_depth
from headgate.contract.load import read_contract

BODY = """\
source: {{format: {form}{more}}}
columns:
  - {{name: id, type: string, required: true}}
  - {{name: num, type: bigint}}
  - {{name: x, type: double}}
  - {{name: t, type: string}}
at_most: 1.0
"""
GOOD_ROWS = [{"id": f"good{i}", "num": i, "x": 0.5, "t": "whole"} for i in range(5)]
SHORT, DEEP, AT_ONCE = 14, 1000, 125


@dataclass(frozen=True)
class Way:
    """A format, the words that read it, and what they make of a file."""

    form: str
    words: str = ""
    written: Callable[[bytes], bytes] = lambda raw: raw


WAYS = {form: Way(form) for form in GOOD}
MORE = {
    "csv in lines of quotes": Way("csv", ", read: {multi_line: true}"),
    "csv in UTF-16": Way("csv", ", read: {encoding: utf-16}", lambda raw: raw.decode().encode("utf-16")),
    "csv without a header": Way("csv", ", read: {header: false}", lambda raw: raw.partition(b"\n")[2]),
    "json below a key": Way("json", ", records: data", lambda raw: b'{"data": [' + b",".join(raw.splitlines()) + b"]}"),
}


def published_beside(bench: Bench, way: Way, rngs: Iterable[random.Random]) -> None:
    bench.contract("things", BODY.format(form=way.form, more=way.words))
    bench.put(f"things/good.{way.form}", way.written(GOOD[way.form][0](GOOD_ROWS)))
    for number, rng in enumerate(rngs):
        ending, content = mutated(way.form, rng, way.written)
        bench.put(f"things/{number:03}.{ending}", content)
    outcome = bench.one("things")
    assert (outcome.status, outcome.error) == ("published", None)
    assert outcome.read == sum((outcome.published or 0, outcome.quarantined or 0, outcome.skipped or 0))
    refused = {file["path"]: file["reason"] for file in outcome.objects.get("refused", [])}
    assert all(refused.values())
    assert f"things/good.{way.form}" not in refused
    kept = bench.rows("SELECT id, num, x, t FROM things WHERE _object LIKE '%/good.%' ORDER BY id")
    assert kept == [tuple(row.values()) for row in GOOD_ROWS]


@pytest.mark.parametrize("form", WAYS)
def test_good_files_are_published_beside_broken_ones(bench: Bench, form: str) -> None:
    published_beside(bench, WAYS[form], seeds(SHORT, first=0))


@pytest.mark.deep
@pytest.mark.parametrize("part", range(at_depth(DEEP // AT_ONCE, 1)))
@pytest.mark.parametrize("name", [*WAYS, *MORE])
def test_good_files_are_published_beside_a_thousand_broken_ones(bench: Bench, name: str, part: int) -> None:
    published_beside(bench, (WAYS | MORE)[name], seeds(AT_ONCE, first=10_000 + part * AT_ONCE))


def contracts() -> list[str]:
    about = HEAD.format(name="things")
    files = sorted((Path(__file__).resolve().parents[2] / "contracts").rglob("[!_]*.yaml"))
    return [about + BODY.format(form="csv", more=", from_path: '{t}.csv'"), *(f.read_text("utf-8") for f in files)]


def loads_or_is_refused(folder: Path, text: str) -> None:
    file = folder / "things.yaml"
    file.write_text(text, encoding="utf-8", errors="replace")
    contract, faults = read_contract(file)
    assert contract is not None or (faults and all(str(fault) for fault in faults))


@pytest.mark.parametrize("number", range(4))
def test_a_contract_of_any_text_is_good_or_refused(tmp_path: Path, number: int) -> None:
    for rng in seeds(10, first=number * 10):
        loads_or_is_refused(tmp_path, mutated_contract(rng.choice(contracts()), rng))


@pytest.mark.deep
def test_a_thousand_contracts_of_any_text_are_good_or_refused(tmp_path: Path) -> None:
    texts = contracts()
    for rng in seeds(at_depth(1000, 200), first=10_000):
        loads_or_is_refused(tmp_path, mutated_contract(rng.choice(texts), rng))
