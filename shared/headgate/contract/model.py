"""The contract: one dataset or mart, as Terraform, the jobs and the checks read it.

Every model is frozen and refuses keys it does not know. Columns are in `column.py`, the source in
`source.py`, what concerns the platform in `platform.py`, rules across several keys in `rules.py`.
"""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import Field, PrivateAttr

from headgate.checks.check import Check, Otherwise
from headgate.columns import LINE
from headgate.contract.column import Column
from headgate.contract.expected import checks_of
from headgate.contract.fingerprint import fingerprint
from headgate.contract.part import ColumnName, DatasetName, Part, Sentinel, Share
from headgate.contract.path_pattern import parse_pattern
from headgate.contract.platform import Job, Retention, Schedule, Serving
from headgate.contract.source import Source
from headgate.contract.types import DataType


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


class Reference(Part):
    """Columns whose values are found in another dataset, or in the same one; a row without its match is an orphan."""

    columns: tuple[ColumnName, ...] = Field(
        min_length=1, description="The columns here; a row in which one of them has no value refers to nothing."
    )
    to: DatasetName = Field(description="The dataset or mart that has the values, as it was last published.")
    on: tuple[ColumnName, ...] = Field(default=(), description="Its columns, in the same order; default its key.")
    otherwise: Otherwise | None = Field(
        default=None,
        description="What happens to orphans. Default: `quarantine`; `stop` where `to` is the same dataset, and in "
        "marts, which take `warn` or `stop`.",
    )

    @property
    def name(self) -> str:
        """Its name in reports: the columns and where their values are found."""
        return f"{', '.join(self.columns)} → {self.to}"


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
    merge_on_read: bool = Field(
        default=False,
        description="`merge`: replaced rows are named in delete files, and their data files are not rewritten until "
        "`maintain`. For small changes to large tables.",
    )


class Ordering(Part):
    """One step of the order in which the newest row of a key wins."""

    column: Annotated[str, Field(pattern=rf"^({LINE}|[a-z][a-z0-9_]{{0,127}})$")] = Field(
        description="A published column that is not masked; rows without a value are oldest. Last of all `_line`: the "
        "place in the file, which decides between rows of one file only."
    )
    direction: Literal["desc", "asc"] = Field(default="desc", description="`desc`: the greatest value wins.")


class Contract(Part):
    """One dataset or mart."""

    dataset: DatasetName = Field(description="The name: that of the file without `.yaml`, unique in the lake.")
    domain: DatasetName = Field(description="The business domain that owns it.")
    owner: str = Field(min_length=1, description="Whom to ask about it; for people.")
    description: str = Field(min_length=1, description="What one row is, in one sentence; for people.")
    source: Source = Field(default=Source(), description="Where rows come from.")
    columns: tuple[Column, ...] = Field(min_length=1, description="The columns, in the published order.")
    key: tuple[ColumnName, ...] = Field(
        default=(), description="The columns that identify a row: one row per key. In a mart: a unique check."
    )
    order: tuple[Ordering, ...] = Field(
        default=(), description="Which row of a key is newest; ties go by arrival, path, the later line of a file."
    )
    on_conflict: Literal["warn", "quarantine", "stop"] = Field(
        default="warn",
        description="Rows of one file and key that differ where `order` cannot tell them apart: let the later line win "
        "and warn, refuse them all, or close the gate.",
    )
    distinct: bool = Field(
        default=False, description="Without a key: publish equal rows once; the others count as superseded."
    )
    skip_when: str | None = Field(
        default=None,
        description="Spark SQL over the columns; rows where it is true are not wanted. In a row that cannot be typed "
        "it is asked of the texts.",
    )
    delete_when: str | None = Field(
        default=None,
        description="`merge`: Spark SQL over the columns; a row where it is true deletes its key if it is the newest.",
    )
    checks: tuple[ExpectedCheck, ...] = Field(default=(), description="Further checks, by Great Expectations type.")
    references: tuple[Reference, ...] = Field(
        default=(), description="Columns whose values are found in another dataset; what they refer to runs first."
    )
    at_most: Share = Field(
        default=0.05, description="Share of rows read that may be quarantined before the gate closes; 1.0 is off."
    )
    at_most_per_file: Share | None = Field(
        default=None,
        description="Share of a file's judged rows that may be refused before the whole file is. Default 0.5, or 1.0 "
        "(off) where `at_most` is 1.0; by default it refuses no file where it would refuse all.",
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
        default=Serving(), description="Whether the warehouse has the table, and hints for it and for dashboards."
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
    def most_of_a_file(self) -> float:
        """The share of a file's rows that may be refused before the file is."""
        if self.at_most_per_file is not None:
            return self.at_most_per_file
        return 1.0 if self.at_most == 1.0 else 0.5

    @property
    def path(self) -> str:
        """The glob below staging."""
        return self.source.path or f"{self.dataset}/"

    @property
    def ordering(self) -> tuple[Ordering, ...]:
        """The steps of the order that compare values of columns."""
        return tuple(step for step in self.order if step.column != LINE)

    @property
    def first_line_wins(self) -> bool:
        """True when the earlier of two rows of a file is the newer one; by default the later is."""
        return any(step.column == LINE and step.direction == "asc" for step in self.order)

    @property
    def read_columns(self) -> tuple[Column, ...]:
        """The columns that the source carries: all but the derived ones."""
        return tuple(column for column in self.columns if column.derived is None)

    @property
    def path_columns(self) -> tuple[str, ...]:
        """The columns whose value `source.from_path` takes from the path of a file."""
        return parse_pattern(self.source.from_path).names if self.source.from_path else ()

    @property
    def published(self) -> tuple[Column, ...]:
        """The columns of the table."""
        return tuple(column for column in self.columns if column.publish)

    @property
    def classified(self) -> tuple[Column, ...]:
        """The columns that are masked before anything is written."""
        return tuple(column for column in self.columns if column.classification)

    def null_texts(self, column: Column) -> tuple[str, ...]:
        """The texts that mean no value in this column; a mart's values are values already."""
        if self.is_mart:
            return ()
        return self.source.null_texts if column.null_texts is None else column.null_texts

    def sentinels(self, column: Column) -> tuple[Sentinel, ...]:
        """The values that mean no value in this column; a derived column has only its own."""
        own = "sentinels" in column.model_fields_set or column.derived is not None
        return column.sentinels if own else self.source.sentinels

    def verdict_on_orphans(self, reference: Reference) -> Otherwise:
        """What happens to rows whose reference finds nothing."""
        whole = self.is_mart or reference.to == self.dataset
        return reference.otherwise or ("stop" if whole else "quarantine")

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
        """SHA-256 of what the contract says; see `fingerprint.py`."""
        return fingerprint(self)

    def column(self, name: str) -> Column:
        """The column of this name."""
        return next(column for column in self.columns if column.name == name)
