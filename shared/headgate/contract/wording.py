"""What is wrong with a key's value, in our words: the model's library reports it in its own."""

from __future__ import annotations

import difflib
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from headgate.contract.keys import models_in

Details = Mapping[str, Any]
"""One error as pydantic reports it: type, loc, input, ctx."""

_SEE = "See docs/CONTRACTS.md."
_ARMS = frozenset(("bool", "int", "float", "str"))  # pydantic names the types of a union like keys
_PATTERNS = {
    r"^[a-z][a-z0-9_]{0,127}$": "a name: a small letter, then small letters, digits and `_`, 128 at most",
    r"^[a-z][a-z0-9_]{0,39}$": "a name: a small letter, then small letters, digits and `_`, 40 at most",
    r"^[a-z][a-z0-9_]*$": "a name: a small letter, then small letters, digits and `_`",
}


def in_words(error: Details, model: type[BaseModel]) -> tuple[str, str, str]:
    """The key, what is wrong with its value, and what to write instead."""
    loc = [part for part in error["loc"] if part not in _ARMS]
    key = _key(loc)
    if error["type"] == "extra_forbidden":
        return key, "is not a key of a contract", _did_you_mean(loc, model)
    if error["type"] == "missing":
        return key, "is missing", f"Add `{loc[-1]}:`. {_SEE}"
    several = error["loc"][-1:] and error["loc"][-1] in _ARMS
    wanted = "a text, a number, `true` or `false`" if several else _WANTED.get(error["type"], _other)(error)
    return key, f"must be {wanted} (found {_found(error['input'])})", _example(loc, error, model) or _SEE


def _other(error: Details) -> str:
    """An error that only a new kind of key can have: pydantic's text, as a wish."""
    return str(error["msg"]).removeprefix("Input should be ").removeprefix("Value error, ")


def _pattern(error: Details) -> str:
    pattern = error["ctx"]["pattern"]
    if pattern.startswith("^(arrival"):
        return "`arrival`, `daily HH:MM UTC` or `weekly`"
    return _PATTERNS.get(pattern, f"a text that fits `{pattern}`")


def _one_of(error: Details) -> str:
    words = [word.strip().strip("'") for word in str(error["ctx"]["expected"]).replace(" or ", ", ").split(",")]
    quoted = [f"`{word}`" for word in words]
    return f"{', '.join(quoted[:-1])} or {quoted[-1]}" if len(quoted) > 1 else quoted[0]


def _items(error: Details) -> str:
    least = error["ctx"]["min_length"]
    return "a list that is not empty" if least == 1 else f"a list of at least {least}"


def _characters(error: Details) -> str:
    least, most = error["ctx"].get("min_length"), error["ctx"].get("max_length")
    if least == 1:
        return "a text that is not empty"
    return f"a text of at least {least} characters" if least else f"a text of at most {_count(most)}"


def _count(characters: int) -> str:
    return "one character" if characters == 1 else f"{characters} characters"


_WANTED: dict[str, Callable[[Details], str]] = {
    **dict.fromkeys(("tuple_type", "list_type", "too_long"), lambda error: "a list"),
    **dict.fromkeys(("model_type", "dict_type", "model_attributes_type"), lambda error: "a mapping (`name: value`)"),
    **dict.fromkeys(("string_type", "string_sub_type"), lambda error: "a text"),
    **dict.fromkeys(("int_type", "int_parsing", "int_from_float", "int_parsing_size"), lambda error: "a whole number"),
    **dict.fromkeys(("float_type", "float_parsing"), lambda error: "a number"),
    "finite_number": lambda error: "a number that is not infinite",
    **dict.fromkeys(("bool_type", "bool_parsing"), lambda error: "`true` or `false`"),
    "literal_error": _one_of,
    "string_pattern_mismatch": _pattern,
    "greater_than_equal": lambda error: f"at least {error['ctx']['ge']:g}",
    "less_than_equal": lambda error: f"at most {error['ctx']['le']:g}",
    "greater_than": lambda error: f"more than {error['ctx']['gt']:g}",
    "less_than": lambda error: f"less than {error['ctx']['lt']:g}",
    "too_short": _items,
    **dict.fromkeys(("string_too_short", "string_too_long"), _characters),
}


def _example(loc: Sequence[int | str], error: Details, model: type[BaseModel]) -> str:
    """The value in the form that the key takes, where that is plain: `key: id` is meant as `key: [id]`."""
    value, name = error["input"], str(loc[-1]) if loc else ""
    if error["type"] == "tuple_type" and isinstance(value, str | int | float | bool) and _model_at(loc, model) is None:
        return f"Write `{name}: [{_as_yaml(value)}]`."
    if error["type"] == "tuple_type" and isinstance(value, dict):
        return "Write each element after a dash: `- {…}`."
    if error["type"] == "string_type" and isinstance(value, int | float | bool):
        return f'Quote it: "{_as_yaml(value)}".'
    if error["type"] == "literal_error" and isinstance(value, str):
        near = difflib.get_close_matches(value.lower(), _choices(error), n=1)
        return f"Did you mean `{near[0]}`?" if near else ""
    if value is None:
        return "Give it a value, or remove the key."
    return ""


def _choices(error: Details) -> list[str]:
    return _one_of(error).replace("`", "").replace(" or ", ", ").split(", ")


def _as_yaml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _found(value: Any) -> str:
    if value is None:
        return "nothing"
    text = _as_yaml(value) if isinstance(value, bool | str) and value != "" else json.dumps(value, default=str)
    return f"`{text[:60]}…`" if len(text) > 60 else f"`{text}`"


def _key(loc: Sequence[int | str]) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in loc).lstrip(".")


def _did_you_mean(loc: Sequence[int | str], model: type[BaseModel]) -> str:
    at = _model_at(loc[:-1], model)
    known = sorted(at.model_fields) if at else []
    close = difflib.get_close_matches(str(loc[-1]), known, n=1)
    return f"Did you mean `{close[0]}`?" if close else f"Known here: {', '.join(known)}."


def _model_at(loc: Sequence[int | str], model: type[BaseModel]) -> type[BaseModel] | None:
    at: type[BaseModel] | None = model
    for part in loc:
        if isinstance(part, int) or at is None:
            continue
        field = at.model_fields.get(part)
        at = next(models_in(field.annotation), None) if field else None
    return at
