"""Terraform and Python read the same contracts alike: defaults, places, who reads whom, and the words they know."""

from __future__ import annotations

import re
import typing
from pathlib import Path
from typing import Any

import pytest
from mocked_plan import LAKE, Plan, Workspace
from pydantic import BaseModel

from headgate.contract import model
from headgate.contract.load import load_contracts, sql_root
from headgate.contract.model import Contract
from headgate.lake.paths import Lake
from headgate.lake.storage import LocalStorage
from headgate.project import Project, load_project
from headgate.runtime import OPTIONAL, REQUIRED
from needs import ROOT

pytestmark = pytest.mark.needs("terraform")

FOLDERS = sorted(
    path for path in [ROOT / "contracts", LAKE / "contracts", *ROOT.glob("tests/real/*/contracts")] if path.is_dir()
)
MODULE = "modules/contracts"


def _id(folder: Path) -> str:
    return folder.relative_to(ROOT).as_posix()


def _as_terraform_says(contract: Contract) -> dict[str, Any]:
    return {
        "dataset": contract.dataset,
        "domain": contract.domain,
        "owner": contract.owner,
        "description": contract.description,
        "is_mart": contract.is_mart,
        "query": contract.source.query or "",
        "path": contract.path,
        "source_format": contract.source.format,
        "table_format": contract.write.format,
        "partition_by": list(contract.partition_by),
        "columns": [
            {"name": c.name, "type": c.type, "classified": c.classification is not None} for c in contract.columns
        ],
        "masked": bool(contract.classified),
        "step": "build_mart" if contract.is_mart else "refine",
        "refine": contract.schedule.refine,
        "crawler": contract.schedule.crawler,
        "freshness_hours": contract.schedule.freshness_hours,
        "worker": contract.job.worker,
        "workers": contract.job.workers,
        "execution": contract.job.execution,
        "timeout_min": contract.job.timeout_min,
        "quarantine_days": contract.retention.quarantine_days,
        "runs_days": contract.retention.runs_days,
    }


@pytest.fixture(scope="module", params=FOLDERS, ids=_id)
def both(request: pytest.FixtureRequest, workspace: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A folder as Terraform and as Python read it."""
    folder: Path = request.param
    said = workspace.console(
        "{contracts = local.contracts, after = local.after, faults = local.faults}",
        MODULE, contracts_dir=str(folder), sql_dir=str(sql_root(folder)),
    )  # fmt: skip
    project = load_project(folder, Lake(LocalStorage(tmp_path_factory.mktemp("lake"))))
    return said, project


def test_what_python_accepts_terraform_accepts(both: Any) -> None:
    assert both[0]["faults"] == []


def test_every_contract_reads_alike(both: Any) -> None:
    said, project = both
    expected = {name: _as_terraform_says(one) for name, one in project.contracts.items()}
    actual = {
        name: {key: value for key, value in one.items() if key in expected.get(name, {})}
        for name, one in said["contracts"].items()
    }
    assert actual == expected


def test_marts_read_what_the_parser_says(both: Any) -> None:
    said, project = both
    assert {name: sorted(one["reads"]) for name, one in said["contracts"].items()} == {
        name: sorted(reads) for name, reads in project.reads.items()
    }


def test_marts_come_after_everything_they_read(both: Any) -> None:
    said, project = both
    for dataset, marts in said["after"].items():
        assert sorted(marts) == sorted(m for m in project.contracts if dataset in _below(project, m))
        for at, mart in enumerate(marts):
            later = set(marts[at:]) & set(project.reads[mart])
            assert not later, f"`{mart}` is built before `{later}`, which it reads"


def _below(project: Project, mart: str) -> set[str]:
    reads = set(project.reads[mart])
    return reads.union(*(_below(project, one) for one in reads)) if reads else reads


def test_the_hash_of_the_contracts_is_what_sha256sum_gives(workspace: Workspace) -> None:
    import hashlib

    folder = LAKE / "contracts"
    files = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.yaml"))
    lines = "".join(f"{hashlib.sha256((folder / file).read_bytes()).hexdigest()}  {file}\n" for file in files)
    said = workspace.console("local._hash", MODULE, contracts_dir=str(folder), sql_dir=str(LAKE / "sql"))
    assert said == hashlib.sha256(lines.encode()).hexdigest()


def test_terraform_knows_the_keys_of_the_model(workspace: Workspace) -> None:
    said = workspace.console(
        "{top = local._known_top, parts = local._known}", MODULE, contracts_dir=".", sql_dir="."
    )  # fmt: skip
    parts = {"source": model.Source, "write": model.Write, "schedule": model.Schedule, "job": model.Job,
             "retention": model.Retention}  # fmt: skip
    assert sorted(said["top"]) == sorted(Contract.model_fields)
    assert {name: sorted(keys) for name, keys in said["parts"].items()} == {
        name: sorted(part.model_fields) for name, part in parts.items()
    }


def test_terraform_knows_the_words_of_the_model(workspace: Workspace) -> None:
    said = workspace.console("local._words", MODULE, contracts_dir=".", sql_dir=".")
    assert said == {
        "source_format": _words(model.Source, "format"),
        "table_format": _words(model.Write, "format"),
        "crawler": _words(model.Schedule, "crawler"),
        "worker": _words(model.Job, "worker"),
        "execution": _words(model.Job, "execution"),
    }


def _words(part: type[BaseModel], field: str) -> list[str]:
    return list(typing.get_args(part.model_fields[field].annotation))


def test_terraform_knows_what_may_be_null(workspace: Workspace) -> None:
    said = workspace.console("local._may_be_null", MODULE, contracts_dir=".", sql_dir=".")
    parts = {"source": model.Source, "write": model.Write, "schedule": model.Schedule, "job": model.Job,
             "retention": model.Retention}  # fmt: skip
    assert sorted(said) == sorted(
        f"{part}.{name}"
        for part, one in parts.items()
        for name, field in one.model_fields.items()
        if type(None) in typing.get_args(field.annotation)
    )


@pytest.mark.parametrize("text", ["arrival", "daily 00:00 UTC", "daily 23:59 UTC", "weekly", "daily 24:00 UTC",
                                  "daily 5:30 UTC", "daily 05:30", "hourly", "weekly "])  # fmt: skip
def test_a_schedule_is_one_for_both_or_for_neither(workspace: Workspace, text: str) -> None:
    said = workspace.console(f'can(regex(local._schedule_pattern, "{text}"))', MODULE, contracts_dir=".", sql_dir=".")
    assert said == bool(re.search(model.Schedule.model_fields["refine"].metadata[0].pattern, text))


def test_the_python_loader_takes_the_contracts_of_these_tests() -> None:
    assert len(load_contracts(LAKE / "contracts")) == 5


def test_a_job_is_told_what_it_asks_for(lake: Plan) -> None:
    for address, job in lake.of_type("aws_glue_job").items():
        said = {name.removeprefix("--") for name in job["default_arguments"]}
        ours = {name for name in said if name.islower() and "-" not in name} - {"conf"}
        assert set(REQUIRED) <= said, address
        assert ours <= {*REQUIRED, *OPTIONAL}, address
