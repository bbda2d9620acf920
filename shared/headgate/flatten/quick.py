"""Parse JSON quickly, and only where the result must be that of `read.json_exact`: otherwise it says so.

`msgspec` keeps the last of two equal keys, makes `-0` the number 0, and refuses some texts that Python reads (lone
surrogates, `NaN`, more than 4,300 digits). So a value is taken from it only if nothing of that is there:

- It must parse the text. It accepts no text that Python refuses.
- Decimals come as their text (`msgspec.Raw`). Whole numbers are exact, and their text follows from them, but for `-0`.
- No key occurs twice if writing the value again gives as many colons as the text has: each member has one outside of
  strings, and a colon inside a string stays one. (`\\u003a`, a colon by another name, is left to the exact reader.)
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

from headgate.read.json_exact import Number
from headgate.read.json_keys import ABSENT

_MINUS_ZERO = re.compile(rb"-0(?![.eE0-9])")
_COLON = b"\\u003"

raws_of_list = msgspec.json.Decoder(list[msgspec.Raw]).decode
raws_of_object = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
Unsure = (msgspec.MsgspecError, RecursionError, ValueError)  # what the parser and the writer may raise

_value = msgspec.json.Decoder(float_hook=msgspec.Raw).decode
_again = msgspec.json.Encoder().encode
_exactly = msgspec.json.Encoder(enc_hook=lambda number: msgspec.Raw(str(number))).encode


def quick_value(text: bytes) -> Any:
    """The value of a JSON text, `ABSENT` where only the exact reader can tell.

    Whole numbers are `int`, others `msgspec.Raw`; all else is as `Reader` gives it.
    """
    try:
        value = _value(text)
        if text.count(b":") != _again(value).count(b":"):
            return ABSENT
    except Unsure:
        return ABSENT
    if _COLON in text or (b"-0" in text and _MINUS_ZERO.search(text)):
        return ABSENT
    return value


def with_numbers(value: Any) -> Any:
    """The value with every number as the `Number` that the exact reader gives."""
    kind = type(value)
    if kind is int:
        return Number(value)
    if kind is msgspec.Raw:
        return Number(bytes(value).decode())
    if kind is dict:
        return {key: with_numbers(part) for key, part in value.items()}
    return [with_numbers(part) for part in value] if kind is list else value


def exact_json(value: Any) -> str:
    """The shortest JSON text of a value; numbers keep their text. Raises what is in `Unsure`."""
    return _exactly(value).decode()
