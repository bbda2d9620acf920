"""The Spark application on this machine."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pyspark.sql import SparkSession

from headgate.spark.classes import FOR_LITTLE, java_options, settings_folder
from headgate.spark.engine import iceberg_jar, prepare_environment
from headgate.spark.java_process import java_ends_on_ctrl_c

EXTENSIONS = "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions"
_LOGGING = Path(__file__).with_name("log4j2.properties")


def local_session(app: str, cores: int | str = "*", jars: Sequence[Path] = (), *, little: bool = False) -> SparkSession:
    """A Spark application on this machine, with Iceberg and nothing listening beyond it.

    With `little` data it takes half the CPU time, with much of it twice as much. The environment may give it more:
    HEADGATE_MEMORY (`4g`) and HEADGATE_JAVA_OPTIONS (further options for the JVM).
    """
    use_utc()
    prepare_environment()
    os.environ.setdefault("SPARK_CONF_DIR", str(settings_folder()))
    options = [f"-Dlog4j2.configurationFile={_LOGGING.as_uri()}", *java_options(), *(FOR_LITTLE if little else ())]
    more = os.environ.get("HEADGATE_JAVA_OPTIONS", "")
    builder: Any = SparkSession.builder
    settings = {
        # On the class path they are not copied, can be archived, and see each other: Iceberg finds the AWS bundle.
        "spark.driver.extraClassPath": os.pathsep.join(str(file) for file in (iceberg_jar(), *jars)),
        "spark.driver.memory": os.environ.get("HEADGATE_MEMORY", "2g"),
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.extensions": EXTENSIONS,
        "spark.sql.shuffle.partitions": "8",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.catalogImplementation": "in-memory",
        "spark.driver.extraJavaOptions": " ".join([*(f'"{option}"' for option in options), more]),
    }
    builder = builder.master(f"local[{cores}]").appName(app)
    for key, setting in settings.items():
        builder = builder.config(key, setting)
    with java_ends_on_ctrl_c():
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
