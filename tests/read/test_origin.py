"""Every row knows its object and its arrival, with any name of the object."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from pyspark.errors import PySparkException
from pyspark.sql import functions as F

from headgate.lake.storage import LocalStorage
from headgate.lake.uris import hadoop_path, spark_name
from headgate.read import broken_files, frame
from headgate.read.origin import settings

ODD = ("a b", "p%20q", "h#x", "ü é", "日本", "y=1", "b[1]", "st*r", "q?x", "c{1}", "plus+x", "am&p;x", "back\\sl",
       "quo'te\"", "%", "tilde~^`|", "nb\u00a0sp", "co:lon", "é́")  # fmt: skip


@pytest.mark.parametrize("kind", ["csv", "json"])
def test_objects_with_odd_names_are_read_and_known(staging, contract, kind):
    for i, name in enumerate(ODD):
        staging.put(f"things/{name}.{kind}", f"id\n{i}\n" if kind == "csv" else f'{{"id": {i}}}')
    expected = sorted((f"things/{name}.{kind}", str(i)) for i, name in enumerate(ODD))
    assert staging.values(contract("id", format=kind), "_object", "id") == expected


def test_a_folder_with_an_odd_name_is_read(staging, contract):
    staging.put("things/x y/z%20#/a.csv", "id\n1\n")
    staging.put("things/x y/z%20#/b.csv", "id\n2\n")
    assert staging.values(contract("id"), "_object") == [("things/x y/z%20#/a.csv",), ("things/x y/z%20#/b.csv",)]


def test_names_are_quoted_as_spark_quotes_them(spark):
    path = spark._jvm.org.apache.hadoop.fs.Path
    for odd in (*ODD, *(chr(c) for c in range(0x20, 0x180) if chr(c) not in "/\\"), "\u2003", "\u2028", "😀"):
        uri = f"file:///top/x{odd}y".replace("%", "%25").replace("#", "%23").replace("?", "%3F")
        assert spark_name(uri) == path(hadoop_path(uri)).toUri().toString(), odd


def test_hive_folders_below_the_path_add_no_columns(staging, contract):
    staging.put("things/year=2024/a.csv", "id,year\n1,x\n")
    staging.put("things/year=2025/month=01/b.csv", "id,year\n2,y\n")
    staging.put("things/c.csv", "id,year\n3,z\n")
    made = contract("id", "year")
    assert sorted(staging.values(made)) == [("1", "x"), ("2", "y"), ("3", "z")]
    assert staging.frame(made).columns == [
        "id",
        "year",
        "_faults",
        "_raw",
        "_file_fault",
        "_skip",
        "_object",
        "_arrival",
    ]


@pytest.mark.parametrize("files", [1, 2])
def test_the_arrival_is_exact_to_the_microsecond(staging, contract, files):
    arrival = datetime(2025, 3, 30, 1, 30, 0, 123456, tzinfo=UTC)
    for i in range(files):
        file = staging.put(f"things/{i}.csv", "id\n1\n")
        nanoseconds = (arrival - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) * 1000
        os.utime(file, ns=(nanoseconds, nanoseconds))
    stored = list(LocalStorage(staging.root).list("things"))
    micros = staging.frame(contract("id")).select(F.unix_micros("_arrival").alias("m")).collect()
    expected = [(s.arrival - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) for s in stored]
    assert [row.m for row in micros] == expected
    assert stored[0].arrival == arrival


def test_the_session_keeps_its_own_settings(spark, staging, contract):
    before = spark.conf.get("spark.sql.sources.parallelPartitionDiscovery.threshold", None)
    for i in range(3):
        staging.put(f"things/{i}.csv", "id\n1\n")
    staging.frame(contract("id"))
    assert spark.conf.get("spark.sql.sources.parallelPartitionDiscovery.threshold", None) == before
    with pytest.raises(ZeroDivisionError), settings(spark, {"spark.sql.shuffle.partitions": "7"}):
        assert 1 / 0
    assert spark.conf.get("spark.sql.shuffle.partitions") != "7"


@pytest.mark.parametrize("kind", ["csv", "lines", "document"])
def test_a_packed_file_that_breaks_while_it_is_read_is_found(staging, contract, kind):
    record = {"csv": "{}\n", "lines": '{{"id": "{}"}}\n', "document": '{{"id": "{}"}},\n'}[kind]
    start = {"csv": "id\n", "lines": "", "document": "["}[kind]
    text = start + "".join(record.format(sha256(b"%d" % i).hexdigest()) for i in range(3000))
    suffix = "csv" if kind == "csv" else "json"
    for name in ("1", "2", "2.x"):
        staging.put(f"things/{name}.{suffix}.gz", text)
    broken = staging.root / f"things/2.{suffix}.gz"
    broken.write_bytes(broken.read_bytes()[:-20000])
    made = contract("id", format="csv" if kind == "csv" else "json")
    plan = staging.plan(made)
    with pytest.raises(Exception) as raised:
        frame(staging.spark, made, plan).agg(F.max("id")).collect()
    broken = broken_files(raised.value, made, plan.files)
    assert [(file.object.path, file.again) for file in broken] == [(f"things/2.{suffix}.gz", False)]


def test_a_file_that_vanishes_before_it_is_read_is_found(staging, contract):
    for name in ("a", "a b", "c"):
        staging.put(f"things/{name}.csv", "id\n1\n")
    made = contract("id")
    plan = staging.plan(made)
    lazy = frame(staging.spark, made, plan)
    (staging.root / "things/a b.csv").unlink()
    with pytest.raises(Exception) as raised:
        lazy.collect()
    broken = broken_files(raised.value, made, plan.files)
    assert [file.object.path for file in broken] == ["things/a b.csv"]


def test_an_error_that_is_no_file_s_fault_blames_none(staging, contract):
    staging.put("things/a.csv", "id\n1\n")
    made = contract("id")
    plan = staging.plan(made)
    assert broken_files(PySparkException("Job aborted: out of memory"), made, plan.files) == []
    assert broken_files(OSError("java.io.EOFException at x"), made, plan.files) == []
