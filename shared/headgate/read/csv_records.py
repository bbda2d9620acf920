"""The records of CSV files as texts: by the lines that Spark reads, or framed in the order of the file."""

from __future__ import annotations

import codecs
import gzip
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import reduce
from operator import or_
from typing import IO, TYPE_CHECKING, Any, cast

import pyarrow as pa
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from headgate.columns import COMMENT as COMMENT_LINE
from headgate.columns import FILE, FILE_FAULT, REPEATED_HEADER, SKIP
from headgate.lake.storage import open_uri
from headgate.lake.uris import read_path, spark_name
from headgate.read.codes import coded_line_ends
from headgate.read.copying import INVALID, NATIVE, codec_name
from headgate.read.dialect import dialect
from headgate.read.file_format import file_name
from headgate.read.framer import Framer, Framing, blank_characters, lines
from headgate.read.gz import is_gz
from headgate.read.layout import Group
from headgate.read.origin import local_frame
from headgate.read.refused import CUT_SHORT
from headgate.read.workers import let_workers_import

if TYPE_CHECKING:
    from headgate.contract.model import Contract
    from headgate.contract.source import Read

TEXT, FAULT = "_text", "_fault"  # a record as it is in the file; why the framer refuses it
_CHUNK = 1 << 20
_AT_ONCE = 4000
_SCHEMA = f"{TEXT} binary, {FAULT} string, {SKIP} string, {FILE_FAULT} string, {FILE} string"
Batches = Iterator[pa.RecordBatch]


def line_records(spark: SparkSession, contract: Contract, group: Group[Any]) -> DataFrame:
    """One record per line that is not blank; the file's own header is among them, skipped as a repeated one."""
    read = contract.source.read
    charset = "UTF-8" if group.layout.copied else NATIVE[codec_name(read.encoding)]
    raw = spark.read.text([read_path(f.read_uri) for f in group.files]).select("value", file_name())
    value = F.col("value")
    text = value if charset == "UTF-8" else F.decode(value.cast("binary"), charset)
    none = F.lit(None).cast("string")
    written = raw.where(~_is_blank(value, read)).select(
        text.alias(TEXT), none.alias(FAULT), none.alias(FILE_FAULT), FILE
    )
    return written.withColumn(SKIP, _skip(read, group.layout.first_line))


def _is_blank(line: Column, read: Read) -> Column:
    """True for a line of nothing but white space; a delimiter among it makes a record of empty values."""
    signs = blank_characters(read.delimiter)
    begins = reduce(or_, (line.startswith(sign) for sign in signs))
    return (line == "") | (begins & ~line.rlike(f"[^{signs}]"))


def _skip(read: Read, header: str) -> Column:
    text = F.col(TEXT)
    reason = F.lit(None).cast("string")
    if header:
        reason = F.when((text == header) | (text == "\ufeff" + header), REPEATED_HEADER).otherwise(reason)
    return F.when(text.startswith(read.comment), COMMENT_LINE).otherwise(reason) if read.comment else reason


def framed_records(spark: SparkSession, contract: Contract, group: Group[Any]) -> DataFrame:
    """The records of files that must be read in order, without the header; line ends inside a record are coded."""
    import pandas as pd

    let_workers_import(spark)
    uris = [file.read_uri for file in group.files]
    files = local_frame(spark, pd.DataFrame({"uri": uris, FILE: [spark_name(uri) for uri in uris]}))
    wanted, encoding = framing(contract.source.read), codec_name(contract.source.read.encoding)
    if group.layout.copied:  # a copy is UTF-8 and begins after the skipped lines
        wanted, encoding = replace(wanted, skip_lines=0), "utf-8"
    framed = files.mapInArrow(_framing(wanted, encoding), _SCHEMA)  # type: ignore[arg-type]
    return framed.withColumn(TEXT, F.col(TEXT).cast("string"))


def framing(read: Read) -> Framing:
    """What the framer must know of a contract."""
    return Framing(
        dialect=dialect(read),
        multi_line=read.multi_line,
        header=read.header,
        skip_lines=read.skip_lines,
        skip_last=read.skip_last,
        skip_from=read.skip_from,
        comment=read.comment,
    )


def _framing(wanted: Framing, encoding: str) -> Callable[[Batches], Batches]:
    def read(batches: Batches) -> Batches:
        for batch in batches:
            for uri, file in zip(batch.column(0).to_pylist(), batch.column(1).to_pylist(), strict=True):
                yield from _batches(_rows(uri, wanted, encoding), file)

    return read


Row = tuple[bytes | None, str | None, str | None, str | None]


def _batches(rows: Iterator[Row], file: str) -> Batches:
    waiting: list[Row] = []
    for row in rows:
        waiting.append(row)
        if len(waiting) >= _AT_ONCE:
            yield _batch(waiting, file)
            waiting = []
    yield _batch(waiting, file)


def _batch(rows: list[Row], file: str) -> pa.RecordBatch:
    columns = list(zip(*rows, strict=True)) if rows else [(), (), (), ()]
    arrays = [pa.array(columns[0], pa.binary()), *(pa.array(column, pa.string()) for column in columns[1:])]
    arrays.append(pa.array([file] * len(rows), pa.string()))
    return pa.record_batch(arrays, [TEXT, FAULT, SKIP, FILE_FAULT, FILE])


def _rows(uri: str, wanted: Framing, encoding: str) -> Iterator[Row]:
    errors = "surrogateescape" if encoding == "utf-8" else INVALID
    framer = Framer(wanted)
    try:
        for text, fault, skip in framer.records(lines(_chunks(uri, encoding, errors))):
            yield coded_line_ends(text).encode("utf-8", errors), fault, skip, None
    except (EOFError, zlib.error, gzip.BadGzipFile):
        yield None, None, None, CUT_SHORT


def _chunks(uri: str, encoding: str, errors: str) -> Iterator[str]:
    """The text of a file; bytes that are not of the encoding stay bytes that are not UTF-8."""
    decoder = codecs.getincrementaldecoder(encoding)(errors)
    with open_uri(uri) as raw:
        source = cast(IO[bytes], gzip.GzipFile(fileobj=raw)) if is_gz(uri) else raw
        begun = False
        while chunk := source.read(_CHUNK):
            text = decoder.decode(chunk)
            yield text if begun else text.lstrip("\ufeff")
            begun = begun or bool(text)
        yield decoder.decode(b"", final=True)
