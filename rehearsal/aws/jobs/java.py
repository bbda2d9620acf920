"""How a job's Java is started: the same for every run and for the class archive that they share."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

# For a short run of known classes: no second compiler, no garbage collector threads, no bytecode verification. The
# first three are `FOR_LITTLE` of `headgate.spark.classes`; written again: the emulator's Python has no `headgate`.
OPTIONS = (
    "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -XX:ReservedCodeCacheSize=240m "
    "-XX:+UnlockDiagnosticVMOptions -XX:-BytecodeVerificationRemote -Xlog:cds=off"
)


def env(java_home: str | Path, spark_home: str | Path, folder: Path, properties: Path) -> dict[str, str]:
    """The environment in which a Python starts its Spark with a file of properties.

    Spark puts its folder of settings on Java's class path, and a class archive requires that folder to be empty and the
    same for all. So an empty one is made below `folder`, and the settings are passed in `properties`.
    """
    settings = folder / "no-settings"
    settings.mkdir(parents=True, exist_ok=True)
    return {
        "JAVA_HOME": str(java_home),
        "SPARK_HOME": str(spark_home),
        "SPARK_CONF_DIR": str(settings),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "PYSPARK_SUBMIT_ARGS": f'--properties-file "{properties}" pyspark-shell',
    }


def write_properties(file: Path, wanted: Mapping[str, object], jars: Sequence[str], *options: str) -> None:
    """Write Spark's properties, with options of Java, and the jars on its class path: as on Glue, none is copied."""
    properties = {
        **wanted,
        "spark.driver.extraClassPath": os.pathsep.join(jars),
        "spark.driver.extraJavaOptions": " ".join([OPTIONS, *(f'"{option}"' for option in options)]),
    }
    file.write_text("".join(f"{name} {setting}\n" for name, setting in properties.items()), encoding="utf-8")
