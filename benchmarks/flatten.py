"""What flattening a document costs, beside `pandas.json_normalize`: `python -m benchmarks.flatten`, in some minutes.

Each run has a process of its own, which imports first and is measured from there; the two take turns. Before anything
is measured, the values of all columns of both outputs are compared. Writes docs/FLATTEN_BENCHMARK.md.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from datetime import date
from importlib.metadata import distribution
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs/FLATTEN_BENCHMARK.md"
HANDLER = ROOT / "lambdas/flatten_json"
RECORDS, RUNS = 68_280, 3
IN_ZIP = ("duckdb", "msgspec", "aws-lambda-powertools", "aws-xray-sdk", "wrapt", "jmespath", "typing-extensions")
# Column: path, and how the texts of both outputs are made equal: pandas has numbers.
COLUMNS = {
    "play_id": ("id", "bigint"), "played_at": ("at", "string"), "user_name": ("user.name", "string"),
    "plan": ("user.plan.name", "string"), "price": ("user.plan.price", "double"), "device": ("device.kind", "string"),
    "os": ("device.os.name", "string"), "os_version": ("device.os.version", "string"),
    "track": ("track.title", "string"), "seconds": ("track.seconds", "bigint"),
    "loudness": ("track.loudness", "double"), "shuffle": ("context.shuffle", "boolean"),
}  # fmt: skip
MEMORY_GB = 1.0


def records(count: int) -> Iterator[dict]:
    """Seeded records of about 780 bytes: what an application would drop after a song."""
    chance = random.Random(7)
    for at in range(count):
        yield {
            "id": 10_000_000_000 + at,
            "at": f"2026-0{chance.randint(1, 9)}-1{chance.randint(0, 9)}T10:{chance.randint(10, 59)}:00Z",
            "user": {"id": f"u{chance.randint(1, 5000)}", "name": chance.choice(["Ada", "Björk", "Chloé", "Dmitri"]),
                     "plan": {"name": chance.choice(["free", "duo"]), "price": chance.randint(0, 2000) / 100}},
            "device": {"kind": "phone", "os": {"name": "android", "version": f"1{chance.randint(0, 6)}"},
                       "screen": {"w": 1080, "h": 2400, "scale": 2.75}, "app": "4.2.1", "locale": "it-IT"},
            "track": {"id": f"t{chance.randint(1, 90000)}", "title": f"Song \"{chance.randint(1, 90000)}\"",
                      "seconds": chance.randint(30, 900), "loudness": -chance.randint(100, 2999) / 100,
                      "artists": [{"id": chance.randint(1, 9000), "role": "main"}, {"id": 7, "role": "with"}]},
            "context": {"shuffle": chance.random() < 0.5, "from": {"kind": "list", "uri": "app:list:37i9dQZF1DX"},
                        "note": "x" * chance.randint(150, 260), "scores": [chance.random() for _ in range(4)]},
        }  # fmt: skip


def write_documents(folder: Path, count: int) -> dict[str, Path]:
    """The same records as JSON lines and as one object with its list, and a small document of 100."""
    files = {name: folder / f"{name}.json" for name in ("lines", "document", "small")}
    with files["lines"].open("w") as lines, files["document"].open("w") as document, files["small"].open("w") as small:
        document.write('{"kind": "plays", "data": {"items": [')
        for at, record in enumerate(records(count)):
            text = json.dumps(record, ensure_ascii=False)
            lines.write(text + "\n")
            document.write((", " if at else "") + text)
            if at < 100:
                small.write(text + "\n")
        document.write("]}}")
    return files


def with_pandas(source: Path, target: Path) -> None:
    """What people write."""
    import pandas as pd

    with source.open(encoding="utf-8") as file:
        whole = source.stem == "document"
        found = json.load(file)["data"]["items"] if whole else [json.loads(line) for line in file]
    pd.json_normalize(found).to_parquet(target)


def with_flatten(source: Path, target: Path, *, rest: bool = True) -> None:
    """What the Lambda does with a document between its two requests."""
    from headgate.flatten.flatten import flatten
    from headgate.flatten.plan import Column, Plan

    columns = tuple(Column(name, kind, (path,)) for name, (path, kind) in COLUMNS.items())
    plan = Plan("plays", "plays/", columns, "data.items" if source.stem == "document" else None, keep_rest=rest)
    with source.open("rb") as body:
        flatten(plan, f"incoming/plays/{source.name}", body, source.stat().st_size, target)


def with_duckdb(source: Path, target: Path) -> None:
    """DuckDB's own reader, which rewrites numbers: what exact texts cost beside it."""
    import duckdb

    whole = source.stem == "document"
    rows = f"read_json('{source}', maximum_object_size = 1000000000)"
    rows = f"(SELECT unnest(data.items) AS r FROM {rows})" if whole else f"(SELECT r FROM {rows} AS r)"
    columns = ", ".join(f"CAST(r.{path} AS VARCHAR) AS {name}" for name, (path, _) in COLUMNS.items())
    with duckdb.connect() as connection:
        connection.execute("SET threads = 1; SET enable_progress_bar = false")
        connection.execute(f"COPY (SELECT {columns} FROM {rows}) TO '{target}' (FORMAT parquet, COMPRESSION zstd)")


WAYS = {
    "pandas": with_pandas,
    "duckdb": with_duckdb,
    "flatten": with_flatten,
    "without rest": lambda source, target: with_flatten(source, target, rest=False),
}
IMPORTS = {"pandas": "import pandas, pyarrow.parquet", "duckdb": "import duckdb"}


def run_here(way: str, source: Path, target: Path) -> dict[str, float]:
    """One run, after the imports: wall and CPU seconds, and the peak memory of the process in MB."""
    exec(IMPORTS.get(way, "import headgate.flatten.flatten"))
    before, started = _cpu(), time.monotonic()
    WAYS[way](source, target)
    return {"wall": time.monotonic() - started, "cpu": _cpu() - before, "peak": _peak()}


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _peak() -> float:
    found = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())
    return int(found[1]) / 1024 if found else 0.0


def run(way: str, source: Path, target: Path) -> dict[str, float]:
    """The same in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.flatten", "--run", way, str(source), str(target)]
    ended = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
    return json.loads(ended.stdout.splitlines()[-1])


def differences(theirs: Path, ours: Path) -> int:
    """The rows in which a column of the two outputs differs, as numbers where it is declared as one."""
    import duckdb

    pairs = [(f't."{path}"', f"o.{name}", kind) for name, (path, kind) in COLUMNS.items()]
    casts = [(f"CAST({t} AS {_sql(kind)})", f"CAST({o} AS {_sql(kind)})") for t, o, kind in pairs]
    equal = " AND ".join(f"{t} IS NOT DISTINCT FROM {o}" for t, o in casts)
    found = (
        duckdb.connect()
        .execute(
            f"SELECT count(*) FILTER (NOT coalesce({equal}, false)), count(*) FROM read_parquet('{theirs}') t "
            f"FULL JOIN read_parquet('{ours}') o ON CAST(o.play_id AS BIGINT) = t.id"
        )
        .fetchone()
    )
    assert found is not None and found[1] > 0
    return found[0]


def _sql(kind: str) -> str:
    return {"string": "VARCHAR"}.get(kind, kind)


def cold_import() -> float:
    """CPU seconds until a new process has imported the handler, without the AWS SDK; the median of five."""
    program = (
        "import sys, time; began = time.process_time(); sys.path.insert(0, sys.argv[1]); import handler\n"
        "print(time.process_time() - began)"
    )
    command = [sys.executable, "-c", program, str(HANDLER)]
    runs = [subprocess.run(command, check=True, capture_output=True, text=True) for _ in range(5)]
    return statistics.median(float(run.stdout) for run in runs)


def unzipped() -> float:
    """MB of the installed packages of the zip and of `headgate`, without compiled copies of modules."""
    files = [file for name in IN_ZIP for file in distribution(name).files or () if "__pycache__" not in file.parts]
    packages = sum(Path(str(file.locate())).stat().st_size for file in files if Path(str(file.locate())).is_file())
    own = sum(file.stat().st_size for file in (ROOT / "shared/headgate").rglob("*") if file.suffix in (".py", ".yaml"))
    return (packages + own) / 1e6


def cost_of_thousand(seconds: float, usd: Mapping[str, float]) -> float:
    """USD for 1,000 documents: the function's seconds and start, three requests to SQS, one PUT, four GET or HEAD."""
    of_function = seconds * MEMORY_GB * usd["lambda_gb_second"] * 1000 + usd["lambda_million"] / 1000
    return of_function + 3 * usd["sqs_million"] / 1000 + usd["s3_put_thousand"] + 4 * usd["s3_get_thousand"]


def page(count: int, megabytes: float, found: dict[tuple[str, str], dict[str, float]], runs: int) -> str:
    """docs/FLATTEN_BENCHMARK.md."""
    from headgate.cost.prices import read_prices  # not at the top: every run's memory would count it

    small = found["small", "flatten"]["cpu"]
    prices = read_prices()
    cost = cost_of_thousand(small, prices.usd)
    measures = "".join(
        f"| {what} | {figure} | {aim} |\n"
        for what, figure, aim in (
            *_aims(found),
            ("cold import of the handler, without the AWS SDK", f"{cold_import():.2f} s of CPU", "at most 0.6 s"),
            ("packages of the zip, unzipped, without the AWS SDK", f"{unzipped():.1f} MB", "at most 80 MB"),
            ("a document of 100 records", f"{small * 1000:.0f} ms of CPU", ""),
            (f"1,000 such documents: Lambda (arm64, {MEMORY_GB:.0f} GB), SQS, S3", f"{cost:.4f} USD", ""),
        )
    )
    rows = "".join(_row(found, form, way) for form, way in found if form != "small")
    return f"""# What flattening costs

Written by `python -m benchmarks.flatten`; do not edit. {count:,} nested records ({megabytes:.0f} MB) become
{len(COLUMNS)} columns, beside `pandas.json_normalize` and `to_parquet` on the same documents: medians of {runs} runs,
each in a process of its own, imports left out. The values of all columns of "pandas" and "flatten" are compared first,
and were equal. "flatten" also writes what no column names (`rest: keep`), as pandas does; "without rest" does not.
"duckdb" is DuckDB's own reader, which rewrites numbers and notices no key that occurs twice. {date.today()}; other
programs ran on the machine, so only ratios say something, those of CPU before those of wall time.

| document | way | CPU s | wall s | peak MB | faster than pandas, CPU | wall | memory / pandas |
| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |
{rows}
| measure | figure | aim |
| --- | ---: | ---: |
{measures}
The cost takes CPU seconds of this machine for billed ones; Lambda gives a whole CPU at 1,769 MB, so that at
{MEMORY_GB:.0f} GB it may bill 1.7 times as much. Storage, keys and the log come on top; the prices are
{prices.table}. A document of 500 MB, one list in an object, needs less than 960 MB:
`tests/flatten/test_flatten.py::test_a_document_of_500_mb_needs_less_than_a_gigabyte`.
"""


def _row(found: dict[tuple[str, str], dict[str, float]], form: str, way: str) -> str:
    facts, usual = found[form, way], found[form, "pandas"]
    cpu, wall, peak = (usual["cpu"] / facts["cpu"], usual["wall"] / facts["wall"], facts["peak"] / usual["peak"])
    measured = f"{facts['cpu']:.2f} | {facts['wall']:.2f} | {facts['peak']:,.0f}"
    return f"| {form} | {way} | {measured} | {cpu:.1f} | {wall:.1f} | {peak:.2f} |\n"


def _aims(found: dict[tuple[str, str], dict[str, float]]) -> Iterator[tuple[str, str, str]]:
    for way in ("flatten", "without rest"):
        speed = _ratio(found, "lines", way, "cpu")
        peak = found["lines", way]["peak"] / found["lines", "pandas"]["peak"]
        yield f"JSON lines, {way}: times faster than pandas, CPU", f"{speed:.1f}", "at least 8"
        yield f"JSON lines, {way}: share of pandas' peak memory", f"{peak:.2f}", "at most 0.3"


def _ratio(found: dict[tuple[str, str], dict[str, float]], form: str, way: str, fact: str) -> float:
    return found[form, "pandas"][fact] / found[form, way][fact]


def main() -> int:
    """Compare, measure, write the page; 1 where the outputs differ."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.flatten", description=__doc__)
    parser.add_argument("--records", type=int, default=RECORDS)
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--page", type=Path, default=PAGE)
    parser.add_argument("--run", nargs=3, metavar=("WAY", "SOURCE", "TARGET"), help="one run in this process")
    given = parser.parse_args()
    if given.run:
        way, source, target = given.run
        print(json.dumps(run_here(way, Path(source), Path(target))))
        return 0
    with tempfile.TemporaryDirectory(prefix="flatten-") as scratch:
        folder = Path(scratch)
        documents = write_documents(folder, given.records)
        megabytes = documents["lines"].stat().st_size / 1e6
        found = {}
        for form, source in documents.items():
            runs: dict[str, list[dict[str, float]]] = {way: [] for way in WAYS}
            for _ in range(given.runs):
                for way in WAYS:
                    runs[way].append(run(way, source, folder / f"{way}.parquet"))
            if differ := differences(folder / "pandas.parquet", folder / "flatten.parquet"):
                print(f"{form}: {differ} rows differ", file=sys.stderr)
                return 1
            for way, several in runs.items():
                found[form, way] = {fact: statistics.median(each[fact] for each in several) for fact in several[0]}
                print(form, way, found[form, way], flush=True)
    given.page.write_text(page(given.records, megabytes, found, given.runs), encoding="utf-8")
    print(f"wrote {given.page}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
