"""Give every row its object and arrival, by the name that Spark gives to the file it was read from."""

from __future__ import annotations

import posixpath
import re
import unicodedata
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from headgate.columns import ARRIVAL, FILE, OBJECT
from headgate.read.layout import Looked

_LEGAL = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-!.~'()*,;:$&+=@/")
_WILD = re.compile(r"[{}\[\]*?\\]")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def hadoop_path(uri: str) -> str:
    """An object's address as Hadoop's `Path` expects it: never percent-encoded."""
    if not uri.startswith("file:"):
        return uri
    return "file:" + posixpath.normpath(unquote(uri.removeprefix("file://"), errors="surrogateescape"))


def read_path(uri: str) -> str:
    """The object's path for Spark's readers."""
    return literal(hadoop_path(uri))


def literal(path: str) -> str:
    """A Hadoop path with its wildcards escaped, so that Spark's readers take it literally.

    Spark's own option for this, `__globPaths__`, reads files twice as soon as one of several names has a wildcard.
    """
    return _WILD.sub(r"\\\g<0>", path)


def spark_name(uri: str) -> str:
    """The text of `_metadata.file_path` for an object: its path, quoted as `java.net.URI` quotes.

    Percent-encoded are the ASCII characters that a URI path may not contain, and other spaces and control characters;
    letters of other scripts are not.
    """
    return "".join(c if c in _LEGAL else _quoted(c) for c in hadoop_path(uri))


def _quoted(c: str) -> str:
    if ord(c) >= 0xA0 and unicodedata.category(c) not in ("Zs", "Zl", "Zp", "Cc"):
        return c
    return "".join(f"%{byte:02X}" for byte in unicodedata.normalize("NFC", c).encode("utf-8", errors="surrogateescape"))


def with_origin(df: DataFrame, spark: SparkSession, files: Sequence[Looked]) -> DataFrame:
    """Replace the file's name by `OBJECT` and `ARRIVAL`; a name that belongs to no file of the plan stops the run."""
    if len(files) == 1:
        stored = files[0].object
        arrival = F.timestamp_micros(F.lit(_micros(stored.arrival)))
        return df.drop(FILE).withColumns({OBJECT: F.lit(stored.path), ARRIVAL: arrival})
    unknown = F.raise_error(F.concat(F.lit("not an object of this plan: "), F.col(FILE)))
    joined = df.join(F.broadcast(_origins(spark, files)), FILE, "left")
    return joined.withColumn(OBJECT, F.coalesce(OBJECT, unknown.cast("string"))).drop(FILE)


def _origins(spark: SparkSession, files: Sequence[Looked]) -> DataFrame:
    """Each file's name for Spark, with its object and arrival."""
    import pandas as pd

    table = pd.DataFrame({
        FILE: [spark_name(file.read_uri) for file in files],
        OBJECT: [file.object.path for file in files],
        ARRIVAL: [_micros(file.object.arrival) for file in files],
    })  # fmt: skip
    with settings(spark, {"spark.sql.execution.arrow.pyspark.enabled": "true"}), warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # pyspark 3.5 calls pandas 2 as it was in version 1
        origins = spark.createDataFrame(table)  # through Arrow: a local relation, no Python worker
    return origins.withColumn(ARRIVAL, F.timestamp_micros(ARRIVAL))


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
