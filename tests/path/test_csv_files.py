"""Whole runs over CSV files with odd lines: what is read, skipped and refused, and which files are read again."""

from __future__ import annotations

import gzip

from bench import Bench, counted
from headgate.cli.quarantine import refused_rows
from headgate.cli.show import print_result

TEXTS = """\
columns:
  - {name: name, type: string}
  - {name: note, type: string}
at_most: 1.0
write: {mode: append}
"""
ROWS = ("read", "published", "skipped", "quarantined")


def test_half_a_record_never_becomes_a_row(bench: Bench) -> None:
    bench.contract("notes", TEXTS)
    bench.put("notes/a.csv", 'name,note\nx,one\ny,"two\nz,three"\nw,four\n')
    bench.put("notes/b.csv", "name,note\nv,five\n")
    assert counted(bench.one("notes"), *ROWS) == (5, 3, 0, 2)
    assert bench.rows("SELECT name FROM notes ORDER BY name") == [("v",), ("w",), ("x",)]
    reasons = [row.reasons[0] for row in refused_rows(bench.lake, "notes")]
    assert all("multi_line" in reason for reason in reasons)
    assert any("on line 3" in reason for reason in reasons)


def test_values_with_line_breaks_are_read_in_memory_where_a_column_is_classified(bench: Bench) -> None:
    masked = TEXTS.replace("{name: name,", "{name: name, classification: person,")
    bench.contract("notes", "source: {read: {multi_line: true, encoding: utf-16, skip_lines: 1}}\n" + masked)
    bench.put("notes/a.csv", 'made today\nname,note\nAnn,"x\r\ny"\nBob,"open\n'.encode("utf-16"))
    assert counted(bench.one("notes"), *ROWS) == (2, 1, 0, 1)
    assert bench.rows("SELECT note FROM notes") == [("x\r\ny",)]
    everything = b"".join((bench.root / "lake" / file).read_bytes() for file in bench.files())
    assert b"Ann" not in everything


def test_a_header_of_another_table_refuses_its_file_and_the_others_are_read(bench: Bench) -> None:
    bench.contract("notes", TEXTS)
    bench.put("notes/a.csv", 'name,note\nx,one\ntitle,note\ny,"two\nthree"\n')
    bench.put("notes/b.csv", "name,note\nv,five\n")
    outcome = bench.one("notes")
    assert counted(outcome, *ROWS) == (1, 1, 0, 0)
    assert [file["path"] for file in outcome.objects["refused"]] == ["notes/a.csv"]
    assert "the line `title,note` looks like the header of another table" in outcome.objects["refused"][0]["reason"]


def test_skipped_rows_are_counted_by_reason_and_named(bench: Bench, capsys) -> None:
    words = "source: {read: {comment: '#', skip_from: '^END'}}\nskip_when: name = 'total'\n"
    bench.contract("notes", words + TEXTS)
    bench.put("notes/a.csv", "# made today\nname,note\nx,1\nname,note\ntotal,1\nEND\n\nother table\n")
    outcome = bench.one("notes")
    assert counted(outcome, *ROWS) == (6, 1, 5, 0)
    assert outcome.skipped_by == {"comment": 1, "skip_from": 2, "repeated header": 1, "skip_when": 1}
    print_result(bench.runs[-1], None)
    assert "skipped rows: notes: 1 by `comment`, 2 by `skip_from`, 1 by `repeated header`" in capsys.readouterr().out


def test_a_packed_file_that_breaks_while_it_is_framed_is_refused_and_the_others_are_read(bench: Bench) -> None:
    bench.contract("notes", "source: {read: {multi_line: true}}\n" + TEXTS)
    whole = gzip.compress(("name,note\n" + "".join(f"{i},{i * i}\n" for i in range(200_000))).encode())
    bench.put("notes/a.csv.gz", whole[: len(whole) - 5000])
    bench.put("notes/b.csv", "name,note\nv,five\n")
    outcome = bench.one("notes")
    assert counted(outcome, *ROWS) == (1, 1, 0, 0)
    assert "is cut short or broken" in outcome.objects["refused"][0]["reason"]
