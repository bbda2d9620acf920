"""The lake: where its parts lie, and how SQL names its tables.

data-warehouse/                published tables (Iceberg; Parquet where asked)
quarantine/<dataset>/run=…/    refused rows with their reasons
ledger/<dataset>/<run>.json    which objects a publication has read
states/<dataset>/<run>.json    of plain Parquet: which folders a publication was
runs/<run>/                    run.json, report.html, Great Expectations' result
_work/<run>/<dataset>/         what a run has written aside and not yet published
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from pyspark.sql import SparkSession

from headgate.lake.storage import LocalStorage, Storage
from headgate.lake.uris import hadoop_path

CATALOG = "lake"
Catalog = Literal["hadoop", "glue"]


@dataclass(frozen=True)
class Lake:
    """A lake's places and names. `runs_at` differs from `storage` where reports have a bucket of their own."""

    storage: Storage
    catalog: Catalog = "hadoop"
    database: str = "data_warehouse_db"
    prefix: str = "tbl_"
    reports: Storage | None = None
    options: dict[str, str] = field(default_factory=dict)  # further settings of Iceberg's catalog
    tables_at: str | None = None  # where the published tables lie when not below `storage`

    @property
    def runs(self) -> Storage:
        """Where run records go."""
        return self.reports or self.storage

    @property
    def is_local(self) -> bool:
        """True for a folder on this machine."""
        return isinstance(self.storage, LocalStorage)

    @property
    def warehouse(self) -> str:
        """The folder of the published tables."""
        return self.tables_at or self.place("data-warehouse")

    def place(self, path: str) -> str:
        """A path of the lake as Spark takes it: Hadoop's `Path` reads no percent-encoding."""
        return hadoop_path(self.storage.uri(path))

    def table(self, dataset: str) -> str:
        """The table of a dataset as other engines name it: `<database>.<prefix><dataset>`."""
        return f"{self.database}.{self.prefix}{dataset}"

    def spark_table(self, dataset: str) -> str:
        """The table of a dataset as Spark names it."""
        return f"{CATALOG}.{self.table(dataset)}"

    def dataset_of(self, name: str) -> str:
        """The dataset behind a name as SQL may spell it: `tracks`, `tbl_tracks`, with or without the database."""
        return name.rsplit(".", 1)[-1].removeprefix(self.prefix)

    def work(self, run: str, dataset: str) -> str:
        """What a run has written aside for a dataset."""
        return f"_work/{run}/{dataset}"

    def session(self, spark: SparkSession) -> SparkSession:
        """A session of its own in the same application, with this lake's catalog."""
        session = spark.newSession()
        for key, setting in self._settings().items():
            session.conf.set(key, setting)
        return session

    def _settings(self) -> dict[str, str]:
        at = f"spark.sql.catalog.{CATALOG}"
        kind = (
            {f"{at}.type": "hadoop"}
            if self.catalog == "hadoop"
            else {
                f"{at}.catalog-impl": "org.apache.iceberg.aws.glue.GlueCatalog",
                f"{at}.io-impl": "org.apache.iceberg.aws.s3.S3FileIO",
            }
        )
        return {
            at: "org.apache.iceberg.spark.SparkCatalog",
            **kind,
            f"{at}.warehouse": self.warehouse,
            f"{at}.cache-enabled": "false",
            **{f"{at}.{key}": setting for key, setting in self.options.items()},
            **SESSION,
        }


# What every session of ours sets, on Glue and on a laptop; why, stands in docs/SEMANTICS.md.
SESSION = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "false",
    "spark.sql.legacy.timeParserPolicy": "CORRECTED",
    "spark.sql.csv.parser.columnPruning.enabled": "false",
    "spark.sql.sources.parallelPartitionDiscovery.threshold": "20000",
    "spark.sql.codegen.hugeMethodLimit": "8000",  # above it the JVM only interprets; Spark then works step by step
    "spark.sql.files.openCostInBytes": "65536",
    "spark.sql.maxConcurrentOutputFileWriters": "8",
    "spark.sql.adaptive.optimizer.excludedRules": "org.apache.spark.sql.execution.adaptive.AQEPropagateEmptyRelation",
}
