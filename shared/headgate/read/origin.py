"""Give every row its object and arrival, by the name that Spark gives to the file it was read from."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from headgate.columns import ARRIVAL, FILE, OBJECT
from headgate.lake.uris import spark_name
from headgate.read.layout import Looked

if TYPE_CHECKING:
    import pandas as pd

_GIVEN = "_given_"  # and a column's name: its value in the path of the file
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def with_origin(df: DataFrame, spark: SparkSession, files: Sequence[Looked]) -> DataFrame:
    """Replace the file's name by `OBJECT` and `ARRIVAL`, and fill the columns whose value is in the file's path.

    A name that belongs to no file of the plan stops the run.
    """
    given = list(dict.fromkeys(name for file in files for name in file.given))
    if len(files) == 1:
        stored = files[0].object
        arrival = F.timestamp_micros(F.lit(_micros(stored.arrival)))
        values = {name: F.lit(files[0].given[name]).cast("string") for name in given}
        return df.drop(FILE).withColumns({OBJECT: F.lit(stored.path), ARRIVAL: arrival, **values})
    unknown = F.raise_error(F.concat(F.lit("not an object of this plan: "), F.col(FILE)))
    joined = df.join(F.broadcast(_origins(spark, files, given)), FILE, "left")
    values = {name: F.coalesce(F.col(name), F.col(_GIVEN + name)) for name in given}
    known = joined.withColumns({OBJECT: F.coalesce(OBJECT, unknown.cast("string")), **values})
    return known.drop(FILE, *(_GIVEN + name for name in given))


def _origins(spark: SparkSession, files: Sequence[Looked], given: Sequence[str]) -> DataFrame:
    """Each file's name for Spark, with its object, its arrival and the values in its path."""
    import pandas as pd

    table = pd.DataFrame({
        FILE: [spark_name(file.read_uri) for file in files],
        OBJECT: [file.object.path for file in files],
        ARRIVAL: [_micros(file.object.arrival) for file in files],
        **{_GIVEN + name: pd.Series([file.given.get(name) for file in files], dtype="object") for name in given},
    })  # fmt: skip
    texts = {_GIVEN + name: F.col(_GIVEN + name).cast("string") for name in given}
    return local_frame(spark, table).withColumns({ARRIVAL: F.timestamp_micros(ARRIVAL), **texts})


def local_frame(spark: SparkSession, table: pd.DataFrame) -> DataFrame:
    """A small table as a local relation: through Arrow, without a Python worker."""
    with settings(spark, {"spark.sql.execution.arrow.pyspark.enabled": "true"}), warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # pyspark 3.5 calls pandas 2 as it was in version 1
        return spark.createDataFrame(table)  # through Arrow: a local relation, no Python worker


def _micros(arrival: datetime) -> int:
    return (arrival - _EPOCH) // timedelta(microseconds=1)


@contextmanager
def settings(spark: SparkSession, wanted: Mapping[str, str]) -> Iterator[None]:
    """Set options of the session, and restore their former values at the end."""
    before = {key: spark.conf.get(key, None) for key in wanted}
    try:
        for key, value in wanted.items():
            spark.conf.set(key, value)
        yield
    finally:
        for key, value in before.items():
            if value is None:
                spark.conf.unset(key)
            else:
                spark.conf.set(key, value)
