"""All probes together: their results, and that nothing is left on the account in any case."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from verify_account import EMPTY, Account
from verify_analyst import ROLE_ID
from verify_names import REPORTS, RESULTS, STAGING, WAREHOUSE

from headgate.verify.probe import Probe
from headgate.verify.probe_dataset import DATASET, DOCUMENTS, MART, PARQUET
from headgate.verify.probed_lake import ProbedLake
from headgate.verify.probes import PROBES
from headgate.verify.runner import VerifyResult, chosen, verify

ALL = list(PROBES.values())
OTHERS = {
    (STAGING, "staging/orders/a.csv"),
    (WAREHOUSE, "data-warehouse/orders/data/a.parquet"),
    (WAREHOUSE, "quarantine/verify_probe_2/a.parquet"),
    (REPORTS, "runs/20261121T120500Z-aaaaaa/run.json"),
    (REPORTS, "latest/orders/report.html"),
    (RESULTS, "somebody.csv"),
    (RESULTS, f"analysts/{ROLE_ID}:somebody/q.csv"),
    (STAGING, "incoming/orders/verify-1.json"),
}


@pytest.fixture(autouse=True)
def of_others(account: Account) -> None:
    """Every account also has objects of others."""
    for bucket, key in OTHERS:
        account.put(bucket, key, b'{"datasets": {"orders": {}}}')


def statuses(result: VerifyResult) -> dict[str, str]:
    return {probe.probe: probe.status for probe in result.probes}


def seen_of(result: VerifyResult, name: str) -> str:
    return next(probe.seen for probe in result.probes if probe.probe == name)


def require_clean(account: Account) -> None:
    ours = {(bucket, key) for bucket, key in account.objects if not bucket.endswith("-artifacts")} - OTHERS
    assert ours == {(STAGING, f"staging/{dataset}/") for dataset in (DATASET, PARQUET, DOCUMENTS)}
    assert set(account.objects) >= OTHERS
    assert (account.metadata, account.marts) == ([], [])
    assert account.parquet == EMPTY
    assert (account.raw_tables, account.landed, account.crawling) == ({}, [], {})
    assert account.states[-1][0] == "OK"
    assert account.hints == []
    assert [run.id for run in account.runs if run.state == "RUNNING"] == []
    assert [execution["name"] for execution in account.executions if execution["status"] == "RUNNING"] == []


def test_every_probe_passes_on_an_account_that_behaves_as_it_should(account: Account, lake: ProbedLake) -> None:
    result = verify(lake, ALL)
    assert [probe for probe in result.probes if probe.status != "passed"] == []
    assert [probe.probe for probe in result.probes] == list(PROBES)
    assert (result.not_removed, result.exit_code, lake.created.notes) == ([], 0, [])
    require_clean(account)


def test_the_console_run_is_started_with_no_arguments_at_all(account: Account, lake: ProbedLake) -> None:
    verify(lake, ALL)
    started = [params for operation, params in account.asked if operation == "StartJobRun"]
    assert started[0] == {"JobName": "river-refine-verify_probe"}
    assert started[-1] == {"JobName": "river-refine-verify_probe_parquet"}
    assert len(started) == 4


def test_the_pipeline_runs_for_the_arrival_only(account: Account, lake: ProbedLake) -> None:
    verify(lake, ALL)
    assert [execution["status"] for execution in account.executions] == ["SUCCEEDED"]
    assert [run.dataset for run in account.runs] == [*[DATASET] * 4, MART, PARQUET]


def test_the_result_has_the_time_from_arrival_to_report(account: Account, lake: ProbedLake) -> None:
    assert (
        seen_of(verify(lake, ALL), "arrival")
        == "report 164 s after the arrival; the pipeline began after 14 s; 2 rows published"
    )


def test_nothing_is_put_with_an_encryption_header(account: Account, lake: ProbedLake) -> None:
    verify(lake, ALL)
    put = [params for operation, params in account.asked if operation == "PutObject"]
    assert len(put) == 9
    assert {tuple(sorted(params)) for params in put} == {("Body", "Bucket", "Key")}


def test_one_probe_alone_makes_the_runs_that_it_depends_on(account: Account, lake: ProbedLake) -> None:
    result = verify(lake, chosen(["unaudited-rows"]))
    assert statuses(result) == {"unaudited-rows": "passed"}
    assert len(account.runs) == 2
    require_clean(account)


def test_probes_that_depend_on_a_failed_run_are_skipped_with_that_reason(account: Account, lake: ProbedLake) -> None:
    account.wrong("GetJobRun", lambda _, usual: {"JobRun": usual["JobRun"] | {"JobRunState": "FAILED"}})
    result = verify(lake, ALL)
    failed = {name for name, status in statuses(result).items() if status == "failed"}
    assert failed == {"console-run", "parquet-table"}
    passed = {name for name, status in statuses(result).items() if status == "passed"}
    assert passed == {"alarm", "ordinary-role", "document"}
    assert seen_of(result, "wheels") == "it depends on the run without arguments, which failed"
    assert result.exit_code == 1
    assert [run.dataset for run in account.runs] == [DATASET, PARQUET]
    account.time.sleep(120)
    require_clean(account)


def test_an_unexpected_answer_fails_its_probe_and_not_the_others(account: Account, lake: ProbedLake) -> None:
    account.wrong("DescribeKey", lambda *_: {})
    result = verify(lake, ALL)
    assert [probe.probe for probe in result.probes if probe.status != "passed"] == ["keys-and-logs", "ordinary-role"]
    assert seen_of(result, "keys-and-logs") == "unexpected answer from AWS: KeyError 'KeyMetadata'"
    require_clean(account)


def test_a_missing_hint_is_noted_and_stops_nothing(account: Account, lake: ProbedLake) -> None:
    account.wrong("ReceiveMessage", lambda *_: {})
    result = verify(lake, chosen(["console-run"]))
    assert result.exit_code == 0
    assert "No hint of `staging/verify_probe/verify-abc-good.csv` reached" in lake.created.notes[0]


def test_hints_of_other_files_stay_in_the_queue(account: Account, lake: ProbedLake) -> None:
    account.hints.append("staging/verify_probe/of-a-person.csv")
    verify(lake, chosen(["console-run"]))
    assert account.hints == ["staging/verify_probe/of-a-person.csv"]


def interrupt_at(account: Account, operation: str, nth: int) -> None:
    """Press Ctrl-C after the nth call of an operation."""
    count = 0

    def change(_: Mapping[str, Any], usual: Any) -> Any:
        nonlocal count
        count += 1
        if count == nth:
            raise KeyboardInterrupt
        return usual

    account.wrong(operation, change)


@pytest.mark.parametrize(
    ("operation", "nth"),
    [
        ("PutObject", 1),  # the first file
        ("StartJobRun", 1),  # the first run, before its id is known
        ("GetJobRun", 4),  # while it is running
        ("GetJobRun", 70),  # while the second run is running
        ("PutObject", 3),  # the widened contract
        ("DeleteObject", 1),  # the removal of the heavy file
        ("PutObject", 5),  # the arrival
        ("ListExecutions", 1),  # the arrival waits for the tick
        ("DescribeExecution", 9),  # the pipeline is running
        ("StartCrawler", 1),  # before it is known to have begun
        ("SetAlarmState", 1),  # the alarm
        ("GetMetricData", 2),  # the alarm is on
        ("AssumeRole", 1),  # the role of analysts
        ("Decrypt", 1),  # the ordinary role
        ("PutObject", 8),  # the first document
        ("GetTable", 6),  # it waits for the crawl
    ],
)
def test_ctrl_c_at_any_time_leaves_nothing_behind(account: Account, lake: ProbedLake, operation: str, nth: int) -> None:
    interrupt_at(account, operation, nth)
    result = verify(lake, ALL)
    assert result.interrupted
    assert result.exit_code == 1
    assert [probe.probe for probe in result.probes] == list(PROBES)
    assert result.probes[-1].seen == "interrupted"
    assert result.not_removed == []
    require_clean(account)


@pytest.mark.parametrize(
    ("operation", "line"),
    [
        ("DeleteTable", "table `tbl_verify_probe`: AWS refused DeleteTable: AccessDenied"),
        ("DeleteObject", "s3://river-staging/staging/verify_probe/verify-abc-good.csv: AWS refused DeleteObject"),
        ("ListExecutions", "the pipeline of `verify_probe`: AWS refused ListExecutions: AccessDenied"),
        ("GetQueueUrl", "hints in `river-arrivals-verify_probe`: AWS refused GetQueueUrl"),
    ],
)
def test_what_cannot_be_removed_is_listed(account: Account, lake: ProbedLake, operation: str, line: str) -> None:
    probe = Probe("a-probe", "a claim", "sent", lambda lake: _then(lake, lambda: account.refuse(operation)))
    result = verify(lake, [probe])
    assert statuses(result) == {"a-probe": "passed"}
    assert [kept for kept in result.not_removed if kept.startswith(line)] != []
    assert result.exit_code == 1


def _then(lake: ProbedLake, refuse: Callable[[], None]) -> str:
    lake.console_run()
    refuse()
    return "seen"


def test_each_object_that_s3_keeps_is_listed(account: Account, lake: ProbedLake) -> None:
    kept = "data-warehouse/verify_probe/data/a.parquet"
    account.wrong("DeleteObjects", lambda *_: {"Errors": [{"Key": kept, "Code": "AccessDenied"}]})
    result = verify(lake, chosen(["console-run"]))
    assert f"s3://{WAREHOUSE}/{kept}: AccessDenied" in result.not_removed
    assert result.exit_code == 1


def test_ctrl_c_while_cleaning_up_lists_what_is_not_done(account: Account, lake: ProbedLake) -> None:
    probe = Probe(
        "a-probe", "a claim", "sent", lambda lake: _then(lake, lambda: interrupt_at(account, "DeleteTable", 1))
    )
    result = verify(lake, [probe])
    assert "table `tbl_verify_probe`: interrupted" in result.not_removed
    assert "results of the queries: interrupted" in result.not_removed


def test_leftovers_of_a_killed_run_are_removed_before_anything_is_sent(account: Account, lake: ProbedLake) -> None:
    account.put(STAGING, "staging/verify_probe/verify-old-heavy.csv", b"probe_id,wave,amount\nheavy-9,heavy,5000\n")
    account.put(WAREHOUSE, "ledger/verify_probe/old.json", b"{}")
    account._commit(account.time.at, {"main": 7})
    account.put(WAREHOUSE, f"states/{PARQUET}/old.json", b"{}")
    account.parquet = EMPTY | {"Parameters": EMPTY["Parameters"] | {"headgate.ledger": "old"}, "Location": "s3://old/"}
    account.marts.append(("good", 1, 1))
    account.raw_tables |= {PARQUET: account.time.at, DOCUMENTS: account.time.at}
    account.put(STAGING, f"incoming/{DOCUMENTS}/verify-old-1.json", b"{}")
    account.put(STAGING, f"staging/{DOCUMENTS}/verify-old-1-0123456789abcdef.parquet", b"x")
    account.put(RESULTS, f"analysts/{ROLE_ID}:headgate-verify-old/q.csv", b"x")
    assert verify(lake, ALL).exit_code == 0
    require_clean(account)


def test_nothing_is_sent_when_leftovers_cannot_be_removed(account: Account, lake: ProbedLake) -> None:
    account.refuse("DeleteTable")
    result = verify(lake, ALL)
    assert {probe.status for probe in result.probes} == {"skipped"}
    assert result.exit_code == 1
    assert account.runs == []
    assert "PutObject" not in {operation for operation, _ in account.asked}
    tables = ("tbl_verify_probe", "tbl_verify_probe_mart", "tbl_verify_probe_documents")
    raw = (PARQUET, DOCUMENTS)
    expected = [*(f"table `{table}`" for table in tables), *(f"the raw table of `{dataset}`" for dataset in raw)]
    assert [line.partition(":")[0] for line in result.not_removed] == expected


def test_the_tests_never_sleep(account: Account, lake: ProbedLake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _: pytest.fail("a real sleep"))
    assert verify(lake, chosen(["console-run"])).exit_code == 0
