"""`headgate estimate`, as a person types it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from headgate.cli.app import app
from headgate.errors import HeadgateError, RunFailed, UnusableArgument

sys.path.append(str(Path(__file__).resolve().parents[1] / "cost"))
from lakes import ran, write_contracts, write_record

LONG = "a_dataset_with_a_name_of_forty_letters_x"
CONTRACTS = {
    "orders": "",
    LONG: "job: {worker: G.2X, workers: 100, execution: flex}",
    "daily_orders": "source: {query: marts/daily_orders.sql}",
}


def git(at: Path, *words: str) -> None:
    own = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", "-C", at, *own, *words], check=True, capture_output=True)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project under git: a dataset with two runs, one with raw files, and a mart without either."""
    write_contracts(tmp_path, CONTRACTS)
    (tmp_path / "staging" / LONG).mkdir(parents=True)
    (tmp_path / "staging" / LONG / "1.csv").write_bytes(b"x" * 1_000_000)
    for day, seconds in (("20260301", 10.0), ("20260302", 90.0)):
        write_record(tmp_path / "lake", f"{day}T060000Z-a", {"orders": ran(seconds)})
    (tmp_path / "lake/data-warehouse/data_warehouse_db/tbl_orders").mkdir(parents=True)
    (tmp_path / "lake/data-warehouse/data_warehouse_db/tbl_orders/1.parquet").write_bytes(b"x" * 2_500_000)
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", "contracts", "sql")
    git(tmp_path, "commit", "--quiet", "-m", "first")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def estimate(here: Path) -> Callable[..., Result]:
    return lambda *words: CliRunner().invoke(app, ["estimate", *words], catch_exceptions=False)


def refused(estimate: Callable[..., Result], *words: str) -> HeadgateError:
    with pytest.raises(HeadgateError) as error:
        estimate(*words)
    return error.value


def document(estimate: Callable[..., Result], *words: str) -> dict[str, object]:
    return json.loads(estimate("--json", *words).stdout)


def test_each_line_says_what_it_rests_on_and_fits_eighty_columns(estimate: Callable[..., Result]) -> None:
    lines = estimate().output.splitlines()
    assert max(map(len, lines)) <= 80
    text = "\n".join(lines)
    assert "Estimate, not a bill: list prices of us-east-1 as of " in text and "check yours" in text
    assert [line.split()[4] for line in lines if "2 of G.1X" in line] == ["l", "a"]
    assert [line.strip()[0] for line in lines if " of G." in line] == ["a", "o", "d"]  # the order in which they run
    assert "l  seconds measured on a laptop, which are not Glue's" in text
    assert "b  no run yet: worked out from the bytes in staging" in text
    assert "a  neither a run nor raw files yet: 3 minutes are assumed" in text
    assert "*  one delivery a day is assumed" in text
    assert "S3 Standard: 2.5 MB of these tables now" in text


def test_a_narrow_terminal_cuts_names_and_no_figure(
    estimate: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    wide = estimate().output.split()
    for name, value in {"COLUMNS": "60", "TTY_COMPATIBLE": "1", "NO_COLOR": "1", "TERM": "xterm"}.items():
        monkeypatch.setenv(name, value)
    narrow = re.sub(r"\x1b\[[\d;]*m", "", estimate().output)
    assert max(map(len, narrow.splitlines())) <= 60
    assert {word for word in wide if word[0].isdigit()} <= {*narrow.split()}


def test_one_document_has_the_same_figures(estimate: Callable[..., Result]) -> None:
    content = document(estimate, "orders")
    assert content["estimate"] is True
    orders = content["datasets"]["orders"]  # type: ignore[index]
    assert (orders["seconds"], orders["seconds_largest"], orders["seconds_from"]) == (50.0, 90.0, "laptop")
    assert (orders["dpu_seconds"], orders["runs_per_month"]) == (120.0, 30)
    assert orders["usd_per_run"] == pytest.approx(120 / 3600 * 0.44, abs=1e-6)
    assert content["month"]["stored_bytes"] == 2_500_000  # type: ignore[index]
    assert (content["changes"], content["notes"]) == ([], [])


def test_only_the_last_runs_are_read(estimate: Callable[..., Result]) -> None:
    assert document(estimate, "orders", "--last", "1")["datasets"]["orders"]["seconds"] == 90.0  # type: ignore[index]


def test_a_changed_contract_is_compared_with_the_commit(here: Path, estimate: Callable[..., Result]) -> None:
    write_contracts(here, {"orders": "job: {workers: 4}\npartition_by: [order_id]"})
    output = estimate("orders").output
    assert max(map(len, output.splitlines())) <= 80
    assert "Changed since HEAD" in output
    assert "- orders: job: 2 of G.1X → 4 of G.1X; partition_by: [] → [order_id]" in output
    before, after = (line.split() for line in output.splitlines() if line.split()[-6:-5] in (["before"], ["after"]))
    assert before[-5:] == ["50.0", "120", "0.0147", "30", "0.44"]
    assert after[-5:] == ["50.0", "240", "0.0293", "30", "0.88"]
    assert "in all +0.44 a month" in output
    assert "other partitions need a rebuild" in output
    assert "50 s for 2.0 MB (0.17 MB per core of the job) on one laptop" in " ".join(output.split())


def test_the_sizes_of_the_last_runs_can_be_compared_with(here: Path, estimate: Callable[..., Result]) -> None:
    size = {"worker": "G.2X", "workers": 2, "execution": "standard"}
    write_record(here / "lake", "20260303T060000Z-a", {"orders": ran(50.0, estimate=size)})
    assert "Nothing that costs has changed since HEAD." in estimate("orders", "--against", "HEAD").output
    (change,) = document(estimate, "orders", "--against", "last-run")["changes"]  # type: ignore[misc]
    assert change["what"] == ["job: 2 of G.2X → 2 of G.1X"]
    assert change["usd_per_month"] == pytest.approx(-30 * 120 / 3600 * 0.44, abs=1e-5)


def test_without_a_lake_and_without_git_it_says_so_and_estimates(
    here: Path, estimate: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    (here / "lake").rename(here / "elsewhere")
    (here / ".git").rename(here / "no-git")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(here.parent))
    output = estimate("orders").output
    assert "no run in " in output and "run once with `headgate run`, or name a lake with --lake" in output.replace(
        "\n      ", " "
    )
    assert "not compared with HEAD: " in output


def test_what_cannot_be_used_is_refused(here: Path, estimate: Callable[..., Result]) -> None:
    lake = refused(estimate, "--lake", "nowhere")
    assert (lake.what, lake.where) == ("there is no lake here", str(here / "nowhere"))
    dataset = refused(estimate, "order")
    assert (dataset.what, dataset.remedy) == ("there is no dataset `order`", "Did you mean `orders`?")
    commit = refused(estimate, "--against", "nothing")
    assert isinstance(commit, UnusableArgument) and commit.what == "git knows no commit `nothing`"
    (here / "lake/runs/20260302T060000Z-a/run.json").write_text("{")
    record = refused(estimate)
    assert isinstance(record, RunFailed) and record.where.endswith("20260302T060000Z-a/run.json")


def test_runs_are_read_from_a_bucket_of_reports(here: Path, estimate: Callable[..., Result]) -> None:
    moto, boto3 = pytest.importorskip("moto"), pytest.importorskip("boto3")
    with moto.mock_aws():
        s3 = boto3.client("s3", region_name="us-east-1")
        s3.create_bucket(Bucket="reports")
        record = (here / "lake/runs/20260302T060000Z-a/run.json").read_bytes()
        s3.put_object(Bucket="reports", Key="runs/20260302T060000Z-a/run.json", Body=record)
        orders = document(estimate, "orders", "--lake", "s3://reports")["datasets"]["orders"]  # type: ignore[index]
    assert (orders["seconds"], orders["runs_measured"]) == (90.0, 1)
