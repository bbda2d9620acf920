"""Start Trino, the engine behind the rehearsal's Athena, on the emulator's catalog and buckets, and end it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from headgate.errors import RunFailed
from rehearsal.aws.athena import trino_install
from rehearsal.aws.athena.trino_client import (
    ENGINE_KEY,
    HIVE,
    ICEBERG,
    Failed,
    QueryProgress,
    TrinoSession,
    run,
)
from rehearsal.processes import die_with_parent, ending, free_port

PARTITIONS_PER_STATEMENT = 100  # as in Athena: a statement has one writer, which may open at most 100
LOG = "trino.log"


@dataclass(frozen=True)
class Aws:
    """The emulator, and the key with which Trino reads and writes there."""

    endpoint: str
    account: str
    region: str
    access_key: str = ENGINE_KEY
    secret_key: str = "none"


class Engine:
    """A Trino that was started: its address, its process and its log."""

    def __init__(self, address: str, process: subprocess.Popen[bytes], log: Path) -> None:
        self.address, self.process, self._log = address, process, log

    def wait(self, seconds: float = 180) -> None:
        """Return when it accepts queries. Raises `RunFailed` with the end of its log when it does not."""
        until = time.monotonic() + seconds
        while self.process.poll() is None and time.monotonic() < until:
            if _info(self.address).get("starting") is False and _answers(self.address):
                return
            time.sleep(0.2)
        code = self.process.poll()
        ended = f"not ready after {seconds:.0f} s" if code is None else f"ended with {code}"
        raise RunFailed(
            f"Trino did not start ({ended}). The end of its log:\n{self._log.read_text(errors='replace')[-2000:]}",
            where=str(self._log),
            remedy="Trino needs about 1.5 GB of memory. Read the log for the reason.",
        )


@contextmanager
def trino(aws: Aws, folder: Path, port: int = 0, *, keep: bool = False) -> Iterator[Engine]:
    """Start Trino on 127.0.0.1 with its files in `folder`; it ends with the block unless it is kept.

    Trino is ready after some 13 seconds: call `wait` before the first query.
    """
    installed = trino_install.ensure()
    port = port or free_port()
    _configure(folder / "etc", aws, port, installed.server)
    with (folder / LOG).open("w") as log:
        process = subprocess.Popen(
            _command(installed, folder), cwd=folder, stdout=log, stderr=log, start_new_session=True,
            env={**os.environ, "REHEARSAL_SETTINGS": str(folder)},  # marks it as ours for `make rehearse-down`
            preexec_fn=None if keep else partial(die_with_parent, signal.SIGKILL),
        )  # fmt: skip
        with ending(process, keep=keep):
            yield Engine(f"http://127.0.0.1:{port}", process, folder / LOG)


def _command(installed: trino_install.Trino, folder: Path) -> list[str]:
    (folder / "tmp").mkdir(exist_ok=True)
    return [
        str(installed.java / "bin" / "java"),
        "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC",  # half the CPU time where the data is small
        "-Xms256m", "-Xmx1500m", "-XX:+ExitOnOutOfMemoryError", "-XX:-OmitStackTraceInFastThrow",
        "-Dfile.encoding=UTF-8", "-Djdk.attach.allowAttachSelf=true",
        "-Djdk.nio.maxCachedBufferSize=2000000", "--enable-native-access=ALL-UNNAMED",
        "--sun-misc-unsafe-memory-access=allow", f"-Djava.io.tmpdir={folder / 'tmp'}", "-Duser.timezone=UTC",
        f"-Dconfig={folder / 'etc' / 'config.properties'}", f"-Dnode.data-dir={folder / 'data'}",
        "-Dnode.environment=rehearsal", "-Dnode.id=rehearsal",
        "-cp", str(installed.server / "lib" / "*"), "io.trino.server.TrinoServer",
    ]  # fmt: skip


def _configure(etc: Path, aws: Aws, port: int, server: Path) -> None:
    (etc / "catalog").mkdir(parents=True, exist_ok=True)
    _write(etc / "config.properties", {
        "coordinator": "true", "node-scheduler.include-coordinator": "true",
        "http-server.http.port": port, "http-server.log.enabled": "false", "discovery.uri": f"http://127.0.0.1:{port}",
        "node.internal-address": "127.0.0.1", "node.bind-ip": "127.0.0.1",
        "plugin.dir": server / "plugin", "catalog.config-dir": etc / "catalog",
        "query.max-memory-per-node": "600MB", "memory.heap-headroom-per-node": "300MB",
        "task.min-writer-count": "1", "task.max-writer-count": "1", "task.scale-writers.enabled": "false",
        "scale-writers": "false", "query.client.timeout": "2m",
        "failure-detector.enabled": "false",  # with one node there is none to send the work to instead
    })  # fmt: skip
    _write(etc / "catalog" / f"{HIVE}.properties", {
        "connector.name": "hive", "hive.metastore": "glue", **_storage(aws),
        "hive.iceberg-catalog-name": ICEBERG, "hive.security": "allow-all",
        "hive.non-managed-table-writes-enabled": "true", "hive.recursive-directories": "true",
        "hive.storage-format": "PARQUET", "hive.compression-codec": "GZIP",
        "hive.max-partitions-per-writers": PARTITIONS_PER_STATEMENT,
        # Athena neither reads Glue's statistics nor writes them, so no role has the right to.
        "hive.table-statistics-enabled": "false", "hive.collect-column-statistics-on-write": "false",
    })  # fmt: skip
    _write(etc / "catalog" / f"{ICEBERG}.properties", {
        "connector.name": "iceberg", "iceberg.catalog.type": "glue", **_storage(aws),
        "iceberg.hive-catalog-name": HIVE, "iceberg.security": "allow-all",
        "iceberg.max-partitions-per-writer": PARTITIONS_PER_STATEMENT,
    })  # fmt: skip


def _storage(aws: Aws) -> dict[str, str]:
    key = aws.access_key
    return {
        "hive.metastore.glue.endpoint-url": aws.endpoint, "hive.metastore.glue.region": aws.region,
        "hive.metastore.glue.aws-access-key": key, "hive.metastore.glue.aws-secret-key": aws.secret_key,
        "hive.metastore.glue.catalogid": aws.account,
        "fs.native-s3.enabled": "true", "s3.endpoint": aws.endpoint, "s3.region": aws.region,
        "s3.path-style-access": "true", "s3.aws-access-key": key, "s3.aws-secret-key": aws.secret_key,
    }  # fmt: skip


def _write(file: Path, properties: Mapping[str, object]) -> None:
    file.write_text("".join(f"{name}={value}\n" for name, value in properties.items()), encoding="utf-8")


def _info(address: str) -> dict[str, Any]:
    try:
        with urlopen(f"{address}/v1/info", timeout=2) as answer:
            return json.load(answer)
    except (OSError, ValueError):
        return {}


def _answers(address: str) -> bool:
    """Whether it has a node to run a query on: after its start that can take a moment."""
    try:
        return run(address, "SELECT 1", TrinoSession("rehearsal", "default"), QueryProgress()).rows == [[1]]
    except Failed:
        return False
