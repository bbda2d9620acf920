"""The lake: where its parts are, and how SQL names its tables. No other module spells a path of the lake.

incoming/<dataset>/                  in staging: JSON documents that arrive as events (`source.arrive`)
data-warehouse/<database>/<table>/   Iceberg tables of a lake on a laptop
data-warehouse/<dataset>/            Iceberg tables on AWS; Parquet tables: a folder per run, and _current.json
quarantine/<dataset>/_run=<run>/     refused rows with their reasons
ledger/<dataset>/<run>.json          which objects a publication has read
ledger/<dataset>/<run>.deleted/      the keys that are deleted after a publication
ledger/<dataset>/.acknowledged.json  refused files that a person has seen
states/<dataset>/<run>.json          of a Parquet table: which folders a publication consists of
exports/redshift/<dataset>/<run>/    a publication as the warehouse loads it: Parquet, manifests, export.json
exports/newest/<dataset>/export.json the record of the newest of them, which outlives them: it counts
runs/<run>/                          run.json, report.html, log.jsonl, Great Expectations' results
counts/<run>/report.html             on AWS: the same page with counts only, for readers who may not see refused values
latest/<dataset>/report.html         on AWS: the report of the dataset's newest run
_work/<run>/<dataset>/               rows that a run has judged and not yet published
_temp/<dataset>/, spark-ui/<dataset>/   on AWS: Glue's own files
_locks/<dataset>.lock                on a laptop: one writer per dataset
_keys/<domain>.key                   on a laptop: the masking key of a domain
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from headgate.columns import RUN
from headgate.contract.incoming import INCOMING
from headgate.lake.catalog import CATALOG, Catalog, session_settings
from headgate.lake.storage import LocalStorage, Storage
from headgate.lake.uris import hadoop_path

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

WAREHOUSE, QUARANTINE, LEDGER, STATES = "data-warehouse", "quarantine", "ledger", "states"
RUNS, COUNTS, LATEST, SPARK_UI = "runs", "counts", "latest", "spark-ui"  # on AWS in the bucket of reports
EXPORTS, NEWEST_EXPORTS = "exports/redshift", "exports/newest"
WORK, TEMPORARY, LOCKS = "_work", "_temp", "_locks"
KEYS = "_keys"
MASKING_KEYS, KEYS_IGNORED = f"{KEYS}/masking.json", f"{KEYS}/.gitignore"  # the first: of earlier versions
WRITABLE = f"{WORK}/.writable"  # written and removed to learn whether the lake can be written
CURRENT = "_current.json"


@dataclass(frozen=True)
class Lake:
    """A lake's places and names. `runs` differs from `storage` where reports have a bucket of their own."""

    storage: Storage
    catalog: Catalog = "hadoop"
    database: str = "data_warehouse_db"
    prefix: str = "tbl_"
    reports: Storage | None = None
    options: dict[str, str] = field(default_factory=dict)  # further settings of Iceberg's catalog
    tables_at: str | None = None  # where the published tables are when not below `storage`

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
        return self.tables_at or self.place(WAREHOUSE)

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

    def catalog_folder(self, dataset: str) -> str:
        """Where Iceberg's Hadoop catalog keeps a dataset's table."""
        return f"{WAREHOUSE}/{self.database}/{self.prefix}{dataset}"

    def work(self, run: str, dataset: str) -> str:
        """What a run has judged of a dataset and not yet published."""
        return f"{WORK}/{run}/{dataset}"

    def staged_mark(self, run: str, dataset: str) -> str:
        """The file that a run leaves before it writes the files of a first Iceberg table into the catalog's folder."""
        return f"{self.work(run, dataset)}/staged"

    def session(self, spark: SparkSession) -> SparkSession:
        """A separate session of the same application, with this lake's catalog."""
        session = spark.newSession()
        for key, setting in session_settings(self.catalog, self.warehouse, self.options).items():
            session.conf.set(key, setting)
        return session


def incoming_folder(dataset: str) -> str:
    """Below staging: where a dataset's JSON documents arrive."""
    return f"{INCOMING}/{dataset}"


def dataset_of_document(key: str) -> str | None:
    """The dataset whose document this key of staging is; None for any other key."""
    top, _, below = key.partition("/")
    dataset, _, name = below.partition("/")
    return dataset if top == INCOMING and dataset and name else None


def table_folder(dataset: str) -> str:
    """The folder of a dataset's table that carries the dataset's name (on a laptop: of a Parquet table)."""
    return f"{WAREHOUSE}/{dataset}"


def current_file(dataset: str) -> str:
    """What is published of a Parquet table."""
    return f"{table_folder(dataset)}/{CURRENT}"


def states_folder(dataset: str) -> str:
    """The publications of a Parquet table: outside of the table, where crawlers look for partitions."""
    return f"{STATES}/{dataset}"


def state_file(dataset: str, run: str) -> str:
    """One publication of a Parquet table."""
    return f"{states_folder(dataset)}/{run}.json"


def masking_key(domain: str) -> str:
    """On a laptop: the masking key of a domain."""
    return f"{KEYS}/{domain}.key"


def quarantine_folder(dataset: str) -> str:
    """A dataset's refused rows, of all runs."""
    return f"{QUARANTINE}/{dataset}"


def quarantine_of_run(dataset: str, run: str) -> str:
    """The rows of a dataset that a run refused; the folder's name gives readers the column `_run`."""
    return f"{quarantine_folder(dataset)}/{RUN}={run}"


def ledger_folder(dataset: str) -> str:
    """A dataset's ledger."""
    return f"{LEDGER}/{dataset}"


def ledger_file(dataset: str, run: str) -> str:
    """The part of a dataset's ledger that a run wrote."""
    return f"{ledger_folder(dataset)}/{run}.json"


def deleted_keys(dataset: str, run: str) -> str:
    """The keys that a dataset's rows have deleted, as they are after a run."""
    return f"{ledger_folder(dataset)}/{run}.deleted"


def acknowledged_file(dataset: str) -> str:
    """Refused and emptied files that a person has acknowledged; its name sorts before those of runs."""
    return f"{ledger_folder(dataset)}/.acknowledged.json"


def exports_folder(dataset: str) -> str:
    """What the warehouse loads of a dataset, a folder per export."""
    return f"{EXPORTS}/{dataset}"


def export_folder(dataset: str, run: str) -> str:
    """One export: what a run changed in a published table, or all of the table."""
    return f"{exports_folder(dataset)}/{run}"


def export_file(dataset: str, run: str) -> str:
    """The record of an export, written when all of its files are there."""
    return f"{export_folder(dataset, run)}/export.json"


def latest_export(dataset: str) -> str:
    """The record of a dataset's newest export. On AWS exports expire; this record, which counts them, does not."""
    return f"{NEWEST_EXPORTS}/{dataset}/export.json"


def run_folder(run: str) -> str:
    """What a run reports."""
    return f"{RUNS}/{run}"


def record_file(run: str) -> str:
    """A run's record."""
    return f"{run_folder(run)}/run.json"


def run_of_record(path: str) -> str | None:
    """The run whose record this is; None for any other path."""
    run = path.removeprefix(f"{RUNS}/").partition("/")[0]
    return run if path == record_file(run) else None


def report_file(run: str) -> str:
    """A run's page."""
    return f"{run_folder(run)}/report.html"


def counts_folder(run: str) -> str:
    """On AWS: what a run shows to readers who may see counts only."""
    return f"{COUNTS}/{run}"


def counts_file(run: str) -> str:
    """On AWS: a run's page without a value of any row."""
    return f"{counts_folder(run)}/report.html"


def log_file(run: str) -> str:
    """A run's log."""
    return f"{run_folder(run)}/log.jsonl"


def gx_file(run: str, dataset: str) -> str:
    """Great Expectations' result document of one dataset in one run."""
    return f"{run_folder(run)}/{dataset}.gx.json"


def latest_report(dataset: str) -> str:
    """On AWS: the page of the newest run of a dataset, with counts only."""
    return f"{LATEST}/{dataset}/report.html"


def lock_file(dataset: str) -> str:
    """On a laptop: the lock that a dataset's writer holds."""
    return f"{LOCKS}/{dataset}.lock"
