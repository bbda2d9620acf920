"""Read JSON files exactly: Spark splits them into lines or passes on whole documents, Python parses them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import ArrayType, StringType, StructField, StructType

from headgate.columns import FAULTS, FILE, FILE_FAULT, RAW, SKIP
from headgate.lake.uris import read_path
from headgate.read.copying import codec_name
from headgate.read.file_format import FileFormat, file_name
from headgate.read.json_characters import Parts, without_surrogates
from headgate.read.json_look import JsonLayout, json_looker
from headgate.read.json_recipe import Recipe, recipe
from headgate.read.json_rows import Row, Rows
from headgate.read.layout import Group
from headgate.read.workers import let_workers_import

if TYPE_CHECKING:
    from headgate.contract.model import Contract

_ROWS_AT_ONCE = 5000
_TEXTS = pa.list_(pa.string())
Batches = Iterator[pa.RecordBatch]


def json_frame(spark: SparkSession, contract: Contract, group: Group[JsonLayout]) -> DataFrame:
    """The group's rows: the columns as texts under their published names, then the reader's columns.

    A document that cannot be read gives one row with `FILE_FAULT` and nothing else.
    """
    encoding = "utf-8" if group.layout.copied else codec_name(contract.source.read.encoding)
    wanted = recipe(contract, encoding, group.layout.given)
    whole = group.layout.kind == "document"
    let_workers_import(spark)
    paths = [read_path(f.read_uri) for f in group.files]
    text = spark.read.text(paths, wholetext=whole)
    content = text.select(F.col("value").cast("binary"), file_name())
    fields = [StructField(column.name, StringType()) for column in wanted.columns]
    fields += [StructField(FAULTS, ArrayType(StringType(), False), False), StructField(RAW, StringType())]
    fields += [StructField(FILE_FAULT, StringType()), StructField(FILE, StringType(), False)]
    rows = content.mapInArrow(_reading(wanted, whole), StructType(fields))  # type: ignore[arg-type]
    return rows.withColumn(SKIP, F.lit(None).cast("string"))


def _reading(wanted: Recipe, whole: bool) -> Callable[[Batches], Batches]:
    def read(batches: Batches) -> Batches:
        rows = Rows(wanted)
        rows_of = _rows_of_document if whole else _rows_of_line
        batch = _Batch(wanted)
        for given in batches:
            for content, file in zip(given.column(0), given.column(1).to_pylist(), strict=True):
                for row, file_fault in rows_of(rows, content.as_py()):
                    batch.add(row, file_fault, file)
                    if batch.full:
                        yield batch.taken()
        yield batch.taken()

    return read


def _rows_of_line(rows: Rows, content: bytes) -> Iterator[tuple[Row | None, str | None]]:
    for row in rows.of_line(content):
        yield row, None


def _rows_of_document(rows: Rows, content: bytes) -> Iterator[tuple[Row | None, str | None]]:
    try:
        for row in rows.of_document(content):
            yield row, None
    except ValueError as error:
        yield None, str(error)


class _Batch:
    """Rows collected for one Arrow batch."""

    def __init__(self, wanted: Recipe) -> None:
        self._names = [column.name for column in wanted.columns]
        self._empty = [None] * len(self._names)
        self._texts: list = []
        self._rest: list = []

    @property
    def full(self) -> bool:
        return len(self._rest) >= _ROWS_AT_ONCE

    def add(self, row: Row | None, file_fault: str | None, file: str) -> None:
        self._texts.append(row.texts if row else self._empty)
        self._rest.append((row.faults, row.raw, None, file) if row else ([], None, file_fault, file))

    def taken(self) -> pa.RecordBatch:
        """Every row added since the last call."""
        texts, rest = self._texts, self._rest
        self._texts, self._rest = [], []
        try:
            return self._record_batch(texts, rest)
        except UnicodeEncodeError:
            return self._record_batch(*self._without_surrogates(texts, rest))

    def _record_batch(self, texts: list, rest: list) -> pa.RecordBatch:
        columns = list(zip(*texts, strict=True)) if texts else [()] * len(self._names)
        faults, raws, file_faults, files = zip(*rest, strict=True) if rest else ((), (), (), ())
        arrays = [pa.array(column, pa.string()) for column in columns]
        arrays += [pa.array(faults, _TEXTS), *(pa.array(v, pa.string()) for v in (raws, file_faults, files))]
        return pa.record_batch(arrays, [*self._names, FAULTS, RAW, FILE_FAULT, FILE])

    def _without_surrogates(self, texts: list, rest: list) -> tuple[list, list]:
        clean_texts, clean_rest = [], []
        for row, (faults, raw, file_fault, file) in zip(texts, rest, strict=True):
            clean = without_surrogates(self._names, Parts(row, faults, raw))
            clean_texts.append(clean.texts)
            clean_rest.append((clean.faults, clean.raw, file_fault, file))
        return clean_texts, clean_rest


FORMAT = FileFormat(json_looker, json_frame)
