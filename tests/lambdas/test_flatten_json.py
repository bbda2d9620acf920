"""The Lambda's messages: which are done, which fail, what the log and the dead letters say; no AWS, no network."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from needs import ROOT

sys.path.append(str(ROOT / "tests/flatten"))
from buckets import KEY, PLAN, FakeS3

from headgate.flatten.names import parquet_path
from headgate.flatten.plan import written

HANDLER = ROOT / "lambdas/flatten_json/handler.py"
CONTEXT = SimpleNamespace(function_name="flatten", memory_limit_in_mb=1024, aws_request_id="r1",
                          invoked_function_arn="arn:aws:lambda:eu-west-1:123456789012:function:flatten")  # fmt: skip


class FakeSqs:
    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.broken = False

    def send_message(self, **message: Any) -> None:
        if self.broken:
            raise ConnectionError("no network")
        self.sent.append(message)


class Lambda:
    """The function with its environment."""

    def __init__(self, module: ModuleType) -> None:
        self.s3, self.sqs, self._module = FakeS3(), FakeSqs(), module
        module._client = {"s3": self.s3, "sqs": self.sqs}.__getitem__  # type: ignore[attr-defined]

    def handle(self, *messages: tuple[str, int]) -> list[str]:
        """The messages that failed, by their place; each is a body and how often it was received."""
        records = [
            {
                "messageId": str(at), "receiptHandle": "h", "body": body, "messageAttributes": {}, "md5OfBody": "",
                "attributes": {"ApproximateReceiveCount": str(times), "SentTimestamp": "0", "SenderId": "s",
                               "ApproximateFirstReceiveTimestamp": "0"},
                "eventSource": "aws:sqs", "eventSourceARN": "arn:aws:sqs:eu-west-1:1:q", "awsRegion": "eu-west-1",
            }
            for at, (body, times) in enumerate(messages)
        ]  # fmt: skip
        for handler in self._module.logger.handlers:  # the library keeps them, with an earlier output
            handler.stream = sys.stdout
        answer = self._module.handle({"Records": records}, CONTEXT)
        return [failed["itemIdentifier"] for failed in answer["batchItemFailures"]]


@pytest.fixture
def function(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Lambda:
    plans = tmp_path / "flatten.json"
    plans.write_text(written({"plays": PLAN}))
    for name, value in (("STAGING_BUCKET", "staging"), ("HEADGATE_FLATTEN", str(plans)), ("MAX_DOCUMENT_MB", "1")):
        monkeypatch.setenv(name, value)
    for name in ("DEAD_LETTERS_URL", "MAX_RECEIVES", "POWERTOOLS_TRACE_ENABLED"):
        monkeypatch.delenv(name, raising=False)
    spec = importlib.util.spec_from_file_location("flatten_json_handler", HANDLER)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return Lambda(module)


def created(key: str, bucket: str = "staging") -> str:
    """EventBridge's event of a new object."""
    return json.dumps({"detail-type": "Object Created", "source": "aws.s3", "detail": {
        "bucket": {"name": bucket}, "object": {"key": key, "size": 9, "etag": "e", "version-id": "v"}}})  # fmt: skip


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_document_becomes_a_file_and_the_log_counts_it(function: Lambda, capsys: pytest.CaptureFixture[str]) -> None:
    function.s3.write(KEY, b'{"id": 1}\n{"id": 2}\n{"id": [3]}\n')
    assert function.handle((created(KEY), 1)) == []
    assert function.s3.puts == [f"staging/{parquet_path(PLAN, KEY)}"]
    log, metrics = lines(capsys)
    assert {name: log[name] for name in ("level", "message", "dataset", "document", "rows", "refused_rows")} == {
        "level": "INFO", "message": "written", "dataset": "plays", "document": KEY, "rows": 3, "refused_rows": 1
    }  # fmt: skip
    counted = {name: metrics[name] for name in ("Documents", "Refused", "Rows", "RefusedRows", "Bytes")}
    assert counted == {"Documents": [1.0], "Refused": [0.0], "Rows": [3.0], "RefusedRows": [1.0], "Bytes": [32.0]}
    assert (metrics["Dataset"], metrics["_aws"]["CloudWatchMetrics"][0]["Namespace"]) == ("plays", "Headgate")


SECRET = "4929-1234-5678"


@pytest.mark.parametrize(
    ("body", "content", "reason"),
    [
        (created(KEY), f'[{{"id": "{SECRET}"}}, {{"id"'.encode(), "the document is cut short or not valid JSON"),
        (created(KEY), SECRET.encode(), "the document does not look like JSON"),
        (created(KEY), b" " * 2_000_000, "the document has 2 MB, and the limit is 1 MB"),
        (created("incoming/songs/a.json"), b"{}", "no contract of `songs` says `arrive: events`"),
        (created("incoming/a.json"), b"{}", "the key names no dataset"),
        (created("plays/a.parquet"), b"{}", "the key names no dataset"),
        (created(KEY, "other"), b"{}", "the event is of another bucket"),
        (f'{{"hello": "{SECRET}"}}', b"{}", "the message is not an event of S3 through EventBridge"),
        (SECRET, b"{}", "the message is not an event of S3 through EventBridge"),
    ],
)
def test_a_message_that_cannot_be_carried_out_fails_and_the_log_says_why_without_values(
    function: Lambda, capsys: pytest.CaptureFixture[str], body: str, content: bytes, reason: str
) -> None:
    function.s3.write(KEY, content)
    assert function.handle((body, 1)) == ["0"]
    said = capsys.readouterr().out
    error = next(line for line in map(json.loads, said.splitlines()) if line.get("level") == "ERROR")
    assert error["reason"].startswith(reason)
    assert SECRET not in said
    assert function.s3.puts == []


def test_a_message_that_fails_leaves_the_others_done(function: Lambda) -> None:
    function.s3.write("incoming/plays/good.json", b'{"id": 1}')
    function.s3.write("incoming/plays/bad.json", b"[")
    keys = ["good", "bad", "good"]
    assert function.handle(*((created(f"incoming/plays/{key}.json"), 1) for key in keys)) == ["1"]


@pytest.mark.parametrize("code", ["AccessDenied", "KMS.DisabledException", "SlowDown"])
def test_a_refusal_of_aws_fails_the_message_with_its_code(
    function: Lambda, capsys: pytest.CaptureFixture[str], code: str
) -> None:
    function.s3.write(KEY, b'{"id": 1}')
    function.s3.refused[KEY] = code
    assert function.handle((created(KEY), 1)) == ["0"]
    assert f"AWS answered {code} to GetObject" in capsys.readouterr().out


def test_an_error_of_ours_names_its_place_and_no_value(
    function: Lambda, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: Any) -> None:
        raise ValueError(SECRET)

    function.s3.write(KEY, b'{"id": 1}')
    monkeypatch.setattr(function.s3, "put_object", fails)
    assert function.handle((created(KEY), 1)) == ["0"]
    said = capsys.readouterr().out
    assert "TypeError at staging.py:" in said
    assert SECRET not in said


def test_tracing_is_asked_for_by_a_variable(function: Lambda, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each document is a segment; the recorder of X-Ray answers here, as no daemon of it runs."""
    from aws_xray_sdk.core import xray_recorder

    segments: list[str] = []
    monkeypatch.setenv("POWERTOOLS_TRACE_ENABLED", "true")
    monkeypatch.setenv("LAMBDA_TASK_ROOT", "/var/task")
    monkeypatch.setattr(xray_recorder, "in_subsegment", lambda name: (segments.append(name), nullcontext())[1])
    function.s3.write(KEY, b'{"id": 1}')
    assert function.handle((created(KEY), 1)) == []
    assert segments == ["flatten"]


@pytest.mark.parametrize("key", ["incoming/plays/", "incoming/plays/_SUCCESS", "incoming/plays/.part/a.json"])
def test_folders_and_hidden_names_are_no_documents(function: Lambda, key: str) -> None:
    function.s3.write(key, b"")
    assert (function.handle((created(key), 1)), function.s3.puts) == ([], [])


def test_a_document_that_was_deleted_meanwhile_is_done(function: Lambda) -> None:
    assert function.handle((created(KEY), 1)) == []


def test_the_last_failure_goes_to_the_dead_letters_with_its_reason(
    function: Lambda, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEAD_LETTERS_URL", "https://queue")
    function.s3.write(KEY, b"[")
    assert [function.handle((created(KEY), times)) for times in (1, 2, 3)] == [["0"], ["0"], []]
    (letter,) = function.sqs.sent
    assert (letter["QueueUrl"], letter["MessageBody"]) == ("https://queue", created(KEY))
    facts = {name: value["StringValue"] for name, value in letter["MessageAttributes"].items()}
    assert facts.pop("reason").startswith("the document is cut short")
    assert facts == {"dataset": "plays", "document": KEY}


def test_a_message_that_cannot_be_sent_there_stays_with_sqs(
    function: Lambda, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DEAD_LETTERS_URL", "https://queue")
    function.sqs.broken = True
    function.s3.write(KEY, b"[")
    assert function.handle((created(KEY), 3)) == ["0"]
    assert "not sent to the dead letters" in capsys.readouterr().out


def test_the_function_starts_without_what_its_zip_does_not_hold() -> None:
    program = (
        "import sys\nsys.path.insert(0, sys.argv[1])\nimport handler\n"
        "heavy = {'boto3', 'numpy', 'pandas', 'pyarrow', 'pydantic', 'pyspark', 'sqlglot', 'yaml'}\n"
        "print(sorted(heavy & {name.partition('.')[0] for name in sys.modules}))"
    )
    ended = subprocess.run([sys.executable, "-c", program, HANDLER.parent], check=True, capture_output=True, text=True)
    assert ended.stdout == "[]\n"


def test_the_pins_of_the_zip_are_those_of_the_tests() -> None:
    def pins(file: str) -> set[str]:
        return {line.split()[0] for line in (ROOT / file).read_text().splitlines() if "==" in line}

    own = pins("lambdas/flatten_json/requirements.txt")
    assert len(own) >= 4
    assert own <= pins("requirements-dev.txt")
