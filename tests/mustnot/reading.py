"""How often a run reads its input: from the plans that Spark executed, from bytes, and from what Python opened."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, cast

from pyspark.sql import SparkSession

from headgate.lake.storage import LocalStorage


class Watched(LocalStorage):
    """A folder that counts the bytes which Python reads of each file."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.bytes = Counter[str]()

    def open(self, path: str) -> IO[bytes]:
        return cast(IO[bytes], _Counted(super().open(path), lambda size: self.bytes.update({path: size})))

    def head(self, path: str, size: int) -> bytes:
        found = super().head(path, size)
        self.bytes[path] += len(found)
        return found

    def read(self, path: str) -> bytes:
        found = super().read(path)
        self.bytes[path] += len(found)
        return found


class _Counted:
    """A file whose reads are counted."""

    def __init__(self, file: IO[bytes], count: Any) -> None:
        self._file, self._count = file, count

    def read(self, size: int = -1) -> bytes:
        found = self._file.read(size)
        self._count(len(found))
        return found

    def readline(self, size: int = -1) -> bytes:
        found = self._file.readline(size)
        self._count(len(found))
        return found

    def __enter__(self) -> _Counted:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def __iter__(self) -> Iterator[bytes]:
        while line := self.readline():
            yield line

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


@dataclass
class Reads:
    """What was read between two moments: scans of staging with their files, and all bytes of Hadoop's local files."""

    scans: list[tuple[str, int]] = field(default_factory=list)
    bytes: int = 0

    @property
    def files(self) -> int:
        """Files read of staging, each as often as a scan read it."""
        return sum(files for _, files in self.scans)


@contextmanager
def watching(spark: SparkSession, staging: Path) -> Iterator[Reads]:
    """Fill `Reads` with what the executions in between have read."""
    reads, known, before = Reads(), {execution.executionId() for execution in _executions(spark)}, _bytes_read(spark)
    yield reads
    reads.bytes = _bytes_read(spark) - before
    fresh = [execution for execution in _executions(spark) if execution.executionId() not in known]
    reads.scans = [scan for execution in fresh for scan in _scans(spark, execution.executionId(), str(staging))]


def _store(spark: SparkSession) -> Any:
    session: Any = spark._jsparkSession
    spark._jsc.sc().listenerBus().waitUntilEmpty()
    return session.sharedState().statusStore()


def _executions(spark: SparkSession) -> Sequence[Any]:
    return _listed(_store(spark).executionsList())


def _scans(spark: SparkSession, execution: int, staging: str) -> Iterator[tuple[str, int]]:
    store = _store(spark)
    values = store.executionMetrics(execution)
    for node in _listed(store.planGraph(execution).allNodes()):
        if node.name().startswith(("Scan ", "BatchScan ")) and f"file:{staging}/" in node.desc():
            read = [m for m in _listed(node.metrics()) if m.name() == "number of files read"]
            yield node.name(), sum(_number(values, metric.accumulatorId()) for metric in read)


def _number(values: Any, accumulator: int) -> int:
    return int(re.sub(r"[^0-9]", "", values.apply(accumulator))) if values.contains(accumulator) else 0


def _bytes_read(spark: SparkSession) -> int:
    jvm: Any = spark._jvm
    every = jvm.org.apache.hadoop.fs.FileSystem.getAllStatistics()
    return sum(statistics.getBytesRead() for statistics in every if statistics.getScheme() == "file")


def _listed(sequence: Any) -> list[Any]:
    return [sequence.apply(i) for i in range(sequence.size())]
