"""Look at the footer of a Parquet file."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from headgate.lake.storage import Storage, StoredObject
from headgate.read.layout import Layout, Looked
from headgate.read.names import match, normal
from headgate.read.refused import CannotBelong

if TYPE_CHECKING:
    from headgate.contract.model import Contract

_SPARK_SCHEMA = b"org.apache.spark.sql.parquet.row.metadata"


def look_at_parquet(contract: Contract, storage: Storage, stored: StoredObject) -> Looked:
    """The file's own columns, matched with the contract. Raises `CannotBelong`."""
    if stored.size == 0:
        raise CannotBelong("is empty (0 bytes)")
    names, schema = _footer(storage, stored)
    twice = [name for name, count in Counter(name.casefold() for name in names).items() if count > 1]
    if twice:
        raise CannotBelong(f"has columns that differ in case only: {', '.join(f'`{name}`' for name in twice)}")
    found = match(contract, [normal(name) for name in names])
    return Looked(stored, Layout("parquet", names, found.places, schema=schema), found)


def _footer(storage: Storage, stored: StoredObject) -> tuple[tuple[str, ...], str]:
    try:
        with storage.open(stored.path) as raw, pq.ParquetFile(raw) as file:
            by_spark = (file.metadata.metadata or {}).get(_SPARK_SCHEMA, b"")
            schema = str(file.schema).partition("\n")[2]  # the first line is an address in memory
            return tuple(file.schema_arrow.names), f"{schema}\n{by_spark.decode('utf-8', 'replace')}"
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, OSError) as error:
        raise CannotBelong(f"is not Parquet, or is cut short: {str(error).splitlines()[0]}") from error
