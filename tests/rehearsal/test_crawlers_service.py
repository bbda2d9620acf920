"""Glue's crawlers through boto3: what a crawl writes into the catalog, under which role, and how it ends."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from rehearsal_bench import allow, make_role, recorded_calls

from rehearsal.account import ACCOUNT, REGION
from rehearsal.emulator import Emulator, running_emulator

pytestmark = pytest.mark.needs("ministack")

EVERYTHING = [allow(["s3:*", "glue:*", "logs:*"], ["*"])]
KEEP = {"UpdateBehavior": "UPDATE_IN_DATABASE", "DeleteBehavior": "LOG"}
COMBINE = json.dumps(
    {"Version": 1.0, "Grouping": {"TableGroupingPolicy": "CombineCompatibleSchemas"}, "CreatePartitionIndex": False}
)
INHERIT = json.dumps({"Version": 1.0, "CrawlerOutput": {"Partitions": {"AddOrUpdateBehavior": "InheritFromTable"}}})


class Crawlers:
    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        self.glue, self.s3, self.iam = (emulator.client(name) for name in ("glue", "s3", "iam"))
        self.s3.create_bucket(Bucket="lake", CreateBucketConfiguration={"LocationConstraint": REGION})
        self.role("crawls", EVERYTHING)

    def role(self, name: str, statements: list[Any], trusted: str = "glue.amazonaws.com") -> None:
        make_role(self.iam, name, {"Service": trusted}, statements)

    def put(self, key: str, text: str) -> None:
        self.s3.put_object(Bucket="lake", Key=key, Body=text.encode())

    def make(self, name: str, targets: dict[str, Any], role: str = "crawls", **more: Any) -> None:
        """A crawler with a database of its own name."""
        self.glue.create_database(DatabaseInput={"Name": name})
        self.glue.create_crawler(
            Name=name,
            Role=f"arn:aws:iam::{ACCOUNT}:role/{role}",
            DatabaseName=name,
            Targets=targets,
            **{"SchemaChangePolicy": KEEP, **more},
        )

    def crawl(self, name: str) -> dict[str, Any]:
        self.glue.start_crawler(Name=name)
        return self.ended(name)

    def ended(self, name: str) -> dict[str, Any]:
        until = time.monotonic() + 60
        while (crawler := self.glue.get_crawler(Name=name)["Crawler"])["State"] != "READY":
            assert time.monotonic() < until, crawler["State"]
            time.sleep(0.05)
        return crawler["LastCrawl"]

    def done(self, name: str) -> None:
        last = self.crawl(name)
        assert last["Status"] == "SUCCEEDED", last

    def tables(self, database: str) -> dict[str, dict[str, Any]]:
        return {table["Name"]: table for table in self.glue.get_tables(DatabaseName=database)["TableList"]}

    def partitions(self, database: str, table: str) -> dict[tuple[str, ...], dict[str, Any]]:
        parts = self.glue.get_partitions(DatabaseName=database, TableName=table)["Partitions"]
        return {tuple(part["Values"]): part["StorageDescriptor"] for part in parts}


@pytest.fixture(scope="module")
def crawlers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crawlers]:
    named = {"python": sys.executable}
    with running_emulator(
        tmp_path_factory.mktemp("crawler"), ("rehearsal.aws.crawlers.service",), more=named
    ) as emulator:
        yield Crawlers(emulator)


def columns(storage: dict[str, Any]) -> dict[str, str]:
    return {column["Name"]: column["Type"] for column in storage["Columns"]}


def paths(*names: str, **more: Any) -> dict[str, Any]:
    return {"S3Targets": [{"Path": f"s3://lake/{name}/", **more} for name in names]}


def test_several_stores_in_one_run_become_tables_with_the_crawlers_prefix(crawlers: Crawlers) -> None:
    crawlers.put("several/tracks/a.csv", "track_id,plays\na,1\nb,2\n")
    crawlers.put("several/seen/year=2026/month=01/a.json", '{"id": 1, "who": {"n": "x"}}\n{"id": 2.5}\n')
    crawlers.put("several/seen/year=2026/month=02/a.json", '{"id": 3}\n')
    stores = paths("several/tracks", "several/seen", "several/empty")
    crawlers.make("several", stores, TablePrefix="raw_", Configuration=COMBINE)
    crawlers.done("several")
    tables = crawlers.tables("several")
    assert list(tables) == ["raw_tracks", "raw_seen"]
    tracks, seen = tables["raw_tracks"], tables["raw_seen"]
    assert columns(tracks["StorageDescriptor"]) == {"track_id": "string", "plays": "bigint"}
    assert tracks["StorageDescriptor"]["SerdeInfo"] == {
        "SerializationLibrary": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
        "Parameters": {"field.delim": ","},
    }
    wanted = {"classification": "csv", "delimiter": ",", "skip.header.line.count": "1", "UPDATED_BY_CRAWLER": "several"}
    assert wanted.items() <= tracks["Parameters"].items()
    assert tracks["StorageDescriptor"]["Location"] == "s3://lake/several/tracks/"
    assert columns(seen["StorageDescriptor"]) == {"id": "double", "who": "struct<n:string>"}
    assert [(key["Name"], key["Type"]) for key in seen["PartitionKeys"]] == [("year", "string"), ("month", "string")]
    parts = crawlers.partitions("several", "raw_seen")
    assert list(parts) == [("2026", "01"), ("2026", "02")]
    assert parts["2026", "02"]["Location"] == "s3://lake/several/seen/year=2026/month=02/"
    assert columns(parts["2026", "02"]) == {"id": "int"}


def test_a_second_crawl_changes_only_what_changed(crawlers: Crawlers) -> None:
    crawlers.put("again/t/day=1/a.csv", "1,a\n2,b\n")
    crawlers.make("again", paths("again/t"), Configuration=COMBINE)
    crawlers.done("again")
    first = crawlers.tables("again")["t"]["VersionId"]
    crawlers.done("again")
    assert crawlers.tables("again")["t"]["VersionId"] == first
    crawlers.put("again/t/day=2/a.csv", "3,a,new\n4,b,new\n")
    crawlers.done("again")
    assert columns(crawlers.tables("again")["t"]["StorageDescriptor"]) == {
        "col0": "bigint",
        "col1": "string",
        "col2": "string",
    }
    assert list(crawlers.partitions("again", "t")) == [("1",), ("2",)]
    counted = crawlers.glue.get_crawler_metrics(CrawlerNameList=["again"])["CrawlerMetricsList"][0]
    assert (counted["TablesCreated"], counted["TablesUpdated"]) == (0, 1)


def test_what_is_gone_from_s3_stays_in_the_catalog(crawlers: Crawlers) -> None:
    for day in (1, 2):
        crawlers.put(f"gone/t/day={day}/a.csv", "1,a\n2,b\n")
    crawlers.make("gone", paths("gone/t"))
    crawlers.done("gone")
    crawlers.s3.delete_object(Bucket="lake", Key="gone/t/day=1/a.csv")
    crawlers.done("gone")
    assert list(crawlers.partitions("gone", "t")) == [("1",), ("2",)]


def test_excluded_and_empty_objects_are_not_read(crawlers: Crawlers) -> None:
    crawlers.put("out/t/a.csv", "1,a\n2,b\n")
    crawlers.put("out/t/_draft.json", '{"x": 1}')
    crawlers.put("out/t/deep/.hidden", '{"x": 1}')
    crawlers.put("out/t/nothing", "")
    crawlers.make("out", paths("out/t", Exclusions=["_*", "**/.*"]))
    crawlers.done("out")
    assert {name: columns(table["StorageDescriptor"]) for name, table in crawlers.tables("out").items()} == {
        "t": {"col0": "bigint", "col1": "string"}
    }


def test_compatible_files_of_other_columns_are_combined_only_where_the_crawler_is_set_to(crawlers: Crawlers) -> None:
    crawlers.put("kinds/t/x/a.csv", "a,b\n1,u\n")
    crawlers.put("kinds/t/y/a.csv", "c,d\n1,u\n")
    crawlers.make("apart", paths("kinds/t"))
    crawlers.make("together", paths("kinds/t"), Configuration=COMBINE)
    crawlers.done("apart")
    crawlers.done("together")
    assert list(crawlers.tables("apart")) == ["x", "y"]
    table = crawlers.tables("together")["t"]
    assert list(columns(table["StorageDescriptor"])) == ["a", "b", "c", "d"]
    assert [key["Name"] for key in table["PartitionKeys"]] == ["partition_0"]


def test_a_table_that_is_a_target_gets_new_partitions_and_keeps_its_name_and_keys(crawlers: Crawlers) -> None:
    crawlers.make("tables", {"CatalogTargets": [{"DatabaseName": "tables", "Tables": ["t"]}]}, Configuration=INHERIT)
    storage = {
        "Columns": [{"Name": "n", "Type": "int", "Comment": "how many"}],
        "Location": "s3://lake/tables/run=2/",
        "InputFormat": "org.apache.hadoop.mapred.TextInputFormat",
        "SerdeInfo": {"SerializationLibrary": "org.openx.data.jsonserde.JsonSerDe"},
    }
    keys = [{"Name": "day", "Type": "date"}]
    crawlers.glue.create_table(
        DatabaseName="tables",
        TableInput={"Name": "t", "Description": "kept", "StorageDescriptor": storage, "PartitionKeys": keys},
    )
    crawlers.put("tables/run=1/day=2026-01-01/a.json", '{"n": 1}')
    crawlers.put("tables/run=2/day=2026-01-02/a.json", '{"n": 1, "more": true, "day": "x"}')
    crawlers.done("tables")
    table = crawlers.tables("tables")["t"]
    assert (table["Description"], table["PartitionKeys"]) == ("kept", keys)
    assert table["StorageDescriptor"]["Columns"] == [
        {"Name": "n", "Type": "int", "Comment": "how many"},
        {"Name": "more", "Type": "boolean"},
    ]
    parts = crawlers.partitions("tables", "t")
    assert list(parts) == [("2026-01-02",)]
    assert columns(parts["2026-01-02",]) == {"n": "int", "more": "boolean"}
    assert parts["2026-01-02",]["Location"] == "s3://lake/tables/run=2/day=2026-01-02/"


def test_a_name_that_another_folder_has_gets_a_suffix(crawlers: Crawlers) -> None:
    for place in ("one", "two"):
        crawlers.put(f"names/{place}/t/a.csv", "1,a\n2,b\n")
    crawlers.make("names", paths("names/one/t", "names/two/t"))
    crawlers.done("names")
    first, second = crawlers.tables("names")
    assert (first, second.startswith("t_"), len(second)) == ("t", True, 34)


def test_a_crawler_runs_once_at_a_time_and_can_be_stopped(crawlers: Crawlers) -> None:
    crawlers.put("stop/t/a.csv", "1,a\n2,b\n")
    crawlers.make("stop", paths("stop/t"))
    crawlers.glue.start_crawler(Name="stop")
    for call in (crawlers.glue.start_crawler, crawlers.glue.delete_crawler):
        with pytest.raises(crawlers.glue.exceptions.CrawlerRunningException):
            call(Name="stop")
    crawlers.glue.stop_crawler(Name="stop")
    assert crawlers.ended("stop")["Status"] == "CANCELLED"
    with pytest.raises(crawlers.glue.exceptions.CrawlerNotRunningException):
        crawlers.glue.stop_crawler(Name="stop")
    crawlers.done("stop")


def test_a_crawl_has_the_rights_of_its_role_and_writes_its_log(crawlers: Crawlers) -> None:
    crawlers.put("rights/t/a.csv", "1,a\n2,b\n")
    crawlers.role("narrow", [allow(["s3:ListBucket", "glue:*", "logs:*"], ["*"])])
    crawlers.make("rights", paths("rights/t"), role="narrow")
    last = crawlers.crawl("rights")
    assert last["Status"] == "FAILED"
    assert "GetObject" in last["ErrorMessage"]
    assert crawlers.tables("rights") == {}
    events = crawlers.emulator.client("logs").get_log_events(
        logGroupName=last["LogGroup"], logStreamName=last["LogStream"]
    )["events"]
    assert events[0]["message"].startswith(f"[{last['MessagePrefix']}] BENCHMARK : Running Start Crawl")
    assert any("ERROR" in event["message"] for event in events)
    assert "narrow" in {call["role"] for call in recorded_calls(crawlers.emulator)}


def test_a_role_that_does_not_trust_glue_is_not_used(crawlers: Crawlers) -> None:
    crawlers.role("foreign", EVERYTHING, trusted="states.amazonaws.com")
    crawlers.make("foreign", paths("rights/t"), role="foreign")
    assert crawlers.crawl("foreign")["ErrorMessage"].startswith("Service is unable to assume provided role")


def test_what_the_rehearsals_crawler_does_not_do_fails_by_name(crawlers: Crawlers) -> None:
    deletes = {"UpdateBehavior": "UPDATE_IN_DATABASE", "DeleteBehavior": "DELETE_FROM_DATABASE"}
    crawlers.make("deletes", paths("rights/t"), SchemaChangePolicy=deletes)
    assert "SchemaChangePolicy.DeleteBehavior = DELETE_FROM_DATABASE" in crawlers.crawl("deletes")["ErrorMessage"]


def test_an_unknown_crawler_is_not_started(crawlers: Crawlers) -> None:
    with pytest.raises(ClientError, match="EntityNotFoundException"):
        crawlers.glue.start_crawler(Name="nobody")
