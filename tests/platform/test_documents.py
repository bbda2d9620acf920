"""Every JSON text that Terraform sends to AWS, compared with the services' models or the documentation's words."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import documents
import pytest
from mocked_plan import Plan
from nested import texts_in
from service_models import known_error, request_faults, result_faults

pytestmark = pytest.mark.needs("terraform")

Machine = Mapping[str, Any]
# Each kind of JSON text in the plan, and what checks it. A kind that is missing here fails a test.
JUDGED = {
    "aws_sfn_state_machine.definition": "this file, task by task",
    "aws_scheduler_schedule.target.input": "this file, by what the machine reads",
    "aws_cloudwatch_event_rule.event_pattern": documents.EVENT_PATTERN,
    "aws_sns_topic_subscription.filter_policy": documents.FILTER_POLICY,
    "aws_glue_crawler.configuration": documents.CRAWLER,
    "aws_cloudwatch_dashboard.dashboard_body": documents.DASHBOARD,
    "aws_iam_policy.policy": "test_policies_linted.py",
    "aws_iam_role.assume_role_policy": "test_policies_linted.py",
    "aws_iam_role_policy.policy": "test_policies_linted.py",
    "aws_kms_key.policy": "test_policies_linted.py",
    "aws_s3_bucket_policy.policy": "test_policies_linted.py",
    "aws_sns_topic_policy.policy": "test_policies_linted.py",
    "aws_sqs_queue.policy": "test_policies_linted.py",
    "aws_sqs_queue.redrive_allow_policy": documents.REDRIVE_ALLOW_POLICY,
}
EXPECTED_TASKS = 40  # with fewer, the test no longer finds the tasks


@pytest.fixture(scope="module")
def sent(lake: Plan) -> list[tuple[str, str, Any]]:
    """Address, kind and content of every JSON text."""
    kind = re.compile(r"(?:^|\.)(aws_\w+)\.")
    return [
        (address, f"{kind.findall(address)[-1]}.{path}", json.loads(text))
        for address, values in lake.values.items()
        if kind.search(address)
        for path, text in texts_in(values)
        if text[:1] in ("{", "[")
    ]


@pytest.fixture(scope="module")
def machines(sent: list[tuple[str, str, Any]]) -> dict[str, Machine]:
    return {address: content for address, kind, content in sent if kind == "aws_sfn_state_machine.definition"}


def tasks(machines: Mapping[str, Machine]) -> Iterator[tuple[str, Machine]]:
    for address, machine in machines.items():
        for name, state in machine["States"].items():
            if state["Type"] == "Task":
                yield f"{address}: `{name}`", state


def test_every_kind_of_json_text_is_judged(sent: list[tuple[str, str, Any]]) -> None:
    assert {kind for _, kind, _ in sent} == set(JUDGED)


def test_a_text_without_a_model_has_only_words_of_the_documentation(sent: list[tuple[str, str, Any]]) -> None:
    checked = {
        address: documents.faults(content, JUDGED[kind]) for address, kind, content in sent if kind in JUDGED
        if not isinstance(JUDGED[kind], str)
    }  # fmt: skip
    assert len(checked) >= 6
    assert {address: faults for address, faults in checked.items() if faults} == {}


def test_a_service_understands_every_task(machines: dict[str, Machine]) -> None:
    checked = {where: request_faults(state["Resource"], state["Arguments"]) for where, state in tasks(machines)}
    assert len(checked) >= EXPECTED_TASKS
    assert {where: faults for where, faults in checked.items() if faults} == {}


def test_an_expression_reads_what_the_service_answers(machines: dict[str, Machine]) -> None:
    checked = {
        where: result_faults(
            state["Resource"], (text for _, text in texts_in([state.get("Output"), state.get("Assign")]))
        )
        for where, state in tasks(machines)
    }
    reading = [where for where, state in tasks(machines) if "$states.result." in json.dumps(state)]
    assert len(reading) >= 4
    assert {where: faults for where, faults in checked.items() if faults} == {}


def test_an_error_that_is_caught_or_retried_exists(machines: dict[str, Machine]) -> None:
    named = {
        error
        for _, state in tasks(machines)
        for rule in [*state.get("Retry", []), *state.get("Catch", [])]
        for error in rule["ErrorEquals"]
    }
    assert "Sfn.ExecutionAlreadyExistsException" in named
    assert sorted(error for error in named if not known_error(error)) == []


def test_a_schedule_gives_what_its_machine_reads(sent: list[tuple[str, str, Any]]) -> None:
    machine = {"tick": "admit", "crawl": "admit", "late": "late", "etl": "etl", "maintain": "maintain"}
    definitions = {address: content for address, kind, content in sent if kind.startswith("aws_sfn")}
    inputs = [(address, content) for address, kind, content in sent if kind.startswith("aws_scheduler")]
    for address, given in inputs:
        name = machine[address.split("aws_scheduler_schedule.")[1].split("[")[0]]
        [definition] = [body for where, body in definitions.items() if f"aws_sfn_state_machine.{name}" in where][:1]
        text, first = json.dumps(definition), json.dumps(definition["States"][definition["StartAt"]])
        added = set(re.findall(r"'(\w+)': ", text))  # by the machine itself
        read = _of_input(text) - added | _of_input(first)
        assert read <= set(given), f"{address} does not give {read - set(given)} to `{name}`"
    assert len(inputs) >= 5


def _of_input(text: str) -> set[str]:
    """The parts of its input that a text reads."""
    return set(re.findall(r"\$states\.input\.(\w+)", text))


TASK = "arn:aws:states:::aws-sdk:sqs:getQueueAttributes"
GIVEN = {"QueueUrl": "{% $states.input.queue %}", "AttributeNames": ["ApproximateNumberOfMessages"]}


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"QueueURL": "https://q"}, "QueueURL"),
        ({**GIVEN, "AttributeNames": ["ApproximateNumberOfMessage"]}, "ApproximateNumberOfMessage"),
        ({**GIVEN, "AttributeNames": "ApproximateNumberOfMessages"}, "AttributeNames"),
        ({"AttributeNames": []}, "Missing required parameter"),
    ],
)
def test_a_misspelt_argument_is_found(arguments: dict[str, Any], expected: str) -> None:
    assert request_faults(TASK, GIVEN) == []
    assert expected in " ".join(request_faults(TASK, arguments))


def test_a_misspelt_key_deep_in_a_real_machine_is_found(machines: dict[str, Machine]) -> None:
    where, state = next((w, s) for w, s in tasks(machines) if s["Resource"].endswith("cloudwatch:putMetricData"))
    wrong = copy.deepcopy(state["Arguments"])
    wrong["MetricData"][0]["Dimensions"][0]["Key"] = wrong["MetricData"][0]["Dimensions"][0].pop("Name")
    assert any(".MetricData[].Dimensions[].Key" in fault for fault in request_faults(state["Resource"], wrong)), where


@pytest.mark.parametrize(
    ("resource", "text"),
    [
        (TASK, "{% $states.result.attributes.ApproximateNumberOfMessages %}"),
        ("arn:aws:states:::aws-sdk:sfn:listExecutions", "{% $states.result.Executions[0].StartedAt %}"),
    ],
)
def test_a_misspelt_answer_is_found(resource: str, text: str) -> None:
    assert len(result_faults(resource, iter([text]))) == 1


@pytest.mark.parametrize(
    "resource", [f"{TASK}s", "arn:aws:states:::aws-sdk:sqs:GetQueueAttributes", "arn:aws:lambda:x"]
)
def test_a_call_that_no_service_has_is_found(resource: str) -> None:
    with pytest.raises(LookupError):
        request_faults(resource, {})


@pytest.mark.parametrize("error", ["Sqs.PurgeInProgressException", "Glue.ConcurrentRunsExceeded", "States.All"])
def test_an_error_that_does_not_exist_is_found(error: str) -> None:
    assert not known_error(error)


@pytest.mark.parametrize(
    ("kind", "content", "expected"),
    [
        ("aws_cloudwatch_event_rule.event_pattern", {"detailType": ["Object Created"]}, ".detailType"),
        ("aws_cloudwatch_event_rule.event_pattern", {"detail": {"object": {"key": [{"prefx": "a"}]}}}, "prefx"),
        ("aws_glue_crawler.configuration", {"Version": 1, "CrawlerOutputs": {}}, ".CrawlerOutputs"),
        ("aws_cloudwatch_dashboard.dashboard_body", {"widgets": [{"type": "metric", "propertys": {}}]}, "propertys"),
        ("aws_sns_topic_subscription.filter_policy", {"outcome": ["close"]}, "`close`"),
        ("aws_sqs_queue.redrive_allow_policy", {"redrivePermission": "byqueue"}, "`byqueue`"),
    ],
)
def test_a_word_that_the_documentation_does_not_have_is_found(kind: str, content: Any, expected: str) -> None:
    assert expected in " ".join(documents.faults(content, JUDGED[kind]))
