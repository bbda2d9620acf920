"""The job scripts as a service runs them: a process of their own, arguments in, an exit code out."""

from __future__ import annotations

import json
import os
import re
import runpy
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bench import Bench, csv
from headgate import runtime
from headgate.errors import (
    Fault,
    GateClosed,
    HeadgateError,
    NothingArrived,
    RunFailed,
    UnusableArgument,
    UnusableContract,
)
from headgate.lake.paths import Lake
from headgate.lake.storage import LocalStorage
from headgate.outcome import Outcome
from headgate.project import Project
from headgate.request import RunRequest
from headgate.run import Result
from headgate.runtime import Job
from needs import ROOT

MART = """\
source: {query: spent.sql}
columns:
  - {name: customer, type: string, required: true}
  - {name: spent, type: "decimal(22,2)", required: true}
key: [customer]
"""
SPENT = """\
SELECT c.customer, SUM(o.amount) AS spent
FROM tbl_orders o JOIN tbl_customers c ON o.order_id = c.order_id
GROUP BY c.customer
"""
CUSTOMERS = """\
columns:
  - {name: order_id, type: string, required: true}
  - {name: customer, type: string, required: true}
key: [order_id]
"""
# Run before the script: every Spark application that starts is reported on stderr.
TELLING = """\
import runpy, sys
from pyspark import SparkContext
begun = SparkContext._do_init
def told(self, *given, **named):
    begun(self, *given, **named)
    print("application", self.applicationId, file=sys.stderr)
SparkContext._do_init = told
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def _script(name: str, folder: Path, *more: str) -> subprocess.CompletedProcess[str]:
    """Run a job script over the project in `folder`."""
    places = ["--project", str(folder), f"--source={folder / 'staging'}", "--lake", str(folder / "lake")]
    return _process(name, *places, *more)


def _process(name: str, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", TELLING, str(ROOT / "glue_jobs" / name), *words]
    settings = {key: text for key, text in os.environ.items() if not key.startswith("GLUE_")}
    settings["PYTHONPATH"] = str(ROOT / "shared")
    return subprocess.run(command, env=settings, cwd=ROOT, capture_output=True, text=True, timeout=300)


def _summary(done: subprocess.CompletedProcess[str]) -> dict[str, dict[str, object]]:
    return json.loads(done.stdout.splitlines()[-1])


def test_two_datasets_and_then_a_mart_run_as_scripts_until_a_gate_closes(bench: Bench) -> None:
    bench.contract("orders")
    bench.contract("customers", CUSTOMERS)
    bench.contract("spent", MART)
    bench.sql("spent.sql", SPENT)
    bench.put("orders/a.csv", csv("a,1.00", "b,2.00", "c,3.00"))
    bench.put("customers/a.csv", csv("a,Ann", "b,Bob", "c,Ann", header="order_id,customer"))

    refined = _script("refine.py", bench.root, "--JOB_NAME", "refine")
    assert refined.returncode == 0, refined.stderr
    assert {name: one["status"] for name, one in _summary(refined).items() if name != "run"} == {
        "customers": "published",
        "orders": "published",
    }
    assert refined.stderr.count("application ") == 1  # both datasets in one Spark application

    built = _script("build_mart.py", bench.root)
    assert built.returncode == 0, built.stderr
    assert bench.rows("SELECT customer, spent::DOUBLE FROM spent ORDER BY 1") == [("Ann", 4.0), ("Bob", 2.0)]

    bench.put("orders/b.csv", csv("d,-1", "e,-2", "f,6.00"), arrived=60)
    closed = _script("refine.py", bench.root, "--dataset", "orders")
    assert closed.returncode == 1
    assert "\nGateClosed: " in "\n" + closed.stderr
    assert "Traceback" not in closed.stderr
    assert bench.rows("SELECT COUNT(*) FROM orders") == [(3,)]


@pytest.mark.deep
def test_what_is_asked_of_maintain_and_refine_from_a_console(bench: Bench) -> None:
    bench.contract("orders")
    bench.put("orders/a.csv", csv("a,1.00"))
    bench.one("orders")
    bench.put("orders/b.csv", csv("b,2.00"), arrived=60)
    bench.one("orders")
    first = bench.runs[0].run

    back = _script("maintain.py", bench.root, "--dataset", "orders", "--task", "rollback")
    assert back.returncode == 0, back.stderr
    assert _summary(back) == {"orders": {"published": first, "held": True}}
    assert bench.rows("SELECT order_id FROM orders") == [("a",)]
    assert bench.one("orders").reason == "hold"

    resumed = _script("maintain.py", bench.root, "--dataset", "orders", "--task", "resume")
    assert _summary(resumed)["orders"]["held"] is False
    kept = _script("maintain.py", bench.root)
    assert _summary(kept)["orders"]["status"] == "maintained", kept.stderr

    bench.put("orders/c.csv", csv("c,x"), arrived=120)
    bench.put("orders/d.csv", csv("d,4.00"), arrived=120)
    assert bench.one("orders").files_refused == 1
    task = ("maintain.py", bench.root, "--dataset", "orders", "--task", "acknowledge", "--path")
    seen: Any = _summary(_script(*task, "orders/c.csv"))["orders"]["acknowledged"]
    assert list(seen) == ["orders/c.csv"]
    assert "1 of 1 rows refused" in seen["orders/c.csv"]
    assert bench.one("orders").files_refused == 0
    assert "is not a refused or emptied file" in _script(*task, "orders/d.csv").stderr

    again = _script("refine.py", bench.root, "--backfill", "path=a.csv")
    assert (_summary(again)["orders"]["read"], _summary(again)["orders"]["unchanged"]) == (1, 1)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--task", "tidy"], "`--task tidy` is not known\nKnown are maintain, rollback, hold, resume, acknowledge."),
        (["--task", "rollback"], "`--task rollback` needs a dataset\nAdd `--dataset NAME`."),
        (["--task", "acknowledge"], "`--task acknowledge` needs a dataset\nAdd `--dataset NAME`."),
        (["--path", "a.csv"], "`--path` goes with `--task acknowledge` only"),
        (["--to", "x"], "`--to` goes with `--task rollback` only"),
        (["--keep_days", "0"], "`--keep_days 0` must be a whole number, at least 1"),
        (["--dataset", "nosuch"], "there is no dataset `nosuch`"),
    ],
)
def test_what_maintain_cannot_be_asked(bench: Bench, words: list[str], message: str) -> None:
    bench.contract("orders")
    with pytest.raises(UnusableArgument) as refused:
        _maintain_here(bench, *words)
    assert message in str(refused.value)


def _maintain_here(bench: Bench, *words: str) -> int:
    """The script's own `main`, in this process: what is refused is refused before Spark starts."""
    main = runpy.run_path(str(ROOT / "glue_jobs/maintain.py"))["main"]
    return main(["maintain.py", "--project", str(bench.root), "--source", "s", "--lake", str(bench.root / "l"), *words])


def test_a_missing_argument_ends_a_script_with_2_and_says_which() -> None:
    done = _process("refine.py", "--source", "staging", "--lake", "lake")
    assert (done.returncode, done.stdout) == (2, "")
    assert "`--project` is missing" in done.stderr
    assert "Traceback" not in done.stderr
    assert "application " not in done.stderr


def test_a_contract_that_cannot_be_read_ends_a_script_with_2_and_names_the_file(tmp_path: Path) -> None:
    (tmp_path / "contracts").mkdir()
    (tmp_path / "contracts" / "orders.yaml").write_text("dataset: [\n", encoding="utf-8")
    done = _script("refine.py", tmp_path)
    assert done.returncode == 2
    assert "contracts/orders.yaml" in done.stderr
    assert "Traceback" not in done.stderr


CLOSED = GateClosed("2 of 3 rows were refused", where="orders", remedy="Look at the quarantine.")


def _ending(main: Callable[[list[str]], int], monkeypatch: pytest.MonkeyPatch, *, on_glue: bool) -> None:
    for name in ("GLUE_VERSION", "GLUE_PYTHON_VERSION"):
        monkeypatch.delenv(name, raising=False)
    if on_glue:
        monkeypatch.setenv("GLUE_VERSION", "5.1")
    runtime.end(main)


def _raising(error: HeadgateError) -> Callable[[list[str]], int]:
    def main(argv: list[str]) -> int:
        raise error

    return main


@pytest.mark.parametrize("error", [CLOSED, RunFailed("the disk is full"), UnusableArgument("`--lake` is missing")])
def test_on_glue_the_end_raises_what_is_wrong(error: HeadgateError, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(type(error)) as raised:
        _ending(_raising(error), monkeypatch, on_glue=True)
    assert raised.value is error
    kind = type(error).__name__
    assert re.match(rf"{kind}: (?!{kind})", str(raised.value))  # once, and not by the wording of Glue
    assert raised.value.args == (str(raised.value),)


def test_every_kind_that_a_job_ends_with_is_one_that_the_pipeline_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    states = (ROOT / "terraform/modules/pipeline/step_states.tf").read_text(encoding="utf-8")
    [of_jobs] = re.findall(r"\$contains\(\$cause, /(\(.*\):)/\)", states)
    errors = [UnusableContract([Fault("f", "k", "p")]), UnusableArgument("no"), RunFailed("no"), NothingArrived("no")]
    for error in errors[:3]:
        with pytest.raises(type(error)) as raised:
            _ending(_raising(error), monkeypatch, on_glue=True)
        assert re.search(of_jobs, str(raised.value))
    assert {kind for kind in HeadgateError.__subclasses__() if kind.__module__ == "headgate.errors"} == {
        *map(type, errors), GateClosed,
    }  # fmt: skip


@pytest.mark.parametrize(("error", "code"), [(CLOSED, 1), (RunFailed("no"), 1), (UnusableArgument("no"), 2)])
def test_on_a_laptop_the_end_exits_and_says_what_is_wrong(
    error: HeadgateError, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        _ending(_raising(error), monkeypatch, on_glue=False)
    assert ended.value.code == code
    assert capsys.readouterr().err == f"{error}\n"


@pytest.mark.parametrize("on_glue", [True, False])
def test_a_run_that_went_well_ends_without_an_exit(on_glue: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    _ending(lambda argv: 0, monkeypatch, on_glue=on_glue)


def _finished(folder: Path, kind: str, *, on_glue: bool) -> int:
    """Finish a run of one dataset that ended with an error of this kind."""
    status = "closed" if kind == "GateClosed" else "failed"
    error = {"kind": kind, "what": "2 of 3 rows were refused", "where": "orders", "remedy": "Look."}
    outcomes = {"orders": Outcome("orders", "dataset", status=status, error=error)}
    lake, now = Lake(LocalStorage(folder)), datetime.now(UTC)
    job = Job(Project({}, {}, {}, ()), lake, RunRequest(run="r"), {}, on_glue=on_glue)
    return job.finish(Result("r", now, now, outcomes))


@pytest.mark.parametrize(("kind", "raised"), [("GateClosed", GateClosed), ("RunFailed", RunFailed)])
def test_on_glue_a_run_that_did_not_go_well_raises_its_reason(
    kind: str, raised: type[HeadgateError], tmp_path: Path
) -> None:
    with pytest.raises(raised, match="2 of 3 rows were refused") as reason:
        _finished(tmp_path, kind, on_glue=True)
    assert str(reason.value).startswith("GateClosed: ") == (kind == "GateClosed")


def test_on_a_laptop_the_reason_is_told_and_the_code_is_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _finished(tmp_path, "GateClosed", on_glue=False) == 1
    assert capsys.readouterr().err == "GateClosed: orders: 2 of 3 rows were refused\nLook.\n"
