"""Look at the footer of a Parquet file."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from headgate.lake.storage import Storage, StoredObject
from headgate.read.file_format import Look
from headgate.read.layout import HeaderLayout, Looked
from headgate.read.names import match, normal
from headgate.read.refused import CannotBelong

if TYPE_CHECKING:
    from headgate.contract.model import Contract

_SPARK_SCHEMA = b"org.apache.spark.sql.parquet.row.metadata"


@dataclass(frozen=True, kw_only=True)
class ParquetLayout(HeaderLayout):
    """The columns as the footer spells them, and where the contract's columns are among them."""

    schema: str  # the footer's schema


def parquet_looker(contract: Contract, storage: Storage, objects: Sequence[StoredObject]) -> Look:
    """The function that looks at one Parquet file; it needs nothing of the other files."""
    return functools.partial(_look, contract, storage)


def _look(contract: Contract, storage: Storage, stored: StoredObject) -> Looked:
    """The file's own columns, matched with the contract. Raises `CannotBelong`."""
    if stored.size == 0:
        raise CannotBelong("is empty (0 bytes)")
    names, schema = _footer(storage, stored)
    twice = [name for name, count in Counter(name.casefold() for name in names).items() if count > 1]
    if twice:
        raise CannotBelong(f"has columns that differ in case only: {', '.join(f'`{name}`' for name in twice)}")
    matched = match(contract, [normal(name) for name in names])
    return Looked(stored, ParquetLayout(names=names, places=matched.places, schema=schema), matched)


def _footer(storage: Storage, stored: StoredObject) -> tuple[tuple[str, ...], str]:
    import pyarrow as pa  # here: the workers that read JSON import this module too, and need none of it
    import pyarrow.parquet as pq

    try:
        with storage.open(stored.path) as raw, pq.ParquetFile(raw) as file:
            by_spark = (file.metadata.metadata or {}).get(_SPARK_SCHEMA, b"")
            schema = str(file.schema).partition("\n")[2]  # the first line is an address in memory
            return tuple(file.schema_arrow.names), f"{schema}\n{by_spark.decode('utf-8', 'replace')}"
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, OSError) as error:
        raise CannotBelong(f"is not Parquet, or is cut short: {str(error).splitlines()[0]}") from error
