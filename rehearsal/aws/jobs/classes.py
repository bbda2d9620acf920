"""The JVM class archive (AppCDS) of rehearsal jobs: a job's Spark starts much sooner from it.

`python -m rehearsal.aws.jobs.classes` builds it when it is missing; `headgate/spark/classes.py` says how, and when
another one is needed. Without an archive jobs run too, only slower.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from headgate.spark import classes
from headgate.spark.engine import java_home
from headgate.spark.jars import cache_folder, spark_home
from rehearsal.aws.jobs import java as job_java
from rehearsal.aws.jobs.jars import format_jars, s3a_jars

_KIND = "classes-all"


def job_jars() -> list[str]:
    """The jars of a job that has Iceberg, in the order of its class path."""
    return [str(jar) for jar in (*s3a_jars(), *(jar for jars in format_jars().values() for jar in jars))]


def archives(cache: Path) -> dict[str, str]:
    """The archive by the class path that it fits; under the empty path, the archive of Java's own classes.

    The archive of Java's own classes, which a slim Java lacks, is built here; the other is listed only where it exists.
    """
    known, jars = {"": str(classes.own_archive(cache))}, job_jars()
    archive = archive_of(cache, jars)
    return {**known, os.pathsep.join(jars): str(archive)} if archive.exists() else known


def make(cache: Path) -> str:
    """Build the archive of all classes of a job when it is missing; returns what was done, in words."""
    jars = job_jars()

    def workload(folder: Path, options: Sequence[str]) -> classes.Workload:
        properties = folder / "properties"
        job_java.write_properties(properties, {"spark.ui.enabled": "false"}, jars, *options)
        return classes.Workload(("--aws",), job_java.env(java_home(), spark_home(), cache, properties))

    return classes.build(archive_of(cache, jars), _KIND, workload)


def archive_of(cache: Path, jars: Sequence[str]) -> Path:
    """The path of the archive that is built with these jars, as they are now."""
    return classes.archive_of(cache, _KIND, jars, job_java.OPTIONS)


def main() -> None:
    """Build the archive when it is missing; print that this takes a while, and whether it failed."""
    cache = cache_folder() / "rehearsal"
    target = archive_of(cache, job_jars())
    if target.exists():
        return
    print("Building the JVM class archive for rehearsal jobs (once; about a minute) ...", file=sys.stderr, flush=True)
    result = make(cache)
    print(result, file=sys.stdout if target.exists() else sys.stderr)


if __name__ == "__main__":
    main()
