"""Asking Athena, as an analyst does, and when exactly it was asked and answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from headgate.verify.clock import Clock
from headgate.verify.lake_names import Aws, Target
from headgate.verify.probe import insist

ENDED = ("SUCCEEDED", "FAILED", "CANCELLED")


@dataclass(frozen=True)
class Answer:
    """Columns with their types, rows as texts, and the moments by Athena's own clock."""

    columns: Sequence[tuple[str, str]]
    rows: Sequence[tuple[str | None, ...]]
    asked: datetime
    answered: datetime


def begin(aws: Aws, target: Target, sql: str) -> str:
    """Ask; the query's id."""
    return aws.athena.start_query_execution(
        QueryString=sql,
        WorkGroup=target.site.workgroup,
        QueryExecutionContext={"Database": target.database},
    )["QueryExecutionId"]


def answer(aws: Aws, clock: Clock, query: str) -> Answer:
    """The answer when it has come. Raises `NotShown` when Athena cannot carry the query out."""
    done = clock.until("the answer of Athena", lambda: _ended(aws, query), every=1, at_most=120)
    status = done["Status"]
    why = status.get("StateChangeReason", "")
    insist(status["State"] == "SUCCEEDED", f"Athena did not carry out `{done['Query']}`: {status['State']} {why}")
    said = aws.athena.get_query_results(QueryExecutionId=query, MaxResults=10)["ResultSet"]
    columns = [(one["Name"], one["Type"]) for one in said["ResultSetMetadata"]["ColumnInfo"]]
    rows = [tuple(cell.get("VarCharValue") for cell in row["Data"]) for row in said["Rows"][1:]]  # the first: names
    return Answer(columns, rows, status["SubmissionDateTime"], status["CompletionDateTime"])


def stop(aws: Aws, query: str) -> str:
    """Stop a query that has not ended; where its result lies."""
    if _ended(aws, query) is None:
        aws.athena.stop_query_execution(QueryExecutionId=query)
    said = aws.athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]
    return said["ResultConfiguration"]["OutputLocation"]


def _ended(aws: Aws, query: str) -> Mapping[str, Any] | None:
    said = aws.athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]
    return said if said["Status"]["State"] in ENDED else None
