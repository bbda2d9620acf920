"""A toy format: a line `!fixed name name …`, then one record per line, in which every value is four characters wide."""

from __future__ import annotations

from collections.abc import Sequence

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from headgate.contract.model import Contract
from headgate.lake.storage import Storage, StoredObject
from headgate.lake.uris import read_path
from headgate.read.file_format import FileFormat, Look, file_name, without_faults
from headgate.read.layout import Group, HeaderLayout, Looked
from headgate.read.names import match
from headgate.read.refused import CannotBelong

MAGIC = b"!fixed "


def fixed_looker(contract: Contract, storage: Storage, objects: Sequence[StoredObject]) -> Look:
    def look(stored: StoredObject) -> Looked:
        first = storage.head(stored.path, 1000).partition(b"\n")[0]
        if not first.startswith(MAGIC):
            raise CannotBelong("does not begin with `!fixed`")
        header = tuple(first.decode().split()[1:])
        matched = match(contract, header)
        return Looked(stored, HeaderLayout(names=header, places=matched.places), matched)

    return look


def fixed_frame(spark: SparkSession, contract: Contract, group: Group[HeaderLayout]) -> DataFrame:
    lines = spark.read.text([read_path(file.read_uri) for file in group.files]).where("value NOT LIKE '!fixed %'")
    places = zip(contract.read_columns, group.layout.places, strict=True)
    values = [F.trim(F.substring("value", (place or 0) * 4 + 1, 4)).alias(column.name) for column, place in places]
    return lines.select(*values, *without_faults(), file_name())


FORMAT = FileFormat(fixed_looker, fixed_frame)
