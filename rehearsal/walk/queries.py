"""Questions through the API of Athena, as somebody: submitted, waited for, and read from the file of the result."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import boto3

from headgate.errors import RunFailed
from rehearsal.emulator import REGION, Service

_WITHIN = 180.0
_LOOK_EVERY = 0.1
_WHOLE, _PARTS = ("tinyint", "smallint", "integer", "bigint"), ("double", "float", "decimal")

Clients = Callable[[str], Any]


def acting(service: Service, role: str) -> Clients:
    """Clients with a session of a role (its ARN), as a person takes it."""
    got = service.client("sts").assume_role(RoleArn=role, RoleSessionName="rehearsal")["Credentials"]
    keys = {"aws_access_key_id": got["AccessKeyId"], "aws_secret_access_key": got["SecretAccessKey"]}
    session = boto3.Session(**keys, aws_session_token=got["SessionToken"], region_name=REGION)
    return lambda name: session.client(name, endpoint_url=service.endpoint)


@dataclass(frozen=True)
class Queries:
    """One workgroup and one database, in somebody's name."""

    clients: Clients
    workgroup: str
    database: str

    def submit(self, sql: str) -> str:
        """Start a query; returns its name."""
        context = {"Database": self.database, "Catalog": "AwsDataCatalog"}
        asked = {"QueryString": sql, "WorkGroup": self.workgroup, "QueryExecutionContext": context}
        return self.clients("athena").start_query_execution(**asked)["QueryExecutionId"]

    def rows(self, query: str) -> list[list[Any]]:
        """Wait for a query and read its rows, typed, from the CSV in S3; nothing is an empty text or NULL alike.

        Raises `RunFailed` with Athena's words when it did not succeed.
        """
        said = self._ended(query)
        bucket, _, key = said["ResultConfiguration"]["OutputLocation"].removeprefix("s3://").partition("/")
        text = self.clients("s3").get_object(Bucket=bucket, Key=key)["Body"].read().decode()
        header = self.clients("athena").get_query_results(QueryExecutionId=query, MaxResults=1)["ResultSet"]
        kinds = [one["Type"] for one in header["ResultSetMetadata"]["ColumnInfo"]]
        return [typed(row, kinds) for row in list(csv.reader(io.StringIO(text, newline="")))[1:]]

    def ask(self, sql: str) -> list[list[Any]]:
        """Start, wait and read."""
        return self.rows(self.submit(sql))

    def _ended(self, query: str) -> dict[str, Any]:
        until, athena = time.monotonic() + _WITHIN, self.clients("athena")
        while time.monotonic() < until:
            said = athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]
            state = said["Status"]["State"]
            if state == "SUCCEEDED":
                return said
            if state in ("FAILED", "CANCELLED"):
                why = said["Status"].get("StateChangeReason", "")
                raise RunFailed(f"the query ended {state}: {why}\n{said['Query']}", where=f"Athena, {self.workgroup}")
            time.sleep(_LOOK_EVERY)
        raise RunFailed(f"the query {query} has not ended in {_WITHIN:.0f} s", where=f"Athena, {self.workgroup}")


def typed(row: Sequence[str], kinds: Sequence[str]) -> list[Any]:
    """A row of a result as Python's values, by the types that Athena says."""
    return [_value(text, kind) for text, kind in zip(row, kinds, strict=True)]


def _value(text: str, kind: str) -> Any:
    if not text:
        return None
    return int(text) if kind in _WHOLE else float(text) if kind in _PARTS else text
