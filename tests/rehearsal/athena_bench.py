"""Athena for tests: the emulator with our adapters, Trino behind it, two workgroups, a lake and a database."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3

import needs
from rehearsal.aws.athena.trino_server import Aws, trino
from rehearsal.emulator import ACCOUNT, REGION, Service, free_port, serving

GLUE = f"arn:aws:glue:{REGION}:{ACCOUNT}"
FINAL = ("SUCCEEDED", "FAILED", "CANCELLED")


class Lake:
    """What the tests ask of it."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.athena, self.s3, self.glue = (service.client(name) for name in ("athena", "s3", "glue"))
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
            said = self.athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]
            if said["Status"]["State"] in FINAL:
                return said
            assert time.monotonic() < until, f"still {said['Status']['State']}: {said['Query']}"
            time.sleep(0.05)

    def run(self, sql: str, workgroup: str = "open", **more: Any) -> dict[str, Any]:
        return self.ended(self.start(sql, workgroup, **more))

    def done(self, sql: str, workgroup: str = "open") -> dict[str, Any]:
        said = self.run(sql, workgroup)
        assert said["Status"]["State"] == "SUCCEEDED", said["Status"]
        return said

    def reason(self, sql: str, workgroup: str = "open") -> tuple[str, str]:
        status = self.run(sql, workgroup)["Status"]
        return status["State"], status.get("StateChangeReason", "")

    def rows(self, sql: str) -> list[list[str | None]]:
        """All rows of a query, its header first."""
        return self.page(QueryExecutionId=self.done(sql)["QueryExecutionId"])

    def page(self, **asked: Any) -> list[list[str | None]]:
        return texts(self.athena.get_query_results(**asked))

    def file(self, location: str) -> str:
        bucket, _, key = location.removeprefix("s3://").partition("/")
        return self.s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode()

    def put(self, key: str, content: str | bytes) -> None:
        self.s3.put_object(Bucket="lake", Key=key, Body=content if isinstance(content, bytes) else content.encode())

    def keys(self, prefix: str) -> list[str]:
        return [one["Key"] for one in self.s3.list_objects_v2(Bucket="lake", Prefix=prefix).get("Contents", [])]

    def role(self, name: str, statements: list[Any], service: str = "states.amazonaws.com") -> str:
        iam = self.service.client("iam")
        trusted = {"Service": service, "AWS": f"arn:aws:iam::{ACCOUNT}:root"}
        trust = [{"Effect": "Allow", "Principal": trusted, "Action": "sts:AssumeRole"}]
        made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=policy(trust))
        iam.put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=policy(statements))
        return made["Role"]["Arn"]

    def athena_as(self, role: str) -> Any:
        got = self.service.client("sts").assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
        return boto3.client(
            "athena", endpoint_url=self.service.endpoint, region_name=REGION, aws_access_key_id=got["AccessKeyId"],
            aws_secret_access_key=got["SecretAccessKey"], aws_session_token=got["SessionToken"],
        )  # fmt: skip

    def called(self, role: str) -> set[str]:
        """The actions that a role was seen to ask for."""
        lines = map(json.loads, self.service.calls.read_text().splitlines())
        return {line["action"] for line in lines if line["role"] == role}


def allow(actions: list[str], resources: list[str]) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": actions, "Resource": resources}


def policy(statements: list[Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def texts(answer: Mapping[str, Any]) -> list[list[str | None]]:
    return [[datum.get("VarCharValue") for datum in row["Data"]] for row in answer["ResultSet"]["Rows"]]


@contextmanager
def lake(folder: Path, *adapters: str) -> Iterator[Lake]:
    """Athena and Trino for a block."""
    needs.insist("ministack")
    needs.insist("trino")
    (folder / "trino").mkdir()
    port = free_port()
    named = {"trino": f"http://127.0.0.1:{port}", "python": sys.executable}
    with (
        serving(folder / "aws", ("rehearsal.aws.athena.service", *adapters), more=named) as service,
        trino(Aws(service.endpoint, ACCOUNT, REGION), folder / "trino", port) as engine,
    ):
        made = Lake(service)
        engine.wait()
        yield made
