"""Destroy with a fake Terraform: what it says, what it asks, and when it deletes nothing."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from deploy_bench import Console, add_to_environment

from headgate.deploy.account import Account
from headgate.deploy.checkout import Checkout
from headgate.deploy.plan import data_folder

TERRAFORM = """\
#!{python}
import json, os, pathlib, sys
log = pathlib.Path("{folder}/log")
entry = [os.environ.get("TF_DATA_DIR", ""), *sys.argv[1:]]
log.write_text((log.read_text() if log.exists() else "") + json.dumps(entry) + "\\n")
if sys.argv[1] == "show":
    print(pathlib.Path("{folder}/shown").read_text())
if sys.argv[1] == "output":
    print(json.dumps({{"workgroup": {{"value": "headgate-dev"}}, "buckets": {{"value": {{"staging": "s"}}}}}}))
sys.exit(2 if sys.argv[1] == "plan" else 0)
"""


def _resource(kind: str, **before: Any) -> dict[str, Any]:
    return {"address": f"{kind}.x", "type": kind, "change": {"actions": ["delete"], "before": before}}


DELETED = [
    _resource("aws_s3_bucket", bucket="lake-staging"),
    _resource("aws_glue_catalog_database", name="data_warehouse_db"),
    _resource("aws_glue_job", name="lake-refine-orders"),
]


@pytest.fixture
def terraform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program `terraform` that would delete the resources above, and its log."""
    program = tmp_path / "bin" / "terraform"
    program.parent.mkdir()
    program.write_text(TERRAFORM.format(python=sys.executable, folder=tmp_path))
    program.chmod(0o755)
    (tmp_path / "shown").write_text(json.dumps({"resource_changes": DELETED}))
    monkeypatch.setenv("PATH", str(program.parent))
    return tmp_path / "log"


def _calls(log: Path) -> list[list[str]]:
    return [json.loads(line) for line in log.read_text().splitlines()]


def _answer(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr("builtins.input", lambda question: print(question) or text)


def test_it_says_what_it_deletes_and_where_and_deletes_that_plan(
    account: Account, source: Checkout, terraform: Path, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    _answer(monkeypatch, "lake")
    code, output = console("destroy", "--env", "dev", source=source)
    assert code == 0, output
    assert "This deletes the lake `lake` in account 123456789012, eu-west-1:" in output
    for deleted in ("3 resources", "s3_bucket: lake-staging", "glue_catalog_database: data_warehouse_db"):
        assert deleted in output
    assert "Type the lake's name to delete it (lake)" in output
    applied = [call for call in _calls(terraform) if call[1] == "apply"]
    planned = [word for call in _calls(terraform) for word in call if word.startswith("-out=")]
    assert [call[2] for call in applied] == [planned[0].removeprefix("-out=")]


@pytest.mark.parametrize("typed", ["", "y", "yes", "headgate-prod"])
def test_without_the_name_nothing_is_deleted(
    account: Account, source: Checkout, terraform: Path, console: Console, monkeypatch: pytest.MonkeyPatch, typed: str
) -> None:
    _answer(monkeypatch, typed)
    code, output = console("destroy", "--env", "dev", source=source)
    assert code == 1 and "is not the lake's name; nothing was deleted" in output
    assert "apply" not in {call[1] for call in _calls(terraform)}


def test_a_bucket_with_objects_stops_it_before_it_asks(
    account: Account, source: Checkout, terraform: Path, console: Console
) -> None:
    account.s3.create_bucket(Bucket="lake-staging", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    account.s3.put_object(Bucket="lake-staging", Key="staging/orders/a.csv", Body=b"x")
    code, output = console("destroy", "--env", "dev", source=source)
    assert code == 1 and "these buckets hold objects: lake-staging; nothing was deleted" in output
    assert "apply" not in {call[1] for call in _calls(terraform)}


def test_a_protected_lake_is_refused(account: Account, source: Checkout, terraform: Path, console: Console) -> None:
    add_to_environment(source, "protected = true")
    code, output = console("destroy", "--env", "dev", source=source)
    assert code == 1 and "`lake` is protected" in output and "protected = false" in output
    assert not terraform.exists()


def test_every_environment_has_a_data_folder_of_its_own(
    account: Account, source: Checkout, terraform: Path, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A destroy works on its own environment, even if another one was planned last."""
    _answer(monkeypatch, "lake")
    console("destroy", "--env", "dev", source=source)
    assert {call[0] for call in _calls(terraform)} == {".terraform/lake/dev"}
    assert data_folder("headgate-prod/prod.tfstate") == ".terraform/headgate-prod/prod"
    inits = [call for call in _calls(terraform) if call[1] == "init"]
    assert all("-backend-config=key=lake/dev.tfstate" in call for call in inits)


@pytest.mark.parametrize(
    ("only", "expected"), [("workgroup", "headgate-dev\n"), ("buckets", '{\n  "staging": "s"\n}\n')]
)
def test_an_output_is_printed_alone(
    account: Account, source: Checkout, terraform: Path, console: Console, only: str, expected: str
) -> None:
    assert console("output", "--env", "dev", "--only", only, source=source) == (0, expected)


def test_an_unknown_output_is_named_with_those_that_exist(
    account: Account, source: Checkout, terraform: Path, console: Console
) -> None:
    code, output = console("output", "--env", "dev", "--only", "bucket", source=source)
    assert code == 1 and "there is no output `bucket`" in output and "buckets, workgroup" in output
