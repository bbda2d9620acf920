"""The Lambda function of the event path: messages that name new JSON documents come in, Parquet files go out.

A message is EventBridge's event "Object Created" of the staging bucket, as SQS delivers it. A message that fails is
answered as failed: SQS delivers it again, and after the last time it lies among the dead letters.

Environment:
  STAGING_BUCKET       the bucket of the documents and of their Parquet files
  HEADGATE_FLATTEN     the file of the plans; by default `flatten.json` beside this module
  MAX_DOCUMENT_MB      the largest document, packed and unpacked; by default 512
  DEAD_LETTERS_URL     the queue of dead letters. Set: a message that fails for the last time is sent there from here,
                       with `reason`, `dataset` and `document` as attributes. Not set: SQS moves it, without a reason.
  MAX_RECEIVES         how often SQS delivers a message before it moves it; by default 3
  POWERTOOLS_*         what the library of this name reads: log level, service name, namespace of the metrics
  POWERTOOLS_TRACE_ENABLED   `true`: each document is a segment in X-Ray, if the function's tracing is active
"""

from __future__ import annotations

import functools
import json
import os
import traceback
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response

from headgate.errors import HeadgateError
from headgate.flatten.content import MEGABYTE
from headgate.flatten.flatten import Flattened
from headgate.flatten.plan import FILE_NAME, Plan, read_plans
from headgate.flatten.renew import Renewed, renew
from headgate.flatten.staging import S3Staging
from headgate.lake.listing import is_hidden
from headgate.lake.paths import dataset_of_document
from headgate.read.refused import CannotBelong

_SERVICE = "flatten_json"
_RAW_FILES = "staging/"  # in the bucket, beside incoming/: jobs get `--source s3://<bucket>/staging`
_LONGEST = 1024  # characters of an attribute of a dead letter

logger = Logger(service=os.environ.get("POWERTOOLS_SERVICE_NAME", _SERVICE))
processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)


class Refused(Exception):
    """A message that cannot be carried out; the text is the reason, without any value of a document."""


def handle(event: dict[str, Any], context: Any) -> Any:
    """Lambda's entry point: flatten the document of each message; the answer names the messages that failed."""
    return process_partial_response(event=event, record_handler=_message, processor=processor, context=context)


def _message(record: Any) -> None:
    """Carry out one message. Raises for one that SQS must deliver again."""
    key, dataset = "", ""
    try:
        key = _key_of(record.body)
        dataset = dataset_of_document(key) or ""
        if key.endswith("/") or is_hidden(key):
            logger.info("not a document", extra={"document": key})
            return
        with _segment(key):
            _log(dataset, key, renew(_plan(dataset), _staging(), key, _most()))
    except Exception as error:
        reason = _reason(error)
        _count(dataset, Flattened(), refused=1)
        times = int(record.attributes.approximate_receive_count or 1)
        logger.error("refused", extra={"document": key, "dataset": dataset, "reason": reason, "received": times})
        if not _sent_to_dead_letters(record, times, {"reason": reason, "dataset": dataset, "document": key}):
            raise Refused(reason) from None


def _key_of(body: str) -> str:
    """The key of the document that an event names; EventBridge's keys are as S3 has them, not percent-encoded."""
    try:
        detail = json.loads(body)["detail"]
        bucket, key = detail["bucket"]["name"], detail["object"]["key"]
    except (ValueError, KeyError, TypeError):
        raise Refused("the message is not an event of S3 through EventBridge") from None
    if bucket != os.environ["STAGING_BUCKET"]:
        raise Refused("the event is of another bucket than STAGING_BUCKET")
    return key


def _plan(dataset: str) -> Plan:
    if not dataset:
        raise Refused("the key names no dataset: documents lie below `incoming/<dataset>/`")
    plan = _plans().get(dataset)
    if plan is None:
        raise Refused(f"no contract of `{dataset}` says `arrive: events`; release again after adding it")
    return plan


@functools.cache
def _plans() -> dict[str, Plan]:
    file = os.environ.get("HEADGATE_FLATTEN") or Path(__file__).with_name(FILE_NAME)
    return read_plans(Path(file).read_text(encoding="utf-8"))


@functools.cache
def _client(service: str) -> Any:
    import boto3

    return boto3.client(service)


def _staging() -> S3Staging:
    return S3Staging(os.environ["STAGING_BUCKET"], _client("s3"), _RAW_FILES)


def _most() -> int:
    return int(os.environ.get("MAX_DOCUMENT_MB", "512")) * MEGABYTE


def _log(dataset: str, key: str, renewed: Renewed) -> None:
    work = renewed.work
    facts = {"rows": work.rows, "refused_rows": work.refused, "bytes": work.bytes, "seconds": round(work.seconds, 3)}
    logger.info(renewed.state, extra={"document": key, "dataset": dataset, "parquet": renewed.path, **facts})
    _count(dataset, work, documents=int(renewed.state == "written"))


def _count(dataset: str, work: Flattened, documents: int = 0, refused: int = 0) -> None:
    """One line of CloudWatch's embedded metric format."""
    metrics = EphemeralMetrics(namespace=os.environ.get("POWERTOOLS_METRICS_NAMESPACE", "Headgate"), service=_SERVICE)
    metrics.add_dimension("Dataset", dataset or "unknown")
    for name, unit, value in (
        ("Documents", MetricUnit.Count, documents), ("Refused", MetricUnit.Count, refused),
        ("Rows", MetricUnit.Count, work.rows), ("RefusedRows", MetricUnit.Count, work.refused),
        ("Bytes", MetricUnit.Bytes, work.bytes), ("Seconds", MetricUnit.Seconds, work.seconds),
    ):  # fmt: skip
        metrics.add_metric(name, unit, value)
    metrics.flush_metrics()


def _reason(error: Exception) -> str:
    """Why a message failed, in words for a person, without a value of the document."""
    if isinstance(error, Refused):
        return str(error)
    if isinstance(error, CannotBelong):
        return f"the document {error.reason}"
    if isinstance(error, HeadgateError):
        return error.what
    response = getattr(error, "response", None)
    if isinstance(response, dict):  # of boto3
        return f"AWS answered {response.get('Error', {}).get('Code')} to {getattr(error, 'operation_name', 'a call')}"
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} at {Path(frame.filename).name}:{frame.lineno}"


def _sent_to_dead_letters(record: Any, times: int, facts: dict[str, str]) -> bool:
    """Send a message that failed for the last time to the dead letters, with the reason; True where it is there.

    It is answered as done only after SQS has taken the copy. If the function ends in between, SQS moves the message as
    well: there are two letters of one document then, and never none.
    """
    queue = os.environ.get("DEAD_LETTERS_URL")
    if not queue or times < int(os.environ.get("MAX_RECEIVES", "3")):
        return False
    attributes = {name: {"DataType": "String", "StringValue": _printable(text)} for name, text in facts.items() if text}
    try:
        _client("sqs").send_message(QueueUrl=queue, MessageBody=record.body, MessageAttributes=attributes)
    except Exception as error:
        logger.error("not sent to the dead letters", extra={"reason": _reason(error)})
        return False
    return True


def _printable(text: str) -> str:
    """A text as SQS takes it in an attribute."""
    return "".join(c if c.isprintable() else "\ufffd" for c in text)[:_LONGEST]


def _segment(key: str) -> AbstractContextManager[Any]:
    if os.environ.get("POWERTOOLS_TRACE_ENABLED", "").lower() != "true":
        return nullcontext()
    from aws_lambda_powertools import Tracer

    tracer = Tracer(service=_SERVICE, auto_patch=False)
    return tracer.provider.in_subsegment(name="flatten")
