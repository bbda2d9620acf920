"""The rows that refine publishes of flattened documents are those that it publishes of the documents themselves."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from pyspark.sql import SparkSession

from bench import HEAD, Bench
from headgate.cli.documents_here import flattened
from headgate.cli.quarantine import refused_rows
from headgate.contract.load import load_contracts
from headgate.errors import UnusableArgument
from headgate.lake.paths import MASKING_KEYS
from headgate.outcome import Outcome
from needs import ROOT

COUNTS = ("read", "published", "superseded", "skipped", "quarantined", "inserted", "updated", "rows_after")
HOSTILE = [
    '{"id": 1, "amount": 1.10, "big": 9007199254740993, "nested": {"b": [1, 2.50]}, "more": true}',
    '{"id": 2, "amount": "1E2", "big": 12345678901234567890123, "nested": {"b": []}}',
    '{"id": 3, "id": 4, "amount": 1}',
    '{"id": "x", "amount": -5, "nested": {"b": "one"}}',
    '{"ID": 5, "Amount": 0.1, "note": "half \\ud800 of a pair"}',
    '{"id": 6, "amount": NaN, "note": null}',
    '{"id": 7, "amount": 2, "note": {"deep": ' + "[" * 200 + "]" * 200 + "}}",
    '[{"id": 8}]',
    '"a text"',
    '{"id": 9, "amount": 3, "note": "line\\nbreak, \\"quotes\\" and \\u0000"}',
    '{"amount": 4}',
    "{broken",
    '{"id": 10, "amount": 1e400}',
    '{"id": 1, "amount": 7.5, "note": "a newer row of the key"}',
]
CONTRACT = (
    HEAD.format(name="things")
    + """\
source: {format: json}
columns:
  - {name: thing_id, source: id, type: bigint, required: true}
  - {name: amount, type: "decimal(10,2)", minimum: 0}
  - {name: big, type: "decimal(38,0)"}
  - {name: numbers, source: nested.b, type: "array<double>"}
  - {name: note, type: string}
key: [thing_id]
at_most: 1.0
"""
)


def both_ways(
    spark: SparkSession, folder: Path, contract: str, files: Mapping[str, bytes | Path]
) -> tuple[tuple[Bench, Outcome], tuple[Bench, Outcome]]:
    """The same contract and documents, once as files of a batch and once as events."""
    words = yaml.safe_load(contract)
    name = words["dataset"]
    batch, events = Bench(spark, folder / "batch"), Bench(spark, folder / "events")
    for bench, arrive in ((batch, "batch"), (events, "events")):
        source = {**words["source"], "path": f"{name}/", "arrive": arrive}
        place = bench.root / ("staging/incoming" if arrive == "events" else "staging") / name
        place.mkdir(parents=True)
        for file, content in files.items():
            (place / file).write_bytes(content) if isinstance(content, bytes) else shutil.copy(content, place / file)
        (bench.root / "contracts").mkdir()
        text = yaml.safe_dump({**words, "source": source}, sort_keys=False)
        (bench.root / "contracts" / f"{name}.yaml").write_text(text, encoding="utf-8")
        keys = bench.root / "lake" / MASKING_KEYS
        keys.parent.mkdir(parents=True)
        keys.write_text(json.dumps({"email": "ab" * 32}), encoding="utf-8")
    answers = list(flattened(load_contracts(events.root / "contracts"), name, events.root / "staging"))
    assert [answer.state for answer in answers] == ["written"] * len(files), answers
    return (batch, batch.one(name)), (events, events.one(name))


def table(bench: Bench, name: str) -> Sequence[tuple[Any, ...]]:
    """The published rows without what names their file, its time and the run."""
    return sorted(bench.rows(f"SELECT * EXCLUDE (_object, _arrival, _run) FROM {name}"), key=repr)


def reasons(bench: Bench, name: str) -> Counter[tuple[Any, ...]]:
    """The refused rows: their reasons and their texts."""
    try:
        refused = refused_rows(bench.lake, name)
    except UnusableArgument:  # there are none
        return Counter()
    return Counter((tuple(row.reasons), tuple(sorted(row.values.items()))) for row in refused)


def assert_equal(one: tuple[Bench, Outcome], other: tuple[Bench, Outcome], name: str) -> None:
    counts = [{count: getattr(outcome, count) for count in COUNTS} for _, outcome in (one, other)]
    assert counts[0] == counts[1] and counts[0]["read"]
    assert table(one[0], name) == table(other[0], name)
    assert reasons(one[0], name) == reasons(other[0], name)


@pytest.mark.parametrize("form", ["lines", "list"])
def test_hostile_records_get_the_same_verdicts(spark: SparkSession, tmp_path: Path, form: str) -> None:
    valid = [record for record in HOSTILE if record != "{broken"]
    text = "\n".join(HOSTILE) if form == "lines" else "[" + ",\n".join(valid) + "]"
    ways = both_ways(spark, tmp_path, CONTRACT, {"a.json": text.encode(), "b.json": b'{"id": 11, "note": "\xff"}\n'})
    assert_equal(*ways, "things")
    (_, outcome), _ = ways
    assert outcome.status == "published" and (outcome.quarantined or 0) > 5 and (outcome.superseded or 0) == 1


SETS = {
    "usgs/earthquakes": ["usgs_earthquakes/files/earthquakes.json"],
    "nobel/laureates": [
        "nobel_laureates/files/laureate_2020_array_root.json",
        "nobel_laureates/files/laureate_2023_object_root.json",
    ],
    "nobel/prizes": ["nobel_laureates/files/laureate_2023_object_root.json"],
    "github/commits": ["github_events/files/github.events.load_page_1_duck.json"],
    "github/events": ["github_events/files/github.events.load_page_1_duck.json"],
    "github/issue_events": ["github_events/files/github_events.json"],
}


@pytest.mark.needs("real data")
@pytest.mark.parametrize("dataset", SETS)
def test_real_documents_are_published_alike(
    spark: SparkSession, tmp_path: Path, shared_data: Path, dataset: str
) -> None:
    folder, _, name = dataset.partition("/")
    contract = (ROOT / f"tests/real/{folder}/contracts/{name}.yaml").read_text(encoding="utf-8")
    files = {Path(file).name: shared_data / file for file in SETS[dataset]}
    assert_equal(*both_ways(spark, tmp_path, contract, files), name)


def test_a_newer_document_replaces_the_rows_of_the_former_one(spark: SparkSession, tmp_path: Path) -> None:
    _, (events, first) = both_ways(spark, tmp_path, CONTRACT, {"a.json": b'[{"id": 1}, {"id": 2}]'})
    assert first.inserted == 2
    (events.root / "staging/incoming/things/a.json").write_bytes(b'[{"id": 1, "amount": 5}, {"id": 3}]')
    list(flattened(load_contracts(events.root / "contracts"), "things", events.root / "staging"))
    second = events.one("things")
    assert (second.inserted, second.updated) == (1, 1)
    assert events.one("things").status == "unchanged"


def test_a_column_that_the_contract_got_later_is_null_until_its_document_is_flattened_again(
    spark: SparkSession, tmp_path: Path
) -> None:
    _, (events, _) = both_ways(spark, tmp_path, CONTRACT, {"a.json": b'{"id": 1, "late": "x"}'})
    file = events.root / "contracts/things.yaml"
    file.write_text(file.read_text().replace("key:", "- {name: late, type: string}\nkey:"))
    assert events.one("things", again="stale").status == "published"
    assert events.rows("SELECT late FROM things") == [(None,)]
    list(flattened(load_contracts(events.root / "contracts"), "things", events.root / "staging"))
    events.one("things")
    assert events.rows("SELECT late FROM things") == [("x",)]


def test_a_file_that_flattening_has_not_written_is_refused(spark: SparkSession, tmp_path: Path) -> None:
    _, (events, _) = both_ways(spark, tmp_path, CONTRACT, {"a.json": b'{"id": 1}'})
    events.put("things/b.json", '{"id": 2}')
    events.put("things/c.parquet", (ROOT / "README.md").read_bytes())
    outcome = events.one("things")
    refused = {file["path"]: file["reason"] for file in outcome.objects["refused"]}
    assert "is not Parquet, or is cut short" in refused["things/b.json"] and "things/c.parquet" in refused
    assert events.rows("SELECT thing_id FROM things") == [(1,)]


def test_without_a_document_the_dataset_is_skipped_and_nothing_is_wrong(spark: SparkSession, tmp_path: Path) -> None:
    bench = Bench(spark, tmp_path)
    (tmp_path / "contracts").mkdir()
    (tmp_path / "staging/incoming/things").mkdir(parents=True)
    text = CONTRACT.replace("{format: json}", "{format: json, arrive: events}")
    (tmp_path / "contracts/things.yaml").write_text(text, encoding="utf-8")
    result = bench.run("things")
    assert (result.exit_code, result.outcomes["things"].status) == (0, "skipped")
    assert result.outcomes["things"].reason == "no document has arrived yet"
    bench.put("incoming/things/a.json", '{"id": 1}')
    assert bench.one("things").reason == "1 document is not flattened yet: `headgate flatten things`"
    list(flattened(load_contracts(tmp_path / "contracts"), "things", tmp_path / "staging"))
    assert bench.one("things").published == 1
