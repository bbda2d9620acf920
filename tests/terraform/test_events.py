"""The event path: off without a contract that asks for it, and named alike in Terraform and in the library."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from mocked_plan import LAKE, Plan, Refused, Workspace

from headgate.cli.dead_letters import dead_queue, incoming_queue, log_group
from headgate.lake.paths import dataset_of_document

pytestmark = pytest.mark.needs("terraform")


@pytest.fixture(scope="module")
def without_events(workspace: Workspace, settings: dict[str, object], tmp_path_factory: pytest.TempPathFactory) -> Plan:
    folder = tmp_path_factory.mktemp("no-events") / "contracts"
    shutil.copytree(LAKE / "contracts", folder)
    (folder / "shop" / "clicks.yaml").unlink()
    plain = {name: value for name, value in settings.items() if name != "event_function"}
    return workspace.plan(**{**plain, "contracts_dir": str(folder)})


def test_a_lake_without_such_a_contract_has_nothing_of_it(without_events: Plan, lake: Plan) -> None:
    assert [address for address in without_events.values if ".events" in address or "lambda" in address] == []
    assert without_events.outputs["events"] is None
    more = set(lake.outputs["alarms"]) - set(without_events.outputs["alarms"])
    assert len(more) == 5


def test_the_library_names_queues_and_log_as_terraform_does(lake: Plan) -> None:
    events = lake.outputs["events"]
    assert (events["queues"]["incoming"], events["queues"]["dead"]) == (incoming_queue("test"), dead_queue("test"))
    assert events["log_group"] == log_group("test")


def test_a_document_starts_the_function_and_no_pipeline(lake: Plan) -> None:
    rules = {
        rule["name"].removeprefix("test-"): json.loads(rule["event_pattern"])["detail"]["object"]["key"]
        for rule in lake.of_type("aws_cloudwatch_event_rule").values()
        if "aws.s3" in rule["event_pattern"]
    }
    key = "incoming/clicks/one.json"
    assert dataset_of_document(key) == "clicks"
    assert [name for name, [pattern] in rules.items() if key.startswith(pattern["prefix"])] == ["incoming"]
    landed = "staging/clicks/one-0123456789abcdef.parquet"
    assert [name for name, [pattern] in rules.items() if landed.startswith(pattern["prefix"])] == ["arrivals"]


def test_what_lands_leaves_a_hint_for_the_pipeline_and_one_for_the_crawler(lake: Plan) -> None:
    machine = json.loads(lake.values["module.pipeline.aws_sfn_state_machine.route"]["definition"])
    routes = machine["States"]["Know the paths"]["Assign"]["routes"]
    assert routes["clicks/"] == {"arrivals-clicks": "*", "landed": "*"}
    assert [folder for folder, queues in routes.items() if "landed" in queues] == ["clicks/"]


def test_only_one_crawler_crawls_the_folder_of_documents(lake: Plan) -> None:
    crawled = [
        target["path"] for crawler in lake.of_type("aws_glue_crawler").values() for target in crawler["s3_target"]
    ]
    assert len([path for path in crawled if path.endswith("/staging/clicks/")]) == 1


def test_no_role_of_the_event_path_names_a_published_table(lake: Plan) -> None:
    policies = {a: p["policy"] for a, p in lake.of_type("aws_iam_role_policy").items() if "module.events" in a}
    assert len(policies) == 2
    for address, policy in policies.items():
        assert "warehouse" not in policy, address


def test_a_release_without_the_zip_of_the_architecture_is_refused(
    workspace: Workspace, settings: dict[str, object], tmp_path: Path
) -> None:
    x86 = {**settings, "event_function": {"architecture": "x86_64"}}
    with pytest.raises(Refused, match=r"lacks lambdas/flatten_json-x86_64\.zip"):
        workspace.plan(**x86)


def test_a_runtime_that_the_zip_is_not_for_is_refused(workspace: Workspace, settings: dict[str, object]) -> None:
    other = {**settings, "event_function": {"runtime": "python3.12"}}
    with pytest.raises(
        Refused, match=r"event_function\.runtime is python3\.12, and the function's zip .* is for python3\.13"
    ):
        workspace.plan(**other)
