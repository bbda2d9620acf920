"""One more contract adds exactly its own resources, and hundreds of contracts still plan."""

from __future__ import annotations

import re
import shutil
import time
from pathlib import Path

import pytest
import yaml
from mocked_plan import LAKE, TERRAFORM, Plan, Workspace

pytestmark = pytest.mark.needs("terraform")

PRODUCTS = {
    "dataset": "products",
    "domain": "shop",
    "owner": "shop-data@example.org",
    "description": "One row per product.",
    "columns": [{"name": "product_id", "type": "string", "required": True}],
    "key": ["product_id"],
    "schedule": {"freshness_hours": 24},
}
MANY = 300


@pytest.fixture(scope="module")
def with_products(workspace: Workspace, settings: dict[str, object], tmp_path_factory: pytest.TempPathFactory) -> Plan:
    """The lake of the other tests with one more contract."""
    folder = tmp_path_factory.mktemp("more") / "contracts"
    shutil.copytree(LAKE / "contracts", folder)
    (folder / "shop" / "products.yaml").write_text(yaml.safe_dump(PRODUCTS))
    return workspace.plan(**{**settings, "contracts_dir": str(folder)})


def test_a_contract_adds_exactly_its_own_resources(lake: Plan, with_products: Plan) -> None:
    assert set(lake.values) - set(with_products.values) == set()
    assert sorted(set(with_products.values) - set(lake.values)) == [
        'aws_s3_object.known["products"]',
        'module.guard.aws_scheduler_schedule.late["products"]',
        'module.jobs.aws_glue_job.maintain["products"]',
        'module.jobs.aws_glue_job.step["products"]',
        'module.jobs.aws_iam_role.job["products"]',
        'module.jobs.aws_iam_role_policy.job["products"]',
        'module.pipeline.aws_scheduler_schedule.maintain["products"]',
        'module.pipeline.aws_scheduler_schedule.tick["products"]',
        'module.pipeline.aws_sfn_state_machine.pipeline["products"]',
        'module.pipeline.aws_sqs_queue.arrivals["products"]',
        'module.storage.aws_s3_object.folder["products/"]',
    ]


def test_a_contract_changes_nothing_of_another(lake: Plan, with_products: Plan) -> None:
    changed = {address for address, values in lake.values.items() if with_products.values[address] != values}
    assert changed == {
        "module.contracts.terraform_data.contracts",  # the hash of all contracts
        "module.pipeline.aws_sfn_state_machine.route",  # the paths of all datasets
        "terraform_data.quotas",  # what they need of the account
    }


@pytest.mark.deep
def test_hundreds_of_contracts_plan(
    workspace: Workspace, settings: dict[str, object], tmp_path: Path, record_property: object
) -> None:
    """Prints the time and checks none; terraform/README.md quotes it."""
    (tmp_path / "contracts").mkdir()
    (tmp_path / "sql" / "marts").mkdir(parents=True)
    for number in range(MANY):
        name = f"dataset_{number:03}"
        contract = {**PRODUCTS, "dataset": name}
        if number % 10 == 9:  # every tenth is a mart over the nine before it
            contract = {key: value for key, value in contract.items() if key != "schedule"}
            contract["source"] = {"query": f"marts/{name}.sql"}
            sources = " UNION ALL ".join(f"SELECT * FROM dataset_{n:03}" for n in range(number - 9, number))
            (tmp_path / "sql" / "marts" / f"{name}.sql").write_text(sources)
        (tmp_path / "contracts" / f"{name}.yaml").write_text(yaml.safe_dump(contract))
    started = time.monotonic()
    folders = {"contracts_dir": str(tmp_path / "contracts"), "sql_dir": str(tmp_path / "sql")}
    plan = workspace.plan(**{**settings, **folders})
    print(f"{MANY} contracts, {len(plan.values)} resources: {time.monotonic() - started:.0f} s")
    assert len(plan.outputs["jobs"]) == MANY


def test_no_object_takes_the_tags_of_the_lake_of_which_s3_allows_ten() -> None:
    """The mocked provider does not compute `tags_all`, so this reads the code."""
    code = "\n".join(file.read_text() for file in sorted(TERRAFORM.rglob("*.tf")) if ".terraform" not in file.parts)
    objects = re.findall(r'(?ms)^resource "aws_s3_object" "(\w+)" \{\n(.*?)^\}', code)
    assert {name for name, _ in objects} == {"folder", "known"}
    without = re.compile(r"override_provider \{\s+default_tags \{\s+tags = \{\}")
    assert [name for name, body in objects if not without.search(body) or re.search(r"(?m)^  tags\s", body)] == []
