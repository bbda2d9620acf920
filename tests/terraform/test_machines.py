"""The state machines as graphs: every state is reached, every path ends, and a closed gate never runs its job again."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from mocked_plan import Plan
from nested import texts_in

pytestmark = pytest.mark.needs("terraform")

Machine = Mapping[str, Any]
LIMIT = 1_048_576  # bytes of a definition


@pytest.fixture(scope="module")
def machines(lake: Plan) -> dict[str, Machine]:
    planned = lake.of_type("aws_sfn_state_machine").values()
    return {machine["name"].removeprefix("test-"): json.loads(machine["definition"]) for machine in planned}


@pytest.fixture(scope="module")
def states(machines: dict[str, Machine]) -> list[tuple[str, str, Machine]]:
    """Every state, with the names of its machine and of itself."""
    return [(name, state, body) for name, machine in machines.items() for state, body in machine["States"].items()]


def following(state: Machine) -> Iterator[str]:
    """The states to which a state may lead."""
    yield from (state[key] for key in ("Next", "Default") if key in state)
    for key in ("Choices", "Catch"):
        yield from (branch["Next"] for branch in state.get(key, ()))


def reached(machine: Machine, start: str, without: frozenset[str] = frozenset()) -> set[str]:
    """Every state that can be reached from `start` without passing through `without`."""
    seen, left = set[str](), [start]
    while left:
        name = left.pop()
        if name not in seen and name not in without:
            seen.add(name)
            left += following(machine["States"][name])
    return seen


def test_there_is_a_machine_per_dataset_and_seven_for_the_lake(machines: dict[str, Machine]) -> None:
    of_lake = ["admit", "crawl-events", "etl-visits_by_month", "late", "maintain", "route-arrivals", "run-job"]
    assert sorted(machines) == sorted([*of_lake, "clicks", "customers", "orders", "visits"])


def test_every_state_is_reached_and_none_is_missing(machines: dict[str, Machine]) -> None:
    for name, machine in machines.items():
        assert reached(machine, machine["StartAt"]) == set(machine["States"]), name


def test_every_path_ends(machines: dict[str, Machine]) -> None:
    for name, machine in machines.items():
        ends = {s for s, body in machine["States"].items() if body.get("End") or body["Type"] in ("Succeed", "Fail")}
        for state in machine["States"]:
            assert reached(machine, state) & ends, f"{name}: `{state}` never ends"


def test_a_name_of_a_state_is_at_most_80_characters(states: list[tuple[str, str, Machine]]) -> None:
    assert [(name, state) for name, state, _ in states if len(state) > 80] == []


def test_definitions_are_far_from_the_limit(machines: dict[str, Machine]) -> None:
    for name, machine in machines.items():
        assert len(json.dumps(machine)) < LIMIT / 10, name


def test_expressions_are_closed(machines: dict[str, Machine]) -> None:
    for name, machine in machines.items():
        for _, text in texts_in(machine):
            if "{%" in text or "%}" in text:
                assert re.fullmatch(r"\{%.*%\}", text, re.DOTALL), f"{name}: {text}"


def test_every_call_of_a_service_is_retried(states: list[tuple[str, str, Machine]]) -> None:
    for name, state, body in states:
        assert body["Type"] != "Task" or body.get("Retry"), f"{name}: `{state}`"


def test_no_error_is_retried_that_the_job_itself_may_have_raised(states: list[tuple[str, str, Machine]]) -> None:
    for name, state, body in states:
        retried = {error for retry in body.get("Retry", ()) for error in retry["ErrorEquals"]}
        assert not retried & {"States.ALL", "States.TaskFailed"}, f"{name}: `{state}`"


def test_a_closed_gate_leads_to_no_second_run_of_its_job(
    machines: dict[str, Machine], states: list[tuple[str, str, Machine]]
) -> None:
    for name, state, body in states:
        if not state.startswith("Why: "):
            continue
        closed = next(choice for choice in body["Choices"] if "GateClosed:" in choice["Condition"])
        assert body["Choices"].index(closed) == 0, f"{name}: another condition comes before the gate's"
        assert state.removeprefix("Why: ") not in reached(machines[name], closed["Next"]), f"{name}: `{state}`"


def test_a_mart_that_waits_is_neither_built_nor_reported_as_failed(
    machines: dict[str, Machine], states: list[tuple[str, str, Machine]]
) -> None:
    waiting = [(name, state) for name, state, _ in states if state.startswith("Not yet: ")]
    assert ("orders", "Not yet: Build revenue") in waiting
    for name, state in waiting:
        mart, machine = state.removeprefix("Not yet: "), machines[name]
        after = reached(machine, machine["States"][state]["Next"])
        assert not after & {mart, f"Tell: {mart}", f"Count: {mart}"}, f"{name}: `{state}`"


def test_only_what_is_not_in_the_catalog_lets_a_mart_wait(
    machines: dict[str, Machine], states: list[tuple[str, str, Machine]]
) -> None:
    looks = [(name, state, body) for name, state, body in states if state.startswith("Look: ")]
    assert len(looks) >= 4
    for name, state, body in looks:
        absent, large, other = body["Catch"]
        assert absent["ErrorEquals"] == ["Glue.EntityNotFoundException"]
        assert (large["ErrorEquals"], large["Next"]) == (["States.DataLimitExceeded"], other["Next"])
        assert (other["ErrorEquals"], other["Next"]) == (["States.ALL"], state.replace("Look: ", "Prepare "))
        retried = {error for retry in body["Retry"] for error in retry["ErrorEquals"]}
        assert "Glue.GlueException" not in retried, "a table that does not exist would be looked up again and again"
        assert state.removeprefix("Look: ") in reached(machines[name], other["Next"])


def test_a_failure_of_the_infrastructure_is_tried_once_more_as_a_new_run(machines: dict[str, Machine]) -> None:
    why = machines["orders"]["States"]["Why: Refine"]["Choices"][-1]
    assert why["Condition"] == "{% $attempt < 1 %}"
    assert machines["orders"]["States"][why["Next"]]["Next"] == "Name the run: Refine"


def test_hints_are_removed_before_the_run_and_nowhere_else(machines: dict[str, Machine]) -> None:
    for name in ("orders", "visits"):
        machine = machines[name]
        purges = [state for state, body in machine["States"].items() if "purgeQueue" in str(body.get("Resource"))]
        assert purges == ["Forget arrivals"]
        assert machine["States"]["Let arrivals settle"]["Seconds"] >= 60  # SQS may take this long to purge
        assert "Forget arrivals" not in reached(machine, "Prepare Refine")
        assert "Refine" not in reached(machine, machine["StartAt"], frozenset({"Let arrivals settle"}))
    assert "Forget arrivals" not in machines["customers"]["States"]


def test_hints_of_documents_are_removed_before_the_crawl_and_put_back_when_it_fails(
    machines: dict[str, Machine],
) -> None:
    machine = machines["crawl-events"]
    assert machine["States"]["Let documents settle"]["Seconds"] >= 60
    assert "Forget documents" not in reached(machine, "Crawl")
    assert "Crawl" not in reached(machine, machine["StartAt"], frozenset({"Let documents settle"}))
    failed = reached(machine, "Crawl", frozenset({"Remember documents"}))
    assert "Not registered" not in failed, "a crawl fails, and nothing remembers its documents"
    due = machine["States"]["A crawl is due"]
    assert "Forget documents" not in reached(machine, due["Default"]), "no crawl is due, and its hints vanish"


def test_an_execution_is_named_by_dataset_and_window(machines: dict[str, Machine]) -> None:
    start = machines["admit"]["States"]["Start"]
    assert start["Arguments"]["Name"].startswith("{% $states.input.dataset & '-' & ")
    assert "$states.input.scheduled" in start["Arguments"]["Name"]
    assert start["Catch"] == [{"ErrorEquals": ["Sfn.ExecutionAlreadyExistsException"], "Next": "Nothing to do"}]


def test_nothing_starts_while_one_runs(machines: dict[str, Machine]) -> None:
    admit = machines["admit"]
    assert "Start" not in reached(admit, admit["StartAt"], frozenset({"Look for a running one"}))
    assert "Start" not in reached(admit, admit["States"]["One is running"]["Choices"][0]["Next"])


def test_admit_leaves_the_hints_where_they_are(machines: dict[str, Machine]) -> None:
    calls = {body.get("Resource", "").rpartition(":")[2] for body in machines["admit"]["States"].values()}
    assert not calls & {"receiveMessage", "deleteMessage", "purgeQueue"}


def test_a_hint_is_given_up_only_after_its_queue_was_tried_and_within_the_time_of_an_express_machine(
    machines: dict[str, Machine],
) -> None:
    route = machines["route-arrivals"]
    assert "Give up" not in reached(route, route["StartAt"], frozenset({"Put a hint"}))
    [caught] = route["States"]["Put a hint"]["Catch"]
    assert (caught["ErrorEquals"], caught["Next"]) == (["States.ALL"], "Give up")
    assert "Catch" not in route["States"]["Give up"], (
        "an execution that put the hint nowhere must fail: an alarm counts it"
    )
    seconds = sum(tried_for(route["States"][state]) for state in ("Put a hint", "Give up"))
    assert 4 * seconds < 300, f"{seconds} s for a queue that does not answer; an object may lie below a few paths"


def tried_for(state: Machine) -> float:
    """The most seconds that a task takes with all its tries."""
    [retry] = state["Retry"]
    pauses = sum(retry["IntervalSeconds"] * retry["BackoffRate"] ** n for n in range(retry["MaxAttempts"]))
    return pauses + state["TimeoutSeconds"] * (1 + retry["MaxAttempts"])


def test_no_call_passes_its_whole_answer_on(states: list[tuple[str, str, Machine]]) -> None:
    """A state may pass on 256 KB; a table of the catalog or a row of Athena's may be larger."""
    reading = ("getTable", "getQueryResults", "listObjectsV2", "startQueryExecution.sync", "getMetricData")
    for name, state, body in states:
        if str(body.get("Resource", "")).endswith(reading) and not body.get("End"):
            output = body.get("Output", "missing")
            assert output == {} or output.startswith("{% $merge([$states.input, {"), f"{name}: `{state}` {output}"


def test_no_state_maps_over_a_list(states: list[tuple[str, str, Machine]]) -> None:
    assert not {body["Type"] for _, _, body in states} & {"Map", "Parallel"}


def test_the_notice_of_a_failure_links_the_report(states: list[tuple[str, str, Machine]]) -> None:
    notices = [(name, state, body) for name, state, body in states if state.startswith("Tell: ")]
    assert {name for name, _, _ in notices} == {"clicks", "customers", "orders", "visits"}
    for name, state, body in notices:
        assert "/report.html" in body["Arguments"]["Message"], f"{name}: `{state}`"
        assert "docs/RUNBOOK.md" in body["Arguments"]["Message"], f"{name}: `{state}`"


def test_the_view_is_switched_only_after_every_check(machines: dict[str, Machine]) -> None:
    etl = machines["etl-visits_by_month"]
    for check in ("Check 1 holds", "Check 2 holds"):
        assert "Switch" not in reached(etl, etl["StartAt"], frozenset({check})), check
        assert "Switch" not in reached(etl, etl["States"][check]["Default"]), check


@pytest.mark.needs("asl-validator")
def test_a_validator_finds_nothing(machines: dict[str, Machine], tmp_path: Path) -> None:
    for name, machine in machines.items():
        file = tmp_path / f"{name}.json"
        file.write_text(json.dumps(machine))
        done = subprocess.run(["asl-validator", "--json-path", str(file)], capture_output=True, text=True)
        assert done.returncode == 0, f"{name}: {done.stdout}{done.stderr}"
