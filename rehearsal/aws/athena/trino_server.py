"""Trino, the engine behind the rehearsal's Athena, on the emulator's catalog and buckets while a block lasts."""

from __future__ import annotations

import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from headgate.errors import RunFailed
from rehearsal.aws.athena import trino_install
from rehearsal.aws.athena.trino_client import ENGINE_KEY, Failed, Progress, Session, run
from rehearsal.emulator import free_port

HIVE, ICEBERG = "awsdatacatalog", "iceberg"
PARTITIONS_PER_STATEMENT = 100  # as Athena: one writer per statement, and each may open so many
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Aws:
    """The emulator, and as whom Trino reads and writes there."""

    endpoint: str
    account: str
    region: str
    access_key: str = ENGINE_KEY
    secret_key: str = "none"


class Engine:
    """A Trino that was started: where it will answer, and whether it does."""

    def __init__(self, address: str, process: subprocess.Popen[bytes], said: Path) -> None:
        self.address, self.process, self._said = address, process, said

    def wait(self, seconds: float = 180) -> None:
        """Return when it takes queries. Raises `RunFailed` with its last words when it does not."""
        until = time.monotonic() + seconds
        while self.process.poll() is None and time.monotonic() < until:
            if _info(self.address).get("starting") is False and _answers(self.address):
                return
            time.sleep(0.2)
        code = self.process.poll()
        ended = f"not ready after {seconds:.0f} s" if code is None else f"ended with {code}"
        raise RunFailed(
            f"Trino did not start ({ended}). It said last:\n{self._said.read_text(errors='replace')[-2000:]}",
            where=str(self._said),
            remedy="It needs about 1.5 GB of memory; read the file for its reason.",
        )


@contextmanager
def trino(aws: Aws, folder: Path, port: int = 0, *, keep: bool = False) -> Iterator[Engine]:
    """Start Trino on 127.0.0.1 with its files in `folder`; it ends with the block unless it is kept.

    It takes some 13 seconds to be ready: other things can be done before `wait` is called.
    """
    at = trino_install.ensure()
    port = port or free_port()
    _configure(folder / "etc", aws, port, at.server)
    with (folder / "said").open("w") as said:
        process = subprocess.Popen(
            _command(at, folder), cwd=folder, stdout=said, stderr=said, start_new_session=True,
            env={**os.environ, "REHEARSAL_SETTINGS": str(folder)},  # by which `rehearse-down` knows what is ours
            preexec_fn=None if keep else _end_with_us,
        )  # fmt: skip
        try:
            yield Engine(f"http://127.0.0.1:{port}", process, folder / "said")
        except BaseException:
            _end(process)
            raise
        if keep:
            process.returncode = 0  # nobody waits for it any more
        else:
            _end(process)


def _command(at: trino_install.Trino, folder: Path) -> list[str]:
    (folder / "tmp").mkdir(exist_ok=True)
    return [
        str(at.java / "bin" / "java"),
        "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC",  # half the CPU time where the data is small
        "-Xms256m", "-Xmx1500m", "-XX:+ExitOnOutOfMemoryError", "-XX:-OmitStackTraceInFastThrow",
        "-Dfile.encoding=UTF-8", "-Djdk.attach.allowAttachSelf=true",
        "-Djdk.nio.maxCachedBufferSize=2000000", "--enable-native-access=ALL-UNNAMED",
        "--sun-misc-unsafe-memory-access=allow", f"-Djava.io.tmpdir={folder / 'tmp'}", "-Duser.timezone=UTC",
        f"-Dconfig={folder / 'etc' / 'config.properties'}", f"-Dnode.data-dir={folder / 'data'}",
        "-Dnode.environment=rehearsal", "-Dnode.id=rehearsal",
        "-cp", str(at.server / "lib" / "*"), "io.trino.server.TrinoServer",
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
    })  # fmt: skip
    _write(etc / "catalog" / f"{HIVE}.properties", {
        "connector.name": "hive", "hive.metastore": "glue", **_storage(aws),
        "hive.iceberg-catalog-name": ICEBERG, "hive.security": "allow-all",
        "hive.non-managed-table-writes-enabled": "true", "hive.recursive-directories": "true",
        "hive.storage-format": "PARQUET", "hive.compression-codec": "GZIP",
        "hive.max-partitions-per-writers": PARTITIONS_PER_STATEMENT,
        # Athena neither asks Glue for statistics nor writes them, so no role may.
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
    """Whether it has a node to run a query on, which it may not know yet when it has started."""
    try:
        return run(address, "SELECT 1", Session("rehearsal", "default"), Progress()).rows == [[1]]
    except Failed:
        return False


def _end_with_us() -> None:
    """In the child, before Java starts: have Linux end it when this process is gone, however it went."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End it and all it started. Nothing of it is worth a slow farewell."""
    try:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(10)
    except (ProcessLookupError, subprocess.TimeoutExpired):
        pass
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
