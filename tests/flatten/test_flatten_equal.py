"""A flattened document has the rows that refine's reader gives: texts, faults and the text of refused records."""

from __future__ import annotations

import functools
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import flat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from headgate.contract.load import load_contracts
from headgate.contract.model import Contract
from headgate.flatten.plan import plan_of, plans_of, read_plans, written
from headgate.flatten.quick import quick_value, with_numbers
from headgate.read.json_exact import Reader
from headgate.read.json_keys import ABSENT
from headgate.read.refused import CannotBelong
from needs import ROOT

COLUMNS = """
  - {name: id, type: bigint, aliases: [ID, nr]}
  - {name: city, source: a.b, type: string}
  - {name: place, source: "a.c[1]", type: double}
  - {name: tags, source: t, type: "array<string>"}
  - {name: shape, source: s, type: "struct<x:int,y:array<struct<z:string>>>"}
  - {name: whole, source: w, type: string}
  - {name: more, source: m, type: "map<string,int>"}
"""
EXPLODED = (
    COLUMNS
    + """
  - {name: line, source: l.n, type: int, aliases: [l.nr, "n"]}
  - {name: unit, source: l.u.v, type: string}
  - {name: part, source: "l.p", type: string}
"""
)
SOURCES = {
    "plain": ("", COLUMNS),
    "dropped": (", rest: drop", COLUMNS),
    "records": (", records: d.r", COLUMNS),
    "exploded": (", explode: [l]", EXPLODED),
    "twice exploded": (", explode: [l, l.p], records: d.r", EXPLODED),
}


@functools.cache
def contract(name: str) -> Contract:
    with tempfile.TemporaryDirectory() as folder:
        return flat.contract_of(Path(folder), *SOURCES[name])


KEYS = st.sampled_from([*"aAbctsxyzwmlLnuvpdr", "id", "ID", "Id", "nr", "k:", "\\u003a", "\\u0069d", "é", ""])
NUMBERS = st.sampled_from(
    ["0", "-0", "1.10", "1E5", "-0.0", "1e400", "9007199254740993", "12345678901234567890123", "0.12345678901234567890",
     "-1.5e-3", "1" * 4400, "NaN", "Infinity", "01", "1."]
)  # fmt: skip
STRINGS = st.sampled_from(
    ["", "x", "2026-01-05", "10:30", "a-0", 'q\\"', '\\":', "\\u003a", "\\u00e8", "\\ud83d\\ude00", "\\ud800",
     "\\u0000", "\ufffd", "é😀", "\u2028", "\\n", "tab\\t"]
).map(lambda text: f'"{text}"')  # fmt: skip
SPACE = st.sampled_from(["", "", "", " ", "\t"])


def _members(parts: list[tuple[str, str, str]]) -> str:
    return "{" + ",".join(f'{space}"{key}"{space}:{space}{value}' for key, value, space in parts) + "}"


VALUES = st.recursive(
    st.one_of(NUMBERS, STRINGS, st.sampled_from(["null", "true", "false", "[]", "{}", '""'])),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda parts: "[" + ", ".join(parts) + "]"),
        st.lists(st.tuples(KEYS, inner, SPACE), max_size=5).map(_members),
    ),
    max_leaves=12,
)
OBJECTS = st.lists(st.tuples(KEYS, VALUES, SPACE), max_size=8).map(_members)
RECORDS = st.lists(st.one_of(OBJECTS, OBJECTS, OBJECTS, VALUES), min_size=1, max_size=5)
FORMS: dict[str, Callable[[list[str]], str]] = {
    "lines": lambda records: "\n".join(records) + "\n",
    "windows": lambda records: "\ufeff" + "\r\n".join([*records, "", ""]),
    "one after another": " ".join,
    "list": lambda records: "[" + ",\n ".join(records) + "]",
    "below a path": lambda records: '{"r": 1, "d": {"q": 2, "r": [' + ",".join(records) + '], "z": "é"}}',
    "below a path in other case": lambda records: '{"D": {"R": [' + ",".join(records) + "]}}",
    "cut short": lambda records: ("[" + ",".join(records))[:-1],
}


def answer(read: Callable[[], Any]) -> Any:
    """The rows, or that the document is refused."""
    try:
        return read()
    except (CannotBelong, ValueError) as error:
        return f"refused: {str(error)[:20]}"


@pytest.mark.parametrize("source", SOURCES)
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(records=RECORDS, form=st.sampled_from(sorted(FORMS)), broken=st.integers(0, 9))
def test_random_documents_flatten_to_the_rows_that_refine_reads(
    source: str, records: list[str], form: str, broken: int
) -> None:
    content = FORMS[form](records).encode("utf-8", "surrogatepass")
    if broken == 0:
        content = content.replace(b"x", b"\xff")
    wanted = answer(lambda: flat.as_refine_reads(contract(source), content))
    assert answer(lambda: flat.as_flattened(contract(source), content)) == wanted


@settings(max_examples=600, deadline=None)
@given(text=VALUES)
def test_a_value_is_read_quickly_only_where_the_exact_reader_reads_the_same(text: str) -> None:
    value = quick_value(text.encode())
    if value is ABSENT:
        return
    reader = Reader()
    assert with_numbers(value) == reader.read(text)
    assert _kinds(with_numbers(value)) == _kinds(reader.read(text))
    assert not reader.twice


def _kinds(value: Any) -> Any:
    """The types at every depth: an equal text and number are not the same."""
    if isinstance(value, dict):
        return {key: _kinds(part) for key, part in value.items()}
    return [_kinds(part) for part in value] if isinstance(value, list) else type(value)


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 1, "a": 2}',
        '{"b": {"a": ":", "a": 2}}',
        '{"a": -0}',
        '{"a": "\\u003a", "a": 1}',
        '{"a": NaN}',
        '"\\ud800"',
    ],
)
def test_what_only_the_exact_reader_can_tell_is_left_to_it(text: str) -> None:
    assert quick_value(text.encode()) is ABSENT


def test_the_usual_is_read_quickly() -> None:
    text = b'{"at": "2026-01-05T10:00:00-05:00", "n": -0.5, "big": 12345678901234567890, "e": [1.10, "\\u00e8 :"]}'
    assert with_numbers(quick_value(text)) == {
        "at": "2026-01-05T10:00:00-05:00", "n": "-0.5", "big": "12345678901234567890", "e": ["1.10", "è :"]
    }  # fmt: skip


REAL = {"usgs": "usgs_earthquakes", "nobel": "nobel_laureates", "github": "github_events"}
SETS = [
    (folder, file.stem)
    for folder in REAL
    for file in sorted((ROOT / f"tests/real/{folder}/contracts").glob("*.yaml"))
    if "format: json" in file.read_text(encoding="utf-8")
]


@pytest.mark.parametrize(("folder", "dataset"), SETS, ids=[dataset for _, dataset in SETS])
def test_real_documents_flatten_to_the_rows_that_refine_reads(shared_data: Path, folder: str, dataset: str) -> None:
    contract = load_contracts(ROOT / f"tests/real/{folder}/contracts")[dataset]
    read = 0
    for file in sorted((shared_data / REAL[folder] / "files").rglob("*.json*")):
        wanted = answer(functools.partial(flat.as_refine_reads, contract, file.read_bytes(), file.name))
        assert answer(functools.partial(flat.as_flattened, contract, file.read_bytes(), file.name)) == wanted
        read += len(wanted)
    assert read > 100
    plans = plans_of([flat.as_events(contract)])
    assert read_plans(written(plans)) == plans == {dataset: plan_of(flat.as_events(contract))}
