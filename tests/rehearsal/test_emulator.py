"""The emulator with our adapters: who is written down, who is refused, and that nothing is left when it ends."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from botocore.exceptions import ClientError
from rehearsal_bench import Account, patiently

import needs
from headgate.errors import RunFailed
from rehearsal.emulator import Service, serving
from rehearsal.walk.commands import Command

pytestmark = pytest.mark.needs("ministack")

SLEEPER = """\
import signal, sys
from pathlib import Path
signal.signal(signal.SIGINT, signal.default_int_handler)  # what a shell starts in the background ignores it
sys.path[:0] = [{root!r}, {bench!r}]
from rehearsal.emulator import serving
from rehearsal_bench import Account, patiently
with serving(Path(sys.argv[1])) as service:
    account = Account(service)
    account.job("long", "import os, time; print(os.getpid(), flush=True); time.sleep(600)")
    run = account.start("long")
    patiently(lambda: account.run("long", run)["JobRunState"] == "RUNNING")
    print(service.endpoint, flush=True)
    import time; time.sleep(600)
"""


def _listens(endpoint: str) -> bool:
    with socket.socket() as asked:
        return asked.connect_ex(("127.0.0.1", int(endpoint.rpartition(":")[2]))) == 0


def _jobs_of(folder: Path) -> list[int]:
    """The processes whose home is a run's folder: a job's Python, and whatever it has started."""
    found = list[int]()
    for one in Path("/proc").glob("[0-9]*"):
        try:
            if f"HOME={folder}/jobs/".encode() in (one / "environ").read_bytes():
                found.append(int(one.name))
        except OSError:
            continue
    return found


def test_when_the_block_ends_nothing_listens(tmp_path: Path) -> None:
    with serving(tmp_path) as service:
        assert _listens(service.endpoint)
    assert not _listens(service.endpoint)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_however_the_command_ends_neither_emulator_nor_job_outlives_it(tmp_path: Path, how: signal.Signals) -> None:
    script = SLEEPER.format(root=str(needs.ROOT), bench=str(Path(__file__).parent))
    command = [sys.executable, "-c", script, str(tmp_path / "aws")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as started:
        assert started.stdout is not None
        endpoint = started.stdout.readline().strip()
        patiently(lambda: _jobs_of(tmp_path / "aws"))
        os.kill(started.pid, how)
        try:
            started.wait(30)
        finally:
            started.kill()
    patiently(lambda: not _listens(endpoint), 20)
    patiently(lambda: not _jobs_of(tmp_path / "aws"), 20)


def test_a_command_that_is_ended_takes_along_what_it_has_started(tmp_path: Path) -> None:
    marked = {**os.environ, "HOME": f"{tmp_path}/jobs/"}
    command = Command("sh", ["sh", "-c", "sleep 600 & wait"], tmp_path, marked, tmp_path / "log")
    patiently(lambda: len(_jobs_of(tmp_path)) == 2, 20)
    command.kill()
    patiently(lambda: not _jobs_of(tmp_path), 20)


def test_a_command_that_ends_badly_is_told_with_its_last_words(tmp_path: Path) -> None:
    command = Command("sh", ["sh", "-c", "echo no such thing; exit 3"], tmp_path, os.environ, tmp_path / "log")
    with pytest.raises(RunFailed, match=r"`sh` ended with 3:\nno such thing"):
        command.wait()


def test_an_emulator_that_is_kept_is_there_until_it_is_ended(tmp_path: Path) -> None:
    from rehearsal.walk.kept_rehearsal import Kept, kept, take_down

    with serving(tmp_path / "aws", keep=True) as service:
        Kept(service.endpoint, [service.pid], str(tmp_path)).write(tmp_path / "kept.json")
    try:
        time.sleep(0.5)
        assert _listens(service.endpoint)
        assert kept(tmp_path / "kept.json") is not None
    finally:
        assert take_down(tmp_path / "kept.json")
    assert not _listens(service.endpoint)


def test_a_role_may_only_what_its_policy_allows_and_both_answers_are_written_down(account: Account) -> None:
    account.role("reader", "ec2.amazonaws.com", [
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::code/own/*"},
    ])  # fmt: skip
    trust = (
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}]}'
    )
    account.iam.update_assume_role_policy(RoleName="reader", PolicyDocument=trust)
    account.s3.put_object(Bucket="code", Key="own/a", Body=b"-")
    as_reader = _as_role(account.service, "reader")
    assert as_reader.get_object(Bucket="code", Key="own/a")["Body"].read() == b"-"
    with pytest.raises(ClientError, match="AccessDenied"):
        as_reader.get_object(Bucket="code", Key="other/a")
    patiently(lambda: len(_of(account, "reader")) == 2)  # a call is written down after it was answered
    assert _of(account, "reader") == [
        ("s3:GetObject", "arn:aws:s3:::code/own/a", 200),
        ("s3:GetObject", "arn:aws:s3:::code/other/a", 403),
    ]


def _of(account: Account, role: str) -> list[tuple[str, str, int]]:
    return [(one["action"], one["resource"], one["status"]) for one in account.calls() if one["role"] == role]


def _as_role(service: Service, role: str):
    import boto3
    from botocore.config import Config

    arn = f"arn:aws:iam::123456789012:role/{role}"
    given = service.client("sts").assume_role(RoleArn=arn, RoleSessionName="test")["Credentials"]
    return boto3.client(
        "s3", endpoint_url=service.endpoint, region_name="eu-west-1", aws_access_key_id=given["AccessKeyId"],
        aws_secret_access_key=given["SecretAccessKey"], aws_session_token=given["SessionToken"],
        config=Config(s3={"addressing_style": "path"}),
    )  # fmt: skip
