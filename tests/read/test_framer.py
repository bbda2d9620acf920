"""Which lines are one record, checked against a state machine of the tests' own."""

from __future__ import annotations

import re
from dataclasses import replace
from types import SimpleNamespace

import pytest
from csv_machine import Machine
from hypothesis import given
from hypothesis import strategies as st

from headgate.columns import COMMENT, REPEATED_HEADER, SKIP_FROM, SKIP_LAST
from headgate.read import framer
from headgate.read.dialect import Dialect, dialect
from headgate.read.framer import Framed, Framer, Framing, lines

MACHINES = [
    Machine(**words, multi_line=multi_line)
    for multi_line in (False, True)
    for words in (
        {},
        {"bare_quotes": True},
        {"delimiter": ";", "quote": "'", "escape": "'"},
        {"delimiter": "||"},
        {"delimiter": "\t", "escape": "\\"},
        {"escape": "\\", "bare_quotes": True},
        {"escape": ""},
        {"quote": "", "escape": ""},
        {"delimiter": "\t", "quote": "", "escape": "\\"},
        {"escape": "\\", "any": True},
    )
]


def declared(machine: Machine) -> dict[str, object]:
    """The dialect as a contract declares it."""
    return {
        "delimiter": machine.delimiter,
        "quote": machine.quote,
        "escape": machine.escape,
        "bare_quotes": "allow" if machine.bare_quotes else "refuse",
        "escapes": "any" if machine.any else "quotes",
        "multi_line": machine.multi_line,
    }


def dialect_of(machine: Machine) -> Dialect:
    return dialect(SimpleNamespace(**declared(machine)))  # type: ignore[arg-type]


def pieces(machine: Machine) -> st.SearchStrategy[str]:
    """A text in which what matters to the dialect is frequent."""
    odd = {machine.delimiter, machine.quote, machine.escape, machine.quote * 2, machine.escape + machine.quote}
    signs = [sign for sign in (*odd, "\\", '"', "\n", "\r", "\r\n", "n", "N", " ", "ü", "\ue00a") if sign]
    value = st.text("xy ", max_size=3)
    quoted = st.builds(lambda v: f"{machine.quote}{v}{machine.quote}", value)
    record = st.builds(lambda a, b: f"{a}{machine.delimiter}{b}\n", value | quoted, value | quoted)
    return st.lists(st.sampled_from(signs) | record | value, max_size=14).map("".join)


@pytest.mark.parametrize("machine", MACHINES, ids=repr)
@given(data=st.data())
def test_records_are_framed_as_by_the_machine_whatever_the_chunks_are(machine: Machine, data: st.DataObject) -> None:
    text = data.draw(pieces(machine))
    size = data.draw(st.integers(1, 5))
    chunks = [text[at : at + size] for at in range(0, len(text), size)]
    framing = Framing(dialect_of(machine), machine.multi_line, header=False)
    pattern = re.compile(dialect_of(machine).record, re.DOTALL)

    def told(record: Framed) -> tuple[str, bool]:
        return record.text, record.fault is None and pattern.fullmatch(record.text) is not None

    assert [told(record) for record in Framer(framing).records(lines(chunks))] == expected(machine, text)


def expected(machine: Machine, text: str) -> list[tuple[str, bool]]:
    """Each record's text and whether it follows the dialect."""
    found, all_lines, at = list[tuple[str, bool]](), machine.lines(text), 0
    while at < len(all_lines):
        if machine.blank(all_lines[at][0]):
            at += 1
            continue
        records, at = machine.record(all_lines, at)
        found += [(record, not refused and machine.state(record) == "whole") for record, refused in records]
    return found


def framed(text: str, *, header: bool = True, machine: Machine | None = None, **words: object) -> list[Framed]:
    machine = machine or Machine(multi_line=True)
    framing = replace(Framing(dialect_of(machine), machine.multi_line, header), **words)
    return list(Framer(framing).records(lines([text])))


def test_line_breaks_of_any_kind_end_a_record_and_stay_inside_quotes() -> None:
    assert [record.text for record in framed('a,b\r1,"x\r\ny\rz"\n2,\r\n3,', header=False)] == [
        "a,b",
        '1,"x\r\ny\rz"',
        "2,",
        "3,",
    ]


def test_a_stray_quote_refuses_its_line_and_the_next_lines_are_read() -> None:
    found = framed('id,note\n1,"12 inch\n2,"two"\n3,three\n')
    assert found[0].text == '1,"12 inch'
    assert found[0].fault == "record: a quote left open on line 2; the lines behind it are records"
    assert found[1:] == [Framed('2,"two"'), Framed("3,three")]


def test_joined_lines_of_which_one_is_no_record_are_refused_together_and_counted_each() -> None:
    found = framed('id,note\n1,"he said\n\nit is "good"\n3,three\n')
    assert [record.text for record in found if record.fault] == ['1,"he said', 'it is "good"']
    assert found[1].fault == "record: the rest of a record whose quote was left open on line 2"
    assert found[2] == Framed("3,three")


def test_a_quote_that_never_closes_refuses_all_that_is_behind_it_or_its_line() -> None:
    text = 'id,note\n1,one\n2,"two\n3,three\n\n4,four\n'
    lost = framed(text)
    assert lost[0] == Framed("1,one")
    assert [(record.text, bool(record.fault)) for record in lost[1:]] == [
        ('2,"two', True),
        ("3,three", True),
        ("4,four", True),
    ]
    by_line = framed(text, machine=Machine())
    assert [(record.text, bool(record.fault)) for record in by_line[1:]] == [
        ('2,"two', True),
        ("3,three", False),
        ("4,four", False),
    ]


def test_without_multi_line_every_line_of_a_value_with_line_breaks_is_refused() -> None:
    found = framed('id,note\n1,"a\n2,looks good\nb"\n3,c\n', machine=Machine(bare_quotes=True))
    assert [(record.text, "multi_line" in str(record.fault)) for record in found] == [
        ('1,"a', True),
        ("2,looks good", True),
        ('b"', True),
        ("3,c", False),
    ]


def test_a_quote_that_is_open_for_too_long_never_closes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(framer, "MOST_OPEN", 10)
    found = framed('id,note\n1,"' + "x\n" * 20 + '"\n2,two\n')
    assert all(record.fault for record in found)
    assert len(found) == 22


def test_what_is_no_record_is_skipped_with_its_reason() -> None:
    text = "# made today\na,b\n1,2\n# note\n\ufeffa,b\na,b\n3,4\nEND,1\n5,6\n7,8\n"
    found = framed(text, comment="#", skip_from="^END", skip_last=1)
    assert [(record.text, record.skip) for record in found] == [
        ("# made today", COMMENT),
        ("1,2", None),
        ("# note", COMMENT),
        ("\ufeffa,b", REPEATED_HEADER),
        ("a,b", REPEATED_HEADER),
        ("3,4", None),
        ("END,1", SKIP_FROM),
        ("5,6", SKIP_FROM),
        ("7,8", SKIP_LAST),
    ]


def test_the_last_lines_are_counted_without_blank_ones_and_never_reach_the_header() -> None:
    assert framed("a\n1\n2\n \n3\n\n\n", skip_last=2) == [
        Framed("1"),
        Framed("2", skip=SKIP_LAST),
        Framed("3", skip=SKIP_LAST),
    ]
    assert framed("a\n1\n", skip_last=5) == [Framed("1", skip=SKIP_LAST)]


def test_lines_before_the_header_may_hold_anything() -> None:
    assert framed('Report of "today\n\na\n1\n', skip_lines=2) == [Framed("1")]


def test_a_line_of_delimiters_is_a_record_and_a_line_of_spaces_is_blank() -> None:
    assert framed("\t\t\n  \n", header=False, machine=Machine(delimiter="\t")) == [Framed("\t\t")]
    assert framed("\t\t\n  \n", header=False) == []


def test_a_long_line_without_an_end_is_found_in_one_pass() -> None:
    """Searched again from each of its characters, it would take hours."""
    text = "x" * 4_000_000
    assert [line.text for line in lines([text[:3_000_000], text[3_000_000:]])] == [text]
