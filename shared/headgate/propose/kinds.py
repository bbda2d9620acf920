"""The type that the texts of one column have, with the words that a contract needs for it and the evidence.

A type is proposed when every value but a few names of nothing (`NULL`, `n/a`) is of it, or nearly every
value; then the evidence says what does not fit, because the gate will refuse it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from headgate.propose.kind import Counted, Kind
from headgate.propose.moments import moments

NEARLY = 0.98  # the share of values that must be of a type
_ALWAYS_NOTHING = ("NULL", "null", "\\N", "(null)", "#N/A", "#NV")
_NOTHING = (*_ALWAYS_NOTHING, "NA", "N/A", "n/a", "n.a.", "NaN", "nan", "None", "none", "nil", "-", "--", "?", "k.A.")
_BOOLEANS = (
    ("true", "false"), ("yes", "no"), ("y", "n"), ("t", "f"), ("ja", "nein"), ("j", "n"), ("wahr", "falsch"),
    ("oui", "non"), ("vrai", "faux"), ("si", "no"), ("sí", "no"), ("on", "off"),
)  # fmt: skip
# Decimal sign and sign between thousands; of styles that fit equally well the first is taken.
_STYLES = ((".", ""), (",", ""), (",", "."), (".", ","), (",", " "), (".", " "), (".", "'"), (".", "\u2019"))
_SIGNS = re.compile(r"[\s%€$£¥₣₹]+|\b(?:EUR|USD|CHF|GBP)\b")
_CODES = re.compile(
    r"(?:^|_)(?:zip|plz|postcode|postal_code|postalcode|phone|tel|telefon|fax|iban|bic|ean|isbn|code)(?:_|$)"
)
_MANY_DIGITS = 18
_TRIED = 200  # texts that show whether a style is worth trying on all


def counted(texts: Counter[str], *, of_type: bool) -> Counted:
    """Without empty texts and words for nothing; fewer words mean nothing where values may be any text."""
    nothing = _NOTHING if of_type else _ALWAYS_NOTHING
    found = sorted({text.strip() for text in texts} & set(nothing))
    values: Counter[str] = Counter()
    for text, times in texts.items():
        stripped = text.strip()
        if stripped and stripped not in nothing:
            values[stripped] += times
    return Counted(values, found)


def kind_of(name: str, texts: Counter[str]) -> Kind:
    """The type of a column with this published name, a `string` where nothing else fits."""
    typed = counted(texts, of_type=True)
    if not typed.total:
        return Kind("string", why="has no value in the sample", nothing=typed.nothing)
    for find in (_boolean, _code, moments, _number):
        found: Kind | _Found | None = find(name, typed)  # type: ignore[assignment]
        if found is not None:
            return found if isinstance(found, Kind) else found.kind(typed)
    plain = counted(texts, of_type=False)
    return Kind("string", why=_some_values(plain), nothing=plain.nothing)


@dataclass(frozen=True)
class _Found:
    type: str
    words: Mapping[str, Any]
    fits: Callable[[str], bool]
    why: str = ""

    def kind(self, values: Counted) -> Kind:
        misfits = [text for text in values.texts if not self.fits(text)]
        return Kind(self.type, self.words, self.why, values.nothing, misfits[:3])


def booleans(folded: set[str]) -> tuple[str, str] | None:
    """The pair of words for true and false that these texts in lower case are of; None where there is none."""
    return next((pair for pair in _BOOLEANS if folded <= {*pair}), None)


def _boolean(name: str, values: Counted) -> _Found | None:
    folded = {text.casefold() for text in values.texts}
    pair = booleans(folded) if len(folded) == 2 else None
    if pair is None:
        return None
    yes, no = pair
    words = {} if yes == "true" else {"true_texts": [yes], "false_texts": [no]}
    return _Found("boolean", words, lambda _: True, f"only `{yes}` and `{no}`")


def _code(name: str, values: Counted) -> Kind | None:
    """Digits that do not count anything: with leading zeros, or a postal code or phone number by name."""
    digits = [text for text in values.texts if text.isdigit()]
    if len(digits) < NEARLY * len(values.texts):
        return None
    zeros = next((text for text in digits if len(text) > 1 and text[0] == "0"), None)
    if zeros and not _eight_digit_days(digits):
        return Kind("string", why=f"a code, not a quantity: `{zeros}` begins with zero", nothing=values.nothing)
    if _CODES.search(name):
        return Kind("string", why="a code by its name, not a quantity", nothing=values.nothing)
    return None


def _eight_digit_days(texts: Sequence[str]) -> bool:
    return all(re.fullmatch(r"(19|20)\d\d(0[1-9]|1[0-2])([0-2]\d|3[01])", text) for text in texts)


def _number(name: str, values: Counted) -> _Found | None:
    signs = _signs(values)
    best: tuple[int, str, str, re.Pattern[str]] | None = None
    first = list(values.texts)[:_TRIED]
    for decimal, thousands in _STYLES:
        pattern = _number_pattern(decimal, thousands)
        if 2 * sum(bool(pattern.match(_without(text, signs))) for text in first) < len(first):
            continue
        fitting = sum(times for text, times in values.texts.items() if pattern.match(_without(text, signs)))
        if fitting >= NEARLY * values.total and (best is None or fitting > best[0]):
            best = fitting, decimal, thousands, pattern
            if fitting == values.total:
                break
    if best is None:
        return None
    _, decimal, thousands, pattern = best
    bare = [_without(text, signs) for text in values.texts]
    plain = [text.replace(thousands, "") if thousands else text for text in bare if pattern.match(text)]
    words: dict[str, Any] = {}
    if decimal != "." and any(decimal in text for text in plain):
        words["decimal"] = decimal
    if thousands and any(thousands in text for text in bare):
        words["thousands"] = thousands
    if signs:
        words["strip"] = "".join(sorted(signs))
    plain = [text.replace(decimal, ".") for text in plain]
    kind, why = _number_type(plain, words)
    if (doubt := _doubt(bare, decimal, thousands)) is not None:
        why += f"; `{doubt}` may be meant otherwise: look"
    return _Found(kind, words, lambda text: bool(pattern.match(_without(text, signs))), why)


def _number_type(plain: Sequence[str], words: dict[str, Any]) -> tuple[str, str]:
    if any("e" in text.casefold() for text in plain):
        return "double", "some have an exponent"
    numbers = [float(text) for text in plain]
    span = f"{_short(min(numbers))} to {_short(max(numbers))}"
    scale = max((len(text.partition(".")[2]) for text in plain), default=0)
    whole = max(len(text.lstrip("+-").partition(".")[0]) for text in plain)
    if scale and any(text.partition(".")[2].strip("0") for text in plain):
        if whole + scale > _MANY_DIGITS:
            return "double", span
        return f"decimal({max(whole + 3, 9) + scale},{scale})", span
    if scale:
        words["allow_point_zero"] = True
    if whole > _MANY_DIGITS:
        return "decimal(38,0)", span
    return ("bigint" if whole > 9 else "int"), span


def _short(number: float) -> str:
    return f"{number:,.0f}" if number == int(number) else f"{number:,.12g}"


def _signs(values: Counted) -> set[str]:
    """Signs beside the digits of most values, such as `€`; a contract's `strip` takes no letters."""
    found: set[str] = set()
    marked = 0
    for text, times in values.texts.items():
        around = re.fullmatch(r"([^\d+\-.,]*)([+-]?[\d.,'\u2019 \u00a0]*\d)([^\d.,]*)", text)
        if around and (around[1] or around[3]):
            found |= set(around[1] + around[3])
            marked += times
    usual = marked and all(_SIGNS.fullmatch(sign) for sign in found)
    return found if usual else set()


def _without(text: str, signs: set[str]) -> str:
    return text.strip("".join(signs) + " ") if signs else text


def _number_pattern(decimal: str, thousands: str) -> re.Pattern[str]:
    point = re.escape(decimal)
    if not thousands:
        return re.compile(rf"[+-]?(?:\d+(?:{point}\d*)?|{point}\d+)(?:[eE][+-]?\d+)?\Z")
    group = r"[ \u00a0\u202f]" if thousands == " " else re.escape(thousands)
    return re.compile(rf"[+-]?(?:\d{{1,3}}(?:{group}\d{{3}})+|\d+)(?:{point}\d*)?\Z")


def _doubt(texts: Sequence[str], decimal: str, thousands: str) -> str | None:
    """A value like `1,234` where every value with that sign has exactly three digits after it."""
    sign = thousands if thousands in (".", ",") else decimal
    with_sign = [text for text in texts if sign in text]
    odd = bool(with_sign) and all(re.fullmatch(rf"[+-]?\d{{1,3}}{re.escape(sign)}\d{{3}}", text) for text in with_sign)
    return with_sign[0] if odd else None


def _some_values(values: Counted) -> str:
    if not values.total:
        return "has no value in the sample"
    distinct = len(values.texts)
    if distinct <= 8 and values.total >= 10 * distinct:
        return "only " + ", ".join(f"`{text[:30]}`" for text in sorted(values.texts))
    return ""
