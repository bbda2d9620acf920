"""Columns that look like personal data: by their name, or because their values are e-mail addresses or IBANs."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

_BY_NAME = (
    ("contact", r"e_?mail|mail_address|phone|telephone|telefon|tel|mobile|handy|fax|home_phone"),
    ("person", r"first_?name|last_?name|surname|family_?name|given_?name|full_?name|vorname|nachname|familienname"),
    (
        "person",
        r"(?:customer|kunden?|person|contact|employee|patient)_?name|birth_?(?:date|day)|date_of_birth|geburtsdatum",
    ),
    ("address", r"street|strasse|(?:home|billing|ship|postal|street)_?address|address|adresse|anschrift"),
    ("bank", r"iban|bank_?account|account_number|kontonummer|card_?number|kreditkarte"),
    ("identity", r"ssn|social_security(?:_number)?|passport(?:_number)?|tax_id|steuer_?(?:id|nummer)|national_id"),
)
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[a-zA-Z]{2,}\Z")
_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}\Z")
_MOST = 0.5  # of the values


@dataclass(frozen=True)
class Personal:
    """The masking domain that is proposed for a column, and why."""

    domain: str
    why: str


def personal(name: str, texts: Counter[str]) -> Personal | None:
    """What kind of personal data a column with this published name and these texts seems to be."""
    values = {text.strip(): times for text, times in texts.items() if text.strip()}
    total = sum(values.values())
    for domain, what, test in (("contact", "e-mail addresses", _is_email), ("bank", "IBANs", is_iban)):
        found = sum(times for text, times in values.items() if test(text))
        if total and found >= _MOST * total:
            return Personal(domain, f"{found:,} of {total:,} are {what}")
    for domain, words in _BY_NAME:
        if re.fullmatch(rf"(?:.*_)?(?:{words})(?:_\d+)?", name):
            return Personal(domain, "by its name")
    return None


def _is_email(text: str) -> bool:
    return _EMAIL.match(text) is not None


def is_iban(text: str) -> bool:
    """Whether a text is an IBAN with a correct check number (ISO 13616: the remainder by 97 is 1)."""
    iban = text.replace(" ", "").upper()
    if not _IBAN.match(iban):
        return False
    digits = "".join(str(int(character, 36)) for character in iban[4:] + iban[:4])
    return int(digits) % 97 == 1
