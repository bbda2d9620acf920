"""Terraform and Python read contracts alike: defaults, paths, which mart reads what, and the words that they accept."""

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
from headgate.lake.paths import Lake, incoming_folder
from headgate.lake.storage import LocalStorage
from headgate.project import Project, load_project
from headgate.runtime import OPTIONAL, REQUIRED, UPKEEP
from needs import ROOT

pytestmark = pytest.mark.needs("terraform")

FOLDERS = sorted(
    path for path in [ROOT / "contracts", LAKE / "contracts", *ROOT.glob("tests/real/*/contracts")] if path.is_dir()
)
MODULE = "modules/contracts"
PARTS = {"source": model.Source, "write": model.Write, "schedule": model.Schedule, "job": model.Job,
         "retention": model.Retention}  # fmt: skip


def _id(folder: Path) -> str:
    return folder.relative_to(ROOT).as_posix()


def _as_terraform_reads(contract: Contract) -> dict[str, Any]:
    return {
        "dataset": contract.dataset,
        "domain": contract.domain,
        "owner": contract.owner,
        "description": contract.description,
        "is_mart": contract.is_mart,
        "query": contract.source.query or "",
        "path": contract.path,
        "source_format": contract.source.format,
        "arrive": contract.source.arrive,
        "rest": contract.source.rest,
        "incoming": f"{incoming_folder(contract.dataset)}/" if contract.source.arrive == "events" else None,
        "has_rest": contract.source.arrive == "events" and contract.source.rest == "keep",
        "table_format": contract.write.format,
        "partition_by": list(contract.partition_by),
        "columns": [
            {
                "name": c.name,
                "type": c.type,
                "classified": bool(c.classification),
                "classification": c.classification or "none",
            }
            for c in contract.published
        ],
        "masked": bool(contract.classified),
        "domains": sorted({str(column.classification) for column in contract.classified}),
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
    """A folder of contracts, as Terraform and as Python read it."""
    folder: Path = request.param
    terraform = workspace.console(
        "{contracts = local.contracts, after = local.after, faults = local.faults}",
        MODULE, contracts_dir=str(folder), sql_dir=str(sql_root(folder)),
    )  # fmt: skip
    project = load_project(folder, Lake(LocalStorage(tmp_path_factory.mktemp("lake"))))
    return terraform, project


def test_terraform_accepts_what_python_accepts(both: Any) -> None:
    terraform, _ = both
    assert terraform["faults"] == []


def test_every_contract_reads_alike(both: Any) -> None:
    terraform, project = both
    expected = {name: _as_terraform_reads(contract) for name, contract in project.contracts.items()}
    actual = {
        name: {key: value for key, value in contract.items() if key in expected.get(name, {})}
        for name, contract in terraform["contracts"].items()
    }
    assert actual == expected


def test_marts_read_what_the_parser_finds(both: Any) -> None:
    terraform, project = both
    assert {name: sorted(contract["reads"]) for name, contract in terraform["contracts"].items()} == {
        name: sorted(reads) for name, reads in project.reads.items()
    }


def test_marts_come_after_everything_they_read(both: Any) -> None:
    terraform, project = both
    for dataset, marts in terraform["after"].items():
        assert sorted(marts) == sorted(m for m in project.contracts if dataset in _below(project, m))
        for at, mart in enumerate(marts):
            later = set(marts[at:]) & set(project.reads[mart])
            assert not later, f"`{mart}` is built before `{later}`, which it reads"


def _below(project: Project, mart: str) -> set[str]:
    reads = set(project.reads[mart])
    return reads.union(*(_below(project, source) for source in reads)) if reads else reads


def test_the_hash_of_the_contracts_is_what_sha256sum_gives(workspace: Workspace) -> None:
    import hashlib

    folder = LAKE / "contracts"
    files = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.yaml"))
    lines = "".join(f"{hashlib.sha256((folder / file).read_bytes()).hexdigest()}  {file}\n" for file in files)
    actual = workspace.console("local._hash", MODULE, contracts_dir=str(folder), sql_dir=str(LAKE / "sql"))
    assert actual == hashlib.sha256(lines.encode()).hexdigest()


def test_a_tag_has_no_character_that_aws_refuses(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "orders.yaml").write_text("dataset: orders\ndomain: shop\nowner: shop@example.org (Åsa, Bo)\n")
    tags = workspace.console("local.contracts.orders.tags", MODULE, contracts_dir=str(tmp_path), sql_dir=".")
    assert tags == {"Dataset": "orders", "Domain": "shop", "Owner": "shop@example.org _Åsa_ Bo_"}


def test_terraform_knows_the_keys_of_the_model(workspace: Workspace) -> None:
    known = workspace.console(
        "{top = local._known_top, parts = local._known}", MODULE, contracts_dir=".", sql_dir="."
    )  # fmt: skip
    assert sorted(known["top"]) == sorted(Contract.model_fields)
    assert {name: sorted(keys) for name, keys in known["parts"].items()} == {
        name: sorted(part.model_fields) for name, part in PARTS.items()
    }


def test_terraform_knows_the_words_of_the_model(workspace: Workspace) -> None:
    accepted = workspace.console("local._words", MODULE, contracts_dir=".", sql_dir=".")
    assert accepted == {
        "source_format": _words(model.Source, "format"),
        "arrive": _words(model.Source, "arrive"),
        "rest": _words(model.Source, "rest"),
        "table_format": _words(model.Write, "format"),
        "crawler": _words(model.Schedule, "crawler"),
        "worker": _words(model.Job, "worker"),
        "execution": _words(model.Job, "execution"),
    }


def _words(part: type[BaseModel], field: str) -> list[str]:
    return list(typing.get_args(part.model_fields[field].annotation))


def test_terraform_knows_what_may_be_null(workspace: Workspace) -> None:
    optional = workspace.console("local._may_be_null", MODULE, contracts_dir=".", sql_dir=".")
    assert sorted(optional) == sorted(
        f"{part}.{name}"
        for part, fields in PARTS.items()
        for name, field in fields.model_fields.items()
        if type(None) in typing.get_args(field.annotation)
    )


@pytest.mark.parametrize("text", ["arrival", "daily 00:00 UTC", "daily 23:59 UTC", "weekly", "daily 24:00 UTC",
                                  "daily 5:30 UTC", "daily 05:30", "hourly", "weekly "])  # fmt: skip
def test_both_accept_a_schedule_or_neither_does(workspace: Workspace, text: str) -> None:
    matches = f'can(regex(local._schedule_pattern, "{text}"))'
    accepted = workspace.console(matches, MODULE, contracts_dir=".", sql_dir=".")
    assert accepted == bool(re.search(model.Schedule.model_fields["refine"].metadata[0].pattern, text))


def test_the_python_loader_takes_the_contracts_of_these_tests() -> None:
    assert len(load_contracts(LAKE / "contracts")) == 6


def test_a_job_gets_the_arguments_that_it_requires(lake: Plan) -> None:
    for address, job in lake.of_type("aws_glue_job").items():
        given = {name.removeprefix("--") for name in job["non_overridable_arguments"]}
        ours = {name for name in given if name.islower() and "-" not in name} - {"conf"}
        assert set(REQUIRED) <= given, address
        assert ours <= {*REQUIRED, *OPTIONAL}, address


def test_people_may_pass_every_argument_that_is_decides_what_a_job_does(lake: Plan) -> None:
    [job, *_] = [job for job in lake.of_type("aws_glue_job").values() if "masking" in str(job)]
    definition = lake.values["module.pipeline.aws_sfn_state_machine.run_job"]["definition"]
    passed_on = set(re.findall(r"'--(\w+)'", definition))
    fixed = {name.removeprefix("--") for name in job["non_overridable_arguments"]}
    assert passed_on == {*OPTIONAL, *UPKEEP} - fixed - {"run_id", "catalog_options", "masking_secret"}
