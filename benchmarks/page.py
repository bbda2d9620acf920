"""docs/BENCHMARKS.md: what was measured, where, and how far each ratio may be off."""

from __future__ import annotations

import json
import os
import platform
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.pairs import Pairs, interval
from benchmarks.questions import QUESTIONS, Question

PAGE = Path(__file__).resolve().parents[1] / "docs" / "BENCHMARKS.md"
_KEPT = re.compile(r"<!-- measured: (.*?) -->", re.DOTALL)
_FIGURES = (("cpu", "CPU s"), ("cpu_jvm", "of it JVM"), ("wall", "wall s"), ("peak_mb", "peak MB"), ("jobs", "jobs"),
            ("shuffles", "shuffles"), ("scans", "input scans"), ("shuffle_bytes", "shuffled MB"),
            ("written_bytes", "written MB"), ("table_bytes", "table MB"))  # fmt: skip
_HEAD = """\
# Benchmarks

Written by `make bench`; do not edit. It measures refine against what people write instead, on the same files and into
tables with equal rows: each pair of runs in turn (A B A B), every run in a process of its own, the start of its session
left out. [benchmarks/](../benchmarks/README.md) says what each contender does and how to repeat one row:
`make bench ONLY=plain`.

A ratio is the median of the pairs' ratios; in brackets the interval that holds it, with 94 % for five pairs. A figure
of an arm is its median. "Written" is what Spark wrote of every kind: judged rows, table, quarantine, staged files.
"""


@dataclass(frozen=True)
class Measured:
    """One row of the page: the question's name, its ratios, each arm's medians, and where it was measured."""

    name: str
    ratios: list[float]
    arms: list[dict[str, Any]]
    rows: int
    where: str
    when: str
    versions: dict[str, str] = field(default_factory=dict)
    problem: str = ""


def measured(question: Question, pairs: Pairs, rows: int, cores: int) -> Measured:
    """What a question's pairs say."""
    arms = [
        {"name": arm.name, **{fact: pairs.median(side, fact) for fact, _ in _FIGURES}, "profile": _profile(pairs, side)}
        for side, arm in enumerate((pairs.a, pairs.b))
    ]
    return Measured(
        question.name, _figures(question, pairs), arms, rows, machine(cores), f"{date.today()}", _versions()
    )


def _figures(question: Question, pairs: Pairs) -> list[float]:
    return [question.fact(first) for first, _ in pairs.measured] if question.absolute else pairs.ratios(question.fact)


def not_measured(question: Question, problem: str, rows: int, cores: int) -> Measured:
    """A question that could not be answered, and why."""
    return Measured(question.name, [], [], rows, machine(cores), f"{date.today()}", _versions(), problem)


def _profile(pairs: Pairs, side: int) -> dict[str, float]:
    """The median CPU seconds of each step of refine."""
    steps = pairs.measured[0][side].get("steps", {})
    middle = len(pairs.measured) // 2
    return {step: sorted(pair[side]["steps"].get(step, 0.0) for pair in pairs.measured)[middle] for step in steps}


def machine(cores: int) -> str:
    """Cores, processor and memory."""
    info = Path("/proc/cpuinfo").read_text(encoding="utf-8") if Path("/proc/cpuinfo").exists() else ""
    model = re.search(r"model name\s*: (.*)", info)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{cores} of {os.cpu_count()} cores, {model[1] if model else platform.machine()}, {memory:.0f} GiB"


def _versions() -> dict[str, str]:
    names = ("headgate", "pyspark", "great-expectations", "duckdb")
    return {"python": platform.python_version(), **{name: version(name) for name in names}}


def write(rows: Sequence[Measured], page: Path = PAGE) -> None:
    """Write the page: these rows, and those of earlier calls that are not measured again."""
    known = {row.name: row for row in read(page)} | {row.name: row for row in rows}
    ordered = [known[question.name] for question in QUESTIONS if question.name in known]
    kept = json.dumps([asdict(row) for row in ordered], separators=(",", ":"))
    parts = [_HEAD, _table(known), *(_details(row) for row in ordered), f"<!-- measured: {kept} -->\n"]
    page.write_text("\n".join(parts), encoding="utf-8")


def read(page: Path = PAGE) -> list[Measured]:
    """The rows that a page has."""
    found = _KEPT.search(page.read_text(encoding="utf-8")) if page.exists() else None
    return [Measured(**row) for row in json.loads(found[1])] if found else []


def _table(known: Mapping[str, Measured]) -> str:
    lines = ["| measure | of | ratio | at most | aim |", "| --- | --- | --- | --- | --- |"]
    for question in QUESTIONS:
        row = known.get(question.name)
        limits = " | ".join("" if limit is None else f"{limit:g}" for limit in (question.at_most, question.aim))
        lines.append(f"| {question.title} (`{question.name}`) | {question.unit} | {_ratio(row)} | {limits} |")
    return "\n".join(lines) + "\n"


def _ratio(row: Measured | None) -> str:
    if row is None:
        return "not measured yet"
    if not row.ratios:
        return "could not be measured"
    middle, low, high = interval(row.ratios)
    return f"**{middle:.2f}** ({low:.2f} to {high:.2f})"


def _details(row: Measured) -> str:
    used = ", ".join(f"{name} {text}" for name, text in row.versions.items())
    lines = [f"## {row.name}", "", f"ROWS={row.rows}; {row.where}; {used}; {row.when}.", ""]
    if row.problem:
        return "\n".join([*lines, f"Could not be measured: {row.problem}", ""])
    lines += ["| arm | " + " | ".join(title for _, title in _FIGURES) + " |", "| --- |" + " ---: |" * len(_FIGURES)]
    lines += [f"| {arm['name']} | " + " | ".join(_figure(arm, fact) for fact, _ in _FIGURES) + " |" for arm in row.arms]
    profiles = [f"CPU seconds by step, {arm['name']}: {_steps(arm['profile'])}." for arm in row.arms if arm["profile"]]
    return "\n".join([*lines, "", *profiles, ""])


def _figure(arm: Mapping[str, Any], fact: str) -> str:
    value = arm[fact] / 1e6 if fact.endswith("_bytes") else arm[fact]
    return f"{value:,.1f}" if fact.endswith(("_bytes", "wall")) or fact.startswith("cpu") else f"{value:,.0f}"


def _steps(profile: Mapping[str, float]) -> str:
    return ", ".join(f"{step} {seconds:.1f}" for step, seconds in profile.items() if seconds >= 0.05)
