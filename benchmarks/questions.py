"""The questions: which arms answer each, on which data, and the ratio that is wanted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from benchmarks.contract import write_contract
from benchmarks.data import DAYS, WIDE, Data, make
from benchmarks.pairs import Arm

ROWS = 4_000_000
BATCH, LITTLE, MUCH = 20_000, 200_000, 2_000_000  # rows of a batch, and of the two histories
FILES_MANY, FILES_FEW, ROWS_OF_A_FILE = 10_000, 10, 27  # 27 rows have about 2 kB

Fact = Callable[[dict[str, Any]], float]


@dataclass(frozen=True)
class Question:
    """What is measured: two arms, the figure whose ratio is shown, what it may be at most, and the aim."""

    name: str
    title: str
    arms: Callable[[Bench], tuple[Arm, Arm]]
    fact: Fact
    unit: str
    at_most: float | None
    aim: float | None
    equal: bool = True  # both arms must publish the same rows
    absolute: bool = False  # the first arm's figure itself, and no ratio


@dataclass(frozen=True)
class Bench:
    """Where data and contracts are made, and by how much less than in full: `rows` is 4,000,000 in full."""

    folder: Path
    rows: int = ROWS

    def scaled(self, rows: int) -> int:
        """A number of rows, scaled as ROWS= asks."""
        return max(200, rows * self.rows // ROWS)

    def data(self, data: Data) -> Path:
        """The folder of this data, made when it is missing."""
        name = "-".join(str(value) for value in vars(data).values())
        return make(data, self.folder / "data" / name)

    def contracts(self, name: str, **how: Any) -> Path:
        """A folder with the contract."""
        return write_contract(self.folder / "contracts" / name, **how)

    def refine(self, data: Data, **how: Any) -> Arm:
        """refine, with the usual contract."""
        return Arm("refine", "refine", self.data(data), self.contracts("checked"), **how)


def _cpu(facts: dict[str, Any]) -> float:
    return float(facts["cpu"])


def _wall(facts: dict[str, Any]) -> float:
    return float(facts["wall"])


def _judging(facts: dict[str, Any]) -> float:
    return float(facts["steps"]["read"])


def _written(facts: dict[str, Any]) -> float:
    return float(facts["written_bytes"]) / float(facts["table_bytes"])


def _against(contender: str, title: str) -> Callable[[Bench], tuple[Arm, Arm]]:
    def arms(bench: Bench) -> tuple[Arm, Arm]:
        ours = bench.refine(Data(bench.rows))
        return ours, replace(ours, name=title, contender=contender)

    return arms


def _without_checks(columns: int, dirt: float) -> Callable[[Bench], tuple[Arm, Arm]]:
    def arms(bench: Bench) -> tuple[Arm, Arm]:
        rows = bench.scaled(1_000_000) if columns == WIDE else bench.rows
        data = Data(rows, columns=columns, dirt=dirt)
        checked = Arm("refine", "refine", bench.data(data), bench.contracts(f"checked-{columns}", columns=columns))
        bare = bench.contracts(f"bare-{columns}", columns=columns, checks=False)
        return checked, replace(checked, name="refine without checks", contracts=bare)

    return arms


@dataclass(frozen=True)
class SmallChange:
    """A batch of 20,000 rows for a history, under a contract that is made with the words of `how`.

    The keys are spread over all of the history, which has 30 days. If they do not move, the key has the time, ten times
    the history has ten times the days, and the batch is of two.
    """

    contracts: str
    moved: bool
    how: Mapping[str, Any] = field(default_factory=dict)

    def __call__(self, bench: Bench) -> tuple[Arm, Arm]:
        """The batch into a long and into a short history."""
        return self.into(bench, MUCH), self.into(bench, LITTLE)

    def into(self, bench: Bench, rows: int) -> Arm:
        """The batch into a history of this many rows, before they are scaled."""
        size, history = bench.scaled(BATCH), bench.scaled(rows)
        before = Data(history, dirt=0.0, repeated=0.0, days=DAYS if self.moved else 2 * history // size)
        batch = replace(before, rows=size, files=2, first=900_000, every=history // size)
        batch = replace(batch, moved=self.moved, corrected=not self.moved)
        source, contracts = _both(bench, before, batch), bench.contracts(self.contracts, **self.how)
        return Arm(f"{size:,} rows into {history:,}", "refine", source, contracts, before=[bench.data(before)])


MOVED = SmallChange("checked", moved=True)
ON_READ = SmallChange("on_read", moved=True, how={"merge_on_read": True})
KEPT = SmallChange("by_time", moved=False, how={"key": "event_id, happened"})


def _both(bench: Bench, first: Data, second: Data) -> Path:
    """One folder with the files of both: the ledger knows those of the first."""
    names = [bench.data(data) for data in (first, second)]
    both = bench.folder / "data" / f"{names[0].name}+{names[1].name}"
    (both / "events").mkdir(parents=True, exist_ok=True)
    for folder in names:
        for file in (folder / "events").iterdir():
            if not (both / "events" / file.name).exists():
                (both / "events" / file.name).hardlink_to(file)
    return both


def _many_files(bench: Bench) -> tuple[Arm, Arm]:
    files = max(20, FILES_MANY * bench.rows // ROWS)
    data = Data(files * ROWS_OF_A_FILE, files)
    few = replace(data, files=min(FILES_FEW, files))
    return (
        replace(bench.refine(data), name=f"{files:,} files"),
        replace(bench.refine(few), name=f"the same rows in {few.files}"),
    )


def _headers(bench: Bench) -> tuple[Arm, Arm]:
    data = Data(bench.scaled(1_000_000), 18)
    five = bench.refine(replace(data, headers=5))
    return replace(five, name="18 files, 5 headers"), replace(bench.refine(data), name="18 files, 1 header")


def _one_key(bench: Bench) -> tuple[Arm, Arm]:
    skewed = bench.refine(Data(bench.rows, one_key=0.2))
    return replace(skewed, name="one key has 20 % of the rows"), replace(bench.refine(Data(bench.rows)), name="uniform")


def _first_load(bench: Bench) -> tuple[Arm, Arm]:
    data = Data(bench.rows)
    first = Arm("first load", "refine", bench.data(data), bench.contracts("append", key=""))
    source = _both(bench, data, replace(data, first=900_000))
    return first, replace(first, name="second batch", source=source, before=[first.source])


def _second_batch(bench: Bench) -> tuple[Arm, Arm]:
    first, second = _first_load(bench)
    return second, first


def _big(bench: Bench) -> tuple[Arm, Arm]:
    big = bench.refine(Data(bench.scaled(20_000_000), 64), memory="2g")
    return replace(big, name="20 M rows, 2 GiB"), replace(bench.refine(Data(bench.rows)), name="4 M rows, 4 GiB")


def _example(bench: Bench) -> tuple[Arm, Arm]:
    from headgate.cli.init import start_project

    folder = bench.folder / "data" / "example"
    start_project(folder, empty=False)
    first = Arm("first run", "command_line", folder / "staging", folder / "contracts")
    return first, replace(first, name="nothing new", before=[first.source])


def _tpch(bench: Bench) -> tuple[Arm, Arm]:
    from benchmarks.tpch import arms

    return arms(bench)


QUESTIONS = (
    Question("plain", "refine / careful PySpark without checks", _against("plain_spark", "careful PySpark"),
             _cpu, "CPU", 1.6, 1.3),
    Question("gx", "refine / careful PySpark with Great Expectations on rows in a scratch table",
             _against("with_gx", "PySpark + Great Expectations"), _cpu, "CPU", 0.8, 0.65),
    Question("tutorial", "refine / the tutorial's Glue job", _against("tutorial", "tutorial"), _cpu, "CPU", 0.6, 0.5),
    Question("duckdb", "refine / DuckDB without audit and ledger", _against("duckdb_script", "DuckDB"),
             _cpu, "CPU", 14, 10),
    Question("gate", "refine / the same without checks, clean rows", _without_checks(10, 0.0), _cpu, "CPU", 1.15, 1.05),
    Question("wide", "60 columns, 112 checks / without checks, judging alone", _without_checks(WIDE, 0.01),
             _judging, "CPU of reading and judging", 1.2, 1.1, equal=False),
    Question("first", "bytes written / bytes of the table, first load without a key", _first_load, _written,
             "bytes", 1.2, 1.05, equal=False, absolute=True),
    Question("append", "bytes written / bytes of the table, second batch without a key", _second_batch, _written,
             "bytes", 1.2, 1.05, equal=False, absolute=True),
    Question("moved", "20,000 rows into 2 M rows / into 200,000, keys that change their partition",
             MOVED, _cpu, "CPU", 1.5, 1.3, equal=False),
    Question("on_read", "the same with `merge_on_read`",
             ON_READ, _cpu, "CPU", 1.5, 1.3, equal=False),
    Question("kept", "20,000 rows of two days into 200 days of 10,000 / into 20 days, the time is part of the key",
             KEPT, _cpu, "CPU", 1.2, 1.1, equal=False),
    Question("files", "10,000 files of 2 kB / the same rows in 10 files", _many_files, _wall, "wall", 3, 2),
    Question("headers", "18 files whose columns have five orders / one order", _headers, _wall, "wall", None, None),
    Question("skew", "one key has 20 % of the rows / uniform", _one_key, _wall, "wall", 1.5, 1.2, equal=False),
    Question("big", "20 M rows with 2 GiB for the driver / 4 M rows with 4 GiB", _big, _wall, "wall", None, None,
             equal=False),
    Question("example", "`headgate run`, the example of 4 rows, whole process", _example, _cpu, "CPU seconds", 15, 10,
             equal=False, absolute=True),
    Question("tpch", "TPC-H orders: refine / careful PySpark without checks", _tpch, _cpu, "CPU", None, None),
)  # fmt: skip
