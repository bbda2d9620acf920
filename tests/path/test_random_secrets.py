"""Random values of a dataset with a classified column: none that is hidden shows in any message, report or file."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pyspark.sql import SparkSession

from bench import Bench
from depth import at_depth
from headgate.cli.quarantine import refused_rows
from headgate.report.facts import RunFacts
from headgate.report.write import write_run

BODY = """\
source: {{format: {form}}}
columns:
  - {{name: id, type: int, required: true}}
  - {{name: email, type: string, classification: email, pattern: "@", required: true}}
  - {{name: born, type: date, formats: [yyyy-MM-dd], classification: person, mask: redact}}
  - {{name: phone, type: string, classification: phone, mask: partial, keep_last: 3, min_length: 8, otherwise: warn}}
  - {{name: paid, type: "decimal(12,2)", minimum: 0}}
  - {{name: seen, type: timestamp, formats: ["yyyy-MM-dd HH:mm"], timezone: Europe/Rome}}
  - {{name: level, type: string, enum: [gold, silver]}}
key: [id]
on_conflict: quarantine
at_most: {at_most}
allow_empty: true
"""
NAMES = ("id", "email", "born", "phone", "paid", "seen", "level")
GOOD = {"paid": "12.50", "seen": "2026-01-02 10:00", "level": "gold", "born": "1990-01-02"}
FAULTS = ("", "more", "fewer", "behind", "bare", "open", "bytes")
# Of each row: the columns with a wrong value, what is wrong with the record, and whether its key is another row's.
ALWAYS: Any = [({"paid"}, "", False), (set(), "", False)]
ROWS = st.lists(
    st.tuples(st.sets(st.sampled_from(NAMES)), st.sampled_from(FAULTS), st.booleans()), min_size=8, max_size=14
)
EVERY: Any = [
    *[({name}, "", False) for name in NAMES], (set(), "", False), (set(NAMES), "", False), (set(), "", True),
    *[(set(), fault, False) for fault in FAULTS[1:]], *[(set(NAMES), fault, False) for fault in FAULTS[1:]],
]  # fmt: skip


class Writer:
    """Rows with secrets that are all different; the wrong ones have a comma, and so a shape of their own."""

    def __init__(self) -> None:
        self.secrets: list[str] = []

    def secret(self) -> str:
        number = len(self.secrets)
        self.secrets.append(f"qz{chr(97 + number // 26 % 26)}{chr(97 + number % 26)}7{number:04d}")
        return self.secrets[-1]

    def row(self, number: int, wrong: set[str], twin: bool) -> dict[str, str]:
        row = {"id": str(number - (1 if twin else 0)), "email": f"{self.secret()}@x.org", "phone": self.secret()}
        row |= GOOD
        return row | {name: f"{self.secret()}.5" for name in wrong}

    def csv(self, rows: Any) -> bytes:
        lines = [",".join(NAMES).encode()]
        for number, (wrong, fault, twin) in enumerate(rows):
            values = [self.row(number, wrong, twin)[name] for name in NAMES]
            lines.append(self.broken(values, fault))
        return b"\n".join(lines) + b"\n"

    def broken(self, values: list[str], fault: str) -> bytes:
        at = len(values) - 1
        values = {
            "more": [*values, self.secret()], "fewer": values[:-2], "behind": [*values[:at], f'"a"{self.secret()}'],
            "bare": [*values[:at], f'5" {self.secret()}'], "open": [*values[:at], f'"{self.secret()}'],
        }.get(fault, values)  # fmt: skip
        line = ",".join(values).encode()
        return line + b"\xff" if fault == "bytes" else line

    def json(self, rows: Any) -> bytes:
        lines = []
        for number, (wrong, fault, twin) in enumerate(rows):
            record: dict[str, Any] = self.row(number, wrong, twin)
            record |= {"born": {"a": self.secret()}} if fault == "more" else {}
            record |= {"paid": [self.secret()]} if fault == "fewer" else {}
            line = json.dumps(record)
            line = line[:-1] + f', "email": "{self.secret()}"}}' if fault == "behind" else line
            line = line[:-9] if fault in ("bare", "open") else line
            lines.append(line.encode() + (b"\xff" if fault == "bytes" else b""))
        return b"\n".join(lines) + b"\n"


def odd_files(writer: Writer, form: str) -> dict[str, bytes]:
    """Files that are refused whole, with secrets where messages might quote them."""
    line = ",".join([writer.secret(), f"{writer.secret()}@x.org", *[writer.secret() for _ in NAMES[2:]]]).encode()
    return {
        "no_header": line + b"\n" + line + b"\n",
        "one_value": writer.secret().encode(),
        "conflict": f"<<<<<<< {writer.secret()}\nid\n".encode(),
        "broken": b'{"id": 1, "email": "' + writer.secret().encode(),
        "inner": f"{','.join(NAMES)}\nid,email,born,phone,{writer.secret()},a,b\n".encode(),
    }


def everything(bench: Bench, said: list[str]) -> str:
    """All that a run tells and leaves: outcome, log, record, page, quarantine, table, and the bytes of every file."""
    result = bench.runs[-1]
    facts = RunFacts(result.run, result.started, result.finished)
    write_run(bench.lake.storage, facts, list(result.outcomes.values()), bench.project().contracts)
    folder = bench.root / "lake"
    held = "\n".join(file.read_bytes().decode("latin-1") for file in folder.rglob("*") if file.is_file())
    kept = [row.as_dict() for row in refused_rows(bench.lake, "people", every_run=True)]
    return "\n".join([*said, repr(result), str(kept), held])


def nothing_shows(spark: SparkSession, folder: Path, form: str, rows: Any, at_most: float) -> None:
    bench, writer, said = Bench(spark, folder), Writer(), list[str]()
    folder.mkdir()
    bench.contract("people", BODY.format(form=form, at_most=at_most))
    content = writer.csv(rows) if form == "csv" else writer.json(rows)
    bench.put(f"people/0.{form}", content)
    for name, odd in odd_files(writer, form).items():
        bench.put(f"people/{name}.{form}", odd)
    outcome = bench.one("people", log=lambda step, **facts: said.append(f"{step} {facts}"))
    assert outcome.status in ("published", "closed"), outcome.error
    shown = everything(bench, said)
    assert [secret for secret in writer.secrets if secret in shown] == []
    if outcome.status == "closed":
        remedy = (outcome.error or {})["remedy"]
        assert re.search(r"`headgate quarantine people --run \S+`", remedy), remedy
        assert "`headgate run people`" in remedy
        assert "row" in str(outcome.reason)
    reasons = {reason for row in refused_rows(bench.lake, "people") for reason in row.reasons}
    wrong = {name for names, fault, _ in rows if not fault for name in names}
    for name in wrong & {"paid", "seen", "born", "id"}:  # the shape says enough to correct the contract
        assert f"{name}: written as `aaaa99999.9`" in reasons


@pytest.mark.parametrize("form", [pytest.param("csv", marks=pytest.mark.deep), "json"])
def test_no_hidden_value_shows_in_what_a_run_tells_and_leaves(spark: SparkSession, tmp_path: Path, form: str) -> None:
    nothing_shows(spark, tmp_path / "lake", form, EVERY, 1.0)


@pytest.mark.deep
def test_no_hidden_value_of_random_rows_shows(spark: SparkSession, tmp_path: Path) -> None:
    @given(st.sampled_from(["csv", "json"]), ROWS, st.sampled_from([0.0, 0.5, 1.0]))
    @settings(
        max_examples=at_depth(30, 3),
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=[HealthCheck.too_slow],
    )
    def shows_nothing(form: str, rows: Any, at_most: float) -> None:
        nothing_shows(spark, tmp_path / str(len([*tmp_path.iterdir()])), form, [*ALWAYS, *rows], at_most)

    shows_nothing()
