"""Read a group of CSV files that share one header, as text, by the positions of that header."""

from __future__ import annotations

import functools
import operator
from typing import TYPE_CHECKING

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from headgate.columns import FAULTS, FILE, FILE_FAULT, MISFIT, RAW, REPEATED_HEADER, SKIP
from headgate.errors import RunFailed
from headgate.read.codes import MARK, coded, decoded, plain_record
from headgate.read.copying import codec_name
from headgate.read.csv_faults import OPEN, ends_in_escape, quoting_fault, values, wrong_count
from headgate.read.csv_headers import other_header
from headgate.read.csv_look import CsvLayout, csv_looker
from headgate.read.csv_records import FAULT, TEXT, framed_records, line_records
from headgate.read.dialect import Dialect, as_split, dialect
from headgate.read.file_format import MUST_FRAME, FileFormat
from headgate.read.layout import Group

if TYPE_CHECKING:
    from headgate.contract.model import Contract
    from headgate.contract.source import Read

_UNREADABLE = "\ufffd"
_RECORD, _FAULT, _SPLIT = "_record_text", "_record_fault", "_values_of_record"


_PRUNING = "spark.sql.csv.parser.columnPruning.enabled"


def csv_frame(spark: SparkSession, contract: Contract, group: Group[CsvLayout]) -> DataFrame:
    """The group's rows: the columns as texts under their published names, then the reader's columns.

    A file whose lines cannot be judged one by one leaves marker rows with the file fault `MUST_FRAME`.
    """
    if spark.conf.get(_PRUNING) != "false":
        what = f"`{_PRUNING}` is on: Spark would not report rows with too few or too many values"
        raise RunFailed(what, remedy=f"Start the session with {_PRUNING}=false.")
    layout, read = group.layout, contract.source.read
    records = (framed_records if layout.framed else line_records)(spark, contract, group)
    rows = Rows(read, layout)
    split = records.select("*", rows.record().alias(_RECORD)).select(
        "*", rows.fault().alias(_FAULT), rows.split().alias(_SPLIT)
    )
    return split.select(
        *(rows.column(place).alias(c.name) for c, place in zip(contract.read_columns, layout.places, strict=True)),
        *rows.verdicts(contract),
        rows.skip().alias(SKIP),
        FILE,
    )


class Rows:
    """The expressions of one group's rows; each step is a projection, so that nothing is computed twice."""

    def __init__(self, read: Read, layout: CsvLayout) -> None:
        self._read, self._layout = read, layout
        self._width = len(layout.names)
        self._declared: Dialect = dialect(read)
        self._dialect = as_split(self._declared)

    def record(self) -> Column:
        """The record as it is split: escapes are replaced where the splitter does not know them."""
        record = coded(F.col(TEXT), self._declared, self._layout.framed)
        if not self._read.trailing_delimiter:
            return record
        delimiter = self._read.delimiter
        shorter = record.substr(F.lit(1), F.length(record) - len(delimiter))
        return F.when(record.endswith(delimiter), shorter).otherwise(record)

    def fault(self) -> Column:
        """What is wrong with the record's quotes; `MUST_FRAME` for a line that does not end its record."""
        fault = quoting_fault(F.col(_RECORD), self._dialect)
        if self._layout.framed:
            return F.coalesce(FAULT, fault)
        goes_on = F.col(SKIP).isNull() & ends_in_escape(F.col(TEXT), self._declared)
        return F.when(goes_on, MUST_FRAME).otherwise(F.when(fault == OPEN, MUST_FRAME).otherwise(fault))

    def split(self) -> Column:
        """The values of the record, by position, and the record where their number is wrong."""
        fields = ", ".join(f"c{i} string" for i in range(self._width))
        return F.from_csv(F.col(_RECORD), f"{fields}, {MISFIT} string", self._options())

    def _options(self) -> dict[str, str]:
        known = self._dialect
        return {
            "sep": known.delimiter.replace("\\", "\\\\"),
            "quote": known.quote or "\0",
            "escape": known.quote if known.doubled else known.escape or MARK,  # a NUL would change values
            "mode": "PERMISSIVE",
            "columnNameOfCorruptRecord": MISFIT,
            "nullValue": "",  # a bare and a quoted empty value are both null here, and '' below
            "emptyValue": "",
            "ignoreLeadingWhiteSpace": "false",
            "ignoreTrailingWhiteSpace": "false",
            "maxCharsPerColumn": "-1",
            "maxColumns": str(max(20480, 2 * self._width)),
        }

    def column(self, place: int | None) -> Column:
        """The text of the column at a position."""
        if place is None:
            return F.lit(None).cast("string")
        text = decoded(self._value(place), self._declared, self._layout.framed)
        return F.when(~(self._is_short() & (self._count() <= place)), text) if self._fills() else text

    def verdicts(self, contract: Contract) -> list[Column]:
        """`FAULTS`, `RAW` and `FILE_FAULT` of a row."""
        placed = [(c.name, p) for c, p in zip(contract.read_columns, self._layout.places, strict=True) if p is not None]
        faulty = self._faulty(placed)
        none = F.array().cast("array<string>")
        raw = plain_record(F.col(TEXT)) if self._layout.framed else F.col(TEXT)
        return [
            F.when(faulty, F.array_compact(F.array(*self._faults(placed)))).otherwise(none).alias(FAULTS),
            F.when(faulty, F.decode(raw.cast("binary"), "UTF-8")).alias(RAW),
            self._file_fault(None if contract.classified else raw).alias(FILE_FAULT),
        ]

    def skip(self) -> Column:
        """Why a record is skipped; the file's own header may be written with other quotes than the first time."""
        if not self._read.header or self._read.inner_headers == "data":
            return F.col(SKIP)
        same = [self._value(place) == name for place, name in enumerate(self._layout.names)]
        repeated = F.col(_FAULT).isNull() & ~self._is_misfit() & functools.reduce(operator.and_, same)
        return F.coalesce(SKIP, F.when(repeated, REPEATED_HEADER))

    def _file_fault(self, shown: Column | None) -> Column:
        must_frame = F.when(F.col(_FAULT) == MUST_FRAME, MUST_FRAME)
        if not self._read.header or self._read.inner_headers == "data":
            return F.coalesce(FILE_FAULT, must_frame)
        cells = [self._value(place) for place in range(self._width)]
        found = other_header(cells, self._layout.names, shown)
        return F.coalesce(FILE_FAULT, must_frame, F.when(self.skip().isNull(), found))

    def _faulty(self, placed: list[tuple[str, int]]) -> Column:
        misfit = F.col(_FAULT).isNotNull() | self._is_misfit()
        unreadable = functools.reduce(operator.or_, (self._is_odd(place) for _, place in placed), F.lit(False))
        return F.col(SKIP).isNull() & (misfit | (unreadable & self._is_undecodable()))

    def _faults(self, placed: list[tuple[str, int]]) -> list[Column]:
        uncounted = F.col(_FAULT).isNull() & self._is_misfit()
        bad = self._is_undecodable()
        return [
            F.col(_FAULT),
            F.when(uncounted, wrong_count(F.col(_RECORD), self._dialect, self._width)),
            *(F.when(self._is_odd(place) & bad, f"{name}: bytes that are not {self._read.encoding}")
              for name, place in placed),
        ]  # fmt: skip

    def _is_misfit(self) -> Column:
        misfit = self._has_another_count()
        return misfit & ~(self._count() < self._width) if self._fills() else misfit

    def _is_short(self) -> Column:
        return self._has_another_count() & F.col(_FAULT).isNull()

    def _has_another_count(self) -> Column:
        misfit = F.col(_SPLIT)[MISFIT].isNotNull()
        may_be_empty = self._width > 1 and (self._declared.any or self._read.trailing_delimiter)
        return misfit | (F.col(_RECORD) == "") if may_be_empty else misfit  # the splitter finds no fault in no text

    def _count(self) -> Column:
        return values(F.col(_RECORD), self._dialect)

    def _fills(self) -> bool:
        return self._read.missing_last == "null"

    def _value(self, place: int) -> Column:
        return F.coalesce(F.col(_SPLIT)[f"c{place}"], F.lit(""))

    def _is_odd(self, place: int) -> Column:
        return self._value(place).contains(_UNREADABLE)

    def _is_undecodable(self) -> Column:
        """True where bytes of the record are not of the encoding; a file may really contain U+FFFD."""
        if not (self._layout.framed or self._layout.copied) and codec_name(self._read.encoding) != "utf-8":
            return F.lit(True)
        return F.col(TEXT) != F.decode(F.col(TEXT).cast("binary"), "UTF-8")


FORMAT = FileFormat(csv_looker, csv_frame)
