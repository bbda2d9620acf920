"""All probes together: what they come to, and that nothing is left on the account whatever happens."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from verify_account import REPORTS, RESULTS, STAGING, WAREHOUSE, Account

from headgate.verify.probe import Probe
from headgate.verify.probed_lake import Scene
from headgate.verify.probes import PROBES
from headgate.verify.runner import Outcome, chosen, verify

ALL = list(PROBES.values())
OTHERS = {
    (STAGING, "staging/orders/a.csv"),
    (WAREHOUSE, "data-warehouse/orders/data/a.parquet"),
    (WAREHOUSE, "quarantine/verify_probe_2/a.parquet"),
    (REPORTS, "runs/20261121T120500Z-aaaaaa/run.json"),
    (REPORTS, "latest/orders/report.html"),
    (RESULTS, "somebody.csv"),
}


@pytest.fixture(autouse=True)
def of_others(account: Account) -> None:
    """What belongs to others lies on every account."""
    for bucket, key in OTHERS:
        account.put(bucket, key, b'{"datasets": {"orders": {}}}')


def verdicts(outcome: Outcome) -> dict[str, str]:
    return {one.probe: one.verdict for one in outcome.results}


def must_be_clean(account: Account) -> None:
    ours = {place for place in account.objects if not place[0].endswith("-shelf")} - OTHERS
    assert ours == {(STAGING, "staging/verify_probe/")}  # Terraform's folder
    assert set(account.objects) >= OTHERS
    assert account.metadata == []
    assert account.hints == []
    assert [run.id for run in account.runs if run.state == "RUNNING"] == []
    assert [one["name"] for one in account.executions if one["status"] == "RUNNING"] == []


def test_every_probe_passes_on_an_account_that_is_as_it_should_be(account: Account, scene: Scene) -> None:
    outcome = verify(scene, ALL)
    assert [one for one in outcome.results if one.verdict != "passed"] == []
    assert [one.probe for one in outcome.results] == list(PROBES)
    assert (outcome.left, outcome.exit_code, scene.traces.notes) == ([], 0, [])
    must_be_clean(account)


def test_the_console_run_is_started_with_no_arguments_at_all(account: Account, scene: Scene) -> None:
    verify(scene, ALL)
    started = [params for operation, params in account.asked if operation == "StartJobRun"]
    assert started[0] == {"JobName": "river-refine-verify_probe"}
    assert len(started) == 3


def test_only_the_arrival_is_answered_by_the_pipeline(account: Account, scene: Scene) -> None:
    verify(scene, ALL)
    assert [one["status"] for one in account.executions] == ["SUCCEEDED"]
    assert len(account.runs) == 4


def test_the_time_from_arrival_to_report_is_told(account: Account, scene: Scene) -> None:
    seen = verify(scene, ALL).results[-1].seen
    assert seen == "report 164 s after the arrival; the pipeline began after 14 s; 2 rows published"


def test_nothing_is_put_with_a_word_about_encryption(account: Account, scene: Scene) -> None:
    verify(scene, ALL)
    put = [params for operation, params in account.asked if operation == "PutObject"]
    assert {tuple(sorted(one)) for one in put} == {("Body", "Bucket", "Key")}


def test_one_probe_alone_makes_what_it_stands_on(account: Account, scene: Scene) -> None:
    outcome = verify(scene, chosen(["unaudited-rows"]))
    assert verdicts(outcome) == {"unaudited-rows": "passed"}
    assert len(account.runs) == 2
    must_be_clean(account)


def test_what_stands_on_a_failed_run_is_skipped_and_says_so(account: Account, scene: Scene) -> None:
    account.wrong("GetJobRun", lambda _, said: {"JobRun": said["JobRun"] | {"JobRunState": "FAILED"}})
    outcome = verify(scene, ALL)
    assert outcome.results[0].verdict == "failed"
    assert {one.verdict for one in outcome.results[1:]} == {"skipped"}
    assert outcome.results[1].seen == "it stands on the run without arguments, which failed"
    assert outcome.exit_code == 1
    assert len(account.runs) == 1
    account.time.sleep(120)
    must_be_clean(account)


def test_an_answer_that_nobody_understands_fails_its_probe_and_not_the_others(account: Account, scene: Scene) -> None:
    account.wrong("DescribeKey", lambda *_: {})
    outcome = verify(scene, ALL)
    assert [one.probe for one in outcome.results if one.verdict != "passed"] == ["keys-and-logs"]
    assert outcome.results[2].seen == "an answer that was not understood: KeyError 'KeyMetadata'"
    must_be_clean(account)


def test_a_hint_that_does_not_come_is_told_and_stops_nothing(account: Account, scene: Scene) -> None:
    account.wrong("ReceiveMessage", lambda *_: {})
    outcome = verify(scene, chosen(["console-run"]))
    assert outcome.exit_code == 0
    assert "No hint of `staging/verify_probe/verify-abc-good.csv` came" in scene.traces.notes[0]


def test_hints_of_other_files_stay_in_the_queue(account: Account, scene: Scene) -> None:
    account.hints.append("staging/verify_probe/of-a-person.csv")
    verify(scene, chosen(["console-run"]))
    assert account.hints == ["staging/verify_probe/of-a-person.csv"]


def interrupt_at(account: Account, operation: str, nth: int) -> None:
    """Ctrl-C when an operation has been carried out for the nth time."""
    count = 0

    def change(_: Mapping[str, Any], said: Any) -> Any:
        nonlocal count
        count += 1
        if count == nth:
            raise KeyboardInterrupt
        return said

    account.wrong(operation, change)


@pytest.mark.parametrize(
    ("operation", "nth"),
    [
        ("PutObject", 1),  # the first file
        ("StartJobRun", 1),  # the first run: its id was never heard
        ("GetJobRun", 4),  # while it is at work
        ("GetJobRun", 70),  # while the second run is at work
        ("PutObject", 3),  # the widened contract
        ("DeleteObject", 1),  # the heavy file is about to go
        ("PutObject", 5),  # the arrival
        ("ListExecutions", 1),  # the arrival waits for the tick
        ("DescribeExecution", 9),  # the pipeline is at work
    ],
)
def test_ctrl_c_at_any_time_leaves_nothing_behind(account: Account, scene: Scene, operation: str, nth: int) -> None:
    interrupt_at(account, operation, nth)
    outcome = verify(scene, ALL)
    assert outcome.interrupted
    assert outcome.exit_code == 1
    assert [one.probe for one in outcome.results] == list(PROBES)
    assert outcome.results[-1].seen == "interrupted"
    assert outcome.left == []
    must_be_clean(account)


@pytest.mark.parametrize(
    ("operation", "told"),
    [
        ("DeleteTable", "table `tbl_verify_probe`: AWS refused DeleteTable: AccessDenied"),
        ("DeleteObject", "s3://river-staging/staging/verify_probe/verify-abc-good.csv: AWS refused DeleteObject"),
        ("ListExecutions", "the pipeline: AWS refused ListExecutions: AccessDenied"),
        ("GetQueueUrl", "hints in `river-arrivals-verify_probe`: AWS refused GetQueueUrl"),
    ],
)
def test_what_cannot_be_removed_is_listed(account: Account, scene: Scene, operation: str, told: str) -> None:
    probe = Probe("one", "a claim", "sent", lambda scene: _then(scene, lambda: account.refuse(operation)))
    outcome = verify(scene, [probe])
    assert verdicts(outcome) == {"one": "passed"}
    assert [line for line in outcome.left if line.startswith(told)] != []
    assert outcome.exit_code == 1


def _then(scene: Scene, refuse: Callable[[], None]) -> str:
    scene.console_run()
    refuse()
    return "seen"


def test_objects_that_s3_keeps_are_listed_one_by_one(account: Account, scene: Scene) -> None:
    kept = "data-warehouse/verify_probe/data/a.parquet"
    account.wrong("DeleteObjects", lambda *_: {"Errors": [{"Key": kept, "Code": "AccessDenied"}]})
    outcome = verify(scene, chosen(["console-run"]))
    assert f"s3://{WAREHOUSE}/{kept}: AccessDenied" in outcome.left
    assert outcome.exit_code == 1


def test_ctrl_c_while_cleaning_up_lists_what_is_not_done(account: Account, scene: Scene) -> None:
    probe = Probe("one", "a claim", "sent", lambda scene: _then(scene, lambda: interrupt_at(account, "DeleteTable", 1)))
    outcome = verify(scene, [probe])
    assert "table `tbl_verify_probe`: interrupted" in outcome.left
    assert "results of the queries: interrupted" in outcome.left


def test_what_a_killed_one_has_left_is_removed_before_anything_is_sent(account: Account, scene: Scene) -> None:
    account.put(STAGING, "staging/verify_probe/verify-old-heavy.csv", b"probe_id,wave,amount\nheavy-9,heavy,5000\n")
    account.put(WAREHOUSE, "ledger/verify_probe/old.json", b"{}")
    account._commit(account.time.at, {"main": 7})
    assert verify(scene, ALL).exit_code == 0
    must_be_clean(account)


def test_nothing_is_sent_where_the_old_cannot_be_removed(account: Account, scene: Scene) -> None:
    account.refuse("DeleteTable")
    outcome = verify(scene, ALL)
    assert {one.verdict for one in outcome.results} == {"skipped"}
    assert outcome.exit_code == 1
    assert account.runs == []
    assert "PutObject" not in {operation for operation, _ in account.asked}
    assert len(outcome.left) == 1


def test_nobody_sleeps_in_these_tests(account: Account, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _: pytest.fail("a real sleep"))
    assert verify(scene, chosen(["console-run"])).exit_code == 0
