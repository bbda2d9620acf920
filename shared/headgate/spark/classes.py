"""The JVM class archive (AppCDS) from which Spark starts: about a third less CPU until the first row.

`python -m headgate.spark.classes` builds it, once: it runs `load_classes.py`, and Java archives at the end the classes
that it has loaded. An archive is named after what it was built from (Java, the jars with their times, the workload),
and Java itself accepts it only for the same class path. After an update there is none of that name: sessions then start
without it, only slower, until it is built again. Building one removes those of its kind that no longer fit.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from headgate.cache import cache_folder
from headgate.spark.engine import iceberg_jar, java_home, prepare_environment
from headgate.spark.jars import spark_home

WORKLOAD = Path(__file__).with_name("load_classes.py")
QUIET = ("-Xlog:cds=off", "-Xlog:cds+dynamic=off")  # an archive that does not fit is passed over silently
_KIND = "classes-run"
# For a JVM with little to do: its second compiler would cost more than it brings. Without it the JVM keeps 48 MB for
# compiled code, which Spark's generated classes fill.
FOR_LITTLE = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-XX:ReservedCodeCacheSize=240m")
_WITHIN = 600


@dataclass(frozen=True)
class Workload:
    """What loads the classes: words for `load_classes.py`, its environment, and the file of Spark's properties."""

    words: Sequence[str]
    env: Mapping[str, str]


def archive_of(cache: Path, kind: str, jars: Sequence[str], *inputs: str) -> Path:
    """The path of the archive that is built with these jars, as they are now, and these further inputs."""
    files = [*map(Path, jars), *sorted((spark_home() / "jars").glob("*.jar"))]
    states = [f"{file} {file.stat().st_size} {file.stat().st_mtime_ns}" for file in files]
    java = java_home()
    release = (java / "release").read_text() if (java / "release").is_file() else ""
    key = hashlib.sha256("\n".join([str(java), release, WORKLOAD.read_text(), *inputs, *states]).encode()).hexdigest()
    return cache / f"{kind}-{key[:8]}.jsa"


def own_archive(cache: Path) -> Path:
    """The archive of Java's own classes, which a slim Java lacks; built when it is missing."""
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


def build(target: Path, kind: str, workload: Callable[[Path, Sequence[str]], Workload]) -> str:
    """Build an archive when it is missing, and remove the older ones of its kind; returns what was done, in words.

    `workload` gets a scratch folder and Java's options.
    """
    if target.exists():
        return f"{target}: exists already"
    cache = target.parent
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache, prefix=".classes-") as name:
        folder = Path(name)
        made = folder / "made.jsa"
        work = workload(folder, [f"-XX:SharedArchiveFile={own_archive(cache)}", f"-XX:ArchiveClassesAtExit={made}"])
        problem = _load(folder, work)
        if not made.exists():
            return f"no class archive, jobs start without it: {problem[-2000:]}"
        for old in cache.glob(f"{kind}-*.jsa"):
            old.unlink()
        made.rename(target)
    return f"{target}: built"


def _load(folder: Path, work: Workload) -> str:
    """Run the workload until its Java has ended, and return what it printed."""
    words = [sys.executable, "-P", str(WORKLOAD), str(folder), *work.words]  # -P: beside it lie modules such as `types`
    env = {**os.environ, **work.env, "PYSPARK_PYTHON": sys.executable}
    try:
        done = subprocess.run(words, cwd=folder, env=env, capture_output=True, text=True, timeout=_WITHIN)
    except subprocess.TimeoutExpired as error:
        return str(error)
    return done.stderr


def session_archive() -> Path:
    """Where the archive of this installation's sessions is, or would be."""
    return archive_of(cache_folder() / "classes", _KIND, [str(iceberg_jar())])


def settings_folder() -> Path:
    """An empty folder for SPARK_CONF_DIR: it is on Java's class path, and an archive requires it to be empty."""
    folder = cache_folder() / "classes" / "no-settings"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def java_options() -> list[str]:
    """The options by which a session's Java starts from the archive; none where it was not built."""
    archive = session_archive()
    return [f"-XX:SharedArchiveFile={archive}", *QUIET] if archive.exists() else []


def _session_workload(folder: Path, options: Sequence[str]) -> Workload:
    prepare_environment()
    properties = folder / "properties"
    lines = {
        "spark.driver.extraClassPath": str(iceberg_jar()),
        "spark.driver.extraJavaOptions": " ".join(f'"{option}"' for option in options),
        "spark.ui.enabled": "false",
    }
    properties.write_text("".join(f"{name} {setting}\n" for name, setting in lines.items()), encoding="utf-8")
    submit = f'--properties-file "{properties}" pyspark-shell'
    return Workload((), {"PYSPARK_SUBMIT_ARGS": submit, "SPARK_CONF_DIR": str(settings_folder())})


def main() -> None:
    """Build the archive of sessions when it is missing; print that this takes a while, and whether it failed."""
    target = session_archive()
    if target.exists():
        return
    print("Building the JVM class archive (once; about a minute) ...", file=sys.stderr, flush=True)
    result = build(target, _KIND, _session_workload)
    print(result, file=sys.stdout if target.exists() else sys.stderr)


if __name__ == "__main__":
    main()
