"""Small tables in, small tables out: contracts in a line or two, and frames compared with chispa."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import yaml
from chispa import assert_df_equality
from pyarrow import parquet
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import MapType

from headgate.contract.model import Contract

HEAD = {"dataset": "orders", "domain": "test", "owner": "test@example.org", "description": "One row per order."}


def contract(body: str, **more: Any) -> Contract:
    """A contract of these columns (YAML, a list of one mapping per line) and further keys."""
    return Contract.model_validate({**HEAD, "columns": yaml.safe_load(body), **more})


def table(spark: SparkSession, schema: str, *rows: Sequence[Any]) -> DataFrame:
    """A frame of these rows; `schema` in DDL words."""
    return spark.createDataFrame(list(rows), schema)


def assert_table(actual: DataFrame, schema: str, *rows: Sequence[Any]) -> None:
    """The frame has exactly these columns, types and rows, in any order."""
    expected = table(actual.sparkSession, schema, *rows)
    assert_df_equality(_sortable(actual), _sortable(expected), ignore_nullable=True, ignore_row_order=True)


def _sortable(frame: DataFrame) -> DataFrame:
    """Maps as sorted lists of their entries: Spark neither sorts nor compares maps."""
    maps = [field.name for field in frame.schema.fields if isinstance(field.dataType, MapType)]
    return frame.withColumns({name: F.array_sort(F.map_entries(name)) for name in maps})


def rewrite(folder: Path, change: Callable[[Any], Any]) -> None:
    """Change the rows of every Parquet file below a folder, as nothing of Headgate does."""
    for file in folder.rglob("*.parquet"):
        rows = parquet.ParquetFile(file).read()
        parquet.write_table(change(rows), file)
        file.with_name(f".{file.name}.crc").unlink(missing_ok=True)
