"""What grows with the number of datasets, from plans: the quotas that it meets, and the table of docs/SCALE.md."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Mapping

import pytest
import yaml
from mocked_plan import Plan, Refused, Workspace
from test_growth import PRODUCTS

from needs import ROOT

pytestmark = pytest.mark.needs("terraform")

PAGE = ROOT / "docs/SCALE.md"
BEGIN, END = "<!-- figures: written by a machine, see tests/terraform/test_quotas.py -->", "<!-- end of figures -->"
REWRITE = "HEADGATE_REWRITE_FIGURES=1 .venv/bin/python -m pytest tests/terraform/test_quotas.py -k table"
FEW, MORE = 20, 40  # datasets of the two plans: what they differ by, 20 datasets need
AT = (100, 300, 1000, 3000)
QUOTAS: Mapping[str, tuple[str, int]] = {
    "event_rules": ("EventBridge rules of an event bus", 300),
    "glue_jobs": ("Glue jobs of an account", 1000),
    "iam_roles": ("IAM roles of an account", 1000),
    "lifecycle": ("lifecycle rules of the warehouse bucket", 1000),
    "policy": ("characters of the largest inline policy", 10_240),
    "routes": ("characters of the paths, a variable of Step Functions", 262_144),
}
ROUTE = "module.pipeline.aws_sfn_state_machine.route"


@pytest.fixture(scope="module")
def planned(
    workspace: Workspace, settings: dict[str, object], tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., Plan]:
    """Plan a lake with a number of datasets on arrival, and perhaps a mart `wide` that reads some of them."""

    def plan(datasets: int, *, read: int = 0, days: int | None = None, **more: object) -> Plan:
        folder = tmp_path_factory.mktemp("many")
        (folder / "contracts").mkdir()
        (folder / "sql" / "marts").mkdir(parents=True)
        for number in range(datasets):
            name = f"dataset_{number:04}"
            contract = {**PRODUCTS, "dataset": name}
            if days is not None and number == 0:
                contract["retention"] = {"quarantine_days": days}
            (folder / "contracts" / f"{name}.yaml").write_text(yaml.safe_dump(contract))
        if read:
            mart = {key: value for key, value in PRODUCTS.items() if key != "schedule"}
            mart |= {"dataset": "wide", "source": {"query": "marts/wide.sql"}}
            (folder / "contracts" / "wide.yaml").write_text(yaml.safe_dump(mart))
            tables = (f"SELECT product_id FROM dataset_{number:04}" for number in range(read))
            (folder / "sql/marts/wide.sql").write_text(" UNION ALL ".join(tables))
        folders = {"contracts_dir": str(folder / "contracts"), "sql_dir": str(folder / "sql")}
        return workspace.plan(**{**settings, **folders, **more})

    return plan


@pytest.fixture(scope="module")
def counts(planned: Callable[..., Plan]) -> dict[int, dict[str, int]]:
    return {datasets: used(planned(datasets)) for datasets in (FEW, MORE)}


def used(plan: Plan) -> dict[str, int]:
    """What a plan uses of each quota."""
    warehouse = 'module.storage.module.bucket["warehouse"].aws_s3_bucket_lifecycle_configuration.this'
    return {
        "event_rules": len(plan.of_type("aws_cloudwatch_event_rule")),
        "glue_jobs": len(plan.of_type("aws_glue_job")),
        "iam_roles": len(plan.of_type("aws_iam_role")),
        "lifecycle": len(plan.values[warehouse]["rule"]),
        "policy": max(len(role["policy"]) for role in plan.of_type("aws_iam_role_policy").values()),
        "routes": len(json.dumps(routes_of(plan), separators=(",", ":"))),
    }


def routes_of(plan: Plan) -> dict[str, dict[str, str]]:
    """The table of paths by which the machine that routes finds the queues."""
    return json.loads(plan.values[ROUTE]["definition"])["States"]["Know the paths"]["Assign"]["routes"]


def figures(counts: Mapping[int, Mapping[str, int]], datasets: int) -> dict[str, int]:
    """What a number of datasets uses: the plan of few, and as much for each further one as the two plans differ by."""
    few, more = counts[FEW], counts[MORE]
    return {name: few[name] + (datasets - FEW) * (more[name] - few[name]) // (MORE - FEW) for name in few}


def test_no_bus_no_policy_and_no_bucket_grows_with_the_number_of_datasets(counts: dict[int, dict[str, int]]) -> None:
    for name in ("event_rules", "lifecycle", "policy"):
        assert counts[FEW][name] == counts[MORE][name], name
    assert {name: counts[MORE][name] - counts[FEW][name] for name in ("iam_roles", "glue_jobs")} == {
        "iam_roles": MORE - FEW, "glue_jobs": 2 * (MORE - FEW),
    }  # fmt: skip


def test_a_lake_that_is_upgraded_adds_the_one_rule_and_destroys_none(planned: Callable[..., Plan]) -> None:
    """The addresses are those of versions with a rule per dataset: what a state has there stays, unchanged."""
    after, during = planned(3), planned(3, former_rules=True)
    former = {
        f'module.pipeline.aws_cloudwatch_event_{kind}.arrival["dataset_{number:04}"]'
        for kind in ("rule", "target") for number in range(3)
    }  # fmt: skip
    assert set(during.values) - set(after.values) == former
    assert set(after.values) - set(during.values) == set()
    assert len({a for a in after.values if ".aws_cloudwatch_event_" in a and ".arrivals" in a}) == 2
    rule = during.values['module.pipeline.aws_cloudwatch_event_rule.arrival["dataset_0001"]']
    assert (rule["name"], rule["description"]) == ("test-arrival-dataset_0001", "Raw files of dataset_0001.")
    assert json.loads(rule["event_pattern"])["detail"]["object"]["key"] == [{"prefix": "staging/dataset_0001/"}]


def test_the_table_of_figures_is_what_plans_say(counts: dict[int, dict[str, int]]) -> None:
    head = ["Quota", "Default", *(f"{datasets:,} datasets" for datasets in AT)]
    lines = [f"| {' | '.join(head)} |", f"| --- {'| --: ' * (len(head) - 1)}|"]
    for name, (what, quota) in QUOTAS.items():
        cells = [figures(counts, datasets)[name] for datasets in AT]
        shown = [f"**{cell:,}**" if cell > quota else f"{cell:,}" for cell in cells]
        lines.append(f"| {what} | {quota:,} | {' | '.join(shown)} |")
    table = "\n".join(lines)
    page = PAGE.read_text(encoding="utf-8")
    before, rest = page.split(BEGIN)
    now, after = rest.split(END)
    if os.environ.get("HEADGATE_REWRITE_FIGURES"):
        PAGE.write_text(f"{before}{BEGIN}\n\n{table}\n\n{END}{after}", encoding="utf-8")
        return
    assert now.strip() == table, REWRITE


def test_a_plan_counts_what_its_datasets_need(planned: Callable[..., Plan]) -> None:
    plan = planned(12, read=2)
    needs = plan.values["terraform_data.quotas"]["input"]
    by_dataset = re.compile(r'\["(dataset_\d+|wide)"\]$')
    kinds = {"iam_roles": "aws_iam_role", "glue_jobs": "aws_glue_job"}
    assert (
        needs
        == {name: len([a for a in plan.of_type(kind) if by_dataset.search(a)]) for name, kind in kinds.items()}
        == {"iam_roles": 13, "glue_jobs": 26}
    )


def test_more_datasets_than_a_quota_allows_are_refused_and_the_quota_is_named(planned: Callable[..., Plan]) -> None:
    with pytest.raises(Refused) as refused:
        planned(12, quotas={"iam_roles": 11, "glue_jobs": 24})
    error = str(refused.value)
    assert "12 contracts need 12 of the quota `IAM, roles of an account`, which is 11 (quotas.iam_roles)." in error
    assert "Glue" not in error


def test_a_mart_that_reads_too_many_tables_for_its_policy_is_refused(planned: Callable[..., Plan]) -> None:
    assert max(len(role["policy"]) for role in planned(40, read=25).of_type("aws_iam_role_policy").values()) < 10_240
    with pytest.raises(Refused, match=r"wide\.yaml: the policy of the job's role has 1\d{4} characters") as refused:
        planned(60, read=60)
    assert "It reads 60 tables" in str(refused.value)


@pytest.mark.parametrize(("days", "expected"), [(30, {"": 90, "dataset_0000/": 30}), (400, None), (90, {"": 90})])
def test_refused_rows_are_kept_as_long_as_each_contract_says(
    planned: Callable[..., Plan], days: int, expected: dict[str, int] | None
) -> None:
    plan = planned(3, days=days)
    [rules] = [
        bucket["rule"] for address, bucket in plan.of_type("aws_s3_bucket_lifecycle_configuration").items()
        if '["warehouse"]' in address
    ]  # fmt: skip
    kept = {
        rule["filter"][0]["prefix"].removeprefix("quarantine/"): rule["expiration"][0]["days"]
        for rule in rules
        if rule["filter"][0].get("prefix", "").startswith("quarantine/")
    }
    assert kept == (expected or {"": 400, "dataset_0001/": 90, "dataset_0002/": 90})
