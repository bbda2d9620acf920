"""Read the Parquet files of documents that were flattened: texts, with the faults that the reader of JSON has found.

`headgate/flatten/parquet.py` writes them. Every column is a text: what the reader of the documents themselves gives.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import StringType, StructField, StructType

from headgate.columns import DOCUMENT, FAULTS, FILE_FAULT, RAW, SKIP
from headgate.lake.storage import Storage, StoredObject
from headgate.lake.uris import read_path
from headgate.read.file_format import FileFormat, Look, file_name
from headgate.read.layout import Group, Layout, Looked
from headgate.read.parquet_look import opened, read_parquet
from headgate.read.refused import CannotBelong

if TYPE_CHECKING:
    from headgate.contract.model import Contract


@dataclass(frozen=True, kw_only=True)
class FlattenedLayout(Layout):
    """The columns that the files have; one that the contract got later is null in them."""

    names: tuple[str, ...]


def flattened_looker(contract: Contract, storage: Storage, objects: Sequence[StoredObject]) -> Look:
    """The function that looks at one file; it needs nothing of the other files."""
    return functools.partial(_look, contract, storage)


def _look(contract: Contract, storage: Storage, stored: StoredObject) -> Looked:
    """The file's columns. Raises `CannotBelong` for a file that flattening has not written."""
    import pyarrow as pa

    with opened(storage, stored) as file:
        texts = {field.name for field in file.schema_arrow if pa.types.is_string(field.type)}
    missing = [name for name in (DOCUMENT, FAULTS, RAW) if name not in texts]
    if missing:
        raise CannotBelong(
            f"was not made from a document: it has no text column `{missing[0]}`. Documents arrive below "
            f"`incoming/{contract.dataset}/`, and `headgate flatten` or the Lambda makes such files of them"
        )
    known = tuple(column.name for column in contract.read_columns if column.name in texts)
    return Looked(stored, FlattenedLayout(names=known))


def flattened_frame(spark: SparkSession, contract: Contract, group: Group[FlattenedLayout]) -> DataFrame:
    """The group's rows: the columns as texts under their published names, then the reader's columns."""
    schema = StructType([StructField(name, StringType()) for name in (*group.layout.names, FAULTS, RAW)])
    options = {"parquet.page.verify-checksum.enabled": "true"}
    raw = spark.read.schema(schema).options(**options).parquet(*(read_path(file.read_uri) for file in group.files))
    nothing = F.lit(None).cast("string")
    faults = F.coalesce(F.from_json(FAULTS, "array<string>"), F.array().cast("array<string>"))
    return raw.select(
        *((F.col(n) if n in group.layout.names else nothing).alias(n) for n in (c.name for c in contract.read_columns)),
        faults.alias(FAULTS),
        RAW,
        *(nothing.alias(name) for name in (FILE_FAULT, SKIP)),
        file_name(),
    )


FORMAT = FileFormat(flattened_looker, flattened_frame, read_whole=read_parquet)
