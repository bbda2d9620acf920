"""Queries through Athena's API in a role's name: submit them, wait, and read the rows from the result file in S3."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import boto3

from headgate.errors import RunFailed
from rehearsal.account import REGION, EmulatedAccount

_WITHIN = 180.0
_LOOK_EVERY = 0.1
_INTEGERS, _DECIMALS = ("tinyint", "smallint", "integer", "bigint"), ("double", "float", "decimal")

Clients = Callable[[str], Any]


def clients_of(account: EmulatedAccount, role: str) -> Clients:
    """Clients with a session of a role (its ARN), as a person would assume it."""
    taken = account.client("sts").assume_role(RoleArn=role, RoleSessionName="rehearsal")["Credentials"]
    keys = {"aws_access_key_id": taken["AccessKeyId"], "aws_secret_access_key": taken["SecretAccessKey"]}
    session = boto3.Session(**keys, aws_session_token=taken["SessionToken"], region_name=REGION)
    return lambda name: session.client(name, endpoint_url=account.endpoint)


def own_results(clients: Clients, bucket: str) -> str:
    """Where an analyst's results go: a folder that only this session of the role may read."""
    return f"s3://{bucket}/analysts/{clients('sts').get_caller_identity()['UserId']}/"


@dataclass(frozen=True)
class Queries:
    """Queries in one workgroup and one database, in one role's name; results go below `results`, an address in S3."""

    clients: Clients
    workgroup: str
    database: str
    results: str

    def submit(self, sql: str) -> str:
        """Start a query; returns its ID."""
        context = {"Database": self.database, "Catalog": "AwsDataCatalog"}
        request = {"QueryString": sql, "WorkGroup": self.workgroup, "QueryExecutionContext": context}
        place = {"OutputLocation": self.results}
        return self.clients("athena").start_query_execution(**request, ResultConfiguration=place)["QueryExecutionId"]

    def rows(self, query: str) -> list[list[Any]]:
        """Wait for a query and read its rows, typed, from the CSV in S3; empty texts are read as None, like NULL.

        Raises `RunFailed` with Athena's reason when it failed.
        """
        ended = self._ended(query)
        bucket, _, key = ended["ResultConfiguration"]["OutputLocation"].removeprefix("s3://").partition("/")
        text = self.clients("s3").get_object(Bucket=bucket, Key=key)["Body"].read().decode()
        header = self.clients("athena").get_query_results(QueryExecutionId=query, MaxResults=1)["ResultSet"]
        kinds = [column["Type"] for column in header["ResultSetMetadata"]["ColumnInfo"]]
        return [typed(row, kinds) for row in list(csv.reader(io.StringIO(text, newline="")))[1:]]

    def ask(self, sql: str) -> list[list[Any]]:
        """Start, wait and read."""
        return self.rows(self.submit(sql))

    def _ended(self, query: str) -> dict[str, Any]:
        until, athena = time.monotonic() + _WITHIN, self.clients("athena")
        while time.monotonic() < until:
            execution = athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]
            state = execution["Status"]["State"]
            if state == "SUCCEEDED":
                return execution
            if state in ("FAILED", "CANCELLED"):
                why = execution["Status"].get("StateChangeReason", "")
                raise RunFailed(
                    f"the query ended {state}: {why}\n{execution['Query']}", where=f"Athena, {self.workgroup}"
                )
            time.sleep(_LOOK_EVERY)
        raise RunFailed(f"the query {query} has not ended within {_WITHIN:.0f} s", where=f"Athena, {self.workgroup}")


def typed(row: Sequence[str], kinds: Sequence[str]) -> list[Any]:
    """A row of a result as Python values, by the types that Athena gives."""
    return [_value(text, kind) for text, kind in zip(row, kinds, strict=True)]


def _value(text: str, kind: str) -> Any:
    if not text:
        return None
    return int(text) if kind in _INTEGERS else float(text) if kind in _DECIMALS else text
