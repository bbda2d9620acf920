"""Java's classes as it keeps them in memory (an AppCDS archive), from which a job's Spark starts much sooner.

`python -m rehearsal.aws.jobs.classes` makes the archive where it is missing: it lets `warm.py` run once, and Java
writes down at its end what it has loaded. Java takes an archive only with the jars, and their times, that it was made
with, so another installation gets another one. Without it jobs run as well, and slower.
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

_WARM = Path(__file__).with_name("load_classes.py")
_WITHIN = 600


def job_jars() -> list[str]:
    """The jars of a job that has Iceberg, in the order of its class path."""
    return [str(one) for one in (*s3a_jars(), *(jar for jars in format_jars().values() for jar in jars))]


def archives(cache: Path) -> dict[str, str]:
    """By a job's jars, as on the class path, the archive that fits; by nothing the one of Java's own classes.

    The one of Java's own, which a slim Java comes without, is made here; the other one counts where it was made.
    """
    found, jars = {"": str(_own_archive(cache))}, job_jars()
    made = archive_of(cache, jars)
    return {**found, os.pathsep.join(jars): str(made)} if made.exists() else found


def make(cache: Path) -> str:
    """Make the archive of all classes of a job where it is missing; what was done, in words."""
    jars = job_jars()
    target = archive_of(cache, jars)
    if target.exists():
        return f"{target}: was there"
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache, prefix=".classes-") as name:
        folder = Path(name)
        made, properties = folder / "made.jsa", folder / "properties"
        options = ["-XX:SharedArchiveFile=" + str(_own_archive(cache)), f"-XX:ArchiveClassesAtExit={made}"]
        job_java.write_properties(properties, {"spark.ui.enabled": "false"}, jars, *options)
        env = {
            **os.environ,
            **job_java.env(java_home(), spark_home(), cache, properties),
            "PYSPARK_PYTHON": sys.executable,
        }
        words = [sys.executable, str(_WARM), str(folder)]
        try:
            done = subprocess.run(
                words, cwd=folder, env=env, capture_output=True, text=True, timeout=_WITHIN, check=True
            )
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
            return f"no archive of classes, jobs start without it: {error}\n{str(error.stderr or '')[-2000:]}"
        if not made.exists():
            return f"no archive of classes, jobs start without it: {done.stderr[-2000:]}"
        for old in cache.glob("classes-all-*.jsa"):
            old.unlink()
        made.rename(target)
    return f"{target}: made"


def archive_of(cache: Path, jars: Sequence[str]) -> Path:
    """Where the archive lies that was made with these jars, as they are now."""
    files = [*map(Path, jars), *sorted((spark_home() / "jars").glob("*.jar"))]
    said = [f"{file} {file.stat().st_size} {file.stat().st_mtime_ns}" for file in files]
    key = hashlib.sha256("\n".join([str(java_home()), job_java.OPTIONS, _WARM.read_text(), *said]).encode()).hexdigest()
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
    return archive  # Java goes on without it where it cannot be had


def main() -> None:
    """Make it where it is missing; says so when that takes its time, and when it cannot be made."""
    cache = cache_folder() / "rehearsal"
    target = archive_of(cache, job_jars())
    if target.exists():
        return
    print("Writing down the classes that jobs load (once; about a minute) ...", file=sys.stderr, flush=True)
    said = make(cache)
    print(said, file=sys.stdout if target.exists() else sys.stderr)


if __name__ == "__main__":
    main()
