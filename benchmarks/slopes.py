"""Slopes for docs/SCALE.md and `headgate estimate`: what one more object, entry, contract, file or MB costs.

    python -m benchmarks.slopes listing ledger check iceberg refine change start    any; all, when none is named

Each takes one core for a minute or two. Figures are CPU seconds of this process and its children, measured at two
sizes: the slope is the difference divided by the difference of the sizes, so that what both share drops out.
"""

from __future__ import annotations

import argparse
import io
import resource
import subprocess
import sys
import tempfile
import tracemalloc
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from benchmarks.contenders import command_line
from benchmarks.contract import write_contract
from benchmarks.data import Data, make
from benchmarks.meter import Meter, bytes_below
from benchmarks.pairs import Arm
from benchmarks.questions import KEPT, MOVED, ON_READ, Bench
from headgate.lake.ledger import Ledger, entry, read_ledger, write_ledger
from headgate.lake.paths import LEDGER
from headgate.lake.storage import LocalStorage, S3Storage, Storage, StoredObject

Line = str
_PAGE = 1000  # keys in one answer of ListObjectsV2


def cpu(work: Callable[[], Any]) -> float:
    """The CPU seconds of this process and of the children that have ended, while `work` runs."""
    before = _spent()
    work()
    return _spent() - before


def _spent() -> float:
    usages = (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def slope(measure: Callable[[int], float], small: int, large: int) -> float:
    """By how much `measure` grows with one more."""
    return (measure(large) - measure(small)) / (large - small)


def listing(folder: Path) -> Iterator[Line]:
    """CPU of listing: files of a folder, and the answers of a bucket, which come from memory."""
    made = 20_000
    for number in range(made):
        at = folder / "staging" / f"{number:06}"[:3] / f"{number:06}.csv"
        at.parent.mkdir(parents=True, exist_ok=True)
        at.touch()
    local = cpu(lambda: list(LocalStorage(folder).list("staging/")))
    yield f"listing a folder: {local / made * 1e6:.0f} µs per file"
    buckets = {count: _bucket(count) for count in (10_000, 50_000)}
    bucket = slope(lambda count: cpu(lambda: list(buckets[count].list("staging/"))), *buckets)
    yield f"listing a bucket: {bucket * 1e6:.0f} µs per object, one request per {_PAGE:,} objects"


def _bucket(count: int) -> Storage:
    """A bucket of this many objects; its answers come from memory, parsed by botocore as those of S3 are."""
    import boto3
    from botocore.awsrequest import AWSResponse

    client: Any = boto3.client("s3", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    pages = iter([_answer(at, min(_PAGE, count - at), last=at + _PAGE >= count) for at in range(0, count, _PAGE)])
    client.meta.events.register(
        "before-send.s3.ListObjectsV2",
        lambda request, **_: AWSResponse(request.url, 200, {}, _Raw(next(pages))),
    )
    return S3Storage("s3://bucket", client)


class _Raw(io.BytesIO):
    def stream(self) -> Iterator[bytes]:
        yield self.read()


def _answer(start: int, count: int, *, last: bool) -> bytes:
    entry = (
        "<Contents><Key>staging/tracks/day=2026-01-02/part-{0:012}.csv.gz</Key><LastModified>2026-01-02T03:04:05.000Z"
        "</LastModified><ETag>&quot;d41d8cd98f00b204e9800998ecf8427e&quot;</ETag><Size>1048576</Size>"
        "<StorageClass>STANDARD</StorageClass></Contents>"
    )
    more = "" if last else f"<NextContinuationToken>{start}</NextContinuationToken>"
    body = "".join(entry.format(number) for number in range(start, start + count))
    return (
        f'<?xml version="1.0"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><IsTruncated>'
        f"{'false' if last else 'true'}</IsTruncated>{more}{body}</ListBucketResult>"
    ).encode()


def ledger(folder: Path) -> Iterator[Line]:
    """CPU and bytes of the ledger, by entry: a whole file written, then read, and what a run compares."""
    sizes = (10_000, 50_000)
    written = slope(lambda count: cpu(lambda: _write_ledger(folder, count)), *sizes)
    kept = slope(lambda count: bytes_below(folder / str(count) / LEDGER), *sizes)
    read = slope(lambda count: cpu(lambda: _read_ledger(folder, count)), *sizes)
    known = {count: _read_ledger(folder, count) for count in sizes}
    compared = slope(lambda count: cpu(lambda: known[count].news(_objects(count), "contract")), *sizes)
    yield f"a whole ledger: {kept:.0f} bytes, {written * 1e6:.0f} µs to write and {read * 1e6:.0f} µs to read per entry"
    held = slope(lambda count: _memory(lambda: (_read_ledger(folder, count), _objects(count))), *sizes)
    yield f"comparing a listing with the ledger: {compared * 1e6:.1f} µs and {held:,.0f} bytes of memory per object"


def _memory(work: Callable[[], Any]) -> float:
    """The bytes that Python has allocated at most while it works."""
    tracemalloc.start()
    work()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def _objects(count: int) -> list[StoredObject]:
    moment = datetime(2026, 1, 2, tzinfo=UTC)
    paths = (f"tracks/day=2026-01-02/part-{number:012}.csv.gz" for number in range(count))
    return [
        StoredObject(path, f"s3://b/{path}", 1_048_576, "d41d8cd98f00b204e9800998ecf8427e", moment) for path in paths
    ]


def _write_ledger(folder: Path, count: int) -> None:
    run, contract = "20260102T030405Z-abc123", "c" * 64
    entries = [entry(stored, contract, run) for stored in _objects(count)]
    write_ledger(LocalStorage(folder / str(count)), Ledger("tracks"), run, entries, whole=True, facts={})


def _read_ledger(folder: Path, count: int) -> Ledger:
    return read_ledger(LocalStorage(folder / str(count)), "tracks", "ledger/tracks/20260102T030405Z-abc123.json")


def check(folder: Path) -> Iterator[Line]:
    """CPU of `headgate check` by contract: one of 10 columns and 12 checks, without SQL."""
    template = yaml.safe_load((write_contract(folder / "one") / "events.yaml").read_text())

    def checked(count: int) -> float:
        at = folder / str(count)
        at.mkdir()
        for number in range(count):
            name = f"events_{number:05}"
            (at / f"{name}.yaml").write_text(yaml.safe_dump({**template, "dataset": name}, sort_keys=False))
        words = [sys.executable, "-m", "headgate.cli.app", "check", "--contracts", str(at)]
        return cpu(lambda: subprocess.run(words, check=True, capture_output=True))

    yield f"headgate check: {slope(checked, 50, 450) * 1e3:.1f} ms per contract"


def iceberg(folder: Path) -> Iterator[Line]:
    """Bytes of Iceberg's metadata: by data file in manifests, by commit in the metadata file, by manifest in a list."""
    from headgate.lake.address import lake_at
    from headgate.spark.session import local_session

    spark = lake_at(str(folder)).session(local_session("slopes", 1))
    table = f"{_catalog()}.data_warehouse_db.tbl_slope"
    columns = ", ".join(f"xxhash64(id, {number}) AS m{number}" for number in range(10))
    spark.sql(f"CREATE TABLE {table} (day BIGINT, {', '.join(f'm{n} BIGINT' for n in range(10))}) USING iceberg "
              "PARTITIONED BY (day) TBLPROPERTIES ('format-version' = '2')")  # fmt: skip
    at = Path(folder, "data-warehouse/data_warehouse_db/tbl_slope/metadata")
    facts: dict[str, list[int]] = {"commit": [], "list": []}
    manifests: dict[int, int] = {}
    for files in (40, 240, *[1] * 8):
        known = set(at.glob("*.avro"))
        spark.sql(f"INSERT INTO {table} SELECT id % {files} AS day, {columns} FROM range({files})")
        new = set(at.glob("*.avro")) - known
        lists = [file.stat().st_size for file in new if file.name.startswith("snap-")]
        manifests[files] = sum(file.stat().st_size for file in new) - sum(lists)
        facts["list"] += lists
        facts["commit"].append(max((int(file.name.split(".")[0][1:]), file.stat().st_size)
                                   for file in at.glob("v*.metadata.json"))[1])  # fmt: skip
    yield f"Iceberg: {(manifests[240] - manifests[40]) / 200:.0f} bytes of manifest per data file of 11 columns"
    commits = facts["commit"]
    yield f"Iceberg: {(commits[-1] - commits[1]) / (len(commits) - 2):.0f} bytes of metadata.json per snapshot kept"
    lists = facts["list"]
    yield f"Iceberg: {(lists[-1] - lists[1]) / (len(lists) - 2):.0f} bytes of manifest list per manifest"


def _catalog() -> str:
    from headgate.lake.catalog import CATALOG

    return CATALOG


def refine(folder: Path) -> Iterator[Line]:
    """CPU of refine per MB of CSV (merge by key, 10 columns, 12 checks, 1 % dirt), the start of Spark left out."""
    contracts, measured = write_contract(folder / "contracts"), dict[int, tuple[float, float]]()
    for rows in (250_000, 1_000_000):
        source = make(Data(rows), folder / str(rows))
        facts = Arm("refine", "refine", source, contracts).run(cores=2)
        measured[rows] = (facts["cpu"], bytes_below(source, ".csv") / 1e6)
    (small, less), (large, more) = measured.values()
    sizes = f"{less:.0f} MB: {small:.0f} s, {more:.0f} MB: {large:.0f} s"
    yield f"refine: {(large - small) / (more - less):.2f} CPU s per MB of CSV ({sizes})"


def change(folder: Path) -> Iterator[Line]:
    """CPU of a batch of 20,000 rows by the length of the history that it changes, and by what the contract says."""
    bench = Bench(folder)
    for what, batch in {"rewritten": MOVED, "merge_on_read": ON_READ, "the key names two days": KEPT}.items():
        for rows in (200_000, 500_000, 1_000_000, 2_000_000, 4_000_000):
            facts = batch.into(bench, rows).run(cores=2)
            written = facts["written_bytes"] / 2**20
            yield f"20,000 rows into {rows:,}, {what}: {facts['cpu']:.1f} s, {written:.1f} MB written"


def start(folder: Path) -> Iterator[Line]:
    """CPU of a whole `headgate run` on 4 rows, the start of Spark included."""
    made = folder / "made"
    subprocess.run([sys.executable, "-m", "headgate.cli.app", "init", str(made)], check=True, capture_output=True)
    spent = cpu(lambda: command_line.work(None, Meter(None), made / "staging", made, made / "contracts"))
    yield f"a run of 4 rows: {spent:.1f} CPU s of Python and the JVM"


SLOPES: dict[str, Callable[[Path], Iterator[Line]]] = {
    each.__name__: each for each in (listing, ledger, check, iceberg, refine, change, start)
}


def main() -> int:
    """Measure the slopes that are named, and print a line per figure."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.slopes", description=__doc__)
    parser.add_argument("slopes", nargs="*", choices=[*SLOPES, []], default=[])
    for name in parser.parse_args().slopes or SLOPES:
        with tempfile.TemporaryDirectory(prefix=f"slope-{name}-") as folder:
            for line in SLOPES[name](Path(folder)):
                print(line, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
