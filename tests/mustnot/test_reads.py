"""The input is read once: counted from the executed plans of all of a run's jobs, and from bytes against file sizes."""

from __future__ import annotations

import pytest
from reading import Reads, Watched, watching

from bench import Bench
from headgate.lake.catalog import SESSION
from headgate.outcome import Outcome
from headgate.project import load_project
from headgate.request import RunRequest
from headgate.run import run

pytestmark = pytest.mark.deep

# `padding` is in the files and not wanted: the judged rows are small compared with what is read.
BODY = """\
source: {ignore: [padding]FORMAT}
columns:
  - {name: id, type: bigint, required: true}
  - {name: v, type: int, minimum: 0}
at_most: 0.5
"""
WRITE = {
    "append": "",
    "overwrite": "write: {mode: overwrite}\n",
    "merge": "key: [id]\n",
    "append to parquet": "write: {format: parquet}\n",
}
FILES, ROWS, PADDING = 3, 250, "x" * 4000
HEAD_OF_A_FILE = 256 << 10  # as much of each file Python may read to know its header


@pytest.fixture(autouse=True)
def whole_locations(monkeypatch: pytest.MonkeyPatch) -> None:
    """Plans name the folders that they scan in full."""
    monkeypatch.setitem(SESSION, "spark.sql.maxMetadataStringLength", "100000")


@pytest.mark.parametrize("refused", [0, 2])
@pytest.mark.parametrize("mode", WRITE)
def test_an_input_object_is_read_once(bench: Bench, mode: str, refused: int) -> None:
    bench.contract("things", BODY.replace("FORMAT", "") + WRITE[mode])
    _put(bench, "old", 1)
    assert _run(bench)[0].status == "published"
    _put(bench, "new", FILES, refused)
    outcome, reads, source = _run(bench)
    files = [file for file in (bench.root / "staging").rglob("*.csv") if mode == "overwrite" or "new" in file.name]
    assert outcome.status == "published"
    assert outcome.quarantined == refused * FILES
    _once(reads, len(files), sum(file.stat().st_size for file in files))
    assert max(source.bytes.values()) <= HEAD_OF_A_FILE


def test_json_lines_are_read_once(bench: Bench) -> None:
    bench.contract("things", BODY.replace("FORMAT", ", format: json") + WRITE["merge"])
    lines = "".join(f'{{"id": {i}, "v": 1, "padding": "{PADDING}"}}\n' for i in range(ROWS * 4))
    size = bench.put("things/a.json", lines).stat().st_size
    outcome, reads, source = _run(bench)
    assert (outcome.status, outcome.published) == ("published", ROWS * 4)
    _once(reads, 1, size)
    assert max(source.bytes.values()) <= HEAD_OF_A_FILE


def test_reading_twice_would_be_seen(bench: Bench) -> None:
    """The count itself: two actions on one frame of the input are two reads, of files and of bytes."""
    size = bench.put("things/a.csv", _csv(0, 0)).stat().st_size
    session = bench.lake.session(bench.spark)
    with watching(session, bench.root / "staging") as reads:
        frame = session.read.csv(str(bench.root / "staging" / "things"), header=True, schema="id int, v int, p string")
        assert frame.where("v = 1").collect() and frame.where("v = 1").collect()
    assert reads.files == 2
    assert 2 * size <= reads.bytes < 2.5 * size


def _once(reads: Reads, files: int, size: int) -> None:
    assert reads.files == files, reads.scans
    assert size <= reads.bytes < 1.25 * size, f"{reads.bytes} bytes were read, the objects have {size}"


def _put(bench: Bench, name: str, files: int, refused: int = 0) -> None:
    for number in range(files):
        bench.put(f"things/{name}-{number}.csv", _csv(number, refused), arrived=number)


def _csv(number: int, refused: int) -> str:
    rows = (f"{number * ROWS + i},{-1 if i < refused else 1},{PADDING}\n" for i in range(ROWS))
    return "id,v,padding\n" + "".join(rows)


def _run(bench: Bench) -> tuple[Outcome, Reads, Watched]:
    source = Watched(bench.root / "staging")
    project = load_project(bench.root / "contracts", bench.lake)
    with watching(bench.spark, bench.root / "staging") as reads:
        result = run(lambda: bench.spark, project, bench.lake, source, RunRequest())
    return result.outcomes["things"], reads, source
