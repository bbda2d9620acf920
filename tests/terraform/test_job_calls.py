"""Every call of AWS that a job can make, error paths included: its role allows it, and the list of calls is whole."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from iam import Request, Statement, allows
from mocked_plan import Plan

from needs import ROOT

LIBRARY = ROOT / "shared/headgate"
# Rooms of which no job runs a statement: the command line, `make verify`, deployments, the demo, SQL for Redshift.
ELSEWHERE = {"cli", "verify", "deploy", "demo", "warehouse"}
AT = "123456789012-eu-west-1"
TABLE = "arn:aws:glue:eu-west-1:123456789012:table/data_warehouse_db/tbl_{}"
OWN = f"arn:aws:s3:::test-warehouse-{AT}/ledger/{{}}/a"

# What a statement of Iceberg's does with the catalog, by its first words. Reading the table comes before each.
STATEMENTS = {
    "ALTER TABLE": "glue:UpdateTable",
    "CALL": "glue:UpdateTable",
    "CREATE NAMESPACE": "glue:GetDatabase",  # IF NOT EXISTS: Terraform has created it
    "CREATE TABLE": "glue:CreateTable",
    "DELETE FROM": "glue:UpdateTable",
    "DROP TABLE": "glue:DeleteTable",
    "MERGE INTO": "glue:UpdateTable",
}
# What a call of boto3's needs, and on which kind of resource.
CALLS = {
    "list_objects_v2": ("s3:ListBucket", "bucket"),
    "head_object": ("s3:GetObject", "own"),
    "get_object": ("s3:GetObject", "own"),
    "put_object": ("s3:PutObject", "own"),
    "upload_fileobj": ("s3:PutObject", "own"),
    "delete_objects": ("s3:DeleteObject", "own"),
    "get_secret_value": ("secretsmanager:GetSecretValue", "secret"),
    "create_table": ("glue:CreateTable", "table"),
    "get_table": ("glue:GetTable", "table"),
    "update_table": ("glue:UpdateTable", "table"),
    "batch_create_partition": ("glue:BatchCreatePartition", "table"),
    "batch_delete_partition": ("glue:BatchDeletePartition", "table"),
    "batch_update_partition": ("glue:BatchUpdatePartition", "table"),
    "get_partitions": ("glue:GetPartitions", "table"),
}
_STATEMENT = re.compile(r"f?\"(ALTER TABLE|CALL|CREATE \w+|DELETE FROM|DROP \w+|INSERT \w+|MERGE INTO|UPDATE \w+) ")
_CALL = re.compile(r"(?:_s3|glue|client\(\"\w+\"\))\.(?:get_paginator\(\"(\w+)\"\)|(\w+)\()")


def _sources() -> Iterator[Path]:
    for file in sorted(LIBRARY.rglob("*.py")):
        if file.relative_to(LIBRARY).parts[0] not in ELSEWHERE and file.name != "load_classes.py":
            yield file


def _found(pattern: re.Pattern[str]) -> set[str]:
    text = "\n".join(file.read_text(encoding="utf-8") for file in _sources())
    return {next(filter(None, match.groups())) for match in pattern.finditer(text)}


def test_every_statement_on_a_table_is_in_the_list() -> None:
    found = _found(_STATEMENT)
    assert found - {"CREATE OR"} <= set(STATEMENTS)
    assert set(STATEMENTS) - found <= {"CREATE TABLE"}, "no code has this statement any more"  # staged through Java


def test_every_call_of_boto3_is_in_the_list() -> None:
    assert _found(_CALL) - {"get_paginator", "exceptions"} == set(CALLS)


@pytest.mark.needs("terraform")
@pytest.mark.parametrize("dataset", ["orders", "revenue"])
def test_a_job_of_an_iceberg_table_may_do_what_its_statements_need(lake: Plan, dataset: str) -> None:
    for statement, action in STATEMENTS.items():
        for needed in (action, "glue:GetTable"):
            assert allows(_role(lake, dataset), Request(needed, TABLE.format(dataset))), f"{statement}: {needed}"
            assert not allows(_role(lake, dataset), Request(needed, TABLE.format("other"))), f"{statement}: {needed}"


@pytest.mark.needs("terraform")
@pytest.mark.parametrize("call", CALLS)
def test_a_job_may_make_every_call_of_the_library(lake: Plan, call: str) -> None:
    action, kind = CALLS[call]
    dataset = "customers" if kind == "secret" else "visits"  # classified columns; a Parquet table
    resource = {
        "bucket": f"arn:aws:s3:::test-warehouse-{AT}",
        "own": OWN.format(dataset),
        "table": TABLE.format(dataset),
        "secret": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:test/masking/email-a1b2c3",
    }[kind]
    assert allows(_role(lake, dataset), Request(action, resource)), call


def _role(lake: Plan, dataset: str) -> list[Statement]:
    policy = lake.values[f'module.jobs.aws_iam_role_policy.job["{dataset}"]']["policy"]
    return json.loads(policy)["Statement"]
