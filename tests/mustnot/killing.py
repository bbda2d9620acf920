"""Five tables under fire: batches go in, runs are killed, a reader watches, and what must be there is known."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

from bench import HEAD, NOON
from headgate.cli.query import query
from headgate.lake.address import lake_at
from headgate.publish.formats import published
from headgate.publish.iceberg_query import newest_metadata
from needs import ROOT

HERE = Path(__file__).parent
NUMBERS = """\
columns:
  - {name: id, type: bigint, required: true}
  - {name: v, type: bigint, required: true}
"""
SOME_REFUSED = "at_most: 0.9\n"
CONTRACTS = {
    "merged": NUMBERS + SOME_REFUSED + "key: [id]\n",
    "appended": NUMBERS + SOME_REFUSED,
    "replaced": NUMBERS + SOME_REFUSED + "write: {mode: overwrite}\n",
    "filed": NUMBERS + "  - {name: part, type: string}\n" + SOME_REFUSED + "partition_by: [part]\n"
    "write: {mode: append, format: parquet}\n",
    "doubled": "source: {query: marts/doubled.sql}\n" + NUMBERS.replace(", required: true", ""),
}
DATASETS = tuple(CONTRACTS)
DOUBLED = "SELECT id, 2 * v AS v FROM merged"

# What a run logs while it is in a phase (docs/RUN_RECORD.md): the phase is that of the last line before the kill.
PHASES = {
    "read": ("list", "joins", "read", "gate"),
    "judged": ("judged", "clean", "publish"),
    "branch": ("branch",),
    "audited": ("audited",),
    "ledger": ("ledger",),  # the transaction is under way
    "published": ("published",),
    "clean-up": ("cleanup", "leftovers"),
}
PHASE_OF = {step: phase for phase, steps in PHASES.items() for step in steps}
NEW_FOR_SURE = ("published", "cleanup", "done")  # the transaction is over
STARTS_SOONER = "-XX:+UnlockDiagnosticVMOptions -XX:-BytecodeVerificationRemote"
PATIENCE = 300.0  # seconds for anything that must happen at all

State = tuple[int, int]  # rows and the sum of `v`; no two states of a table are equal


@dataclass
class Feed:
    """The batches of one project, and which state each table must have after each."""

    root: Path
    merged: dict[int, int] = field(default_factory=dict)
    sums: dict[str, list[int]] = field(default_factory=lambda: {"appended": [], "filed": []})
    batches: Counter[str] = field(default_factory=Counter)

    def put(self, dataset: str) -> State:
        """Put the dataset's next batch into staging and return the state that follows from it."""
        source = "merged" if dataset == "doubled" else dataset
        number = self.batches[source] = self.batches[source] + 1
        rows = self._rows(source, number)
        lines = [f"{i},{v}" if source != "filed" else f"{i},{v},p{i % 3}" for i, v in rows]
        refused = "x,1" if source != "filed" else "x,1,p0"
        name = "all" if source == "replaced" else f"{number:03}"
        header = "id,v,part" if source == "filed" else "id,v"
        self._write(f"{source}/{name}.csv", "\n".join([header, *lines, refused]) + "\n", number)
        return self.state(dataset, rows)

    def state(self, dataset: str, rows: Sequence[tuple[int, int]] = ()) -> State:
        """The state of a table that has all batches put so far; `rows` are the last batch's."""
        if dataset == "replaced":
            return len(rows), sum(v for _, v in rows)
        if dataset in self.sums:
            return len(self.sums[dataset]), sum(self.sums[dataset])
        return len(self.merged), sum(self.merged.values()) * (2 if dataset == "doubled" else 1)

    def _rows(self, source: str, number: int) -> list[tuple[int, int]]:
        fresh = [(number * 100 + i, number) for i in range(5 + number % 3)]
        if source == "merged":
            known = sorted(self.merged)[:: max(1, len(self.merged) // 3)]
            rows = [*fresh, *((i, self.merged[i] + 1000) for i in known)]
            self.merged.update(rows)
            return rows
        if source in self.sums:
            self.sums[source] += [v for _, v in fresh]
            return fresh
        return [(i, number * 7) for i in range(20 + number)]

    def _write(self, path: str, text: str, number: int) -> None:
        file = self.root / "staging" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        aside = self.root / "aside"
        aside.write_text(text, encoding="utf-8")
        os.utime(aside, (NOON + number, NOON + number))
        aside.replace(file)


class Process:
    """A program of this folder, in a process group of its own, spoken to in lines of JSON."""

    def __init__(self, script: str, *arguments: str, errors: Path, answers: int | Any = subprocess.PIPE) -> None:
        environment = {
            **os.environ,
            "HEADGATE_MEMORY": "1g",
            "HEADGATE_JAVA_OPTIONS": f"{os.environ['HEADGATE_JAVA_OPTIONS']} {STARTS_SOONER}",
            "PYTHONPATH": os.pathsep.join(sys.path),
        }
        with errors.open("w") as stderr:
            self.process = subprocess.Popen(
                [sys.executable, str(HERE / script), *arguments],
                stdin=subprocess.PIPE, stdout=answers, stderr=stderr, text=True, cwd=ROOT, env=environment,
                start_new_session=True,
            )  # fmt: skip
        self.errors = errors

    def order(self, **what: object) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(what) + "\n")
        self.process.stdin.flush()

    def answer(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, f"no answer:\n{self.errors.read_text()[-3000:]}"
        return json.loads(line)

    def kill(self) -> None:
        """SIGKILL to the whole group, the JVM included."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self._over()

    def end(self) -> None:
        """Let it end by itself: its stdin closes."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        try:
            self.process.wait(60)
        finally:
            self.kill_if_there()

    def kill_if_there(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self._over()

    def _over(self) -> None:
        self.process.wait(60)
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                with suppress(BrokenPipeError):
                    pipe.close()


@dataclass
class Kill:
    """One kill: what was to be hit, and the last step that the run had logged."""

    dataset: str
    aimed: str
    step: str

    @property
    def phase(self) -> str:
        return PHASE_OF.get(self.step, "afterwards")


class Siege:
    """The project, its reader, its victims, and the kills so far."""

    def __init__(self, root: Path, datasets: Sequence[str] = DATASETS, seed: int = 0) -> None:
        self.root, self.datasets, self.random = root, tuple(datasets), random.Random(seed)
        self.feed, self.lake = Feed(root), lake_at(str(root / "lake"))
        self.history: dict[str, list[State]] = {dataset: [] for dataset in datasets}
        self.confirmed: list[tuple[float, str, int]] = []
        self.kills: list[Kill] = []
        self.lasting: dict[tuple[str, str], float] = {}
        self._spares: list[Process] = []
        self._victims: list[Process] = []
        self._started = 0
        (root / "contracts").mkdir()
        (root / "staging").mkdir()
        (root / "sql" / "marts").mkdir(parents=True)
        (root / "sql" / "marts" / "doubled.sql").write_text(DOUBLED)
        for dataset in datasets:
            (root / "contracts" / f"{dataset}.yaml").write_text(HEAD.format(name=dataset) + CONTRACTS[dataset])
        self._seen = (root / "seen.jsonl").open("w")
        self.reader = Process(
            "reader.py", str(root / "lake"), ",".join(datasets), errors=root / "reader.err", answers=self._seen
        )

    def victim(self, *, spare: bool = True) -> Process:
        """A process with Spark started; with `spare` the next one starts meanwhile."""
        if not self._spares:
            self._start()
        process = self._spares.pop(0)
        self._victims.append(process)
        assert process.answer()["ready"]
        if spare:
            self._start()
        return process

    def _start(self) -> None:
        self._started += 1
        errors = self.root / f"victim-{self._started}.err"
        self._spares.append(Process("victim.py", str(self.root), errors=errors))

    def close(self) -> None:
        for process in [*self._victims, *self._spares]:
            process.kill_if_there()
        if self.reader.process.poll() is None:
            self.reader.end()
        self._seen.close()

    def put(self, dataset: str) -> None:
        """The next batch; a mart's goes into the dataset that it reads."""
        self.history[dataset].append(self.feed.put(dataset))
        if dataset == "doubled":
            self.history["merged"].append(self.feed.state("merged"))

    def complete(self, victim: Process, dataset: str) -> dict[str, Any]:
        """A run of the dataset that nobody kills: it must bring the newest state, and its rows must add up."""
        began = time.time()
        victim.order(run=[dataset])
        outcome = victim.answer()["datasets"][dataset]
        assert outcome["status"] in ("published", "unchanged"), outcome
        assert self.look(dataset) == self.history[dataset][-1]
        self.confirm(dataset)
        assert outcome["rows_after"] == self.history[dataset][-1][0]
        adds_up(outcome)
        self._nothing_left_of(dataset)
        self._learn(dataset, began)
        return outcome

    def confirm(self, dataset: str) -> None:
        """From now on no reader may see an older state."""
        self.confirmed.append((time.time(), dataset, len(self.history[dataset]) - 1))

    def kill(self, victim: Process, dataset: str, phase: str) -> Kill | None:
        """Order a run and kill it in a phase of the dataset; None when it was done before the kill.

        There is a new batch, unless the run before was killed with one that is not yet published.
        """
        if self.settled(dataset):
            self.put(dataset)
        old = [[None, *self.history[dataset]][self.newest(dataset) + 1], self.history[dataset][-1]]
        known = {folder.name for folder in self.runs}
        victim.order(run=["merged", dataset] if dataset == "doubled" else [dataset])
        aim = self.random.choice([step for step in PHASES[phase] if step != "joins" or dataset == "doubled"])
        wait = self.random.random() * self.lasting.get((dataset, aim), 0.02)
        last = self._killed_at(victim, known, dataset, aim, wait)
        if dataset == "doubled":
            assert self.look("merged") == self.history["merged"][-1]
            self.confirm("merged")
        seen = self.look(dataset)
        assert seen in old, f"killed at {last}: a reader sees {seen}, which is neither old nor new: {old}"
        if last in NEW_FOR_SURE:
            assert seen == old[-1], f"killed at {last}, after the transaction: a reader sees {seen}, not {old[-1]}"
        elif last != "ledger":
            assert seen == old[0], f"killed at {last}, before the transaction: a reader sees {seen}, not {old[0]}"
        if seen == old[-1] and not self.settled(dataset):
            self.confirm(dataset)
        if last == "done":
            return None
        self.kills.append(Kill(dataset, phase, last))
        return self.kills[-1]

    def newest(self, dataset: str) -> int:
        """The newest state that was seen published, by its place in the history; -1 where none was."""
        return max((index for _, name, index in self.confirmed if name == dataset), default=-1)

    def settled(self, dataset: str) -> bool:
        """True when the newest state was seen published."""
        return self.newest(dataset) == len(self.history[dataset]) - 1

    def look(self, dataset: str) -> State | None:
        """The state that a reader sees now."""
        if not (self.root / "lake" / "data-warehouse").is_dir():
            return None
        if dataset not in published(self.lake):
            return None
        found = query(f"SELECT COUNT(*), SUM(v)::BIGINT FROM {dataset}", self.lake).fetchall()
        return found[0][0], found[0][1]

    @property
    def runs(self) -> list[Path]:
        return list((self.root / "lake" / "runs").glob("*"))

    def _killed_at(self, victim: Process, known: set[str], dataset: str, step: str, wait: float) -> str:
        until = time.monotonic() + PATIENCE
        lines = _Lines()
        while True:
            if not lines.file:
                fresh = [folder for folder in self.runs if folder.name not in known]
                lines.file = fresh[0] / "log.jsonl" if fresh else None
            reached = [line["step"] for line in lines.more() if line.get("dataset") == dataset]
            if step in reached or "done" in reached:
                break
            assert victim.process.poll() is None, victim.errors.read_text()[-3000:]
            assert time.monotonic() < until, f"{dataset} never came to {step}: {lines.all}"
            time.sleep(0.0003)
        time.sleep(wait)
        victim.kill()
        list(lines.more())
        last = [line for line in lines.all if line.get("dataset") == dataset][-1]
        assert last.get("status", "published") == "published", last
        return last["step"]

    def _learn(self, dataset: str, began: float) -> None:
        """How long each step takes here, so that a moment within it can be drawn."""
        newest = max(self.runs, key=lambda folder: folder.name)
        lines = [json.loads(line) for line in (newest / "log.jsonl").read_text().splitlines()]
        steps = [(line["step"], _seconds(line["ts"])) for line in lines if line.get("dataset") == dataset]
        for (step, at), (_, then) in pairwise(steps):
            self.lasting[dataset, step] = then - at

    def _nothing_left_of(self, dataset: str) -> None:
        left = [file for file in (self.root / "lake" / "_work").glob(f"*/{dataset}/**/*") if file.is_file()]
        assert not left, left
        for metadata in (self.root / "lake" / "data-warehouse").glob(f"*/tbl_{dataset}/metadata"):
            refs = json.loads(newest_metadata(metadata).read_text()).get("refs", {})
            assert list(refs) == ["main"], refs

    def as_if_never_killed(self) -> None:
        """One run that nobody kills, over the same objects into another lake, makes the same tables."""
        twin = self.root / "twin"
        for part in ("contracts", "sql", "staging"):
            shutil.copytree(self.root / part, twin / part)
        victim = Process("victim.py", str(twin), errors=self.root / "twin.err")
        self._victims.append(victim)
        assert victim.answer()["ready"]
        victim.order(run=[])
        assert victim.answer()["exit_code"] == 0
        victim.end()
        for dataset in self.datasets:
            technical = "" if dataset == "doubled" else "EXCLUDE (_run)"
            sql = f"SELECT * {technical} FROM {dataset} ORDER BY ALL"
            assert query(sql, self.lake).fetchall() == query(sql, lake_at(str(twin / "lake"))).fetchall(), dataset

    def judge_the_reader(self) -> Counter[str]:
        """Every observation is a state of the table, never older than one before it; returns how many there were."""
        self.reader.end()
        seen, newest = Counter[str](), dict.fromkeys(self.datasets, -1)
        for observation in self._observations():
            assert "error" not in observation, observation["error"]
            dataset, states = observation["dataset"], self.history[observation["dataset"]]
            index = -1 if observation["rows"] is None else states.index((observation["rows"], observation["total"]))
            known = max(
                (i for at, name, i in self.confirmed if name == dataset and at <= observation["began"]), default=-1
            )
            assert index >= max(newest[dataset], known), f"{observation}: a step back from {states[newest[dataset]]}"
            newest[dataset] = index
            if "planned" in observation:
                assert observation["planned"] in [rows for rows, _ in states[max(index, 0) :]], observation
            seen[dataset] += 1
        return seen

    def _observations(self) -> Iterator[dict[str, Any]]:
        for line in (self.root / "seen.jsonl").read_text().splitlines():
            yield json.loads(line)


@dataclass
class _Lines:
    """A log that grows: its whole lines, as they come."""

    file: Path | None = None
    all: list[dict[str, Any]] = field(default_factory=list)
    _at: int = 0

    def more(self) -> list[dict[str, Any]]:
        if self.file is None or not self.file.exists():
            return []
        with self.file.open("rb") as log:
            log.seek(self._at)
            text = log.read()
        whole = text[: text.rfind(b"\n") + 1]
        self._at += len(whole)
        fresh = [json.loads(line) for line in whole.splitlines()]
        self.all += fresh
        return fresh


def adds_up(outcome: dict[str, Any]) -> None:
    """Both equations of the rows, counted here again."""
    o = outcome
    assert o["read"] == o["published"] + o["superseded"] + o["skipped"] + o["quarantined"], o
    assert o["published"] == o["inserted"] + o["updated"] + o["unchanged"], o
    assert o["rows_after"] == o["rows_before"] + o["inserted"] - o["removed"], o


def _seconds(stamp: str) -> float:
    return datetime.fromisoformat(stamp).timestamp()
