"""One column of a contract: its source, its type, and how its texts become values; its checks are in `words.py`."""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field

from headgate.checks.check import Otherwise
from headgate.contract.part import ColumnName, Part, Sentinel, Share
from headgate.contract.types import DataType, is_nested, parse_type, stored_type
from headgate.contract.words import ColumnWords


class ColumnSource(Part):
    """What a column is, and where its values come from."""

    name: ColumnName = Field(description="The published name.")
    type: str = Field(description="A Spark DDL type: `bigint`, `decimal(12,2)`, `array<string>`.")
    source: str | None = Field(
        default=None, description="The name in the file, or the path in a JSON record; default `name`."
    )
    aliases: tuple[str, ...] = Field(default=(), description="Other names for it in files.")
    required_in_file: bool = Field(
        default=False, description="A file without this column is refused; its values may still be missing."
    )
    description: str = Field(default="", description="What it means, for people; no run reads it.")


class Column(ColumnWords, ColumnSource):
    """One published column."""

    otherwise: Otherwise = Field(default="quarantine", description="What a failing value does to its row or run.")
    at_most: Share | None = Field(default=None, description="Share of rows that may fail here before the gate closes.")
    trim: bool | None = Field(default=None, description="Strip white space: off for strings, always on for others.")
    formats: tuple[str, ...] = Field(
        default=(), description="Spark's date and time patterns; the first that fits is used."
    )
    timezone: str | None = Field(default=None, description="Zone of timestamps without one, e.g. `Europe/Rome`.")
    nonexistent: Literal["refuse", "earlier", "later", "shift"] = Field(
        default="refuse",
        description="A local time that the clocks of `timezone` skip: refuse it, or move it by what they skip, back "
        "(`earlier`) or on (`later`, or `shift`).",
    )
    ambiguous: Literal["refuse", "earlier", "later"] = Field(
        default="refuse",
        description="A local time that the clocks of `timezone` show twice: refuse it, or take one of the two.",
    )
    century_from: int | None = Field(
        default=None,
        ge=1,
        le=9900,
        description="First of the hundred years that years of two digits mean; it does not move. `1930`: 1930 to 2029.",
    )
    map: dict[str, str] = Field(
        default={}, description="Texts that stand for other texts; looked up after `trim` and before `null_texts`."
    )
    null_texts: tuple[str, ...] | None = Field(
        default=None, description="Replaces the dataset's `null_texts` for this column."
    )
    sentinels: tuple[Sentinel, ...] = Field(
        default=(),
        description="Typed values that mean that there is no value, e.g. `9999-12-31`; replaces the dataset's.",
    )
    decimal: str = Field(
        default=".", min_length=1, max_length=1, description="The sign between a number and its decimals."
    )
    thousands: str | None = Field(
        default=None, min_length=1, max_length=1, description="The sign between groups of three digits; a space is any."
    )
    strip: str = Field(default="", description="Characters to drop before and behind a number, such as `%` and `€`.")
    true_texts: tuple[str, ...] = Field(default=("true",), description="Texts for true, in upper or lower case.")
    false_texts: tuple[str, ...] = Field(default=("false",), description="Texts for false, in upper or lower case.")
    round: Literal["half_up", "truncate"] | None = Field(
        default=None,
        description="What happens to digits that do not fit; otherwise they fail. Decimals: `half_up`; seconds with "
        "more than six decimals: either; a date with a time of day: `truncate`.",
    )
    allow_point_zero: bool = Field(default=False, description="Integers: accept whole numbers such as `5.0`.")
    allow_nan: bool = Field(default=False, description="Accept NaN and infinity as values.")
    derived: str | None = Field(
        default=None, description="A Spark SQL expression over columns above and `_object`, the path of the row's file."
    )
    publish: bool = Field(
        default=True, description="With `false` it is read and judged, and expressions may use it; no table has it."
    )
    classification: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")] | None = Field(
        default=None, description="A masking domain; columns of one domain share a key, so they still join when masked."
    )
    mask: Literal["hmac", "redact", "partial"] = Field(default="hmac", description="How a classified value is masked.")
    keep_last: int = Field(default=4, ge=1, le=32, description="How many characters `mask: partial` shows.")

    @cached_property
    def data_type(self) -> DataType:
        """The type before masking."""
        return parse_type(self.type)

    @property
    def source_name(self) -> str:
        """The name or path in the source."""
        return self.source or self.name

    @property
    def nested(self) -> bool:
        """True for arrays, maps and structs."""
        return is_nested(self.data_type)

    @property
    def published_type(self) -> str:
        """The Spark DDL type of the table's column: masked ones and times are strings, narrow integers are int."""
        if self.classification:
            return "string"
        narrow = self.data_type.kind in ("tinyint", "smallint")
        return "int" if narrow else stored_type(self.data_type).ddl
