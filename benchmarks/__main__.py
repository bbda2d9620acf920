"""`make bench [ROWS=] [ONLY=]`: measure, compare the outputs, and write docs/BENCHMARKS.md."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from benchmarks.page import PAGE, Measured, measured, not_measured, write
from benchmarks.pairs import CannotCompare, in_turn, interval
from benchmarks.questions import QUESTIONS, ROWS, Bench, Question
from headgate.cache import cache_folder


def main() -> int:
    """Answer the questions that are named, or all; 1 when one could not be answered."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    names = [question.name for question in QUESTIONS]
    parser.add_argument("--rows", type=int, default=ROWS, help="rows of the usual data; all else is scaled with it")
    parser.add_argument("--only", default="", help=f"questions, separated by commas, of: {', '.join(names)}")
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--cores", type=int, default=os.cpu_count() or 2)
    parser.add_argument("--page", type=Path, default=PAGE)
    parser.add_argument("--folder", type=Path, default=cache_folder() / "benchmarks", help="where the data is kept")
    given = parser.parse_args()
    wanted = [name for name in given.only.split(",") if name] or names
    unknown = sorted({*wanted} - {*names})
    if unknown:
        print(f"There is no question `{unknown[0]}`. The questions: {', '.join(names)}.", file=sys.stderr)
        return 2
    bench, failed = Bench(given.folder, given.rows), False
    for question in QUESTIONS:
        if question.name in wanted:
            row = _answer(question, bench, given.pairs, given.cores)
            failed = failed or bool(row.problem)
            write([row], given.page)  # each at once: the next may take an hour
    print(f"wrote {given.page}")
    return int(failed)


def _answer(question: Question, bench: Bench, pairs: int, cores: int) -> Measured:
    print(question.title, flush=True)
    try:
        a, b = question.arms(bench)
        found = in_turn(a, b, pairs, cores, equal=question.equal, told=lambda line: print(line, flush=True))
    except CannotCompare as problem:
        print(f"  {problem}", file=sys.stderr)
        return not_measured(question, str(problem), bench.rows, cores)
    row = measured(question, found, bench.rows, cores)
    middle, low, high = interval(row.ratios)
    print(f"  {middle:.2f} ({low:.2f} to {high:.2f}), {question.unit}")
    return row


if __name__ == "__main__":
    sys.exit(main())
