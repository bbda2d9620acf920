"""Spark in a job's process: its S3 connector on an encrypted bucket, and an Iceberg table in the emulated catalog."""

from __future__ import annotations

import io

import pyarrow.parquet as pq
import pytest
from rehearsal_bench import AccountBench

from rehearsal.account import ACCOUNT

pytestmark = pytest.mark.needs("ministack")

SCRIPT = """\
from pyspark.sql import SparkSession
at = "spark.sql.catalog.lake"
spark = (
    SparkSession.builder.config(at, "org.apache.iceberg.spark.SparkCatalog")
    .config(f"{at}.catalog-impl", "org.apache.iceberg.aws.glue.GlueCatalog")
    .config(f"{at}.io-impl", "org.apache.iceberg.aws.s3.S3FileIO")
    .config(f"{at}.warehouse", "s3://out/tables")
    .getOrCreate()
)
rows = spark.read.csv("s3://code/raw.csv", header=True)
rows.write.partitionBy("kind").parquet("s3://out/copied")
spark.read.parquet("s3://out/copied").writeTo("lake.db.t").create()
spark.sql("INSERT INTO lake.db.t VALUES ('3', 'c')")
assert spark.table("lake.db.t").count() == 3
"""
PERMISSIONS = [
    {"Effect": "Allow", "Action": ["s3:*"], "Resource": ["arn:aws:s3:::code*", "arn:aws:s3:::out*"]},
    {"Effect": "Allow", "Action": ["logs:*", "glue:*", "kms:*"], "Resource": ["*"]},
]


def test_spark_reads_a_bucket_writes_into_an_encrypted_one_and_makes_an_iceberg_table(account: AccountBench) -> None:
    key = account.emulator.client("kms").create_key()["KeyMetadata"]["Arn"]
    default = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}}
    account.s3.put_bucket_encryption(Bucket="out", ServerSideEncryptionConfiguration={"Rules": [default]})
    account.s3.put_object(Bucket="code", Key="raw.csv", Body=b"id,kind\n1,a\n2,b\n")
    account.glue.create_database(DatabaseInput={"Name": "db"})
    account.role("spark", "glue.amazonaws.com", PERMISSIONS)
    account.job("spark", SCRIPT, {"--datalake-formats": "iceberg"}, Role=f"arn:aws:iam::{ACCOUNT}:role/spark")

    ended = account.ended("spark", account.start("spark"))
    assert ended["JobRunState"] == "SUCCEEDED", ended["ErrorMessage"]

    keys = [entry["Key"] for entry in account.s3.list_objects_v2(Bucket="out", Prefix="copied/kind=a/")["Contents"]]
    copied = next(key for key in keys if key.endswith(".parquet"))
    body = account.s3.get_object(Bucket="out", Key=copied)["Body"].read()
    assert pq.read_table(io.BytesIO(body)).to_pylist() == [{"id": "1"}]
    assert account.s3.head_object(Bucket="out", Key=copied)["SSEKMSKeyId"] == key  # the test's SDK sees it
    table = account.glue.get_table(DatabaseName="db", Name="t")["Table"]
    assert table["Parameters"]["metadata_location"].startswith("s3://out/tables/")
    assert {call["role"] for call in account.calls() if call["action"] == "glue:CreateTable"} == {"spark"}


def test_a_job_that_does_not_ask_for_iceberg_has_none(account: AccountBench) -> None:
    account.s3.put_object(Bucket="code", Key="raw.csv", Body=b"id,kind\n1,a\n2,b\n")
    account.role("without", "glue.amazonaws.com", PERMISSIONS)
    account.job(
        "without", SCRIPT.replace("s3://out/copied", "s3://out/again"), Role=f"arn:aws:iam::{ACCOUNT}:role/without"
    )
    ended = account.ended("without", account.start("without"))
    assert (ended["JobRunState"], "iceberg" in ended["ErrorMessage"].lower()) == ("FAILED", True)
