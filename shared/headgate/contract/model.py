"""The contract: one dataset or mart, as Terraform, the jobs and the checks read it.

Every model is frozen and refuses keys it does not know. Columns are in `column.py`, rules across several keys in
`rules.py`.
"""

from __future__ import annotations

import hashlib
import json
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import Field, PrivateAttr

from headgate.checks.check import Check, Otherwise
from headgate.contract.column import Column
from headgate.contract.expected import checks_of
from headgate.contract.file_formats import SUMMARY, FileFormatName
from headgate.contract.part import ColumnName, DatasetName, Part, Share
from headgate.contract.types import DataType


class Read(Part):
    """How the bytes of a file are read."""

    delimiter: str = Field(default=",", min_length=1, description="What separates two values.")
    quote: str = Field(default='"', max_length=1, description="What surrounds a value; empty for none.")
    escape: str = Field(default='"', max_length=1, description='What escapes a quote inside quotes; `"` for doubling.')
    encoding: str = Field(default="utf-8", description="A Python codec name. Bytes it cannot read fail their row.")
    header: bool = Field(default=True, description="The first line names the columns.")
    columns: tuple[str, ...] = Field(default=(), description="Names by position, for files without a header.")
    multi_line: bool = Field(default=False, description="Quoted values may contain line breaks.")
    skip_lines: int = Field(default=0, ge=0, description="Lines before the header (or the first row).")


class Join(Part):
    """A join of a mart that must not fan out; `to` is joined to the mart's base table."""

    to: DatasetName = Field(description="The joined dataset or mart.")
    on: tuple[ColumnName, ...] = Field(
        min_length=1, description="The columns of the join, with the same names on both sides."
    )
    cardinality: Literal["many_to_one", "one_to_one"] = Field(
        description="`many_to_one`: no key occurs twice in `to`; `one_to_one`: nor in the base table."
    )


class Source(Part):
    """Where rows come from: files below staging, or a query over published tables (a mart)."""

    path: str | None = Field(default=None, description="A folder or glob below staging; default `<dataset>/`.")
    format: FileFormatName = Field(default="csv", description=f"The format of the files. {SUMMARY}.")
    read: Read = Field(default=Read(), description="How the bytes are read.")
    null_texts: tuple[str, ...] = Field(default=("",), description="Texts that mean that there is no value.")
    records: str | None = Field(default=None, description="JSON: the path to the list of records inside an object.")
    explode: tuple[str, ...] = Field(default=(), description="JSON: lists whose elements become rows.")
    ignore: tuple[str, ...] = Field(default=(), description="Columns of the files that are not wanted.")
    unreadable: Literal["refuse", "stop"] = Field(
        default="refuse", description="A file that cannot be read: refuse it and read the others, or close the gate."
    )
    query: str | None = Field(default=None, description="A mart's SQL file below `sql/`.")
    joins: tuple[Join, ...] = Field(default=(), description="Joins of a mart whose cardinality is checked.")


class ExpectedCheck(Part):
    """A further check, by Great Expectations type and arguments."""

    expect: str = Field(description="A Great Expectations type in snake case.")
    kwargs: dict[str, Any] = Field(default_factory=dict, description="Its arguments, as docs/CHECKS.md lists them.")
    scope: Literal["row", "batch", "table"] | None = Field(
        default=None, description="Table-level checks: `batch` (default), this run's rows, or `table`, the whole table."
    )
    otherwise: Otherwise | None = Field(
        default=None,
        description="What a failure does. Default: `quarantine` for row checks, `stop` for table-level checks.",
    )
    at_most: Share | None = Field(
        default=None, description="With `quarantine`: share of rows read that may fail before the gate closes."
    )
    mostly: Share | None = Field(
        default=None, description="Row checks with `warn` or `stop`: share of judged rows that must pass."
    )


class Write(Part):
    """How rows become a table."""

    mode: Literal["merge", "append", "overwrite"] | None = Field(
        default=None,
        description="`merge` by key (default with a key), `append` new objects (default without), or `overwrite`.",
    )
    format: Literal["iceberg", "parquet"] = Field(
        default="iceberg", description="The table's format; `parquet` takes `append` and `overwrite` only."
    )
    on_vanish: Literal["keep", "delete"] = Field(
        default="keep", description="`merge`: what happens to keys that a rewritten object no longer contains."
    )


class Ordering(Part):
    """One step of the order in which the newest row of a key wins."""

    column: ColumnName = Field(description="A published column that is not masked; rows without a value are oldest.")
    direction: Literal["desc", "asc"] = Field(default="desc", description="`desc`: the greatest value wins.")


class Retention(Part):
    """How long things are kept; storage rules on AWS delete them."""

    quarantine_days: int = Field(default=90, ge=1, description="Days that refused rows are kept.")
    runs_days: int = Field(default=400, ge=1, description="Days that run records are kept.")


class Schedule(Part):
    """When the platform runs the dataset; ignored on a laptop."""

    refine: Annotated[str, Field(pattern=r"^(arrival|daily ([01]\d|2[0-3]):[0-5]\d UTC|weekly)$")] = Field(
        default="arrival", description="`arrival` (when a file comes), `daily HH:MM UTC`, or `weekly`."
    )
    crawler: Literal["none", "daily", "weekly"] = Field(
        default="none", description="How often a Glue crawler reads the raw files and a Parquet table."
    )
    freshness_hours: int | None = Field(
        default=None, ge=1, description="Hours without a new publication after which an alarm is raised."
    )


class Job(Part):
    """The Glue job's size; ignored on a laptop."""

    worker: Literal["G.1X", "G.2X", "G.4X", "G.8X"] = Field(default="G.1X", description="Glue's worker type.")
    workers: int = Field(default=2, ge=2, le=100, description="How many workers.")
    execution: Literal["standard", "flex"] = Field(
        default="standard", description="`flex` waits for spare capacity and costs less."
    )
    timeout_min: int = Field(default=30, ge=1, le=2880, description="Minutes after which Glue ends the job.")


class Serving(Part):
    """Hints for dashboards and the warehouse; checked and not used yet."""

    time: ColumnName | None = Field(default=None, description="The column that charts use as time.")
    dimensions: tuple[ColumnName, ...] = Field(default=(), description="Columns that charts group by.")
    measures: tuple[ColumnName, ...] = Field(default=(), description="Columns that charts sum up.")
    distribution_key: ColumnName | None = Field(default=None, description="Redshift's distribution key.")
    sort_keys: tuple[ColumnName, ...] = Field(default=(), description="Redshift's sort keys, in order.")


class Contract(Part):
    """One dataset or mart."""

    dataset: DatasetName = Field(description="The name: that of the file without `.yaml`, unique in the lake.")
    domain: DatasetName = Field(description="The business domain that owns it.")
    owner: str = Field(min_length=1, description="Whom to ask about it; for people.")
    description: str = Field(min_length=1, description="What one row is, in one sentence; for people.")
    source: Source = Field(default=Source(), description="Where rows come from.")
    columns: tuple[Column, ...] = Field(min_length=1, description="The published columns, in the published order.")
    key: tuple[ColumnName, ...] = Field(
        default=(), description="The columns that identify a row: one row per key. In a mart: a unique check."
    )
    order: tuple[Ordering, ...] = Field(
        default=(), description="Which row of a key is newest; ties go by arrival, path, hash."
    )
    skip_when: str | None = Field(
        default=None, description="Spark SQL over the columns; rows where it is true are not wanted."
    )
    checks: tuple[ExpectedCheck, ...] = Field(default=(), description="Further checks, by Great Expectations type.")
    at_most: Share = Field(
        default=0.05, description="Share of rows read that may be quarantined before the gate closes; 1.0 is off."
    )
    allow_empty: bool = Field(default=False, description="Publish even when no row is left.")
    write: Write = Field(default=Write(), description="How rows become a table.")
    partition_by: tuple[str, ...] = Field(
        default=(), description="Iceberg transforms as Spark spells them: `months(ts)`."
    )
    schema_change: Literal["strict"] = Field(default="strict", description="An unknown column refuses its file.")
    retention: Retention = Field(default=Retention(), description="How long refused rows and run records are kept.")
    schedule: Schedule = Field(default=Schedule(), description="When the platform runs it; ignored on a laptop.")
    job: Job = Field(default=Job(), description="The Glue job's size; ignored on a laptop.")
    serving: Serving = Field(
        default=Serving(), description="Hints for dashboards and the warehouse; checked and not used yet."
    )

    _file: str = PrivateAttr(default="")

    @property
    def file(self) -> str:
        """The file it was read from, as messages name it."""
        return self._file or f"{self.dataset}.yaml"

    @property
    def is_mart(self) -> bool:
        """True when its source is a query."""
        return self.source.query is not None

    @property
    def mode(self) -> Literal["merge", "append", "overwrite"]:
        """The write mode: marts are rebuilt whole, a key means merge, no key means append."""
        if self.is_mart:
            return "overwrite"
        return self.write.mode or ("merge" if self.key else "append")

    @property
    def path(self) -> str:
        """The glob below staging."""
        return self.source.path or f"{self.dataset}/"

    @property
    def read_columns(self) -> tuple[Column, ...]:
        """The columns that the source carries: all but the derived ones."""
        return tuple(column for column in self.columns if column.derived is None)

    @property
    def classified(self) -> tuple[Column, ...]:
        """The columns that are masked before anything is written."""
        return tuple(column for column in self.columns if column.classification)

    def null_texts(self, column: Column) -> tuple[str, ...]:
        """The texts that mean no value in this column."""
        return self.source.null_texts if column.null_texts is None else column.null_texts

    @cached_property
    def types(self) -> dict[str, DataType]:
        """Column name to type, before masking."""
        return {column.name: column.data_type for column in self.columns}

    @cached_property
    def all_checks(self) -> tuple[Check, ...]:
        """Every check of the contract: column words first, then `checks`, then a mart's key."""
        return tuple(checks_of(self))

    @property
    def row_checks(self) -> tuple[Check, ...]:
        """The checks that are judged where the rows are written."""
        return tuple(check for check in self.all_checks if check.scope == "row")

    @property
    def table_checks(self) -> tuple[Check, ...]:
        """The checks that Great Expectations judges on the unpublished data."""
        return tuple(check for check in self.all_checks if check.scope != "row")

    @cached_property
    def hash(self) -> str:
        """SHA-256 of the contract's meaning: comments, YAML style and written defaults do not matter."""
        text = json.dumps(self.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()

    def column(self, name: str) -> Column:
        """The column of this name."""
        return next(column for column in self.columns if column.name == name)
