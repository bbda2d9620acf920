"""Build the JVM class archive (AppCDS) that speeds up rehearsal jobs: a job's Spark starts much sooner from it.

`python -m rehearsal.aws.jobs.classes` builds the archive when it is missing: it runs `load_classes.py` once, and Java
archives at the end the classes that it has loaded. Java accepts an archive only with the jars, and their times, that it
was built with, so another installation gets another one. Without an archive jobs run too, only slower.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from headgate.spark.engine import java_home
from headgate.spark.jars import cache_folder, spark_home
from rehearsal.aws.jobs import java as job_java
from rehearsal.aws.jobs.jars import format_jars, s3a_jars

_WORKLOAD = Path(__file__).with_name("load_classes.py")
_WITHIN = 600


def job_jars() -> list[str]:
    """The jars of a job that has Iceberg, in the order of its class path."""
    return [str(jar) for jar in (*s3a_jars(), *(jar for jars in format_jars().values() for jar in jars))]


def archives(cache: Path) -> dict[str, str]:
    """The archive by the class path that it fits; under the empty path, the archive of Java's own classes.

    The archive of Java's own classes, which a slim Java lacks, is built here; the other is listed only where it exists.
    """
    known, jars = {"": str(_own_archive(cache))}, job_jars()
    archive = archive_of(cache, jars)
    return {**known, os.pathsep.join(jars): str(archive)} if archive.exists() else known


def make(cache: Path) -> str:
    """Build the archive of all classes of a job when it is missing; returns what was done, in words."""
    jars = job_jars()
    target = archive_of(cache, jars)
    if target.exists():
        return f"{target}: exists already"
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache, prefix=".classes-") as name:
        folder = Path(name)
        made, properties = folder / "made.jsa", folder / "properties"
        options = [f"-XX:SharedArchiveFile={_own_archive(cache)}", f"-XX:ArchiveClassesAtExit={made}"]
        job_java.write_properties(properties, {"spark.ui.enabled": "false"}, jars, *options)
        env = {
            **os.environ,
            **job_java.env(java_home(), spark_home(), cache, properties),
            "PYSPARK_PYTHON": sys.executable,
        }
        words = [sys.executable, str(_WORKLOAD), str(folder)]
        try:
            done = subprocess.run(
                words, cwd=folder, env=env, capture_output=True, text=True, timeout=_WITHIN, check=True
            )
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
            return f"no class archive, jobs start without it: {error}\n{str(error.stderr or '')[-2000:]}"
        if not made.exists():
            return f"no class archive, jobs start without it: {done.stderr[-2000:]}"
        for old in cache.glob("classes-all-*.jsa"):
            old.unlink()
        made.rename(target)
    return f"{target}: built"


def archive_of(cache: Path, jars: Sequence[str]) -> Path:
    """The path of the archive that is built with these jars, as they are now."""
    files = [*map(Path, jars), *sorted((spark_home() / "jars").glob("*.jar"))]
    states = [f"{file} {file.stat().st_size} {file.stat().st_mtime_ns}" for file in files]
    inputs = [str(java_home()), job_java.OPTIONS, _WORKLOAD.read_text(), *states]
    key = hashlib.sha256("\n".join(inputs).encode()).hexdigest()
    return cache / f"classes-all-{key[:8]}.jsa"


def _own_archive(cache: Path) -> Path:
    java = java_home()
    archive = cache / f"classes-{hashlib.sha256(os.fspath(java).encode()).hexdigest()[:8]}.jsa"
    if not archive.exists():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache, prefix=".classes-") as folder:
            made = Path(folder, "made.jsa")
            words = ("-Xshare:dump", "-XX:+UseSerialGC", f"-XX:SharedArchiveFile={made}")
            subprocess.run([os.fspath(java / "bin" / "java"), *words], check=False, capture_output=True)
            if made.exists():
                made.rename(archive)
    return archive  # where it could not be built, Java starts without it


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
