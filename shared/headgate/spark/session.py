"""The Spark application on this machine."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pyspark.sql import SparkSession

from headgate.spark.engine import iceberg_jar, prepare_environment

EXTENSIONS = "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions"
_LOGGING = Path(__file__).with_name("log4j2.properties")


def local_session(app: str, cores: int | str = "*", jars: Sequence[Path] = ()) -> SparkSession:
    """A Spark application on this machine, with Iceberg and nothing listening beyond it.

    The environment may give it more: HEADGATE_MEMORY (`4g`) and HEADGATE_JAVA_OPTIONS (further options for the JVM).
    """
    use_utc()
    prepare_environment()
    files = [iceberg_jar(), *jars]
    more = os.environ.get("HEADGATE_JAVA_OPTIONS", "")
    builder: Any = SparkSession.builder
    settings = {
        "spark.jars": ",".join(str(file) for file in files),
        "spark.driver.memory": os.environ.get("HEADGATE_MEMORY", "2g"),
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.extensions": EXTENSIONS,
        "spark.sql.shuffle.partitions": "8",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.catalogImplementation": "in-memory",
        "spark.driver.extraJavaOptions": f"-Dlog4j2.configurationFile={_LOGGING.as_uri()} {more}",
    }
    builder = builder.master(f"local[{cores}]").appName(app)
    for key, setting in settings.items():
        builder = builder.config(key, setting)
    return with_known_classes(builder.getOrCreate())


def with_known_classes(spark: SparkSession) -> SparkSession:
    """Look up once the classes that PySpark names in every expression.

    By a short name the JVM tries one import after another, each time: a third of a small run's time.
    """
    view: Any = spark._jvm
    for name in ("functions", "PythonUtils", "SparkSession", "SparkSession$"):
        vars(view).setdefault(name, getattr(view, name))
    return spark


def use_utc() -> None:
    """Set this process's clock to UTC like Spark's: Great Expectations reads a time without a zone in its zone."""
    os.environ["TZ"] = "UTC"
    time.tzset()
