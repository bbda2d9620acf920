"""How long the loops of the deep tests are: in full by `make test-deep`, shorter with HEADGATE_DEEP=short (.ci/run).

The short form has every test, table, phase and mode of the full one, and repeats them less often.
"""

from __future__ import annotations

import os
from typing import TypeVar

FORMS = ("full", "short")
Number = TypeVar("Number")


def at_depth(full: Number, short: Number) -> Number:
    """The one of the two that this run wants."""
    form = os.environ.get("HEADGATE_DEEP") or "full"
    if form not in FORMS:
        raise ValueError(f"HEADGATE_DEEP is `{form}`, and must be one of {', '.join(FORMS)}")
    return short if form == "short" else full
