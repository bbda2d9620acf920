"""What a crawl writes into Glue's catalog: tables and partitions in the form that AWS's crawlers give them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rehearsal.aws.crawlers.grouping import File, Partition, Table, partitions_in
from rehearsal.aws.crawlers.schemas import UNKNOWN, Columns, Schema, merge

_PARTITIONS_PER_CALL = 100
_HIVE = "org.apache.hadoop.hive"
_TEXT_OUT = f"{_HIVE}.ql.io.HiveIgnoreKeyTextOutputFormat"
_TEXT_IN = "org.apache.hadoop.mapred.TextInputFormat"
_FORMATS = {
    "csv": (_TEXT_IN, _TEXT_OUT, f"{_HIVE}.serde2.lazy.LazySimpleSerDe"),
    "json": (_TEXT_IN, _TEXT_OUT, "org.openx.data.jsonserde.JsonSerDe"),
    "parquet": (
        f"{_HIVE}.ql.io.parquet.MapredParquetInputFormat", f"{_HIVE}.ql.io.parquet.MapredParquetOutputFormat",
        f"{_HIVE}.ql.io.parquet.serde.ParquetHiveSerDe",
    ),
}  # fmt: skip
_TABLE_INPUT = (
    "Name", "Description", "Owner", "Retention", "StorageDescriptor", "PartitionKeys", "TableType", "Parameters",
)  # fmt: skip

Json = dict[str, Any]


class Catalog:
    """The tables of one crawler: created, updated and counted."""

    def __init__(self, glue: Any, crawler: Mapping[str, Any], settings: Mapping[str, Any]) -> None:
        self._glue, self._crawler = glue, crawler
        self._database, self._prefix = crawler.get("DatabaseName") or "", crawler.get("TablePrefix") or ""
        behaviour = settings.get("CrawlerOutput", {}).get("Partitions", {}).get("AddOrUpdateBehavior", "")
        self._inherit = behaviour == "InheritFromTable"
        policy = (crawler.get("SchemaChangePolicy") or {}).get("UpdateBehavior") or "UPDATE_IN_DATABASE"
        self._may_update = policy == "UPDATE_IN_DATABASE"
        self.created = self.updated = 0

    def table(self, database: str, name: str) -> Json:
        """A table that exists."""
        return self._glue.get_table(DatabaseName=database, Name=name)["Table"]

    def keep(self, bucket: str, table: Table, exclusions: Sequence[str]) -> Iterator[str]:
        """Create the table that was found, or update it, with its partitions; yields a line per change."""
        place = f"s3://{bucket}/{table.path}"
        name, known = self._place_for(self._prefix + table.name, place)
        storage = _storage(table.schema, place, table.files)
        if exclusions:
            storage["Parameters"]["exclusions"] = str(list(exclusions)).replace("'", '"')
        storage["Parameters"]["UPDATED_BY_CRAWLER"] = str(self._crawler["Name"])
        keys = [{"Name": key, "Type": "string"} for key in table.keys]
        wanted = {
            "Name": name, "Owner": "owner", "TableType": "EXTERNAL_TABLE", "Retention": 0,
            "StorageDescriptor": storage, "PartitionKeys": keys, "Parameters": storage["Parameters"],
        }  # fmt: skip
        yield from self._write(wanted, known, self._database)
        yield from self._partitions(self._database, name, storage, bucket, table.partitions)

    def refresh(self, known: Json, bucket: str, folder: str, files: Sequence[File]) -> Iterator[str]:
        """Update a table that is a target itself: new columns, new partitions; its name and keys stay."""
        keys = [key["Name"] for key in known.get("PartitionKeys", [])]
        parts = [part for part in partitions_in(folder, files) if len(part.values) == len(keys)]
        readable = [file for part in parts for file in part.files if file.schema.classification != UNKNOWN]
        if not readable:
            yield f"Table {known['Name']}: no readable file in s3://{bucket}/{folder}"
            return
        wanted = _input(known)
        wanted["StorageDescriptor"] = dict(known["StorageDescriptor"])
        wanted["StorageDescriptor"]["Columns"] = _completed(
            known["StorageDescriptor"].get("Columns", []), merge([file.schema for file in readable]).columns, keys
        )
        mark = {"UPDATED_BY_CRAWLER": str(self._crawler["Name"])}
        wanted["Parameters"] = {**known.get("Parameters", {}), **mark}
        yield from self._write(wanted, known, known["DatabaseName"])
        if keys:
            place = known["DatabaseName"], known["Name"], wanted["StorageDescriptor"], bucket
            yield from self._partitions(*place, parts)

    def _place_for(self, name: str, place: str) -> tuple[str, Json | None]:
        """The table's name, and the table when it exists; a name taken by another location gets a suffix, as on AWS."""
        known = self._known(name)
        if known is None or known.get("StorageDescriptor", {}).get("Location", "").rstrip("/") == place.rstrip("/"):
            return name, known
        suffixed = f"{name}_{hashlib.md5(place.encode(), usedforsecurity=False).hexdigest()}"
        return suffixed, self._known(suffixed)

    def _known(self, name: str) -> Json | None:
        try:
            return self._glue.get_table(DatabaseName=self._database, Name=name)["Table"]
        except self._glue.exceptions.EntityNotFoundException:
            return None

    def _write(self, wanted: Json, known: Json | None, database: str) -> Iterator[str]:
        name = wanted["Name"]
        if known is None:
            self._glue.create_table(DatabaseName=database, TableInput=wanted)
            self.created += 1
            yield f"Created table {name} in database {database}"
            return
        if all(known.get(part) == wanted.get(part) for part in ("StorageDescriptor", "PartitionKeys", "Parameters")):
            return
        if not self._may_update:
            yield f"Table {name} has changed, and the schema change policy only logs that"
            return
        changed = {**_input(known), **wanted}
        self._glue.update_table(DatabaseName=database, TableInput=changed, VersionId=known["VersionId"])
        self.updated += 1
        yield f"Updated table {name} in database {database}"

    def _partitions(
        self, database: str, table: str, storage: Json, bucket: str, parts: Sequence[Partition]
    ) -> Iterator[str]:
        place = {"DatabaseName": database, "TableName": table}
        known = {tuple(part["Values"]): part for part in self._all_partitions(place)} if parts else {}
        wanted = {part.values: self._partition(storage, bucket, part) for part in parts}
        new = [part for values, part in wanted.items() if values not in known]
        changed = [
            {"PartitionValueList": list(values), "PartitionInput": part}
            for values, part in wanted.items()
            if values in known and known[values].get("StorageDescriptor") != part["StorageDescriptor"]
        ]
        for batch in _batches(new):
            _must_be_written(self._glue.batch_create_partition(**place, PartitionInputList=batch))
        for batch in _batches(changed if self._may_update else []):
            _must_be_written(self._glue.batch_update_partition(**place, Entries=batch))
        gone = len(set(known) - set(wanted))
        if new or changed or gone:
            yield f"Table {table}: {len(new)} partitions created, {len(changed)} updated, {gone} gone from S3 (kept)"

    def _all_partitions(self, place: Mapping[str, str]) -> Iterator[Json]:
        for page in self._glue.get_paginator("get_partitions").paginate(**place):
            yield from page["Partitions"]

    def _partition(self, storage: Json, bucket: str, part: Partition) -> Json:
        place = f"s3://{bucket}/{part.folder}"
        own = {**storage, "Location": place} if self._inherit else _storage(part.schema, place, part.files)
        return {"Values": list(part.values), "StorageDescriptor": own, "Parameters": own.get("Parameters", {})}


def _input(table: Mapping[str, Any]) -> Json:
    """The fields of GetTable's answer that UpdateTable takes."""
    return {key: table[key] for key in _TABLE_INPUT if table.get(key) not in (None, "")}


def _batches(parts: list[Json]) -> Iterator[list[Json]]:
    for start in range(0, len(parts), _PARTITIONS_PER_CALL):
        yield parts[start : start + _PARTITIONS_PER_CALL]


def _must_be_written(answer: Mapping[str, Any]) -> None:
    if answer.get("Errors"):
        raise LookupError(f"partitions were not written: {answer['Errors'][0]}")


def _completed(known: Sequence[Json], columns: Columns, keys: Sequence[str]) -> list[Json]:
    """The known columns with the types just found, then the new ones."""
    types = dict(columns)
    kept = [{**column, "Type": types.get(column["Name"], column["Type"])} for column in known]
    names = {column["Name"] for column in known} | set(keys)
    return [*kept, *({"Name": name, "Type": kind} for name, kind in columns if name not in names)]


def _storage(schema: Schema, place: str, files: Sequence[File]) -> Json:
    """A storage descriptor as crawlers write it; an unknown format has neither columns nor a SerDe."""
    formats = _FORMATS.get(schema.classification)
    size = sum(file.size for file in files)
    parameters = {
        "classification": schema.classification, "compressionType": schema.compression, "typeOfData": "file",
        "objectCount": str(len(files)), "recordCount": str(schema.records), "sizeKey": str(size),
        "averageRecordSize": str(size // schema.records if schema.records else 0),
        "CrawlerSchemaDeserializerVersion": "1.0", "CrawlerSchemaSerializerVersion": "1.0",
    }  # fmt: skip
    if schema.classification == "csv":
        parameters |= {"delimiter": schema.delimiter, "columnsOrdered": "true", "areColumnsQuoted": "false"}
        parameters |= {"skip.header.line.count": "1"} if schema.header else {}
    storage: Json = {
        "Columns": [{"Name": name, "Type": kind} for name, kind in schema.columns], "Location": place,
        "Compressed": schema.compression != "none", "NumberOfBuckets": -1, "BucketColumns": [], "SortColumns": [],
        "StoredAsSubDirectories": False, "Parameters": parameters,
    }  # fmt: skip
    if formats is not None:
        storage["InputFormat"], storage["OutputFormat"], serde = formats
        storage["SerdeInfo"] = {"SerializationLibrary": serde, "Parameters": _serde_parameters(schema)}
    return storage


def _serde_parameters(schema: Schema) -> dict[str, str]:
    if schema.classification == "csv":
        return {"field.delim": schema.delimiter}
    if schema.classification == "json":
        return {"paths": ",".join(sorted(name for name, _ in schema.columns))}
    return {"serialization.format": "1"}
