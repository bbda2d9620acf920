"""A plain Parquet table in the Glue catalog, for Athena, crawlers and every other reader of Hive tables.

Partitions are switched to this run's folders in batches, the table's columns and ledger pointer last. That is not one
atomic step: for a moment a reader may see some partitions new and others old, each of them complete and audited.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import unquote

from headgate.lake.ledger import POINTER

_PARQUET = {
    "InputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
    "OutputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
    "SerdeInfo": {"SerializationLibrary": "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"},
}
_NULL = "__HIVE_DEFAULT_PARTITION__"
_AT_ONCE = 100  # partitions in one call that creates or updates; deleting takes 25
_AT_ONCE_DELETED = 25

Columns = Sequence[tuple[str, str]]
Locations = Mapping[tuple[str, ...], str]


def locations(root: str, folders: Mapping[str, Sequence[str]]) -> dict[tuple[str, ...], str]:
    """Partition values to the folder that holds them; `()` is the whole of a table without partitions."""
    return {_values(part): f"{root}/{run}/{part}".rstrip("/") for run, parts in folders.items() for part in parts}


def switch(
    glue: Any,
    database: str,
    table: str,
    columns: Columns,
    partition_by: Sequence[str],
    at: Locations,
    root: str,
    pointer: str,
) -> None:
    """Give the Glue table these columns, partitions and ledger pointer; create it when there is none."""
    files = [{"Name": name, "Type": kind} for name, kind in columns if name not in partition_by]
    keys = [{"Name": name, "Type": dict(columns)[name]} for name in partition_by]
    location = root if partition_by else at.get((), root)
    wanted = {
        "Name": table,
        "TableType": "EXTERNAL_TABLE",
        "PartitionKeys": keys,
        "StorageDescriptor": {**_PARQUET, "Columns": files, "Location": location},
        "Parameters": {"classification": "parquet", "EXTERNAL": "TRUE", POINTER: pointer},
    }
    known = _known(glue, database, table)
    if known is None:
        before = {**wanted, "Parameters": {"classification": "parquet", "EXTERNAL": "TRUE"}}
        glue.create_table(DatabaseName=database, TableInput=before)
    if partition_by:
        _switch_partitions(glue, database, table, known or {}, at, files)
    glue.update_table(DatabaseName=database, TableInput=wanted)


def _switch_partitions(
    glue: Any,
    database: str,
    table: str,
    known: Mapping[tuple[str, ...], str],
    at: Locations,
    files: list[dict[str, str]],
) -> None:
    where = {"DatabaseName": database, "TableName": table}
    new = [_partition(values, at[values], files) for values in at if values not in known]
    moved = [_partition(values, at[values], files) for values in at if known.get(values, at[values]) != at[values]]
    gone = [{"Values": list(values)} for values in known if values not in at]
    for batch in _batches(new, _AT_ONCE):
        _all_done(glue.batch_create_partition(**where, PartitionInputList=batch))
    for batch in _batches(moved, _AT_ONCE):
        entries = [{"PartitionValueList": partition["Values"], "PartitionInput": partition} for partition in batch]
        _all_done(glue.batch_update_partition(**where, Entries=entries))
    for batch in _batches(gone, _AT_ONCE_DELETED):
        _all_done(glue.batch_delete_partition(**where, PartitionsToDelete=batch))


def _known(glue: Any, database: str, table: str) -> dict[tuple[str, ...], str] | None:
    """The registered partitions and their locations; None when there is no such table."""
    try:
        glue.get_table(DatabaseName=database, Name=table)
    except glue.exceptions.EntityNotFoundException:
        return None
    pages = glue.get_paginator("get_partitions").paginate(DatabaseName=database, TableName=table)
    partitions = [partition for page in pages for partition in page["Partitions"]]
    return {tuple(partition["Values"]): partition["StorageDescriptor"]["Location"] for partition in partitions}


def _partition(values: tuple[str, ...], location: str, files: list[dict[str, str]]) -> dict[str, Any]:
    return {"Values": list(values), "StorageDescriptor": {**_PARQUET, "Columns": files, "Location": location}}


def _values(part: str) -> tuple[str, ...]:
    """The values in `year=2026/city=a%2Fb`; Hive escapes characters that a folder's name may not have."""
    texts = [step.partition("=")[2] for step in part.split("/") if step]
    return tuple(text if text == _NULL else unquote(text) for text in texts)


def _batches(items: Sequence[Any], size: int) -> Iterator[list[Any]]:
    for start in range(0, len(items), size):
        yield list(items[start : start + size])


def _all_done(answer: Mapping[str, Any]) -> None:
    """A batch call answers 200 with the errors inside."""
    errors = answer.get("Errors") or ()
    if errors:
        first = errors[0]
        detail = first.get("ErrorDetail", {})
        raise OSError(f"Glue refused {len(errors)} partitions: {detail.get('ErrorCode')} {detail.get('ErrorMessage')}")
