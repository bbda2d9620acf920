"""The jars that Spark on a laptop needs in addition to its own.

The Ivy that comes with Spark fetches each jar once from Maven Central. Its hash is checked, and from then on it is read
from the cache: no session asks Ivy again, so a laptop without a network can run.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from headgate.cache import cache_folder
from headgate.errors import RunFailed, UnusableArgument
from headgate.spark.java import java_home

DEBIAN_TRUST_STORE = Path("/etc/ssl/certs/java/cacerts")
FETCH_SECONDS = 600


@dataclass(frozen=True)
class Jar:
    """A jar by its Maven coordinates, and the only content that is accepted for it."""

    group: str
    artifact: str
    version: str
    sha256: str

    @property
    def file_name(self) -> str:
        """Its name in the cache and in Maven repositories."""
        return f"{self.artifact}-{self.version}.jar"

    @property
    def coordinates(self) -> str:
        """`group:artifact:version`."""
        return f"{self.group}:{self.artifact}:{self.version}"


JARS: Mapping[str, Jar] = {
    "iceberg-spark-runtime": Jar(
        "org.apache.iceberg",
        "iceberg-spark-runtime-3.5_2.12",
        "1.10.0",
        "70f9471870b2d456167d703c829f098a446b86bb1379eee338c0efa03a341026",
    ),
    "iceberg-aws-bundle": Jar(
        "org.apache.iceberg",
        "iceberg-aws-bundle",
        "1.10.0",
        "172370cfc32a5f1ae5399b210e86fc04a366dc29a112d97ac8ffc74df7525596",
    ),
}
ALWAYS = "iceberg-spark-runtime"


def iceberg_jar() -> Path:
    """The jar that every session needs, fetched when it is not in the cache."""
    return jar(ALWAYS)


def jar(name: str) -> Path:
    """A pinned jar by its short name (a key of `JARS`), fetched when it is not in the cache; always verified."""
    if name not in JARS:
        raise UnusableArgument(f"jar `{name}` is not known.", remedy=f"Known: {', '.join(JARS)}.")
    return cached(JARS[name])


def cached(wanted: Jar) -> Path:
    """A jar's file in the cache, fetched when it is missing; always verified."""
    file = cache_folder() / "jars" / wanted.file_name
    if not _is_intact(file, wanted):
        with one_at_a_time(file.parent):
            if not _is_intact(file, wanted):
                _fetch(wanted, file)
    return file


def _is_intact(file: Path, wanted: Jar) -> bool:
    return file.is_file() and sha256(file) == wanted.sha256


def sha256(file: Path) -> str:
    """A file's SHA-256, in hex."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@contextmanager
def one_at_a_time(folder: Path) -> Iterator[None]:
    """Two processes that miss the same jar fetch it once."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
    except OSError as error:
        raise RunFailed(
            f"The cache for jars cannot be written ({error.strerror or error}).",
            where=str(folder),
            remedy="Make it writable, or set HEADGATE_CACHE to a folder that is.",
        ) from error


def _fetch(wanted: Jar, file: Path) -> None:
    """Put the jar into the cache in one step, and only if its content is the expected one."""
    print(f"Fetching {wanted.coordinates} from Maven Central (once) into {file.parent} ...", file=sys.stderr)
    with tempfile.TemporaryDirectory(dir=file.parent, prefix=".fetch-") as scratch:
        output = _ask_ivy(wanted, Path(scratch))
        fetched = Path(scratch) / wanted.file_name
        if not fetched.is_file():
            raise _unavailable(wanted, file, f"could not be fetched from Maven Central.\n{last_words(output)}")
        if (actual := sha256(fetched)) != wanted.sha256:
            raise _unavailable(wanted, file, f"has the SHA-256 {actual}, expected {wanted.sha256}; it was not kept.")
        fetched.replace(file)


def _ask_ivy(wanted: Jar, scratch: Path) -> str:
    """Let Spark's own Ivy retrieve the jar into `scratch`, and return Ivy's output."""
    ivy = next(iter((spark_home() / "jars").glob("ivy-*.jar")))
    command = [
        str(java_home() / "bin" / "java"), *java_network(), "-cp", str(ivy), "org.apache.ivy.Main",
        "-cache", str(scratch / "ivy"), "-notransitive", "-types", "jar",
        "-dependency", wanted.group, wanted.artifact, wanted.version,
        "-retrieve", f"{scratch}/[artifact]-[revision].[ext]",
    ]  # fmt: skip
    try:
        answer = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=FETCH_SECONDS)
    except subprocess.TimeoutExpired:
        return f"No answer within {FETCH_SECONDS} seconds."
    return answer.stdout + answer.stderr


def java_network() -> list[str]:
    """Options for what Java does not find by itself: the proxy, and its certificates (in Debian's store)."""
    options = [f"-Djavax.net.ssl.trustStore={DEBIAN_TRUST_STORE}"] if DEBIAN_TRUST_STORE.exists() else []
    proxy = urlsplit(os.environ.get("HTTPS_PROXY") or os.environ.get("https_proxy") or "")
    if proxy.hostname:
        options.append(f"-Dhttps.proxyHost={proxy.hostname}")
        options.append(f"-Dhttps.proxyPort={proxy.port or 80}")
    return options


def last_words(output: str) -> str:
    """The last lines of a program's output that name a cause."""
    causes = [line.strip() for line in output.splitlines() if re.search(r"Exception|error|not found|No answer", line)]
    return "\n".join(dict.fromkeys(causes[-5:]))


def _unavailable(wanted: Jar, file: Path, why: str) -> RunFailed:
    return RunFailed(
        f"{wanted.coordinates} {why}",
        where="jars",
        remedy=f"Check the network and the proxy (HTTPS_PROXY) and try again, or put the jar there by hand: {file}",
    )


def spark_home() -> Path:
    """The Spark inside the installed package `pyspark`."""
    spec = importlib.util.find_spec("pyspark")
    if spec is None or spec.origin is None:
        raise RunFailed("The package `pyspark` is not installed.", remedy="Run `make setup`.")
    return Path(spec.origin).parent
