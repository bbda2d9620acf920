"""A wrong value of a key is reported in our words, for every kind of fault."""

from __future__ import annotations

import pytest
import yaml
from pydantic import ValidationError

from headgate.contract.model import Contract
from headgate.contract.wording import in_words

GOOD = {"dataset": "a", "domain": "b", "owner": "c", "description": "d", "columns": [{"name": "x", "type": "int"}]}
TOLD = {
    "key: id": ("key", "must be a list (found `id`)", "Write `key: [id]`."),
    "columns: {name: x, type: int}": ("columns", "must be a list (found", "after a dash"),
    "columns: x": ("columns", "must be a list (found `x`)", "docs/CONTRACTS.md"),
    "columns: []": ("columns", "must be a list that is not empty (found `[]`)", "docs/CONTRACTS.md"),
    "columns: [x]": ("columns[0]", "must be a mapping (`name: value`) (found `x`)", "docs/CONTRACTS.md"),
    "source: a.csv": ("source", "must be a mapping", "docs/CONTRACTS.md"),
    "source: {raed: {}}": ("source.raed", "is not a key of a contract", "Did you mean `read`?"),
    "columns: [{name: x}]": ("columns[0].type", "is missing", "Add `type:`."),
    "at_most: 5": ("at_most", "must be at most 1 (found `5`)", "docs/CONTRACTS.md"),
    "at_most: -1": ("at_most", "must be at least 0 (found `-1`)", "docs/CONTRACTS.md"),
    "at_most: lots": ("at_most", "must be a number (found `lots`)", "docs/CONTRACTS.md"),
    "at_most: [1]": ("at_most", "must be a number (found `[1]`)", "docs/CONTRACTS.md"),
    "write: {mode: Merge}": ("write.mode", "must be `merge`, `append` or `overwrite`", "Did you mean `merge`?"),
    "owner: ''": ("owner", 'must be a text that is not empty (found `""`)', "docs/CONTRACTS.md"),
    "owner: 5": ("owner", "must be a text (found `5`)", 'Quote it: "5".'),
    "owner: null": ("owner", "must be a text (found nothing)", "Give it a value"),
    "job: {workers: 2.5}": ("job.workers", "must be a whole number (found `2.5`)", "docs/CONTRACTS.md"),
    "job: {workers: many}": ("job.workers", "must be a whole number (found `many`)", "docs/CONTRACTS.md"),
    "job: {workers: [2]}": ("job.workers", "must be a whole number (found `[2]`)", "docs/CONTRACTS.md"),
    "allow_empty: perhaps": ("allow_empty", "must be `true` or `false` (found `perhaps`)", "docs/CONTRACTS.md"),
    "allow_empty: []": ("allow_empty", "must be `true` or `false` (found `[]`)", "docs/CONTRACTS.md"),
    "dataset: Orders": ("dataset", "must be a name: a small letter", "docs/CONTRACTS.md"),
    "schedule: {refine: hourly}": ("schedule.refine", "must be `arrival`, `daily HH:MM UTC` or `weekly`", "docs"),
    "columns: [{name: x, type: int, classification: E-Mail}]": ("columns[0].classification", "must be a name", "docs"),
    "columns: [{name: x, type: int, enum: 5}]": ("columns[0].enum", "must be a list (found `5`)", "`enum: [5]`"),
    "columns: [{name: x, type: int, enum: [[1]]}]": ("columns[0].enum[0]", "must be a text, a number, `true`", "docs"),
    "columns: [{name: x, type: int, minimum: {a: 1}}]": ("columns[0].minimum", "must be a text, a number", "docs"),
    "source: {read: {quote: '##'}}": ("source.read.quote", "must be a text of at most one character", "docs"),
    "source: {read: {delimiter: ''}}": ("source.read.delimiter", "must be a text that is not empty", "docs"),
    "checks: [{expect: x, kwargs: [1]}]": ("checks[0].kwargs", "must be a mapping", "docs"),
    "skip_when: [a]": ("skip_when", "must be a text", "docs"),
    "serving: null": ("serving", "must be a mapping (`name: value`) (found nothing)", "Give it a value"),
}


@pytest.mark.parametrize("text", TOLD)
def test_a_wrong_value_is_told_with_what_to_write(text: str) -> None:
    key, problem, remedy = TOLD[text]
    with pytest.raises(ValidationError) as caught:
        Contract.model_validate({**GOOD, **yaml.safe_load(text)})
    told = [in_words(details, Contract) for details in caught.value.errors()]
    assert told[0][0] == key
    assert problem in told[0][1]
    assert remedy in told[0][2]


ODD = [None, True, 5, -2.5, float("inf"), "", "x", "A b", [], [None], [[1]], {}, {"a": 1}, [{"a": {}}]]


@pytest.mark.parametrize("value", ODD, ids=repr)
def test_no_value_of_any_key_is_told_in_words_of_the_models_library(value: object) -> None:
    """Every key of the contract and of its parts gets every odd value."""
    for name in Contract.model_fields:
        below = [{name: value}, *({name: {key: value}} for key in _keys_of(name))]
        below += [{name: [{**_required(name), key: value}]} for key in _keys_of(name)]
        for keys in below:
            try:
                Contract.model_validate({**GOOD, **keys})
            except ValidationError as error:
                for details in error.errors():
                    _, problem, remedy = in_words(details, Contract)
                    assert problem.startswith(("must be", "is missing", "is not a key")), (keys, problem)
                    assert not any(word in problem for word in ("nput should", "valid", "instance", "Extra")), problem
                    assert remedy


def _keys_of(name: str) -> list[str]:
    from headgate.contract.keys import models_in

    return [key for model in models_in(Contract.model_fields[name].annotation) for key in model.model_fields]


def _required(name: str) -> dict[str, object]:
    return {"columns": {"name": "x", "type": "int"}, "checks": {"expect": "x"}, "order": {"column": "x"}}.get(name, {})  # type: ignore[return-value]
