"""The state machines, read as graphs: every state is reached, every way ends, a closed gate never runs again."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from mocked_plan import Plan

pytestmark = pytest.mark.needs("terraform")

Machine = Mapping[str, Any]
LIMIT = 1_048_576  # bytes of a definition


@pytest.fixture(scope="module")
def machines(lake: Plan) -> dict[str, Machine]:
    found = lake.of_type("aws_sfn_state_machine").values()
    return {one["name"].removeprefix("test-"): json.loads(one["definition"]) for one in found}


def following(state: Machine) -> Iterator[str]:
    """Where a state may lead."""
    yield from (state[key] for key in ("Next", "Default") if key in state)
    for key in ("Choices", "Catch"):
        yield from (one["Next"] for one in state.get(key, ()))


def reached(machine: Machine, start: str, without: frozenset[str] = frozenset()) -> set[str]:
    """Every state that can be reached from `start`, not passing through those `without`."""
    seen, left = set[str](), [start]
    while left:
        name = left.pop()
        if name not in seen and name not in without:
            seen.add(name)
            left += following(machine["States"][name])
    return seen


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for one in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from texts(one)


def test_there_is_a_machine_per_dataset_and_four_for_the_lake(machines: dict[str, Machine]) -> None:
    assert sorted(machines) == ["admit", "customers", "etl-visits_by_month", "late", "maintain", "orders", "visits"]


def test_every_state_is_reached_and_none_is_missing(machines: dict[str, Machine]) -> None:
    for name, machine in machines.items():
        assert reached(machine, machine["StartAt"]) == set(machine["States"]), name


def test_every_way_ends(machines: dict[str, Machine]) -> None:
    for name, machine in machines.items():
        ends = {s for s, one in machine["States"].items() if one.get("End") or one["Type"] in ("Succeed", "Fail")}
        for state in machine["States"]:
            assert reached(machine, state) & ends, f"{name}: `{state}` never ends"


def test_a_name_of_a_state_is_at_most_80_characters(machines: dict[str, Machine]) -> None:
    long = [(name, state) for name, one in machines.items() for state in one["States"] if len(state) > 80]
    assert long == []


def test_definitions_are_far_from_the_limit(machines: dict[str, Machine]) -> None:
    for name, machine in machines.items():
        assert len(json.dumps(machine)) < LIMIT / 10, name


def test_expressions_are_closed(machines: dict[str, Machine]) -> None:
    for name, machine in machines.items():
        for text in texts(machine):
            if "{%" in text or "%}" in text:
                assert re.fullmatch(r"\{%.*%\}", text, re.DOTALL), f"{name}: {text}"


def test_every_call_of_a_service_is_tried_again_when_it_is_not_answered(machines: dict[str, Machine]) -> None:
    for name, machine in machines.items():
        for state, one in machine["States"].items():
            assert one["Type"] != "Task" or one.get("Retry"), f"{name}: `{state}`"


def test_no_error_is_retried_that_the_job_itself_may_have_said(machines: dict[str, Machine]) -> None:
    for name, machine in machines.items():
        for state, one in machine["States"].items():
            retried = {error for retry in one.get("Retry", ()) for error in retry["ErrorEquals"]}
            assert not retried & {"States.ALL", "States.TaskFailed"}, f"{name}: `{state}`"


def test_a_closed_gate_leads_to_no_second_run_of_its_job(machines: dict[str, Machine]) -> None:
    for name, machine in machines.items():
        for state, one in machine["States"].items():
            if not state.startswith("Why: "):
                continue
            closed = next(choice for choice in one["Choices"] if "GateClosed:" in choice["Condition"])
            assert one["Choices"].index(closed) == 0, f"{name}: something is asked before the gate"
            assert state.removeprefix("Why: ") not in reached(machine, closed["Next"]), f"{name}: `{state}`"


def test_a_mart_that_waits_is_neither_built_nor_told_as_failed(machines: dict[str, Machine]) -> None:
    waiting = [
        (name, state) for name, one in machines.items() for state in one["States"] if state.startswith("Not yet: ")
    ]
    assert ("orders", "Not yet: Build revenue") in waiting
    for name, state in waiting:
        mart, machine = state.removeprefix("Not yet: "), machines[name]
        after = reached(machine, machine["States"][state]["Next"])
        assert not after & {mart, f"Tell: {mart}", f"Count: {mart}"}, f"{name}: `{state}`"


def test_only_what_is_not_in_the_catalog_lets_a_mart_wait(machines: dict[str, Machine]) -> None:
    looks = [
        (one, s, state) for one in machines.values() for s, state in one["States"].items() if s.startswith("Look: ")
    ]
    assert len(looks) >= 4
    for machine, name, state in looks:
        absent, other = state["Catch"]
        assert absent["ErrorEquals"] == ["Glue.EntityNotFoundException"]
        assert (other["ErrorEquals"], other["Next"]) == (["States.ALL"], name.replace("Look: ", "Prepare "))
        retried = {error for one in state["Retry"] for error in one["ErrorEquals"]}
        assert "Glue.GlueException" not in retried, "what is not there would be asked for again and again"
        assert name.removeprefix("Look: ") in reached(machine, other["Next"])


def test_infrastructure_is_tried_once_more_under_a_new_run(machines: dict[str, Machine]) -> None:
    why = machines["orders"]["States"]["Why: Refine"]["Choices"][-1]
    assert why["Condition"] == "{% $attempt < 1 %}"
    assert machines["orders"]["States"][why["Next"]]["Next"] == "Name the run: Refine"


def test_hints_are_forgotten_before_the_run_and_nowhere_else(machines: dict[str, Machine]) -> None:
    for name in ("orders", "visits"):
        machine = machines[name]
        purges = [state for state, one in machine["States"].items() if "purgeQueue" in str(one.get("Resource"))]
        assert purges == ["Forget arrivals"]
        assert machine["States"]["Let arrivals settle"]["Seconds"] >= 60  # SQS takes so long to purge
        assert "Forget arrivals" not in reached(machine, "Prepare Refine")
        assert "Refine" not in reached(machine, machine["StartAt"], frozenset({"Let arrivals settle"}))
    assert "Forget arrivals" not in machines["customers"]["States"]


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
    asked = {one.get("Resource", "").rpartition(":")[2] for one in machines["admit"]["States"].values()}
    assert not asked & {"receiveMessage", "deleteMessage", "purgeQueue"}


def test_no_state_maps_over_a_list(machines: dict[str, Machine]) -> None:
    kinds = {one["Type"] for machine in machines.values() for one in machine["States"].values()}
    assert not kinds & {"Map", "Parallel"}


def test_a_failure_is_told_with_the_report_s_link(machines: dict[str, Machine]) -> None:
    for name in ("customers", "orders", "visits"):
        for state, one in machines[name]["States"].items():
            if state.startswith("Tell: "):
                assert "/report.html" in one["Arguments"]["Message"], f"{name}: `{state}`"
                assert "docs/RUNBOOK.md" in one["Arguments"]["Message"], f"{name}: `{state}`"


def test_nothing_is_switched_before_every_check_holds(machines: dict[str, Machine]) -> None:
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
