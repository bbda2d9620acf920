"""Query Athena as an analyst does, and record when each query was asked and answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from headgate.verify.clients import AwsClients
from headgate.verify.clock import Clock
from headgate.verify.probe import require
from headgate.verify.probe_job import ProbeJob

ENDED = ("SUCCEEDED", "FAILED", "CANCELLED")


@dataclass(frozen=True)
class Answer:
    """The columns with their types, the rows as texts, and the times of question and answer by Athena's clock."""

    columns: Sequence[tuple[str, str]]
    rows: Sequence[tuple[str | None, ...]]
    asked: datetime
    answered: datetime


def start_query(aws: AwsClients, job: ProbeJob, sql: str) -> str:
    """Start a query and return its id."""
    return aws.athena.start_query_execution(
        QueryString=sql,
        WorkGroup=job.names.workgroup,
        QueryExecutionContext={"Database": job.database},
    )["QueryExecutionId"]


def wait_for_answer(aws: AwsClients, clock: Clock, query: str) -> Answer:
    """Return the answer of a query after it has ended. Raises `ProbeFailed` when the query fails."""
    execution = clock.wait_for("the answer of Athena", lambda: _ended(aws, query), every=1, timeout=120)
    status = execution["Status"]
    why = status.get("StateChangeReason", "")
    require(status["State"] == "SUCCEEDED", f"Athena did not run `{execution['Query']}`: {status['State']} {why}")
    results = aws.athena.get_query_results(QueryExecutionId=query, MaxResults=10)["ResultSet"]
    columns = [(column["Name"], column["Type"]) for column in results["ResultSetMetadata"]["ColumnInfo"]]
    rows = [tuple(cell.get("VarCharValue") for cell in row["Data"]) for row in results["Rows"][1:]]  # first row: names
    return Answer(columns, rows, status["SubmissionDateTime"], status["CompletionDateTime"])


def stop_query(aws: AwsClients, query: str) -> str:
    """Stop a query unless it has ended, and return the address of its result."""
    if _ended(aws, query) is None:
        aws.athena.stop_query_execution(QueryExecutionId=query)
    return output_location(aws, query)


def output_location(aws: AwsClients, query: str) -> str:
    """Return the address of a query's result."""
    return _execution(aws, query)["ResultConfiguration"]["OutputLocation"]


def _ended(aws: AwsClients, query: str) -> Mapping[str, Any] | None:
    execution = _execution(aws, query)
    return execution if execution["Status"]["State"] in ENDED else None


def _execution(aws: AwsClients, query: str) -> Mapping[str, Any]:
    return aws.athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]
