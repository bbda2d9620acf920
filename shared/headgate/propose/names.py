"""Published names from the names in files: `Kunden-Nr.` becomes `kunden_nr`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

_SPELLED = str.maketrans(
    {
        "ä": "ae",
        "ö": "oe",
        "ü": "ue",
        "ß": "ss",
        "Ä": "Ae",
        "Ö": "Oe",
        "Ü": "Ue",
        "ø": "o",
        "Ø": "O",
        "æ": "ae",
        "ł": "l",
    }
)
_LONGEST = 100


def published_names(sources: Iterable[str]) -> list[str]:
    """One name per source: `a` to `z`, digits and `_`, each of them once."""
    names: list[str] = []
    for source in sources:
        name = published_name(source)
        while name in names:
            stem, _, number = name.rpartition("_")
            name = f"{stem}_{int(number) + 1}" if stem and number.isdigit() else f"{name}_2"
        names.append(name)
    return names


def published_name(source: str) -> str:
    """The name of one column or dataset; `column` where nothing is left of it."""
    plain = unicodedata.normalize("NFKD", source.translate(_SPELLED)).encode("ascii", "ignore").decode()
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", plain)
    name = re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_")[:_LONGEST]
    if not name:
        return "column"
    return name if name[0].isalpha() else f"c_{name}"
