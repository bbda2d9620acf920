"""The probes' contract and rows, with real Spark and Iceberg: they close the gate as late as the probes need it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bench import Bench, counted
from headgate.contract.load import read_contract
from headgate.errors import UnusableArgument
from headgate.verify import probe_dataset
from headgate.verify.iceberg_metadata import IcebergMetadata, read_metadata
from headgate.verify.probe_dataset import (
    ARRIVAL,
    CHECK,
    CONTACTS,
    DATASET,
    DATASETS,
    EXTRA,
    GOOD,
    HEAVY,
    MART,
    MASKED,
    PARQUET,
    WIDE,
)
from headgate.verify.probes import mart


@pytest.fixture
def published(bench: Bench) -> Bench:
    (bench.root / "contracts").mkdir()
    probe_dataset.write_contracts(bench.root)
    put(bench, GOOD)
    bench.one(DATASET)
    return bench


def put(bench: Bench, wave: probe_dataset.Wave, arrived: int = 0) -> Path:
    return bench.put(f"{wave.dataset}/verify-{wave.name}.csv", wave.content, arrived)


def main_file(bench: Bench) -> IcebergMetadata:
    folder = bench.root / "lake/data-warehouse/data_warehouse_db/tbl_verify_probe/metadata"
    newest = max(folder.glob("v*.metadata.json"), key=lambda file: int(file.name[1:].partition(".")[0]))
    return read_metadata(str(newest), lambda address: Path(address.removeprefix("file:")).read_bytes())


def amounts(bench: Bench) -> list[tuple[object, ...]]:
    return bench.rows(f"SELECT wave, count(*), sum(amount) FROM {DATASET} GROUP BY 1 ORDER BY 1")


def test_the_good_file_publishes_its_good_rows_and_quarantines_the_other(published: Bench) -> None:
    outcome = published.runs[-1].outcomes[DATASET]
    assert outcome.status == "published"
    assert counted(outcome, "read", "published", "quarantined") == (len(GOOD.rows), GOOD.kept, 1)
    assert amounts(published) == [("good", GOOD.kept, GOOD.amount)]


def test_the_arrival_publishes_all_its_rows(published: Bench) -> None:
    put(published, ARRIVAL, 60)
    assert counted(published.one(DATASET), "read", "published") == (ARRIVAL.kept, ARRIVAL.kept)
    assert amounts(published)[0] == ("arrival", ARRIVAL.kept, ARRIVAL.amount)


def test_the_heavy_file_closes_the_gate_when_its_rows_are_already_written_to_a_branch(published: Bench) -> None:
    before = main_file(published)
    put(published, HEAVY, 60)
    outcome = published.one(DATASET)
    assert outcome.status == "closed"
    assert CHECK in str(outcome.reason)
    after = main_file(published)
    branch = after.unpublished(f"run_{published.runs[-1].run.replace('-', '_').lower()}")
    assert branch is not None
    assert branch.rows == GOOD.kept + HEAVY.kept
    assert before.main == after.main != branch.snapshot
    assert after.branches == []
    assert branch.written < branch.dropped
    assert amounts(published) == [("good", GOOD.kept, GOOD.amount)]


def test_the_wide_file_closes_the_gate_under_the_widened_contract_and_changes_no_column(published: Bench) -> None:
    before = main_file(published)
    file = published.root / "contracts/verify" / f"{DATASET}.yaml"
    file.write_text(probe_dataset.widened_text(), encoding="utf-8")
    put(published, WIDE, 60)
    outcome = published.one(DATASET)
    assert outcome.status == "closed"
    assert CHECK in str(outcome.reason)  # not a refused file: the widened contract was read
    after = main_file(published)
    assert (after.columns, after.last_column_id) == (before.columns, before.last_column_id)
    assert EXTRA not in dict(after.columns)


def test_without_the_widened_contract_the_wide_file_is_refused_for_another_reason(published: Bench) -> None:
    put(published, WIDE, 60)
    outcome = published.one(DATASET)
    assert outcome.status == "closed"
    assert CHECK not in str(outcome.reason)


def test_the_heavy_rows_alone_would_pass_every_check_of_a_row(published: Bench) -> None:
    file = published.root / "contracts/verify" / f"{DATASET}.yaml"
    file.write_text(probe_dataset.contract_text().replace("max_value: 1000", "max_value: 10000"), encoding="utf-8")
    put(published, HEAVY, 60)
    assert published.one(DATASET).status == "published"
    assert main_file(published).unpublished("run_of_nobody") is None


def test_the_masked_file_publishes_keyed_hashes_and_quarantines_no_contact(published: Bench) -> None:
    put(published, MASKED)
    outcome = published.one(PARQUET)
    assert counted(outcome, "read", "published", "quarantined") == (len(MASKED.rows), MASKED.kept, 2)
    first, second, third = (row[0] for row in published.rows(f"SELECT contact FROM {PARQUET} ORDER BY probe_id"))
    assert first == second != third
    assert re.fullmatch("[0-9a-f]{64}", str(first))
    refused = published.spark.read.parquet(str(published.root / f"lake/quarantine/{PARQUET}")).collect()
    assert len(refused) == 2
    assert [contact for contact in CONTACTS if contact in str(refused)] == []


def test_the_mart_has_what_the_probe_expects_after_the_arrival(published: Bench) -> None:
    put(published, ARRIVAL, 60)
    published.one(DATASET)
    assert published.one(MART).status == "published"
    rows = published.rows(f"SELECT wave, row_count, amount FROM {MART} ORDER BY wave")
    assert [tuple(str(value) for value in row) for row in rows] == mart.EXPECTED


def test_every_contract_is_valid(tmp_path: Path) -> None:
    (tmp_path / "contracts").mkdir()
    *contracts, _ = probe_dataset.write_contracts(tmp_path)
    assert [file.stem for file in contracts] == list(DATASETS)
    assert [fault for file in contracts for fault in read_contract(file)[1]] == []


def test_another_query_of_the_mart_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "contracts").mkdir()
    sql = probe_dataset.write_contracts(tmp_path)[-1]
    assert sql == tmp_path / "sql/marts/verify_probe_mart.sql"
    sql.write_text("SELECT 1", encoding="utf-8")
    with pytest.raises(UnusableArgument, match="is not what the probes need"):
        probe_dataset.write_contracts(tmp_path)
    assert sql.read_text(encoding="utf-8") == "SELECT 1"


def test_the_contract_is_valid_and_may_be_written_again(tmp_path: Path) -> None:
    file = probe_dataset.write_contract(tmp_path)
    assert read_contract(file)[1] == []
    file.write_text(file.read_text().replace("make verify\n", "ops@example.org\n"), encoding="utf-8")
    assert probe_dataset.write_contract(tmp_path) == file
    assert "ops@example.org" in file.read_text()


def test_another_contract_of_that_name_is_never_overwritten(tmp_path: Path) -> None:
    file = probe_dataset.write_contract(tmp_path)
    file.write_text(file.read_text().replace("max_value: 1000", "max_value: 9999"), encoding="utf-8")
    with pytest.raises(UnusableArgument, match="is not what the probes need"):
        probe_dataset.write_contract(tmp_path)
    assert "9999" in file.read_text()


def test_a_missing_folder_is_reported(tmp_path: Path) -> None:
    with pytest.raises(UnusableArgument, match="there is no such folder"):
        probe_dataset.write_contract(tmp_path / "contract")
