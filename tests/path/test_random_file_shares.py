"""Random files of good, bad and unwanted rows over several runs: a model in plain Python says what each run does."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st
from pyspark.sql import SparkSession

from bench import Bench, csv
from depth import at_depth
from headgate.cli.acknowledge import acknowledge_files
from headgate.refine.files import Share
from headgate.report.facts import RunFacts
from headgate.report.record import record

BODY = """\
columns:
  - {{name: order_id, type: string, required: true}}
  - {{name: amount, type: int, required: true, minimum: 0}}
skip_when: "order_id = 'total'"
at_most: {at_most}
"""
BAD, GOOD, UNWANTED = ("x", "-1", ""), ("1", "2"), "total"


def test_a_share_is_the_exact_one_and_an_equal_share_passes() -> None:
    for hundredths in range(101):
        for judged in range(1, 300):
            bad = hundredths * judged // 100
            assert not Share(bad, judged - bad).exceeds(float(f"{hundredths / 100:.2f}")), (hundredths, bad, judged)
            if bad < judged:
                assert Share(bad + 1, judged - bad - 1).exceeds(float(f"{hundredths / 100:.2f}"))


@dataclass(frozen=True)
class File:
    """A version of a file: how many rows of each kind it has."""

    good: int
    bad: int
    unwanted: int

    @property
    def rows(self) -> int:
        return self.good + self.bad + self.unwanted

    def text(self, name: str, run: int) -> str:
        good = [f"{name}.{run}.{i},{GOOD[i % 2]}" for i in range(self.good)]
        bad = [f"{name}.{run}.bad{i},{BAD[i % 3]}" for i in range(self.bad)]
        return csv(*good, *bad, *[f"{UNWANTED},{i}" for i in range(self.unwanted)])


@dataclass
class Model:
    """What staging, the ledger and the table hold, and the rules by which a run changes them."""

    at_most: Fraction
    per_file: Fraction | None
    staged: dict[str, tuple[int, File]] = field(default_factory=dict)
    known: dict[str, tuple[int, str]] = field(default_factory=dict)  # the version read, and `refused`, `emptied` or ""
    table: dict[str, int] = field(default_factory=dict)  # rows by file
    seen: set[tuple[str, int]] = field(default_factory=set)

    def run(self) -> dict[str, Any]:
        """One run: its status, its counts, and the files that it names."""
        news = {name: file for name, (version, file) in self.staged.items() if self.known.get(name, (0,))[0] != version}
        waiting = {
            name: state for name, (version, state) in self.known.items()
            if state and name in self.staged and name not in news and (name, version) not in self.seen
        }  # fmt: skip
        if not news:
            return {"status": "unchanged", **_named(waiting)}
        bound = self.per_file if self.per_file is not None else Fraction(1 if self.at_most == 1 else "0.5")
        judged = {name: file for name, file in news.items() if file.good + file.bad}
        out = {name for name, file in judged.items() if Fraction(file.bad, file.good + file.bad) > bound}
        if len(out) == len(news):
            if self.per_file is not None:
                return {"status": "closed", **_named(waiting | dict.fromkeys(out, "refused"))}
            out = set()
        states = {name: "refused" if name in out else "" for name in news}
        states |= {name: "emptied" for name, file in judged.items() if not file.good and name not in out}
        left = [file for name, file in news.items() if name not in out]
        refused, kept = sum(file.bad for file in left), sum(file.good for file in left)
        read = sum(file.rows for file in left) + sum(news[name].unwanted for name in out)
        named = _named(waiting | {name: state for name, state in states.items() if state})
        if Fraction(refused, read or 1) > self.at_most or not kept:
            return {"status": "closed", **named}
        removed = sum(self.table.pop(name, 0) for name in news if name not in out)
        self.table |= {name: file.good for name, file in news.items() if name not in out and file.good}
        self.known |= {name: (self.staged[name][0], state) for name, state in states.items()}
        counts = {
            "read": sum(file.rows for file in news.values()),
            "published": kept,
            "quarantined": refused + sum(news[name].good + news[name].bad for name in out),
            "skipped": sum(file.unwanted for file in news.values()),
            "removed": removed,
            "rows_after": sum(self.table.values()),
        }
        return {"status": "published", **named, **counts}


def _named(states: dict[str, str]) -> dict[str, Any]:
    return {
        state: sorted(f"orders/{name}.csv" for name, found in states.items() if found == state)
        for state in ("refused", "emptied")
    }


SMALL = st.integers(0, 4)
FILES = st.builds(File, SMALL, st.sampled_from([0, 0, 1, 2, 4, 9]), st.sampled_from([0, 0, 1, 7]))
STEPS = st.dictionaries(st.sampled_from("abcde"), FILES | st.sampled_from(["gone", "acknowledge"]), min_size=2)
EVERY_RULE = (
    {"a": File(0, 4, 0), "b": File(4, 0, 1), "c": File(9, 0, 0)},  # `a` is refused whole and does not count
    {"d": File(3, 3, 0)},  # an equal share passes, and closes the gate
    {"d": "gone", "a": "acknowledge", "b": File(1, 2, 0), "e": File(2, 0, 0)},  # `b` keeps its former rows
    {"a": File(1, 9, 0), "b": "gone", "e": File(1, 0, 0)},  # another version of `a` is named again
    {},
)
SHARES = st.integers(0, 20).map(lambda twentieths: Fraction(twentieths, 20))


@pytest.mark.deep
def test_runs_over_random_files_do_what_the_rules_say(spark: SparkSession, tmp_path: Path) -> None:
    statuses: list[str] = []

    @given(SHARES | st.just(Fraction(1)), st.none() | SHARES, st.lists(STEPS, min_size=1, max_size=3))
    @example(Fraction("0.05"), None, EVERY_RULE)
    @settings(max_examples=at_depth(40, 4), deadline=None, phases=[Phase.explicit, Phase.generate])
    def holds(at_most: Fraction, per_file: Fraction | None, steps: Sequence[dict[str, Any]]) -> None:
        folder = tmp_path / str(len([*tmp_path.iterdir()]))
        folder.mkdir()
        bench, model = Bench(spark, folder), Model(at_most, per_file)
        bound = "" if per_file is None else f"at_most_per_file: {float(per_file)}\n"
        bench.contract("orders", BODY.format(at_most=float(at_most)) + bound)
        bench.put("orders/first.csv", File(2, 0, 0).text("first", 0))
        model.staged["first"] = (1, File(2, 0, 0))
        for version, step in enumerate([{}, *steps], 1):
            _change(bench, model, version, step)
            statuses.append(_compare(bench, model.run(), model))

    holds()
    assert {"published", "closed", "unchanged"} <= {*statuses}


def _change(bench: Bench, model: Model, version: int, step: dict[str, Any]) -> None:
    for name, action in step.items():
        path = f"orders/{name}.csv"
        if action == "gone":
            (bench.root / "staging" / path).unlink(missing_ok=True)
            model.staged.pop(name, None)
        elif action == "acknowledge":
            if model.known.get(name, (0, ""))[1]:
                acknowledge_files(bench.lake, "orders", [path])
                model.seen.add((name, model.known[name][0]))
        else:
            bench.put(path, action.text(name, version), arrived=60 * version)
            model.staged[name] = (version, action)


def _compare(bench: Bench, wanted: dict[str, Any], model: Model) -> str:
    """The run is what the model says: its counts, the files in its record, its equations, and the table."""
    outcome = bench.one("orders")
    result = bench.runs[-1]
    facts = RunFacts(result.run, result.started, result.finished)
    of_record = json.loads(json.dumps(record(facts, [outcome])))["datasets"]["orders"]
    got = {name: of_record[name] for name in wanted if name not in ("refused", "emptied")}
    for state in ("refused", "emptied"):
        got[state] = sorted(file["path"] for file in of_record["objects"][state])
    assert got == wanted, outcome.error
    if outcome.status == "published":
        assert all(equation["holds"] for equation in of_record["equations"].values())
    assert dict(bench.rows("SELECT split_part(order_id, '.', 1), count(*) FROM orders GROUP BY 1")) == model.table
    return outcome.status
