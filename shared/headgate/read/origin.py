"""Every row knows its object and its arrival: from the name Spark gives a file to the stored object, exactly."""

from __future__ import annotations

import posixpath
import re
import unicodedata
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from headgate.read.layout import Looked

FILE = "_read_from"
_LEGAL = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-!.~'()*,;:$&+=@/")
_WILD = re.compile(r"[{}\[\]*?\\]")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def hadoop_path(uri: str) -> str:
    """The text that Hadoop's `Path` takes for an object: never percent-encoded."""
    if not uri.startswith("file:"):
        return uri
    return "file:" + posixpath.normpath(unquote(uri.removeprefix("file://"), errors="surrogateescape"))


def read_path(uri: str) -> str:
    """The object's path for Spark's readers."""
    return literal(hadoop_path(uri))


def literal(path: str) -> str:
    """A Hadoop path as Spark's readers take it by the letter: what would be a wildcard is escaped.

    Spark's own switch for this, `__globPaths__`, reads files twice as soon as one of several names has such a sign.
    """
    return _WILD.sub(r"\\\g<0>", path)


def spark_name(uri: str) -> str:
    """What `_metadata.file_path` says of an object: its path quoted as `java.net.URI` quotes.

    ASCII that a URI path may not hold is percent-encoded; so are other spaces and control characters; letters of
    other scripts stay.
    """
    return "".join(c if c in _LEGAL else _quoted(c) for c in hadoop_path(uri))


def _quoted(c: str) -> str:
    keeps = ord(c) >= 0xA0 and unicodedata.category(c) not in ("Zs", "Zl", "Zp", "Cc")
    if keeps:
        return c
    return "".join(f"%{byte:02X}" for byte in unicodedata.normalize("NFC", c).encode("utf-8", errors="surrogateescape"))


def with_origin(df: DataFrame, spark: SparkSession, files: Sequence[Looked]) -> DataFrame:
    """Replace the file's name by `_object` and `_arrival`; a name that is no object of the plan stops the run."""
    if len(files) == 1:
        stored = files[0].object
        arrival = _instant(F.lit(_micros(stored.arrival)))
        return df.drop(FILE).withColumns({"_object": F.lit(stored.path), "_arrival": arrival})
    known = _known(spark, files).select("_name", "_object", _instant(F.col("_micros")).alias("_arrival"))
    lost = F.raise_error(F.concat(F.lit("not an object of this plan: "), F.col(FILE)))
    joined = df.join(F.broadcast(known), F.col(FILE) == F.col("_name"), "left")
    return joined.withColumn("_object", F.coalesce("_object", lost.cast("string"))).drop(FILE, "_name")


def _known(spark: SparkSession, files: Sequence[Looked]) -> DataFrame:
    import pandas as pd

    names = [spark_name(f.read_uri) for f in files]
    table = pd.DataFrame({
        "_name": names,
        "_object": [f.object.path for f in files],
        "_micros": [_micros(f.object.arrival) for f in files],
    })  # fmt: skip
    with settings(spark, {"spark.sql.execution.arrow.pyspark.enabled": "true"}), warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # pyspark 3.5 asks pandas 2 in words of pandas 1
        return spark.createDataFrame(table)  # through Arrow: a local relation, no Python worker


def _instant(micros: Column) -> Column:
    return F.timestamp_micros(micros)


def _micros(arrival: datetime) -> int:
    return (arrival - _EPOCH) // timedelta(microseconds=1)


@contextmanager
def settings(spark: SparkSession, wanted: Mapping[str, str]) -> Iterator[None]:
    """Set session options for a while; what stood there before comes back."""
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
