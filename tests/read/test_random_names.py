"""Random headers and records: which name of a file a column is read from, by a rule in plain Python."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headgate.contract.model import Contract
from headgate.read.json_recipe import recipe
from headgate.read.json_rows import Rows
from headgate.read.names import match
from headgate.read.refused import CannotBelong

WORDS = ("id", "ID", "Id", "straße", "STRASSE", "ref")
AMBIGUOUS, LACKING, UNKNOWN = "could be", "lacks", "does not know"


@st.composite
def columns(draw: Any) -> list[dict[str, Any]]:
    """Columns with one to three names each; no two have the same."""
    names = draw(st.lists(st.sampled_from(WORDS), unique=True, min_size=1, max_size=5))
    cuts = sorted(draw(st.sets(st.integers(1, len(names) - 1), max_size=2))) if len(names) > 1 else []
    groups = [names[start:end] for start, end in zip([0, *cuts], [*cuts, len(names)], strict=True)]
    needed = [draw(st.sampled_from(["", "", "required", "required_in_file", "key"])) for _ in groups]
    return [
        {"name": f"c{at}", "type": "string", "source": group[0], "aliases": group[1:], "needed": need}
        for at, (group, need) in enumerate(zip(groups, needed, strict=True))
    ]


def contract(described: list[dict[str, Any]], **source: Any) -> Contract:
    made = [
        {key: value for key, value in column.items() if key != "needed"}
        | ({column["needed"]: True} if column["needed"].startswith("required") else {})
        for column in described
    ]
    key = [column["name"] for column in described if column["needed"] == "key"]
    about = {"dataset": "things", "domain": "t", "owner": "o", "description": "x"}
    return Contract.model_validate({**about, "columns": made, "key": key, "source": source})


def places(described: list[dict[str, Any]], there: list[str]) -> dict[str, int | None] | str:
    """Where each column is among the names of a file, or why that is not certain.

    A name is a column's if it is equal; one that nobody's name equals, if it is equal without regard to case to a name
    of a column that has no equal one.
    """
    known = {column["name"]: {column["source"], *column["aliases"]} for column in described}
    exact = {name: [at for at, word in enumerate(there) if word in words] for name, words in known.items()}
    if any(len(found) > 1 for found in exact.values()):
        return AMBIGUOUS
    free = [at for at in range(len(there)) if not any(at in found for found in exact.values())]
    alike = {
        name: [at for at in free if there[at].casefold() in {word.casefold() for word in known[name]}]
        for name, found in exact.items() if not found
    }  # fmt: skip
    claimed = [at for found in alike.values() for at in found]
    if any(len(found) > 1 for found in alike.values()) or len(claimed) > len(set(claimed)):
        return AMBIGUOUS
    return {name: next(iter(exact[name] or alike.get(name, [])), None) for name in known}


@given(columns(), st.lists(st.sampled_from([*WORDS, "iD", "other"]), max_size=4), st.booleans())
@settings(max_examples=300, deadline=None)
def test_a_header_is_mapped_as_the_rule_says(described: Any, header: list[str], ignores: bool) -> None:
    found = places(described, header)
    made = contract(described, ignore=["other"] if ignores else [])
    expected: Any = found
    if isinstance(found, dict):
        lacking = [c["source"] for c in described if c["needed"] and found[c["name"]] is None]
        unknown = {at for at in range(len(header))} - {*found.values()}
        unknown = {at for at in unknown if not (ignores and header[at] == "other")}
        expected = LACKING if lacking else UNKNOWN if unknown else tuple(found.values())
    try:
        got: Any = match(made, header).places
    except CannotBelong as refused:
        got = next(word for word in (AMBIGUOUS, LACKING, UNKNOWN) if word in str(refused))
    assert got == expected


@given(
    st.lists(st.from_regex(r"[a-zé]{3}@[0-9٣]{2}-[A-Z]{3,70}", fullmatch=True), min_size=1, max_size=5), st.booleans()
)
@settings(max_examples=100, deadline=None)
def test_a_first_line_that_is_no_header_is_shown_as_its_shape_where_values_are_hidden(
    values: list[str], needed: bool
) -> None:
    email = {"name": "email", "type": "string", "classification": "email", "required": needed}
    about = {"dataset": "people", "domain": "t", "owner": "o", "description": "x"}
    with pytest.raises(CannotBelong) as refused:
        match(Contract.model_validate({**about, "columns": [email]}), values)
    assert [value for value in values if value[:6] in str(refused.value) or value[-3:] in str(refused.value)] == []
    assert "`aaa@99-aaa" in str(refused.value)
    with pytest.raises(CannotBelong, match=re.escape(values[0][:60])):  # beside a name of the contract it is a header
        match(Contract.model_validate({**about, "columns": [email]}), ["email", *values])


KEYS = st.lists(st.sampled_from([*WORDS, "iD", "other"]), max_size=4, unique=True)


@given(columns(), KEYS, st.sampled_from(["", "in"]))
@settings(max_examples=300, deadline=None)
def test_the_keys_of_a_record_are_found_as_the_rule_says(described: Any, keys: list[str], above: str) -> None:
    """As in a header, but the first of a column's own names that the record has counts, and only the row is refused."""
    record = {key: str(at) for at, key in enumerate(keys)}
    nested = [
        {**c, "source": _below(above, c["source"]), "aliases": [_below(above, a) for a in c["aliases"]]}
        for c in described
    ]
    [row] = Rows(recipe(contract(nested, format="json"), "utf-8")).of_line(
        json.dumps({above: record} if above else record, ensure_ascii=False).encode()
    )
    taken = {word for column in described for word in (column["source"], *column["aliases"])}
    wanted = [_value(column, described, keys, taken) for column in described]
    assert list(row.texts) == [None if at is None or at == AMBIGUOUS else str(at) for at in wanted]
    assert len(row.faults) == wanted.count(AMBIGUOUS)
    assert all(AMBIGUOUS in fault for fault in row.faults)


def _below(above: str, name: str) -> str:
    return ".".join(f'"{part}"' if not part.isascii() else part for part in (above, name) if part)


def _value(column: Any, described: Any, keys: list[str], taken: set[str]) -> int | str | None:
    own = [column["source"], *column["aliases"]]
    for word in own:
        if word in keys:
            return keys.index(word)
    for word in own:
        alike = [key for key in keys if key.casefold() == word.casefold() and key not in taken]
        others = [{c["source"], *c["aliases"]} for c in described if c is not column]
        rivals = [names for names in others if word.casefold() in map(str.casefold, names) and names.isdisjoint(keys)]
        if len(alike) > 1 or (alike and rivals):
            return AMBIGUOUS
        if alike:
            return keys.index(alike[0])
    return None
