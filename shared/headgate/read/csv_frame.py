"""Read a group of CSV files that share one header, as text, by the positions of that header."""

from __future__ import annotations

import functools
import operator
from typing import TYPE_CHECKING

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import StringType, StructField, StructType

from headgate.columns import FAULTS, FILE_FAULT, MISFIT, RAW
from headgate.errors import RunFailed
from headgate.lake.uris import read_path
from headgate.read.copying import NATIVE, codec_name
from headgate.read.csv_look import CsvLayout
from headgate.read.file_format import file_name
from headgate.read.layout import Group

if TYPE_CHECKING:
    from headgate.contract.model import Contract, Read

_PRUNING = "spark.sql.csv.parser.columnPruning.enabled"
_UNREADABLE = "\ufffd"


def csv_frame(spark: SparkSession, contract: Contract, group: Group[CsvLayout]) -> DataFrame:
    """The group's rows: the columns as texts under their published names, then the reader's columns."""
    if spark.conf.get(_PRUNING) != "false":
        what = f"`{_PRUNING}` is on: Spark would not report rows with too few or too many values"
        raise RunFailed(what, remedy=f"Start the session with {_PRUNING}=false.")
    layout, read = group.layout, contract.source.read
    fields = [f"c{i}" for i in range(len(layout.names))]
    schema = StructType([StructField(name, StringType()) for name in [*fields, MISFIT]])
    options = _options(read, group)
    raw = spark.read.schema(schema).options(**options).csv([read_path(f.read_uri) for f in group.files])
    if read.multi_line:  # otherwise Spark leaves out blank lines itself
        raw = raw.where(F.col(MISFIT).isNull() | (F.trim(MISFIT) != ""))
    placed = [(c.name, fields[p]) for c, p in zip(contract.read_columns, layout.places, strict=True) if p is not None]
    text = dict(placed)
    return raw.select(
        *((_text(text[c.name]) if c.name in text else F.lit(None).cast("string")).alias(c.name)
          for c in contract.read_columns),
        _faults(placed, read, len(fields)).alias(FAULTS),
        _raw(placed, fields, read).alias(RAW),
        F.lit(None).cast("string").alias(FILE_FAULT),
        file_name(),
    )  # fmt: skip


def _options(read: Read, group: Group) -> dict[str, str | bool]:
    nothing = "\0"
    return {
        "header": read.header,
        "enforceSchema": True,
        "sep": read.delimiter.replace("\\", "\\\\"),
        "quote": read.quote or nothing,
        "escape": (read.escape or nothing) if read.quote else nothing,
        "encoding": "UTF-8" if group.layout.copied else NATIVE[codec_name(read.encoding)],
        "multiLine": read.multi_line,
        **({"lineSep": group.layout.line_end} if group.layout.line_end else {}),
        "mode": "PERMISSIVE",
        "columnNameOfCorruptRecord": MISFIT,
        "nullValue": "",  # a bare and a quoted empty value are both null here, and '' below
        "emptyValue": "",
        "ignoreLeadingWhiteSpace": False,
        "ignoreTrailingWhiteSpace": False,
        "maxCharsPerColumn": "-1",
        "maxColumns": str(max(20480, 2 * len(group.layout.names))),
    }


def _text(field: str) -> Column:
    return F.coalesce(F.col(field), F.lit(""))


def _undecodable(field: str) -> Column:
    return _text(field).contains(_UNREADABLE)


def _faulty(placed: list[tuple[str, str]]) -> Column:
    return functools.reduce(operator.or_, (_undecodable(field) for _, field in placed), F.col(MISFIT).isNotNull())


def _faults(placed: list[tuple[str, str]], read: Read, width: int) -> Column:
    faults = [
        F.when(F.col(MISFIT).isNotNull(), _wrong_count(read, width)),
        *(F.when(_undecodable(field), F.lit(f"{name}: bytes that are not {read.encoding}")) for name, field in placed),
    ]
    none = F.array().cast("array<string>")
    return F.when(_faulty(placed), F.array_compact(F.array(*faults))).otherwise(none)


def _wrong_count(read: Read, width: int) -> Column:
    count = _values(F.col(MISFIT), read)
    wrong = F.concat(F.lit("record: "), count.cast("string"), F.lit(f" values for {width} columns"))
    return F.when(count == width, F.lit(f"record: cannot be split into {width} values")).otherwise(wrong)


def _values(record: Column, read: Read) -> Column:
    """How many values a record has: one more than its delimiters outside quotes. No regular expression recurses."""
    bare = record
    delimiter = read.delimiter
    if read.quote:
        for pair in dict.fromkeys((read.escape * 2, read.escape + read.quote)) if read.escape else ():
            bare = F.replace(bare, F.lit(pair), F.lit(""))
        quote, before = _literal(read.quote), _literal(delimiter)
        bare = F.regexp_replace(bare, f"(^|{before}){quote}[^{quote}]*{quote}", "$1")
    without = F.replace(bare, F.lit(delimiter), F.lit(""))
    return ((F.length(bare) - F.length(without)) / len(delimiter)).cast("int") + 1


def _literal(text: str) -> str:
    return "".join(f"\\x{{{ord(c):x}}}" for c in text)


def _raw(placed: list[tuple[str, str]], fields: list[str], read: Read) -> Column:
    """The text of a record with faults; where only bytes cannot be decoded, it is joined from the values."""
    joined = F.concat_ws(read.delimiter, *(_text(field) for field in fields))
    return F.when(_faulty(placed), F.coalesce(F.col(MISFIT), joined))  # one condition with `_faults`: evaluated once
