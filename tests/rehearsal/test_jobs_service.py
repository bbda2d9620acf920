"""StartJobRun runs the job's own script: what it is given, how it ends, and who waits."""

from __future__ import annotations

import io
import json
import zipfile

import pytest
from botocore.exceptions import ClientError
from rehearsal_bench import ALLOWED, GROUPS, Account, patiently

from rehearsal.emulator import ACCOUNT

pytestmark = pytest.mark.needs("ministack")

TELL = """\
import json, os, sys, boto3
who = boto3.client("sts").get_caller_identity()["Arn"]
said = {"argv": sys.argv[1:], "glue": os.environ["GLUE_VERSION"], "who": who}
for name in ("headgate", "great_expectations", "pyspark", "pandas"):
    try:
        said[name] = __import__(name).__file__
    except ImportError:
        said[name] = None
print("told")
boto3.client("s3").put_object(Bucket="out", Key="said.json", Body=json.dumps(said).encode())
"""
RAISE = "class GateClosed(Exception): pass\nraise GateClosed('2 of 3 rows were refused\\nLook at the quarantine.')\n"
SLEEP = "import time\ntime.sleep(600)\n"
READ_ELSEWHERE = "import boto3\nboto3.client('s3').get_object(Bucket='out', Key='x')\n"


@pytest.fixture(scope="module")
def told(account: Account) -> dict[str, object]:
    """What a script saw of itself."""
    account.job("tell", TELL, {"--TempDir": "s3://out/tmp/", "--dataset": "orders"})
    ended = account.ended("tell", account.start("tell", dataset="tracks", run_id="7"))
    assert ended["JobRunState"] == "SUCCEEDED", ended["ErrorMessage"]
    said = json.loads(account.s3.get_object(Bucket="out", Key="said.json")["Body"].read())
    return {**said, "run": ended}


def test_a_script_gets_its_defaults_with_the_runs_arguments_over_them_and_glues_own(told: dict[str, list[str]]) -> None:
    words = dict(zip(told["argv"][::2], told["argv"][1::2], strict=True))
    assert words.pop("--JOB_RUN_ID") == told["run"]["Id"]  # pyright: ignore
    assert words.pop("--JOB_ID").startswith("j_")
    assert words == {
        "--JOB_NAME": "tell",
        "--TempDir": "s3://out/tmp/",
        "--dataset": "tracks",
        "--run_id": "7",
        "--custom-logGroup-prefix": GROUPS,
    }


def test_a_script_finds_glues_own_modules_and_nothing_of_this_checkout(told: dict[str, str | None]) -> None:
    assert told["glue"] == "5.1"
    assert told["pyspark"] and told["pandas"]
    assert (told["headgate"], told["great_expectations"]) == (None, None)


def test_a_script_acts_as_the_jobs_role_and_its_calls_are_written_down_as_the_roles(
    account: Account, told: dict[str, str]
) -> None:
    assert ":assumed-role/job/" in told["who"]
    put = [one for one in account.calls() if one["action"] == "s3:PutObject" and one["role"] == "job"]
    assert [(one["resource"], one["status"]) for one in put] == [("arn:aws:s3:::out/said.json", 200)]


def test_what_a_script_prints_is_in_the_log_groups_that_the_job_names(account: Account, told: dict[str, dict]) -> None:
    found = account.logs.get_log_events(logGroupName=f"{GROUPS}/output", logStreamName=told["run"]["Id"])
    assert [one["message"] for one in found["events"]] == ["told"]


def test_a_script_that_raises_fails_with_what_it_raised(account: Account) -> None:
    account.job("raise", RAISE)
    ended = account.ended("raise", account.start("raise"))
    assert ended["JobRunState"] == "FAILED"
    assert ended["ErrorMessage"] == "GateClosed: 2 of 3 rows were refused\nLook at the quarantine."


def test_what_the_roles_policy_does_not_allow_is_refused(account: Account) -> None:
    account.job("elsewhere", READ_ELSEWHERE)
    ended = account.ended("elsewhere", account.start("elsewhere"))
    assert ended["JobRunState"] == "FAILED"
    assert "AccessDenied" in ended["ErrorMessage"]


def test_a_job_whose_role_does_not_trust_glue_does_not_start(account: Account) -> None:
    account.job("mistrusted", TELL, Role="arn:aws:iam::123456789012:role/machine")
    ended = account.ended("mistrusted", account.start("mistrusted"))
    assert (ended["JobRunState"], "assume role permissions for Glue" in ended["ErrorMessage"]) == ("FAILED", True)


def test_a_script_that_is_not_there_fails_the_run_and_names_it(account: Account) -> None:
    account.job("gone", TELL)
    account.s3.delete_object(Bucket="code", Key="gone.py")
    ended = account.ended("gone", account.start("gone"))
    assert ended["JobRunState"] == "FAILED"
    assert "s3://code/gone.py cannot be fetched" in ended["ErrorMessage"]


def _wheel(word: str) -> bytes:
    """A wheel of one module that holds a word."""
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


def test_a_module_is_the_one_that_lies_there_now_and_only_for_who_may_read_it(account: Account) -> None:
    key = "greeting-1.0-py3-none-any.whl"
    wanted = {"--additional-python-modules": f"s3://code/{key}"}
    account.s3.put_object(Bucket="code", Key=key, Body=_wheel("good morning"))
    account.job("greet", "import greeting\nraise RuntimeError(greeting.word)\n", wanted)
    assert "good morning" in account.ended("greet", account.start("greet"))["ErrorMessage"]
    account.s3.put_object(Bucket="code", Key=key, Body=_wheel("good evening"))
    assert "good evening" in account.ended("greet", account.start("greet"))["ErrorMessage"]

    only_scripts = {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": ["arn:aws:s3:::code/*.py"]}
    account.role("stranger", "glue.amazonaws.com", [only_scripts, *ALLOWED[1:]])
    account.job("strange", "pass", wanted, Role=f"arn:aws:iam::{ACCOUNT}:role/stranger")
    ended = account.ended("strange", account.start("strange"))
    assert ended["JobRunState"] == "FAILED"
    assert f"s3://code/{key} cannot be fetched" in ended["ErrorMessage"]


@pytest.mark.parametrize(
    ("name", "argument", "said"),
    [("formats", "--datalake-formats", "iceberg,hudi"), ("language", "--job-language", "scala")],
)
def test_what_the_rehearsal_cannot_run_as_glue_does_fails_the_run(
    account: Account, name: str, argument: str, said: str
) -> None:
    account.job(name, TELL, {argument: said})
    ended = account.ended(name, account.start(name))
    assert ended["JobRunState"] == "FAILED"
    assert f"`{argument} {said.rpartition(',')[2]}` is not known" in ended["ErrorMessage"]


def test_a_second_run_is_refused_where_the_job_does_not_queue_and_a_stopped_run_is_over(account: Account) -> None:
    account.job("alone", SLEEP)
    first = account.start("alone")
    with pytest.raises(ClientError, match="ConcurrentRunsExceededException"):
        account.start("alone")
    patiently(lambda: account.run("alone", first)["JobRunState"] == "RUNNING")
    account.glue.batch_stop_job_run(JobName="alone", JobRunIds=[first])
    assert account.ended("alone", first)["JobRunState"] == "STOPPED"


def test_a_second_run_waits_where_the_job_queues_and_starts_when_the_first_is_over(account: Account) -> None:
    account.job("queue", "import sys, time\nif 'slow' in sys.argv:\n    time.sleep(600)\n", JobRunQueuingEnabled=True)
    first, second = account.start("queue", how="slow"), account.start("queue", how="fast")
    assert account.run("queue", second)["JobRunState"] == "WAITING"
    account.glue.batch_stop_job_run(JobName="queue", JobRunIds=[first])
    assert account.ended("queue", second)["JobRunState"] == "SUCCEEDED"


def test_the_emulator_keeps_what_it_used_to_forget_of_a_job(account: Account) -> None:
    account.job("kept", TELL, ExecutionClass="FLEX", ExecutionProperty={"MaxConcurrentRuns": 3}, Tags={"a": "b"})
    kept = account.glue.get_job(JobName="kept")["Job"]
    assert (kept["ExecutionClass"], kept["ExecutionProperty"]) == ("FLEX", {"MaxConcurrentRuns": 3})
    assert account.glue.get_tags(ResourceArn="arn:aws:glue:eu-west-1:123456789012:job/kept")["Tags"] == {"a": "b"}


def test_what_nobody_really_serves_is_refused(account: Account) -> None:
    with pytest.raises(ClientError, match="NotServedByRehearsal"):
        account.glue.start_trigger(Name="any")
