"""What earlier runs took, from their records."""

from __future__ import annotations

from pathlib import Path

import pytest
from lakes import ran, write_record

from headgate.contract.model import Job
from headgate.cost.history import read_history
from headgate.errors import RunFailed
from headgate.lake.storage import LocalStorage


def seconds(lake: Path, last: int = 20) -> list[float]:
    return [past.seconds for past in read_history(LocalStorage(lake), ["orders"], last)["orders"]]


def test_the_last_runs_are_read_the_newest_first(tmp_path: Path) -> None:
    for day, spent in ((1, 11.0), (3, 13.0), (2, 12.0)):
        write_record(tmp_path, f"2026030{day}T060000Z-abc", {"orders": ran(spent)})
    assert seconds(tmp_path) == [13.0, 12.0, 11.0]
    assert seconds(tmp_path, last=2) == [13.0, 12.0]


def test_on_a_laptop_a_dataset_took_its_steps_and_on_glue_the_whole_run(tmp_path: Path) -> None:
    write_record(tmp_path, "20260301T060000Z-a", {"orders": ran(1.5, 2.5), "visits": ran(9.0)})
    write_record(tmp_path, "20260302T060000Z-b", {"orders": ran(1.5, 2.5)}, host="glue", seconds=70.0)
    write_record(tmp_path, "20260303T060000Z-c", {"orders": ran(1.5, 2.5), "visits": ran(9.0)}, host="glue")
    assert seconds(tmp_path) == [4.0, 70.0, 4.0]  # two datasets in one run share its start


@pytest.mark.parametrize("status", ["unchanged", "skipped", "failed", "planned"])
def test_a_run_that_did_not_do_the_work_is_passed_over(tmp_path: Path, status: str) -> None:
    write_record(tmp_path, "20260301T060000Z-a", {"orders": ran(0.1, status=status)})
    write_record(tmp_path, "20260302T060000Z-b", {"orders": ran(5.0, status="closed")})
    assert seconds(tmp_path) == [5.0]


def test_a_run_knows_what_it_read_and_the_size_of_its_job(tmp_path: Path) -> None:
    size = {"worker": "G.2X", "workers": 4, "execution": "flex", "usd": 1.0}
    write_record(tmp_path, "20260301T060000Z-a", {"orders": ran(5.0, estimate=size)})
    ((run,),) = read_history(LocalStorage(tmp_path), ["orders"], 1).values()
    assert (run.bytes, run.rows, run.job) == (2_000_000, 10, Job(worker="G.2X", workers=4, execution="flex"))


def test_a_lake_without_runs_has_no_history(tmp_path: Path) -> None:
    (tmp_path / "runs" / "20260301T060000Z-killed").mkdir(parents=True)  # a run that left no record
    assert seconds(tmp_path) == []


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("{", "the run record cannot be read: Invalid JSON"),
        ('{"format": 2}', "the run record cannot be read: started: Field required"),
        ("[]", "the run record cannot be read: Input should be an object"),
    ],
)
def test_a_record_that_cannot_be_read_is_refused(tmp_path: Path, text: str, what: str) -> None:
    write_record(tmp_path, "20260301T060000Z-a", {}).write_text(text)
    with pytest.raises(RunFailed) as refused:
        seconds(tmp_path)
    assert refused.value.what.startswith(what)
    assert refused.value.where.endswith("runs/20260301T060000Z-a/run.json")
    assert "move its folder out of `runs/`" in refused.value.remedy


def test_a_record_of_a_later_version_is_refused(tmp_path: Path) -> None:
    write_record(tmp_path, "20260301T060000Z-a", {"orders": ran(1.0)}, format=3)
    with pytest.raises(RunFailed, match="has format 3, this version reads 2"):
        seconds(tmp_path)
