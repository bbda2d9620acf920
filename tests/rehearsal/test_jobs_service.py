"""StartJobRun runs the job's own script: its arguments and environment, how it ends, and which runs wait."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest
from botocore.exceptions import ClientError
from rehearsal_bench import GROUPS, WRITE, AccountBench, allow, await_true

from rehearsal.account import ACCOUNT

pytestmark = pytest.mark.needs("ministack")

REPORT = """\
import json, os, sys, boto3
who = boto3.client("sts").get_caller_identity()["Arn"]
report = {"argv": sys.argv[1:], "glue": os.environ["GLUE_VERSION"], "who": who}
for name in ("headgate", "great_expectations", "pyspark", "pandas"):
    try:
        report[name] = __import__(name).__file__
    except ImportError:
        report[name] = None
print("reported")
boto3.client("s3").put_object(Bucket="out", Key="report.json", Body=json.dumps(report).encode())
"""
RAISE = "class GateClosed(Exception): pass\nraise GateClosed('2 of 3 rows were refused\\nLook at the quarantine.')\n"
SLEEP = "import time\ntime.sleep(600)\n"
READ_ELSEWHERE = "import boto3\nboto3.client('s3').get_object(Bucket='out', Key='x')\n"


@pytest.fixture(scope="module")
def reported(account: AccountBench) -> dict[str, Any]:
    """A script's report about its arguments, modules and role, with its run."""
    account.job("report", REPORT, {"--TempDir": "s3://out/tmp/", "--dataset": "orders"})
    ended = account.ended("report", account.start("report", dataset="tracks", run_id="7"))
    assert ended["JobRunState"] == "SUCCEEDED", ended["ErrorMessage"]
    report = json.loads(account.s3.get_object(Bucket="out", Key="report.json")["Body"].read())
    return {**report, "run": ended}


def test_a_script_gets_its_defaults_with_the_runs_arguments_over_them_and_glues_own(reported: dict[str, Any]) -> None:
    words = dict(zip(reported["argv"][::2], reported["argv"][1::2], strict=True))
    assert words.pop("--JOB_RUN_ID") == reported["run"]["Id"]
    assert words.pop("--JOB_ID").startswith("j_")
    assert words == {
        "--JOB_NAME": "report",
        "--TempDir": "s3://out/tmp/",
        "--dataset": "tracks",
        "--run_id": "7",
        "--custom-logGroup-prefix": GROUPS,
    }


def test_a_script_finds_glues_own_modules_and_nothing_of_this_checkout(reported: dict[str, Any]) -> None:
    assert reported["glue"] == "5.1"
    assert reported["pyspark"] and reported["pandas"]
    assert (reported["headgate"], reported["great_expectations"]) == (None, None)


def test_a_script_acts_as_the_jobs_role_and_its_calls_are_recorded_as_the_roles(
    account: AccountBench, reported: dict[str, Any]
) -> None:
    assert ":assumed-role/job/" in reported["who"]
    put = [call for call in account.calls() if call["action"] == "s3:PutObject" and call["role"] == "job"]
    assert [(call["resource"], call["status"]) for call in put] == [("arn:aws:s3:::out/report.json", 200)]


def test_what_a_script_prints_is_in_the_log_groups_that_the_job_names(
    account: AccountBench, reported: dict[str, Any]
) -> None:
    stream = account.logs.get_log_events(logGroupName=f"{GROUPS}/output", logStreamName=reported["run"]["Id"])
    assert [event["message"] for event in stream["events"]] == ["reported"]


def test_a_script_that_raises_fails_with_what_it_raised(account: AccountBench) -> None:
    account.job("raise", RAISE)
    ended = account.ended("raise", account.start("raise"))
    assert ended["JobRunState"] == "FAILED"
    assert ended["ErrorMessage"] == "GateClosed: 2 of 3 rows were refused\nLook at the quarantine."


def test_what_the_roles_policy_does_not_allow_is_refused(account: AccountBench) -> None:
    account.job("elsewhere", READ_ELSEWHERE)
    ended = account.ended("elsewhere", account.start("elsewhere"))
    assert ended["JobRunState"] == "FAILED"
    assert "AccessDenied" in ended["ErrorMessage"]


def test_a_job_whose_role_does_not_trust_glue_does_not_start(account: AccountBench) -> None:
    account.job("mistrusted", REPORT, Role="arn:aws:iam::123456789012:role/machine")
    ended = account.ended("mistrusted", account.start("mistrusted"))
    assert (ended["JobRunState"], "assume role permissions for Glue" in ended["ErrorMessage"]) == ("FAILED", True)


def test_a_missing_script_fails_the_run_and_is_named(account: AccountBench) -> None:
    account.job("gone", REPORT)
    account.s3.delete_object(Bucket="code", Key="gone.py")
    ended = account.ended("gone", account.start("gone"))
    assert ended["JobRunState"] == "FAILED"
    assert "s3://code/gone.py cannot be fetched" in ended["ErrorMessage"]


def _wheel(word: str) -> bytes:
    """A wheel of one module with a word in it."""
    files = {
        "greeting.py": f"word = {word!r}\n",
        "greeting-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: greeting\nVersion: 1.0\n",
        "greeting-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        "greeting-1.0.dist-info/RECORD": "",
    }
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as wheel:
        for name, text in files.items():
            wheel.writestr(name, text)
    return made.getvalue()


def test_a_module_is_the_one_in_the_bucket_now_and_only_for_roles_that_may_read_it(account: AccountBench) -> None:
    key = "greeting-1.0-py3-none-any.whl"
    wanted = {"--additional-python-modules": f"s3://code/{key}"}
    account.s3.put_object(Bucket="code", Key=key, Body=_wheel("good morning"))
    account.job("greet", "import greeting\nraise RuntimeError(greeting.word)\n", wanted)
    assert "good morning" in account.ended("greet", account.start("greet"))["ErrorMessage"]
    account.s3.put_object(Bucket="code", Key=key, Body=_wheel("good evening"))
    assert "good evening" in account.ended("greet", account.start("greet"))["ErrorMessage"]

    only_scripts = allow(["s3:GetObject"], ["arn:aws:s3:::code/*.py"])
    account.role("stranger", "glue.amazonaws.com", [only_scripts, *WRITE])
    account.job("strange", "pass", wanted, Role=f"arn:aws:iam::{ACCOUNT}:role/stranger")
    ended = account.ended("strange", account.start("strange"))
    assert ended["JobRunState"] == "FAILED"
    assert f"s3://code/{key} cannot be fetched" in ended["ErrorMessage"]


@pytest.mark.parametrize(
    ("name", "argument", "value"),
    [("formats", "--datalake-formats", "iceberg,hudi"), ("language", "--job-language", "scala")],
)
def test_what_the_rehearsal_cannot_run_as_glue_does_fails_the_run(
    account: AccountBench, name: str, argument: str, value: str
) -> None:
    account.job(name, REPORT, {argument: value})
    ended = account.ended(name, account.start(name))
    assert ended["JobRunState"] == "FAILED"
    assert f"does not serve `{argument} {value.rpartition(',')[2]}`" in ended["ErrorMessage"]


def test_a_second_run_is_refused_where_the_job_does_not_queue_and_a_stopped_run_is_over(account: AccountBench) -> None:
    account.job("alone", SLEEP)
    first = account.start("alone")
    with pytest.raises(ClientError, match="ConcurrentRunsExceededException"):
        account.start("alone")
    await_true(lambda: account.run("alone", first)["JobRunState"] == "RUNNING")
    account.glue.batch_stop_job_run(JobName="alone", JobRunIds=[first])
    assert account.ended("alone", first)["JobRunState"] == "STOPPED"


def test_a_second_run_waits_where_the_job_queues_and_starts_when_the_first_is_over(account: AccountBench) -> None:
    account.job("queue", "import sys, time\nif 'slow' in sys.argv:\n    time.sleep(600)\n", JobRunQueuingEnabled=True)
    first, second = account.start("queue", how="slow"), account.start("queue", how="fast")
    assert account.run("queue", second)["JobRunState"] == "WAITING"
    account.glue.batch_stop_job_run(JobName="queue", JobRunIds=[first])
    assert account.ended("queue", second)["JobRunState"] == "SUCCEEDED"


def test_the_emulator_keeps_the_settings_of_a_job_that_it_used_to_drop(account: AccountBench) -> None:
    account.job("kept", REPORT, ExecutionClass="FLEX", ExecutionProperty={"MaxConcurrentRuns": 3}, Tags={"a": "b"})
    kept = account.glue.get_job(JobName="kept")["Job"]
    assert (kept["ExecutionClass"], kept["ExecutionProperty"]) == ("FLEX", {"MaxConcurrentRuns": 3})
    assert account.glue.get_tags(ResourceArn="arn:aws:glue:eu-west-1:123456789012:job/kept")["Tags"] == {"a": "b"}


def test_a_call_that_neither_emulator_nor_adapter_serves_is_refused(account: AccountBench) -> None:
    with pytest.raises(ClientError, match="NotServedByRehearsal"):
        account.glue.start_trigger(Name="any")
