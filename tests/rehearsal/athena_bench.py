"""Athena for tests: the emulator with our adapters, Trino behind it, two workgroups, a lake and a database."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
from rehearsal_bench import make_role, recorded_calls

import needs
from rehearsal.account import ACCOUNT, REGION
from rehearsal.aws.athena.trino_server import Aws, trino
from rehearsal.emulator import Emulator, running_emulator
from rehearsal.processes import free_port

GLUE = f"arn:aws:glue:{REGION}:{ACCOUNT}"
FINAL = ("SUCCEEDED", "FAILED", "CANCELLED")


class AthenaBench:
    """Two workgroups, a bucket and a database, and short ways to query them."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        self.athena, self.s3, self.glue = (emulator.client(name) for name in ("athena", "s3", "glue"))
        for bucket in ("lake", "results"):
            self.s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
        self.glue.create_database(DatabaseInput={"Name": "db", "LocationUri": "s3://lake/db"})
        self.workgroup("open", EnforceWorkGroupConfiguration=False)
        self.workgroup("enforced", EnforceWorkGroupConfiguration=True)

    def workgroup(self, name: str, **settings: Any) -> None:
        place = {"OutputLocation": f"s3://results/{name}/"}
        self.athena.create_work_group(Name=name, Configuration={"ResultConfiguration": place, **settings})

    def start(self, sql: str, workgroup: str = "open", **more: Any) -> str:
        context = {"Database": "db", "Catalog": "AwsDataCatalog"}
        return self.athena.start_query_execution(
            QueryString=sql, WorkGroup=workgroup, QueryExecutionContext=context, **more
        )["QueryExecutionId"]

    def ended(self, query: str, seconds: float = 120) -> dict[str, Any]:
        until = time.monotonic() + seconds
        while True:
            execution = self.athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]
            if execution["Status"]["State"] in FINAL:
                return execution
            assert time.monotonic() < until, f"still {execution['Status']['State']}: {execution['Query']}"
            time.sleep(0.05)

    def run(self, sql: str, workgroup: str = "open", **more: Any) -> dict[str, Any]:
        return self.ended(self.start(sql, workgroup, **more))

    def done(self, sql: str, workgroup: str = "open") -> dict[str, Any]:
        execution = self.run(sql, workgroup)
        assert execution["Status"]["State"] == "SUCCEEDED", execution["Status"]
        return execution

    def reason(self, sql: str, workgroup: str = "open") -> tuple[str, str]:
        status = self.run(sql, workgroup)["Status"]
        return status["State"], status.get("StateChangeReason", "")

    def rows(self, sql: str) -> list[list[str | None]]:
        """All rows of a query, its header first."""
        return self.page(QueryExecutionId=self.done(sql)["QueryExecutionId"])

    def page(self, **request: Any) -> list[list[str | None]]:
        return texts(self.athena.get_query_results(**request))

    def file(self, location: str) -> str:
        bucket, _, key = location.removeprefix("s3://").partition("/")
        return self.s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode()

    def put(self, key: str, content: str | bytes) -> None:
        self.s3.put_object(Bucket="lake", Key=key, Body=content if isinstance(content, bytes) else content.encode())

    def keys(self, prefix: str) -> list[str]:
        return [entry["Key"] for entry in self.s3.list_objects_v2(Bucket="lake", Prefix=prefix).get("Contents", [])]

    def role(self, name: str, statements: list[Any], service: str = "states.amazonaws.com") -> str:
        principal = {"Service": service, "AWS": f"arn:aws:iam::{ACCOUNT}:root"}
        return make_role(self.emulator.client("iam"), name, principal, statements)

    def athena_as(self, role: str) -> Any:
        taken = self.emulator.client("sts").assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
        return boto3.client(
            "athena", endpoint_url=self.emulator.endpoint, region_name=REGION, aws_access_key_id=taken["AccessKeyId"],
            aws_secret_access_key=taken["SecretAccessKey"], aws_session_token=taken["SessionToken"],
        )  # fmt: skip

    def called(self, role: str) -> set[str]:
        """The recorded actions of a role."""
        return {call["action"] for call in recorded_calls(self.emulator) if call["role"] == role}


def texts(answer: Mapping[str, Any]) -> list[list[str | None]]:
    return [[datum.get("VarCharValue") for datum in row["Data"]] for row in answer["ResultSet"]["Rows"]]


@contextmanager
def running_athena(folder: Path, *adapters: str) -> Iterator[AthenaBench]:
    """Athena and Trino for a block."""
    needs.insist("ministack")
    needs.insist("trino")
    (folder / "trino").mkdir()
    port = free_port()
    named = {"trino": f"http://127.0.0.1:{port}", "python": sys.executable}
    with (
        running_emulator(folder / "aws", ("rehearsal.aws.athena.service", *adapters), more=named) as emulator,
        trino(Aws(emulator.endpoint, ACCOUNT, REGION), folder / "trino", port) as engine,
    ):
        bench = AthenaBench(emulator)
        engine.wait()
        yield bench
