"""Where a dataset's rows come from: its files and how they are read, or a mart's query and its joins."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, field_validator

from headgate.contract.file_formats import SUMMARY, FileFormatName
from headgate.contract.part import ColumnName, DatasetName, Part, Sentinel


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
    bare_quotes: Literal["refuse", "allow"] = Field(
        default="refuse", description="A quote inside an unquoted value refuses its row, or is a character."
    )
    escapes: Literal["quotes", "any"] = Field(
        default="quotes",
        description="`escape` works inside quotes, before a quote and itself; or everywhere, before `any` character.",
    )
    comment: str = Field(default="", description="Lines that begin with this text are skipped.")
    skip_last: int = Field(default=0, ge=0, description="Lines at the end of each file that are skipped (a trailer).")
    skip_from: str = Field(
        default="", description="A regular expression: a line that it finds, and all lines behind it, are skipped."
    )
    missing_last: Literal["refuse", "null"] = Field(
        default="refuse", description="A row with too few values is refused, or its last values are null."
    )
    trailing_delimiter: bool = Field(
        default=False, description="A delimiter at the end of a record ends the record; no value follows it."
    )
    inner_headers: Literal["refuse", "data"] = Field(
        default="refuse",
        description="A line that looks like the header of another table refuses its file, or is a row.",
    )

    @field_validator("missing_last", mode="before")
    @classmethod
    def _as_text(cls, value: Any) -> Any:
        """YAML reads `missing_last: null` as no value."""
        return "null" if value is None else value


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
    from_path: str | None = Field(
        default=None,
        description="Columns whose value is in the path of the file: `year={year}/{day}.csv`, matched with its end; "
        "`*` stands for any text.",
    )
    members: str | None = Field(
        default=None, description="The members of zip files that are read, as a glob; default all of them."
    )
    sentinels: tuple[Sentinel, ...] = Field(
        default=(), description="Values that mean that there is no value, in every column whose type has them."
    )
    records: str | None = Field(default=None, description="JSON: the path to the list of records inside an object.")
    explode: tuple[str, ...] = Field(default=(), description="JSON: lists whose elements become rows.")
    arrive: Literal["batch", "events"] = Field(
        default="batch",
        description="`batch`: files lie at `path`. `events`: JSON documents arrive below `incoming/<dataset>/`, and "
        "each becomes a Parquet file at `path`; see [EVENTS.md](EVENTS.md).",
    )
    rest: Literal["keep", "drop"] = Field(
        default="keep",
        description="`arrive: events`: what no column names goes into the text column `_rest` of the Parquet file, as "
        "JSON, or is left out.",
    )
    ignore: tuple[str, ...] = Field(default=(), description="Columns of the files that are not wanted.")
    unreadable: Literal["refuse", "stop"] = Field(
        default="refuse", description="A file that cannot be read: refuse it and read the others, or close the gate."
    )
    query: str | None = Field(default=None, description="A mart's SQL file below `sql/`.")
    joins: tuple[Join, ...] = Field(default=(), description="Joins of a mart whose cardinality is checked.")
