"""Prepare Spark on a laptop: the environment that it reads, and what it needs on disk before it starts.

`python -m headgate.spark.engine [JAR ...]` fetches the jars (by default those of every session) and prints their paths.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from headgate.errors import HeadgateError
from headgate.spark.jars import ALWAYS, JARS, iceberg_jar, jar, spark_home
from headgate.spark.java import JAVA_VERSION, java_home

__all__ = ["iceberg_jar", "jar", "java_home", "prepare_environment"]


def prepare_environment() -> None:
    """Set what Spark reads from the environment before it starts: Java, the loopback address, this Python, its jars."""
    os.environ["JAVA_HOME"] = str(java_home())
    os.environ["SPARK_HOME"] = str(spark_home())
    os.environ["PYSPARK_PYTHON"] = os.environ["PYSPARK_DRIVER_PYTHON"] = sys.executable
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")


def main(arguments: Sequence[str] | None = None) -> int:
    """Fetch the named jars and print their paths, and Java's."""
    parser = argparse.ArgumentParser(prog="python -m headgate.spark.engine", description="Fetch what Spark needs.")
    parser.add_argument("jars", nargs="*", default=[ALWAYS], metavar="JAR", help=f"of: {', '.join(JARS)}")
    try:
        for name in parser.parse_args(arguments).jars:
            print(f"{JARS[name].coordinates if name in JARS else name}: {jar(name)}")
        print(f"Java {JAVA_VERSION}: {java_home()}")
    except HeadgateError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
